"""What became of the forms of a pack since a round was issued, and figures that both have.

A figure is the same where form, row and column have the same codes, type and unit of measure: a
label may be worded anew. Figures that only one of them has stay out of the totals, and the
list of changes names them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import TypeVar

from consolidate.checks.rule_checks import rule_in_words
from consolidate.model.data_values import DENOMINATOR, NUMERATOR, ValueKey
from consolidate.model.datasets import DataElement, DataSet, Library, Shape
from consolidate.model.reasons import Finding, Reason, Severity, because, joined
from consolidate.model.returns import Return

CHANGED = "changed.issued_before"
_MOST = 12
"""Changes that a sentence lists."""
T = TypeVar("T")


def changed_since(content: Return, then: Library, now: Library) -> Finding:
    """Make the note on a return that was issued with former definitions: what changed since."""
    version = then.template_by_code[content.template].version
    changes = listed(tuple(form_changes(then, now)))
    return Finding(CHANGED, Severity.INFO, because(CHANGED, found=version, changes=changes))


def listed(changes: tuple[Reason, ...]) -> Reason:
    """The changes in one sentence, the first of many."""
    named = joined("rules.semicolon", changes[:_MOST])
    if len(changes) <= _MOST:
        return named
    return because("changed.more", told=named, count=len(changes) - _MOST)


def as_now(content: Return, then: Library, now: Library) -> Return:
    """Keep of a return what the forms in use have, too."""
    parts = []
    for part in content.data_sets:
        if part.code not in now.by_code:
            continue
        old, new = then.by_code[part.code], now.by_code[part.code]
        if old is new:
            parts.append(part)
            continue
        kept = tuple(value for value in part.values if _is_shared(value.key, old, new))
        parts.append(replace(part, values=kept))
    return replace(content, data_sets=tuple(parts))


def _is_shared(key: ValueKey, old: DataSet, new: DataSet) -> bool:
    was, now = old.by_code.get(key.element), new.by_code.get(key.element)
    if was is None or now is None or old.shape is not new.shape or was.unit != now.unit:
        return False
    column = key.column
    if column in (NUMERATOR, DENOMINATOR):
        column = now.columns[0]
    known = not column or column == now.second or column in now.columns
    return known and old.type_of(was, column) is new.type_of(now, column)


def form_changes(then: Library, now: Library) -> Iterator[Reason]:
    """List what was changed in the forms of a pack: forms, rows, columns, rules, days."""
    old, new = then.by_code, now.by_code
    yield from _beside(old, new, "form", lambda form: form.short_title)
    for code in old.keys() & new.keys():
        was, form = old[code], new[code]
        if was is not form:
            changes = (_of_rows(was, form), _of_columns(was, form), _of_rules(was, form, then, now))
            for told in chain(*changes):
                yield because("changed.in_form", form=form.short_title, told=told)
    (before,), (pack,) = then.pack_of.values(), now.pack_of.values()
    for name in ("windows", "due", "packages"):
        if getattr(before, name) != getattr(pack, name):
            yield because(f"changed.{name}")
    if (before.serves_from, before.serves_to) != (pack.serves_from, pack.serves_to):
        yield because("changed.serves")


def _beside(
    old: Mapping[str, T], new: Mapping[str, T], kind: str, name: Callable[[T], str]
) -> Iterator[Reason]:
    """What is there only now, and what only was."""
    for code, item in new.items():
        if code not in old:
            yield because(f"changed.{kind}_added", name=name(item))
    for code, item in old.items():
        if code not in new:
            yield because(f"changed.{kind}_removed", name=name(item))


def _of_rows(was: DataSet, form: DataSet) -> Iterator[Reason]:
    kind = "column" if form.shape is Shape.OPEN else "row"

    def name(element: DataElement) -> str:
        return f"{element.number} {element.label}".strip()

    yield from _beside(was.by_code, form.by_code, kind, name)
    for code, element in form.by_code.items():
        before = was.by_code.get(code)
        if before is None or before == element:
            continue
        said = {"name": name(before), "now": name(element)}
        if name(before) != name(element):
            yield because("changed.renamed", **said)
        if (before.unit, before.type) != (element.unit, element.type):
            units = {"was": before.unit or "–", "unit": element.unit or "–"}
            yield because("changed.measure", name=name(element), **units)
        elif name(before) == name(element):
            yield because(f"changed.{kind}", name=name(element))


def _of_columns(was: DataSet, form: DataSet) -> Iterator[Reason]:
    old, new = was.column_by_code, form.column_by_code
    yield from _beside(old, new, "column", lambda column: column.label)
    for code, column in new.items():
        before = old.get(code)
        if before is not None and before.label != column.label:
            yield because("changed.renamed", name=before.label, now=column.label)


def _of_rules(was: DataSet, form: DataSet, then: Library, now: Library) -> Iterator[Reason]:
    def words(data_set: DataSet, library: Library) -> dict[str, Reason]:
        return {rule.id: rule_in_words(rule, data_set, library) for rule in data_set.rules}

    before, after = words(was, then), words(form, now)
    for key, said in after.items():
        if key not in before:
            yield because("changed.rule_added", rule=said)
        elif before[key] != said:
            yield because("changed.rule", was=before[key], rule=said)
    for key, said in before.items():
        if key not in after:
            yield because("changed.rule_removed", rule=said)
    old = {rule.id: rule for rule in was.rules}
    for rule in form.rules:
        other = old.get(rule.id)
        if other is not None and other != rule and before[rule.id] == after[rule.id]:
            yield because("changed.rule_weight", rule=after[rule.id])
