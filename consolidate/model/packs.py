"""Packs: the forms of one legal basis, the days that they serve, who owes which of them by when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from consolidate.model.anchors import COVER
from consolidate.model.data_values import FigureKey
from consolidate.model.datasets import DataSet, Heading, Library, Rules, TemplateSpec
from consolidate.model.period import DataWindow, Period, PeriodType
from consolidate.model.rules import Expr, Ref, Rows, RuleSpec, home_of, leaves
from consolidate.model.units import UnitKind

QUARTER_SUFFIX = "_q"
"""Ends the code of the quarter table of a form that also has a cumulative one (``pctn_01_q``)."""


@dataclass(frozen=True, slots=True)
class Package:
    """Data sets that some kinds of unit owe for some periods; no ``kinds`` means all.

    Figures of units that are not ``summed`` are shown beside the total of the province, never in it
    (note under Biểu 01/PCTN of Thông tư 06/2025/TT-TTCP on the vertical branches).
    """

    data_sets: tuple[str, ...]
    periods: tuple[PeriodType, ...]
    kinds: tuple[UnitKind, ...] = ()
    summed: bool = True


@dataclass(frozen=True, slots=True)
class YearDay:
    """A day of the reporting year, ``years`` from it (-1: of the year before)."""

    month: int
    day: int
    years: int = 0

    def of(self, year: int) -> date:
        """Find the day in a reporting year."""
        return date(year + self.years, self.month, self.day)


@dataclass(frozen=True, slots=True)
class StatutoryDue:
    """A due day within the last month of a period.

    "Chậm nhất vào ngày" includes the day; "trước ngày" (``strictly_before``) ends the day before.
    """

    day: int
    strictly_before: bool = False

    def of(self, period: Period) -> date:
        """Find the last day in time."""
        said = period.last_day.replace(day=self.day)
        return said - timedelta(days=1) if self.strictly_before else said


@dataclass(frozen=True, slots=True)
class Scoring:
    """How an assessment counts points.

    ``whole`` are the points of its largest sections together, ``None`` where that is not said. A
    review is far from a unit's own points when more than the part ``far`` of the maximum lies
    between. ``late`` is the part that counts of a return that came late.
    """

    whole: Decimal | None = None
    far: Decimal = Decimal("0.2")
    late: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Replaced:
    """How a pack follows the one before it: names are ``data_set.element``.

    ``elements`` are old to new names, ``wider`` those whose meaning became wider or other: shown
    side by side, never subtracted. ``ended`` are old, ``new`` are new ones without a counterpart.
    """

    pack: str
    elements: Mapping[str, tuple[str, ...]]
    wider: frozenset[str] = frozenset()
    ended: tuple[str, ...] = ()
    new: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A figure that the overview begins with, under a short name; its data set is a form's code."""

    key: FigureKey
    name: str


