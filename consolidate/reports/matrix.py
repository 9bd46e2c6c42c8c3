"""Geometry that the by-unit sheet and the trace sheet of a fixed table share, cell for cell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from consolidate.definitions.catalogue import text
from consolidate.model.cells import column_letters
from consolidate.model.data_values import DENOMINATOR, NUMERATOR, ValueStatus
from consolidate.model.datasets import Aggregation, DataElement, DataSet, Heading
from consolidate.model.units import Level
from consolidate.rollup.groups import Axis, Division, axis_of, within
from consolidate.rollup.totals import Contribution, DataSetTable, Figure

LEVEL_ROW = 5
"""Row with the level over the columns of its units."""
NAME_ROW = 6
CODE_ROW = 7
"""Row with the unit's code; the trace sheet has the file and its digest in these two rows."""
FIRST_ROW = 8
NUMBER_COLUMN = 0
LABEL_COLUMN = 1
UNIT_COLUMN = 2
TOTAL_COLUMN = 3
FIRST_LEVEL_COLUMN = 4
MOST_RUNS = 200
"""Runs of columns that fit a formula of 8,192 characters; a group of more has no column."""


class RowKind(StrEnum):
    """What a row of the matrix is."""

    SECTION = "section"
    SUBSECTION = "subsection"
    ELEMENT = "element"
    FIGURE = "figure"
    PART = "part"


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One row: a heading, the name of an element with several columns, or figures.

    Rows of kind ``PART`` hold the numerator or denominator of the ratio above them. ``crossed`` are
    the divisions of which every unit answered x, and ``None`` where those of the province did.
    """

    row: int
    kind: RowKind
    number: str
    label: str
    unit: str = ""
    indent: int = 0
    element: str = ""
    column: str = ""
    aggregation: Aggregation = Aggregation.NONE
    total: Decimal | None = None
    by_division: Mapping[Division, Decimal] = field(default_factory=dict)
    given_by: str = ""
    crossed: frozenset[Division | None] = frozenset()

    @property
    def figures(self) -> bool:
        """Whether the row holds figures of units."""
        return self.kind in (RowKind.FIGURE, RowKind.PART)


@dataclass(frozen=True, slots=True)
class Span:
    """Columns of one division of the province: its subtotal, and its units in runs of columns."""

    division: Division
    column: int
    runs: tuple[tuple[int, int], ...]

    @property
    def label(self) -> str:
        """Heading of the subtotal."""
        return division_label(self.division)

    @property
    def count(self) -> int:
        """Number of units of the division that have returned the data set."""
        return sum(last - first + 1 for first, last in self.runs)

    def units(self, row: int) -> str:
        """Ranges of the units' cells of a zero-based row: ``I9:AF9,AH9:AH9``."""
        return ",".join(
            f"{column_letters(first)}{row + 1}:{column_letters(last)}{row + 1}"
            for first, last in self.runs
        )


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows and columns of a by-unit sheet. Units stand in the order of the table.

    Units that are not summed stand to the right of all others; no total reaches them.
    ``spans`` are the subtotals, those of ``levels`` first.
    """

    table: DataSetTable
    rows: tuple[MatrixRow, ...]
    levels: tuple[Span, ...]
    spans: tuple[Span, ...]
    first_unit: int

    @property
    def data_set(self) -> DataSet:
        """The data set that the sheet is about."""
        return self.table.data_set

    @property
    def last_column(self) -> int:
        """Zero-based last column, that of the last unit or else of the last level."""
        return self.first_unit + len(self.table.contributions) - 1

    @property
    def first_beside(self) -> int:
        """Zero-based column of the first unit that is not summed, behind the last if none is."""
        return self.first_unit + len(self.table.summed)

    def given_cell(self, row: MatrixRow) -> str:
        """Cell of the unit that gives the figure of the province, ``""`` when there is none."""
        for column, item in enumerate(self.table.contributions, self.first_unit):
            if row.given_by and item.unit.code == row.given_by:
                return f"{column_letters(column)}{row.row + 1}"
        return ""

    @property
    def last_row(self) -> int:
        """Zero-based last row of the body."""
        return self.rows[-1].row

    def level_cells(self, row: int) -> str:
        """Range of the subtotals of a zero-based row: ``E9:G9``."""
        first, last = self.levels[0].column, self.levels[-1].column
        return f"{column_letters(first)}{row + 1}:{column_letters(last)}{row + 1}"

    def row_of(self) -> dict[tuple[str, str], MatrixRow]:
        """Rows with figures by element and column."""
        return {(row.element, row.column): row for row in self.rows if row.figures}


def matrix(table: DataSetTable, levels: Collection[Level]) -> Matrix:
    """Lay out the by-unit sheet of a fixed table; ``levels`` are those that the summary shows.

    Units without a level have a column only where there are some.
    """
    present = {item.unit.level for item in table.summed}
    shown = [
        level
        for level in Level
        if level in present or (level in levels and level is not Level.UNKNOWN)
    ]
    groups = [group for group in table.groups if len(_runs(table, group, 0)) <= MOST_RUNS]
    divisions: tuple[Division, ...] = (*shown, *groups)
    first_unit = FIRST_LEVEL_COLUMN + len(divisions)
    spans = tuple(
        Span(division, column, _runs(table, division, first_unit))
        for column, division in enumerate(divisions, FIRST_LEVEL_COLUMN)
    )
    return Matrix(table, tuple(_rows(table)), spans[: len(shown)], spans, first_unit)


def _runs(table: DataSetTable, division: Division, first_unit: int) -> tuple[tuple[int, int], ...]:
    """First and last columns of the units of a division that stand side by side."""
    columns = enumerate(table.summed, first_unit)
    return runs_of(column for column, item in columns if within(item.unit, division))


def runs_of(places: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """First and last of rows or columns (ascending) that follow each other without a gap."""
    runs: list[tuple[int, int]] = []
    for place in places:
        if runs and runs[-1][1] == place - 1:
            runs[-1] = runs[-1][0], place
        else:
            runs.append((place, place))
    return tuple(runs)


def division_label(division: Division) -> str:
    """What the total of a division is called: ``Cấp xã``, ``Trực thuộc Sở Y tế``."""
    below = axis_of(division) is Axis.PARENT
    return text("summary.by_unit.below", name=division.label) if below else division.label


def figure_at(data_set: DataSet, lines: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """Element and column of the last line of a by-unit sheet; ``None`` if it holds no figure.

    ``lines`` are numbers and labels from the first row of the body on; a line that this program
    did not write names no figure.
    """
    known = list(data_set.elements)
    current: DataElement | None = None
    found: tuple[str, str] | None = None
    for number, label in lines:
        found = None
        at = next(
            (i for i, item in enumerate(known) if (item.number, item.label) == (number, label)),
            None,
        )
        if at is not None:
            current = known[at]
            # Labels come again further down: each line is the next element of its name.
            known = known[at + 1 :]
            own = [code for item, code in data_set.figures() if item is current]
            if data_set.single and len(own) == 1:
                found = current.code, own[0]
        elif current is not None and not number:
            for item, code in data_set.figures():
                if item is current and _column_label(data_set, item, code) == label:
                    found = item.code, code
    return found


def _rows(table: DataSetTable) -> list[MatrixRow]:
    data_set = table.data_set
    figures = {(figure.element.code, figure.column): figure for figure in table.figures}
    rows: list[MatrixRow] = []

    def add(kind: RowKind, number: str, label: str, **more: Any) -> None:
        rows.append(MatrixRow(FIRST_ROW + len(rows), kind, number, label, **more))

    for item in data_set.body:
        if isinstance(item, Heading):
            add(RowKind.SUBSECTION if item.subsection else RowKind.SECTION, "", item.label)
            continue
        own = [
            figures[item.code, code]
            for code in (*(column.code for column in data_set.columns), item.second)
            if (item.code, code) in figures
        ]
        alone = data_set.single and len(own) == 1
        if not alone and own:
            add(RowKind.ELEMENT, item.number, item.label, indent=item.indent)
        for figure in own:
            second = figure.column == item.second
            add(
                RowKind.FIGURE,
                item.number if alone else "",
                item.label if alone else _column_label(data_set, item, figure.column),
                unit=item.second_unit if second else item.unit,
                indent=item.indent if alone else item.indent + 1,
                element=item.code,
                column=figure.column,
                aggregation=figure.aggregation,
                total=figure.total,
                by_division={**figure.by_level, **figure.by_group},
                given_by=figure.given_by,
                crossed=_crossed(table, figure),
            )
            if figure.aggregation is Aggregation.RATIO:
                for part in _parts(item, table.contributions):
                    rows.append(_part_row(FIRST_ROW + len(rows), item, part, table))
    return rows


def _crossed(table: DataSetTable, figure: Figure) -> frozenset[Division | None]:
    if not figure.counts.get(ValueStatus.NOT_APPLICABLE):
        return frozenset()
    return frozenset(each for each in (None, *table.divisions) if table.crossed(figure, each))


def _column_label(data_set: DataSet, element: DataElement, code: str) -> str:
    """What the row of one column of an element is called."""
    column = element.second_label if code == element.second else data_set.column_by_code[code].label
    if not element.number:
        return column
    return text("summary.by_unit.figure", number=element.number, column=column)


def _parts(element: DataElement, items: tuple[Contribution, ...]) -> tuple[str, ...]:
    """The two figures of a ratio, when some unit gave them."""
    if any(item.value(element.code, NUMERATOR) is not None for item in items):
        return NUMERATOR, DENOMINATOR
    return ()


def _part_row(row: int, element: DataElement, part: str, table: DataSetTable) -> MatrixRow:
    totals: dict[Division | None, Decimal] = {}
    for item in table.summed:
        value = item.value(element.code, part)
        if value is not None and value.number is not None:
            for each in (None, *table.divisions):
                if within(item.unit, each):
                    totals[each] = totals.get(each, Decimal(0)) + value.number
    return MatrixRow(
        row,
        RowKind.PART,
        "",
        text(f"summary.by_unit.{part}"),
        indent=element.indent + 1,
        element=element.code,
        column=part,
        aggregation=Aggregation.SUM,
        total=totals.get(None),
        by_division={each: number for each, number in totals.items() if each is not None},
    )
