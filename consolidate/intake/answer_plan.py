"""Take the answers of a known workbook straight from its values, by where they stood before.

A workbook of which everything but the values was seen before (:class:`KnownSheets`) differs from
the one that was read in values only. Where its fixed texts are the same as well (codes, labels,
headings, all that is no answer), its answers stand in the same cells, nothing around them was
changed, and only they are read. What formulas say outside of the tables (the name of the unit above
them, the day below) may differ: no answer depends on it. A list that holds what it held there is
known by that, any other is read row by row.

Any other workbook is read in whole, and learned from where what was read is as plain as that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain

from consolidate.intake.answers import read_answers
from consolidate.intake.changed_template import known_codes
from consolidate.intake.evidence_of_owner import DATED, period_of, revision_of, window_of
from consolidate.intake.list_rows import unread_below
from consolidate.intake.locate_sheets import (
    LocatedSheet,
    code_column,
    find_sheet,
    open_body,
    read_stamp,
    window_cell,
)
from consolidate.intake.locate_values import first_row, locate_fixed
from consolidate.intake.read_tables import table_of, window_line
from consolidate.intake.retyped.figure_columns import headed_table, is_heading
from consolidate.intake.typed_text.legacy_cells import all_plain
from consolidate.model.anchors import CODE_COLUMN, CODE_ROW, OPEN_END, WINDOW_ROW, window_name
from consolidate.model.cells import Cell, CellRef
from consolidate.model.data_values import DataValue
from consolidate.model.datasets import DataSet, InputCell, Library, Shape
from consolidate.model.returns import Anomaly, DataSetReturn, Evidence, Return
from consolidate.xlsx.read.grid import Grid, Workbook
from consolidate.xlsx.read.known_sheets import KnownSheets
from consolidate.xlsx.read.skeleton import Kept, picks

_MOST, _PATIENCE = 64, 12
"""Kinds of workbooks of which something is kept, and workbooks of one kind without a plan, one by
one, after which none is learned from any more."""
_ISSUED = ("unit", "serial", "seal")
"""What the stamp says of one unit alone."""

_NOWHERE = Grid("", [])

Pick = Callable[[Sequence[Cell]], tuple[Cell, ...]]


class _NotPlain(Exception):
    """Something about a workbook is not as it must be for a plan."""


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """Where an answer stands: its number among the values, its cell, and what is asked there.

    A blank has the number of the last value. Two places are equal only when they are one object.
    """

    at: int
    cell: CellRef
    item: InputCell


class _Answers(dict[tuple[Cell, _Asked], tuple[DataValue, ...]]):
    """What contents of cells say as answers; most are blank, or say what others say there."""

    def __missing__(self, asked: tuple[Cell, _Asked]) -> tuple[DataValue, ...]:
        content, answer = asked
        if isinstance(content, str) and not all_plain((content,)):
            raise _NotPlain
        values = read_answers(_NOWHERE, content, answer.cell, answer.item, usual=True)
        if any(value.problem == "ambiguous" for value in values):
            raise _NotPlain
        if isinstance(content, str):
            is_kept = len(content) <= _LONGEST
        else:  # Of others, equal ones may be read differently: 1 and True, 0 and -0.0.
            is_kept = type(content) is date or (type(content) is float and str(content) != "-0.0")
        if is_kept:
            if len(self) >= _MOST_ANSWERS:
                self.clear()
            self[asked] = values
        return values


_MOST_ANSWERS, _LONGEST = 16_384, 200
"""How many answers are remembered, and letters of the longest."""
_answers = _Answers()


@dataclass(frozen=True, slots=True)
class _List:
    """A list: the number of its sheet, what it held, and the values that it held it in.

    Most lists are blank, and are known by that. What formulas say below them may be what they said
    (``below``); anything else there is looked at.
    """

    number: int
    located: LocatedSheet
    body: range
    held: tuple[Cell, ...]
    pick_below: Pick
    below: tuple[Cell, ...]
    content: DataSetReturn

    def read(self, book: Workbook, typed: Sequence[Cell]) -> DataSetReturn:
        """Read a list that holds something else, as :meth:`_Table.read`."""
        noticed: list[Anomaly] = []
        sheet = self.sheet_of(book)
        found = table_of(sheet.data_set, (sheet,), noticed) if all_plain(typed) else None
        if found is None or noticed or any(v.problem == "ambiguous" for v in found.values):
            raise _NotPlain
        return found

    def sheet_of(self, book: Workbook) -> LocatedSheet:
        """The sheet of the list in another workbook."""
        return replace(self.located, grid=book.sheets[self.number])


@dataclass(frozen=True, slots=True)
class _Table:
    """One data set: where its answers are if it is fixed, or what is known of it as a list.

    ``pick`` takes them out of the values. ``window`` is which of the values is the line of its data
    window, and the cell of that.
    """

    form: DataSet
    sheet: str
    window: tuple[int, CellRef] | None
    pick: Pick
    answers: tuple[_Asked, ...] = ()
    listed: _List | None = None

    def read(self, book: Workbook, cells: Sequence[Cell]) -> DataSetReturn:
        """Read the data set.

        Raises:
            _NotPlain: something is to be said of it.
        """
        line = None
        if self.window is not None:
            at, cell = self.window
            text = cells[at]
            line = window_line(text.strip() if isinstance(text, str) else "", cell)
        contents, listed = self.pick(cells), self.listed
        if listed is None:
            said = map(_answers.__getitem__, zip(contents, self.answers, strict=True))
            values = tuple(chain.from_iterable(said))
            return DataSetReturn(self.form.code, self.sheet, values, line)
        if contents != listed.held:
            return listed.read(book, contents)
        below = listed.pick_below(cells)
        if below != listed.below and any(unread_below(listed.sheet_of(book), listed.body)):
            raise _NotPlain
        same = line == listed.content.window
        return listed.content if same else replace(listed.content, window=line)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where the answers of a workbook stand among its values, and what stood around them.

    ``free`` are all values that may differ and are no answers; ``loose`` are those of the texts
    outside of the tables, with the forms whose headings they must not say. ``issued`` are those of
    the stamp. ``dated`` are the answers that tell period, window and number of sending, ``told``
    what they told.
    """

    content: Return
    pick: Pick
    around: tuple[Cell, ...]
    free: Pick
    loose: tuple[tuple[int, DataSet], ...]
    issued: Mapping[str, int]
    dated: Pick
    told: tuple[Cell, ...]
    cover: _Table
    tables: tuple[_Table, ...]

    def read(self, book: Workbook, cells: Sequence[Cell]) -> Return | None:
        """Read a workbook; ``None`` where it is not as plain as the one that the plan is of."""
        if self.pick(cells) != self.around or not all_plain(self.free(cells)):
            return None
        for at, form in self.loose:
            text = cells[at]
            if isinstance(text, str) and is_heading(text.strip(), form):
                return None
        known = self.content
        try:
            cover = self.cover.read(book, cells)
            tables = tuple([table.read(book, cells) for table in self.tables])
        except _NotPlain:
            return None
        if not any(v.value for v in cover.values if v.key.element in ("unit_name", "unit_code")):
            return None
        window, revision = known.window, known.revision
        if self.dated(cells) != self.told:
            if period_of(cover) != known.period:
                return None
            window, revision = window_of(cover), revision_of(cover)
        said = {key: cells[at] for key, at in self.issued.items()}
        stamp = {key: text.strip() for key, text in said.items() if isinstance(text, str)}
        return Return(
            template=known.template,
            version=known.version,
            cover=cover,
            data_sets=tables,
            anomalies=known.anomalies,
            period=known.period,
            window=window,
            revision=revision,
            evidence=Evidence(
                stamp_unit=stamp.get("unit", ""),
                stamp_period=known.evidence.stamp_period,
                serial=stamp.get("serial", ""),
                seal=stamp.get("seal", ""),
                saved=book.saved,
            ),
            pack=known.pack,
            round=known.round,
            definition=known.definition,
        )


