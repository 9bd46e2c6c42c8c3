"""Generated returns: plausible figures for any unit, the same ones for the same unit every time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from consolidate.definitions.loader import shipped_library
from consolidate.model.period import Period
from consolidate.model.units import Level
from consolidate.templates.live_formulas import Value
from consolidate.templates.prefill import Prefill

ROUND = Period.parse_code("2018-9M")

WINDOW = (date(2017, 11, 6), date(2018, 8, 28))
_CASES = (
    ("Vụ sai phạm thu, chi học phí", "Một trường trung học cơ sở", "Thanh tra huyện"),
    ("Vụ nghiệm thu khống khối lượng", "Một ban quản lý dự án", "Cơ quan cảnh sát điều tra"),
)
_PLANS = (
    "Kế hoạch cải cách hành chính năm 2018",
    "Kế hoạch kiểm soát thủ tục hành chính năm 2018",
    "Kế hoạch ứng dụng công nghệ thông tin năm 2018",
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the example province; ``templates`` are the codes of what it must return."""

    code: str
    name: str
    level: Level
    templates: tuple[str, ...]
    aliases: str = ""


def cover(
    unit: Unit, period_type: str, window: tuple[date, date] | None, revision: int = 1
) -> dict[str, Value]:
    """Cover fields of a return, by defined name; nobody is named."""
    values: dict[str, Value] = {
        "cover.unit_name": unit.name,
        "cover.unit_code": unit.code,
        "cover.level": unit.level.label,
        "cover.period_type": period_type,
        "cover.period_year": 2018,
        "cover.revision": revision,
        "cover.place": "Sông Tiền",
        "cover.date": date(2018, 8, 31),
        "cover.signatory_title": "THỦ TRƯỞNG ĐƠN VỊ",
    }
    if window is not None:
        values["cover.window_from"], values["cover.window_to"] = window
    return values


def pctn_return(unit: Unit, revision: int = 1) -> Prefill:
    """A PCTN return that keeps every rule: mostly zeros, a case here and there."""
    dice = Random(f"{unit.code}/{revision}")
    figures = {
        element.code: 0 for element in shipped_library().at(ROUND).by_code["pctn_01"].elements
    }
    for breakdown in ("c56a", "c56b", "c56c"):
        del figures[breakdown]
    checked, resolved = dice.randint(1, 9), dice.randint(0, 3)
    agencies = dice.randint(3, 30)
    figures |= {
        "c1": dice.randint(0, 3),
        "c3": dice.randint(40, 400),
        "c4": dice.randint(1, 6),
        "c5": dice.randint(0, 40),
        "c6": checked,
        "c7": dice.randint(0, 1),
        "c8": dice.randint(0, 2),
        "c10": dice.randint(0, 4),
        "c19": dice.randint(1, 5),
        "c21": dice.randint(0, 4),
        "c22": dice.randint(0, 8),
        "c27": dice.randint(0, 1),
        "c33": resolved + dice.randint(0, 1),
        "c34": resolved,
    }
    values: dict[str, Value] = {
        f"pctn_01.{code}": figure for code, figure in figures.items() if code != "c28"
    }
    values["pctn_01.c28"] = f"{agencies}/{agencies + dice.randint(0, 1)}"
    cases = dice.randint(1, 2) if unit.level is Level.DISTRICT and dice.random() < 0.6 else 0
    if cases:
        money = dice.randint(40, 900) + dice.randint(0, 9) / 10
        values |= {
            "pctn_01.c31": cases,
            "pctn_01.c32": cases + 1,
            "pctn_01.c45": cases,
            "pctn_01.c46": cases + 1,
            "pctn_01.c49": money,
            "pctn_01.c51": round(money / 2, 1),
        }
    rows: list[dict[str, Value]] = [
        {"number": index + 1, "name": name, "place": place, "handler": handler}
        for index, (name, place, handler) in enumerate(_CASES[:cases])
    ]
    return Prefill(
        values=cover(unit, "9 tháng đầu năm", WINDOW, revision) | values,
        rows={"pctn_02": rows},
    )


def cchc_return(unit: Unit) -> Prefill:
    """A return of Phụ lục 3 that keeps every rule."""
    dice = Random(f"{unit.code}/cchc")
    levels = {"province": Level.PROVINCE, "district": Level.DISTRICT, "commune": Level.COMMUNE}
    values = cover(unit, "Quý III", None)
    services = dice.randint(20, 180)
    for row, whole in (
        ("r1", 1),
        ("r2", 1),
        ("r3", 1),
        ("r5", services),
        ("r5_1", services),
        ("r5_2", services // 2),
        ("r5_3", services // 3),
        ("r5_4", services // 9),
    ):
        values[f"cchc_pl3_2.{row}.total"] = whole
        for column, level in levels.items():
            values[f"cchc_pl3_2.{row}.{column}"] = whole if level is unit.level else 0
    values["cchc_pl3_2.r5.total"] = f"{services}/1"
    values["cchc_pl3_2.r4.district"] = 1 if unit.level is Level.DISTRICT else 0
    rows: list[dict[str, Value]] = []
    for index, plan in enumerate(_PLANS[: dice.randint(1, 3)]):
        done, doing, waiting = dice.randint(2, 12), dice.randint(0, 8), dice.randint(0, 2)
        rows.append(
            {
                "number": index + 1,
                "plan": plan,
                "issued": date(2018, 1, 5 + 7 * index),
                "planned": done + doing + waiting,
                "done": done,
                "doing": doing,
                "not_done": waiting,
            }
        )
    return Prefill(values=values, rows={"cchc_pl3_1": rows})
