"""A province whose forms change in the middle of 2026, and whose communes change in October."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from consolidate.definitions.loader import library_with
from consolidate.model.datasets import Library
from consolidate.model.deadlines import Calendar
from consolidate.model.period import Period
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from tests.merge.province import Province

SIX, NINE, YEAR = (Period.parse_code(f"2026-{code}") for code in ("6M", "9M", "Y"))
_SUMMER, _AUTUMN = date(2026, 9, 30), date(2026, 10, 1)


def _unit(code: str, first: date | None = None, last: date | None = None, *made_of: str):  # type: ignore[no-untyped-def]
    return OrganisationUnit(
        code,
        f"UBND xã {code}",
        Level.COMMUNE,
        templates=frozenset({"thu"}),
        valid_from=first,
        valid_to=last,
        predecessors=made_of,
    )


UNITS = {
    unit.code: unit
    for unit in (
        _unit("A"),
        _unit("D"),
        _unit("B", None, _SUMMER),
        _unit("C", None, _SUMMER),
        _unit("BC", _AUTUMN, None, "B", "C"),
        _unit("G", None, _SUMMER),
        _unit("N", _AUTUMN),
    )
}
"""A and D stay, B and C become BC, nobody takes G over, N is new."""

_PACK = """
code = "{code}"
family = "thu"
title = "Báo cáo thử"
heading = ["BÁO CÁO THỬ"]
short_title = "Thử"
file_name = "thu.xlsx"
version = "1"
legal_basis = "{basis}"
{serves}
recipient = "Thanh tra tỉnh"
data_sets = ["so"]

[[packages]]
periods = [{periods}]
data_sets = ["so"]
"""
_SET = """
code = "so"
title = "Số liệu thử"
short_title = "Số liệu"
sheet = "Biểu 1"
shape = "fixed"
periods = [{periods}]

[layout]
title = ["SỐ LIỆU THỬ"]
number_header = "MS"
label_header = "NỘI DUNG"
unit_header = "ĐVT"

[[columns]]
code = "value"
label = "SỐ LIỆU"
"""
_ELEMENT = """
[[body]]
code = "{code}"
number = "{number}"
label = "{label}"
unit = "Vụ"
type = "count"
required = ["value"]
{more}
"""
_OLD_PERIODS = '"Q1", "6M", "9M", "Y"'
_PERIODS = '"Q1", "Q2", "Q3", "Q4", "6M", "9M", "Y"'
_TILES = """
[tiles]
"6M" = ["Q1", "Q2"]
"9M" = ["6M", "Q3"]
Y = ["9M", "Q4"]
"""
_MAPPING = """
[replaces]
pack = "thu-cu"
ended = ["so.o6"]
new = ["so.n6", "so.n7", "so.n8"]

[replaces.elements]
"so.o1" = "so.n1"
"so.o2" = "~ so.n2"
"so.o3" = "so.n3 so.n4"
"so.o4" = "so.n5"
"so.o5" = "so.n5"
"""


def _form(letter: str, count: int, periods: str, whole: str = "") -> str:
    elements = (
        _ELEMENT.format(
            code=f"{letter}{number}",
            number=number if letter == "n" else 10 + number,
            label=f"Chỉ tiêu {letter}{number}",
            more="tiles = false" if f"{letter}{number}" == whole else "",
        )
        for number in range(1, count + 1)
    )
    return _SET.format(periods=periods) + "".join(elements)


def forms(mapping: str = _MAPPING, tiles: str = _TILES) -> dict[str, str]:
    """Texts of the two packs by file: the older one to June, the newer one from July on."""
    old = "serves_from = 2014-01-01\nserves_to = 2026-06-30"
    new = "serves_from = 2026-07-01"
    return {
        "forms/cu/pack.toml": _PACK.format(
            code="thu-cu", basis="Thông tư cũ", serves=old, periods=_OLD_PERIODS
        ),
        "forms/cu/so.toml": _form("o", 6, _OLD_PERIODS),
        "forms/moi/pack.toml": _PACK.format(
            code="thu-moi", basis="Thông tư mới", serves=new, periods=_PERIODS
        )
        + tiles
        + mapping,
        "forms/moi/so.toml": _form("n", 8, _PERIODS, whole="n8"),
    }


def province(root: Path, texts: Mapping[str, str]) -> Province:
    """A working folder with these forms."""
    made = Province.make(root, Roster.of(UNITS.values(), province="Tỉnh Thử"), Calendar())
    for name, text in texts.items():
        path = made.workspace.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return made


@cache
def _library(texts: tuple[tuple[str, str], ...], period: Period) -> Library:
    return library_with(dict(texts)).at(period)


def send(
    made: Province, texts: Mapping[str, str], period: Period, code: str, **tables: list[int | None]
) -> None:
    """Put the return of a unit into its inbox: figures of each table in the order of the form."""
    unit = UNITS[code]
    library = _library(tuple(sorted(texts.items())), period)
    values = {
        f"{name}.{element.code}": number
        for name, numbers in tables.items()
        for element, number in zip(library.by_code[name].elements, numbers, strict=True)
        if number is not None
    }
    cover = {
        "cover.unit_name": unit.name,
        "cover.unit_code": unit.code,
        "cover.level": unit.level.label,
        "cover.period_type": period.type.label,
        "cover.period_year": period.year,
        "cover.window_from": date(2025, 12, 15),
        "cover.window_to": period.last_day,
    }
    only = library.only(code for code in library.by_code if library.by_code[code].form == "so")
    made.send(period, f"{code}.xlsx", build_template(only, "thu", Prefill(values=values | cover)))
