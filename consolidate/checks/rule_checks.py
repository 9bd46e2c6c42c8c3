"""Does the return keep the rules of its definitions? Each rule once, or once per row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from consolidate.model.anchors import COVER
from consolidate.model.cells import CellRef
from consolidate.model.data_values import (
    CROSSED,
    RATIO_PLACES,
    DataValue,
    History,
    ValueKey,
    ValueStatus,
    rounded,
)
from consolidate.model.datasets import DataSet, Library, Shape
from consolidate.model.reasons import Finding, Reason, because, capital, joined
from consolidate.model.returns import DataSetReturn, Return
from consolidate.model.rules import (
    Arithmetic,
    Call,
    Compare,
    Expr,
    Leaf,
    Ref,
    Rows,
    RuleSpec,
    Scope,
    Shift,
    Total,
    leaves,
    looks_back,
)
from consolidate.model.text import format_day, format_number, tidy
from consolidate.rules.evaluation import (
    Evaluation,
    ValueSource,
    Verdict,
    count_of,
    day_of_number,
    evaluate,
)
from consolidate.rules.explanation import Words, in_words, side
from consolidate.rules.plain_questions import (
    Question,
    plain_numbers,
    plain_question,
    plain_rows,
)


def check_rules(content: Return, library: Library, history: History | None = None) -> list[Finding]:
    """Make a finding for every broken rule of the data sets that the return holds.

    With a history only the rules that name an earlier period are asked; without one they do not
    apply.
    """
    findings: list[Finding] = []
    seen: _Seen | None = None
    plain = plain_numbers(content.data_sets)
    for part in content.data_sets:
        listed = [(Row(number=n), row) for n, row in enumerate(plain_rows(part), 1)]
        data_set = library.data_set(part.code)
        for rule, expression, row, question in _rules_of(library, part.code):
            if history is not None and not looks_back(expression):
                continue
            for at, numbers in listed if row is None else ((row, plain),):
                if history is None and question is not None:
                    try:  # Of most rules it is plain that they are not broken.
                        if question(numbers) is not False:
                            continue
                    except KeyError:
                        pass
                seen = seen or _seen((content.cover, *content.data_sets))
                source = _Source(*seen, data_set, at, history)
                result = evaluate(expression, rule, source)
                if result.verdict is Verdict.BROKEN:
                    asked = Asked(rule, expression, data_set, at, source, library)
                    findings.append(finding_of(asked, result, part.sheet))
    return findings


@lru_cache(maxsize=1024)
def _rules_of(
    library: Library, code: str
) -> tuple[tuple[RuleSpec, Expr, Row | None, Question | None], ...]:
    """The rules of a form with their plain questions; without a row: of each row of a list."""
    data_set = library.data_set(code)
    found: list[tuple[RuleSpec, Expr, Row | None, Question | None]] = []
    for rule, expression in library.rules[code]:
        rows: Iterable[Row | None] = (None,)
        if rule.scope is Scope.SET or data_set.shape is Shape.FIXED:
            rows = _fixed_rows(rule, data_set)
        for row in rows:
            question = plain_question(expression, rule, data_set, row.element if row else "")
            found.append((rule, expression, row, question))
    return tuple(found)


def rule_in_words(rule: RuleSpec, data_set: DataSet, library: Library) -> Reason:
    """Say a rule without any return: ``MS 40 phải bằng MS 41 + MS 42 + MS 43 + MS 44``."""
    pack = library.pack_of.get(data_set.template)
    known = library.rules[data_set.code] if pack is None else pack.rules[data_set.code]
    expression = next(bound for spec, bound in known if spec is rule)
    asked = Asked(rule, expression, data_set, _WHOLE, _Source({}, {}, data_set, _WHOLE), library)
    return asked.in_words()


@dataclass(frozen=True, slots=True)
class Row:
    """The row a rule is asked of: an element of a fixed table, or a row number of an open one."""

    element: str = ""
    number: int = 0


_WHOLE = Row()
_TOLD = 60
"""Characters of an answer in words that a finding repeats."""
NOWHERE = CellRef("", 0, 0)
"""Cell of an answer that the form does not ask for in this row: it counts as blank."""


def source_of(parts: Iterable[DataSetReturn], data_set: DataSet, row: Row) -> ValueSource:
    """Make a source of values of tables, wherever they were returned, as seen from one row."""
    return _Source(*_seen(parts), data_set, row)


def asked_rows(rule: RuleSpec, data_set: DataSet, part: DataSetReturn) -> Iterator[Row]:
    """List the rows of a returned table to ask a rule of; a rule of scope ``SET`` has one."""
    if rule.scope is Scope.ROW and data_set.shape is Shape.OPEN:
        return (Row(number=number) for number in range(1, part.rows + 1))
    return _fixed_rows(rule, data_set)


def _fixed_rows(rule: RuleSpec, data_set: DataSet) -> Iterator[Row]:
    """The rows of a rule that is asked once, or of the rows of a fixed table."""
    if rule.scope is Scope.SET:
        yield _WHOLE
        return
    for element in data_set.elements:
        if not rule.rows or element.code in rule.rows:
            yield Row(element=element.code)


_Values = Mapping[tuple[str, str, str, int], DataValue]
_Seen = tuple[Mapping[str, DataSetReturn], _Values]


def _seen(parts: Iterable[DataSetReturn]) -> _Seen:
    """The tables by code, and their values by key."""
    tables = {part.code: part for part in parts}
    return tables, {value.key: value for part in tables.values() for value in part.values}


@dataclass(frozen=True, slots=True)
class _Source:
    """The values of one return, and what is known of earlier ones, as seen from one row."""

    tables: Mapping[str, DataSetReturn]
    values: _Values
    home: DataSet
    row: Row
    history: History | None = None
    listed: str = ""
    """The open table that the row is of, if not ``home``."""

    def value(self, ref: Ref) -> DataValue | None:
        element = ref.element or self.row.element
        if ref.shift is not Shift.CURRENT:
            return self._past(ref, element)
        if ref.data_set not in self.tables:
            return None
        number = self.row.number
        if number and (ref.column or ref.data_set != (self.listed or self.home.code)):
            number = 0
        # A plain tuple finds what a key finds, and is made sooner.
        found = self.values.get((ref.data_set, element, ref.column, number))
        if (
            found is None
            and not ref.element
            and ref.column not in self.home.by_code[element].columns
        ):
            key = ValueKey(ref.data_set, element, ref.column, number)
            return DataValue(key, None, ValueStatus.MISSING, "", NOWHERE)
        return found

    def _past(self, ref: Ref, element: str) -> DataValue | None:
        """A figure of an earlier period; a figure that was not reported then is not there."""
        if self.history is None:
            return None
        past = self.history.previous if ref.shift is Shift.PREVIOUS else self.history.last_year
        if past is None or not past.comparable:
            return None
        number = past.values.get((ref.data_set, element, ref.column))
        if number is None:
            return None
        key = ValueKey(ref.data_set, element, ref.column)
        return DataValue(key, number, ValueStatus.REPORTED, format_number(number), NOWHERE)

    def series(self, ref: Ref) -> tuple[DataValue, ...] | None:
        table = self.tables.get(ref.data_set)
        if table is None or ref.shift is not Shift.CURRENT:
            return None
        return tuple(value for value in table.values if value.key.element == ref.element)

    def rows(self, rows: Rows) -> int | None:
        table = self.tables.get(rows.data_set)
        return None if table is None or rows.shift is not Shift.CURRENT else table.rows

    def official_number(self) -> str:
        return self.home.by_code[self.row.element].number if self.row.element else ""

    def each(self, data_set: str, shift: Shift) -> tuple[_Source, ...] | None:
        table = self.tables.get(data_set)
        if table is None or shift is not Shift.CURRENT:
            return None
        return tuple(
            replace(self, row=Row(number=number), listed=data_set)
            for number in range(1, table.rows + 1)
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule asked of one row, with what its finding is worded from."""

    rule: RuleSpec
    expression: Expr
    data_set: DataSet
    row: Row
    source: ValueSource
    library: Library

    def in_words(self) -> Reason:
        """The rule in words, with its tolerance if it has one."""
        said = in_words(self.expression, self.name)
        slack = self.rule.tolerance
        return because("rules.tolerance", sentence=said, tolerance=slack) if slack else said

    def name(self, ref: Ref | Rows) -> Words:
        """``MS 40``, ``MS 3 kỳ trước``: what a reference is called."""
        name: Words = self._element(ref)
        if ref.shift:
            name = because(f"rules.{ref.shift.value}", name=name)
        if isinstance(ref, Rows) and ref.where is not None:
            said = in_words(ref.where, self.name, "case")
            name = because("rules.where", name=name, condition=said)
        return name

    def _element(self, ref: Ref | Rows) -> Words:
        """In a rule of rows only the column is named: the row stands in front of the sentence."""
        own = ref.data_set == self.data_set.code
        data_set = self.data_set if own else self.library.named.get(ref.data_set) or self._form(ref)
        if isinstance(ref, Rows):
            return because("rules.rows", title=data_set.short_title)
        if not ref.element:
            return data_set.column_by_code[ref.column].label
        caption = data_set.caption(data_set.by_code[ref.element], ref.column)
        if data_set is self.data_set or (not ref.column and data_set.shape is Shape.OPEN):
            return caption
        if data_set.template in ("", self.data_set.template):
            return f"{caption} ({data_set.sheet})"
        family = self.library.families[data_set.template].short_title
        return f"{caption} ({family}, {data_set.sheet})"

    def _form(self, ref: Ref | Rows) -> DataSet:
        """The form of another pack that is named, where no round is shown."""
        known = (form for form in self.library.packs.forms if form.code == ref.data_set)
        return next(form for form in known if isinstance(ref, Rows) or ref.element in form.by_code)

    def figure(self, ref: Ref | Rows) -> Words:
        """What the return says there, in figures."""
        if isinstance(ref, Rows):
            return format_number(Decimal(count_of(ref, self.rule, self.source) or 0))
        value = self.source.value(ref)
        if value is not None and isinstance(value.value, str | date):
            return _quoted(value.value)
        if value is not None and value.status is ValueStatus.NOT_APPLICABLE:
            return CROSSED
        if value is None or value.number is None:
            series = self.source.series(ref) if value is None else None
            if series is not None:
                return " + ".join(
                    format_number(item.number) for item in series if item.number is not None
                )
            return because("rules.blank")
        return format_number(value.number)

    def cells(self) -> tuple[CellRef, ...]:
        values: list[DataValue | None] = []
        for leaf in own_first(self.expression):
            if isinstance(leaf, Ref):
                values.append(self.source.value(leaf))
            elif isinstance(leaf, Total):
                values += self.source.series(leaf.ref) or ()
        cells = (value.cell for value in values if value is not None)
        return tuple(dict.fromkeys(cell for cell in cells if cell is not NOWHERE))

    def place(self) -> Words:
        """Which row the rule was asked of, for the start of the message."""
        if self.row.element:
            return self.data_set.caption(self.data_set.by_code[self.row.element])
        if self.row.number:
            return because("rules.row", number=self.row.number)
        return ""


