"""Lay out the by-unit sheet of a fixed table and the trace sheet that its cells lead to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from consolidate.definitions.catalogue import text
from consolidate.model.cells import CellRef
from consolidate.model.data_values import DENOMINATOR, NUMERATOR, ValueStatus
from consolidate.model.datasets import Aggregation, DataElement, DataSet, Heading
from consolidate.model.units import Level, UnitKind
from consolidate.rollup.totals import DataSetTable, answers_to
from consolidate.rollup.units_in_totals import Axis, Division, axis_of, within

LEVEL_ROW = 5
"""Row with the level over the columns of its units."""
NAME_ROW = 6
CODE_ROW = 7
"""Row with the unit's code."""
FIRST_ROW = 8
NUMBER_COLUMN = 0
LABEL_COLUMN = 1
UNIT_COLUMN = 2
TOTAL_COLUMN = 3
FIRST_LEVEL_COLUMN = 4
FIRST_FIGURE_COLUMN = 4
"""Column of the first figure where units are rows; code, name, level and kind stand before it."""
MOST_COLUMNS = 300
"""Most units that are columns; of more the sheet is turned, and units are rows."""
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

    def total_of(self, division: Division | None) -> Decimal | None:
        """The total of a division of the province; ``None`` asks for that of the whole."""
        return self.total if division is None else self.by_division.get(division)


class Span(NamedTuple):
    """One division of the province: the column of its subtotal, and its units in runs.

    ``runs`` are columns, or rows of the sheet where units are rows.
    """

    division: Division
    column: int
    runs: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows and columns of a by-unit sheet. Units stand in the order of the table.

    Units that are not summed stand to the right of all others; no total reaches them.
    ``spans`` are the subtotals, those of ``levels`` first.

    Of very many units the sheet is turned: what is a column here is a row of it (``down``, in its
    order, with how deep it folds), what is a row with figures a column (``across``). Rows and
    columns of this layout become cells of the sheet by :meth:`place` only. ``row_of`` gives the
    rows with figures by element and column.
    """

    table: DataSetTable
    rows: tuple[MatrixRow, ...]
    levels: tuple[Span, ...]
    spans: tuple[Span, ...]
    first_unit: int
    row_of: Mapping[tuple[str, str], MatrixRow] = field(repr=False)
    down: tuple[tuple[int, int], ...]
    across: Mapping[int, int] = field(repr=False)
    _seats: Mapping[int, int] = field(repr=False)

    @property
    def turned(self) -> bool:
        """Whether units are rows of the sheet."""
        return bool(self.down)

    def seat(self, column: int) -> int:
        """Find where a column stands on the sheet: its column, or its row where units are rows."""
        return self._seats[column] if self.turned else column

    def place(self, row: int, column: int) -> tuple[int, int]:
        """Find the zero-based row and column of the sheet."""
        return (self._seats[column], self.across[row]) if self.turned else (row, column)

    def total(self, sheet: str, row: int) -> CellRef:
        """Find the cell of the sheet with the total of the province."""
        return CellRef(sheet, *self.place(row, TOTAL_COLUMN))

    def stretch(self, row: int, first: int, last: int, sheet: str = "") -> str:
        """Write the cells of a row between two seats: ``I9:AF9``, with the ``sheet`` if told."""
        one, other = (
            (seat, self.across[row]) if self.turned else (row, seat) for seat in (first, last)
        )
        start = CellRef(sheet, *one)
        return f"{start.quoted if sheet else start.a1}:{CellRef(sheet, *other).a1}"

    @property
    def last_column(self) -> int:
        """Zero-based last column, that of the last unit or else of the last level."""
        return self.first_unit + len(self.table.contributions) - 1

    @property
    def first_beside(self) -> int:
        """Zero-based column of the first unit that is not summed, behind the last if none is."""
        return self.first_unit + len(self.table.summed)

    @property
    def last_row(self) -> int:
        """Zero-based last row of the body."""
        return self.rows[-1].row


def matrix(table: DataSetTable, levels: Collection[Level]) -> Matrix:
    """Lay out the by-unit sheet of a fixed table.

    Levels of which no unit returned it have no column; before anybody did, ``levels`` have, which
    are those that the summary shows.
    """
    present = {item.unit.level for item in table.summed}
    shown = [level for level in Level if level in present] or [
        level for level in Level if level in levels and level is not Level.UNKNOWN
    ]
    # As many as owe it: a sheet is not turned while returns come in.
    turned = max(len(table.contributions), len(table.owing or ())) > MOST_COLUMNS
    units = [item.unit for item in table.summed]
    order = list(range(len(units)))
    if turned:  # By level, kind, then as they stand.
        ranks, kinds = list(Level), list(UnitKind)
        order.sort(key=lambda at: (ranks.index(units[at].level), kinds.index(units[at].kind)))
    groups = []
    for group in table.groups:
        beside = runs_of(at for at, place in enumerate(order) if within(units[place], group))
        if len(beside) <= MOST_RUNS:
            groups.append(group)
    divisions: tuple[Division, ...] = (*shown, *groups)
    first_unit = FIRST_LEVEL_COLUMN + len(divisions)
    rows = tuple(_rows(table))
    down = tuple(_down(table, divisions, order, first_unit)) if turned else ()
    rank = {column: FIRST_ROW + at for at, (column, _) in enumerate(down)}
    spans = []
    for column, division in enumerate(divisions, FIRST_LEVEL_COLUMN):
        own = [first_unit + at for at, unit in enumerate(units) if within(unit, division)]
        runs = runs_of(sorted(rank.get(place, place) for place in own))
        spans.append(Span(division, column, runs))
    row_of = {(row.element, row.column): row for row in rows if row.element}
    across = {row.row: FIRST_FIGURE_COLUMN + at for at, row in enumerate(row_of.values())}
    of_levels, of_all = tuple(spans[: len(shown)]), tuple(spans)
    return Matrix(table, rows, of_levels, of_all, first_unit, row_of, down, across, rank)


def _down(
    table: DataSetTable, divisions: Sequence[Division], order: Sequence[int], first_unit: int
) -> Iterator[tuple[int, int]]:
    """Columns in the order in which they are rows of a turned sheet, and how deep each folds.

    The province, the superiors, then each level above its kinds of unit and each kind above its
    units; units that are not summed come last.
    """
    columns = dict(zip(divisions, range(FIRST_LEVEL_COLUMN, first_unit), strict=True))
    kinds = [division for division in divisions if axis_of(division) is Axis.KIND]
    yield TOTAL_COLUMN, 0
    yield from ((columns[each], 1) for each in divisions if axis_of(each) is Axis.PARENT)
    begun: set[Division] = set()
    for at in order:
        unit = table.summed[at].unit
        kind = next((each for each in kinds if within(unit, each)), None)
        for depth, division in enumerate((unit.level, kind)):
            if division in columns and division not in begun:
                begun.add(division)
                yield columns[division], depth
        yield first_unit + at, 2
    for at in range(len(table.summed), len(table.contributions)):
        yield first_unit + at, 0


def runs_of(places: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Group rows or columns (ascending) without a gap by their first and last."""
    runs: list[tuple[int, int]] = []
    for place in places:
        if runs and runs[-1][1] == place - 1:
            runs[-1] = runs[-1][0], place
        else:
            runs.append((place, place))
    return tuple(runs)


