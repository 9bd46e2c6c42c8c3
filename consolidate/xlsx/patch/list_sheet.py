"""Write the sheet "Cần sửa" of a copy, and read the fills that an earlier one remembers.

A hidden column keeps the fills that marked cells had, so that the copy of a copy gives them back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from consolidate.definitions.catalogue import text
from consolidate.model.anchors import RETURN_SIGNATURE
from consolidate.model.cells import Cell, CellRef, column_letters, parse_a1
from consolidate.model.reasons import Severity
from consolidate.xlsx.patch.correction_lines import (
    COLUMNS,
    FILLS,
    LANDSCAPE_MARGINS,
    WIDTHS,
    CorrectionLine,
    caption,
    head_height,
)
from consolidate.xlsx.patch.style_part import NO_FILL, Fill, StylePart, read_fill, solid
from consolidate.xlsx.patch.xml_places import ascii_xml, escaped
from consolidate.xlsx.write.form_styles import ACCENT, FONT, HEADER_FILL, LIST_SIZE, TITLE_SIZE
from consolidate.xlsx.write.source_links import LINK_LIMIT

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_KEPT = len(COLUMNS)
"""Zero-based hidden column of what the program keeps."""
_CENTRED = ("number", "severity", "sheet", "cell")
_LONGEST_KEPT = 30_000
_HEADINGS = 12
"""Rows in which the signature may stand after a person inserted some."""

Tint = tuple[CellRef, Fill]
"""A marked cell and the fill that it had."""


@dataclass(frozen=True, slots=True)
class _Looks:
    title: int
    plain: int
    head: int
    cell: Mapping[str, int]
    severity: Mapping[Severity, int]
    link: int


def list_sheet(
    styles: StylePart,
    head: Sequence[str],
    lines: Sequence[CorrectionLine],
    kept: Mapping[int, Sequence[Tint]],
    linked: frozenset[str],
) -> bytes:
    """Write the XML of the sheet.

    Args:
        styles: gets the looks of the sheet.
        head: the lines above the table, the title first.
        lines: what is to be corrected.
        kept: by the number of a line, the cells that were marked for it.
        linked: names of the sheets that a link may lead to.
    """
    looks = _looks(styles)
    last = column_letters(len(COLUMNS) - 1)
    rows = [_head_row(at, said, looks) for at, said in enumerate(head, 1)]
    header = len(head) + 1
    titles = [_text(at, header, caption(name), looks.head) for at, name in enumerate(COLUMNS)]
    rows.append(_row(header, 18.0, [*titles, _text(_KEPT, header, RETURN_SIGNATURE, looks.plain)]))
    links: list[str] = []
    for number, line in enumerate(lines, header + 1):
        target = _target(line, linked) if len(links) < LINK_LIMIT else ""
        if target:
            where = f"{column_letters(COLUMNS.index('cell'))}{number}"
            links.append(f'<hyperlink ref="{where}" location="{escaped(target)}"/>')
        rows.append(
            _line_row(
                number,
                line,
                kept.get(line.number, ()),
                looks,
                link=bool(target),
            )
        )
    columns = "".join(
        f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>'
        for at, width in enumerate(WIDTHS, 1)
    )
    merged = "".join(f'<mergeCell ref="A{at}:{last}{at}"/>' for at in range(1, header))
    margins = " ".join(f'{side}="{size}"' for side, size in LANDSCAPE_MARGINS.items())
    below = f"A{header + 1}"
    return ascii_xml(
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<worksheet xmlns="{_MAIN}"><sheetPr><tabColor rgb="FFC00000"/>'
        '<pageSetUpPr fitToPage="1"/></sheetPr>'
        '<sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0">'
        f'<pane ySplit="{header}" topLeftCell="{below}" activePane="bottomLeft" state="frozen"/>'
        f'<selection pane="bottomLeft" activeCell="{below}" sqref="{below}"/></sheetView>'
        '</sheetViews><sheetFormatPr defaultRowHeight="15"/>'
        f'<cols>{columns}<col min="{_KEPT + 1}" max="{_KEPT + 1}" width="4" hidden="1"'
        ' customWidth="1"/></cols>'
        f"<sheetData>{''.join(rows)}</sheetData>"
        f'<mergeCells count="{header - 1}">{merged}</mergeCells>'
        + (f"<hyperlinks>{''.join(links)}</hyperlinks>" if links else "")
        + f'<pageMargins {margins} header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
        f"<headerFooter><oddFooter>{escaped('&L&A&C' + text('summary.page'))}</oddFooter>"
        "</headerFooter></worksheet>"
    )


def is_list(rows: Sequence[Sequence[Cell]]) -> bool:
    """Tell whether cells are those of such a sheet."""
    return any(RETURN_SIGNATURE in row for row in rows[:_HEADINGS])


def kept_tints(rows: Iterable[Sequence[Cell]]) -> dict[CellRef, Fill]:
    """Read the fills that an earlier sheet remembers; anybody may have edited it."""
    found: dict[CellRef, Fill] = {}
    for row in rows:
        for content in row[_KEPT : _KEPT + 1]:
            if isinstance(content, str) and content.startswith("["):
                found |= _tints(content)
    return found


def _tints(content: str) -> dict[CellRef, Fill]:
    found: dict[CellRef, Fill] = {}
    try:
        entries = json.loads(content)
        for sheet, address, kept in entries:
            at, fill = parse_a1(address), read_fill(kept)
            if at is not None and fill is not None and isinstance(sheet, str):
                found[CellRef(sheet, *at)] = fill
    except (ValueError, TypeError, RecursionError):
        return found
    return found


def _looks(styles: StylePart) -> _Looks:
    plain = f'<sz val="{LIST_SIZE}"/><name val="{FONT}"/><family val="1"/>'
    bold = f"<b/>{plain}"
    title = f'<b/><sz val="{TITLE_SIZE}"/><name val="{FONT}"/><family val="1"/>'
    blue = f'<u/><sz val="{LIST_SIZE}"/><color rgb="FF{ACCENT[1:]}"/><name val="{FONT}"/>'
    left = 'vertical="center" wrapText="1"'
    middle = f'horizontal="center" {left}'
    return _Looks(
        title=styles.own(title, align=middle),
        plain=styles.own(plain, align=left),
        head=styles.own(bold, solid(HEADER_FILL[1:]), border=True, align=middle),
        cell={
            name: styles.own(plain, border=True, align=middle if name in _CENTRED else left)
            for name in COLUMNS
        },
        severity={
            severity: styles.own(
                plain,
                solid(FILLS[severity]) if severity in FILLS else NO_FILL,
                border=True,
                align=middle,
            )
            for severity in Severity
        },
        link=styles.own(blue, border=True, align=middle),
    )


def _target(line: CorrectionLine, linked: frozenset[str]) -> str:
    """Where the link of a line leads in the workbook, ``""`` for nowhere."""
    if line.cells:
        return line.cells[0].quoted if line.cells[0].sheet in linked else ""
    return CellRef(line.sheet, 0, 1).quoted if line.sheet in linked else ""


def _head_row(number: int, said: str, looks: _Looks) -> str:
    look = looks.title if number == 1 else looks.plain
    return _row(number, head_height(said, title=number == 1), [_text(0, number, said, look)])


def _line_row(
    number: int, line: CorrectionLine, kept: Sequence[Tint], looks: _Looks, *, link: bool
) -> str:
    cells = [f'<c r="A{number}" s="{looks.cell["number"]}"><v>{line.number}</v></c>']
    for at, (name, said) in enumerate(zip(COLUMNS[1:], line.texts, strict=True), 1):
        look = looks.cell[name]
        if name == "severity":
            look = looks.severity[line.severity]
        elif name == "cell" and link:
            look = looks.link
        shown = "→" if look == looks.link and not said else said
        cells.append(_text(at, number, shown, look))
    if kept:
        entries = [[cell.sheet, cell.a1, list(fill)] for cell, fill in kept]
        shown = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
        while len(shown) > _LONGEST_KEPT:
            entries = entries[: len(entries) // 2]
            shown = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
        cells.append(_text(_KEPT, number, shown, looks.plain))
    return _row(number, line.height, cells)


def _row(number: int, height: float, cells: Sequence[str]) -> str:
    return f'<row r="{number}" ht="{height:g}" customHeight="1">{"".join(cells)}</row>'


def _text(column: int, row: int, said: str, look: int) -> str:
    where = f"{column_letters(column)}{row}"
    if not said:
        return f'<c r="{where}" s="{look}"/>'
    return (
        f'<c r="{where}" s="{look}" t="inlineStr"><is><t xml:space="preserve">{escaped(said)}</t>'
        "</is></c>"
    )
