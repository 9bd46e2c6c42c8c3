"""Find the pack whose forms a workbook carries, and what its round does not ask for in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from consolidate.intake.locate_sheets import code_column, code_row, find_sheet, open_body
from consolidate.model.cells import Cell, CellRef, first_cells, some_cells
from consolidate.model.datasets import DataSet, Library, Shape
from consolidate.model.packs import Pack
from consolidate.model.period import Period
from consolidate.model.returns import Anomaly
from consolidate.xlsx.read.grid import Grid, Workbook


class UnknownPack(Exception):
    """A template of a pack that is not installed; ``code`` is what its stamp says."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def carried_pack(book: Workbook, stamp: Mapping[str, str], library: Library) -> Pack | None:
    """Find the pack of a workbook with our codes; ``None`` for one that carries none of them.

    Packs of one family have forms of one code: the pack with most codes of the rows counts, of
    equal ones the newest.

    Raises:
        UnknownPack: the workbook is stamped for a pack that is not there.
    """
    stamped = stamp.get("template", "")
    if stamped in library.packs.by_code:
        return library.packs.by_code[stamped]
    if stamped and stamped not in library.families:  # Older stamps name the family.
        raise UnknownPack(stamped)
    coded = [
        (grid.text(0, 0), _codes_on(grid))
        for grid in book.sheets
        if grid.text(0, 0) in library.packs.codes
    ]
    counts = {
        pack: sum(_shared_codes(form, codes, pack) for form, codes in coded)
        for pack in library.packs.packs
    }
    best = max(counts, key=lambda pack: (counts[pack], pack.serves_from), default=None)
    return best if best is not None and counts[best] else None


def _codes_on(grid: Grid) -> frozenset[str]:
    """Texts where the codes of rows and columns stand."""
    return _texts_of(code_column(grid), code_row(grid))


@lru_cache(maxsize=128)
def _texts_of(rows: tuple[Cell, ...], columns: tuple[Cell, ...]) -> frozenset[str]:
    texts = (cell.strip() for cell in rows if isinstance(cell, str))
    return frozenset((*texts, *(cell for cell in columns if isinstance(cell, str))))


def _shared_codes(form: str, codes: frozenset[str], pack: Pack) -> int:
    """Count a sheet, with its rows and columns, that has codes of a pack."""
    data_set = _forms_of(pack).get(form)
    return 0 if data_set is None else 1 + len(data_set.by_code.keys() & codes)


def foreign_sheets(book: Workbook, pack: Pack, library: Library) -> list[Grid]:
    """List sheets with a form of another family."""
    foreign = _foreign_codes(pack, library)
    return [grid for grid in book.sheets if grid.text(0, 0) in foreign]


@lru_cache(maxsize=64)
def _foreign_codes(pack: Pack, library: Library) -> frozenset[str]:
    own = {data_set.code for data_set in pack.forms(0)} | {library.cover.code}
    rivals = {form.code for other in _rivals(pack, library) for form in other.forms(0)}
    return library.packs.codes - own - rivals


def mixed_sheets(book: Workbook, pack: Pack, library: Library) -> tuple[Grid, ...]:
    """List sheets with a form of another pack of the same family: more codes of it are there."""
    rivals = _rivals(pack, library)
    return tuple(grid for grid in book.sheets if _is_mixed(grid, pack, rivals))


def _is_mixed(grid: Grid, pack: Pack, rivals: list[Pack]) -> bool:
    form = grid.text(0, 0)
    others = [other for other in rivals if form in _forms_of(other)]
    if not others:
        return False
    codes = _codes_on(grid)
    own = _shared_codes(form, codes, pack)
    return any(_shared_codes(form, codes, other) > own for other in others)


@lru_cache(maxsize=64)
def _forms_of(pack: Pack) -> Mapping[str, DataSet]:
    return {data_set.code: data_set for data_set in pack.forms(0)}


def _rivals(pack: Pack, library: Library) -> list[Pack]:
    packs = library.packs.packs
    return [other for other in packs if other.family == pack.family and other is not pack]


def issued_round(stamp: Mapping[str, str]) -> int:
    """Read the round (1 to 4) that a template was issued for; 0 when its stamp names none."""
    try:
        return Period.parse_code(stamp.get("period", "")).type.round
    except ValueError:
        return 0


def not_due(book: Workbook, whole: Library, asked: Library) -> Iterator[Anomaly]:
    """Make one anomaly for each table with answers that a round does not ask for.

    ``whole`` has the tables and rows of all rounds, ``asked`` those of the round.
    """
    for data_set in whole.data_sets:
        due = asked.by_code.get(data_set.code)
        extra = frozenset(data_set.by_code) - frozenset(due.by_code if due is not None else ())
        cells = _answered(book, data_set, extra) if extra else []
        if cells:
            kind = "rows_not_due" if due is not None else "sheet_not_due"
            yield Anomaly(kind, cells=first_cells(cells), found=some_cells(cells))


def _answered(book: Workbook, data_set: DataSet, extra: frozenset[str]) -> list[CellRef]:
    """The cells of some elements that a person has typed into."""
    sheet, _ = find_sheet(book, data_set)
    if sheet is None:
        return []
    if data_set.shape is Shape.OPEN:
        rows: Iterable[int] = open_body(sheet)[0]
        columns = [sheet.columns[code] for code in extra if code in sheet.columns]
    else:
        rows = [sheet.rows[code] for code in extra if code in sheet.rows]
        columns = [sheet.columns[c.code] for c in data_set.columns if c.code in sheet.columns]
    grid = sheet.grid
    return [
        sheet.cell(row, column)
        for row in sorted(rows)
        for column in sorted(columns)
        if grid.get(row, column) != "" and (row, column) not in grid.facts.no_value
    ]


def of_other_rounds(
    anomalies: Iterable[Anomaly], whole: Library, asked: Library
) -> Iterator[Anomaly]:
    """Tell what is noticed of a template that was built for no round, as its round takes it.

    Rows that other rounds ask for are no rows of another version, and a sheet may have the name
    that it has in a template for no round.
    """
    for anomaly in anomalies:
        form = whole.by_code.get(anomaly.data_set)
        if form is not None and anomaly.kind == "sheet_renamed" and anomaly.found == form.sheet:
            continue
        due = asked.by_code.get(anomaly.data_set)
        known = form is not None and due is not None and anomaly.found in form.by_code
        if anomaly.kind == "unknown_code" and known and due and anomaly.found not in due.by_code:
            continue
        yield anomaly
