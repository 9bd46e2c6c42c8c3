"""Bind the names of a parsed rule to elements of definitions; refuse unknown ones at their place.

In a rule on rows a bare name is a column of that row. Otherwise it is an element, or
``element.column``; a data set may stand first, and a period (``prev``, ``same_period_last_year``)
or units (``all_units``, ``units_below``) before that. A data set of another template is of the same
unit and round. A name of the cover (:data:`COVER_DAYS`) is a day of it, unless the form has one of
the same name. Answers in words may only be named by ``filled``, by the pairs, and where they are
compared with a text; days are compared with days.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from types import MappingProxyType

from consolidate.model.anchors import COVER
from consolidate.model.datasets import VALUE_COLUMN, Aggregation, DataSet, Shape, ValueType
from consolidate.model.reasons import Reason, because
from consolidate.model.rules import (
    Arithmetic,
    Call,
    Chosen,
    Compare,
    Condition,
    Day,
    Expr,
    Logic,
    Negative,
    Number,
    Path,
    Presence,
    Ref,
    Rows,
    RuleSpec,
    Same,
    Scope,
    Shift,
    Total,
    walk,
)
from consolidate.rules.parsing import RuleSyntaxError, parse

COVER_DAYS = ("window_from", "window_to", "report_date")
_SHIFTS = {shift.value: shift for shift in Shift if shift.value}
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class BoundRules:
    """The rules of a workbook, bound: by data set, and the faults by data set and rule."""

    by_data_set: Mapping[str, tuple[tuple[RuleSpec, Expr], ...]]
    faults: Mapping[tuple[str, str], RuleSyntaxError]


def bind_rules(data_sets: Sequence[DataSet], others: Iterable[DataSet] = ()) -> BoundRules:
    """Parse and bind every rule of the data sets of one workbook.

    ``others`` are forms of other workbooks that rules may name, too. Of several forms of one code
    (two packs of a family) the first one is meant that has what a rule names. In a rule of a
    quarter's table the name of a form means its table of the quarter.
    """
    beside: dict[str, list[DataSet]] = {}
    for other in others:
        beside.setdefault(other.code, []).append(other)
    named = {data_set.code: data_set for data_set in data_sets}
    quarters = {data_set.form: data_set for data_set in data_sets if data_set.quarter}
    bound: dict[str, tuple[tuple[RuleSpec, Expr], ...]] = {}
    faults: dict[tuple[str, str], RuleSyntaxError] = {}
    for home in data_sets:
        known = named | quarters if home.quarter else named
        rules = []
        for rule in home.rules:
            try:
                rules.append((rule, bind(rule.expression, home, rule.scope, known, beside)))
            except RuleSyntaxError as error:
                faults[home.form or home.code, rule.id] = error
        bound[home.code] = tuple(rules)
    return BoundRules(bound, faults)


def bind(
    text: str,
    home: DataSet,
    scope: Scope,
    named: Mapping[str, DataSet],
    beside: Mapping[str, Sequence[DataSet]] = MappingProxyType({}),
) -> Expr:
    """Read a rule of a form, and replace every name in it by what it names.

    ``named`` are the data sets that may be named, by code, ``home`` among them; ``beside`` are
    forms of other workbooks, of which those are taken that have what the rule names.

    Raises:
        RuleSyntaxError: it is no rule, or a name is unknown or of a kind that its place does not
            take.
    """
    node = parse(text)
    words = dict.fromkeys(_WORD.findall(text))
    own = {*named, *home.by_code, *home.column_by_code}
    foreign = [word for word in words if word in beside and word not in own]
    first: RuleSyntaxError | None = None
    for chosen in product(*(beside[name] for name in foreign)):
        known = {**named, **dict(zip(foreign, chosen, strict=True))}
        try:
            return _Binder(home, scope, known).bind(node)
        except RuleSyntaxError as error:
            first = first or error
    assert first is not None  # A product of nothing is one empty choice.
    raise first


def _refused(reason: Reason, path: Path) -> RuleSyntaxError:
    return RuleSyntaxError(reason, path.offset)


@dataclass(frozen=True, slots=True)
class _Binder:
    _home: DataSet
    _scope: Scope
    _siblings: Mapping[str, DataSet]
    _asking: _Binder | None = None
    """The rule around a condition on rows of another table."""

    def bind(self, node: Expr) -> Expr:
        match node:
            case Path():
                ref = self._answer(node, added=True)
                return self._figure(node, ref, days=not ref.shift.adds_units)
            case Negative(operand):
                return replace(node, operand=self._bare(self.bind(operand), node))
            case Arithmetic(op, left, right):
                made = replace(node, left=self.bind(left), right=self.bind(right))
                if self._is_day(made.right) and not (op == "-" and self._is_day(made.left)):
                    self._bare(made.right, node)
                if op not in "+-":
                    self._bare(made.left, node)
                return made
            case Compare(_, left, right):
                first, second = self.bind(left), self.bind(right)
                days = self._is_day(first)
                if days is not self._is_day(second):
                    raise self._mixed(node)
                return replace(node, left=first, right=second, days=days)
            case Day(_, _, year_of):
                return replace(node, year_of=self.bind(year_of))
            case Chosen(Path() as path, text, part):
                return replace(node, answer=self._worded(path, text, part=part))
            case Same(Path() as path):
                return replace(node, answer=self._answer(path), asked=self._asked(path))
            case Call("count", (Path() as path,)):
                return self._rows(path)
            case Call("count", (Path() as path, where)):
                rows = self._rows(path)
                return replace(rows, where=self._where(rows.data_set, where, path))
            case Call("sum", (Path() as path, where)) if isinstance(where, Condition):
                series = self._series(path)
                return Total(series, self._where(series.data_set, where, path))
            case Call("sum", (Path() as path,)):
                return Total(self._series(path))
            case Call(_, parts):
                bound = tuple(self._bare(self.bind(part), node) for part in parts)
                return replace(node, arguments=bound)
            case Logic(_, parts):
                return replace(node, operands=tuple(self.bind(part) for part in parts))
            case Presence(_, parts):
                refs = tuple(
                    self._answer(part) if isinstance(part, Path) else part for part in parts
                )
                return replace(node, refs=refs)
            case _:
                return node

    def _where(self, code: str, where: Expr, path: Path) -> Expr:
        """Bind a condition on rows of an open table: what a formula can ask of all at once."""
        listed = self._siblings.get(code, self._home)
        bound = _Binder(listed, Scope.ROW, self._siblings, self).bind(where)
        for part in walk(bound):
            match part:
                case Logic("and") | Chosen() | Same() | Presence("filled"):
                    continue
                case Day() | Number() | Ref():
                    continue
                case Compare(_, Ref() | Number() | Day(), Ref() | Number() | Day()):
                    continue
                case _:
                    raise _refused(because("syntax.where"), path)
        return bound

    def _is_day(self, node: Expr) -> bool:
        """Whether a bound figure is a day; the difference of two days is a number."""
        match node:
            case Day():
                return True
            case Ref():
                return self._kind(node) is ValueType.DATE
            case Arithmetic(op, left, right):
                return self._is_day(left) and not (op == "-" and self._is_day(right))
            case _:
                return False

    def _bare(self, bound: Expr, node: Expr) -> Expr:
        """Refuse a day where only a number makes sense."""
        if self._is_day(bound):
            raise self._mixed(node)
        return bound

    def _mixed(self, node: Expr) -> RuleSyntaxError:
        at = next((part.offset for part in walk(node) if isinstance(part, Path)), 0)
        return RuleSyntaxError(because("syntax.day_and_number"), at)

    def _kind(self, ref: Ref) -> ValueType:
        if ref.data_set == COVER:
            return ValueType.DATE
        data_set = self._siblings.get(ref.data_set, self._home)
        if ref.element:
            return data_set.type_of(data_set.by_code[ref.element], ref.column)
        return data_set.column_by_code[ref.column].type or ValueType.COUNT

    def _asked(self, path: Path) -> Ref:
        """What the row that asks is compared by: its own answer, or its official number."""
        asking = self._asking
        if asking is None or asking._scope is not Scope.ROW:
            raise _refused(because("syntax.same"), path)
        if asking._home.shape is Shape.FIXED:
            return Ref(asking._home.code, "")
        return asking._answer(path)

    def _worded(self, path: Path, text: str, *, part: bool = False) -> Ref:
        """An answer in words that may be ``text``, or have it as a part."""
        ref = self._answer(path)
        kind = self._kind(ref)
        data_set = self._siblings.get(ref.data_set, self._home)
        choices = data_set.by_code[ref.element].choices if ref.element else ()
        if kind not in (ValueType.CHOICE, ValueType.TEXT):
            raise _refused(because("syntax.no_words", name=".".join(path.parts)), path)
        if kind is ValueType.CHOICE and not part and text not in choices:
            raise _refused(because("syntax.no_choice", name=ref.element, text=text), path)
        return ref

    def _split(self, path: Path) -> tuple[Shift, str, tuple[str, ...]]:
        """Divide a name: where it looks, the data set that it names if any, and the rest."""
        parts = path.parts
        shift = Shift.CURRENT
        if parts[0] in _SHIFTS:
            shift, parts = _SHIFTS[parts[0]], parts[1:]
            if not parts:
                raise _refused(because("syntax.shift_alone", name=shift.value), path)
        if parts and parts[0] in self._siblings:
            named = self._siblings[parts[0]]
            if shift.looks_back and named.template != self._home.template:
                raise _refused(because("syntax.past_of_other", name=parts[0]), path)
            return shift, parts[0], parts[1:]
        return shift, "", parts

    def _demand_sum(self, ref: Ref, path: Path) -> None:
        """Refuse figures of several units that nobody adds up."""
        data_set = self._siblings.get(ref.data_set, self._home)
        codes = (ref.element,) if ref.element else tuple(data_set.by_code)
        for element in (data_set.by_code[code] for code in codes):
            kind = data_set.aggregation_of(element, ref.column)
            if kind not in (Aggregation.SUM, Aggregation.SINGLE):
                raise _refused(because("syntax.not_added", name=".".join(path.parts)), path)

    def _figure(self, path: Path, ref: Ref, *, days: bool = False) -> Ref:
        """Refuse an answer in words, and a day unless ``days``."""
        kind = self._kind(ref)
        if not kind.numeric and not (days and kind is ValueType.DATE):
            raise _refused(because("syntax.no_number", name=".".join(path.parts)), path)
        return ref

    def _answer(self, path: Path, *, added: bool = False) -> Ref:
        """Find an answer; one ``added`` up over units must be a figure that somebody adds up."""
        ref = self._found(path)
        if ref.shift.adds_units:
            if not added:
                raise _refused(because("syntax.only_added", name=".".join(path.parts)), path)
            self._demand_sum(ref, path)
        return ref

    def _found(self, path: Path) -> Ref:
        shift, name, parts = self._split(path)
        data_set = self._siblings.get(name, self._home)
        if not parts:  # The name of a form; an element of one's own may have it, too.
            data_set, parts = self._home, path.parts[-1:]
        own = {*data_set.by_code, *data_set.column_by_code}
        if len(path.parts) == 1 and parts[0] in COVER_DAYS and parts[0] not in own:
            return Ref(COVER, parts[0], VALUE_COLUMN)
        by_row = self._scope is Scope.ROW and data_set is self._home
        if by_row and data_set.shape is Shape.FIXED:
            if len(parts) == 1 and parts[0] in data_set.column_by_code:
                return Ref(data_set.code, "", parts[0], shift)
            raise _refused(
                because("syntax.no_column", name=".".join(parts), form=data_set.code), path
            )
        if data_set.shape is Shape.OPEN:
            alone = by_row and not shift.adds_units
            if alone and len(parts) == 1 and parts[0] in data_set.by_code:
                return Ref(data_set.code, parts[0], "", shift)
            raise _refused(because("syntax.needs_sum"), path)
        if not 1 <= len(parts) <= 2 or parts[0] not in data_set.by_code:
            raise _refused(
                because("syntax.no_element", name=".".join(parts), form=data_set.code), path
            )
        element = data_set.by_code[parts[0]]
        if len(parts) == 1 and not data_set.single:
            raise _refused(because("syntax.which_column", form=data_set.code), path)
        column = parts[1] if len(parts) == 2 else data_set.columns[0].code
        if column not in element.columns and column != element.second:
            raise _refused(because("syntax.column_of", name=element.code, column=column), path)
        return Ref(data_set.code, element.code, column, shift)

    def _series(self, path: Path) -> Ref:
        shift, name, parts = self._split(path)
        data_set = self._siblings.get(name, self._home)
        if data_set.shape is not Shape.OPEN or len(parts) != 1 or parts[0] not in data_set.by_code:
            raise _refused(because("syntax.sum_of"), path)
        return self._figure(path, Ref(data_set.code, parts[0], "", shift))

    def _rows(self, path: Path) -> Rows:
        shift, name, parts = self._split(path)
        data_set = self._siblings.get(name, self._home)
        if parts or data_set.shape is not Shape.OPEN:
            raise _refused(because("syntax.count_of"), path)
        return Rows(data_set.code, shift)
