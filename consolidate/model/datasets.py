"""Data sets as their definitions describe them: elements, columns, rules, how they look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from consolidate.model.data_values import ValueKey
from consolidate.model.period import Period, PeriodType
from consolidate.model.rules import Expr, RuleSpec

if TYPE_CHECKING:
    from consolidate.model.packs import Pack, Packs
    from consolidate.model.units import OrganisationUnit, UnitKind

VALUE_COLUMN = "value"
"""Code of the only value column of a form with one figure per row."""
NO_PART_OF_FORM = {"form": False}
"""Marks a field that makes no other form to fill in: it is not in the digest of a template."""


class ValueType(StrEnum):
    """What kind of answer a cell takes; a mark is ``x`` or nothing."""

    COUNT = "count"
    MONEY = "money"
    AREA = "area"
    NUMBER = "number"
    PERCENTAGE = "percentage"
    DATE = "date"
    TEXT = "text"
    CHOICE = "choice"
    MARK = "mark"

    @property
    def numeric(self) -> bool:
        """Whether the answer is a number."""
        return self.value in ("count", "money", "area", "number", "percentage")


class Aggregation(StrEnum):
    """How figures of units become that of the province; ``SINGLE``: one unit gives it."""

    SUM = "sum"
    SINGLE = "single"
    RATIO = "weighted_ratio"
    LIST = "list"
    NONE = "none"


class Shape(StrEnum):
    """Fixed rows (one per element) or open rows (as many as there are cases)."""

    FIXED = "fixed"
    OPEN = "open"


class Role(StrEnum):
    """What a column of a list says of a task that is followed up, or of the file of evidence."""

    TASK = "task"
    LEAD = "lead"
    TIME = "time"
    DUE = "due"
    STATUS = "status"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Layout:
    """How the form looks: page, header words, widths in characters, blank rows of an open table.

    ``window`` says whether the form carries the line "Số liệu tính từ ngày … đến ngày …". Of an
    open table, ``column_numbers`` is the first word of the row that numbers the columns under the
    headings ("MS"), ``total_label`` that of the row below the list which counts its rows and marks
    ("Tổng số:"); ``""`` where the form has no such row. ``appendix`` is the title of the appendix
    that the form is a part of, above its own.
    """

    landscape: bool = False
    window: bool = False
    title: tuple[str, ...] = ()
    number_header: str = ""
    label_header: str = ""
    unit_header: str = ""
    number_width: int = 6
    label_width: int = 60
    unit_width: int = 12
    open_rows: int = 0
    form_code: str = ""
    appendix: str = field(default="", metadata=NO_PART_OF_FORM)
    column_numbers: str = ""
    total_label: str = ""


@dataclass(frozen=True, slots=True)
class DataElement:
    """One indicator: a row of a fixed table, or a column of an open one.

    ``number`` is the official one (MS 40, STT 5.1). ``columns`` are the value columns that apply,
    ``required`` those that may not be blank. An answer outside ``minimum`` and ``maximum`` cannot
    be right; one over ``normal_maximum`` may be, but is likely in a wrong unit of measure.
    ``second`` is the code of the second figure of an ``a/b`` answer, which has no cell of its own.
    ``phrases`` are words that mark this column inside a text that answers several at once.
    ``guidance`` stands in small italics under the label: what an answer in words should tell;
    ``counted_by`` are the figures (``pctn_01.m50``) of the same return that count what it tells. A
    text of fewer letters than ``shortest`` that does not say none tells too little.
    A row is asked in its ``periods`` only; empty means in all of its data set. ``applies_to`` are
    codes of the kinds of unit that it concerns; empty means all. For others its cells are locked.
    ``tiles`` says whether the figures of quarters add up to that of the year.
    ``added_later``: templates issued before lack the row, so its absence is no finding.
    ``parent`` is the code of the row that this one is a part of: points of the parts add up to it.
    ``names`` is the fixed table whose rows without parts a list names by number: its ``choices``.
    ``role`` tells the program what a column of a list is about (:class:`Role`).
    ``computed`` is how the form works out the figure of others of its row, or of other rows.
    """

    code: str
    number: str
    label: str
    type: ValueType
    unit: str = ""
    aggregation: Aggregation = Aggregation.SUM
    cumulative: bool = True
    columns: tuple[str, ...] = (VALUE_COLUMN,)
    required: tuple[str, ...] = ()
    minimum: Decimal | None = Decimal(0)
    maximum: Decimal | None = None
    normal_maximum: Decimal | None = None
    second: str = ""
    second_label: str = ""
    second_unit: str = ""
    choices: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    hint: str = ""
    guidance: str = ""
    counted_by: tuple[str, ...] = ()
    shortest: int = field(default=0, metadata=NO_PART_OF_FORM)
    periods: tuple[PeriodType, ...] = ()
    applies_to: tuple[str, ...] = ()
    indent: int = 0
    width: int = 0
    group: str = ""
    center: bool = False
    tiles: bool = True
    added_later: bool = False
    parent: str = field(default="", metadata=NO_PART_OF_FORM)
    names: str = ""
    role: Role | None = field(default=None, metadata=NO_PART_OF_FORM)
    computed: str = ""

    def pairs(self, column: str) -> bool:
        """Ask whether the cell in a column takes two figures, ``a/b``."""
        return bool(self.second) and column == self.columns[0]

    @property
    def written_label(self) -> str:
        """The label as the form prints it: with the guidance on lines of its own."""
        return f"{self.label}\n{self.guidance}" if self.guidance else self.label


@dataclass(frozen=True, slots=True)
class Heading:
    """A row without figures: a section in bold capitals, or a subsection in italics."""

    label: str
    subsection: bool = False


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """A column of figures of a fixed table; ``type`` overrides the type of the element.

    ``computed`` is how the form works it out of the other columns of its row.
    """

    code: str
    label: str
    group: str = ""
    type: ValueType | None = None
    aggregation: Aggregation | None = None
    width: int = 14
    level: str = ""
    computed: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class InputCell:
    """One cell that a unit fills in: where its value goes and how it is read.

    ``anchor`` is its defined name, casefolded as Excel compares names; ``pair`` says that an
    ``a/b`` answer is two figures, ``plain`` that any whole number from 0 is an answer,
    ``paragraphs`` that a text keeps its lines.
    """

    element: DataElement
    column: str
    key: ValueKey
    anchor: str
    type: ValueType
    pair: bool
    plain: bool
    paragraphs: bool = False


@dataclass(frozen=True, eq=False)
class DataSet:
    """A form as a definition describes it (contract 1). Body rows are in the order of the form.

    Two data sets are the same only when they are one object: definitions are loaded once.
    ``template`` is the family of its pack, ``""`` for the cover. ``form`` is the code of the
    definition: that of a quarter's table has a suffix in ``code``. ``tiles`` are the periods in
    which a table is the one before and that of the quarter together, as its pack says.

    For an open table ``elements`` are its columns and ``columns`` is empty; for a fixed one
    ``elements`` are its rows.
    """

    code: str
    title: str
    short_title: str
    sheet: str
    shape: Shape
    periods: tuple[PeriodType, ...]
    body: tuple[Heading | DataElement, ...]
    columns: tuple[ValueColumn, ...] = ()
    rules: tuple[RuleSpec, ...] = ()
    key_elements: tuple[str, ...] = ()
    layout: Layout = field(default_factory=Layout)
    template: str = ""
    form: str = ""
    tiles: tuple[PeriodType, ...] = field(default=(), metadata=NO_PART_OF_FORM)

    @property
    def quarter(self) -> bool:
        """Whether this is the table of a quarter of a form that also has a cumulative one."""
        return self.code != self.form != ""

    def period_in(self, asked: Period) -> Period:
        """Find the period of this table in the round of ``asked``.

        Raises:
            StopIteration: the table is not returned in that round.
        """
        kind = next(kind for kind in self.periods if kind.round == asked.type.round)
        return Period(asked.year, kind)

    @cached_property
    def elements(self) -> tuple[DataElement, ...]:
        """The elements in form order, headings left out."""
        return tuple(item for item in self.body if isinstance(item, DataElement))

    @cached_property
    def by_code(self) -> dict[str, DataElement]:
        """Elements by machine code."""
        return {element.code: element for element in self.elements}

    @cached_property
    def column_by_code(self) -> dict[str, ValueColumn]:
        """Value columns by machine code."""
        return {column.code: column for column in self.columns}

    @cached_property
    def inputs(self) -> tuple[InputCell, ...]:
        """The input cells of a fixed table, in form order."""
        return tuple(
            self._input(element, column) for element in self.elements for column in element.columns
        )

    def _input(self, element: DataElement, column: str) -> InputCell:
        kind = self.type_of(element, column)
        if computed := self.computed(element, column):
            # Whatever it comes to: its parts have the bounds.
            free = replace(element, minimum=None, maximum=None, normal_maximum=None)
            element = replace(free, computed=computed)
        pair = element.pairs(column)
        bounds = (element.minimum, element.maximum, element.normal_maximum)
        return InputCell(
            element,
            column,
            ValueKey(self.code, element.code, column),
            self.name_of(element.code, column).casefold(),
            kind,
            pair,
            plain=kind is ValueType.COUNT and not pair and bounds == (Decimal(0), None, None),
            paragraphs=self.narrative,
        )

    @cached_property
    def tree(self) -> Mapping[str, tuple[str, ...]]:
        """Codes of the parts of each row that has parts, in the order of the form."""
        parents = dict.fromkeys(element.parent for element in self.elements if element.parent)
        return {
            code: tuple(element.code for element in self.elements if element.parent == code)
            for code in parents
        }

    @cached_property
    def narrative(self) -> bool:
        """Whether the form is a report in words: a fixed table of texts and nothing else."""
        return self.shape is Shape.FIXED and all(
            self.type_of(element, column) is ValueType.TEXT
            for element in self.elements
            for column in element.columns
        )

    @property
    def single(self) -> bool:
        """Whether the form has one figure per row."""
        return len(self.columns) == 1

    def type_of(self, element: DataElement, column: str) -> ValueType:
        """Find the value type of one cell: the column's own type, else the element's."""
        own = self.column_by_code[column].type if column in self.column_by_code else None
        return own if own is not None else element.type

    def computed(self, element: DataElement, column: str) -> str:
        """Tell how the form works out a cell, ``""`` for one that people fill in."""
        own = self.column_by_code.get(column)
        return own.computed if own is not None and own.computed else element.computed

    def aggregation_of(self, element: DataElement, column: str) -> Aggregation:
        """Find the aggregation of one cell: the column's own, else the element's."""
        own = self.column_by_code[column].aggregation if column in self.column_by_code else None
        return own if own is not None else element.aggregation

    def accumulates(self, element: DataElement, column: str) -> bool:
        """Tell whether a figure adds up within a year; those of a quarter's table do not."""
        if self.quarter or not element.cumulative or column not in self.column_by_code:
            return False
        return self.aggregation_of(element, column) in (Aggregation.SUM, Aggregation.SINGLE)

    def tiled(self, element: DataElement, column: str) -> bool:
        """Tell whether a figure is that of the period before and that of the quarter together."""
        return bool(self.tiles) and element.tiles and self.accumulates(element, column)

    def name_of(self, element: str, column: str = "") -> str:
        """Make the defined name of an input cell: ``pctn_01.c3``, ``cchc_pl3_2.r5.total``."""
        if not column or (self.single and column == self.columns[0].code):
            return f"{self.code}.{element}"
        return f"{self.code}.{element}.{column}"

    def caption(self, element: DataElement, column: str = "") -> str:
        """Name an element for people: ``MS 40``, ``STT 5.1, Tổng số``, ``cột 4``."""
        if self.shape is Shape.OPEN:
            number = element.number.partition("=")[0].strip()
            told = number and self.labels_repeat
            return f"{self.layout.column_numbers} {number}" if told else element.label
        numbered = f"{self.layout.number_header} {element.number}".strip()
        number = numbered if element.number else element.label
        if not column or self.single or column not in self.column_by_code:
            return number
        return f"{number}, {self.column_by_code[column].label}"

    @cached_property
    def labels_repeat(self) -> bool:
        """Whether columns of a list are told apart by headings above them and by numbers only."""
        labels = [element.label for element in self.elements]
        return bool(self.layout.column_numbers) and len(set(labels)) < len(labels)

    def figures(self) -> Iterator[tuple[DataElement, str]]:
        """List every (element, column) that can hold a figure or text of its own, in form order.

        Includes the second figure of an ``a/b`` answer, which shares a cell with the first.
        """
        for element in self.elements:
            if self.shape is Shape.OPEN:
                yield element, ""
                continue
            for column in self.columns:
                if column.code in element.columns:
                    yield element, column.code
            if element.second:
                yield element, element.second