_plans: Kept[object, tuple[_Plan, ...]] = Kept(_MOST)
_missed: Kept[object, int] = Kept(_MOST)
_MOST_PLANS = 4
"""Plans of one kind of workbook: rounds and periods differ."""


def forget() -> None:
    """Forget all plans."""
    _plans.clear()
    _missed.clear()
    _answers.clear()


def planned(book: Workbook, library: Library) -> Return | None:
    """Read a workbook by a plan; ``None`` where there is none for it."""
    sheets = book.sheets
    if not isinstance(sheets, KnownSheets) or sheets.key is None:
        return None
    key = (sheets.key, library)
    plans = _plans.get(key)
    if not plans:
        return None
    for plan in plans:
        read = plan.read(book, sheets.cells)
        if read is not None:
            _missed.keep(key, 0)
            return read
    return None


def learn(book: Workbook, library: Library, content: Return) -> None:
    """Learn from a workbook that was read in whole."""
    sheets = book.sheets
    if not isinstance(sheets, KnownSheets) or sheets.key is None:
        return
    if content.anomalies or content.period is None or not all_plain(sheets.cells):
        return
    key = (sheets.key, library)
    missed = _missed.get(key) or 0
    if missed >= _PATIENCE:
        return
    _missed.keep(key, missed + 1)
    plan = _Learner(book, sheets).plan(content, library)
    if plan is not None and plan.read(book, sheets.cells) == content:
        _plans.keep(key, (plan, *(_plans.get(key) or ()))[:_MOST_PLANS])


