"""Who reports in the simulated province, and when: 24 departments, 11 districts, 173 communes.

All names are invented but those of the departments, which are alike everywhere. In the middle of
the year one commune is renamed, two are merged and one is split.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product
from random import Random

NAME = "Tỉnh Sông Tiền (mô phỏng)"
YEAR = 2018
LEVELS = {"province": "Cấp tỉnh", "district": "Cấp huyện", "commune": "Cấp xã"}
SIZES = {"full": (24, 11, 173), "small": (4, 2, 18)}
"""Departments, districts and communes at the beginning of the year."""
DEPARTMENTS = (
    "Sở Nội vụ", "Sở Tài chính", "Sở Tư pháp", "Sở Xây dựng", "Sở Y tế",
    "Sở Giáo dục và Đào tạo", "Sở Khoa học và Công nghệ", "Sở Tài nguyên và Môi trường",
    "Sở Nông nghiệp và Phát triển nông thôn", "Sở Công Thương", "Sở Giao thông vận tải",
    "Sở Kế hoạch và Đầu tư", "Sở Lao động - Thương binh và Xã hội",
    "Sở Thông tin và Truyền thông", "Sở Văn hóa, Thể thao và Du lịch",
    "Văn phòng Ủy ban nhân dân tỉnh", "Thanh tra tỉnh", "Ban Dân tộc",
    "Ban Quản lý các khu công nghiệp", "Công an tỉnh", "Viện kiểm sát nhân dân tỉnh",
    "Tòa án nhân dân tỉnh", "Cục Thi hành án dân sự tỉnh",
    "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh",
)  # fmt: skip
WITHOUT_CCHC = 19
"""Departments after this one are not organs of the province's administration: PCTN only."""
_FIRST = ("Tân", "Mỹ", "Long", "Bình", "An", "Phú", "Thạnh", "Hòa", "Vĩnh", "Hưng", "Đông", "Nhị",
          "Tam", "Thiện", "Hậu", "Cẩm", "Kim", "Ngọc")  # fmt: skip
_SECOND = ("Quý", "Trung", "Hiệp", "Thuận", "Lợi", "Khánh", "Điền", "Sơn", "Lâm", "Thủy", "Trí",
           "Nghĩa", "Đức", "Thành", "Phước", "Lộc", "Bửu", "Cường")  # fmt: skip
