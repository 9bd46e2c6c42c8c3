"""Convert workbooks typed in TCVN3 or VNI to Unicode; each text keeps what the file holds.

An ordinary return costs one look at its different texts; labels of the forms are remembered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Set
from dataclasses import replace
from functools import lru_cache

from consolidate.intake.locate_sheets import is_added
from consolidate.intake.typed_text.legacy_text import (
    KINDS,
    UNICODE,
    Legacy,
    kind_of_font,
    legacy,
    suspicious,
)
from consolidate.model.cells import Cell
from consolidate.model.datasets import Heading, Library
from consolidate.model.returns import Anomaly
from consolidate.xlsx.read.grid import CellOrigin, Grid, Workbook

_PLAIN: set[str] = set()
"""Texts that are beyond suspicion, met before; labels of the forms above all."""
_MOST, _LONGEST = 20_000, 500
"""How many such texts are remembered, and characters of the longest."""
_NAMES = {"tcvn3": "TCVN3 (ABC)", "vni": "VNI"}


def convert_workbook(book: Workbook, library: Library) -> Workbook:
    """Convert every text of an old encoding to Unicode; the same object if there is nothing to do.

    Texts that tell their encoding settle it for the workbook. Texts that could be either follow
    when the fonts or most of the other typed texts are of that encoding; texts of the forms
    themselves never do. Names of sheets stay as they are: addresses are made of them.
    """
    unknown = _typed(book, _PLAIN)
    if not any(suspicious(text) for text in unknown):
        if len(_PLAIN) < _MOST:
            # Whatever the workbook, they stay as they are.
            _PLAIN.update(t for t in unknown if len(t) <= _LONGEST and UNICODE.search(t))
        return book
    answers = _typed(book, _own_texts(library))
    changed = {text: found for text in answers if (found := legacy(text)).kind}
    fonts = book.fonts()
    kind = _kind(changed, fonts)
    if kind:
        hint = _capital_font(kind, fonts) or kind
        unicode = sum(1 for text in answers if UNICODE.search(text) and text not in changed)
        for text in answers:
            either = not suspicious(text) and not UNICODE.search(text)
            known = changed.get(text)
            if (known and known.kind != kind) or (not known and either and unicode > len(changed)):
                continue
            found = legacy(text, hint)
            if found.kind:
                changed[text] = found
    if not changed:
        return book
    return replace(
        book,
        sheets=tuple(
            sheet if is_added(sheet) else _converted(sheet, changed) for sheet in book.sheets
        ),
    )


def all_plain(cells: Iterable[Cell]) -> bool:
    """Tell whether no text among cells has letters that Vietnamese in Unicode has not."""
    unknown = set(cells) - _PLAIN
    texts = (cell for cell in unknown if isinstance(cell, str) and not cell.isascii())
    return not any(map(suspicious, texts))


def legacy_anomalies(book: Workbook) -> Iterator[Anomaly]:
    """Make one note for each old encoding: how many cells were converted."""
    counted = Counter(
        origin.how
        for sheet in book.sheets
        for cell, origin in sheet.origins.items()
        if cell not in sheet.facts.formulas  # An echo of another cell.
    )
    for kind in KINDS:
        if counted[kind]:
            yield Anomaly("legacy_text", found=_NAMES[kind], expected=str(counted[kind]))


def _typed(book: Workbook, known: Set[str]) -> list[str]:
    """Different texts of a workbook with letters beyond ASCII, known ones left out."""
    cells: set[object] = set()
    for sheet in book.sheets:
        if is_added(sheet):
            continue  # It quotes the others.
        cells.update(*sheet.rows)
    cells -= known
    return sorted(cell for cell in cells if isinstance(cell, str) and not cell.isascii())


def _kind(changed: dict[str, Legacy], fonts: tuple[str, ...]) -> str:
    """The encoding of the workbook, by most of its telling texts, else by its only such font."""
    counted = Counter(found.kind for found in changed.values()).most_common()
    if counted and (len(counted) == 1 or counted[0][1] > counted[1][1]):
        return counted[0][0]
    kinds = {kind for font in fonts if (kind := kind_of_font(font))}
    return kinds.pop() if len(kinds) == 1 else ""


def _capital_font(kind: str, fonts: tuple[str, ...]) -> str:
    """The font of the encoding if the workbook has it in capitals only."""
    named = [font for font in fonts if kind_of_font(font) == kind]
    return named[0] if named and all(font.casefold().endswith("h") for font in named) else ""


def _converted(sheet: Grid, changed: dict[str, Legacy]) -> Grid:
    origins = dict(sheet.origins)
    rows = list(sheet.rows)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            found = changed.get(cell) if isinstance(cell, str) else None
            if found is None or found.text == cell:
                continue
            if rows[number] is row:
                rows[number] = list(row)
            rows[number][column] = found.text
            origins[number, column] = CellOrigin(str(cell), found.kind)
    return replace(sheet, rows=rows, origins=origins) if origins else sheet


@lru_cache(maxsize=4)
def _own_texts(library: Library) -> Set[str]:
    """Texts that the forms themselves bring: labels, headings, units of measure, choices."""
    own = {*library.texts}
    for data_set in (library.cover, *library.packs.forms):
        layout = data_set.layout
        own |= {data_set.title, data_set.short_title, data_set.sheet, *layout.title}
        own |= {layout.number_header, layout.label_header, layout.unit_header, layout.form_code}
        for column in data_set.columns:
            own |= {column.label, column.group, column.level}
        for item in data_set.body:
            own.add(item.label)
            if not isinstance(item, Heading):
                own |= {item.unit, item.group, item.second_label, item.second_unit, *item.choices}
    return frozenset(own)
