"""Read a whole file of retyped tables: its template, and the lines around its tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from consolidate.intake.locate_sheets import LocatedSheet, is_added
from consolidate.intake.retyped.figure_columns import KIND
from consolidate.intake.retyped.headers import HEADER_ROW
from consolidate.intake.retyped.heading_words import NamedPeriod
from consolidate.intake.retyped.lines import (
    LONGEST,
    TEXT_SHEET,
    is_window,
    lines_above,
    lines_before,
    paragraphs_of,
)
from consolidate.intake.retyped.retyped_tables import (
    Place,
    Scan,
    find_apart,
    find_retyped,
    read_table,
    scan_book,
)
from consolidate.intake.retyped.table_periods import Dated, date_tables, period_told
from consolidate.intake.typed_text.typed_dates import read_window
from consolidate.model.datasets import DataSet, Library
from consolidate.model.packs import Pack
from consolidate.model.returns import Anomaly, WindowLine
from consolidate.model.text import tidy
from consolidate.xlsx.read.grid import Grid, Workbook

LINES = 60
"""Lines that are kept of a file."""
_BEGINNING, _BEFORE = 30, 10
"""Lines kept from the beginning of a file, and right above each table."""
_OF_OTHERS = 20
"""Lines of a sheet or table that does not belong to the form."""


_Found = Mapping[DataSet, tuple[tuple[LocatedSheet, ...], list[Anomaly]]]
"""What was found of each form of a pack."""


@dataclass(frozen=True, slots=True)
class RetypedForms:
    """A retyped template. ``tables`` are those of each data set found, in the order of the pack;
    ``headings`` are the lines above and between them.
    """

    pack: Pack
    tables: tuple[tuple[LocatedSheet, ...], ...]
    anomalies: tuple[Anomaly, ...]
    headings: tuple[str, ...]
    dated: Dated


def find_forms(book: Workbook, library: Library, said: Sequence[str] = ()) -> RetypedForms | None:
    """Find the pack of which most data sets were retyped; ``None`` when no data set was.

    A data set that cannot be read counts too: its finding says why. Of packs with equally many the
    one counts of whose forms most rows and columns are there, then the newest. ``said`` are
    other words of the file, its name last: of them the period is taken that no table names.
    """
    packs = library.packs.packs
    forms = {pack: [form for form in pack.forms(0) if not form.quarter] for pack in packs}
    scan = scan_book(book, tuple(form for pack in packs for form in forms[pack]))
    if not any(scan.rows.values()):
        return None
    scan = replace(scan, asked=_asked(book, scan, packs, said))
    found = {pack: {form: find_retyped(scan, form) for form in forms[pack]} for pack in packs}
    pack = max(packs, key=lambda pack: (*_extent(found[pack]), pack.serves_from))
    own = found[pack]
    if not any(any(told) for told in own.values()):
        return None
    rivals = [found[other] for other in packs if other.family == pack.family and other is not pack]
    skip = _better(own, rivals)
    twins = {form.form for form in pack.forms(0) if form.quarter}
    apart = {form.code: find_apart(scan, form, skip) for form in forms[pack] if form.code in twins}
    typed = [part for tables in apart.values() for parts in tables for part in parts]
    mine = {(part.grid.name, part.header.top) for part in typed} | _places(own) - skip
    words = "\n".join(_headings(book, _tops(mine))) if twins else ""
    dated = date_tables(book, pack, apart, (words, *said)) if twins else Dated()
    anomalies: list[Anomaly] = []
    tables: list[tuple[LocatedSheet, ...]] = []
    for data_set in pack.forms(dated.number):
        if data_set.form in dated.tables:
            parts, line = dated.of(data_set)
            sheets, noticed = read_table(scan, data_set, parts)
            sheets = (replace(sheets[0], line=line), *sheets[1:]) if sheets else ()
        else:
            known = own.get(data_set) if not skip else None
            sheets, noticed = known or find_retyped(scan, data_set, skip)
            sheets = _with_line(book, sheets)
        anomalies += noticed
        if sheets:
            tables.append(sheets)
        elif not noticed and not dated.silent and (dated.number or not data_set.quarter):
            missing = Anomaly("sheet_missing", data_set.code, expected=data_set.sheet)
            anomalies.append(missing)
    others = [found[other] for other in packs if other.family != pack.family]
    foreign = skip.union(*map(_places, others))
    strange = {name for name, _ in skip} | {name for name, _ in foreign} - _tops(mine).keys()
    anomalies += [Anomaly("foreign_sheet", found=name) for name in sorted(strange)]
    untold = {a.cells[0].sheet: a.cells[0].row for a in anomalies if a.kind == KIND}
    used = _tops(foreign) | untold | _tops(mine)
    named = {name for a in anomalies if a.kind == "sheet_twice" for name in a.found.split(", ")}
    anomalies += _others(book, library, {*used, *named})
    return RetypedForms(pack, tuple(tables), tuple(anomalies), _headings(book, used), dated)


def _better(own: _Found, rivals: Iterable[_Found]) -> frozenset[Place]:
    """Tables that a form of another pack of the family fits better; they are never mixed in."""
    fits = {
        (sheet.grid.name, sheet.rows[HEADER_ROW]): len(sheet.rows) + len(sheet.columns)
        for sheets, _ in own.values()
        for sheet in sheets
    }
    return frozenset(
        place
        for found in rivals
        for sheets, _ in found.values()
        for sheet in sheets
        if len(sheet.rows) + len(sheet.columns)
        > fits.get(place := (sheet.grid.name, sheet.rows[HEADER_ROW]), 0)
    )


def _extent(found: _Found) -> tuple[int, int, int]:
    """Count the data sets of a pack that are there, their rows and columns, those that are not."""
    present = sum(1 for told in found.values() if any(told))
    places = sum(
        len(sheet.rows) + len(sheet.columns) for sheets, _ in found.values() for sheet in sheets
    )
    missing = sum(1 for _, told in found.values() for a in told if a.kind == "column_missing")
    return present, places, -missing


def _asked(book: Workbook, scan: Scan, packs: Sequence[Pack], said: Sequence[str]) -> NamedPeriod:
    """The period that a file names: on its cover, in the lines around its tables, by its name."""
    lines = [
        line.text
        for grid in book.sheets
        if not is_added(grid)
        for line in islice(lines_above(grid, min(scan.rows.get(grid.name) or (0,))), LINES)
    ]
    lines += [line.text for line, _ in islice(paragraphs_of(book), LINES)]
    cover, *others = said or ("",)
    told = [period_told(texts, packs) for texts in ([cover], lines, others)]
    return max(told, key=lambda asked: (bool(asked.kinds), asked.year is not None))


def retyped_sheets(
    book: Workbook, data_set: DataSet, library: Library, said: Sequence[str] = ()
) -> tuple[tuple[LocatedSheet, ...], list[Anomaly]]:
    """Find retyped tables of a form, as :func:`find_retyped`, each with its data window.

    Where the form is asked for two periods, a table must tell that it is of this one. ``said`` is
    the period on the cover.
    """
    scan = scan_book(book, (data_set,))
    scan = replace(scan, asked=_asked(book, scan, library.packs.packs, said))
    if all(other.form != data_set.form or other is data_set for other in library.data_sets):
        sheets, noticed = find_retyped(scan, data_set)
        return _with_line(book, sheets), noticed
    pack = library.pack_of[data_set.template]
    dated = date_tables(book, pack, {data_set.form: find_apart(scan, data_set)}, ())
    parts, line = dated.of(data_set)
    sheets, noticed = read_table(scan, data_set, parts)
    return ((replace(sheets[0], line=line), *sheets[1:]) if sheets else ()), noticed


def _others(book: Workbook, library: Library, used: Collection[str]) -> Iterator[Anomaly]:
    """Note sheets with unread content; a letterhead before the first table is read."""
    begun = False
    for grid in book.sheets:
        begun = begun or grid.name in used
        known = grid.name in used or grid.name == TEXT_SHEET
        if known or grid.text(0, 0) == library.cover.code or is_added(grid):
            continue
        count = sum(1 for row in grid.rows for cell in row if cell != "")
        if count > _OF_OTHERS or (begun and count):
            yield Anomaly("extra_sheet", found=grid.name)


def _with_line(book: Workbook, sheets: tuple[LocatedSheet, ...]) -> tuple[LocatedSheet, ...]:
    """The tables with the line of the data window that stands above the first of them."""
    if not sheets or not sheets[0].data_set.layout.window:
        return sheets
    first = sheets[0]
    lines = [
        line for line in lines_above(first.grid, first.rows[HEADER_ROW]) if is_window(line.text)
    ]
    if not lines:
        lines = [line for line in lines_before(book, first.grid.name) if is_window(line.text)]
    if not lines:
        return sheets
    raw, cell = lines[-1].text, lines[-1].cell
    return (replace(first, line=WindowLine(raw, read_window(raw), cell)), *sheets[1:])


def _places(found: _Found) -> frozenset[Place]:
    """Where the tables begin that were found of a pack."""
    return frozenset(
        (sheet.grid.name, sheet.rows[HEADER_ROW])
        for sheets, _ in found.values()
        for sheet in sheets
    )


def _tops(places: Iterable[Place]) -> dict[str, int]:
    """Locate the first header of each sheet with a retyped table."""
    return dict(sorted(places, reverse=True))


def _headings(book: Workbook, used: Mapping[str, int]) -> tuple[str, ...]:
    """Lines of a file beside its tables, in order: from its beginning and above each table."""
    by_name = {grid.name: grid for grid in book.sheets}
    words = by_name.pop(TEXT_SHEET, None)
    lines: list[str] = []
    tables: list[int] = []
    for line, name in paragraphs_of(book):
        if name in by_name:
            lines += _of_grid(by_name[name], used, tables, len(lines))
        elif line.text:
            lines += [tidy(part)[:LONGEST] for part in line.text.splitlines()]
    for grid in book.sheets if words is None else ():
        # What we wrote about a file says nothing about whose it is.
        if grid.name in used or not is_added(grid):
            lines += _of_grid(grid, used, tables, len(lines))
    kept = {index for table in tables for index in range(table - _BEFORE, table)}
    kept |= set(range(min(_BEGINNING, len(lines))))
    chosen = [lines[index] for index in sorted(kept) if 0 <= index < len(lines) and lines[index]]
    return tuple(dict.fromkeys(chosen))[:LINES]


def _of_grid(grid: Grid, used: Mapping[str, int], tables: list[int], count: int) -> Sequence[str]:
    """Lines of a sheet; of one with a table, those above its header."""
    if grid.name not in used:
        return [line.text for line in islice(lines_above(grid, len(grid.rows)), _OF_OTHERS)]
    found = [line.text for line in lines_above(grid, used[grid.name])]
    tables.append(count + len(found))
    return found
