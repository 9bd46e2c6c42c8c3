"""Write lines that echo the cover by formula, each with the value Excel would cache.

Formulas use functions of Excel 2010 only and no date format that depends on the language of the
office program (``TEXT(x, "dd/mm/yyyy")`` fails on a Vietnamese Windows).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from consolidate.definitions.catalogue import text
from consolidate.model.period import DataWindow, PeriodType
from consolidate.model.text import format_day, shortest

Value = str | int | float | Decimal | date
"""What a cell of a returned workbook can hold."""

_EPOCH = date(1899, 12, 30)
_LAST_SERIAL = 2958465


@dataclass(frozen=True, slots=True)
class LiveText:
    """A formula (with its ``=``) and the text that it shows."""

    formula: str
    value: str


@dataclass(frozen=True, slots=True)
class CoverCells:
    """Where the fields of the cover are (absolute addresses with sheet) and what they hold."""

    addresses: Mapping[str, str]
    values: Mapping[str, Value]

    def at(self, element: str) -> str:
        """Give the address of a field: ``'Bìa'!$C$8``.

        Raises:
            KeyError: the cover has no such field.
        """
        return self.addresses[element]

    def value(self, element: str) -> Value | None:
        """Tell what a field holds, ``None`` when it is blank."""
        value = self.values.get(element)
        return None if value == "" else value


def unit_line(cover: CoverCells) -> LiveText:
    """Name of the unit in capitals, or dots to write it on."""
    at, blank = cover.at("unit_name"), text("template.heading.unit_blank")
    typed = cover.value("unit_name")
    return LiveText(
        f'=IF({at}="",{_quoted(blank)},UPPER({at}))',
        blank if typed is None else _shown(typed).upper(),
    )


def window_line(cover: CoverCells) -> LiveText:
    """Write the line "(Số liệu tính từ ngày … đến ngày …)" with the dates of the cover."""
    blank = text("template.window.date_blank")
    parts = [text("template.window.from"), text("template.window.to"), text("template.window.end")]
    formula, value = f"={_quoted(parts[0])}&", parts[0]
    for index, field in enumerate(("window_from", "window_to")):
        day = _dated(cover, field, blank)
        formula += f"{day.formula}&{_quoted(parts[index + 1])}"
        formula += "" if index else "&"
        value += day.value + parts[index + 1]
    return LiveText(formula, value)


def quarter_line(window: DataWindow | None) -> str:
    """Write the same line for a quarter's table, whose days are not those of the cover."""
    blank = text("template.window.date_blank")
    days = (blank, blank)
    if window is not None:
        days = (format_day(window.start), format_day(window.end))
    parts = [text("template.window.from"), text("template.window.to"), text("template.window.end")]
    return f"{parts[0]}{days[0]}{parts[1]}{days[1]}{parts[2]}"


def attached_line(cover: CoverCells) -> LiveText:
    """Write the line "(Kèm theo Báo cáo số … ngày … của …)", dots for blanks of the cover."""
    fields = zip(
        ("report_number", "report_date", "unit_name"),
        (_typed, _dated, _typed),
        _attached_blanks(),
        strict=True,
    )
    formula, value = "=", ""
    for part, (field, shown_as, blank) in zip(_ATTACHED, fields, strict=False):
        said, shown = text(f"template.attached.{part}"), shown_as(cover, field, blank)
        formula += f"{_quoted(said)}&{shown.formula}&"
        value += said + shown.value
    end = text("template.attached.end")
    return LiveText(formula + _quoted(end), value + end)


def attached_by_hand(author: str) -> str:
    """Write the same line for an ``author`` who writes number and day by hand."""
    said = [text(f"template.attached.{part}") for part in _ATTACHED]
    number, day, _ = _attached_blanks()
    pairs = zip(said, (number, day, author, ""), strict=True)
    return "".join(part + blank for part, blank in pairs)


_ATTACHED = ("number", "date", "unit", "end")


def _attached_blanks() -> tuple[str, str, str]:
    return (
        text("template.attached.number_blank"),
        text("template.window.date_blank"),
        text("template.attached.unit_blank"),
    )


def period_line(cover: CoverCells) -> LiveText:
    """Write the period of the cover: "Quý III/2018", "9 tháng đầu năm 2018", "Năm 2018"."""
    kind, year = cover.at("period_type"), cover.at("period_year")
    blank, whole = text("template.period.blank"), PeriodType.YEAR.label
    named = text("template.period.year")
    formula = (
        f'=IF(OR({kind}="",{year}=""),{_quoted(blank)},IF(LEFT({kind},3)={_quoted(_quarter())},'
        f'{kind}&"/"&{year},IF({kind}={_quoted(whole)},{_quoted(named)}&" "&{year},'
        f'{kind}&" "&{year})))'
    )
    typed_kind, typed_year = cover.value("period_type"), cover.value("period_year")
    if typed_kind is None or typed_year is None:
        return LiveText(formula, blank)
    shown, of_year = _shown(typed_kind), _shown(typed_year)
    if shown[:3].casefold() == _quarter().casefold():
        return LiveText(formula, f"{shown}/{of_year}")
    if shown.casefold() == whole.casefold():
        return LiveText(formula, f"{named} {of_year}")
    return LiveText(formula, f"{shown} {of_year}")


def place_line(cover: CoverCells) -> LiveText:
    """Place and date above the signature: "Tiền Giang, ngày 31 tháng 8 năm 2018"."""
    place, at = cover.at("place"), cover.at("date")
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
    typed_place, typed = cover.value("place"), cover.value("date")
    value = no_place if typed_place is None else _shown(typed_place)
    day = _day(typed)
    if typed is None:
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
    first, second = map(cover.at, fields)
    blank, gap = text("template.sign.head"), f'IF(OR({first}="",{second}=""),"",CHAR(10))'
    given = [_shown(typed) for typed in map(cover.value, fields) if typed is not None]
    return LiveText(
        f'=IF(AND({first}="",{second}=""),{_quoted(blank)},UPPER({first}&{gap}&{second}))',
        "\n".join(given).upper() or blank,
    )


def echo_line(cover: CoverCells, element: str) -> LiveText:
    """Write a field of the cover as typed, nothing while it is blank."""
    at, typed = cover.at(element), cover.value(element)
    return LiveText(f'=IF({at}="","",{at})', "" if typed is None else _shown(typed))


def _typed(cover: CoverCells, field: str, blank: str) -> LiveText:
    """Part of a formula: a field of the cover as typed, else ``blank``."""
    at, typed = cover.at(field), cover.value(field)
    shown = blank if typed is None else _shown(typed)
    return LiveText(f'IF({at}="",{_quoted(blank)},{at})', shown)


def _dated(cover: CoverCells, field: str, blank: str) -> LiveText:
    """Part of a formula: a day of the cover as dd/mm/yyyy, a text as typed, else ``blank``."""
    at, typed = cover.at(field), cover.value(field)
    formula = (
        f'IF({at}="",{_quoted(blank)},IF(ISNUMBER({at}),TEXT(DAY({at}),"00")&"/"&'
        f'TEXT(MONTH({at}),"00")&"/"&YEAR({at}),{at}))'
    )
    day = _day(typed)
    if day is not None:
        return LiveText(formula, f"{day.day:02d}/{day.month:02d}/{day.year}")
    return LiveText(formula, blank if typed is None else _shown(typed))


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
        return _EPOCH + timedelta(days=int(value))
    return None


def _shown(value: Value) -> str:
    """A value as Excel joins it to a text: numbers in their shortest form, dates as serials."""
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return str((date(value.year, value.month, value.day) - _EPOCH).days)
    return shortest(float(value))
