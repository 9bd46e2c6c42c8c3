"""Say things by formula, each with the value Excel would cache: echoes of the cover, live lines.

Formulas use functions of Excel 2010 only and no date format that depends on the language of the
office program (``TEXT(x, "dd/mm/yyyy")`` fails on a Vietnamese Windows).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from consolidate.definitions.catalogue import text
from consolidate.model.cells import CellRef
from consolidate.model.period import DataWindow, PeriodType
from consolidate.model.reasons import Severity
from consolidate.model.text import format_day, shortest
from consolidate.rules.evaluation import Verdict, day_of_number, number_of_day

Value = str | int | float | Decimal | date
"""What a cell of a returned workbook can hold."""

FIRST_DAY, LAST_DAY = 61, 2958465
"""1 March 1900, the first day that all programs count alike, and the last day that they have."""


@dataclass(frozen=True, slots=True)
class LiveText:
    """A formula (with its ``=``) and the text that it shows; without a formula the text alone."""

    formula: str
    value: str


@dataclass(frozen=True, slots=True)
class CoverCells:
    """Where the fields of the cover are (``'Bìa'!$C$8``) and what they hold."""

    at: Mapping[str, str]
    values: Mapping[str, Value]


def unit_line(cover: CoverCells) -> LiveText:
    """Name of the unit in capitals, or dots to write it on."""
    at, blank = cover.at["unit_name"], text("template.heading.unit_blank")
    shown = _shown(cover.values.get("unit_name")).upper() or blank
    return LiveText(f'=IF({at}="",{quoted(blank)},UPPER({at}))', shown)


def window_line(cover: CoverCells) -> LiveText:
    """Write the line "(Số liệu tính từ ngày … đến ngày …)" with the dates of the cover."""
    blank = text("template.window.date_blank")
    days = [_dated(cover, field, blank) for field in ("window_from", "window_to")]
    return _woven(_WINDOW, days)


def quarter_line(window: DataWindow | None) -> str:
    """Write the same line for a quarter's table, whose days are not those of the cover."""
    blank = text("template.window.date_blank")
    days = [format_day(day) for day in (window.start, window.end)] if window else [blank, blank]
    return _woven(_WINDOW, [LiveText("", day) for day in days]).value


def attached_line(cover: CoverCells) -> LiveText:
    """Write the line "(Kèm theo Báo cáo số … ngày … của …)", dots for blanks of the cover."""
    number, day, unit = _attached_blanks()
    said = [
        _typed(cover, "report_number", number),
        _dated(cover, "report_date", day),
        _typed(cover, "unit_name", unit),
    ]
    return _woven(_ATTACHED, said)


def attached_by_hand(author: str) -> str:
    """Write the same line for an ``author`` who writes number and day by hand."""
    number, day, _ = _attached_blanks()
    return _woven(_ATTACHED, [LiveText("", said) for said in (number, day, author)]).value


_WINDOW = ("window.from", "window.to", "window.end")
_ATTACHED = ("attached.number", "attached.date", "attached.unit", "attached.end")


def _attached_blanks() -> tuple[str, str, str]:
    return (
        text("template.attached.number_blank"),
        text("template.window.date_blank"),
        text("template.attached.unit_blank"),
    )


def _woven(keys: Sequence[str], fields: Sequence[LiveText]) -> LiveText:
    """Join texts of the catalogue with a field of the cover between each two."""
    words = [text(f"template.{key}") for key in keys]
    formula, value = f"={quoted(words[0])}", words[0]
    for field, word in zip(fields, words[1:], strict=True):
        formula += f"&{field.formula}&{quoted(word)}"
        value += field.value + word
    return LiveText(formula, value)


def period_line(cover: CoverCells) -> LiveText:
    """Write the period of the cover: "Quý III/2018", "9 tháng đầu năm 2018", "Năm 2018"."""
    kind, year = cover.at["period_type"], cover.at["period_year"]
    blank, whole = text("template.period.blank"), PeriodType.YEAR.label
    quarter, named = PeriodType.Q1.label[:3], text("template.period.year")
    formula = (
        f'=IF(OR({kind}="",{year}=""),{quoted(blank)},IF(LEFT({kind},3)={quoted(quarter)},'
        f'{kind}&"/"&{year},IF({kind}={quoted(whole)},{quoted(named)}&" "&{year},'
        f'{kind}&" "&{year})))'
    )
    shown, of_year = (_shown(cover.values.get(f)) for f in ("period_type", "period_year"))
    if not shown or not of_year:
        return LiveText(formula, blank)
    if shown[:3].casefold() == quarter.casefold():
        return LiveText(formula, f"{shown}/{of_year}")
    if shown.casefold() == whole.casefold():
        return LiveText(formula, f"{named} {of_year}")
    return LiveText(formula, f"{shown} {of_year}")


def place_line(cover: CoverCells) -> LiveText:
    """Place and date above the signature: "Tiền Giang, ngày 31 tháng 8 năm 2018"."""
    place, at = cover.at["place"], cover.at["date"]
    no_place, no_date = text("template.sign.place_blank"), text("template.sign.date_blank")
    day_word, month_word, year_word = (
        text(f"template.sign.{name}") for name in ("day", "month", "year")
    )
    formula = (
        f'=IF({place}="",{quoted(no_place)},{place})&IF({at}="",{quoted(no_date)},'
        f'IF(ISNUMBER({at}),{quoted(day_word)}&TEXT(DAY({at}),"00")&{quoted(month_word)}&'
        f'IF(MONTH({at})<3,"0","")&MONTH({at})&{quoted(year_word)}&YEAR({at}),'
        f"{quoted(day_word)}&{at}))"
    )
    typed = cover.values.get("date")
    value = _shown(cover.values.get("place")) or no_place
    day = _day(typed)
    if not _shown(typed):
        value += no_date
    elif day is None:
        value += day_word + _shown(typed)
    else:
        month = f"{day.month:02d}" if day.month < 3 else str(day.month)
        value += f"{day_word}{day.day:02d}{month_word}{month}{year_word}{day.year}"
    return LiveText(formula, value)