@dataclass(frozen=True, slots=True)
class TemplateSpec:
    """One workbook that goes out: a cover and one sheet per data set.

    ``data_sets`` are codes; ``recipient`` is the authority that the return goes to.
    """

    code: str
    title: tuple[str, ...]
    short_title: str
    file_name: str
    version: str
    recipient: str
    data_sets: tuple[str, ...]


Rules = Mapping[str, tuple[tuple[RuleSpec, Expr], ...]]
"""The rules of data sets by their code, each with the expression that the loader bound."""


@dataclass(frozen=True, eq=False)
class Library:
    """The forms that are served together, at most one pack of each family, and all other packs.

    ``templates`` and ``data_sets`` are those of one round (:meth:`at`), or of the pack that a
    return carries (:meth:`of_pack`); a library that was just loaded shows none. The ``code`` of a
    template is its family. ``across`` are the rules that ask another template or other units, by
    the data set that they are of; ``named`` are the cover and the forms that rules may name, by
    code, also where only some of them are shown (:meth:`only`). ``texts`` are what templates say
    beside their data sets. A library is pickled as a whole: worker processes receive
    it once, at their start.
    """

    templates: tuple[TemplateSpec, ...]
    data_sets: tuple[DataSet, ...]
    cover: DataSet
    texts: frozenset[str] = frozenset()
    rules: Rules = field(default_factory=dict, repr=False)
    across: Rules = field(default_factory=dict, repr=False)
    named: Mapping[str, DataSet] = field(default_factory=dict, repr=False)
    packs: Packs = field(kw_only=True, repr=False)
    pack_of: Mapping[str, Pack] = field(default_factory=dict, repr=False)

    def at(self, period: Period, last_days: Mapping[str, date] | None = None) -> Library:
        """Show the forms of a round; ``last_days`` are ends of data windows set by a calendar."""
        return self.packs.view(self.packs.serving(period, last_days), period.type.round)

    def of_pack(self, code: str, number: int = 0, definition: str = "") -> Library:
        """Show the forms of one pack in a round of the year (1 to 4); 0: all its tables.

        ``definition`` is that of a return (:attr:`~consolidate.model.returns.Return.definition`).

        Raises:
            KeyError: there is no such pack.
        """
        packs = self.packs.as_issued(code, definition)
        return packs.view((packs.by_code[code],), number)

    def only(self, codes: Iterable[str]) -> Library:
        """Show these data sets alone, and the templates that have some of them."""
        kept = frozenset(codes)
        return self if kept >= self.by_code.keys() else self.packs.narrowed(self, kept)

    def owed(self, kind: UnitKind, period: Period) -> Library:
        """Show the forms that a kind of unit owes for a round."""
        return self.only(code for pack in self.pack_of.values() for code in pack.owed(kind, period))

    @cached_property
    def by_code(self) -> dict[str, DataSet]:
        """Data sets by code, the cover left out."""
        return {data_set.code: data_set for data_set in self.data_sets}

    @cached_property
    def template_by_code(self) -> dict[str, TemplateSpec]:
        """Templates by code."""
        return {template.code: template for template in self.templates}

    @cached_property
    def newest(self) -> Library:
        """The newest forms of every family, with all their tables."""
        newest = {pack.family: pack for pack in self.packs.packs}
        return self.packs.view(newest.values(), 0)

    @property
    def families(self) -> Mapping[str, TemplateSpec]:
        """The newest template of every family, whichever round is shown."""
        return self.packs.families

    def data_set(self, code: str) -> DataSet:
        """Find a data set by code, the cover included."""
        return self.named[code]

    def sets_of(self, template: str) -> tuple[DataSet, ...]:
        """List the data sets of a template in the order of its sheets."""
        return tuple(item for item in self.data_sets if item.template == template)

    def summed(self, template: str, unit: OrganisationUnit) -> bool:
        """Ask whether figures that a unit reports on a template are in the totals."""
        return self.pack_of[template].summed(unit.kind)

    def owes(self, template: str, unit: OrganisationUnit, asked: Period) -> bool:
        """Ask whether a unit owes a template for a round: by the roster, and by the forms.

        The roster may take a template away; it cannot ask for one that has no form for the unit.
        """
        if not unit.expects(template):
            return False
        period = self.period_for(template, asked)
        return period is not None and bool(self.pack_of[template].owed(unit.kind, period))

    def period_for(self, template: str, asked: Period) -> Period | None:
        """Find the template's own period in the reporting round of ``asked``.

        PCTN is returned for nine months when CCHC is returned for the third quarter.
        """
        return self.pack_of[template].period_for(asked)
