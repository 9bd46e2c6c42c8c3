"""Cumulative totals beside what they are made of: the earlier one and that of the quarter.

The three were reported by units that may not be the same. A difference is that of single units
whose own figures do not add up, or it comes from units of which one of the three figures is not
known, or was changed since, or was that of others: those explain it and are not blamed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from consolidate.model.data_values import FigureKey, PastFigures
from consolidate.model.datasets import Aggregation
from consolidate.rollup.totals import DataSetTable, Figure

_NONE = Decimal(0)


class Why(StrEnum):
    """Why a unit explains a difference: its figures of then and now are not of the same kind."""

    RESTATED = "restated"
    JOINED = "joined"
    SPLIT = "split"
    NEW = "new"
    NOT_THEN = "not_reported"
    BLANK = "blank"
    ABSENT = "absent"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Tile:
    """A total (``now``) beside the earlier one (``then``) and that of the quarter.

    ``units`` is the number of units all three of whose figures are known. ``broken`` are codes of
    those whose own figures do not add up, ``explained`` those of units that explain a difference;
    a total on record that is older than an adjustment explains it without any unit.
    """

    figure: Figure
    now: Decimal
    then: Decimal
    quarter: Decimal
    units: int = 0
    broken: tuple[str, ...] = ()
    explained: Mapping[Why, tuple[str, ...]] = field(default_factory=dict)

    @property
    def gap(self) -> Decimal:
        """What the total has more than its parts."""
        return self.now - self.then - self.quarter

    @property
    def wrong(self) -> bool:
        """Whether somebody has to look: the parts do not add up and units do not explain it."""
        return bool(self.gap) and (bool(self.broken) or not self.explained)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the tiles of a table are made of; keys are those of the table.

    ``then`` are totals of the earlier period, ``units`` what counted then for units of today,
    ``reported`` what each unit of then had in those totals. ``absent`` and ``gone`` are codes of
    units that reported then and do not now. ``restated`` are totals older than an adjustment.
    """

    quarter: DataSetTable
    then: Mapping[FigureKey, Decimal]
    units: Mapping[str, PastFigures]
    reported: Mapping[str, Mapping[FigureKey, Decimal]]
    absent: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    restated: frozenset[FigureKey] = frozenset()


def tiles_of(table: DataSetTable, parts: Parts) -> Iterator[Tile]:
    """List every total that should be the earlier one and that of the quarter together."""
    for figure in table.figures:
        code, column = figure.element.code, figure.column
        beside = parts.quarter.figure(code, column)
        then = parts.then.get((table.data_set.code, code, column))
        quarter = beside.total if beside is not None else None
        if not table.data_set.tiled(figure.element, column):
            continue
        if figure.total is not None and then is not None and quarter is not None:
            yield _Asked(table, parts, figure).tile(Tile(figure, figure.total, then, quarter))


class _Asked:
    """One figure of a table, unit by unit."""

    def __init__(self, table: DataSetTable, parts: Parts, figure: Figure) -> None:
        self._parts = parts
        self._figure = figure
        self._key = (table.data_set.code, figure.element.code, figure.column)
        self._now = self._answers(table)
        self._quarter = self._answers(parts.quarter)

    def tile(self, totals: Tile) -> Tile:
        """The three totals with the units behind a difference."""
        made = replace(totals, units=sum(map(self._known, self._now)))
        if not made.gap:
            return made
        broken: list[str] = []
        found: dict[Why, list[str]] = {}
        for code in dict.fromkeys((*self._now, *self._quarter)):
            why = self._why(code)
            if why is not None:
                found.setdefault(why, []).append(code)
            elif self._gap(code):
                broken.append(code)
        if Why.SPLIT in found and not self._split_gap(found[Why.SPLIT]):
            del found[Why.SPLIT]
        for why, codes in ((Why.ABSENT, self._parts.absent), (Why.GONE, self._parts.gone)):
            had = [code for code in codes if self._had(code)]
            if had:
                found[why] = had
        if self._key in self._parts.restated:
            found.setdefault(Why.RESTATED, [])
        explained = {why: tuple(found[why]) for why in Why if why in found}
        return replace(made, broken=tuple(broken), explained=explained)

    def _answers(self, table: DataSetTable) -> dict[str, Decimal | None]:
        """Answers of the units that a total is made of, by their codes."""
        single = self._figure.aggregation is Aggregation.SINGLE
        asked = table.contributions if single else table.summed
        return {
            item.unit.code: value.number if value is not None else None
            for item in asked
            if not single or item.unit.code == self._figure.given_by
            for value in [item.value(self._key[1], self._key[2])]
        }

    def _known(self, code: str) -> bool:
        past = self._parts.units.get(code)
        return (
            past is not None
            and past.comparable
            and self._key in past.values
            and self._now.get(code) is not None
            and self._quarter.get(code) is not None
        )

    def _why(self, code: str) -> Why | None:
        """What keeps a unit whose figures differ from being blamed; ``None`` for nothing."""
        past = self._parts.units.get(code)
        if past is None:
            return Why.NEW if self._gap(code) else None
        if past.obstacle == "split":
            return Why.SPLIT
        if not self._gap(code):
            return None
        if not past.comparable:
            return Why.NEW if past.obstacle == "new" else Why.NOT_THEN
        if not self._known(code):
            return Why.BLANK
        if self._key in past.adjusted:
            return Why.RESTATED
        return Why.JOINED if len(past.units) > 1 else None

    def _gap(self, code: str) -> Decimal:
        """What the figure of a unit has more than its parts, as the totals count them."""
        past = self._parts.units.get(code)
        if past is None:
            then = _NONE
        elif self._key in past.values:
            then = past.values[self._key]
        else:
            then = sum(map(self._had, past.units), _NONE)
        return self._since(code) - then

    def _since(self, code: str) -> Decimal:
        return (self._now.get(code) or _NONE) - (self._quarter.get(code) or _NONE)

    def _split_gap(self, codes: list[str]) -> Decimal:
        """The same of the parts of units that were split, taken together."""
        whole = {item for code in codes for item in self._parts.units[code].units}
        return sum(map(self._since, codes), _NONE) - sum(map(self._had, whole), _NONE)

    def _had(self, code: str) -> Decimal:
        return self._parts.reported.get(code, {}).get(self._key, _NONE)
