"""Find the pack whose forms a workbook carries: by its stamp, else by its codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from consolidate.model.anchors import CODE_COLUMN
from consolidate.model.datasets import Library
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
    coded = [grid for grid in book.sheets if grid.text(0, 0) in library.known_codes]
    counts = {pack: _shared_codes(coded, pack) for pack in library.packs.packs}
    best = max(counts, key=lambda pack: (counts[pack], pack.serves_from), default=None)
    return best if best is not None and counts[best] else None


def _shared_codes(grids: list[Grid], pack: Pack) -> int:
    """Count sheets, rows and columns that have codes of a pack."""
    forms = {data_set.code: data_set for data_set in pack.forms(0)}
    shared = 0
    for grid in grids:
        data_set = forms.get(grid.text(0, 0))
        if data_set is not None:
            rows = {grid.text(row, CODE_COLUMN) for row in range(len(grid.rows))}
            columns = {str(cell) for cell in (grid.rows[0] if grid.rows else ())}
            shared += 1 + len(data_set.by_code.keys() & (rows | columns))
    return shared


def foreign_sheets(book: Workbook, pack: Pack, library: Library) -> Iterator[Grid]:
    """List sheets with a form of another family."""
    own = {data_set.code for data_set in pack.forms(0)} | {library.cover.code}
    rivals = {form.code for other in _rivals(pack, library) for form in other.forms(0)}
    for grid in book.sheets:
        if grid.text(0, 0) in library.known_codes - own - rivals:
            yield grid


def mixed_sheets(book: Workbook, pack: Pack, library: Library) -> tuple[Grid, ...]:
    """List sheets with a form of another pack of the same family: more codes of it are there."""
    rivals = [(other, _codes_of_forms(other)) for other in _rivals(pack, library)]
    return tuple(
        grid
        for grid in book.sheets
        if any(
            grid.text(0, 0) in codes and _shared_codes([grid], other) > _shared_codes([grid], pack)
            for other, codes in rivals
        )
    )


@lru_cache(maxsize=64)
def _codes_of_forms(pack: Pack) -> frozenset[str]:
    return frozenset(data_set.code for data_set in pack.forms(0))


def _rivals(pack: Pack, library: Library) -> list[Pack]:
    packs = library.packs.packs
    return [other for other in packs if other.family == pack.family and other is not pack]


def issued_round(stamp: Mapping[str, str]) -> int:
    """Read the round (1 to 4) that a template was issued for; 0 when its stamp names none."""
    try:
        return Period.parse_code(stamp.get("period", "")).type.round
    except ValueError:
        return 0
