"""Units, their levels and kinds, who came after whom, and the roster of who has to report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from consolidate.model.period import Period
from consolidate.model.text import Labelled, name_key


class UnitKind(Labelled):
    """Class of unit that plans and official letters set due dates for.

    ``UNKNOWN``: the roster does not say.
    """

    DEPARTMENT = "department", "Sở, ban, ngành tỉnh"
    DISTRICT = "district", "UBND cấp huyện"
    COMMUNE = "commune", "UBND cấp xã"
    SUBORDINATE = "subordinate", "Đơn vị trực thuộc"
    POLICE = "police", "Công an tỉnh"
    PROCURACY = "procuracy", "Viện kiểm sát nhân dân"
    COURT = "court", "Tòa án nhân dân"
    ENFORCEMENT = "enforcement", "Thi hành án dân sự"
    BANK = "bank", "Ngân hàng Nhà nước"
    VERTICAL = "vertical", "Cơ quan ngành dọc khác"
    FRONT = "front", "MTTQ, tổ chức chính trị - xã hội"
    OTHER = "other", "Cơ quan, tổ chức hành chính khác"
    UNKNOWN = "unknown", ""

    @classmethod
    def parse(cls, text: str) -> UnitKind | None:
        """Read a kind from a Vietnamese phrase or machine label; ``UNKNOWN`` for a blank."""
        return _BY_KEY.get(name_key(text))

    def covers(self, other: UnitKind) -> bool:
        """Tell whether a row of a calendar for this kind is for the other too.

        Letters that name the vertical branches as a whole mean police, courts and so on as well.
        """
        return self is other or (self is UnitKind.VERTICAL and other in _BRANCHES)

    def told_by(self, name: str, level: Level | None) -> UnitKind:
        """Find the vertical branch that the name of a unit begins with; this kind without one.

        Rosters of before the branches had kinds of their own say "Cơ quan ngành dọc". A branch
        below the level of its kind (a court of a district) stays one of the vertical agencies.
        """
        if self is not UnitKind.VERTICAL:
            return self
        key = name_key(name)
        for kind, beginnings in _BRANCHES.items():
            if key.startswith(beginnings) and level in (None, KIND_LEVELS[kind]):
                return kind
        return self


_PHRASES = {
    UnitKind.DEPARTMENT: (
        "sở", "sở, ngành", "sở, ban, ngành", "ban, ngành", "sở, ban, ngành cấp tỉnh",
        "cơ quan chuyên môn", "cơ quan chuyên môn cấp tỉnh",
        "cơ quan chuyên môn thuộc UBND tỉnh",
    ),
    UnitKind.DISTRICT: (
        "huyện", "thị xã", "cấp huyện", "UBND huyện", "UBND thị xã",
        "UBND huyện, thị xã, thành phố", "UBND các huyện, thị xã, thành phố",
    ),
    UnitKind.COMMUNE: (
        "xã", "phường", "thị trấn", "đặc khu", "cấp xã", "UBND xã", "UBND phường",
        "UBND thị trấn", "UBND đặc khu", "UBND xã, phường, thị trấn",
        "UBND xã, phường, đặc khu", "UBND các xã, phường, đặc khu",
    ),
    UnitKind.SUBORDINATE: ("trực thuộc", "đơn vị sự nghiệp", "đơn vị sự nghiệp trực thuộc"),
    UnitKind.POLICE: ("công an", "công an thành phố"),
    UnitKind.PROCURACY: ("viện kiểm sát", "VKSND", "viện kiểm sát nhân dân tỉnh"),
    UnitKind.COURT: ("tòa án", "TAND", "tòa án nhân dân tỉnh"),
    UnitKind.ENFORCEMENT: (
        "thi hành án", "THADS", "cơ quan thi hành án dân sự", "cục thi hành án dân sự",
        "thi hành án dân sự tỉnh",
    ),
    UnitKind.BANK: ("ngân hàng", "NHNN", "ngân hàng nhà nước Việt Nam"),
    UnitKind.VERTICAL: (
        "ngành dọc", "ngành dọc khác", "cơ quan ngành dọc", "cơ quan ngành dọc cấp tỉnh",
    ),
    UnitKind.FRONT: (
        "MTTQ", "Mặt trận Tổ quốc", "MTTQ tỉnh", "Ủy ban MTTQ", "đoàn thể", "MTTQ, đoàn thể",
        "MTTQ và các tổ chức chính trị - xã hội", "tổ chức chính trị - xã hội",
    ),
    UnitKind.OTHER: (
        "cơ quan khác", "tổ chức khác", "cơ quan, tổ chức khác", "cơ quan hành chính khác",
        "tổ chức hành chính khác",
    ),
}  # fmt: skip
_BRANCHES = {
    UnitKind.POLICE: ("công an",),
    UnitKind.PROCURACY: ("viện kiểm sát", "viện ksnd"),
    UnitKind.COURT: ("tòa án",),
    UnitKind.ENFORCEMENT: (
        "thi hành án", "cục thi hành án", "chi cục thi hành án", "phòng thi hành án",
    ),
    UnitKind.BANK: ("ngân hàng nhà nước", "nhnn"),
}  # fmt: skip
"""Vertical branches with a kind of their own, and how the names of their units begin."""
_BY_KEY = {"": UnitKind.UNKNOWN} | {
    name_key(phrase): kind
    for kind in UnitKind
    for phrase in (kind.value, kind.label, *_PHRASES.get(kind, ()))
    if phrase and kind is not UnitKind.UNKNOWN
}


class Level(Labelled):
    """Administrative level at which a unit's figures are totalled.

    ``UNKNOWN`` is a level too: figures of a unit without a level still count in the total.
    """

    PROVINCE = "province", "Cấp tỉnh"
    DISTRICT = "district", "Cấp huyện"
    COMMUNE = "commune", "Cấp xã"
    UNKNOWN = "unknown", "Chưa rõ cấp"

    @classmethod
    def parse(cls, text: str) -> Level | None:
        """Read a level from a Vietnamese or machine label: ``Cấp tỉnh``, ``tỉnh``, ``province``."""
        key = name_key(text).removeprefix("cấp ")
        for level in cls:
            if key in (level.value, name_key(level.label).removeprefix("cấp ")):
                return level
        return None


KIND_LEVELS: Mapping[UnitKind, Level] = {
    UnitKind.DEPARTMENT: Level.PROVINCE,
    UnitKind.DISTRICT: Level.DISTRICT,
    UnitKind.COMMUNE: Level.COMMUNE,
    **dict.fromkeys(_BRANCHES, Level.PROVINCE),
}
"""Kinds whose units are all of one level."""
DISTRICTS_END = date(2025, 6, 30)
"""Last day of the district level: Luật Tổ chức chính quyền địa phương số 72/2025/QH15."""


def levels_on(day: date) -> tuple[Level, ...]:
    """Administrative levels that the country has on a day, from the top down."""
    known = (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)
    return tuple(level for level in known if level is not Level.DISTRICT or day <= DISTRICTS_END)


@dataclass(frozen=True, slots=True)
class OrganisationUnit:
    """A reporting unit: code and name as on the roster; ``templates`` it must return (codes).

    ``identifier`` is its electronic one (mã định danh điện tử). It is there from ``valid_from`` to
    ``valid_to`` (first and last day, ``None``: always); ``predecessors`` are the codes of the units
    that it was made from. ``old_names`` are names that it had, apart from those it also goes by.
    ``provides`` are codes of the forms whose figures of the whole province it gives. ``row`` is its
    row of the roster as Excel counts it, 0 for a unit that was read from no workbook.
    """

    code: str
    name: str
    level: Level
    aliases: tuple[str, ...] = ()
    parent: str = ""
    templates: frozenset[str] = frozenset()
    identifier: str = ""
    kind: UnitKind = UnitKind.UNKNOWN
    email: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    predecessors: tuple[str, ...] = ()
    old_names: tuple[str, ...] = ()
    provides: frozenset[str] = frozenset()
    row: int = field(default=0, compare=False)

    def expects(self, template: str) -> bool:
        """Tell whether the unit must return this template; a unit without a list returns all."""
        return not self.templates or template in self.templates

    @property
    def last_day(self) -> date | None:
        """Last day on which the unit is there, ``None`` for one that has no end.

        A unit of a district of which the roster gives no last day ends with that level.
        """
        if self.valid_to is None and self.level is Level.DISTRICT:
            return DISTRICTS_END
        return self.valid_to

    def valid_on(self, day: date) -> bool:
        """Tell whether the unit is there on this day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.last_day is None or day <= self.last_day
        )


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signs for an agency of the province, ``""`` for what nobody said.

    Without an ``agency`` it is who signs for every one. ``instead`` is the line above the title of
    who signs for another (``KT. CHÁNH THANH TRA``), ``officer`` who makes the tables.
    """

    agency: str = ""
    instead: str = ""
    title: str = ""
    name: str = ""
    officer: str = ""
    place: str = ""


@dataclass(frozen=True, eq=False)
class Roster:
    """The expected units in roster order. Codes are unique; a name may serve one unit only.

    ``added`` are codes of the forms of the whole province of which each unit reports a part.
    ``signatories`` sign what goes out and up.

    Two rosters are the same only when they are one object: what follows from its names is worked
    out once. ``whole`` is the roster that this one is the units of ``day`` of.
    """

    units: tuple[OrganisationUnit, ...]
    province: str = ""
    source: str = ""
    whole: Roster | None = field(default=None, repr=False)
    day: date | None = None
    added: frozenset[str] = frozenset()
    signatories: tuple[Signatory, ...] = ()

    @classmethod
    def of(
        cls,
        units: Iterable[OrganisationUnit],
        *,
        province: str = "",
        source: str = "",
        added: frozenset[str] = frozenset(),
        signatories: tuple[Signatory, ...] = (),
    ) -> Roster:
        """Make a whole roster, of no one day."""
        return cls(tuple(units), province, source, added=added, signatories=signatories)

    @cached_property
    def keys(self) -> Mapping[str, tuple[OrganisationUnit, ...]]:
        """Units by the key (:func:`name_key`) of each code, name and other name.

        An old name leads to its unit unless it is what some unit is called now.
        """
        index: dict[str, tuple[OrganisationUnit, ...]] = {}
        for unit in self.units:
            for key in {name_key(text) for text in (unit.code, unit.name, *unit.aliases) if text}:
                index[key] = (*index.get(key, ()), unit)
        current = frozenset(index)
        for unit in self.units:
            for key in {name_key(text) for text in unit.old_names} - current:
                index[key] = (*index.get(key, ()), unit)
        return index

    def find(self, text: str) -> tuple[OrganisationUnit, ...]:
        """Find units whose code, name or other name is this text; more than one is an ambiguity."""
        return self.keys.get(name_key(text), ())

    def at(self, day: date) -> Roster:
        """Take the units that are there on this day; the same object when all of them are."""
        units = tuple(unit for unit in self.units if unit.valid_on(day))
        if len(units) == len(self.units):
            return self
        return replace(self, units=units, whole=self.whole or self, day=day)

    def absent(self, *texts: str) -> OrganisationUnit | None:
        """Find the unit of the whole roster, but not of this day, that the first clear text names.

        A text is clear when exactly one unit has it as its code or as one of its names.
        """
        for text in filter(None, texts):
            found = self.whole.find(text) if self.whole is not None else ()
            if len(found) == 1 and found[0] not in self.units:
                return found[0]
        return None

    def successors(self, unit: OrganisationUnit) -> tuple[OrganisationUnit, ...]:
        """List the units of the whole roster that were made from this one, in its order."""
        among = (self.whole or self).units
        return tuple(other for other in among if unit.code in other.predecessors)

    def for_period(self, period: Period) -> Roster:
        """Take the units that report a period: those there on its last day.

        A unit that ends within a period does not report it; its successor does.
        """
        return self.at(period.last_day)


@dataclass(frozen=True, slots=True)
class Succession:
    """The units of a roster tied to what they were made from."""

    _units: Mapping[str, OrganisationUnit]

    @classmethod
    def of(cls, units: Iterable[OrganisationUnit]) -> Succession:
        """Tie units together; predecessors that are not among them are left out."""
        return cls({unit.code: unit for unit in units})

    def predecessors(self, code: str) -> tuple[OrganisationUnit, ...]:
        """List units that this one was made from, in the order of its row."""
        unit = self._units.get(code)
        named = unit.predecessors if unit is not None else ()
        return tuple(self._units[item] for item in named if item in self._units)

    def sources(self, code: str, then: date, today: date) -> tuple[OrganisationUnit, ...]:
        """Find units of ``then`` whose figures went to this one of ``today``, in any steps.

        A unit that was there already and took others in since comes from itself and from those;
        one that it was named with but that is still there today keeps its own figures, and one
        that was gone before ``then`` is in the figures already.
        """
        if code not in self._units:
            return ()
        found: dict[str, OrganisationUnit] = {}
        seen = {code}
        waiting = [self._units[code]]
        while waiting:
            unit = waiting.pop(0)
            there = unit.valid_on(then)
            if there:
                found[unit.code] = unit
            for item in self.predecessors(unit.code):
                older = item.last_day is not None and item.last_day < then
                if item.code not in seen and not (there and (older or item.valid_on(today))):
                    seen.add(item.code)
                    waiting.append(item)
        return tuple(found.values())

    def cycles(self) -> tuple[tuple[str, ...], ...]:
        """Chains of predecessors that come back to where they began, each once, as codes.

        A chain starts with its unit that stands first in the roster.
        """
        order = {code: index for index, code in enumerate(self._units)}
        done: set[str] = set()
        found: list[tuple[str, ...]] = []
        for start in self._units:
            path: list[str] = []
            branches = [iter((start,))]
            while branches:
                code = next(branches[-1], None)
                if code is None:
                    branches.pop()
                    if path:
                        done.add(path.pop())
                elif code in path:
                    ring = path[path.index(code) :]
                    first = min(range(len(ring)), key=lambda index: order[ring[index]])
                    found.append((*ring[first:], *ring[:first]))
                elif code not in done:
                    path.append(code)
                    branches.append(iter(unit.code for unit in self.predecessors(code)))
        return tuple(dict.fromkeys(found))