def signatory_title_line(cover: CoverCells) -> LiveText:
    """Write the title of the signatory, "THỦ TRƯỞNG ĐƠN VỊ" while it is blank.

    Who signs for another has two lines: "KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC".
    """
    fields = ("signatory_title", "signatory_title_2")
    first, second = (cover.at[field] for field in fields)
    blank, gap = text("template.sign.head"), f'IF(OR({first}="",{second}=""),"",CHAR(10))'
    given = filter(None, map(_shown, map(cover.values.get, fields)))
    return LiveText(
        f'=IF(AND({first}="",{second}=""),{quoted(blank)},UPPER({first}&{gap}&{second}))',
        "\n".join(given).upper() or blank,
    )


def echo_line(cover: CoverCells, element: str) -> LiveText:
    """Write a field of the cover as typed, nothing while it is blank."""
    at = cover.at[element]
    return LiveText(f'=IF({at}="","",{at})', _shown(cover.values.get(element)))


def _typed(cover: CoverCells, field: str, blank: str) -> LiveText:
    """Part of a formula: a field of the cover as typed, else ``blank``."""
    at, shown = cover.at[field], _shown(cover.values.get(field)) or blank
    return LiveText(f'IF({at}="",{quoted(blank)},{at})', shown)


def _dated(cover: CoverCells, field: str, blank: str) -> LiveText:
    """Part of a formula: a day of the cover as dd/mm/yyyy, a text as typed, else ``blank``."""
    at, typed = cover.at[field], cover.values.get(field)
    formula = f'IF({at}="",{quoted(blank)},IF(ISNUMBER({at}),{day_formula(at)},{at}))'
    day = _day(typed)
    return LiveText(formula, format_day(day) if day is not None else _shown(typed) or blank)


def day_formula(at: str) -> str:
    """Write the day of a cell as a text, dd/mm/yyyy."""
    return f'TEXT(DAY({at}),"00")&"/"&TEXT(MONTH({at}),"00")&"/"&YEAR({at})'


def _day(value: Value | None) -> date | None:
    """The calendar day that Excel sees in a cell, ``None`` for a text or a blank."""
    if isinstance(value, date):
        return value
    if isinstance(value, int | float | Decimal) and FIRST_DAY <= value <= LAST_DAY:
        return day_of_number(Decimal(value))
    return None


def _shown(value: Value | None) -> str:
    """A value as Excel joins it to a text: numbers in their shortest form, dates as serials."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, date):
        return str(number_of_day(date(value.year, value.month, value.day)))
    return shortest(float(value))


SIGNS: Mapping[Verdict, str] = {
    Verdict.HOLDS: text("template.check.holds"),
    Verdict.BROKEN: text("template.check.broken"),
    Verdict.NOT_APPLICABLE: text("template.check.skipped"),
}
HOLDS, BROKEN, OPEN_QUESTION = SIGNS.values()


@dataclass(frozen=True, slots=True)
class LiveFigure:
    """A formula (with its ``=``) that shows a number, or nothing, and what it shows now."""

    formula: str
    value: float | str
    style: str = "number"


NO_FIGURE = LiveFigure('=""', "")


@dataclass(frozen=True, slots=True)
class LiveLink:
    """What a link is called and where it leads (``#'Biểu 01'!E9``), both ``""`` for no link."""

    name: LiveText
    target: LiveText


NO_LINK = LiveLink(LiveText('=""', ""), LiveText('=""', ""))
"""Formulas in any case, since a blank cell would be shown as 0."""


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """What stands in one line.

    ``longest`` is the longest text that ``content`` can show, ``""`` where that is the one that it
    shows now; ``judged`` says that the line counts as one error or warning while it is broken.
    ``cells`` are coloured on their forms while the line shows the sign for broken.
    For a rule asked of each row of an open ``table``, ``verdicts`` is the column of the helper
    sheet with a verdict for each row (0 is broken), ``broken`` the rows that break it now, and
    ``marked`` the columns of answers to colour.
    """

    content: LiveText
    severity: Severity
    result: LiveText
    left: LiveFigure = NO_FIGURE
    right: LiveFigure = NO_FIGURE
    link: LiveLink = NO_LINK
    longest: str = ""
    cells: Sequence[CellRef] = ()
    table: str = ""
    verdicts: int = 0
    broken: Sequence[int] = ()
    marked: Sequence[str] = ()
    judged: bool = True


def quoted(literal: str) -> str:
    """Quote a text for a formula."""
    quoted = '"' + literal.replace('"', '""') + '"'
    return quoted.replace("\n", '"&CHAR(10)&"')


def joined(*parts: str) -> str:
    """Join parts of a formula to one text; empty ones are left out."""
    return "&".join(part for part in parts if part and part != '""')


def around(key: str, **formulas: str) -> str:
    """Write a text of the catalogue as a formula, its placeholders filled by formulas."""
    marks = {name: f"\ue000{name}\ue000" for name in formulas}
    pieces = text(key, **marks).split("\ue000")
    return joined(*(formulas.get(piece) or quoted(piece) for piece in pieces if piece))
