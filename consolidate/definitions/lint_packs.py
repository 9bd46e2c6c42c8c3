"""The linter of packs: their parts, days of service, tiles, and the mapping to the pack before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from consolidate.definitions.keys import SHEET_NAME_LIMIT
from consolidate.definitions.toml_lines import Fault, TomlSource
from consolidate.model.datasets import Aggregation
from consolidate.model.packs import Pack
from consolidate.model.period import Period
from consolidate.model.units import UnitKind

_NO_TOTAL = (Aggregation.LIST, Aggregation.NONE)
_SOME_YEAR = 2000
"""Any year: its periods follow each other as those of all others."""


def lint_packs(packs: Sequence[Pack], sources: Mapping[str, TomlSource]) -> list[Fault]:
    """Faults between the parts of packs and between packs; ``sources`` are by code of the pack.

    Names of data sets, sheets, days of service and the mapping to the pack before.
    """
    faults: list[Fault] = []
    by_code = {pack.code: pack for pack in packs}
    for pack in packs:
        source = sources[pack.code]
        faults += _pack_parts(pack, source)
        sheets = [[form.sheet for form in pack.forms(number)] for number in range(5)]
        faults += dict.fromkeys(_sheets(sheets, source))  # Rounds share their forms.
        faults += _key_figures(pack, source)
        faults += _tiles(pack, source)
        faults += _whole(pack, source)
        faults += _replaced(pack, by_code, source)
        for other in packs:
            later = other.family == pack.family and pack.serves_from < other.serves_from
            if later and (pack.serves_to is None or pack.serves_to >= other.serves_from):
                values = {"pack": pack.code, "other": other.code}
                faults.append(source.top.fault("serves_to", "two_packs", **values))
    return faults


def _pack_parts(pack: Pack, source: TomlSource) -> Iterator[Fault]:
    top, codes = source.top, {data_set.code for data_set in pack.data_sets}
    if pack.serves_to is not None and pack.serves_to < pack.serves_from:
        yield top.fault("serves_to", "ends_before")
    for code in pack.template.data_sets:
        if code not in codes:
            yield top.fault("data_sets", "no_data_set", code=code)
    owed = set()
    summed: dict[UnitKind | None, bool] = {}
    for package, entry in zip(pack.packages, source.arrays["packages"], strict=True):
        owed |= set(package.data_sets)
        for code in package.data_sets:
            if code not in codes:
                yield entry.fault("data_sets", "no_data_set", code=code)
        for kind in package.kinds or (None,):
            if summed.setdefault(kind, package.summed) is not package.summed:
                yield entry.fault("summed", "summed_and_not", kind=kind.value if kind else "")
    for code in sorted(codes - owed):
        yield top.fault("data_sets", "nobody_owes", code=code)


def _sheets(rounds: Iterable[Sequence[str]], source: TomlSource) -> Iterator[Fault]:
    """Names of sheets that are too long, or that two forms of one round have."""
    for sheets in rounds:
        seen: set[str] = set()
        for sheet in sheets:
            if sheet.casefold() in seen:
                yield source.top.fault("", "two_sheets", sheet=sheet)
            if len(sheet) > SHEET_NAME_LIMIT:
                yield source.top.fault("", "long_sheet", sheet=sheet)
            seen.add(sheet.casefold())


def _key_figures(pack: Pack, source: TomlSource) -> Iterator[Fault]:
    """A key figure is one that the province has a total of."""
    known = {
        (data_set.code, element.code, column)
        for data_set in pack.data_sets
        for element, column in data_set.figures()
        if data_set.type_of(element, column).numeric
        and data_set.aggregation_of(element, column) not in _NO_TOTAL
    }
    for item in pack.key_figures:
        if item.key not in known:
            name = ".".join(filter(None, item.key))
            yield source.top.fault("key_figures", "no_key_figure", pack=pack.code, name=name)


def _whole(pack: Pack, source: TomlSource) -> Iterator[Fault]:
    """Points of the largest sections of an assessment that do not make what the pack says."""
    if pack.scoring.whole is None:
        return
    for form in pack.data_sets:
        maxima = [e.maximum for e in form.elements if not e.parent] if form.tree else []
        total = sum((points for points in maxima if points is not None), Decimal(0))
        if maxima and total != pack.scoring.whole:
            values = {"form": form.code, "sum": total, "whole": pack.scoring.whole}
            yield source.top.fault("whole_points", "whole", **values)


def _tiles(pack: Pack, source: TomlSource) -> Iterator[Fault]:
    """A cumulative period is made of the one that is returned before it and of its own quarter."""
    for kind, parts in pack.tiles.items():
        asked = Period(_SOME_YEAR, kind)
        before = asked.before(pack.periods) if pack.periods else asked
        quarters = [item.type for item in asked.round_periods if not item.cumulative]
        if not asked.cumulative or before.year != asked.year or parts != (before.type, *quarters):
            values = {"whole": kind.value, "first": parts[0], "second": parts[1]}
            yield source.tables["tiles"].fault(kind.value, "tiles", **values)


def _replaced(pack: Pack, packs: Mapping[str, Pack], source: TomlSource) -> Iterator[Fault]:
    """Every element of the pack before is mapped once or ended, every one here mapped or new.

    Several of the pack before may go into one. A data set that ended or is new as a whole is named
    by its code alone. A report in words has no figures to be compared and need not be named; a form
    that a province added to the pack before, and that is not here, ended.
    """
    if pack.replaces is None:
        return
    entry = source.tables["replaces"]
    if pack.replaces.pack not in packs:
        yield entry.fault("pack", "no_pack", pack=pack.replaces.pack)
        return
    own = {data_set.code for data_set in pack.data_sets}
    told = [*pack.replaces.elements, *pack.replaces.ended]
    reached = {name for names in pack.replaces.elements.values() for name in names}
    for names, named in ((told, packs[pack.replaces.pack]), ([*reached, *pack.replaces.new], pack)):
        counts = Counter(names)
        known = set()
        for data_set in named.data_sets:
            elements = {f"{data_set.code}.{element.code}" for element in data_set.elements}
            known |= elements | {data_set.code}
            added = named is not pack and data_set.code not in own
            if (data_set.narrative or added) and not counts.keys() & {data_set.code, *elements}:
                continue
            for name in sorted(elements if data_set.code not in counts else {data_set.code}):
                if counts[name] != 1:
                    values = {"name": name, "pack": named.code, "count": counts[name]}
                    yield entry.fault("", "mapped", **values)
        for name in sorted(counts.keys() - known):
            yield entry.fault("", "no_element", name=name, pack=named.code)
