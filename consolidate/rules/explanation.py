"""Word a bound rule with the official numbers, and its sides with their figures.

Both are reasons: they become Vietnamese sentences where they are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from consolidate.model.expressions import (
    Arithmetic,
    Call,
    Chosen,
    Compare,
    Day,
    Expr,
    Logic,
    Negative,
    Number,
    Presence,
    Ref,
    Rows,
    Same,
    Total,
    children,
)
from consolidate.model.reasons import Reason, because, joined
from consolidate.model.text import format_number

Words = str | Reason
Naming = Callable[[Ref | Rows], Words]
"""Gives a reference its name for people (``MS 40``) or its value in figures (``1.457``)."""

_ORDER = ("<", "<=", ">", ">=")
_RANK = {"+": 1, "-": 1, "*": 2, "/": 2}


def in_words(node: Expr, naming: Naming, mood: str = "rule") -> Reason:
    """Word a rule: ``MS 40 phải bằng MS 41 + MS 42 + MS 43 + MS 44``.

    ``mood`` is ``rule`` where the sentence demands, ``case`` where it only supposes
    (``Tiến độ là “Đã trình”``).
    """
    match node:
        case Compare(op, left, right, days):
            word = f"{mood}.day.{op}" if days and op in _ORDER else f"{mood}.{op}"
            return joined("", (side(left, naming), _word(word), side(right, naming)))
        case Chosen(answer, text, part):
            key = f"{mood}.has" if part else f"{mood}.chosen"
            return _word(key, figure=side(answer, naming), text=text)
        case Same(answer, asked):
            here = isinstance(asked, Ref) and asked.element
            return _word("same" if here else "same_row", figure=side(answer, naming))
        case Logic("implies", (premise, claim)):
            return _word(
                "implies",
                premise=in_words(premise, naming, "case"),
                claim=in_words(claim, naming, mood),
            )
        case Logic("iff", (first, second)):
            return _word(
                "iff",
                first=in_words(first, naming, "case"),
                second=in_words(second, naming, "case"),
            )
        case Logic("not", (inner,)):
            return _word("not", inner=in_words(inner, naming, "case"))
        case Logic("exactly_one", parts) if all(_is_filled(part) for part in parts):
            names = [side(ref, naming) for part in parts for ref in children(part)]
            return _word(f"{mood}.exactly_one_filled", figures=tuple(names))
        case Logic("exactly_one", parts):
            cases = tuple(in_words(part, naming, "case") for part in parts)
            return _word(f"{mood}.exactly_one", cases=cases)
        case Logic(op, parts):
            clauses = [in_words(part, naming, mood) for part in parts]
            if mood == "case" or any(isinstance(part, Logic) for part in parts):
                clauses = [
                    _word("brackets", inner=clause) if isinstance(part, Logic) else clause
                    for part, clause in zip(parts, clauses, strict=True)
                ]
            return _between(_word(op), clauses)
        case Presence(op, refs):
            names = [side(ref, naming) for ref in refs]
            return _word(f"{mood}.{op}", **dict(zip(("first", "second"), names, strict=False)))
        case _:
            raise TypeError(f"not a condition: {node!r}")


def side(node: Expr, naming: Naming) -> Words:
    """Word one side of a comparison with what ``naming`` gives: ``1.457 + 223 + 136``."""
    match node:
        case Number(value):
            return format_number(value)
        case Ref() | Rows():
            return naming(node)
        case Total(ref, where):
            if where is None:
                return _word("sum", figure=naming(ref))
            told = in_words(where, naming, "case")
            return _word("sum_where", figure=naming(ref), condition=told)
        case Day(month, day, _):
            return _word("day", day=f"{day:02}/{month:02}")
        case Negative(operand):
            return _word("negative", figure=_nested(operand, naming, 3))
        case Arithmetic(op, left, right):
            rank = _RANK[op]
            # The right of a minus or a division keeps its brackets: a - (b + c).
            right_rank = rank + 1 if op in "-/" else rank
            symbol = {"*": "×", "/": ":"}.get(op, op)
            behind = _nested(right, naming, 3 if isinstance(right, Negative) else right_rank)
            return joined("", (_nested(left, naming, rank), symbol, behind))
        case Call("sum", arguments):
            return _between("+", [side(argument, naming) for argument in arguments])
        case Call(name, arguments):
            return _word(name, figures=tuple(side(argument, naming) for argument in arguments))
        case _:
            raise TypeError(f"not a figure: {node!r}")


def _nested(node: Expr, naming: Naming, rank: int) -> Words:
    figure = side(node, naming)
    inner = 1 if isinstance(node, Call) and node.name == "sum" else 9
    if isinstance(node, Arithmetic):
        inner = _RANK[node.op]
    elif isinstance(node, Negative):
        inner = 2
    return _word("brackets", inner=figure) if inner < rank else figure


def _is_filled(node: Expr) -> bool:
    return isinstance(node, Presence) and node.op == "filled"


def _word(key: str, **values: object) -> Reason:
    return because(f"rules.words.{key}", **values)


def _between(word: Words, parts: Sequence[Words]) -> Reason:
    """Join the parts with a word between each two."""
    first, *others = parts
    return joined("", (first, *(item for part in others for item in (word, part))))
