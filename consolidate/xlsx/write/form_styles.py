"""Give cells their looks: the one table of fonts, colours and formats of all our workbooks."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any

from consolidate.definitions.catalogue import text
from consolidate.model.corrections import ADJUSTED
from consolidate.model.datasets import ValueType
from consolidate.model.reasons import Severity
from consolidate.xlsx.write.atomic_files import CREATED

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

FONT = "Times New Roman"
TABLE_SIZE = 12
"""Font size of tables, in points."""
TEXT_SIZE = 13
"""Font size outside tables, in points."""
LIST_SIZE = 11
"""Font size of the lists and matrices of the summary, in points."""
TITLE_SIZE = 14
"""Font size of titles, in points."""
SMALL_SIZE = 9
"""Font size of file names and addresses, in points."""
HIGHEST = 400.0
"""Greatest height of a row, in points; Excel allows 409."""
INPUT_FILL = "#FFF8DC"
"""Light cream of the cells to fill in; nearly white on paper."""
LOCKED_FILL = "#D9D9D9"
"""Grey of cells that take no answer."""
HEADER_FILL = "#F2F2F2"
"""Very light grey of table headings."""
GOOD_COLOURS = ("#006100", "#C6EFCE")
DOUBT_COLOURS = ("#7F6000", "#FFEB9C")
ERROR_COLOURS = ("#9C0006", "#FFC7CE")
"""Ink and fill of what is in order, doubtful, wrong; they differ in grey too."""
UNBEGUN_COLOURS = ("#404040", "#D9D9D9")
"""Ink and fill of what nobody has begun."""
ACCENT = "#1F3864"
"""Colour of links and of the tabs of data sheets."""
RED = "#C00000"
"""Colour of what needs a person."""
AMBER = "#E0A800"
"""Colour of warnings in charts."""
GREY = "#8497B0"
"""Colour of notes in charts."""
GREEN = "#548235"
"""Colour of what has been received in charts."""

BLANK_FILL = "#EDEDED"
"""Light grey of a figure that a unit left blank."""
SEVERITY_FILLS = {Severity.ERROR: "#F8CBCB", Severity.WARNING: "#FFF2B3"}
"""Fill of a figure that a finding speaks of."""
LINE_COLOUR = "#7F7F7F"
"""Grey of the lines between cells of the summary."""
DATE_FORMAT = "dd/mm/yyyy"
TEXT_FORMAT = "@"
COUNT_FORMAT = "#,##0"
DECIMAL_FORMAT = "#,##0.###"
"""Shows every decimal; ``forms.inputs.hide_trailing_point`` tidies whole numbers."""
YEAR_FORMAT = "0"
NUMBER_FORMATS = {"n0": "#,##0", "n1": "#,##0.0", "n2": "#,##0.00", "n3": "#,##0.000"}
"""Number formats by the trait that :func:`number_trait` gives."""

_FORMATS: Mapping[ValueType, str] = {
    ValueType.COUNT: COUNT_FORMAT,
    **dict.fromkeys((ValueType.MONEY, ValueType.AREA, ValueType.NUMBER), DECIMAL_FORMAT),
    ValueType.DATE: DATE_FORMAT,
}
_LETTERS: dict[str, Any] = {"font_name": FONT, "font_scheme": "none", "font_family": 1}
_BOX: dict[str, Any] = {"border": 1, "valign": "vcenter", "text_wrap": True}
_HEAD: dict[str, Any] = {"bold": True, "align": "center", "valign": "top"}
_LARGE: dict[str, Any] = {"valign": "vcenter", "font_size": TEXT_SIZE}
_NAMED: Mapping[str, Mapping[str, Any]] = {
    "code": {"font_size": 8, "font_color": "#808080"},
    "text": {**_LARGE, "text_wrap": True},
    "note": {"italic": True, "text_wrap": True, "valign": "vcenter"},
    "unit_name": {**_HEAD, "text_wrap": True},
    "motto": _HEAD,
    "motto_underlined": {**_HEAD, "font_size": TEXT_SIZE, "underline": 1},
    "form_code": {**_LARGE, "bold": True, "align": "right"},
    "title": {**_HEAD, "valign": "vcenter", "text_wrap": True, "font_size": TITLE_SIZE},
    "subtitle": {**_LARGE, "italic": True, "align": "center", "text_wrap": True},
    "header": {**_BOX, "bold": True, "align": "center", "bg_color": HEADER_FILL},
    "cell": {**_BOX},
    "center": {**_BOX, "align": "center"},
    # No indent: LibreOffice drops the indent of some right-aligned cells and keeps that of others.
    "number": {**_BOX, "align": "right", "num_format": COUNT_FORMAT},
    "decimal": {**_BOX, "align": "right", "num_format": DECIMAL_FORMAT},
    "date": {**_BOX, "align": "center", "num_format": DATE_FORMAT},
    "section": {**_BOX, "bold": True},
    "subsection": {**_BOX, "italic": True},
    "locked": {**_BOX, "bg_color": LOCKED_FILL},
    "place": {**_LARGE, "italic": True, "align": "center"},
    "signature": {**_HEAD, "text_wrap": True, "font_size": TEXT_SIZE},
    "signature_note": {"italic": True, "align": "center", "valign": "top"},
}
"""Looks of the official forms, each a whole, by name."""
_AWAY = "_)"
"""Blank of a number format that keeps figures off the border; every program leaves it."""
_SIGNED: Mapping[str, Mapping[str, Any]] = {
    "header": {**_BOX, "bold": True, "align": "center"},
    "superior": {"align": "center", "valign": "bottom", "text_wrap": True},
    "agency": {**_HEAD, "text_wrap": True},
    "rule": {"align": "center", "valign": "top", "font_size": 6},
}
"""Looks of a page that is signed and goes up, as the circular prints it."""
ADJUSTED_LOOK: dict[str, Any] = {"font_color": ACCENT, "italic": True, "bold": True}
"""A figure that the province replaced by another."""
_LINES: dict[str, Any] = {"border": 1, "border_color": LINE_COLOUR}
_TRAITS: Mapping[str, Mapping[str, Any]] = {
    "line": {"text_wrap": True},
    "cell": {**_LINES, "text_wrap": True},
    "head": {**_LINES, "text_wrap": True, "bold": True, "align": "center", "bg_color": "#DDE5F1"},
    "unwrapped": {"text_wrap": False},
    "turned": {"rotation": 90, "align": "center"},
    "title": {"bold": True, "font_size": TITLE_SIZE, "align": "center", "text_wrap": True},
    "chapter": {"bold": True, "font_size": 12, "font_color": ACCENT},
    "headline": {"bold": True, "font_size": 13, "align": "center", "text_wrap": True},
    "center": {"align": "center"},
    "left": {"align": "left"},
    "bold": {"bold": True},
    "italic": {"italic": True},
    "small": {"font_size": SMALL_SIZE},
    "indent": {"indent": 1},
    "indent2": {"indent": 2},
    "link": {"font_color": ACCENT, "underline": 1},
    "drawn": _LINES,
    "drawn_section": {**_LINES, "bg_color": "#F2F2F2"},
    "section": {"bold": True, "bg_color": "#F2F2F2"},
    "total": {"bold": True, "bg_color": "#EEF3FA"},
    "blank": {"bg_color": BLANK_FILL},
    "absent": {"pattern": 14, "fg_color": "#BFBFBF", "bg_color": "#FFFFFF"},
    **{severity.value: {"bg_color": fill} for severity, fill in SEVERITY_FILLS.items()},
    "info": {},
    "red": {"font_color": RED},
    "unseen": {"font_color": "#FFFFFF"},
    ADJUSTED: ADJUSTED_LOOK,
    "percent": {"num_format": "0.0%"},
    "change": {"num_format": "+0.0%;-0.0%;0.0%"},
    **{trait: {"num_format": code} for trait, code in NUMBER_FORMATS.items()},
    **{
        f"s{trait[1:]}": {"num_format": f"+{code};-{code};0"}
        for trait, code in NUMBER_FORMATS.items()
    },
    "right": {"align": "right"},
}
"""Looks of the summary as traits that are combined, later ones over earlier ones.

