"""Lint definitions: unknown keys, missing labels, absent elements, texts over the limits.

Every fault has its place (:class:`~consolidate.definitions.toml_lines.Fault`), all come at once.
First the parts of a form, then those of a pack: days of service, tiles, the mapping to the pack
before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from consolidate.definitions.keys import (
    COLUMN,
    ELEMENT,
    HEADING,
    LAYOUT,
    OPTIONAL_OF_PACK,
    PACK,
    PACK_TABLES,
    PACKAGE,
    RULE,
    SHEET_NAME_LIMIT,
    TEXT,
    TOP,
    Key,
    is_code,
)
from consolidate.definitions.toml_lines import Entry, Fault, TomlSource
from consolidate.model.anchors import (
    COVER,
    LABEL_COLUMN,
    NUMBER_COLUMN,
    OPEN_END,
    OPEN_ROW,
    UNIT_COLUMN,
    WINDOW_ROW,
    rows_name,
)
from consolidate.model.data_values import DENOMINATOR, NUMERATOR
from consolidate.model.datasets import Aggregation, DataElement, DataSet, Shape, ValueType
from consolidate.model.packs import Pack
from consolidate.model.period import Period
from consolidate.model.reasons import because
from consolidate.model.rules import Compare, Expr, Ref, divides, leaves
from consolidate.model.units import UnitKind
from consolidate.rules.parsing import BoundRules
from consolidate.rules.rule_names import RuleSyntaxError

NAME_LIMIT = 255
"""Excel's limit on the length of a defined name."""
_LONGEST_LIST = 255
"""Characters of the choices of a cell that Excel keeps, with the commas between them."""
COMPUTED_ID = "computed_{}"
"""Name of the rule of a computed column or element."""
_LOOKS_LIKE_A_CELL = re.compile(r"[a-z]{1,3}[0-9]+|r[0-9]*c[0-9]*")
_ROW_CODES = frozenset({OPEN_ROW, OPEN_END, WINDOW_ROW, rows_name("").strip(".")})
_COLUMN_CODES = frozenset({NUMBER_COLUMN, LABEL_COLUMN, UNIT_COLUMN, NUMERATOR, DENOMINATOR})
_TOP_REQUIRED = tuple(key for key in TOP if key not in ("key_elements", "aggregation"))


def lint_source(source: TomlSource) -> list[Fault]:
    """Faults of one data set by itself: keys, kinds of values, required keys, repeated codes."""
    faults = list(_keys(source.top, TOP, _TOP_REQUIRED))
    code = source.top.data.get("code")
    if is_code(code) and source.file.rpartition("/")[2] != f"{code}.toml":
        faults.append(source.top.fault("code", "other_file", code=code))
    for name, entry in source.tables.items():
        if name == "layout":
            faults += _keys(entry, LAYOUT, ())
        else:
            faults.append(entry.fault("", "unknown_table", name=name))
    body = source.arrays.get("body", ())
    if not body:
        faults.append(source.top.fault("", "no_body"))
    elements = [entry for entry in body if not set(HEADING) & set(entry.data)]
    for entry in body:
        if entry in elements:
            faults += _keys(entry, ELEMENT, ("code", "label", "type"))
        else:
            faults += _keys(entry, HEADING, ())
            if set(HEADING) <= set(entry.data):
                faults.append(entry.fault("", "two_headings"))
    columns, rules = (source.arrays.get(name, ()) for name in ("columns", "rules"))
    for entry in columns:
        faults += _keys(entry, COLUMN, ("code", "label"))
    for entry in rules:
        faults += _keys(entry, RULE, ("id", "expression", "severity", "source"))
    faults += _unknown_arrays(source, {"body", "columns", "rules"})
    is_open = source.top.data.get("shape") == Shape.OPEN.value
    faults += _reserved(elements, _COLUMN_CODES if is_open else _ROW_CODES)
    faults += _reserved(columns, _COLUMN_CODES)
    return [*faults, *_repeated(elements), *_repeated(columns), *_repeated(rules, key="id")]


