"""What the figures of the year really are: drawn once, consistent, different for every unit.

PCTN figures accumulate: what happens in a quarter is drawn, and a round reports everything since
the beginning of the year. The numbers hold together as the labels of the form demand (a part is
never more than its whole, a case has people, the list of cases has as many rows as were counted).
CCHC figures are those of the quarter alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from examples.year.province import YEAR, Unit

Value = int | Decimal | str | date | None
"""A cell: a number, ``x`` (does not concern the unit), ``26/26``, a text, a day, or blank."""
Row = Mapping[str, Value]
INDICATORS = tuple(f"c{number}" for number in range(1, 62))
REWARDS = ("c56a", "c56b", "c56c")
RATIO = "c28"
CRITERIA = ("r1", "r2", "r3", "r5", "r5_1", "r5_2", "r5_3", "r5_4")
LEVEL_COLUMNS = ("total", "province", "district", "commune")
_SIZE = {"province": 3, "district": 5, "commune": 1}
_CHANNELS = (("c29", "c30"), ("c31", "c32"), ("c35", "c36"), ("c37", "c38"))
_PLANS = (
    "Kế hoạch cải cách hành chính", "Kế hoạch kiểm soát thủ tục hành chính",
    "Kế hoạch tuyên truyền cải cách hành chính", "Kế hoạch ứng dụng công nghệ thông tin",
    "Kế hoạch kiểm tra công vụ",
)  # fmt: skip
Number = int | Decimal


@dataclass(frozen=True, slots=True)
class Answers:
    """A return: cells by defined name (``pctn_01.c3``), rows of open tables by data set."""

    cells: Mapping[str, Value]
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)

    def changed(self, cells: Mapping[str, Value]) -> Answers:
        """The same answers with others over them."""
        return Answers({**self.cells, **cells}, self.rows)


class Truth:
    """The figures of every unit, round and template that one seed gives."""

    def __init__(self, everyone: Iterable[Unit], seed: int) -> None:
        self._units = {unit.code: unit for unit in everyone}
        self._seed = seed

    def of(self, unit: Unit, template: str, number: int) -> Answers:
        """What a unit has to report in a round (1 to 4)."""
        if template == "pctn":
            return self._pctn(unit, number)
        return _quarter_of_reform(self._random(unit, f"cchc {number}"), unit, number)

    def _random(self, unit: Unit, what: str) -> Random:
        return Random(f"{self._seed}:{unit.code}:{what}")

    def _pctn(self, unit: Unit, number: int) -> Answers:
        sums: dict[str, Number] = dict.fromkeys((*INDICATORS, *REWARDS), 0)
        cases: list[Row] = []
        for quarter, source in self._sources(unit, number):
            happened, rows = self._happened(source, quarter)
            for name, amount in happened.items():
                sums[name] = sums[name] + amount
            cases += rows
        paid, whole = self._salaries(unit)
        cells: dict[str, Value] = dict(sums)
        cells[RATIO] = f"{paid}/{whole}"
        if not sums["c56"]:
            cells |= dict.fromkeys(REWARDS)
        if unit.level == "commune" and self._random(unit, "x").random() < 0.3:
            cells["c5"] = "x"
        named = {f"pctn_01.{name}": value for name, value in cells.items()}
        return Answers(named, {"pctn_02": tuple(cases)})

    def _sources(self, unit: Unit, number: int) -> list[tuple[int, Unit]]:
        """Quarters with the unit that lived them: a new unit brings what it took over.

        Of a split unit the first heir takes everything.
        """
        began = 1
        found: list[tuple[int, Unit]] = []
        if unit.valid_from is not None:
            began = (unit.valid_from.month + 2) // 3
            first = min(u.code for u in self._units.values() if u.heir_of == unit.heir_of)
            for code in unit.heir_of if unit.code == first else ():
                found += self._sources(self._units[code], began - 1)
        return found + [(quarter, unit) for quarter in range(began, number + 1)]

    def _salaries(self, unit: Unit) -> tuple[int, int]:
        random = self._random(unit, "salaries")
        whole = random.randint(4, 12) * _SIZE[unit.level]
        return whole - random.choice((0, 0, 0, 1, 2)), whole

    def _happened(self, unit: Unit, quarter: int) -> tuple[dict[str, Number], list[Row]]:
        random = self._random(unit, f"pctn {quarter}")
        found = _common(random, _SIZE[unit.level])
        cases: list[Row] = []
        if random.random() < 0.25:
            channel = random.choice(_CHANNELS)
            found |= {channel[0]: 1, channel[1]: random.randint(1, 3)}
            if channel[0] == "c35":
                found["c34"] = found["c34"] + 1
                found["c33"] = found["c33"] + 1
            found |= _damage(random)
            cases.append(
                {
                    "name": f"Vụ việc số {quarter} năm {YEAR} tại {unit.name}",
                    "place": unit.name,
                    "handler": random.choice(("Thanh tra tỉnh", "Cơ quan điều tra", None)),
                    "summary": "Lập khống chứng từ thanh toán." if random.random() < 0.7 else None,
                }
            )
        return found, cases


def _common(random: Random, size: int) -> dict[str, Number]:
    """What happens in every quarter, and now and then."""

    def some(low: int, high: int) -> int:
        return random.randint(low, high) * size

    checked, verified, asked = some(5, 9), some(7, 12), random.randint(0, 3)
    found: dict[str, Number] = {
        "c1": random.randint(0, 2), "c2": random.randint(0, 1), "c3": some(50, 90),
        "c4": some(1, 3), "c5": random.randint(0, 2), "c6": checked,
        "c7": random.randint(0, checked // 3), "c8": random.randint(0, 1),
        "c9": random.randint(0, 2), "c10": some(1, 4), "c19": random.randint(1, 4),
        "c20": random.randint(0, 1), "c21": some(1, 3), "c22": verified,
        "c23": random.randint(0, 1), "c27": random.randint(0, 1), "c33": asked,
        "c34": random.randint(0, asked), "c47": random.randint(0, 1),
        "c48": random.randint(0, 2),
    }  # fmt: skip
    found["c48"] = found["c47"] * max(1, found["c48"])
    if random.random() < 0.2:
        people, owed = random.randint(1, 4), Decimal(random.randint(200, 600)) / 10
        found |= {"c11": 1, "c12": people, "c13": random.randint(0, people), "c15": owed}
        found["c16"] = owed if random.random() < 0.5 else owed - Decimal("3.5")
    if random.random() < 0.1:
        found |= {"c17": 1, "c18": Decimal(random.randint(10, 150)) / 10}
    if random.random() < 0.1:
        by_gravity = [random.randint(0, 2) for _ in range(4)]
        by_gravity[0] += 1
        found |= dict(zip(("c41", "c42", "c43", "c44"), by_gravity, strict=True))
        found |= {"c39": 1, "c40": sum(by_gravity), "c45": 1, "c46": random.randint(1, 2)}
    if random.random() < 0.15:
        rewards = [random.randint(0, 1), random.randint(0, 2), random.randint(1, 3)]
        found |= dict(zip(REWARDS, rewards, strict=True)) | {"c56": sum(rewards)}
    if random.random() < 0.1:
        found |= {"c24": 2, "c25": 1, "c26": 1, "c57": 2, "c58": 1}
    if random.random() < 0.2:
        found |= {"c59": 3, "c60": 2, "c61": random.randint(0, 2)}
    return found


def _damage(random: Random) -> dict[str, Number]:
    lost, land = Decimal(random.randint(300, 900)) / 10, random.randint(0, 1) * 150
    back = lost / 2
    return {"c49": lost, "c51": back, "c53": Decimal("1.5"), "c50": land, "c52": land // 2}


def _services(random: Random) -> dict[str, int]:
    """Services on line, and those of each level: all are at least of level 1, none of two."""
    whole = random.randint(160, 440)
    return {
        "r5": whole, "r5_1": whole, "r5_2": whole - random.randint(10, 60),
        "r5_3": random.randint(40, 70), "r5_4": random.randint(20, 60),
    }  # fmt: skip


def _quarter_of_reform(random: Random, unit: Unit, quarter: int) -> Answers:
    """Phụ lục 3 of one quarter: departments count at their own level, districts at two."""
    own = unit.level
    other = "x" if own == "province" else None
    cells: dict[str, Value] = {}
    counted = ("province",) if own == "province" else ("district", "commune")
    services = {column: _services(random) for column in counted}
    for row in CRITERIA:
        if row.startswith("r5"):
            parts = {column: amounts[row] for column, amounts in services.items()}
        else:
            parts = {column: random.randint(40, 110) for column in counted}
            if own == "district":
                parts["district"] = 1
        typed: dict[str, Value] = {
            "province": other, "district": other, "commune": other, **parts,
            "total": sum(parts.values()),
        }  # fmt: skip
        cells |= {f"cchc_pl3_2.{row}.{column}": value for column, value in typed.items()}
    agencies = random.randint(120, 140)
    cells["cchc_pl3_2.r5.total"] = f"{cells['cchc_pl3_2.r5.total']}/{agencies}"
    cells["cchc_pl3_2.r4.district"] = random.randint(0, 1) if own == "district" else other
    cells["cchc_pl3_2.r4.total"] = None
    rows: list[Row] = []
    for plan in random.sample(_PLANS, random.randint(2, 4)):
        done, doing, left = random.randint(2, 20), random.randint(0, 9), random.randint(0, 2)
        issued = date(YEAR - 1, 12, 1) + timedelta(random.randint(0, 60))
        rows.append(
            {
                "plan": f"{plan} năm {YEAR}, quý {quarter}", "issued": issued,
                "planned": done + doing + left, "done": done, "doing": doing,
                "not_done": left or None, "note": None,
            }
        )  # fmt: skip
    return Answers(cells, {"cchc_pl3_1": tuple(rows)})
