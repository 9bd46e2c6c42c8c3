"""Build frozen data sets from the texts of definitions; lint first: a bad one never loads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from consolidate.definitions import catalogue
from consolidate.definitions.implied import implied_rules, with_choices
from consolidate.definitions.keys import KEY_FIGURE
from consolidate.definitions.lint import (
    lint_computed,
    lint_pack,
    lint_parts,
    lint_rules,
    lint_source,
)
from consolidate.definitions.lint_packs import lint_packs
from consolidate.definitions.loader import COVER, PACK
from consolidate.definitions.toml_lines import (
    DefinitionError,
    Entry,
    Fault,
    TomlSource,
    read_source,
)
from consolidate.model.datasets import (
    VALUE_COLUMN,
    Aggregation,
    DataElement,
    DataSet,
    Heading,
    Library,
    Shape,
    TemplateSpec,
    ValueColumn,
    ValueType,
)
from consolidate.model.layout import Layout, Role
from consolidate.model.packs import (
    KeyFigure,
    Pack,
    Package,
    Packs,
    Replaced,
    Scoring,
    StatutoryDue,
    YearDay,
)
from consolidate.model.period import PeriodType
from consolidate.model.reasons import Severity, because
from consolidate.model.rules import Missing, RuleSpec, Scope, Stage
from consolidate.model.units import UnitKind
from consolidate.rules.parsing import bind_rules


def build_library(sources: Mapping[str, TomlSource], digest: str = "") -> Library:
    """Build the library from sources by name; see :func:`load_library`.

    ``digest`` is that of their texts.

    Raises:
        DefinitionError: with every fault and its place.
    """
    folders = sorted({name.rpartition("/")[0] for name in sources if "/" in name})
    faults = [
        Fault(f"{name}:1", because("lint.no_file"))
        for name in (COVER, *(f"{folder}/{PACK}" for folder in folders))
        if name not in sources
    ]
    for name, source in sources.items():
        faults += lint_pack(source) if name.endswith(f"/{PACK}") else lint_source(source)
    _stop_at([*faults, *_doubled(sources)])
    cover = _data_set(sources[COVER])
    faults += lint_parts([cover], {cover.code: sources[COVER]})
    packs = []
    heads: dict[str, TomlSource] = {}
    forms: dict[str, dict[str, TomlSource]] = {}
    for folder in folders:
        files = {
            source.top.data["code"]: source
            for name, source in sources.items()
            if name.rpartition("/")[0] == folder and not name.endswith(f"/{PACK}")
        }
        pack = _pack(sources[f"{folder}/{PACK}"], files)
        faults += lint_parts(pack.data_sets, files)
        packs.append(pack)
        heads[pack.code], forms[pack.code] = sources[f"{folder}/{PACK}"], files
    _stop_at(faults)
    begun: dict[str, date] = {}
    for pack in packs:
        begun[pack.family] = min(pack.serves_from, begun.get(pack.family, pack.serves_from))
    packs.sort(key=lambda pack: (begun[pack.family], pack.family, pack.serves_from))
    _stop_at(lint_packs(packs, heads))
    bound = bind_rules([cover])
    faults += lint_rules([cover], bound.faults, {cover.code: sources[COVER]})
    ready = []
    for pack in packs:
        own = [replace(form, rules=(*form.rules, *implied_rules(form))) for form in pack.forms(0)]
        others = (
            form for item in reversed(packs) if item.family != pack.family for form in item.forms(0)
        )
        found = bind_rules(own, others)
        faults += lint_rules(pack.data_sets, found.faults, forms[pack.code])
        faults += lint_computed(pack.data_sets, found, forms[pack.code])
        ready.append(replace(pack, rules=found.by_data_set))
    _stop_at(faults)
    texts = frozenset(catalogue.texts("template").values())
    return Packs(tuple(ready), cover, texts, bound.by_data_set[cover.code], digest).view((), 0)


def _stop_at(faults: Sequence[Fault]) -> None:
    if faults:
        raise DefinitionError(tuple(faults))


def read_sources(texts: Mapping[str, str]) -> dict[str, TomlSource]:
    """Parse definitions by name.

    Raises:
        DefinitionError: some are not TOML.
    """
    sources: dict[str, TomlSource] = {}
    faults: list[Fault] = []
    for name, text in sorted(texts.items()):
        try:
            sources[name] = read_source(name, text)
        except DefinitionError as error:
            faults += error.faults
    _stop_at(faults)
    return sources


def _doubled(sources: Mapping[str, TomlSource]) -> Iterator[Fault]:
    """Packs of one code, and data sets of one code in one pack: either would hide the other."""
    first: dict[tuple[str, str], str] = {}
    for name, source in sources.items():
        folder, _, file = name.rpartition("/")
        key = ("" if file == PACK else folder, repr(source.top.data.get("code")))
        other = first.setdefault(key, name)
        if other != name and name != COVER:
            yield source.top.fault("code", "code_of_other", code=key[1], other=other)


def _pack(source: TomlSource, files: Mapping[str, TomlSource]) -> Pack:
    top = source.top.data
    template = TemplateSpec(
        code=top["family"],
        title=tuple(top["heading"]),
        short_title=top["short_title"],
        file_name=top["file_name"],
        version=top["version"],
        recipient=top["recipient"],
        data_sets=tuple(top["data_sets"]),
    )
    order = {code: at for at, code in enumerate(template.data_sets)}
    data_sets = tuple(
        replace(_data_set(files[code]), template=template.code)
        for code in sorted(files, key=lambda code: (order.get(code, len(order)), code))
    )
    data_sets = tuple(replace(form, body=with_choices(form.body, data_sets)) for form in data_sets)
    return Pack(
        code=top["code"],
        title=top["title"],
        legal_basis=top["legal_basis"],
        uncited=top.get("uncited", False),
        serves_from=top["serves_from"],
        serves_to=top.get("serves_to"),
        template=template,
        data_sets=data_sets,
        packages=tuple(Package(**_typed(entry.data)) for entry in source.arrays["packages"]),
        key_figures=tuple(_key_figures(top.get("key_figures", ()), data_sets)),
        to_confirm=tuple(top.get("to_confirm", ())),
        windows={
            PeriodType(kind): (_year_day(days["from"]), _year_day(days["to"]))
            for kind, days in _table(source, "windows").items()
        },
        due={who: StatutoryDue(**said) for who, said in _table(source, "due").items()},
        tiles={
            PeriodType(kind): (PeriodType(parts[0]), PeriodType(parts[1]))
            for kind, parts in _table(source, "tiles").items()
        },
        replaces=_replaced(source),
        scoring=_scoring(top),
    )


def _scoring(top: Mapping[str, Any]) -> Scoring:
    said = {part: top.get(f"{part}_points") for part in ("whole", "far", "late")}
    return Scoring(**{part: Decimal(str(n)) for part, n in said.items() if n is not None})


def _key_figures(said: Iterable[str], data_sets: Iterable[DataSet]) -> Iterator[KeyFigure]:
    """The column of a form that has only one need not be said."""
    columns = {item.code: item.columns[0].code for item in data_sets if len(item.columns) == 1}
    for line in said:
        found = KEY_FIGURE.fullmatch(line)
        assert found is not None  # The linter came first.
        data_set, element, column, name = found.groups()
        yield KeyFigure((data_set, element, column or columns.get(data_set, "")), name.strip())


def _table(source: TomlSource, name: str) -> dict[str, Any]:
    return source.tables[name].data if name in source.tables else {}


def _year_day(text: str) -> YearDay:
    month, day = text[:5].split("-")
    return YearDay(int(month), int(day), -1 if text.endswith("-1y") else 0)


def _replaced(source: TomlSource) -> Replaced | None:
    """``"~ a.b c.d"`` are two elements whose meaning is wider or other."""
    head = _table(source, "replaces")
    if not head:
        return None
    said = _table(source, "replaces.elements")
    return Replaced(
        pack=head["pack"],
        elements={old: tuple(told.removeprefix("~").split()) for old, told in said.items()},
        wider=frozenset(old for old, told in said.items() if told.startswith("~")),
        ended=tuple(head.get("ended", ())),
        new=tuple(head.get("new", ())),
    )


def _data_set(source: TomlSource) -> DataSet:
    top = source.top.data
    shape = Shape(top["shape"])
    return DataSet(
        code=top["code"],
        title=top["title"],
        short_title=top["short_title"],
        sheet=top["sheet"],
        shape=shape,
        periods=tuple(PeriodType(code) for code in top["periods"]),
        body=tuple(_body(entry, shape, top) for entry in source.arrays["body"]),
        columns=tuple(ValueColumn(**_typed(e.data)) for e in source.arrays.get("columns", ())),
        rules=tuple(RuleSpec(**_typed(e.data)) for e in source.arrays.get("rules", ())),
        key_elements=tuple(top.get("key_elements", ())),
        layout=Layout(**_typed(_table(source, "layout"))),
    )


_KINDS: Mapping[str, Callable[[str], object]] = {
    "type": ValueType,
    "aggregation": Aggregation,
    "role": Role,
    "severity": Severity,
    "scope": Scope,
    "stage": Stage,
    "missing": Missing,
    "missing_left": Missing,
    "missing_right": Missing,
}
_LISTS: Mapping[str, Callable[[str], object]] = {"periods": PeriodType, "kinds": UnitKind}
_NUMBERS = ("minimum", "maximum", "normal_maximum", "tolerance")


def _typed(said: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a table of a definition says the types of the model."""
    data = dict(said)
    for key, value in said.items():
        if key in _KINDS:
            data[key] = _KINDS[key](value)
        elif isinstance(value, list):
            data[key] = tuple(map(_LISTS.get(key, str), value))
        elif key in _NUMBERS:
            data[key] = Decimal(str(value))
    if "missing" in data:  # Of both sides of a rule, unless one of them says its own.
        missing = data.pop("missing")
        data = {"missing_left": missing, "missing_right": missing} | data
    return data


def _body(entry: Entry, shape: Shape, top: Mapping[str, Any]) -> Heading | DataElement:
    for key in ("section", "subsection"):
        if key in entry.data:
            return Heading(entry.data[key], subsection=key == "subsection")
    data = {"number": "", **_typed(entry.data)}
    if "aggregation" not in data and not data["type"].numeric:
        data["aggregation"] = Aggregation.LIST
    elif "aggregation" in top:
        data.setdefault("aggregation", Aggregation(top["aggregation"]))
    if shape is Shape.OPEN:
        data["columns"] = (VALUE_COLUMN,)
    if "computed" in data:  # Whatever it comes to: its parts have the bounds.
        data.setdefault("minimum", None)
    return DataElement(**data)
