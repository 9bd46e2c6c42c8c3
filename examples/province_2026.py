"""The example province of 2026: eight units on the forms of Thông tư 06/2025/TT-TTCP.

Two levels and the police, whom the province shows beside its total. The figures, texts and names
are generated. Four units send mistakes of the new forms: parts that do not add up, a row of
Biểu 03/PCTN with both marks, the form that ended, a file twice; one unit sends nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from random import Random

from consolidate.definitions.loader import shipped_library
from consolidate.model.datasets import Library
from consolidate.model.packs import QUARTER_SUFFIX
from consolidate.model.period import DataWindow, Period, PeriodType
from consolidate.model.units import Level, OrganisationUnit, Roster, UnitKind
from consolidate.province.roster import build_roster as roster_book
from consolidate.templates.issued import Issue, issued_prefill
from consolidate.templates.live_formulas import Value
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template

ROUND = Period(2026, PeriodType.NINE_MONTHS)
OLD_ROUND = Period(2018, PeriodType.NINE_MONTHS)
"""A round of the 61 indicators, whose form one unit still sends."""

PROVINCE = "Tỉnh Sông Tiền (ví dụ)"
_TITLES = {
    UnitKind.DEPARTMENT: ("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"),
    UnitKind.COMMUNE: ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
    UnitKind.POLICE: ("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"),
}
_SHORT = {UnitKind.DEPARTMENT: "BC-S", UnitKind.COMMUNE: "BC-UBND", UnitKind.POLICE: "BC-CAT"}
_NOTHING = "Không phát sinh."
_TOLD = {
    "i1a": "Đã ban hành kế hoạch công tác phòng, chống tham nhũng, lãng phí, tiêu cực năm 2026.",
    "i1c": "Đã tổ chức các lớp tuyên truyền, phổ biến theo số liệu ở Biểu 01/PCTN.",
    "i2a": "Đã công khai, minh bạch theo quy định; số liệu ở Biểu 01/PCTN.",
    "iii1": "Công tác phòng, chống tham nhũng được triển khai đúng kế hoạch.",
    "iv1b": "Tiếp tục thực hiện kế hoạch năm 2026.",
}

_TOLD_BY = {
    "S02": {
        "i3a": "Qua tự kiểm tra phát hiện một vụ; số liệu ở Biểu 01/PCTN.",
        "i3e": "Đang xác minh tài sản của vụ phát hiện trong quý III.",
    },
    "S03": {"i3dd": "Tòa án đã xét xử sơ thẩm một vụ; số liệu ở Biểu 01/PCTN."},
}


def _unit(code: str, name: str, kind: UnitKind, aliases: tuple[str, ...] = ()) -> OrganisationUnit:
    level = Level.COMMUNE if kind is UnitKind.COMMUNE else Level.PROVINCE
    templates = frozenset(["pctn"])
    return OrganisationUnit(code, name, level, kind=kind, aliases=aliases, templates=templates)


UNITS = (
    _unit("S01", "Sở Nội vụ", UnitKind.DEPARTMENT, ("SNV",)),
    _unit("S02", "Sở Tài chính", UnitKind.DEPARTMENT, ("STC",)),
    _unit("S03", "Sở Xây dựng", UnitKind.DEPARTMENT, ("SXD",)),
    _unit("X01", "UBND xã Tân An Đông", UnitKind.COMMUNE),
    _unit("X02", "UBND xã Bình Thạnh Tây", UnitKind.COMMUNE),
    _unit("X03", "UBND phường Long Hòa", UnitKind.COMMUNE),
    _unit("X04", "UBND phường Mỹ Lộc", UnitKind.COMMUNE),
    _unit("CA", "Công an tỉnh Sông Tiền", UnitKind.POLICE),
)
_FOLDERS = {Level.PROVINCE: "cap-tinh", Level.COMMUNE: "cap-xa"}


def build_roster() -> bytes:
    """The roster workbook of the province."""
    return roster_book(Roster.of(UNITS, province=PROVINCE))


def build_inbox() -> dict[str, bytes]:
    """Every file of the inbox, by path with forward slashes."""
    files = {}
    for unit in UNITS:
        if unit.code == "X04":
            continue
        path = f"{_FOLDERS[unit.level]}/{unit.code} {unit.name} - PCTN 9 tháng 2026"
        made = old_return(unit) if unit.code == "X02" else pctn_return(unit)
        files[f"{path}.xlsx"] = made
        if unit.code == "X03":
            files[f"{path} (1).xlsx"] = made
    return files


def pctn_return(unit: OrganisationUnit) -> bytes:
    """The workbook of a unit: the tables that its kind owes, of the quarter and of nine months."""
    return build_template(owed_by(unit), "pctn", pctn_filled(unit))


def owed_by(unit: OrganisationUnit) -> Library:
    """The forms of the round that a unit of its kind owes."""
    return shipped_library().at(ROUND).owed(unit.kind, ROUND)


def pctn_filled(unit: OrganisationUnit) -> Prefill:
    """What a unit types into its workbook, beside what the issued one says."""
    library = owed_by(unit)
    quarter = DataWindow(date(2026, 6, 15), date(2026, 9, 14))
    windows = {item.code: quarter for item in library.sets_of("pctn") if item.quarter}
    blank = issued_prefill(library, Issue(unit, "pctn", ROUND, windows=windows))
    before, now = _figures(unit, "6M"), _figures(unit, "Q3")
    whole = {code: figure + before[code] for code, figure in now.items()}
    if unit.code == "S03":
        whole |= {"m83": 1, "m84": 3, "m84_1": 1, "m84_2": 1}  # One of three persons is in no part.
    services = _services(unit)
    values = dict(blank.values) | _signed(unit)
    values |= _table(library, "pctn_01", whole | services)
    values |= _table(library, "pctn_01" + QUARTER_SUFFIX, now | services)
    values |= _table(library, "pctn_tm", _TOLD | _TOLD_BY.get(unit.code, {}), _NOTHING)
    values = {name: value for name, value in values.items() if name not in blank.not_applicable}
    return Prefill(values, _rows(unit), blank.windows, not_applicable=blank.not_applicable)


def old_return(unit: OrganisationUnit) -> bytes:
    """A return on the 61 indicators, whose form had ended a year before its period."""
    library = shipped_library().at(OLD_ROUND)
    blank = issued_prefill(library, Issue(unit, "pctn", ROUND))
    zeros = {element.code: 0 for element in library.by_code["pctn_01"].elements}
    del zeros["c28"]  # A ratio.
    values = dict(blank.values) | _signed(unit) | _table(library, "pctn_01", zeros)
    return build_template(library, "pctn", Prefill(values))


def _signed(unit: OrganisationUnit) -> dict[str, Value]:
    """Data window, place, day, number and titles of the signed report; nobody is named."""
    first, second = _TITLES[unit.kind]
    number = Random(f"{unit.code}/number").randint(40, 400)
    return {
        "cover.place": "Sông Tiền",
        "cover.date": date(2026, 9, 16),
        "cover.signatory_title": first,
        "cover.signatory_title_2": second,
        "cover.report_number": f"{number}/{_SHORT[unit.kind]}",
        "cover.report_date": date(2026, 9, 16),
        "cover.window_from": date(2025, 12, 15),
        "cover.window_to": date(2026, 9, 14),
    }


def _figures(unit: OrganisationUnit, part: str) -> dict[str, int]:
    """Indicators that are not nothing in a part of the year; they keep every rule."""
    dice = Random(f"{unit.code}/{part}")
    checked, to_move = dice.randint(1, 9), dice.randint(2, 12)
    declared = dice.randint(20, 90)
    figures = {
        "m1": dice.randint(0, 2),
        "m4": dice.randint(1, 6),
        "m5": dice.randint(40, 400),
        "m14": checked,
        "m15": dice.randint(0, 1),
        "m16": dice.randint(0, 2),
        "m18": dice.randint(0, 3),
        "m25": dice.randint(1, 5),
        "m31": to_move,
        "m32": to_move - dice.randint(0, 2),
        "m40": declared,
        "m41": declared // 10,
    }
    case = int(unit.code in ("S02", "CA") and part == "Q3")
    return figures | {
        "m44": case,
        "m45": 2 * case,
        "m50": case,
        "m51": 2 * case,
        "m87": case,
        "m88": 2 * case,
        "m89": 120 * case,
    }


def _services(unit: OrganisationUnit) -> dict[str, int]:
    """Public services online: a state of the day, the same in both tables."""
    dice = Random(f"{unit.code}/services")
    full, partly = dice.randint(10, 60), dice.randint(0, 20)
    return {"m33": full + partly, "m34": full, "m35": partly}


def _table(
    library: Library, code: str, answers: Mapping[str, Value], other: Value = 0
) -> dict[str, Value]:
    """Every cell of a table, ``other`` where nothing is told; none of a table that is not owed."""
    asked = library.by_code[code].elements if code in library.by_code else ()
    return {f"{code}.{item.code}": answers.get(item.code, other) for item in asked}


def _rows(unit: OrganisationUnit) -> dict[str, list[dict[str, Value]]]:
    case: list[dict[str, Value]] = [
        {
            "number": 1,
            "name": "Vụ nghiệm thu khống khối lượng",
            "place": "Một ban quản lý dự án",
            "handler": "Cơ quan cảnh sát điều tra",
            "summary": "Tự kiểm tra phát hiện, đã chuyển cơ quan điều tra.",
        }
    ]
    text: dict[str, Value] = {
        "number": 1,
        "text": "Quyết định số 12/QĐ-UBND ngày 05/3/2026",
        "issuer": unit.name,
        "gap": "Chưa quy định việc công khai danh sách được hỗ trợ.",
        "fixed": "x",
        "unfixed": "x",
        "cause": "Đang sửa đổi.",
    }
    if unit.code == "S02":
        return {"pctn_02": case, "pctn_02" + QUARTER_SUFFIX: case}
    return {"pctn_03": [text]} if unit.code == "X01" else {}