HALF, AUTUMN = date(YEAR, 7, 1), date(YEAR, 10, 1)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the roster; ``heir_of`` are the codes that it takes the figures of."""

    code: str
    name: str
    level: str
    parent: str = ""
    templates: tuple[str, ...] = ("pctn",)
    valid_from: date | None = None
    valid_to: date | None = None
    heir_of: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """Kind of unit as the roster calls it."""
        if self.level == "province":
            if "cchc" in self.templates:
                return "Sở, ban, ngành tỉnh"
            front = self.name == DEPARTMENTS[-1]
            return "MTTQ, tổ chức chính trị - xã hội" if front else "Cơ quan ngành dọc"
        return f"UBND {LEVELS[self.level].lower()}"

    @property
    def email(self) -> str:
        """An invented address."""
        return f"{self.code.lower()}@songtien.example"

    def reports(self, month: int) -> bool:
        """Whether the unit is there on the last day of a month (a unit that ends does not)."""
        day = date(YEAR, month, 31 if month in (3, 12) else 30)
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


_SLUGS = {"Q1": "quy-1", "6M": "6-thang", "9M": "9-thang", "Y": "ca-nam"}


@dataclass(frozen=True, slots=True)
class Round:
    """One reporting round: PCTN and CCHC have periods of their own in it.

    ``code`` is what commands take (``2018-9M``). ``days`` are the days on which the province
    merges; the first one is the due date.
    """

    number: int
    pctn: str
    cchc: str
    label: str
    window: tuple[date, date]
    quarter: tuple[date, date]
    days: tuple[date, ...]
    final: date
    letter: str

    @property
    def code(self) -> str:
        """Code of the round, which is that of its PCTN period."""
        return f"{YEAR}-{self.pctn}"

    @property
    def slug(self) -> str:
        """How names of files that people open say the round: ``9-thang-2018``."""
        return f"{_SLUGS[self.pctn]}-{YEAR}"

    @property
    def month(self) -> int:
        """Last month of the round."""
        return self.number * 3

    def period(self, template: str) -> str:
        """Code of the period of a template in this round."""
        return f"{YEAR}-{self.pctn if template == 'pctn' else self.cchc}"

    @property
    def due(self) -> date:
        """Last day on which a return is in time."""
        return self.days[0]


def _round(number: int, pctn: str, label: str, end: date, *days: int) -> Round:
    month = number * 3
    return Round(
        number,
        pctn,
        f"Q{number}",
        label,
        (date(YEAR - 1, 11, 6), end),
        (date(YEAR, month - 2, 1), date(YEAR, month, 31 if month in (3, 12) else 30)),
        tuple(date(YEAR, month, day) for day in days),
        date(YEAR, month, 15),
        f"{20 + number}/TTT",
    )


ROUNDS = (
    _round(1, "Q1", "Quý I", date(YEAR, 2, 25), 5, 9),
    _round(2, "6M", "6 tháng", date(YEAR, 5, 25), 5, 8),
    _round(3, "9M", "9 tháng", date(YEAR, 8, 28), 5, 10, 17),
    _round(4, "Y", "Cả năm", date(YEAR, 11, 25), 5, 10, 17),
)
"""The year of the plan of Quảng Ngãi: due on the 5th of the last month of each quarter."""


def units(size: str, seed: int) -> tuple[Unit, ...]:
    """All units of the year, those that begin or end within it included."""
    names = [" ".join(pair) for pair in product(_FIRST, _SECOND)]
    Random(f"{seed}:names").shuffle(names)
    return tuple(_units(*SIZES[size], iter(names)))


def _units(departments: int, districts: int, communes: int, names: Iterator[str]) -> Iterator[Unit]:
    for at, name in enumerate(DEPARTMENTS[:departments], 1):
        both = ("cchc", "pctn") if at <= WITHOUT_CCHC else ("pctn",)
        yield Unit(f"S{at:02}", name, "province", templates=both)
    for at in range(1, districts + 1):
        kind = "thành phố" if at == 1 else "thị xã" if at == 2 else "huyện"
        name = f"UBND {kind} {next(names)}"
        yield Unit(f"H{at:02}", name, "district", templates=("cchc", "pctn"))
    ends = {1: date(YEAR, 6, 30), 2: date(YEAR, 6, 30), 3: date(YEAR, 6, 30), 4: date(YEAR, 9, 30)}
    first = ""
    for at in range(1, communes + 1):
        name = next(names)
        first = first or name
        kind = "thị trấn" if at % 23 == 5 else "phường" if at % 11 == 7 else "xã"
        parent = f"H{1 + at * districts // (communes + 1):02}"
        yield Unit(f"X{at:03}", f"UBND {kind} {name}", "commune", parent, valid_to=ends.get(at))
    # A commune becomes a ward, two are merged, one is split.
    yield Unit("X201", f"UBND phường {first}", "commune", "H01", ("pctn",), HALF, None, ("X001",))
    merged = f"UBND xã {next(names)}"
    yield Unit("X202", merged, "commune", "H01", ("pctn",), HALF, None, ("X002", "X003"))
    for code in ("X203", "X204"):
        name = f"UBND xã {next(names)}"
        yield Unit(code, name, "commune", "H01", ("pctn",), AUTUMN, None, ("X004",))


def reporting(everyone: tuple[Unit, ...], when: Round) -> tuple[Unit, ...]:
    """The units that report a round."""
    return tuple(unit for unit in everyone if unit.reports(when.month))
