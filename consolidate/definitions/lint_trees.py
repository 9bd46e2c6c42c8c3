"""Lint trees of rows: parts name their whole, and the most points of parts add up to its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from consolidate.definitions.toml_lines import Fault, TomlSource
from consolidate.model.datasets import DataElement, DataSet
from consolidate.model.reasons import because

WHOLE = Decimal(100)
"""Points of all criteria of an assessment together."""


def lint_trees(data_sets: Iterable[DataSet], sources: Mapping[str, TomlSource]) -> Iterator[Fault]:
    """Faults of ``parent``: a row that is not there, parts that add up to more or less.

    ``sources`` are the files of the data sets by their code.
    """
    for data_set in data_sets:
        if not data_set.tree:
            continue
        entries = {entry.data.get("code"): entry for entry in sources[data_set.code].arrays["body"]}
        for element in data_set.elements:
            if element.parent and element.parent not in data_set.by_code:
                place = entries[element.code].place_of("parent")
                yield Fault(place, because("lint.no_parent", code=element.parent))
        parts = {
            code: [data_set.by_code[part] for part in data_set.tree[code]]
            for code in data_set.tree
            if code in data_set.by_code
        }
        for code, below in parts.items():
            most = data_set.by_code[code].maximum
            if most != _sum(below):
                place = entries[code].place_of("maximum")
                values = {"code": data_set.by_code[code].number, "sum": _sum(below)}
                yield Fault(place, because("lint.parts", maximum=most, **values))
        roots = [element for element in data_set.elements if not element.parent]
        if _sum(roots) != WHOLE:
            place = entries[roots[0].code].place_of("maximum") if roots else data_set.code
            yield Fault(place, because("lint.roots", sum=_sum(roots), whole=WHOLE))


def _sum(elements: Iterable[DataElement]) -> Decimal:
    return sum((element.maximum or Decimal(0) for element in elements), Decimal(0))