def lint_pack(source: TomlSource) -> list[Fault]:
    """Faults of a ``pack.toml`` by itself."""
    faults = list(_keys(source.top, PACK, tuple(PACK.keys() - OPTIONAL_OF_PACK)))
    packages = source.arrays.get("packages", ())
    if not packages:
        faults.append(source.top.fault("", "no_packages"))
    for entry in packages:
        faults += _keys(entry, PACKAGE, ("periods", "data_sets"))
    faults += _unknown_arrays(source, {"packages"})
    for name, entry in source.tables.items():
        if name == "replaces.elements":
            faults += _keys(entry, dict.fromkeys(entry.data, TEXT), ())
        elif name in PACK_TABLES:
            faults += _keys(entry, PACK_TABLES[name], ("pack",) if name == "replaces" else ())
        else:
            faults.append(entry.fault("", "unknown_table", name=name))
    return faults


def _unknown_arrays(source: TomlSource, known: set[str]) -> Iterator[Fault]:
    for name in sorted(source.arrays.keys() - known):
        yield source.arrays[name][0].fault("", "unknown_table", name=name)


def _reserved(entries: Iterable[Entry], codes: frozenset[str]) -> Iterator[Fault]:
    for entry in entries:
        code = entry.data.get("code")
        if isinstance(code, str) and code in codes:
            yield entry.fault("code", "reserved", code=code)


def _keys(entry: Entry, known: Mapping[str, Key], required: tuple[str, ...]) -> Iterator[Fault]:
    for name, value in entry.data.items():
        key = known.get(name)
        if key is None:
            yield entry.fault(name, "unknown_key", key=name)
        elif not key.right(value):
            yield entry.fault(name, "wrong_value", key=name, found=repr(value), wanted=key.wanted)
    for name in required:
        if name not in entry.data:
            yield entry.fault("", "missing_key", key=name)


def _repeated(entries: Iterable[Entry], key: str = "code") -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for entry in entries:
        code, place = entry.data.get(key), entry.place_of(key)
        if isinstance(code, str) and (first := seen.setdefault(code, place)) != place:
            yield Fault(place, because("lint.repeated", code=code, first=first))


def lint_parts(data_sets: Sequence[DataSet], sources: Mapping[str, TomlSource]) -> list[Fault]:
    """Faults between parts of data sets: columns and elements that name what is not there.

    ``sources`` are their files by the code of the data set.
    """
    parts = [fault for item in data_sets for fault in _parts(item, sources[item.code])]
    return [*parts, *_counted(data_sets, sources), *_trees(data_sets, sources)]


def _parts(data_set: DataSet, source: TomlSource) -> Iterator[Fault]:
    columns = {column.code for column in data_set.columns} or {"value"}
    entries = [entry for entry in source.arrays["body"] if "code" in entry.data]
    for element, entry in zip(data_set.elements, entries, strict=True):
        yield from _element(data_set, element, entry, columns)
    if data_set.shape is Shape.OPEN and not data_set.layout.open_rows:
        yield source.top.fault("", "no_open_rows")
    yield from _printed(data_set, source)
    for code in data_set.key_elements:
        if code not in data_set.by_code:
            yield source.top.fault("key_elements", "no_key_element", code=code)
    if (data_set.shape is Shape.OPEN) != (not data_set.columns):
        yield source.top.fault("", "columns_of_fixed")


def _element(
    data_set: DataSet, element: DataElement, entry: Entry, columns: set[str]
) -> Iterator[Fault]:
    """Faults of one element; ``columns`` are the codes of the columns of its form."""
    code = element.code

    def fault(at: str, reason: str, **values: str) -> Fault:
        return entry.fault(at, reason, code=code, **values)

    for key, named in (("columns", element.columns), ("required", element.required)):
        for column in named:
            if column not in columns:
                yield fault(key, "no_column", column=column)
    for period in element.periods:
        if period not in data_set.periods:
            yield fault("periods", "not_returned", period=period.value)
    for key in ("guidance", "periods", "applies_to"):
        if data_set.shape is Shape.OPEN and key in entry.data:
            yield fault(key, "of_fixed", key=key)
    if element.second in columns:
        yield fault("second", "second_is_column", column=element.second)
    low, high = element.minimum, element.maximum
    if low is not None and high is not None and low > high:
        yield fault("maximum", "bounds")
    for column in element.columns:
        name = data_set.name_of(code, column)
        if len(name) > NAME_LIMIT or _LOOKS_LIKE_A_CELL.fullmatch(name):
            yield fault("", "no_name", name=name)
    for column in element.columns:
        numeric = data_set.shape is Shape.FIXED and data_set.type_of(element, column).numeric
        if data_set.aggregation_of(element, column) is Aggregation.SINGLE and not numeric:
            yield fault("aggregation", "single_of_numbers")
            break
    if element.type is ValueType.PERCENTAGE and element.aggregation is Aggregation.SUM:
        yield fault("", "ratio_summed")
    for column in element.columns:
        marked = data_set.type_of(element, column) is ValueType.MARK
        if marked and element.applies_to:
            yield fault("applies_to", "mark_of_kinds")
            break
        if marked and data_set.aggregation_of(element, column) is not Aggregation.LIST:
            yield fault("", "mark_summed")
            break
    if element.type is ValueType.CHOICE and not element.choices and data_set.code != COVER:
        yield fault("", "no_choices")
    listed = ",".join(element.choices)
    if element.names:
        return
    if len(listed) > _LONGEST_LIST or listed.count(",") >= max(1, len(element.choices)):
        yield fault("choices", "choices", most=str(_LONGEST_LIST))


