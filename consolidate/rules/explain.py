"""A bound rule as a Vietnamese sentence with the official numbers, and its sides with figures."""

from __future__ import annotations

from collections.abc import Callable

from consolidate.model.numbers import format_number
from consolidate.rules.nodes import (
    Arithmetic,
    Call,
    Compare,
    Expr,
    Logic,
    Negative,
    Number,
    Presence,
    Ref,
    Rows,
    Total,
)

Naming = Callable[[Ref | Rows], str]
"""Gives a reference its name for people (``MS 40``) or its value in figures (``1.457``)."""
Words = Callable[[str], str]
"""Looks a phrase of the catalogue up: ``==`` gives ``phải bằng``."""

_RANK = {"+": 1, "-": 1, "*": 2, "/": 2}


def sentence(node: Expr, naming: Naming, words: Words) -> str:
    """The rule in words: ``MS 40 phải bằng MS 41 + MS 42 + MS 43 + MS 44``."""
    return _Explainer(naming, words).condition(node, "rule")


def side(node: Expr, naming: Naming, words: Words) -> str:
    """One side of a comparison, with whatever ``naming`` gives: ``1.457 + 223 + 136``."""
    return _Explainer(naming, words).figure(node)


class _Explainer:
    def __init__(self, naming: Naming, words: Words) -> None:
        self._naming = naming
        self._words = words

    def condition(self, node: Expr, mood: str) -> str:
        """``mood`` is ``rule`` where the sentence demands, ``case`` where it only supposes."""
        match node:
            case Compare(op, left, right):
                return f"{self.figure(left)} {self._words(f'{mood}.{op}')} {self.figure(right)}"
            case Logic("implies", (premise, claim)):
                return self._words("implies").format(
                    premise=self.condition(premise, "case"), claim=self.condition(claim, mood)
                )
            case Logic("iff", (first, second)):
                return self._words("iff").format(
                    first=self.condition(first, "case"), second=self.condition(second, "case")
                )
            case Logic("not", (inner,)):
                return self._words("not").format(inner=self.condition(inner, "case"))
            case Logic(op, parts):
                texts = [self.condition(part, mood) for part in parts]
                if mood == "case" or any(isinstance(part, Logic) for part in parts):
                    texts = [
                        f"({text})" if isinstance(part, Logic) else text
                        for part, text in zip(parts, texts, strict=True)
                    ]
                return f" {self._words(op)} ".join(texts)
            case Presence(op, refs):
                names = [self.figure(ref) for ref in refs]
                return self._words(f"{mood}.{op}").format(*names)
            case _:
                raise TypeError(f"not a condition: {node!r}")

    def figure(self, node: Expr) -> str:
        match node:
            case Number(value):
                return format_number(value)
            case Ref() | Rows():
                return self._naming(node)
            case Total(ref):
                return self._words("sum").format(self._naming(ref))
            case Negative(operand):
                return f"-{self._nested(operand, 3)}"
            case Arithmetic(op, left, right):
                rank = _RANK[op]
                # The right of a minus or a division keeps its brackets: a - (b + c).
                right_rank = rank + 1 if op in "-/" else rank
                symbol = {"*": "×", "/": ":"}.get(op, op)
                behind = self._nested(right, 3 if isinstance(right, Negative) else right_rank)
                return f"{self._nested(left, rank)} {symbol} {behind}"
            case Call(name, arguments):
                texts = [self.figure(argument) for argument in arguments]
                if name == "sum":
                    return " + ".join(texts)
                return self._words(name).format("; ".join(texts))
            case _:
                raise TypeError(f"not a figure: {node!r}")

    def _nested(self, node: Expr, rank: int) -> str:
        text = self.figure(node)
        inner = 1 if isinstance(node, Call) and node.name == "sum" else 9
        if isinstance(node, Arithmetic):
            inner = _RANK[node.op]
        elif isinstance(node, Negative):
            inner = 2
        return f"({text})" if inner < rank else text