The letter of a number format says whether its sign is always shown (``s``), the digit how many
decimals. Differences of ratios (``p``) are in percentage points: see :func:`_trait`.
"""


def number_format(kind: ValueType) -> str:
    """Find the number format of an answer; whole numbers never show a decimal point."""
    return _FORMATS.get(kind, TEXT_FORMAT)


def number_trait(number: Decimal | None) -> str:
    """Trait with as many decimals as the number has, three at most: no separator is left over."""
    exponent = number.normalize().as_tuple().exponent if number is not None else 0
    return f"n{min(3, max(0, -exponent))}" if isinstance(exponent, int) else "n0"


def _trait(name: str) -> Mapping[str, Any]:
    """Look up a trait.

    Raises:
        KeyError: there is no such trait.
    """
    if name[:1] == "p" and f"n{name[1:]}" in NUMBER_FORMATS:
        code, points = NUMBER_FORMATS[f"n{name[1:]}"], text("summary.comparison.points")
        return {"num_format": f'+{code}" {points}";-{code}" {points}";0" {points}"'}
    return _TRAITS[name]


def open_workbook(
    target: IO[bytes], *, locked: bool = False, quick: bool = False, **facts: str
) -> Workbook:
    """Make a new workbook in the house font whose texts never turn into formulas or links.

    ``facts`` are its properties, such as ``title``; the time of its making is always the same. In
    a ``locked`` one no sheet can be added, deleted, renamed or moved until a person unlocks its
    structure; there is no password. A ``quick`` one, which may be very large, is compressed in a
    fifth of the time and is a sixth larger.
    """
    from consolidate.xlsx.write.streamed_workbook import StreamedWorkbook

    workbook = StreamedWorkbook(
        target,
        {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_format_properties": {**_LETTERS, "font_size": LIST_SIZE},
        },
        locked=locked,
        level=2 if quick else None,
    )
    workbook.set_properties({**facts, "created": CREATED})
    return workbook


class Styles:
    """The formats of one workbook, each made once.

    XlsxWriter formats belong to a workbook; equal properties give the same format object.
    ``signed`` are the looks of pages that go up: no fill to type into, figures off the border.
    """

    def __init__(self, workbook: Workbook, *, signed: bool = False) -> None:
        self._workbook = workbook
        self._signed = signed
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._combined: dict[tuple[str, ...], Format] = {}

    def get(self, **properties: Any) -> Format:
        """Make a format with these properties of XlsxWriter, else in Times New Roman 12."""
        shown = properties.get("num_format", "")
        if self._signed and properties.get("align") == "right" and shown[:1] in ("#", "@"):
            properties["num_format"] = f"{shown}{_AWAY}"
        key = tuple(sorted(properties.items()))
        made = self._made.get(key)
        if made is None:
            made = self._workbook.add_format({**_LETTERS, "font_size": TABLE_SIZE, **properties})
            self._made[key] = made
        return made

    @cached_property
    def whole_number(self) -> Format:
        """Conditional format of whole numbers among decimals: number format only."""
        return self._workbook.add_format({"num_format": COUNT_FORMAT})

    def named(self, name: str, **more: Any) -> Format:
        """Make a format of the house by name, with properties added or replaced.

        Names: code, text, note, unit_name, motto, motto_underlined, form_code, title,
        subtitle, header, cell, center, number, decimal, date, section, subsection, locked,
        place, signature, signature_note; of ``signed`` pages superior, agency, rule too.

        Raises:
            KeyError: no style has this name.
        """
        known = {**_NAMED, **_SIGNED} if self._signed else _NAMED
        return self.get(**{**known[name], **more})

    def of(self, *traits: str) -> Format:
        """Make a format of the summary with these traits, later ones over earlier ones.

        Raises:
            KeyError: there is no such trait.
        """
        made = self._combined.get(traits)
        if made is None:
            properties: dict[str, Any] = {"font_size": LIST_SIZE, "valign": "vcenter"}
            for trait in traits:
                properties.update(_trait(trait))
            made = self._combined[traits] = self.get(**properties)
        return made


def put_mark(sheet: Worksheet, mark: str) -> None:
    """Put a mark of confidentiality above every printed page of a sheet; nothing for ``""``."""
    if mark:
        sheet.set_header(f'&L&"{FONT},Bold"&14{mark.upper()}', {"margin": _MARK_MARGIN})


_MARK_MARGIN = 0.3
"""Inches from the edge of the paper to the mark."""