def _printed(data_set: DataSet, source: TomlSource) -> Iterator[Fault]:
    """Faults of the rows that a form prints around a list."""
    layout = data_set.layout
    numbered = any(element.number for element in data_set.elements)
    said = {"column_numbers": layout.column_numbers, "total_label": layout.total_label}
    for key in (key for key, words in said.items() if words):
        entry = source.tables["layout"]
        if data_set.shape is Shape.FIXED:
            yield entry.fault(key, "of_open", key=key)
            continue
        for element in data_set.elements:
            named = numbered and not element.type.numeric  # What a row is about needs no number.
            if key == "column_numbers" and not element.number and not named:
                yield entry.fault(key, "column_without_number", code=element.code)
            if key == "total_label" and element.aggregation is Aggregation.SUM:
                yield entry.fault(key, "total_of_sums", code=element.code)


def lint_rules(
    data_sets: Iterable[DataSet],
    faults: Mapping[tuple[str, str], RuleSyntaxError],
    sources: Mapping[str, TomlSource],
) -> Iterator[Fault]:
    """Faults of rules that cannot be bound; ``faults`` are by data set and id.

    :func:`lint_parts` found nothing.
    """
    for data_set in data_sets:
        entries = sources[data_set.code].arrays.get("rules", ())
        for rule, entry in zip(data_set.rules, entries, strict=True):
            error = faults.get((data_set.code, rule.id))
            if error is not None:
                pointer = f"{rule.expression}\n{' ' * error.offset}^"
                values = {"rule": rule.id, "fault": error.reason, "pointer": pointer}
                yield entry.fault("expression", "rule", **values)
            for code in rule.rows:
                if code not in data_set.by_code:
                    yield entry.fault("expression", "no_row", rule=rule.id, code=code)


def lint_computed(
    data_sets: Iterable[DataSet], bound: BoundRules, sources: Mapping[str, TomlSource]
) -> Iterator[Fault]:
    """Faults of ``computed``: what is no figure of the same row or form, or may not stand there.

    ``data_sets`` are those of a pack, as their definitions say them; ``bound`` has their rules.
    """
    for form in data_sets:
        source = sources[form.code]
        columns = [entry for entry in source.arrays.get("columns", ()) if "computed" in entry.data]
        elements = [entry for entry in source.arrays["body"] if "computed" in entry.data]
        rules = {rule.id: expression for rule, expression in bound.by_data_set[form.code]}
        for entry in (*columns, *elements):
            code = entry.data["code"]
            error = bound.faults.get((form.code, COMPUTED_ID.format(code)))
            if code in form.by_code and form.shape is Shape.FIXED and not form.single:
                yield entry.fault("computed", "computed_of_single", code=code)
            elif error is not None:
                yield entry.fault("computed", "computed", code=code, fault=error.reason)
            elif key := _computed(form, code, rules[COMPUTED_ID.format(code)]):
                yield entry.fault("computed", f"computed_{key}", code=code)