def own_first(expression: Expr) -> list[Leaf]:
    """List what a rule asks for, days of the cover last and once: they are rarely wrong."""
    asked = leaves(expression)
    days = [leaf for leaf in asked if isinstance(leaf, Ref) and leaf.data_set == COVER]
    return [*(leaf for leaf in asked if leaf not in days), *dict.fromkeys(days)]


def finding_of(asked: Asked, result: Evaluation, home: str) -> Finding:
    """Make the finding of a broken rule; ``home`` is the sheet of its form."""
    rule, place, said = asked.rule, asked.place(), asked.in_words()
    compared, own, other, expected = result.comparison, result.left, result.right, ""
    asked_for = own_first(asked.expression)
    named = [
        because("rules.figure", name=asked.name(leaf), value=asked.figure(leaf))
        for leaf in asked_for
        if isinstance(leaf, Ref | Rows)
    ]
    found = figures = joined("rules.semicolon", named) if named else ""
    whole = compared is asked.expression
    if whole and compared is not None and own is not None and other is not None:
        if rule.computed and rule.tolerance:  # A ratio, as all ratios are shown.
            other = rounded(other, RATIO_PLACES).normalize() + 0
        figures = both_sides(compared, own, other, asked)
        found, expected = _shown(own, compared), _shown(other, compared)
        if compared.op != "==":
            expected = f"{_SIGNS[compared.op]} {expected}"
    element = next((leaf.element for leaf in asked_for if isinstance(leaf, Ref)), "")
    cells = asked.cells()
    if rule.message:
        message = because("rules.in_own_words", message=rule.message)
    elif rule.computed and compared is not None and isinstance(compared.left, Ref):
        values = {"name": asked.name(compared.left), "typed": found}
        worked = _worked(compared.right, expected, asked)
        values |= {"words": side(compared.right, asked.name), "worked": worked}
        told = because("rules.computed", **values)
        message = because("rules.computed_in_row", place=place, told=told) if place else told
    elif place:
        message = because("rules.broken_in_row", place=place, sentence=said, figures=figures)
    else:
        message = because("rules.broken", sentence=capital(said), figures=figures)
    code, sheet = asked.data_set.code, cells[0].sheet if cells else home
    there = tuple(cell for cell in cells if cell.sheet == sheet)
    place_of = (code, element or asked.row.element, sheet, there)
    return Finding(f"{code}.{rule.id}", rule.told_as, message, *place_of, found, expected)