class _Learner:
    """Makes a plan of one workbook that was read in whole."""

    def __init__(self, book: Workbook, sheets: KnownSheets) -> None:
        self._book, self._sheets = book, sheets
        places = (
            (number, *place) for number, sheet in enumerate(sheets.known) for place in sheet.places
        )
        self._at = {place: at for at, place in enumerate(places)}
        self._numbers = {sheet.name: number for number, sheet in enumerate(sheets.known)}
        self._free: set[int] = set()
        self._loose: list[tuple[int, DataSet]] = []
        self._answered: set[int] = set()

    def plan(self, content: Return, library: Library) -> _Plan | None:
        """The plan; ``None`` where the workbook is not plain."""
        whole = library.of_pack(content.pack, 0, content.definition)
        asked = library.of_pack(content.pack, content.round, content.definition)
        parts = [(library.cover, content.cover)]
        parts += [(asked.by_code[part.code], part) for part in content.data_sets]
        for form, _ in parts[1:]:
            rounds = whole.by_code.get(form.code)
            if rounds is None or not rounds.by_code.keys() <= form.by_code.keys():
                return None  # Other rounds ask for more of it.
        try:
            issued = self._stamp(len(parts))
            first, *others = [self._table(form, part) for form, part in parts]
        except _NotPlain:
            return None
        open_ = self._free | self._answered
        around = [at for at in self._at.values() if at not in open_]
        if len(around) < 2:
            return None
        cells = self._sheets.cells
        pick, free = picks(around), picks([*self._free.union(issued.values())])
        dated = picks([one.at for one in first.answers if one.item.element.code in DATED])
        known = content, pick, pick(cells), free, tuple(self._loose), issued
        return _Plan(*known, dated, dated(cells), first, tuple(others))

    def _stamp(self, tables: int) -> Mapping[str, int]:
        """Where the stamp says for whom the workbook is; all sheets are tables, or not read."""
        read = [n for n, sheet in enumerate(self._sheets.known) if sheet.layout is not None]
        if len(read) != tables + 1 or not read_stamp(self._book):
            raise _NotPlain
        found: dict[str, int] = {}
        for number in read:
            grid = self._book.sheets[number]
            if grid.text(0, 0) == "format":
                rows = {grid.text(row, 0): row for row in range(len(grid.rows))}
                places = {key: self._at.get((number, rows.get(key, -1), 1)) for key in _ISSUED}
                found = {key: at for key, at in places.items() if at is not None}
        self._answered.update(found.values())
        return found

    def _table(self, form: DataSet, part: DataSetReturn) -> _Table:
        sheet, noticed = find_sheet(self._book, form)
        if sheet is None or noticed or sheet.repeated or sheet.grid.name != part.sheet:
            raise _NotPlain
        facts = sheet.grid.facts
        if facts.from_1904 or facts.errors or facts.special - facts.features.covered:
            raise _NotPlain
        number = self._numbers[part.sheet]
        region = _region(sheet) if form.shape is Shape.FIXED else _listed(sheet)
        layout = self._sheets.known[number].layout
        results = () if layout is None else (place for place, _, _ in layout.results)
        formulas = {*facts.formulas, *facts.no_value, *results}
        coded = {row for code, row in sheet.rows.items() if code not in (WINDOW_ROW, OPEN_END)}
        if any(row in region or row in coded for row, _ in formulas):
            raise _NotPlain  # It is worked out from others, or asked for in other rounds.
        free = {
            (row, column): self._at[number, row, column]
            for row, column in formulas
            if (number, row, column) in self._at and column != CODE_COLUMN and row != CODE_ROW
        }
        self._free.update(free.values())
        window = self._window(number, sheet)
        if form.shape is Shape.OPEN:
            pick, listed = self._list(number, sheet, part)
            return _Table(form, part.sheet, window, pick, listed=listed)
        above = [place for place in free if place[0] < region.start]
        _is_apart(sheet, region, above, self._sheets.known[number].places)
        self._loose += [(free[place], form) for place in above if form.template]
        answers = self._answers(number, sheet)
        return _Table(form, part.sheet, window, picks([one.at for one in answers]), answers)

    def _list(self, number: int, sheet: LocatedSheet, part: DataSetReturn) -> tuple[Pick, _List]:
        here = {place[1:]: at for place, at in self._at.items() if place[0] == number}
        held = [at for at in here.values() if at not in self._free]
        if len(held) < 2 or any(value.problem == "ambiguous" for value in part.values):
            raise _NotPlain
        codes = {
            at for (row, column), at in here.items() if row == CODE_ROW or column == CODE_COLUMN
        }
        body, _ = open_body(sheet)
        below = picks(
            [at for (row, _), at in here.items() if at in self._free and row >= body.stop]
        )
        self._answered.update(at for at in here.values() if at not in codes | self._free)
        pick, bare, cells = picks(held), replace(sheet, grid=_NOWHERE), self._sheets.cells
        return pick, _List(number, bare, body, pick(cells), below, below(cells), part)

    def _answers(self, number: int, sheet: LocatedSheet) -> tuple[_Asked, ...]:
        located = locate_fixed(sheet)
        rows, columns, facts = sheet.rows, sheet.columns, sheet.grid.facts
        form, features = sheet.data_set, sheet.grid.facts.features
        if located.anomalies or not rows.keys() | columns.keys() <= known_codes(form):
            raise _NotPlain
        answers: list[_Asked] = []
        for item in form.inputs:
            cell = located.cells.get(item.key)
            if cell is None:
                continue
            place = (cell.row, cell.column)
            coded = rows.get(item.element.code), columns.get(item.column)
            hidden = cell.row in features.hidden_rows or cell.column in features.hidden_columns
            if coded != place or CODE_ROW in place or CODE_COLUMN in place:
                raise _NotPlain
            if hidden or place in facts.special or place in facts.no_value:
                raise _NotPlain
            at = self._at.get((number, *place), -1)
            if at >= 0:
                self._answered.add(at)
            answers.append(_Asked(at, cell, item))
        return tuple(answers)

    def _window(self, number: int, sheet: LocatedSheet) -> tuple[int, CellRef] | None:
        if not sheet.data_set.layout.window:
            return None
        cell = window_cell(sheet)
        if cell is None or sheet.named(window_name(sheet.data_set.code).casefold()) is None:
            raise _NotPlain  # Which cell it is depends on what it says.
        return self._at.get((number, cell.row, cell.column), -1), cell