@dataclass(frozen=True, eq=False)
class Pack:
    """The forms of one legal basis. Of a family at most one pack serves on any day.

    ``data_sets`` are the forms as defined; :meth:`forms` are those of a round. ``windows`` and
    ``due`` (by ``unit`` and ``province``) are the statutory calendar. ``tiles`` say which earlier
    periods add up to a cumulative one. ``uncited``: letters do not name the basis, for there is no
    document or its number is not known. ``to_confirm`` is what a signed text has to confirm.
    ``rules`` are the rules of each form of :meth:`forms` (0), by its code. ``scoring`` is that of
    its assessments.
    """

    code: str
    title: str
    legal_basis: str
    serves_from: date
    serves_to: date | None
    template: TemplateSpec
    data_sets: tuple[DataSet, ...]
    packages: tuple[Package, ...]
    to_confirm: tuple[str, ...] = ()
    uncited: bool = False
    key_figures: tuple[KeyFigure, ...] = ()
    windows: Mapping[PeriodType, tuple[YearDay, YearDay]] = field(default_factory=dict)
    due: Mapping[str, StatutoryDue] = field(default_factory=dict)
    tiles: Mapping[PeriodType, tuple[PeriodType, PeriodType]] = field(default_factory=dict)
    replaces: Replaced | None = None
    scoring: Scoring = Scoring()
    rules: Rules = field(default_factory=dict, repr=False)
    # Worked out once; a pack that is made of another one begins with none of it.
    _forms: dict[tuple[str, str, int], DataSet] = field(
        default_factory=dict, init=False, repr=False
    )
    _rounds: dict[int, tuple[DataSet, ...]] = field(default_factory=dict, init=False, repr=False)

    @property
    def family(self) -> str:
        """What returns, calendars and rosters call the forms of all packs of one kind: ``pctn``."""
        return self.template.code

    @cached_property
    def periods(self) -> tuple[PeriodType, ...]:
        """One period for each round: the cumulative one where the round has two."""
        kinds = {kind for data_set in self.data_sets for kind in data_set.periods}
        return tuple(
            max((kind for kind in kinds if kind.round == number), key=_order)
            for number in sorted({kind.round for kind in kinds})
        )

    @property
    def citation(self) -> str:
        """The legal basis as letters and reports cite it; ``""`` where they cannot."""
        return "" if self.uncited else self.legal_basis

    def period_for(self, asked: Period) -> Period | None:
        """Find the pack's own period in the round of ``asked``; ``None`` when it has none there."""
        for kind in self.periods:
            if kind.round == asked.type.round:
                return Period(asked.year, kind)
        return None

    def window(self, period: Period) -> DataWindow | None:
        """Find the statutory data window of a period; ``None`` where a letter has to set it."""
        days = self.windows.get(period.type)
        return DataWindow(*(day.of(period.year) for day in days)) if days is not None else None

    def serves(self, period: Period, last_day: date | None = None) -> bool:
        """Ask whether the pack is in force on the last day of the data window of a round.

        ``last_day`` is the one that a calendar sets; else the statutory one is taken, or that of
        the months which the period is named after.
        """
        own = self.period_for(period)
        if own is None:
            return False
        window = self.window(own)
        day = last_day or (window.end if window is not None else own.last_day)
        return self.serves_from <= day and (self.serves_to is None or day <= self.serves_to)

    def owed(self, kind: UnitKind, period: Period) -> tuple[str, ...]:
        """List the forms that a kind of unit owes for the round of ``period``, in their order.

        A unit whose kind is not known owes what every kind that is summed owes.
        """
        return tuple(
            data_set.code
            for data_set in self.forms(period.type.round)
            if any(
                data_set.form in package.data_sets
                and data_set.period_in(period).type in package.periods
                for package in self._packages(kind)
            )
        )

    def summed(self, kind: UnitKind) -> bool:
        """Ask whether the figures of a kind of unit are in the total of the province."""
        return all(package.summed for package in self._packages(kind))

    def _packages(self, kind: UnitKind) -> Iterator[Package]:
        for package in self.packages:
            unknown = kind is UnitKind.UNKNOWN and package.summed
            if not package.kinds or kind in package.kinds or unknown:
                yield package

    def forms(self, number: int) -> tuple[DataSet, ...]:
        """Choose the forms of a round (1 to 4): first the tables of its quarter, then the others.

        Round 0 has every table and every row, whichever round asks for it. A form that is the same
        in several rounds is one object.
        """
        if number in self._rounds:
            return self._rounds[number]
        quarters, others = [], []
        for data_set in self.data_sets:
            asked = [kind for kind in data_set.periods if number in (0, kind.round)]
            last = {kind.round: kind for kind in sorted(asked, key=_order)}
            part = [kind for kind in asked if last[kind.round] is not kind]
            if part:
                sheet = f"{data_set.sheet} {part[0].beside if number else 'quý'}"
                quarters.append(self._form(data_set, sheet, part, QUARTER_SUFFIX))
            if last:
                beside = f" {last[number].beside}" if part and number else ""
                others.append(self._form(data_set, data_set.sheet + beside, last.values()))
        return self._rounds.setdefault(number, (*quarters, *others))

    def _form(
        self, data_set: DataSet, sheet: str, kinds: Iterable[PeriodType], suffix: str = ""
    ) -> DataSet:
        asked = set(kinds)
        body = tuple(
            item
            for item in data_set.body
            if isinstance(item, Heading) or not item.periods or asked & set(item.periods)
        )
        made = replace(
            data_set,
            code=data_set.code + suffix,
            form=data_set.code,
            sheet=sheet,
            periods=_periods(data_set, quarter=bool(suffix)),
            body=body,
            tiles=() if suffix else tuple(filter(asked.__contains__, self._tiles(data_set))),
        )
        return self._forms.setdefault((made.code, sheet, len(body)), made)

    def _tiles(self, data_set: DataSet) -> Iterator[PeriodType]:
        """Periods of a form whose two parts it is returned for, in tables of their own."""
        parts = _periods(data_set, quarter=True)
        for kind, (before, quarter) in self.tiles.items():
            if kind in data_set.periods and before in data_set.periods and quarter in parts:
                yield kind


