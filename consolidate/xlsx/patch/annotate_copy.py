"""Write findings into a copy of a returned .xlsx: filled cells, comments, a list in front."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from consolidate.definitions.catalogue import text
from consolidate.model.anchors import NOTE_MARK, RETURN_SHEET
from consolidate.model.cells import CellRef
from consolidate.model.reasons import Finding, Severity
from consolidate.xlsx.patch.correction_lines import (
    FILLS,
    CorrectionLine,
    ListHeading,
    Tint,
    head_texts,
    is_list,
    kept_tints,
    lines_of,
    list_sheet,
)
from consolidate.xlsx.patch.marked_sheet import (
    NOTES_TYPE,
    SHAPES_TYPE,
    Cell,
    Sheet,
    can_hold,
    unselected,
    with_notes,
    with_shapes,
)
from consolidate.xlsx.patch.package_parts import (
    PackageParts,
    SheetOf,
    WorkbookPart,
    with_relation_prefix,
)
from consolidate.xlsx.patch.style_part import STYLES, Fill, StylePart, solid
from consolidate.xlsx.patch.xml_places import NotPatched
from consolidate.xlsx.read.defined_names import carries_no_answers
from consolidate.xlsx.read.package_gate import Limits, Refused
from consolidate.xlsx.read.read_workbook import read_workbook
from consolidate.xlsx.write.safe_text import cut_to, sheet_name

MOST_MARKED = 2_000
"""Cells that are marked at most; the list names them all."""
_LONGEST_NOTE = 1_500
CARRIES = (
    *("has_addins", "has_connections", "has_controls", "has_dde", "has_hyperlinks", "has_links"),
    *("has_macros", "has_objects"),
)
"""Contents of a workbook that we must not pass on."""


@dataclass(slots=True)
class _Mark:
    """Mark of a cell: the colour of its worst finding and the text of its comment."""

    severity: Severity
    said: list[str] = field(default_factory=list)


Marks = Mapping[Cell, _Mark]


def annotate(
    data: bytes,
    findings: Iterable[Finding],
    heading: ListHeading,
    limits: Limits | None = None,
) -> bytes:
    """Write the findings into a workbook; parts that they do not concern keep their bytes.

    The copy is a return like the workbook itself: no value, name, rule or seal changes. Marks of
    an earlier copy in ``data`` give way to those of ``findings``. The same arguments give the same
    bytes.

    Args:
        data: a workbook that intake read as a return.
        findings: what to mark; the cells of errors and warnings are filled.
        heading: whose return it is.
        limits: bounds of the package, those of intake by default.

    Raises:
        NotPatched: the file is no .xlsx that a copy can be made of; ``reason`` says why.
    """
    limits = limits or Limits()
    lines = lines_of(findings)
    carried = {f"structure.{kind}" for kind in CARRIES}
    if any(finding.rule in carried for finding in findings):
        raise NotPatched("carries")
    parts = PackageParts(data, limits)
    book = WorkbookPart(parts)
    styles = StylePart(parts.read(STYLES))
    listed, before = _earlier(data, book, limits)
    sheets = {sheet.name: sheet for sheet in book.sheets if sheet is not listed}
    # Of two selected sheets Excel makes a group: what is typed into one is typed into both.
    for sheet in book.sheets:
        xml = parts.read(sheet.part)
        if sheet is not listed and (made := unselected(xml)) is not xml:
            parts.put(sheet.part, made)
    opened = cache(lambda part: Sheet(parts.read(part)))
    marks, kept, left_out = _marks(sheets, opened, lines, styles, before)
    # Groups of shapes are numbered as the sheets of the copy are.
    for group, sheet in enumerate(book.sheets, 2 if listed is None else 1):
        if sheet is not listed:
            restored = {(c.row, c.column): f for c, f in before.items() if c.sheet == sheet.name}
            _patch(parts, styles, sheet, opened, marks.get(sheet.name, {}), restored, group)
    head = head_texts(heading, lines, copy=True, left_out=left_out)
    linked = frozenset(sheet.name for sheet in sheets.values() if sheet.shown)
    content = list_sheet(styles, head, lines, kept, linked)
    if listed is not None:
        parts.put(listed.part, content)
        book.open_on(listed)
    else:
        book.put_first(sheet_name(RETURN_SHEET, sheets), content, len(head) + 1)
    parts.put(STYLES, styles.xml())
    return parts.packed()


def _earlier(
    data: bytes, book: WorkbookPart, limits: Limits
) -> tuple[SheetOf | None, dict[CellRef, Fill]]:
    """The list that an earlier copy has, and the fills that it remembers."""
    own = [sheet for sheet in book.sheets if sheet.name.startswith(RETURN_SHEET)]
    if not own:
        return None, {}
    try:
        # Read as intake read it: the guidance in a return may be damaged.
        found = read_workbook(data, limits, carries_no_answers)
    except Refused:
        raise NotPatched("strange") from None
    grids = {grid.name: grid.rows for grid in found.sheets}
    for sheet in own:
        rows = grids.get(sheet.name, [])
        if is_list(rows):
            return sheet, kept_tints(rows)
    return None, {}


def _marks(
    sheets: Mapping[str, SheetOf],
    opened: Callable[[str], Sheet],
    lines: Iterable[CorrectionLine],
    styles: StylePart,
    before: Mapping[CellRef, Fill],
) -> tuple[dict[str, dict[Cell, _Mark]], dict[int, list[Tint]], int]:
    """Marks by sheet; by line, the cells marked first for it and their fills; how many are not."""
    marks: dict[str, dict[Cell, _Mark]] = {}
    kept: dict[int, list[Tint]] = {}
    done = 0
    left_out: set[CellRef] = set()
    for line in lines:
        for cell in line.cells if line.severity in FILLS else ():
            if cell.sheet not in sheets:
                continue
            of_sheet = marks.setdefault(cell.sheet, {})
            sheet = opened(sheets[cell.sheet].part)
            at = sheet.shown_at((cell.row, cell.column))
            place = CellRef(cell.sheet, *at)
            if at not in of_sheet:
                if done == MOST_MARKED:
                    left_out.add(place)
                    continue
                done += 1
                of_sheet[at] = _Mark(line.severity)
                fill = styles.fill_of(sheet.look(at))
                if _is_mark(fill) and place in before:
                    fill = before[place]
                kept.setdefault(line.number, []).append((place, fill))
            said = text(
                "annotate.note", number=line.number, severity=line.word, message=line.message
            )
            if said not in of_sheet[at].said:
                of_sheet[at].said.append(said)
    return marks, kept, len(left_out)


def _patch(
    parts: PackageParts,
    styles: StylePart,
    sheet: SheetOf,
    opened: Callable[[str], Sheet],
    marks: Marks,
    restored: Mapping[Cell, Fill],
    group: int,
) -> None:
    """Fill the cells of one sheet, give others their fill back, replace our comments."""
    noted = parts.target(sheet.part, "comments")
    if not (marks or restored or noted):
        return
    try:
        xml = opened(sheet.part)
    except NotPatched:
        if marks:
            raise
        return  # A sheet of charts, say.
    looks: dict[Cell, int] = {}
    for cell, mark in marks.items():
        looks[cell] = styles.filled(xml.look(cell), solid(FILLS[mark.severity]))
    for cell, fill in restored.items():
        if cell not in marks and _is_mark(styles.fill_of(xml.look(cell))):
            looks[cell] = styles.filled(xml.look(cell), fill)
    drawing = _note(parts, sheet.part, xml, marks, noted, group)
    made = xml.patched(looks, drawing)
    if made is not xml.xml:
        parts.put(sheet.part, made)


def _note(
    parts: PackageParts, part: str, sheet: Sheet, marks: Marks, noted: str, group: int
) -> str:
    """Write our comments; the element that leads to their shapes if the sheet had none.

    A unit's own comment stays where it is: ours then stands on the list only. So do all of ours
    on a sheet whose comments are written in a way of their own.
    """
    shapes_part = parts.by_id(part).get(sheet.drawing, "") if sheet.drawing else ""
    old = parts.read(noted) if noted else b""
    shapes = parts.read(shapes_part) if shapes_part in parts else b""
    try:
        said = {cell: _note_text(mark.said) for cell, mark in marks.items()}
        made, notes, gone = with_notes(old, said)
    except NotPatched:
        return ""
    odd = not can_hold(shapes) if shapes else bool(sheet.drawing)
    if odd or not (notes or gone):
        return ""
    drawn = with_shapes(shapes, sheet, notes, gone, group)
    if noted:
        parts.put(noted, made)
    else:
        name = parts.free_name("xl/comments", ".xml")
        parts.add(name, made, NOTES_TYPE)
        parts.relate(part, name, "comments")
    if shapes_part:
        parts.put(shapes_part, drawn)
        return ""
    name = parts.free_name("xl/drawings/vmlDrawing", ".vml")
    parts.add(name, drawn, SHAPES_TYPE)
    relation = parts.relate(part, name, "vmlDrawing")
    line = f'<{sheet.root.prefix}legacyDrawing r:id="{relation}"/>'
    return with_relation_prefix(sheet.root, line)


def _is_mark(fill: Fill) -> bool:
    colours = {f"rgb=ff{colour}".casefold() for colour in FILLS.values()}
    return fill[0] == "solid" and fill[1].casefold() in colours


def _note_text(said: Iterable[str]) -> str:
    whole = cut_to("\n".join(said), _LONGEST_NOTE, text("terms.cut.list"))
    return f"{whole}\n{text('annotate.from', mark=NOTE_MARK)}"
