"""Read a whole file of retyped tables: its template, their periods, and the lines around them.

One form may be asked for a quarter and up to its end. The line of the data window says best of
which period a table is: 15/6 to 14/9 is the third quarter, 15/12 of the year before to 14/9 nine
months (windows of the pack). Then the name of the sheet and the nearest line above the table that
names a period count, and must agree. A table that says nothing is of the only period that the file
names, if it is the only one of its form; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice

from consolidate.intake.locate_sheets import LocatedSheet, is_added
from consolidate.intake.retyped.figure_columns import KIND, NamedPeriod
from consolidate.intake.retyped.headers import HEADER_ROW
from consolidate.intake.retyped.lines import (
    LONGEST,
    TEXT_SHEET,
    Line,
    is_window,
    lines_above,
    lines_before,
    paragraphs_of,
)
from consolidate.intake.retyped.retyped_tables import (
    Found,
    OpenPart,
    Part,
    Place,
    Scan,
    find_apart,
    find_retyped,
    read_table,
    scan_book,
)
from consolidate.intake.typed_text.dates_and_marks import read_window
from consolidate.model.datasets import DataSet, Library
from consolidate.model.packs import Pack
from consolidate.model.period import DataWindow, Period, PeriodType, kinds_named
from consolidate.model.returns import Anomaly, WindowLine
from consolidate.model.text import tidy
from consolidate.xlsx.read.grid import Grid, Workbook

LINES = 60
"""Lines that are kept of a file."""
_BEGINNING, _BEFORE = 30, 10
"""Lines kept from the beginning of a file, and right above each table."""
_OF_OTHERS = 20
"""Lines of a sheet or table that does not belong to the form."""
_CLOSE = timedelta(days=21)
"""How far a window may be from the statutory one: a province may set other days."""
_YEARS = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_YEAR = re.compile(r"\W*(?:kỳ(?: báo cáo)?\W*)?(?:báo cáo )?năm \d{4}\W*")
"""A year on a line of its own, which names the period where nothing else does."""
_ByForm = Mapping[DataSet, Found]
"""What was found of each form of a pack."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a table says: ``kinds`` of period (several: it contradicts itself), ``window``."""

    kinds: frozenset[PeriodType] = frozenset()
    period: Period | None = None
    window: WindowLine | None = None


@dataclass(frozen=True, slots=True)
class Dated:
    """Tables by form, each with its parts and what it says, completed by what the file says.

    ``number`` is the round of all of them, 0 when they are of several or of none; ``silent`` are
    sheets whose table does not tell its period.
    """

    tables: Mapping[str, Sequence[tuple[Sequence[Part], Told]]] = field(default_factory=dict)
    number: int = 0
    silent: tuple[str, ...] = ()
    periods: tuple[Period, ...] = ()


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


def find_forms(book: Workbook, library: Library, said: Sequence[str]) -> RetypedForms | None:
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
    dated = _date_tables(book, pack, apart, (words, *said)) if twins else Dated()
    anomalies: list[Anomaly] = []
    tables: list[tuple[LocatedSheet, ...]] = []
    for data_set in pack.forms(dated.number):
        if data_set.form in dated.tables:
            sheets, noticed = _of_period(scan, data_set, dated)
        else:
            known = own.get(data_set) if not skip else None
            sheets, noticed = known or find_retyped(scan, data_set, skip)
            sheets = _window_above(book, sheets)
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


def _better(own: _ByForm, rivals: Iterable[_ByForm]) -> frozenset[Place]:
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


def _extent(found: _ByForm) -> tuple[int, int, int]:
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
    book: Workbook, data_set: DataSet, library: Library, said: Sequence[str]
) -> Found:
    """Find retyped tables of a form, as :func:`find_retyped`, each with its data window.

    Where the form is asked for two periods, a table must tell that it is of this one. ``said`` is
    the period on the cover.
    """
    scan = scan_book(book, (data_set,))
    scan = replace(scan, asked=_asked(book, scan, library.packs.packs, said))
    if all(other.form != data_set.form or other is data_set for other in library.data_sets):
        sheets, noticed = find_retyped(scan, data_set)
        return _window_above(book, sheets), noticed
    pack = library.pack_of[data_set.template]
    dated = _date_tables(book, pack, {data_set.form: find_apart(scan, data_set)}, ())
    return _of_period(scan, data_set, dated)


def _of_period(scan: Scan, data_set: DataSet, dated: Dated) -> Found:
    """The tables of a form that are of its period, the first with their data window."""
    kinds = frozenset(data_set.periods)
    chosen = [
        (parts, told)
        for parts, told in dated.tables[data_set.form]
        if len(told.kinds) == 1 and told.kinds <= kinds
    ]
    line = next((told.window for _, told in chosen if told.window is not None), None)
    sheets, noticed = read_table(scan, data_set, [part for parts, _ in chosen for part in parts])
    return _with_line(sheets, line), noticed


def _with_line(
    sheets: tuple[LocatedSheet, ...], line: WindowLine | None
) -> tuple[LocatedSheet, ...]:
    return (replace(sheets[0], line=line), *sheets[1:]) if sheets else ()


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