def _order(kind: PeriodType) -> int:
    """Quarters before the periods that add up from the beginning of the year."""
    return list(PeriodType).index(kind)


def _periods(data_set: DataSet, *, quarter: bool) -> tuple[PeriodType, ...]:
    """The periods of the quarter's table of a form, or those of the other one."""
    last = {kind.round: kind for kind in sorted(data_set.periods, key=_order)}
    return tuple(kind for kind in data_set.periods if (last[kind.round] is not kind) is quarter)


@dataclass(frozen=True, slots=True)
class Unserved:
    """A family that has no form for a period; ``packs`` are those that it has for other days."""

    family: str
    short_title: str
    packs: tuple[Pack, ...]


@dataclass(frozen=True, eq=False)
class Packs:
    """All packs that are known, the oldest family first, then by first day of service.

    ``cover`` belongs to every workbook. ``texts`` are what templates say beside their forms.
    ``digest`` is the SHA-256 of the texts that all this was loaded from, ``""`` for others.
    ``former`` are, by code of a pack, all packs with that one as it was when it was issued.
    """

    packs: tuple[Pack, ...]
    cover: DataSet
    texts: frozenset[str] = frozenset()
    cover_rules: tuple[tuple[RuleSpec, Expr], ...] = ()
    digest: str = ""
    former: Mapping[str, tuple[Packs, ...]] = field(default_factory=dict, repr=False)
    _views: dict[tuple[tuple[str, ...], int], Library] = field(
        default_factory=dict, init=False, repr=False
    )
    _narrowed: dict[tuple[Library, frozenset[str]], Library] = field(
        default_factory=dict, init=False, repr=False
    )

    @cached_property
    def by_code(self) -> dict[str, Pack]:
        """Packs by code."""
        return {pack.code: pack for pack in self.packs}

    @cached_property
    def forms(self) -> tuple[DataSet, ...]:
        """The forms of all packs with all their tables and rows; two of them may have one code."""
        return tuple(data_set for pack in self.packs for data_set in pack.forms(0))

    @cached_property
    def codes(self) -> frozenset[str]:
        """Codes of the forms of all packs, and of the cover."""
        return frozenset((self.cover.code, *(data_set.code for data_set in self.forms)))

    @cached_property
    def families(self) -> dict[str, TemplateSpec]:
        """The newest template of each family."""
        return {pack.family: pack.template for pack in self.packs}

    def serving(
        self, period: Period, last_days: Mapping[str, date] | None = None
    ) -> tuple[Pack, ...]:
        """Find the packs of a round; ``last_days`` are ends of data windows set by a calendar."""
        days = last_days or {}
        return tuple(pack for pack in self.packs if pack.serves(period, days.get(pack.family)))

    def unserved(
        self, period: Period, last_days: Mapping[str, date] | None = None
    ) -> tuple[Unserved, ...]:
        """Find families without a form for a round in which one of their packs is returned."""
        served = {pack.family for pack in self.serving(period, last_days)}
        return tuple(
            Unserved(family, template.short_title, self._of(family))
            for family, template in self.families.items()
            if family not in served
            and any(pack.period_for(period) is not None for pack in self._of(family))
        )

    def _of(self, family: str) -> tuple[Pack, ...]:
        return tuple(pack for pack in self.packs if pack.family == family)

    def as_issued(self, code: str, definition: str) -> Packs:
        """Find the packs with one as it was issued (the digest of a former one), or as it is."""
        return next((item for item in self.former.get(code, ()) if item.digest == definition), self)

    def view(self, packs: Iterable[Pack], number: int) -> Library:
        """Show the forms of some packs, one for each family, in a round (1 to 4; 0: all tables)."""
        chosen = tuple(packs)
        key = (tuple(pack.code for pack in chosen), number)
        if key in self._views:
            return self._views[key]
        rules = {self.cover.code: self.cover_rules}
        across: dict[str, tuple[tuple[RuleSpec, Expr], ...]] = {}
        templates = []
        forms: list[DataSet] = []
        for pack in chosen:
            own = pack.forms(number)
            codes = {COVER, *(data_set.code for data_set in own)}
            forms += own
            templates.append(
                replace(pack.template, data_sets=tuple(data_set.code for data_set in own))
            )
            known = {COVER, *(data_set.code for data_set in pack.forms(0))}
            for data_set in own:
                alone, others = [], []
                for rule, bound in pack.rules.get(data_set.code, ()):
                    rounds = {kind.round for kind in rule.periods}
                    if number and rounds and number not in rounds:
                        continue
                    tables = [home_of(leaf) for leaf in leaves(bound)]
                    if any(item.shift.adds_units or item.data_set not in known for item in tables):
                        others.append((rule, bound))
                    elif codes.issuperset(table.data_set for table in tables):
                        alone.append((rule, bound))
                rules[data_set.code] = tuple(alone)
                if others:
                    across[data_set.code] = tuple(others)
        made = Library(
            templates=tuple(templates),
            data_sets=tuple(forms),
            cover=self.cover,
            texts=self.texts,
            rules=rules,
            across=_findable(across, forms),
            named={data_set.code: data_set for data_set in (*forms, self.cover)},
            packs=self,
            pack_of={pack.family: pack for pack in chosen},
        )
        return self._views.setdefault(key, made)

    def narrowed(self, library: Library, codes: frozenset[str]) -> Library:
        """Show some data sets of a library: always the same object for the same ones."""
        key, asked = (library, codes), codes | {COVER}
        if key not in self._narrowed:
            templates = (
                replace(item, data_sets=tuple(code for code in item.data_sets if code in codes))
                for item in library.templates
            )
            rules, across = (
                {
                    code: tuple(item for item in rules if _own_tables(item[1]) <= asked)
                    for code, rules in known.items()
                    if code in asked
                }
                for known in (library.rules, library.across)
            )
            self._narrowed[key] = replace(
                library,
                templates=tuple(item for item in templates if item.data_sets),
                data_sets=tuple(item for item in library.data_sets if item.code in codes),
                rules=rules,
                across=across,
            )
        return self._narrowed[key]


def _own_tables(bound: Expr) -> frozenset[str]:
    """The tables that the unit itself must have returned for a rule to be asked."""
    asked = map(home_of, leaves(bound))
    return frozenset(item.data_set for item in asked if not item.shift.adds_units)


def _findable(across: Rules, forms: Iterable[DataSet]) -> Rules:
    """The rules across templates of which every figure is in these forms.

    Another pack of a family may have a form of the same code with other figures.
    """
    by_code = {data_set.code: data_set for data_set in forms}

    def found(asked: Ref | Rows) -> bool:
        form = by_code.get(asked.data_set)
        if form is None or isinstance(asked, Rows) or not asked.element:
            return form is not None or asked.data_set == COVER
        return asked.element in form.by_code

    return {
        code: tuple(item for item in rules if all(map(found, map(home_of, leaves(item[1])))))
        for code, rules in across.items()
    }