def _region(sheet: LocatedSheet) -> range:
    """The rows of a fixed table, from the uppermost heading that is looked at to the last code."""
    rows = [row for code, row in sheet.rows.items() if code in sheet.data_set.by_code]
    if not rows:
        raise _NotPlain
    first = min(rows)
    top = min([first_row(sheet, first) - 1, *_headings(sheet, first)])
    table = headed_table(sheet) if sheet.data_set.template else None
    top = top if table is None else min(top, table.headings.start)
    return range(max(top, CODE_ROW + 1), max(rows) + 1)


def _headings(sheet: LocatedSheet, first: int) -> Iterator[int]:
    """The rows up to which the headings of columns are looked for."""
    for column in sheet.data_set.columns:
        index = sheet.columns.get(column.code)
        above = range(first - 1, CODE_ROW, -1) if index is not None else ()
        found = (row for row in above if sheet.grid.get(row, index or 0) == column.label)
        yield next(found, CODE_ROW + 1)


def _listed(sheet: LocatedSheet) -> range:
    """The rows of a list with its heading; the printed row of totals below it holds no answer."""
    body, noticed = open_body(sheet)
    if noticed or not body:
        raise _NotPlain
    codes = [row for row, cell in enumerate(code_column(sheet.grid)) if cell != ""]
    last = codes[-1] if sheet.rows.get(OPEN_END) == codes[-1] else codes[-1] + 1
    return range(body.start - 1, max(body.stop, last))


def _is_apart(
    sheet: LocatedSheet,
    region: range,
    loose: Collection[tuple[int, int]],
    places: Collection[tuple[int, int]],
) -> None:
    """Make sure that the table ends where it ends, whatever is said above and beside it."""
    table = headed_table(sheet) if sheet.data_set.template else None
    if table is None:
        return
    grid = sheet.grid
    above = table.headings.start - 1
    filled = {column for row, column in loose if row == above}
    if above >= 0 and filled:
        filled.update(at for at, cell in enumerate(grid.rows[above]) if cell != "")
        if len(filled) > 1:
            raise _NotPlain  # It may speak of several columns.
    coded = {CODE_COLUMN, *sheet.columns.values()}
    if any(
        row in region and column not in coded and grid.get(row, column) != ""
        for row, column in places
    ):
        raise _NotPlain  # Columns beside those of the form, which may hold other figures.
    if any(top < region.start <= bottom for top, _, bottom, _ in grid.facts.features.merged):
        raise _NotPlain  # A text above stands over columns.
