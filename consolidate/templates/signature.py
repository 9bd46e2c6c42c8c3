"""The foot of an official form: place and date, who made it, who signs it."""

from __future__ import annotations

from dataclasses import dataclass

from consolidate.definitions.catalogue import text
from consolidate.templates.check_sheet.live import (
    CoverCells,
    LiveText,
    echo_line,
    place_line,
    signatory_title_line,
)
from consolidate.templates.form_page import Page
from consolidate.xlsx.write.form_styles import TABLE_SIZE, TEXT_SIZE
from consolidate.xlsx.write.measure import lines_needed, row_height

_TITLE_LINES = 2
"""Lines kept for a title, which is typed after the height of its row is set: "KT. GIÁM ĐỐC …"."""
_ROOM = 57.0
"""Height in points left for signature and seal."""


@dataclass(frozen=True, slots=True)
class SignatureTexts:
    """Texts of the block: left one title and name, right place and date, title and name."""

    place: str | LiveText
    left_title: str | LiveText
    left_name: str | LiveText
    right_title: str | LiveText
    right_name: str | LiveText


def signatures_of(cover: CoverCells) -> SignatureTexts:
    """The block of a form: filled in from the cover, ready to sign by hand while that is blank."""
    return SignatureTexts(
        place=place_line(cover),
        left_title=text("template.sign.officer"),
        left_name=echo_line(cover, "officer"),
        right_title=signatory_title_line(cover),
        right_name=echo_line(cover, "signatory"),
    )


def write_signatures(page: Page, top: int, texts: SignatureTexts) -> int:
    """Write the block, five rows from ``top`` on; return its last row."""
    columns, styles = page.columns, page.styles
    first, middle, last = columns.first, columns.middle, columns.last
    bold, note = styles.named("signature"), styles.named("signature_note")
    page.merge(top, middle, last, texts.place, styles.named("place"))
    page.set_height(top, row_height(1, TEXT_SIZE))
    lines = _TITLE_LINES
    for start, end, title in (
        (first, middle - 1, texts.left_title),
        (middle, last, texts.right_title),
    ):
        page.merge(top + 1, start, end, title, bold)
        shown = title.value if isinstance(title, LiveText) else title
        lines = max(lines, lines_needed(shown, columns.span(start, end), TEXT_SIZE, bold=True))
        page.merge(top + 2, start, end, text("template.sign.instruction"), note)
    page.set_height(top + 1, row_height(lines, TEXT_SIZE))
    page.set_height(top + 2, row_height(1, TABLE_SIZE))
    page.set_height(top + 3, _ROOM)
    lines = 1
    for start, end, name in (
        (first, middle - 1, texts.left_name),
        (middle, last, texts.right_name),
    ):
        page.merge(top + 4, start, end, name, bold)
        shown = name.value if isinstance(name, LiveText) else name
        lines = max(lines, lines_needed(shown, columns.span(start, end), TEXT_SIZE, bold=True))
    page.set_height(top + 4, row_height(lines, TEXT_SIZE))
    return top + 4