def _computed(form: DataSet, code: str, expression: Expr) -> str:
    """Which fault a computed column or element has, ``""`` for none."""
    assert isinstance(expression, Compare)
    is_row = code in form.by_code
    rows = (form.by_code[code],) if is_row else form.elements
    rows = tuple(row for row in rows if is_row or code in row.columns)
    named = form.columns[0].code if is_row and form.columns else code
    if any(named in row.required or (is_row and row.required) for row in rows):
        return "required"
    if any(row.second for row in rows if row.columns[0] == named):
        return "pair"
    added = (Aggregation.SUM, Aggregation.SINGLE)
    if divides(expression) and any(form.aggregation_of(row, named) in added for row in rows):
        return "ratio_summed"
    for leaf in leaves(expression.right):
        if not isinstance(leaf, Ref) or leaf.data_set != form.code:
            return "elsewhere"
        if leaf.shift and form.shape is Shape.OPEN:
            return "elsewhere"
        other = form.by_code[leaf.element] if leaf.element else rows[0]
        if form.computed(other, leaf.column):
            return "of_computed"
    return "" if leaves(expression.right) else "elsewhere"


def _counted(forms: Sequence[DataSet], sources: Mapping[str, TomlSource]) -> Iterator[Fault]:
    """Faults of ``counted_by``: a figure that is not there, or beside something else than a text.

    Figures are rows of tables with one column of them.
    """
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
            if "shortest" in entry.data and not form.narrative:
                yield entry.fault("shortest", "shortest")
            if named and not form.narrative:
                yield entry.fault("counted_by", "counted_by")
            for name in named:
                if name not in known:
                    yield entry.fault("counted_by", "counted_by_none", name=name)


def _trees(forms: Sequence[DataSet], sources: Mapping[str, TomlSource]) -> Iterator[Fault]:
    """Find faults of ``parent`` and ``names``: what is not there, and maxima that do not add up."""
    fixed = {form.code for form in forms if form.shape is Shape.FIXED}
    for form in forms:
        entries = {e.data["code"]: e for e in sources[form.code].arrays["body"] if "code" in e.data}
        for element in form.elements:
            entry, code = entries[element.code], element.code
            listed = form.shape is Shape.OPEN and element.type is ValueType.CHOICE
            if element.names and not (listed and element.names in fixed):
                yield entry.fault("names", "names", code=code)
            if element.parent and (form.code not in fixed or _goes_round(element, form)):
                yield entry.fault("parent", "parent", code=code)
            parts = [form.by_code[child].maximum for child in form.tree.get(code, ())]
            if parts and element.maximum is not None and None not in parts:
                total = sum((part for part in parts if part is not None), Decimal(0))
                if total != element.maximum:
                    values = {"code": code, "found": element.maximum, "wanted": total}
                    yield entry.fault("maximum", "parent_maximum", **values)


def _goes_round(element: DataElement, form: DataSet) -> bool:
    """Whether the parents of a row lead to no row, or back to it."""
    seen: set[str] = set()
    while element.parent:
        seen.add(element.code)
        if element.parent in seen or element.parent not in form.by_code:
            return True
        element = form.by_code[element.parent]
    return False


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
        faults += dict.fromkeys(_sheets(pack, source))  # Rounds share their forms.
        faults += _totalled(pack, source)
        faults += _tiled(pack, source)
        faults += _whole(pack, source)
        faults += _mapped(pack, by_code, source)
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


def _sheets(pack: Pack, source: TomlSource) -> Iterator[Fault]:
    """Names of sheets that are too long, or that two forms of one round have."""
    for number in range(5):
        seen: set[str] = set()
        for sheet in (form.sheet for form in pack.forms(number)):
            if sheet.casefold() in seen:
                yield source.top.fault("", "two_sheets", sheet=sheet)
            if len(sheet) > SHEET_NAME_LIMIT:
                yield source.top.fault("", "long_sheet", sheet=sheet)
            seen.add(sheet.casefold())


def _totalled(pack: Pack, source: TomlSource) -> Iterator[Fault]:
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


def _tiled(pack: Pack, source: TomlSource) -> Iterator[Fault]:
    """A cumulative period is made of the one that is returned before it and of its own quarter."""
    for kind, parts in pack.tiles.items():
        asked = Period(_SOME_YEAR, kind)
        before = asked.before(pack.periods) if pack.periods else asked
        quarters = [item.type for item in asked.round_periods if not item.cumulative]
        if not asked.cumulative or before.year != asked.year or parts != (before.type, *quarters):
            values = {"whole": kind.value, "first": parts[0], "second": parts[1]}
            yield source.tables["tiles"].fault(kind.value, "tiles", **values)


def _mapped(pack: Pack, packs: Mapping[str, Pack], source: TomlSource) -> Iterator[Fault]:
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
