"""Lint the figures that count what an item of a report in words tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from consolidate.definitions.toml_lines import Fault, TomlSource
from consolidate.model.datasets import DataSet, Shape
from consolidate.model.reasons import because


def lint_counted(
    data_sets: Iterable[DataSet], sources: Mapping[str, TomlSource]
) -> Iterator[Fault]:
    """Faults of ``counted_by``: a figure that is not there, or beside something else than a text.

    ``data_sets`` are all forms of a pack; figures are rows of its tables with one column of them.
    """
    forms = list(data_sets)
    known = {
        f"{form.code}.{element.code}"
        for form in forms
        if form.shape is Shape.FIXED and form.single
        for element in form.elements
        if element.type.numeric
    }
    for form in forms:
        for entry in sources[form.code].arrays["body"]:
            named = entry.data.get("counted_by", ())
            place = entry.place_of("counted_by")
            if named and not form.narrative:
                yield Fault(place, because("lint.counted_by"))
            for name in named:
                if name not in known:
                    yield Fault(place, because("lint.counted_by_none", name=name))