def division_label(division: Division) -> str:
    """Name the total of a division: ``Cấp xã``, ``Trực thuộc Sở Y tế``."""
    below = axis_of(division) is Axis.PARENT
    return text("summary.by_unit.below", name=division.label) if below else division.label


FIRST_LINE = 6
"""Zero-based row of the first line of a trace sheet; its headings stand above."""


@dataclass(frozen=True, slots=True)
class TraceLines:
    """Where a trace sheet has its lines: for each figure one of the province, then one a unit."""

    sheet: str
    order: Mapping[tuple[str, str], int]
    units: int

    def head(self, figure: tuple[str, str]) -> CellRef:
        """Find the line of the province of a figure, told by element and column."""
        return self.line(figure, -1)

    def line(self, figure: tuple[str, str], at: int) -> CellRef:
        """Find the line of the unit at a place of the table, counted from 0."""
        row = FIRST_LINE + self.order[figure] * (self.units + 1) + 1 + at
        return CellRef(self.sheet, row, 0)


def trace_lines(sheet: str, layout: Matrix) -> TraceLines:
    """Lay out the trace sheet of a by-unit sheet."""
    return TraceLines(
        sheet, {key: at for at, key in enumerate(layout.row_of)}, len(layout.table.contributions)
    )


def figure_at(data_set: DataSet, lines: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """Find element and column of the last line of a by-unit sheet; ``None`` without a figure.

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
    for item in data_set.body:
        at = FIRST_ROW + len(rows)
        if isinstance(item, Heading):
            kind = RowKind.SUBSECTION if item.subsection else RowKind.SECTION
            rows.append(MatrixRow(at, kind, "", item.label))
            continue
        own = [
            figures[item.code, code]
            for code in (*(column.code for column in data_set.columns), item.second)
            if (item.code, code) in figures
        ]
        alone = data_set.single and len(own) == 1
        if not alone and own:
            name = MatrixRow(at, RowKind.ELEMENT, item.number, item.label, indent=item.indent)
            rows.append(name)
        for figure in own:
            second = figure.column == item.second
            crossed = figure.counts.get(ValueStatus.NOT_APPLICABLE)
            asked = (None, *table.divisions) if crossed else ()
            row = MatrixRow(
                FIRST_ROW + len(rows),
                RowKind.FIGURE,
                item.number if alone else "",
                item.label if alone else _column_label(data_set, item, figure.column),
                unit=item.second_unit if second else item.unit,
                indent=item.indent if alone else item.indent + 1,
                element=item.code,
                column=figure.column,
                aggregation=figure.aggregation,
                total=figure.total,
                by_division=dict[Division, Decimal](
                    (*figure.by_level.items(), *figure.by_group.items())
                ),
                given_by=figure.given_by,
                crossed=frozenset(each for each in asked if table.crossed(figure, each)),
            )
            rows.append(row)
            if figure.aggregation is Aggregation.RATIO:
                # Its two figures, when some unit gave them.
                given = answers_to(table.contributions, item.code, NUMERATOR)
                parts = (NUMERATOR, DENOMINATOR) if given.count(None) < len(given) else ()
                for part in parts:
                    rows.append(_part_row(FIRST_ROW + len(rows), item, part, table))
    return rows


def _column_label(data_set: DataSet, element: DataElement, code: str) -> str:
    """What the row of one column of an element is called."""
    column = element.second_label if code == element.second else data_set.column_by_code[code].label
    if not element.number:
        return column
    return text("summary.by_unit.figure", number=element.number, column=column)


def _part_row(row: int, element: DataElement, part: str, table: DataSetTable) -> MatrixRow:
    answers = zip(table.summed, answers_to(table.summed, element.code, part), strict=True)
    told = [(item.unit, value.number) for item, value in answers if value is not None]
    totals: dict[Division | None, Decimal] = {}
    for each in (None, *table.divisions):
        own = [number for unit, number in told if number is not None and within(unit, each)]
        if own:
            totals[each] = sum(own, Decimal(0))
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
