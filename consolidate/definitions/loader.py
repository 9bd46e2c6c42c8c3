"""Definitions on disk to frozen data sets. Linting comes first: a bad definition never loads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from consolidate.definitions import catalogue
from consolidate.definitions.lint import lint_library, lint_parts, lint_source
from consolidate.definitions.toml_lines import DefinitionError, Entry, Source, read_source
from consolidate.model.datasets import (
    VALUE_COLUMN,
    Aggregation,
    DataElement,
    DataSet,
    Heading,
    Layout,
    Library,
    Missing,
    RuleSpec,
    Scope,
    Shape,
    Stage,
    TemplateSpec,
    ValueColumn,
    ValueType,
)
from consolidate.model.findings import Severity
from consolidate.model.period import PeriodType
from consolidate.rules.binding import bind_rules

COVER = "cover.toml"
TEMPLATES = "templates.toml"


@cache
def shipped_library() -> Library:
    """The definitions that come with the package, loaded once per process.

    Raises:
        DefinitionError: a definition is wrong; the message says in which file and line.
    """
    folder = resources.files("consolidate.definitions")
    return load_library(
        {
            item.name: item.read_text(encoding="utf-8")
            for item in folder.iterdir()
            if item.name.endswith(".toml")
        }
    )


def load_library(texts: Mapping[str, str]) -> Library:
    """Build the library from the texts of its files, by file name; bind each rule once.

    Raises:
        DefinitionError: with every problem found in any file, each with its line.
    """
    sources = {name: read_source(name, text) for name, text in sorted(texts.items())}
    problems = [
        f"{name}:1: there is no such file" for name in (COVER, TEMPLATES) if name not in sources
    ]
    problems += [
        problem
        for name, source in sources.items()
        for problem in lint_source(source, is_templates=name == TEMPLATES)
    ]
    if problems:
        raise DefinitionError(tuple(problems))
    made = Library(
        templates=tuple(_template(entry) for entry in sources[TEMPLATES].arrays["templates"]),
        data_sets=tuple(
            _data_set(source) for name, source in sources.items() if name not in (COVER, TEMPLATES)
        ),
        cover=_data_set(sources[COVER]),
        texts=frozenset(catalogue.texts("template").values()),
    )
    by_file = {source.file: source for source in sources.values()}
    problems = lint_parts(made, by_file)
    if problems:
        raise DefinitionError(tuple(problems))
    bound = bind_rules(made)
    problems = lint_library(made, bound.faults, by_file)
    if problems:
        raise DefinitionError(tuple(problems))
    return replace(made, rules=bound.by_data_set)


def _template(entry: Entry) -> TemplateSpec:
    data = entry.data
    return TemplateSpec(
        code=data["code"],
        title=tuple(data["title"]),
        short_title=data["short_title"],
        file_name=data["file_name"],
        version=data["version"],
        recipient=data["recipient"],
        data_sets=tuple(data["data_sets"]),
    )


def _data_set(source: Source) -> DataSet:
    top = source.top.data
    shape = Shape(top["shape"])
    return DataSet(
        code=top["code"],
        title=top["title"],
        short_title=top["short_title"],
        sheet=top["sheet"],
        template=top["template"],
        shape=shape,
        version=top["version"],
        legal_basis=top["legal_basis"],
        serves_from=top["serves_from"],
        serves_to=top.get("serves_to"),
        periods=tuple(PeriodType(code) for code in top["periods"]),
        body=tuple(_body(entry, shape) for entry in source.arrays["body"]),
        columns=tuple(_column(entry) for entry in source.arrays.get("columns", ())),
        rules=tuple(_rule(entry) for entry in source.arrays.get("rules", ())),
        key_elements=tuple(top.get("key_elements", ())),
        layout=_layout(source.tables.get("layout")),
    )


def _layout(entry: Entry | None) -> Layout:
    data = dict(entry.data) if entry is not None else {}
    if "title" in data:
        data["title"] = tuple(data["title"])
    return Layout(**data)


def _column(entry: Entry) -> ValueColumn:
    data = dict(entry.data)
    if "type" in data:
        data["type"] = ValueType(data["type"])
    if "aggregation" in data:
        data["aggregation"] = Aggregation(data["aggregation"])
    return ValueColumn(**data)


def _body(entry: Entry, shape: Shape) -> Heading | DataElement:
    data = dict(entry.data)
    for key in ("section", "subsection"):
        if key in data:
            return Heading(data[key], subsection=key == "subsection")
    data["type"] = ValueType(data["type"])
    if "aggregation" in data:
        data["aggregation"] = Aggregation(data["aggregation"])
    elif not data["type"].numeric:
        data["aggregation"] = Aggregation.LIST
    for key in ("columns", "required", "choices", "phrases", "applies_to"):
        if key in data:
            data[key] = tuple(data[key])
    if "periods" in data:
        data["periods"] = tuple(PeriodType(code) for code in data["periods"])
    if shape is Shape.OPEN:
        data["columns"] = (VALUE_COLUMN,)
    for key in ("minimum", "maximum", "normal_maximum"):
        if key in data:
            data[key] = Decimal(str(data[key]))
    data.setdefault("number", "")
    return DataElement(**data)


def _rule(entry: Entry) -> RuleSpec:
    data: dict[str, Any] = dict(entry.data)
    missing = data.pop("missing", None)
    if missing is not None:
        data.setdefault("missing_left", missing)
        data.setdefault("missing_right", missing)
    for key, kind in (
        ("severity", Severity),
        ("scope", Scope),
        ("stage", Stage),
        ("missing_left", Missing),
        ("missing_right", Missing),
    ):
        if key in data:
            data[key] = kind(data[key])
    data["rows"] = tuple(data.get("rows", ()))
    data["tolerance"] = Decimal(str(data.get("tolerance", 0)))
    return RuleSpec(**data)
