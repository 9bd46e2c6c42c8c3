"""Parse a formula with openpyxl's tokenizer and the precedences of Excel.

Nothing is worked out here; what the tree cannot hold (arrays, unions, texts joined) is refused.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING


def _tokenizer() -> ModuleType:
    """The one module of openpyxl that is needed, which needs nothing of the others.

    To import all of them takes longer than to read a hundred files, in every worker.
    """
    name = "openpyxl.formula.tokenizer"
    package = None if "openpyxl" in sys.modules else find_spec("openpyxl")
    for folder in (package and package.submodule_search_locations) or ():
        path = Path(folder) / "formula" / "tokenizer.py"
        spec = spec_from_file_location(name, path) if path.is_file() else None
        if spec is not None and spec.loader is not None:
            module = module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    from openpyxl.formula import tokenizer

    return tokenizer


if TYPE_CHECKING:
    from openpyxl.formula.tokenizer import Token, Tokenizer, TokenizerError
else:
    _loaded = _tokenizer()
    Token, Tokenizer = _loaded.Token, _loaded.Tokenizer
    TokenizerError = _loaded.TokenizerError

_LEVELS = (("=", "<>", "<", ">", "<=", ">="), ("+", "-"), ("*", "/"), ("^",))
"""Operators between two operands, loosest first; each level groups from the left."""
_DEEPEST = 30
"""Nested brackets, calls and signs."""


class NotSupported(Exception):
    """A formula that uses something unsupported."""


@dataclass(frozen=True, slots=True)
class NumberLiteral:
    """A number as written."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Text:
    """A text between quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A cell, a range or a name, as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Unary:
    """A sign before an operand, or a percent sign behind it."""

    sign: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two operands."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A function, its name in capitals, and its arguments."""

    name: str
    arguments: tuple[Node, ...]


Node = NumberLiteral | Text | Reference | Unary | Binary | FunctionCall


def parse(text: str) -> Node:
    """Parse a formula written without its ``=``.

    Raises:
        NotSupported: the formula is wrong or has what the tree cannot hold.
    """
    tree = _parsed(text)
    if tree is None:
        raise NotSupported
    return tree


@lru_cache(maxsize=512)  # Returns of one template have the same formulas.
def _parsed(text: str) -> Node | None:
    """The tree of a formula; ``None``, which is remembered as well, where there is none."""
    try:
        tokens = [token for token in Tokenizer(f"={text}").items if token.type != Token.WSPACE]
        reader = _Reader(tokens)
        tree = reader.expression(0, 0)
    except (NotSupported, TokenizerError, IndexError, AttributeError, ValueError):
        return None
    return tree if reader.at == len(tokens) else None


class _Reader:
    """The tokens of one formula, read from the left."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self.at = 0

    def _is(self, kind: str, *values: str) -> bool:
        if self.at >= len(self._tokens):
            return False
        token = self._tokens[self.at]
        return token.type == kind and (not values or token.value in values)

    def _next(self) -> Token:
        if self.at >= len(self._tokens):
            raise NotSupported
        self.at += 1
        return self._tokens[self.at - 1]

    def expression(self, level: int, depth: int) -> Node:
        if level == len(_LEVELS):
            return self._signed(depth)
        tree = self.expression(level + 1, depth)
        while self._is(Token.OP_IN, *_LEVELS[level]):
            sign = self._next().value
            tree = Binary(sign, tree, self.expression(level + 1, depth))
        return tree

    def _signed(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise NotSupported
        if self._is(Token.OP_PRE):
            return Unary(self._next().value, self._signed(depth + 1))
        tree = self._operand(depth)
        while self._is(Token.OP_POST):
            tree = Unary(self._next().value, tree)
        return tree

    def _operand(self, depth: int) -> Node:
        token = self._next()
        if token.type == Token.OPERAND:
            return _leaf(token)
        if token.type == Token.PAREN and token.subtype == Token.OPEN:
            tree = self.expression(0, depth + 1)
            self._close(Token.PAREN)
            return tree
        if token.type == Token.FUNC and token.subtype == Token.OPEN:
            arguments = [self.expression(0, depth + 1)]
            while self._is(Token.SEP, ","):
                self._next()
                arguments.append(self.expression(0, depth + 1))
            self._close(Token.FUNC)
            return FunctionCall(token.value.removesuffix("(").upper(), tuple(arguments))
        raise NotSupported

    def _close(self, kind: str) -> None:
        token = self._next()
        if token.type != kind or token.subtype != Token.CLOSE:
            raise NotSupported


def _leaf(token: Token) -> Node:
    if token.subtype == Token.NUMBER:
        try:
            return NumberLiteral(Decimal(token.value))
        except InvalidOperation:
            raise NotSupported from None
    if token.subtype == Token.TEXT:
        return Text(token.value[1:-1].replace('""', '"'))
    if token.subtype == Token.RANGE:
        return Reference(token.value)
    raise NotSupported
