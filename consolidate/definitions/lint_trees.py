"""Lint what rows of a form say of each other and of those of other forms: parents and names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from consolidate.definitions.toml_lines import Fault, TomlSource
from consolidate.model.datasets import DataElement, DataSet, Shape, ValueType
from consolidate.model.reasons import because


def lint_trees(data_sets: Iterable[DataSet], sources: Mapping[str, TomlSource]) -> Iterator[Fault]:
    """Faults of ``parent`` and ``names``: what is not there, and maxima that do not add up."""
    forms = list(data_sets)
    fixed = {form.code for form in forms if form.shape is Shape.FIXED}
    for form in forms:
        entries = {e.data["code"]: e for e in sources[form.code].arrays["body"] if "code" in e.data}
        for element in form.elements:
            entry, code = entries[element.code], element.code
            listed = form.shape is Shape.OPEN and element.type is ValueType.CHOICE
            if element.names and not (listed and element.names in fixed):
                yield Fault(entry.place_of("names"), because("lint.names", code=code))
            if element.parent and (form.code not in fixed or _goes_round(element, form)):
                yield Fault(entry.place_of("parent"), because("lint.parent", code=code))
            parts = [form.by_code[child].maximum for child in form.tree.get(code, ())]
            if parts and element.maximum is not None and None not in parts:
                total = sum((part for part in parts if part is not None), Decimal(0))
                if total != element.maximum:
                    values = {"code": code, "found": element.maximum, "wanted": total}
                    told = because("lint.parent_maximum", **values)
                    yield Fault(entry.place_of("maximum"), told)


def _goes_round(element: DataElement, form: DataSet) -> bool:
    """Whether the parents of a row lead to no row, or back to it."""
    seen: set[str] = set()
    while element.parent:
        seen.add(element.code)
        if element.parent in seen or element.parent not in form.by_code:
            return True
        element = form.by_code[element.parent]
    return False
