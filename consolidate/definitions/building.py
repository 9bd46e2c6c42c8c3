"""Build frozen data sets from the texts of definitions; lint first: a bad one never loads.

What a form implies is made here too: rules of quarters, of trees and of computed cells, choices
from a table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from consolidate.definitions import catalogue
from consolidate.definitions.keys import KEY_FIGURE
from consolidate.definitions.lint import (
    COMPUTED_ID,
    lint_computed,
    lint_pack,
    lint_packs,
    lint_parts,
    lint_rules,
    lint_source,
)
from consolidate.definitions.loader import COVER, PACK
from consolidate.definitions.toml_lines import (
    DefinitionError,
    Entry,
    Fault,
    TomlSource,
)
from consolidate.model.datasets import (
    VALUE_COLUMN,
    Aggregation,
    DataElement,
    DataSet,
    Heading,
    Layout,
    Library,
    Role,
    Shape,
    TemplateSpec,
    ValueColumn,
    ValueType,
)
from consolidate.model.packs import (
    QUARTER_SUFFIX,
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
    """Build the library from sources by name; ``consolidate.definitions.loader`` finds these.

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
        own = [replace(form, rules=(*form.rules, *_implied_rules(form))) for form in pack.forms(0)]
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
    data_sets = tuple(replace(form, body=_with_choices(form.body, data_sets)) for form in data_sets)
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


TILES = "Số lũy kế là số lũy kế kỳ trước cộng số của quý"
"""Source of the rules that :func:`_tile_rules` adds."""
WITHIN = "Số lũy kế gồm cả số của quý"
"""Source of the rules that :func:`_tile_rules` adds for the quarter alone."""
TREE = "Số của một mục bằng tổng các mục con"
"""Source of the rules that :func:`_sum_rules` adds."""
COMPUTED = "Ô tự tính của biểu"
"""Source of the rules that :func:`_computed_rules` adds."""
_ROUNDED = Decimal("0.05")
"""How far a ratio that was typed may be from the one that is worked out."""


def _implied_rules(data_set: DataSet) -> tuple[RuleSpec, ...]:
    return (*_tile_rules(data_set), *_sum_rules(data_set), *_computed_rules(data_set))


def _computed_rules(data_set: DataSet) -> Iterator[RuleSpec]:
    """Make a rule for each computed column or element: what is there is what it gives.

    A sum is worked out of the parts that are there, anything else once all are. A ratio may be
    typed with one decimal.
    """
    columns = [(column.code, column.computed, column) for column in data_set.columns]
    elements = [(element.code, element.computed, None) for element in data_set.elements]
    for code, said, column in (*columns, *elements):
        if not said:
            continue
        by_row = column is not None or data_set.shape is Shape.OPEN
        adds = not set(said) & set("-*/(")
        yield RuleSpec(
            id=COMPUTED_ID.format(code),
            expression=f"{code} == ({said})",
            severity=Severity.ERROR,
            source=COMPUTED,
            scope=Scope.ROW if by_row else Scope.SET,
            rows=tuple(e.code for e in data_set.elements if column and code in e.columns),
            missing_right=Missing.SKIP_IF_ALL if adds else Missing.SKIP_IF_ANY,
            tolerance=_ROUNDED if "/" in said else Decimal(0),
            computed=True,
        )


def _tile_rules(data_set: DataSet) -> Iterator[RuleSpec]:
    """Make two rules for each flow: the quarter is part of it, and with the earlier one makes it.

    The pack says in which periods that holds (``[tiles]``). That the parts make the whole is a
    warning: two quarters may both hold a thing, and earlier quarters are restated. A part that is
    larger than the whole is an error, also where nothing is known of the earlier period.
    """
    if data_set.shape is Shape.OPEN or not data_set.single:
        return
    quarter = data_set.code + QUARTER_SUFFIX
    for element in data_set.elements:
        if data_set.tiled(element, data_set.columns[0].code):
            yield RuleSpec(
                id=f"tile_{element.code}",
                expression=f"{element.code} == prev.{element.code} + {quarter}.{element.code}",
                severity=Severity.WARNING,
                source=TILES,
                periods=data_set.tiles,
            )
            yield RuleSpec(
                id=f"within_{element.code}",
                expression=f"{element.code} >= {quarter}.{element.code}",
                severity=Severity.ERROR,
                source=WITHIN,
                periods=data_set.tiles,
                first=True,
            )


def _sum_rules(data_set: DataSet) -> Iterator[RuleSpec]:
    """Make a rule for each figure of a row that has children."""
    for code, codes in data_set.tree.items():
        element = data_set.by_code[code]
        children = [data_set.by_code[child] for child in codes]
        for column in element.columns:
            parts = [f"{child.code}.{column}" for child in children if column in child.columns]
            if parts and data_set.type_of(element, column).numeric:
                yield RuleSpec(
                    id=f"sum_{element.code}_{column}",
                    expression=f"{element.code}.{column} == {' + '.join(parts)}",
                    severity=Severity.ERROR,
                    source=TREE,
                )


def _with_choices(
    body: Iterable[DataElement | Heading], data_sets: Iterable[DataSet]
) -> tuple[DataElement | Heading, ...]:
    """Give columns that name rows of a fixed table the numbers of those without children."""
    rows = {
        form.code: tuple(e.number for e in form.elements if e.number and e.code not in form.tree)
        for form in data_sets
        if form.shape is Shape.FIXED
    }
    return tuple(
        replace(item, choices=rows[item.names])
        if isinstance(item, DataElement) and item.names in rows
        else item
        for item in body
    )
