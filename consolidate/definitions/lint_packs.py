"""The linter of packs: their parts, days of service, tiles, and the mapping to the pack before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from consolidate.definitions.lint import SHEET_NAME_LIMIT
from consolidate.definitions.toml_lines import Source
from consolidate.model.packs import Pack
from consolidate.model.period import Period
from consolidate.model.units import UnitKind

_SOME_YEAR = 2000
"""Any year: its periods follow each other as those of all others."""


def lint_packs(packs: Sequence[Pack], sources: Mapping[str, Source]) -> list[str]:
    """Problems between the parts of packs and between packs; ``sources`` are by code of the pack.

    Names of data sets, sheets, days of service and the mapping to the pack before.
    """
    problems: list[str] = []
    by_code = {pack.code: pack for pack in packs}
    for pack in packs:
        problems += _pack_parts(pack, sources[pack.code])
        problems += _tiles(pack, sources[pack.code])
        problems += _replaced(pack, by_code, sources[pack.code])
        for other in packs:
            later = other.family == pack.family and pack.serves_from < other.serves_from
            if later and (pack.serves_to is None or pack.serves_to >= other.serves_from):
                line = sources[pack.code].top.line_of("serves_to")
                problems.append(
                    f"{sources[pack.code].file}:{line}: {pack.code} serves on days on which "
                    f"{other.code} serves"
                )
    return problems


def _pack_parts(pack: Pack, source: Source) -> Iterator[str]:
    top, codes = source.top, {data_set.code for data_set in pack.data_sets}
    if pack.serves_to is not None and pack.serves_to < pack.serves_from:
        yield f"{source.file}:{top.line_of('serves_to')}: serves_to is before serves_from"
    for code in pack.template.data_sets:
        if code not in codes:
            yield f"{source.file}:{top.line_of('data_sets')}: {pack.code} has no data set {code}"
    owed = set()
    summed: dict[UnitKind | None, bool] = {}
    for package, entry in zip(pack.packages, source.arrays["packages"], strict=True):
        owed |= set(package.data_sets)
        for code in package.data_sets:
            if code not in codes:
                line = entry.line_of("data_sets")
                yield f"{source.file}:{line}: {pack.code} has no data set {code}"
        for kind in package.kinds or (None,):
            if summed.setdefault(kind, package.summed) is not package.summed:
                line = entry.line_of("summed")
                yield f"{source.file}:{line}: {kind or 'all'} is summed and not summed"
    for code in sorted(codes - owed):
        yield f"{source.file}:{top.line_of('data_sets')}: no package asks for {code}"
    for number in range(5):
        seen: set[str] = set()
        for data_set in pack.forms(number):
            if data_set.sheet.casefold() in seen:
                yield f"{source.file}:1: {pack.code} has two sheets called {data_set.sheet}"
            if len(data_set.sheet) > SHEET_NAME_LIMIT:
                yield f"{source.file}:1: {data_set.sheet} is too long for a sheet"
            seen.add(data_set.sheet.casefold())


def _tiles(pack: Pack, source: Source) -> Iterator[str]:
    """A cumulative period is made of the one that is returned before it and of its own quarter."""
    for kind, parts in pack.tiles.items():
        asked = Period(_SOME_YEAR, kind)
        before = asked.before(pack.periods) if pack.periods else asked
        quarters = [item.type for item in asked.round_periods if not item.cumulative]
        if not asked.cumulative or before.year != asked.year or parts != (before.type, *quarters):
            line = source.tables["tiles"].line_of(kind.value)
            yield f"{source.file}:{line}: {kind} is not made of {parts[0]} and {parts[1]}"


def _replaced(pack: Pack, packs: Mapping[str, Pack], source: Source) -> Iterator[str]:
    """Every element of the pack before is mapped once or ended, every one here mapped or new.

    Several of the pack before may go into one. A data set that ended or is new as a whole is named
    by its code alone.
    """
    if pack.replaces is None:
        return
    entry = source.tables["replaces"]
    if pack.replaces.pack not in packs:
        yield f"{source.file}:{entry.line_of('pack')}: there is no pack {pack.replaces.pack}"
        return
    told = [*pack.replaces.elements, *pack.replaces.ended]
    reached = {name for names in pack.replaces.elements.values() for name in names}
    for names, named in ((told, packs[pack.replaces.pack]), ([*reached, *pack.replaces.new], pack)):
        counts = Counter(names)
        known = set()
        for data_set in named.data_sets:
            elements = {f"{data_set.code}.{element.code}" for element in data_set.elements}
            known |= elements | {data_set.code}
            for name in sorted(elements if data_set.code not in counts else {data_set.code}):
                if counts[name] != 1:
                    yield (
                        f"{source.file}:{entry.line}: {name} of {named.code} "
                        f"is named {counts[name]} times"
                    )
        for name in sorted(counts.keys() - known):
            yield f"{source.file}:{entry.line}: {named.code} has no element {name}"
