"""Write lines that echo the cover by formula, each with the value Excel would cache.

Formulas use functions of Excel 2010 only and no date format that depends on the language of the
office program (``TEXT(x, "dd/mm/yyyy")`` fails on a Vietnamese Windows).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from consolidate.definitions.catalogue import text
from consolidate.model.period import DataWindow, PeriodType
from consolidate.model.text import format_day, shortest
from consolidate.rules.evaluation import day_of_number, number_of_day

Value = str | int | float | Decimal | date
"""What a cell of a returned workbook can hold."""

_LAST_SERIAL = 2958465


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
    return LiveText(f'=IF({at}="",{_quoted(blank)},UPPER({at}))', shown)


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
    formula, value = f"={_quoted(words[0])}", words[0]
    for field, word in zip(fields, words[1:], strict=True):
        formula += f"&{field.formula}&{_quoted(word)}"
        value += field.value + word
    return LiveText(formula, value)


def period_line(cover: CoverCells) -> LiveText:
    """Write the period of the cover: "Quý III/2018", "9 tháng đầu năm 2018", "Năm 2018"."""
    kind, year = cover.at["period_type"], cover.at["period_year"]
    blank, whole = text("template.period.blank"), PeriodType.YEAR.label
    named = text("template.period.year")
    formula = (
        f'=IF(OR({kind}="",{year}=""),{_quoted(blank)},IF(LEFT({kind},3)={_quoted(_quarter())},'
        f'{kind}&"/"&{year},IF({kind}={_quoted(whole)},{_quoted(named)}&" "&{year},'
        f'{kind}&" "&{year})))'
    )
    shown, of_year = (_shown(cover.values.get(f)) for f in ("period_type", "period_year"))
    if not shown or not of_year:
        return LiveText(formula, blank)
    if shown[:3].casefold() == _quarter().casefold():
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
        f'=IF({place}="",{_quoted(no_place)},{place})&IF({at}="",{_quoted(no_date)},'
        f'IF(ISNUMBER({at}),{_quoted(day_word)}&TEXT(DAY({at}),"00")&{_quoted(month_word)}&'
        f'IF(MONTH({at})<3,"0","")&MONTH({at})&{_quoted(year_word)}&YEAR({at}),'
        f"{_quoted(day_word)}&{at}))"
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
        f'=IF(AND({first}="",{second}=""),{_quoted(blank)},UPPER({first}&{gap}&{second}))',
        "\n".join(given).upper() or blank,
    )


def echo_line(cover: CoverCells, element: str) -> LiveText:
    """Write a field of the cover as typed, nothing while it is blank."""
    at = cover.at[element]
    return LiveText(f'=IF({at}="","",{at})', _shown(cover.values.get(element)))


def _typed(cover: CoverCells, field: str, blank: str) -> LiveText:
    """Part of a formula: a field of the cover as typed, else ``blank``."""
    at, shown = cover.at[field], _shown(cover.values.get(field)) or blank
    return LiveText(f'IF({at}="",{_quoted(blank)},{at})', shown)


def _dated(cover: CoverCells, field: str, blank: str) -> LiveText:
    """Part of a formula: a day of the cover as dd/mm/yyyy, a text as typed, else ``blank``."""
    at, typed = cover.at[field], cover.values.get(field)
    formula = (
        f'IF({at}="",{_quoted(blank)},IF(ISNUMBER({at}),TEXT(DAY({at}),"00")&"/"&'
        f'TEXT(MONTH({at}),"00")&"/"&YEAR({at}),{at}))'
    )
    day = _day(typed)
    if day is not None:
        return LiveText(formula, f"{day.day:02d}/{day.month:02d}/{day.year}")
    return LiveText(formula, _shown(typed) or blank)


def _quarter() -> str:
    return PeriodType.Q1.label[:3]


def _quoted(literal: str) -> str:
    quoted = '"' + literal.replace('"', '""') + '"'
    return quoted.replace("\n", '"&CHAR(10)&"')


def _day(value: Value | None) -> date | None:
    """The calendar day that Excel sees in a cell, ``None`` for a text or a blank."""
    if isinstance(value, date):
        return value
    if isinstance(value, int | float | Decimal) and 61 <= value <= _LAST_SERIAL:
        return day_of_number(Decimal(value))
    return None


def _shown(value: Value | None) -> str:
    """A value as Excel joins it to a text: numbers in their shortest form, dates as serials."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, date):
        return str(number_of_day(date(value.year, value.month, value.day)))
    return shortest(float(value))
