"""Find what the names of a rule mean; refuse those that mean nothing at their place.

In a rule on rows a bare name is a column of that row. Otherwise it is an element, or
``element.column``; a data set may stand first, and a period (``prev``, ``same_period_last_year``)
or units (``all_units``, ``units_below``) before that. A data set of another template is of the same
unit and round. A name of the cover (:data:`COVER_DAYS`) is a day of it, unless the form has one of
the same name. Answers in words may only be named by ``filled``, by the pairs, and where they are
compared with a text; days are compared with days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from consolidate.model.anchors import COVER
from consolidate.model.datasets import VALUE_COLUMN, Aggregation, DataSet, Shape, ValueType
from consolidate.model.reasons import Reason, because
from consolidate.model.rules import Arithmetic, Day, Expr, Ref, Scope, Shift

COVER_DAYS = ("window_from", "window_to", "report_date")
_SHIFTS = {shift.value: shift for shift in Shift if shift.value}


class RuleSyntaxError(ValueError):
    """A rule that cannot be read. ``offset`` is the zero-based character that is wrong."""

    def __init__(self, reason: Reason, offset: int) -> None:
        super().__init__(f"{reason.key} (character {offset + 1})")
        self.reason = reason
        self.offset = offset


class Name(NamedTuple):
    """A dotted name as written, and its place in the text."""

    parts: tuple[str, ...]
    place: int

    def __str__(self) -> str:
        return ".".join(self.parts)

    def refused(self, reason: Reason) -> RuleSyntaxError:
        return RuleSyntaxError(reason, self.place)


NOTHING = Ref("", "")
"""Stands for a name that cannot stand where it does."""


@dataclass(frozen=True, slots=True)
class RuleNames:
    """What names mean in a rule of a form; finders raise at names that cannot stand there.

    ``asking`` are those of the rule around a condition on rows of another table.
    """

    home: DataSet
    scope: Scope
    siblings: Mapping[str, DataSet]
    asking: RuleNames | None = None

    def kind(self, ref: Ref) -> ValueType:
        if ref.data_set == COVER:
            return ValueType.DATE
        form = self.siblings.get(ref.data_set, self.home)
        if ref.element:
            return form.type_of(form.by_code[ref.element], ref.column)
        return form.column_by_code[ref.column].type or ValueType.COUNT

    def is_day(self, node: Expr) -> bool:
        """Whether a figure is a day; the difference of two days is a number."""
        match node:
            case Day():
                return True
            case Ref():
                return node is not NOTHING and self.kind(node) is ValueType.DATE
            case Arithmetic(op, left, right):
                return self.is_day(left) and not (op == "-" and self.is_day(right))
            case _:
                return False

    def figure(self, name: Name) -> Ref:
        """Find a figure or a day; one added up over units must be one that somebody adds up."""
        ref = self._found(name)
        if not ref.shift.adds_units:
            return self._demand_number(name, ref, days=True)
        form = self.siblings.get(ref.data_set, self.home)
        for element in (form.by_code[ref.element],) if ref.element else form.elements:
            kind = form.aggregation_of(element, ref.column)
            if kind not in (Aggregation.SUM, Aggregation.SINGLE):
                raise name.refused(because("syntax.not_added", name=str(name)))
        return self._demand_number(name, ref)

    def answer(self, name: Name) -> Ref:
        """Find an answer of any kind."""
        ref = self._found(name)
        if ref.shift.adds_units:
            raise name.refused(because("syntax.only_added", name=str(name)))
        return ref

    def asked(self, name: Name) -> Ref:
        """Find what the row that asks is compared by: its own answer, or its official number."""
        asking = self.asking
        if asking is None or asking.scope is not Scope.ROW:
            raise name.refused(because("syntax.same"))
        return (
            Ref(asking.home.code, "") if asking.home.shape is Shape.FIXED else asking.answer(name)
        )

    def worded(self, name: Name) -> Ref:
        """Find an answer in words."""
        ref = self.answer(name)
        if self.kind(ref) not in (ValueType.CHOICE, ValueType.TEXT):
            raise name.refused(because("syntax.no_words", name=str(name)))
        return ref

    def chosen(self, name: Name, text: str) -> Ref:
        """Find an answer in words that may be a text."""
        ref = self.worded(name)
        form = self.siblings.get(ref.data_set, self.home)
        choices = form.by_code[ref.element].choices if ref.element else ()
        if self.kind(ref) is ValueType.CHOICE and text not in choices:
            raise name.refused(because("syntax.no_choice", name=ref.element, text=text))
        return ref

    def series(self, name: Name) -> Ref:
        """Find the column of an open table that is added up."""
        shift, code, parts = self._split(name)
        form = self.siblings.get(code, self.home)
        if form.shape is not Shape.OPEN or len(parts) != 1 or parts[0] not in form.by_code:
            raise name.refused(because("syntax.sum_of"))
        return self._demand_number(name, Ref(form.code, parts[0], "", shift))

    def rows(self, name: Name) -> Ref:
        """Find the open table whose rows are counted."""
        shift, code, parts = self._split(name)
        form = self.siblings.get(code, self.home)
        if parts or form.shape is not Shape.OPEN:
            raise name.refused(because("syntax.count_of"))
        return Ref(form.code, "", "", shift)

    def _demand_number(self, name: Name, ref: Ref, *, days: bool = False) -> Ref:
        """Refuse an answer in words, and a day unless ``days``."""
        kind = self.kind(ref)
        if not kind.numeric and not (days and kind is ValueType.DATE):
            raise name.refused(because("syntax.no_number", name=str(name)))
        return ref

    def _split(self, name: Name) -> tuple[Shift, str, tuple[str, ...]]:
        """Divide a name: where it looks, the form that it names if any, and the rest."""
        shift, parts = Shift.CURRENT, name.parts
        if parts[0] in _SHIFTS:
            shift, parts = _SHIFTS[parts[0]], parts[1:]
            if not parts:
                raise name.refused(because("syntax.shift_alone", name=shift.value))
        if parts[0] not in self.siblings:
            return shift, "", parts
        if shift.looks_back and self.siblings[parts[0]].template != self.home.template:
            raise name.refused(because("syntax.past_of_other", name=parts[0]))
        return shift, parts[0], parts[1:]

    def _found(self, name: Name) -> Ref:
        shift, code, parts = self._split(name)
        form = self.siblings.get(code, self.home)
        if not parts:  # The name of a form; an element of one's own may have it, too.
            form, parts = self.home, name.parts[-1:]
        own = {*form.by_code, *form.column_by_code}
        if len(name.parts) == 1 and parts[0] in COVER_DAYS and parts[0] not in own:
            return Ref(COVER, parts[0], VALUE_COLUMN)
        by_row = self.scope is Scope.ROW and form is self.home
        if by_row and form.shape is Shape.FIXED:
            if len(parts) == 1 and parts[0] in form.column_by_code:
                return Ref(form.code, "", parts[0], shift)
            told = ".".join(parts)
            raise name.refused(because("syntax.no_column", name=told, form=form.code))
        if form.shape is Shape.OPEN:
            alone = by_row and not shift.adds_units
            if alone and len(parts) == 1 and parts[0] in form.by_code:
                return Ref(form.code, parts[0], "", shift)
            raise name.refused(because("syntax.needs_sum"))
        if not 1 <= len(parts) <= 2 or parts[0] not in form.by_code:
            told = ".".join(parts)
            raise name.refused(because("syntax.no_element", name=told, form=form.code))
        element = form.by_code[parts[0]]
        if len(parts) == 1 and not form.single:
            raise name.refused(because("syntax.which_column", form=form.code))
        column = parts[1] if len(parts) == 2 else form.columns[0].code
        if column not in element.columns and column != element.second:
            code = element.code
            raise name.refused(because("syntax.column_of", name=code, column=column))
        return Ref(form.code, element.code, column, shift)
