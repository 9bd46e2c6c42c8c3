"""Find the pack whose forms a workbook carries: by its stamp, else by its codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from consolidate.model.anchors import CODE_COLUMN
from consolidate.model.datasets import DataSet, Library
from consolidate.model.packs import Pack
from consolidate.model.period import Period
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
        if grid.text(0, 0) in library.known_codes
    ]
    counts = {
        pack: sum(_shared_codes(form, codes, pack) for form, codes in coded)
        for pack in library.packs.packs
    }
    best = max(counts, key=lambda pack: (counts[pack], pack.serves_from), default=None)
    return best if best is not None and counts[best] else None


def _codes_on(grid: Grid) -> frozenset[str]:
    """Texts where the codes of rows and columns stand."""
    rows = [row[CODE_COLUMN] for row in grid.rows if len(row) > CODE_COLUMN]
    columns = map(str, grid.rows[0] if grid.rows else ())
    return frozenset((*(cell.strip() for cell in rows if isinstance(cell, str)), *columns))


def _shared_codes(form: str, codes: frozenset[str], pack: Pack) -> int:
    """Count a sheet, with its rows and columns, that has codes of a pack."""
    data_set = _forms_of(pack).get(form)
    return 0 if data_set is None else 1 + len(data_set.by_code.keys() & codes)


def foreign_sheets(book: Workbook, pack: Pack, library: Library) -> Iterator[Grid]:
    """List sheets with a form of another family."""
    own = {data_set.code for data_set in pack.forms(0)} | {library.cover.code}
    rivals = {form.code for other in _rivals(pack, library) for form in other.forms(0)}
    for grid in book.sheets:
        if grid.text(0, 0) in library.known_codes - own - rivals:
            yield grid


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
