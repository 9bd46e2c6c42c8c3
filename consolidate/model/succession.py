"""Follow units through merger, split, renaming and abolition, forwards and backwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from consolidate.model.units import OrganisationUnit


@dataclass(frozen=True, slots=True)
class Lineage:
    """The units of a roster tied to what they were made from."""

    _units: Mapping[str, OrganisationUnit]

    @classmethod
    def of(cls, units: Iterable[OrganisationUnit]) -> Lineage:
        """Tie units together; predecessors that are not among them are left out."""
        return cls({unit.code: unit for unit in units})

    def predecessors(self, code: str) -> tuple[OrganisationUnit, ...]:
        """Units that this one was made from, in the order of its row; empty for none."""
        unit = self._units.get(code)
        named = unit.predecessors if unit is not None else ()
        return tuple(self._units[item] for item in named if item in self._units)

    def sources(self, code: str, then: date, today: date) -> tuple[OrganisationUnit, ...]:
        """Units of ``then`` whose figures went to this unit of ``today``, however many steps back.

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
