"""Work out the computed cells of a form: what it says in place of a blank, and of a total."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from consolidate.model.cells import CellRef
from consolidate.model.data_values import RATIO_PLACES, DataValue, ValueKey, ValueStatus, rounded
from consolidate.model.datasets import DataSet, Library, Shape
from consolidate.model.returns import Return
from consolidate.model.rules import (
    Compare,
    Expr,
    Ref,
    RuleSpec,
    Scope,
    divides,
    walk,
)
from consolidate.rules.evaluation import RESOLUTION, ValueSource, figure_of

COMPUTED = "computed"
"""Step of a value that the program worked out (a key of the messages of steps)."""


@dataclass(frozen=True, slots=True)
class Computation:
    """How a form works out one column or element."""

    rule: RuleSpec
    target: Ref
    figure: Expr

    @property
    def divides(self) -> bool:
        """Whether it is a ratio, which is never added up."""
        return divides(self.figure)

    @property
    def parts(self) -> tuple[Ref, ...]:
        """What it is worked out of, each once."""
        return tuple(dict.fromkeys(part for part in walk(self.figure) if isinstance(part, Ref)))

    def gives(self, element: str, column: str) -> bool:
        """Whether it works out a cell; ``column`` is ``""`` in an open table."""
        if self.rule.rows:
            return element in self.rule.rows and column == self.target.column
        return (element, column) == (self.target.element, self.target.column)

    def number(self, source: ValueSource) -> Decimal | None:
        """Work it out; a ratio is rounded as all ratios are."""
        found = figure_of(self.figure, self.rule, source)
        if found is None or not self.divides:
            return found
        return rounded(found, RATIO_PLACES).normalize() + 0

    def keys(self, data_set: DataSet, rows: Iterable[int]) -> Iterator[ValueKey]:
        """The cells that it gives; ``rows`` are the numbers of the rows of an open table."""
        target = self.target
        if data_set.shape is Shape.OPEN:
            for row in rows:
                yield ValueKey(data_set.code, target.element, "", row)
        elif self.rule.scope is Scope.SET:
            yield ValueKey(data_set.code, target.element, target.column)
        else:
            for element in self.rule.rows:
                yield ValueKey(data_set.code, element, target.column)


def formulas(bound: Iterable[tuple[RuleSpec, Expr]]) -> tuple[Computation, ...]:
    """The computed columns and elements among the rules of a form."""
    return tuple(
        Computation(rule, expression.left, expression.right)
        for rule, expression in bound
        if rule.computed and isinstance(expression, Compare) and isinstance(expression.left, Ref)
    )


def computed_values(
    values: Sequence[DataValue], library: Library, before: Sequence[DataValue] = ()
) -> dict[ValueKey, DataValue]:
    """Work out the computed cells of a return; those that change, by their key.

    A blank becomes what is worked out, and so does a figure that is it but for the noise of a
    spreadsheet. A figure that is another one stays: it is compared. What looks at an earlier period
    stays as the sheet has it: the rule compares it with what is known of that period. ``before``
    are the values before some were adjusted: a cell that said then what was worked out then follows
    its parts.
    """
    found: dict[ValueKey, DataValue] = {}
    made = _formulas_of(library)
    if not made:
        return found
    earlier = {value.key: value for value in before}
    known = {value.key: value for value in values}
    for form, asked in made:
        rows = sorted({key.row for key in known if key.data_set == form.code})
        for formula in asked:
            for key in formula.keys(form, rows):
                value = known.get(key)
                if value is None:
                    continue
                follows = key in earlier and earlier[key].number is not None
                follows = follows and earlier[key].number == formula.number(_Row(earlier, key))
                changed = _worked_out(value, formula.number(_Row(known, key)), follows=follows)
                if changed is not value:
                    found[key] = changed
    return found


@lru_cache(maxsize=64)
def _formulas_of(library: Library) -> tuple[tuple[DataSet, tuple[Computation, ...]], ...]:
    """The forms that have computed cells, with these."""
    made = ((form, formulas(library.rules.get(form.code, ()))) for form in library.data_sets)
    return tuple((form, asked) for form, asked in made if asked)


def with_computed(content: Return, library: Library) -> Return:
    """A return with its blank computed cells worked out; ``library`` has the forms of its pack."""
    found = computed_values(tuple(content.values()), library) if _formulas_of(library) else {}
    if not found:
        return content
    parts = (
        replace(part, values=tuple(found.get(value.key, value) for value in part.values))
        for part in content.data_sets
    )
    return replace(content, data_sets=tuple(parts))


def _worked_out(value: DataValue, number: Decimal | None, *, follows: bool) -> DataValue:
    blank = value.status is ValueStatus.MISSING
    if number is None:
        if not follows or blank:
            return value
        return replace(value, value=None, status=ValueStatus.MISSING)
    same = value.number is not None and abs(value.number - number) < RESOLUTION
    if value.number == number or not (blank or same or follows):
        return value
    steps = (COMPUTED,) if blank else value.normalisation
    return replace(value, value=number, status=ValueStatus.REPORTED, normalisation=steps)


@dataclass(frozen=True, slots=True)
class _Row(ValueSource):
    """The values of a return as seen from the row of one of them."""

    values: Mapping[ValueKey, DataValue]
    key: ValueKey

    def value(self, ref: Ref) -> DataValue | None:
        if ref.shift:  # What was reported earlier is known to the sheet, and to the rule later.
            return None
        key = ValueKey(ref.data_set, ref.element or self.key.element, ref.column, self.key.row)
        found = self.values.get(key)
        if found is None and not ref.element:  # The row is not asked for this column: a blank.
            return DataValue(key, None, ValueStatus.MISSING, "", CellRef("", 0, 0))
        return found