def _window_above(book: Workbook, sheets: tuple[LocatedSheet, ...]) -> tuple[LocatedSheet, ...]:
    """The tables with the line of the data window that stands above the first of them."""
    if not sheets or not sheets[0].data_set.layout.window:
        return sheets
    grid, top = sheets[0].grid, sheets[0].rows[HEADER_ROW]
    line = _window(lines_above(grid, top)) or _window(lines_before(book, grid.name))
    return _with_line(sheets, line)


def _window(lines: Iterable[Line]) -> WindowLine | None:
    """The last line of a data window among some lines."""
    found = [line for line in lines if is_window(line.text)]
    if not found:
        return None
    return WindowLine(found[-1].text, read_window(found[-1].text), found[-1].cell)


def _places(found: _ByForm) -> frozenset[Place]:
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


def _date_tables(
    book: Workbook, pack: Pack, apart: Mapping[str, Sequence[Sequence[Part]]], said: Sequence[str]
) -> Dated:
    """Tell the periods of the tables of a file by form.

    ``said`` are other words of the file, the best first.
    """
    parts = [part for tables in apart.values() for table in tables for part in table]
    told = {
        form: [(table, _told_by(book, table, parts, pack)) for table in tables]
        for form, tables in apart.items()
    }
    all_told = [each for tables in told.values() for _, each in tables]
    general = frozenset(kind for each in all_told for kind in each.kinds)
    for text in said if not general else ():
        general = _kinds_of(text.splitlines())
        if general:
            break
    for form, tables in told.items():
        if len(tables) == 1 and not tables[0][1].kinds:
            told[form] = [(tables[0][0], replace(tables[0][1], kinds=general))]
    known = [each for tables in told.values() for _, each in tables if len(each.kinds) == 1]
    rounds = {kind.round for each in known for kind in each.kinds}
    silent = [
        table[0].grid.name
        for tables in told.values()
        for table, each in tables
        if len(each.kinds) != 1
    ]
    return Dated(
        told,
        rounds.pop() if len(rounds) == 1 else 0,
        tuple(dict.fromkeys(silent)),
        tuple(dict.fromkeys(each.period for each in known if each.period is not None)),
    )


def _told_by(book: Workbook, parts: Sequence[Part], all_parts: Iterable[Part], pack: Pack) -> Told:
    """Read what stands above a table, up to the table before it, and the name of its sheet."""
    first = parts[0]
    name, top = first.grid.name, first.header.top
    ends = [_bottom(part) for part in all_parts if part.grid.name == name]
    start = max((end for end in ends if end <= top), default=0)
    lines = [*lines_before(book, name), *lines_above(first.grid, top, start)]
    window = _window(lines)
    days = window.window if window is not None else None
    period = _period_of(days, pack) if days is not None else None
    if period is not None:
        return Told(frozenset({period.type}), period, window)
    by_name = _kinds_of((name,)) - {PeriodType.YEAR}
    return Told(by_name | _nearest(lines), None, window)


def _bottom(part: Part) -> int:
    """The row below the last one of a table."""
    if isinstance(part, OpenPart):
        return part.body.stop
    return 1 + max(row for rows in part.claims.values() for row in rows)


def _kinds_of(texts: Iterable[str]) -> frozenset[PeriodType]:
    """Read the kinds of period that texts name.

    "Năm 2026" on a line of its own may be the year of what another one names: it counts alone only.
    """
    several = list(texts)
    clear = frozenset(kind for text in several for kind in _clear(text))
    whole = any(_YEAR.fullmatch(tidy(text).casefold()) for text in several)
    return clear or frozenset({PeriodType.YEAR} if whole else ())


def period_told(texts: Sequence[str], packs: Iterable[Pack]) -> NamedPeriod:
    """Return the period that lines of a file name, as far as they agree about it."""
    lines = (read_window(text) for text in texts if is_window(text))
    windows = [window for window in lines if window is not None]
    plain = [text for text in texts if not is_window(text)]
    naming = [text for text in plain if _kinds_of((text,))]
    years = {int(year) for text in naming for year in _YEARS.findall(text)}
    years |= {window.end.year for window in windows}
    known = {_period_of(window, pack) for window in windows for pack in packs} - {None}
    kinds = {period.type for period in known if period is not None} | _kinds_of(plain)
    return NamedPeriod(years.pop() if len(years) == 1 else None, frozenset(kinds))


def _nearest(lines: Sequence[Line]) -> frozenset[PeriodType]:
    """Kinds of period in the nearest line that names any."""
    texts = [line.text for line in lines if not is_window(line.text)]
    found = (_clear(text) for text in reversed(texts))
    return next((kinds for kinds in found if kinds), _kinds_of(texts))


def _clear(text: str) -> frozenset[PeriodType]:
    """Kinds of period in a text, without a year that may only be that of another kind."""
    named = kinds_named(text)
    return named if "cả năm" in text.casefold() else named - {PeriodType.YEAR}


def _period_of(window: DataWindow, pack: Pack) -> Period | None:
    """The period of a pack that has a data window, a few days more or less."""
    for kind in pack.windows:
        period = Period(window.end.year, kind)
        asked = pack.window(period)
        if asked is not None and all(
            abs(one - other) <= _CLOSE
            for one, other in ((asked.start, window.start), (asked.end, window.end))
        ):
            return period
    return None
