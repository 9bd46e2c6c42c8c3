"""How the cells of the summary look: named traits, combined and made into formats once each."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from xlsxwriter.format import Format

from consolidate.definitions.catalogue import text
from consolidate.forms.styles import Styles
from consolidate.model.corrections import ADJUSTED
from consolidate.model.findings import Severity

SIZE = 11
"""Font size of the lists and matrices, in points; official tables keep their own."""
TITLE_SIZE = 14
"""Font size of titles, in points."""
SMALL = 9
"""Font size of file names and addresses, in points."""
HIGHEST = 400.0
"""Greatest height of a row, in points; Excel allows 409."""
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
POINTS = text("summary.comparison.points")
NUMBER_FORMATS = {
    "n0": "#,##0",
    "n1": "#,##0.0",
    "n2": "#,##0.00",
    "n3": "#,##0.000",
}
"""Number formats by the trait that :func:`number_trait` gives."""
SIGNED_FORMATS = {f"s{key[1:]}": f"+{code};-{code};0" for key, code in NUMBER_FORMATS.items()}
"""The same for differences: the sign is always shown."""
POINT_FORMATS = {
    f"p{key[1:]}": f'+{code}" {POINTS}";-{code}" {POINTS}";0" {POINTS}"'
    for key, code in NUMBER_FORMATS.items()
}
"""The same for differences of ratios, which are in percentage points."""

ADJUSTED_LOOK: dict[str, Any] = {"font_color": ACCENT, "italic": True, "bold": True}
"""A figure that the province replaced by another."""
_TRAITS: dict[str, dict[str, Any]] = {
    "line": {"text_wrap": True},
    "cell": {"border": 1, "border_color": "#7F7F7F", "text_wrap": True},
    "head": {
        "border": 1,
        "border_color": "#7F7F7F",
        "text_wrap": True,
        "bold": True,
        "align": "center",
        "bg_color": "#DDE5F1",
    },
    "turned": {"rotation": 90, "align": "center"},
    "title": {"bold": True, "font_size": TITLE_SIZE, "align": "center", "text_wrap": True},
    "chapter": {"bold": True, "font_size": 12, "font_color": ACCENT},
    "headline": {"bold": True, "font_size": 13, "align": "center", "text_wrap": True},
    "center": {"align": "center"},
    "left": {"align": "left"},
    "top": {"valign": "top"},
    "bold": {"bold": True},
    "italic": {"italic": True},
    "small": {"font_size": SMALL},
    "indent": {"indent": 1},
    "indent2": {"indent": 2},
    "link": {"font_color": ACCENT, "underline": 1},
    "drawn": {"border": 1, "border_color": "#7F7F7F"},
    "drawn_section": {"border": 1, "border_color": "#7F7F7F", "bg_color": "#F2F2F2"},
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
    **{
        trait: {"num_format": code}
        for formats in (NUMBER_FORMATS, SIGNED_FORMATS, POINT_FORMATS)
        for trait, code in formats.items()
    },
    "right": {"align": "right"},
}


class Look:
    """The formats of one workbook; each combination of traits is made once."""

    def __init__(self, styles: Styles) -> None:
        self.styles = styles
        self._made: dict[tuple[str, ...], Format] = {}

    def of(self, *traits: str) -> Format:
        """The format with these traits, later ones over earlier ones.

        Raises:
            KeyError: there is no such trait.
        """
        made = self._made.get(traits)
        if made is None:
            properties: dict[str, Any] = {"font_size": SIZE, "valign": "vcenter"}
            for trait in traits:
                properties.update(_TRAITS[trait])
            made = self._made[traits] = self.styles.get(**properties)
        return made


def number_trait(number: Decimal) -> str:
    """Trait with as many decimals as the number has, three at most: no separator is left over."""
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= 0:
        return "n0"
    exponent = number.normalize().as_tuple().exponent
    return f"n{min(3, max(0, -exponent))}" if isinstance(exponent, int) else "n0"
