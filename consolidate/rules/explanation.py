"""Word a bound rule with the official numbers, and its sides with their figures.

Both are reasons: they become Vietnamese sentences where they are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from consolidate.model.reasons import Reason, because, joined
from consolidate.model.rules import (
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
)
from consolidate.model.text import format_number

Words = str | Reason
Naming = Callable[[Ref | Rows], Words]
"""Gives a reference its name for people (``MS 40``) or its value in figures (``1.457``)."""

_ORDER = ("<", "<=", ">", ">=")
_RANK = {"+": 1, "-": 1, "*": 2, "/": 2}
_SYMBOLS = {"*": "×", "/": ":"}


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
            return _word("same" if asked.element else "same_row", figure=side(answer, naming))
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
        case Logic("exactly_one", parts):
            filled = [p.refs[0] for p in parts if isinstance(p, Presence) and p.op == "filled"]
            if len(filled) == len(parts):
                names = tuple(side(ref, naming) for ref in filled)
                return _word(f"{mood}.exactly_one_filled", figures=names)
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
            names = tuple(side(ref, naming) for ref in refs)
            return _word(f"{mood}.{op}", **dict(zip(("first", "second"), names, strict=False)))
        case _:
            raise TypeError(f"not a condition: {node!r}")


def side(node: Expr, naming: Naming, rank: int = 0) -> Words:
    """Word one side of a comparison with what ``naming`` gives: ``1.457 + 223 + 136``.

    It gets brackets where it binds less than ``rank``.
    """
    binds = 9
    said: Words
    match node:
        case Number(value):
            said = format_number(value)
        case Ref() | Rows():
            said = naming(node)
        case Total(ref, where) if where is not None:
            told = in_words(where, naming, "case")
            said = _word("sum_where", figure=naming(ref), condition=told)
        case Total(ref):
            said = _word("sum", figure=naming(ref))
        case Day(month, day, _):
            said = _word("day", day=f"{day:02}/{month:02}")
        case Negative(operand):
            binds, said = 2, _word("negative", figure=side(operand, naming, 3))
        case Arithmetic(op, left, right):
            binds = _RANK[op]
            # The right of a minus or a division keeps its brackets: a - (b + c).
            behind = 3 if isinstance(right, Negative) else binds + (op in "-/")
            parts = side(left, naming, binds), _SYMBOLS.get(op, op), side(right, naming, behind)
            said = joined("", parts)
        case Call("sum", arguments):
            binds, said = 1, _between("+", [side(argument, naming) for argument in arguments])
        case Call(name, arguments):
            said = _word(name, figures=tuple(side(argument, naming) for argument in arguments))
        case _:
            raise TypeError(f"not a figure: {node!r}")
    return _word("brackets", inner=said) if binds < rank else said


def _word(key: str, **values: object) -> Reason:
    return because(f"rules.words.{key}", **values)


def _between(word: Words, parts: Sequence[Words]) -> Reason:
    """Join the parts with a word between each two."""
    first, *others = parts
    return joined("", (first, *(item for part in others for item in (word, part))))
