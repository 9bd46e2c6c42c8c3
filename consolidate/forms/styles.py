"""Cell formats of the official forms: Times New Roman, thin borders, ink that prints well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any

from consolidate.model.datasets import ValueType

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook

FONT = "Times New Roman"
TABLE_SIZE = 12
"""Font size of tables, in points."""
TEXT_SIZE = 13
"""Font size outside tables, in points."""
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
DATE_FORMAT = "dd/mm/yyyy"
TEXT_FORMAT = "@"
COUNT_FORMAT = "#,##0"
DECIMAL_FORMAT = "#,##0.###"
"""Shows every decimal; ``forms.inputs.hide_trailing_point`` tidies whole numbers."""
YEAR_FORMAT = "0"

_FORMATS: Mapping[ValueType, str] = {
    ValueType.COUNT: COUNT_FORMAT,
    ValueType.MONEY: DECIMAL_FORMAT,
    ValueType.AREA: DECIMAL_FORMAT,
    ValueType.PERCENTAGE: TEXT_FORMAT,
    ValueType.DATE: DATE_FORMAT,
    ValueType.TEXT: TEXT_FORMAT,
    ValueType.CHOICE: TEXT_FORMAT,
}
_BOX = {"border": 1, "valign": "vcenter", "text_wrap": True}
_NAMED: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "code": {"font_size": 8, "font_color": "#808080"},
    "text": {"font_size": TEXT_SIZE, "text_wrap": True, "valign": "vcenter"},
    "note": {"italic": True, "text_wrap": True, "valign": "vcenter"},
    "unit_name": {"bold": True, "align": "center", "valign": "top", "text_wrap": True},
    "motto": {"bold": True, "align": "center", "valign": "top"},
    "motto_underlined": {
        "bold": True,
        "align": "center",
        "valign": "top",
        "font_size": TEXT_SIZE,
        "underline": 1,
    },
    "form_code": {
        "bold": True,
        "align": "right",
        "valign": "vcenter",
        "font_size": TEXT_SIZE,
    },
    "title": {
        "bold": True,
        "align": "center",
        "valign": "vcenter",
        "text_wrap": True,
        "font_size": 14,
    },
    "subtitle": {
        "italic": True,
        "align": "center",
        "valign": "vcenter",
        "text_wrap": True,
        "font_size": TEXT_SIZE,
    },
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
    "place": {"italic": True, "align": "center", "valign": "vcenter", "font_size": TEXT_SIZE},
    "signature": {
        "bold": True,
        "align": "center",
        "valign": "top",
        "text_wrap": True,
        "font_size": TEXT_SIZE,
    },
    "signature_note": {"italic": True, "align": "center", "valign": "top"},
}


def number_format(kind: ValueType) -> str:
    """Number format of an answer of this kind; whole numbers never show a decimal point."""
    return _FORMATS[kind]


def open_workbook(target: IO[bytes]) -> Workbook:
    """A new workbook in the house font whose texts never turn into formulas, links or numbers."""
    from xlsxwriter.workbook import Workbook

    return Workbook(
        target,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_format_properties": {
                "font_name": FONT,
                "font_size": 11,
                "font_scheme": "none",
                "font_family": 1,
            },
        },
    )


class Styles:
    """The formats of one workbook, each made once.

    XlsxWriter formats belong to a workbook; equal properties give the same format object.
    """

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._named: dict[str, Format] = {}
        self._whole: Format | None = None

    def get(self, **properties: Any) -> Format:
        """A format with these XlsxWriter properties, Times New Roman 12 unless told otherwise."""
        key = tuple(sorted(properties.items()))
        made = self._made.get(key)
        if made is None:
            made = self._workbook.add_format(
                {
                    "font_name": FONT,
                    "font_size": TABLE_SIZE,
                    "font_scheme": "none",
                    "font_family": 1,
                    **properties,
                }
            )
            self._made[key] = made
        return made

    @property
    def whole_number(self) -> Format:
        """Conditional format of whole numbers among decimals: number format only."""
        if self._whole is None:
            self._whole = self._workbook.add_format({"num_format": COUNT_FORMAT})
        return self._whole

    def named(self, name: str, **more: Any) -> Format:
        """A format of the house by name, with properties added or replaced.

        Names: plain, code, text, note, unit_name, motto, motto_underlined, form_code, title,
        subtitle, header, cell, center, number, decimal, date, section, subsection, locked,
        place, signature, signature_note.

        Raises:
            KeyError: no style has this name.
        """
        if more:
            return self.get(**{**_NAMED[name], **more})
        made = self._named.get(name)
        if made is None:
            made = self._named[name] = self.get(**_NAMED[name])
        return made
