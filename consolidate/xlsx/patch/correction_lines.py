"""Word the list "Cần sửa", and write it as a sheet of a copy; read what an earlier one remembers.

A hidden column of the sheet keeps the fills that marked cells had, so that the copy of a copy gives
them back.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.anchors import RETURN_SIGNATURE
from consolidate.model.cells import Cell, CellRef, column_letters, parse_a1
from consolidate.model.reasons import Finding, Severity, sorted_findings
from consolidate.xlsx.patch.style_part import NO_FILL, Fill, StylePart, read_fill, solid
from consolidate.xlsx.patch.xml_places import ascii_xml, escaped
from consolidate.xlsx.write.form_styles import (
    ACCENT,
    DOUBT_COLOURS,
    ERROR_COLOURS,
    FONT,
    HEADER_FILL,
    HIGHEST,
    LIST_SIZE,
    TITLE_SIZE,
)
from consolidate.xlsx.write.safe_text import LINK_LIMIT, clean, cut_to
from consolidate.xlsx.write.text_sizes import column_points, lines_needed, row_height

COLUMNS = ("number", "severity", "sheet", "cell", "found", "expected", "message")
WIDTHS = (5.0, 10.0, 13.0, 13.0, 19.0, 19.0, 62.0)
"""Widths of the columns in characters; a hidden one for the program follows them."""
CENTRED = ("number", "severity", "sheet", "cell")
LANDSCAPE_MARGINS = {"left": 0.5, "right": 0.4, "top": 0.6, "bottom": 0.6}
"""Margins of the printed page in inches."""
FILLS = {
    Severity.ERROR: ERROR_COLOURS[1].lstrip("#"),
    Severity.WARNING: DOUBT_COLOURS[1].lstrip("#"),
}
"""Colours of marked cells."""
_LONGEST = 2_000
"""Letters of a text of a finding that the sheet shows."""
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_KEPT = len(COLUMNS)
"""Zero-based hidden column of what the program keeps."""
_LONGEST_KEPT = 30_000
_HEADINGS = 12
"""Rows in which the signature may stand after a person inserted some."""

Tint = tuple[CellRef, Fill]
"""A marked cell and the fill that it had."""


@dataclass(frozen=True, slots=True)
class ListHeading:
    """Unit, form and period of the return; ``reason`` is why it is held or rejected."""

    unit: str
    report: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """One finding with its number; the texts are safe to write into a cell or a comment."""

    number: int
    severity: Severity
    sheet: str
    address: str
    found: str
    expected: str
    message: str
    cells: tuple[CellRef, ...]

    @property
    def word(self) -> str:
        """The severity as people say it."""
        return text(f"terms.severity.{self.severity.value}")

    @property
    def texts(self) -> tuple[str, ...]:
        """Texts of the columns after the number."""
        return (self.word, self.sheet, self.address, self.found, self.expected, self.message)

    @property
    def height(self) -> float:
        """Height of the row in points."""
        needed = (
            lines_needed(said, column_points(width), LIST_SIZE)
            for said, width in zip(self.texts, WIDTHS[1:], strict=True)
        )
        return min(row_height(max(needed), LIST_SIZE), HIGHEST)


def lines_of(findings: Iterable[Finding]) -> tuple[CorrectionLine, ...]:
    """Findings in the order of every report, numbered from 1."""
    return tuple(
        CorrectionLine(
            number,
            finding.severity,
            _short(finding.sheet or (finding.cells[0].sheet if finding.cells else "")),
            _short(finding.address),
            _short(sentence(finding.found)),
            _short(sentence(finding.expected)),
            _short(sentence(finding.message)),
            finding.cells,
        )
        for number, finding in enumerate(sorted_findings(findings), 1)
    )


def head_texts(
    heading: ListHeading, lines: Iterable[CorrectionLine], *, copy: bool, left_out: int
) -> list[str]:
    """Return the lines above the table: title, whose return, what to do, how much there is.

    ``copy`` says that the sheet is in the workbook of the unit; ``left_out`` is the number of
    cells that were not marked there, because there are too many.
    """
    counts = Counter(line.severity for line in lines)
    said = [
        text("annotate.title"),
        text("annotate.whose", unit=heading.unit, report=heading.report),
        text("annotate.hint" if copy else "annotate.hint_list"),
        text(
            "annotate.counts",
            errors=counts[Severity.ERROR],
            warnings=counts[Severity.WARNING],
            notes=counts[Severity.INFO],
        ),
    ]
    if heading.reason:
        said.insert(2, text("annotate.reason", reason=heading.reason))
    if left_out:
        said[-1] += " " + text("annotate.left_out", count=left_out)
    return [clean(line) for line in said]


def caption(name: str) -> str:
    """Heading of a column."""
    return text(f"annotate.column.{name}")


def _short(said: str) -> str:
    return cut_to(clean(said), _LONGEST)


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
    across = sum(map(column_points, WIDTHS))
    rows = []
    for number, said in enumerate(head, 1):
        size, look = (TITLE_SIZE, "title") if number == 1 else (LIST_SIZE, "plain")
        height = row_height(lines_needed(said, across, size, bold=number == 1), size)
        rows.append(_row(number, height, [_text(0, number, said, looks[look])]))
    header = len(head) + 1
    titles = [_text(at, header, caption(name), looks["head"]) for at, name in enumerate(COLUMNS)]
    signature = _text(_KEPT, header, RETURN_SIGNATURE, looks["plain"])
    rows.append(_row(header, 18.0, [*titles, signature]))
    links: list[str] = []
    for number, line in enumerate(lines, header + 1):
        target = _target(line, linked) if len(links) < LINK_LIMIT else ""
        if target:
            where = f"{column_letters(COLUMNS.index('cell'))}{number}"
            links.append(f'<hyperlink ref="{where}" location="{escaped(target)}"/>')
        rows.append(_line_row(number, line, kept.get(line.number, ()), looks, link=bool(target)))
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
        content = row[_KEPT] if len(row) > _KEPT else ""
        if not isinstance(content, str) or not content.startswith("["):
            continue
        with contextlib.suppress(ValueError, TypeError, RecursionError):
            for sheet, address, kept in json.loads(content):
                at, fill = parse_a1(address), read_fill(kept)
                if at is not None and fill is not None and isinstance(sheet, str):
                    found[CellRef(sheet, *at)] = fill
    return found


def _looks(styles: StylePart) -> dict[str, int]:
    """Looks of the sheet by name: title, plain, head, link, each column, each severity."""
    name = f'<name val="{FONT}"/>'
    plain = f'<sz val="{LIST_SIZE}"/>{name}<family val="1"/>'
    title = f'<b/><sz val="{TITLE_SIZE}"/>{name}<family val="1"/>'
    blue = f'<u/><sz val="{LIST_SIZE}"/><color rgb="FF{ACCENT[1:]}"/>{name}'
    left = 'vertical="center" wrapText="1"'
    middle = f'horizontal="center" {left}'
    grey = solid(HEADER_FILL[1:])
    found = {
        "title": styles.own(title, align=middle),
        "plain": styles.own(plain, align=left),
        "head": styles.own(f"<b/>{plain}", grey, border=True, align=middle),
    }
    for column in COLUMNS:
        align = middle if column in CENTRED else left
        found[column] = styles.own(plain, border=True, align=align)
    for severity in Severity:
        fill = solid(FILLS[severity]) if severity in FILLS else NO_FILL
        found[severity] = styles.own(plain, fill, border=True, align=middle)
    return {**found, "link": styles.own(blue, border=True, align=middle)}


def _target(line: CorrectionLine, linked: frozenset[str]) -> str:
    """Where the link of a line leads in the workbook, ``""`` for nowhere."""
    if line.cells:
        return line.cells[0].quoted if line.cells[0].sheet in linked else ""
    return CellRef(line.sheet, 0, 1).quoted if line.sheet in linked else ""


def _line_row(
    number: int,
    line: CorrectionLine,
    kept: Sequence[Tint],
    looks: Mapping[str, int],
    *,
    link: bool,
) -> str:
    cells = [f'<c r="A{number}" s="{looks["number"]}"><v>{line.number}</v></c>']
    for at, (name, said) in enumerate(zip(COLUMNS[1:], line.texts, strict=True), 1):
        if name == "severity":
            cells.append(_text(at, number, said, looks[line.severity]))
        elif name == "cell" and link:
            cells.append(_text(at, number, said or "→", looks["link"]))
        else:
            cells.append(_text(at, number, said, looks[name]))
    entries = [[cell.sheet, cell.a1, list(fill)] for cell, fill in kept]
    while entries:
        shown = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
        if len(shown) <= _LONGEST_KEPT:
            cells.append(_text(_KEPT, number, shown, looks["plain"]))
            break
        entries = entries[: len(entries) // 2]
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
