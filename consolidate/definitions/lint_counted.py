"""Lint the figures that count what an item of a report in words tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from consolidate.definitions.toml_lines import Source
from consolidate.model.datasets import DataSet, Shape


def lint_counted(data_sets: Iterable[DataSet], sources: Mapping[str, Source]) -> Iterator[str]:
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
        source = sources[form.code]
        for entry in source.arrays["body"]:
            named = entry.data.get("counted_by", ())
            at = f"{source.file}:{entry.line_of('counted_by')}" if named else ""
            if named and not form.narrative:
                yield f"{at}: counted_by is for reports in words"
            for name in named:
                if name not in known:
                    yield f"{at}: counted_by names {name}, no figure of this pack"
