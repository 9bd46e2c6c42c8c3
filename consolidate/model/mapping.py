"""What a figure of a form was in an earlier period: by its code, or by the mapping of its pack.

Where another pack served then, only elements that mean exactly the same are ever subtracted. What
became wider is shown side by side. Of an old element that was divided nobody knows which part went
where: it stands beside each of its parts, as wider ones do. Old elements that were put together
are added, where all of them can be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from consolidate.model.data_values import DENOMINATOR, NUMERATOR, FigureKey
from consolidate.model.datasets import Aggregation, DataElement, DataSet, Shape
from consolidate.model.packs import Pack, Replaced
from consolidate.model.period import Period

WIDER, DIVIDED, NEW, NOT_SUMMED = "wider", "divided", "new_element", "not_summed"
"""Why a figure is not subtracted from what it was: keys of ``summary.comparison.obstacle``."""
MEANT_OTHERWISE = (WIDER, DIVIDED, NEW)
"""Those of them that are about the element itself, whatever was reported."""


@dataclass(frozen=True, slots=True)
class Former:
    """A figure of a fixed table of then."""

    data_set: DataSet
    element: DataElement
    column: str

    @property
    def key(self) -> FigureKey:
        """The figure as it was reported."""
        return self.data_set.code, self.element.code, self.column


@dataclass(frozen=True, slots=True)
class Origin:
    """The figures of then that a figure of today goes on; their sum where they are several.

    ``mark`` is one of the above, ``""`` where the two may be subtracted.
    """

    figures: tuple[Former, ...] = ()
    mark: str = ""

    @property
    def keys(self) -> tuple[FigureKey, ...]:
        """The figures as they were reported."""
        return tuple(item.key for item in self.figures)


@dataclass(frozen=True, slots=True)
class Bridge:
    """The figures of tables of today as they were in an earlier period.

    ``pack`` is the one that served then. ``ended`` are listed beside the table that their form
    became, or the first one.
    """

    pack: Pack
    figures: Mapping[FigureKey, Origin]
    ended: tuple[Former, ...] = ()

    @property
    def marks(self) -> dict[FigureKey, str]:
        """Figures that are not subtracted, with the reason."""
        return {key: origin.mark for key, origin in self.figures.items() if origin.mark}

    def carried(
        self, values: Mapping[FigureKey, Decimal], *, exact: bool = True
    ) -> dict[FigureKey, Decimal]:
        """Put figures of then under the keys of today; ``exact``: only what may be subtracted.

        A sum of which one figure is not there is left out: some would pass for all. The two figures
        of a ratio go with it.
        """
        found = {}
        for key, origin in self.figures.items():
            if exact and origin.mark:
                continue
            parts = [values[item] for item in origin.keys if item in values]
            if parts and len(parts) == len(origin.keys):
                found[key] = sum(parts[1:], parts[0])
            for part in (NUMERATOR, DENOMINATOR) if len(parts) == 1 else ():
                number = values.get((*origin.keys[0][:2], part))
                if number is not None:
                    found[*key[:2], part] = number
        return found

    def touched(self, keys: Iterable[FigureKey]) -> frozenset[FigureKey]:
        """Find the figures of today that go on some of these of then."""
        then = frozenset(keys)
        if not then:
            return then
        return frozenset(key for key, origin in self.figures.items() if then & set(origin.keys))


def tables_of(pack: Pack, then: Period) -> dict[str, DataSet]:
    """Find the tables of a pack that are about exactly one period, by form."""
    forms = pack.forms(then.type.round)
    return {item.form: item for item in forms if item.period_in(then) == then}


def tables_like(pack: Pack, data_set: DataSet, number: int) -> dict[str, DataSet]:
    """Find the tables of a round (1 to 4) that are of the quarter where ``data_set`` is."""
    return {item.form: item for item in pack.forms(number) if item.quarter is data_set.quarter}


def bridge(
    now: Pack, then: Pack, data_sets: Iterable[tuple[DataSet, Mapping[str, DataSet]]]
) -> Bridge | None:
    """Tie fixed tables of ``now`` to the pack of then; ``None`` where nothing says how.

    ``data_sets`` are tables of today, each with the tables of then that it is compared with.
    """
    same = now.code == then.code
    if not same and (now.replaces is None or now.replaces.pack != then.code):
        return None
    figures: dict[FigureKey, Origin] = {}
    ended: list[Former] = []
    for data_set, tables in data_sets:
        if data_set.shape is not Shape.FIXED:
            continue
        if same or now.replaces is None:
            if (table := tables.get(data_set.form)) is not None:
                for element, column in data_set.figures():
                    key = (data_set.code, element.code, column)
                    figures[key] = Origin((Former(table, element, column),))
        else:
            figures |= _mapped(data_set, now.replaces, tables)
            ended += _ended(data_set, now, now.replaces, tables)
    return Bridge(then, figures, tuple(ended))


def _mapped(
    data_set: DataSet, replaced: Replaced, tables: Mapping[str, DataSet]
) -> Iterator[tuple[FigureKey, Origin]]:
    olds: dict[str, list[str]] = {}
    for old, names in replaced.elements.items():
        for name in names:
            olds.setdefault(name, []).append(old)
    for element, column in data_set.figures():
        named = olds.get(f"{data_set.form}.{element.code}", [])
        key = (data_set.code, element.code, column)
        yield key, _origin(named, column, replaced, tables)


def _origin(
    named: list[str], column: str, replaced: Replaced, tables: Mapping[str, DataSet]
) -> Origin:
    if not named:
        return Origin((), NEW)
    told = (_figure(name, column, tables) for name in named)
    found = tuple(item for item in told if item is not None)
    if len(found) < len(named):
        return Origin()  # No such figure was asked then.
    kinds = {item.data_set.aggregation_of(item.element, column) for item in found}
    if len(found) > 1 and kinds != {Aggregation.SUM}:
        return Origin((), NOT_SUMMED)
    if any(len(replaced.elements[name]) > 1 for name in named):
        return Origin(found, DIVIDED)
    return Origin(found, WIDER if replaced.wider.intersection(named) else "")


def _figure(name: str, column: str, tables: Mapping[str, DataSet]) -> Former | None:
    form, _, code = name.partition(".")
    table = tables.get(form)
    element = table.by_code.get(code) if table is not None else None
    if table is None or element is None or table.shape is not Shape.FIXED:
        return None
    if column not in (*element.columns, element.second):
        return None
    return Former(table, element, column)


def _ended(
    data_set: DataSet, now: Pack, replaced: Replaced, tables: Mapping[str, DataSet]
) -> Iterator[Former]:
    fixed = [item.code for item in now.data_sets if item.shape is Shape.FIXED]
    became: dict[str, str] = {}
    for old, names in replaced.elements.items():
        form = names[0].partition(".")[0]
        if form in fixed:
            became.setdefault(old.partition(".")[0], form)
    over = frozenset(replaced.ended)
    for form, table in tables.items():
        if table.shape is Shape.FIXED and became.get(form, fixed[0]) == data_set.form:
            for element, column in table.figures():
                named = {form, f"{form}.{element.code}"}
                if named & over and table.type_of(element, column).numeric:
                    yield Former(table, element, column)