def formula_in_words(rule: RuleSpec, data_set: DataSet, library: Library) -> Words:
    """Say what a computed cell is worked out of: ``Cấp tỉnh + Cấp huyện``."""
    expression = next(bound for spec, bound in library.rules[data_set.code] if spec.id == rule.id)
    assert isinstance(expression, Compare)
    asked = Asked(rule, expression, data_set, _WHOLE, _Source({}, {}, data_set, _WHOLE), library)
    return side(expression.right, asked.name)


def both_sides(compared: Compare, left: Decimal, right: Decimal, asked: Asked) -> Reason:
    """Work out both sides of a comparison, and by how much they differ where they may not."""
    figures = because(
        "rules.figures",
        left=_worked(compared.left, _shown(left, compared), asked),
        right=_worked(compared.right, _shown(right, compared), asked),
    )
    if compared.days:
        return because("rules.figures_days", figures=figures, gap=abs(left - right))
    if compared.op != "==":
        return figures
    return because("rules.figures_gap", figures=figures, gap=abs(left - right))


def _shown(side: Decimal, compared: Compare) -> str:
    return format_day(day_of_number(side)) if compared.days else format_number(side)


def _quoted(answer: str | date) -> Words:
    """A day, or the beginning of an answer in words."""
    if isinstance(answer, date):
        return format_day(answer)
    line = tidy(answer)
    return because("rules.text", text=line if len(line) <= _TOLD else f"{line[: _TOLD - 1]}…")


_SIGNS = {"==": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}


def _worked(node: Expr, result: str, asked: Asked) -> Words:
    """A side in figures: ``1.457 + 223 + 136 = 1.816``, or just the figure when it is one."""
    if isinstance(node, Ref) and asked.figure(node) == CROSSED:
        return CROSSED
    if not isinstance(node, Arithmetic | Call | Total):
        return result
    return because("rules.worked", figures=side(node, asked.figure), result=result)
