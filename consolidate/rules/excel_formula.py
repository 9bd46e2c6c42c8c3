"""Compile a bound rule to formulas of the template's sheet "Kiểm tra", as text.

The formulas say what :mod:`.evaluation` says, three-valued: a side with a value that could not be
read, or with blanks that its missing-value strategy does not allow, makes its comparison not
applicable, and so does a division by zero. Inside a formula a condition is 1 (true), -1 (false)
or 0 (unknown): *and* is ``MIN``, *or* is ``MAX``, *not* is a minus, *iff* is a product. *Exactly
one* is looked up in a sum that counts the true conditions in thousands and the unknown in ones.

A spreadsheet computes in doubles, the evaluation in decimals. Both compare sides to the sixth
decimal (:data:`.evaluation.PLACES`): ``ROUND(left-right,6)``. They agree as long as
figures have at most six decimals and the terms of a side stay below 10^9, or below 10^15 when they
are whole. A divisor that is itself computed counts as zero when it is zero to the sixth decimal.

Only functions that Excel 2010 has are used: ABS, AND, CHOOSE, DATE, IF, IFERROR, ISNUMBER, LOOKUP,
MAX, MIN, OR, ROUND, SEARCH, SUM, TRIM, YEAR.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from consolidate.model.rules import (
    Arithmetic,
    Call,
    Chosen,
    Compare,
    Day,
    Expr,
    Leaf,
    Logic,
    Missing,
    Negative,
    Number,
    Presence,
    Ref,
    Rows,
    RuleSpec,
    Total,
    divides,
    is_sum,
    leaves,
)
from consolidate.rules.evaluation import PLACES

FORMULA_LIMIT = 8192
"""Characters that Excel takes in a formula."""
NESTING_LIMIT = 64
"""Levels of brackets that Excel takes in a formula."""
ARGUMENT_LIMIT = 255
"""Arguments that Excel takes in a call."""

_ATOM = re.compile(r"[\w.!$:']+|'[^']+'![\w$:]+|[A-Z.]+\([^()]*\)")
_RANK = {"+": 1, "-": 1, "*": 2, "/": 2}
_WHOLE = 9


class CompileError(ValueError):
    """A rule that exceeds a limit of Excel formulas; the message says which."""


class Operands(Protocol):
    """Excel expressions, without a leading ``=``, for what a rule refers to.

    In a rule on rows the operands are those of one row.
    """

    def value(self, leaf: Leaf) -> str:
        """The number of a leaf; it must give 0 when nothing is reported."""

    def words(self, leaf: Leaf) -> str:
        """The cell of an answer in words."""

    def status(self, leaf: Leaf) -> str:
        """2 not applicable, 1 reported, 0 missing, -1 invalid or not there at all."""


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """Formulas of one rule, without a leading ``=``.

    ``verdict`` gives 1 when the rule holds, 0 when it is broken, -1 when it does not apply.
    ``left`` and ``right`` give the sides of the comparison that decides (as in
    :class:`~consolidate.rules.evaluation.Evaluation`), the empty text when they cannot be computed
    or the rule compares nothing; ``days`` says that they are days.
    """

    verdict: str
    left: str = '""'
    right: str = '""'
    days: bool = False


def compile_rule(expression: Expr, rule: RuleSpec, operands: Operands) -> CompiledRule:
    """Write a bound rule as formulas.

    Raises:
        CompileError: a formula would pass a limit of Excel.
    """
    made = _Compiler(rule, operands).condition(expression)
    made = replace(made, verdict=f"CHOOSE({made.verdict}+2,0,-1,1)")
    for formula in (made.verdict, made.left, made.right):
        _demand_limits(formula, rule)
    return made


def says_formula(cells: str, text: str, *, part: bool) -> str:
    """Write whether cells say a text, or have it somewhere."""
    quoted = text.replace('"', '""')
    return f'ISNUMBER(SEARCH("{quoted}",{cells}))' if part else f'TRIM({cells})="{quoted}"'


def figure_formula(node: Expr, value: Callable[[Leaf], str], rank: int = 0) -> str:
    """Write a bound figure that asks nothing of its answers; ``value`` gives those of its leaves.

    It gets brackets where it binds less than ``rank``.
    """
    binds = _RANK[node.op] if isinstance(node, Arithmetic) else _WHOLE
    match node:
        case Number(number):
            text = format(number, "f")
        case Ref() | Rows() | Total():
            text = _atom(value(node))
        case Negative(operand):
            text = f"-{figure_formula(operand, value, 3)}"
        case Day(month, day, year_of):
            text = f"DATE(YEAR({figure_formula(year_of, value)}),{month},{day})"
        case Arithmetic("/", left, right):
            divisor = figure_formula(right, value, 3)
            if not isinstance(right, Ref | Rows | Total | Number):
                divisor = f"IF(ROUND({divisor},{PLACES})=0,0,{divisor})"
            text = f"{figure_formula(left, value, 2)}/{divisor}"
        case Arithmetic(op, left, right):
            behind = figure_formula(right, value, binds + (op == "-"))
            text = f"{figure_formula(left, value, binds)}{op}{behind}"
        case Call(name, arguments):
            parts = (figure_formula(part, value) for part in arguments)
            text = f"{name.upper()}({','.join(parts)})"
        case _:
            raise TypeError(f"not a figure: {node!r}")
    if text.startswith("-"):
        binds = 0
    return f"({text})" if binds < rank else text


@dataclass(frozen=True, slots=True)
class _Compiler:
    _rule: RuleSpec
    _operands: Operands

    def condition(self, node: Expr) -> CompiledRule:
        """Write a condition; its verdict gives 1, 0 or -1: true, unknown, false."""
        match node:
            case Compare():
                return self._compare(node)
            case Logic(op, parts):
                return _logic(op, [self.condition(part) for part in parts])
            case Chosen(answer, text, part):
                said = says_formula(self._operands.words(answer), text, part=part)
                return CompiledRule(f"IF({self._status(answer)}=1,IF({said},1,-1),0)")
            case Presence(op, refs):
                return CompiledRule(_presence(op, [self._status(ref) for ref in refs]))
            case _:
                raise TypeError(f"not a condition: {node!r}")

    def _compare(self, node: Compare) -> CompiledRule:
        """Write a comparison, and each side where both can be computed, else the empty text."""
        whole, rule, divided = node.whole, self._rule, divides(node)
        value = self._operands.value
        tests = [
            *self._side_ready(node.left, rule.missing_left, node.left is whole),
            *self._side_ready(node.right, rule.missing_right, node.right is whole),
        ]
        tests = list(dict.fromkeys(tests))
        ready = tests[0] if len(tests) == 1 else f"AND({','.join(tests)})" if tests else ""
        left, right = figure_formula(node.left, value, 1), figure_formula(node.right, value, 2)
        slack = f"-{rule.tolerance:f}" if rule.tolerance else ""
        match node.op:
            case "==":
                test = f"ROUND(ABS({left}-{right}){slack},{PLACES})<=0"
            case "!=":
                test = f"ROUND(ABS({left}-{right}){slack},{PLACES})>0"
            case "<=" | "<":
                test = f"ROUND({left}-{right}{slack},{PLACES}){node.op}0"
            case _:
                back = (
                    f"{figure_formula(node.right, value, 1)}-{figure_formula(node.left, value, 2)}"
                )
                test = f"ROUND({back}{slack},{PLACES})<{node.op[1:]}0"
        truth = f"IF({test},1,-1)"
        truth = f"IF({ready},{truth},0)" if ready else truth
        sides = []
        for side, other in ((node.left, node.right), (node.right, node.left)):
            text = figure_formula(side, value)
            if divides(other):
                text = f"{figure_formula(side, value, 1)}+0*({figure_formula(other, value)})"
            text = f'IF({ready},{text},"")' if ready else text
            sides.append(f'IFERROR({text},"")' if divided else text)
        truth = f"IFERROR({truth},0)" if divided else truth
        return CompiledRule(truth, sides[0], sides[1], node.days)

    def _side_ready(self, node: Expr, missing: Missing, whole: bool) -> list[str]:
        """Whether a side has what its missing-value strategy asks: tests, none for always."""
        found = list(dict.fromkeys(self._status(leaf) for leaf in leaves(node)))
        if not found:
            return []
        least = f"MIN({','.join(found)})" if len(found) > 1 else found[0]
        match missing:
            case Missing.ZERO:
                return [f"{least}>=0"]
            case _ if len(found) == 1:
                return [f"{least}>0" if whole else f"{least}=1"]
            case Missing.SKIP_IF_ALL:
                some = ",".join(f"{status}=1" for status in found)
                return [f"{least}>=0", f"OR({some},{least}=2)" if whole else f"OR({some})"]
            case _ if is_sum(node):  # Of 1 and 2 alone; the least is 2 where all are x.
                return [f"{least}>0" if whole else f"{least}=1"]
            case _:
                most = f"MAX({','.join(found)})"
                alike = f"OR({least}*{most}=1,{least}=2)" if whole else f"{least}*{most}=1"
                return [f"{least}>0", alike]  # Two values that could not be read give 1, too.

    def _status(self, leaf: Leaf) -> str:
        return _atom(self._operands.status(leaf))


def _logic(op: str, parts: list[CompiledRule]) -> CompiledRule:
    """Join conditions; the sides are those of the last comparison, or of the first broken one."""
    truths = [part.verdict for part in parts]
    match op:
        case "not":
            truth = f"-({truths[0]})"
        case "and":
            truth = f"MIN({','.join(truths)})"
        case "or":
            truth = f"MAX({','.join(truths)})"
        case "implies":
            truth = f"MAX(-({truths[0]}),{truths[1]})"
        case "exactly_one":
            counted = ",".join(f"CHOOSE({truth}+2,0,1,1000)" for truth in truths)
            truth = f"LOOKUP(SUM({counted}),{{0,1,1000,1001,2000}},{{-1,0,1,0,-1}})"
        case _:
            truth = f"({truths[0]})*({truths[1]})"
    *others, shown = [part for part in parts if part.left != '""'] or [CompiledRule("")]
    left, right = shown.left, shown.right
    for part in reversed(others) if op == "and" else ():
        broken = f"{part.verdict}<0"
        left, right = f"IF({broken},{part.left},{left})", f"IF({broken},{part.right},{right})"
    return CompiledRule(truth, left, right, shown.days)


def _presence(op: str, statuses: list[str]) -> str:
    match op:
        case "filled":
            return f"CHOOSE({statuses[0]}+2,0,-1,1,-1)"
        case "compulsory_pair":
            first, second = (f"({status}=1)" for status in statuses)
            return f"IF(MIN({statuses[0]},{statuses[1]})<0,0,IF({first}={second},1,-1))"
        case _:
            both = f"AND({statuses[0]}=1,{statuses[1]}=1)"
            return f"IF(MIN({statuses[0]},{statuses[1]})<0,0,IF({both},-1,1))"


def _atom(text: str) -> str:
    """Bracket an operand of arithmetic unless it is a single term."""
    return text if _ATOM.fullmatch(text) else f"({text})"


def _demand_limits(formula: str, rule: RuleSpec) -> None:
    if len(formula) >= FORMULA_LIMIT:
        raise CompileError(f"rule {rule.id}: a formula of {len(formula)} characters")
    deepest, counts = 0, [0]
    outside = re.sub(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'', "", formula)  # Texts, sheet names.
    for character in outside:
        if character == "(":
            counts.append(1)
            deepest = max(deepest, len(counts) - 1)
        elif character == ")":
            counts.pop()
        elif character == ",":
            counts[-1] += 1
            if counts[-1] > ARGUMENT_LIMIT:
                raise CompileError(f"rule {rule.id}: more than {ARGUMENT_LIMIT} arguments")
    if deepest > NESTING_LIMIT:
        raise CompileError(f"rule {rule.id}: a formula nested {deepest} deep")
