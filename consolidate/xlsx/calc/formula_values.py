"""Parse and evaluate formulas of a workbook in decimals, with limits on depth and cells looked at.

openpyxl's tokenizer reads a formula; the precedences are those of Excel. What the tree cannot hold
(arrays, unions, texts joined) is refused.
"""

from __future__ import annotations

import operator
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from decimal import (
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)
from functools import lru_cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from consolidate.model.cells import parse_a1
from consolidate.model.data_values import rounded
from consolidate.model.text import decimal_of
from consolidate.xlsx.calc.formula_texts import CIRCULAR, GONE, NotSupported, shifted
from consolidate.xlsx.read.grid import ERROR_TEXT, Grid, Workbook


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
_DEEPEST_BRACKETS = 30
"""Nested brackets, calls and signs."""
_LEAVES = {Token.NUMBER: "number", Token.TEXT: "text", Token.RANGE: "reference"}


class FormulaNode(NamedTuple):
    """A part of a formula.

    ``kind`` is number, text, reference (a cell, a range or a name), sign (a percent sign too),
    operator or call; ``said`` is what is written, the name of a function in capitals.
    """

    kind: str
    said: str
    parts: tuple[FormulaNode, ...] = ()


@lru_cache(maxsize=512)  # Returns of one template have the same formulas.
def parse(text: str) -> FormulaNode | None:
    """Parse a formula written without its ``=``; ``None`` where the tree cannot hold it."""
    try:
        tokens = [token for token in Tokenizer(f"={text}").items if token.type != Token.WSPACE]
        reader = _Reader(tokens)
        tree = reader.expression(0, 0)
    except (NotSupported, TokenizerError, IndexError, AttributeError, ValueError):
        return None
    return tree if reader.at == len(tokens) else None


class _Reader:
    """The tokens of one formula, read from the left; past the last one is an ``IndexError``."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self.at = 0

    def _is(self, kind: str, *values: str) -> bool:
        if self.at >= len(self._tokens):
            return False
        token = self._tokens[self.at]
        return token.type == kind and (not values or token.value in values)

    def _next(self) -> Token:
        self.at += 1
        return self._tokens[self.at - 1]

    def expression(self, level: int, depth: int) -> FormulaNode:
        if level == len(_LEVELS):
            return self._signed(depth)
        tree = self.expression(level + 1, depth)
        while self._is(Token.OP_IN, *_LEVELS[level]):
            sign = self._next().value
            tree = FormulaNode("operator", sign, (tree, self.expression(level + 1, depth)))
        return tree

    def _signed(self, depth: int) -> FormulaNode:
        if depth > _DEEPEST_BRACKETS:
            raise NotSupported
        if self._is(Token.OP_PRE):
            return FormulaNode("sign", self._next().value, (self._signed(depth + 1),))
        tree = self._operand(depth)
        while self._is(Token.OP_POST):
            tree = FormulaNode("sign", self._next().value, (tree,))
        return tree

    def _operand(self, depth: int) -> FormulaNode:
        token = self._next()
        if token.type == Token.OPERAND and token.subtype in _LEAVES:
            said = token.value
            if token.subtype == Token.TEXT:
                said = said[1:-1].replace('""', '"')
            return FormulaNode(_LEAVES[token.subtype], said)
        if token.type not in (Token.PAREN, Token.FUNC) or token.subtype != Token.OPEN:
            raise NotSupported
        parts = [self.expression(0, depth + 1)]
        while token.type == Token.FUNC and self._is(Token.SEP, ","):
            self._next()
            parts.append(self.expression(0, depth + 1))
        end = self._next()
        if end.type != token.type or end.subtype != Token.CLOSE:
            raise NotSupported
        if token.type == Token.PAREN:
            return parts[0]
        return FormulaNode("call", token.value.removesuffix("(").upper(), tuple(parts))


Value = Decimal | str | bool | None
"""What a cell or a part of a formula is; a blank cell is ``None``."""
Place = tuple[str, int, int]
"""Casefolded name of a sheet, zero-based row and column."""
Result = Decimal | NotSupported | None
"""What a formula gives: a number, ``None`` for a blank, or why it cannot be evaluated."""

_REFERENCE = re.compile(
    r"(?:(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[^'!:\[\]]+))!)?"
    r"(?P<first>\$?[A-Z]{1,3}\$?[0-9]{1,7})(?::(?P<last>\$?[A-Z]{1,3}\$?[0-9]{1,7}))?",
    re.IGNORECASE,
)
_DEEPEST = 80
"""Nested parts of formulas, those of the cells that they refer to included."""
_MOST_CELLS = 200_000
"""Cells looked at for all formulas of one workbook."""
_MOST_TEXT = 500_000
"""Characters of all formulas of one workbook that are read."""
_LARGEST_POWER, _MOST_PLACES = 64, 15
_LIMIT = Decimal(10) ** 15
_EXACT = Context(prec=34, Emax=400, Emin=-400, traps=[InvalidOperation, DivisionByZero, Overflow])


class Calculation:
    """Evaluate formulas of one workbook, each once."""

    def __init__(self, book: Workbook) -> None:
        self._names = book.names
        self._sheets = {sheet.name.casefold(): sheet for sheet in book.sheets}
        self._known: dict[Place, Result] = {}
        self._open: set[Place] = set()
        self._filled: list[bool | None] = []
        """Of each formula that is open: whether any cell it looked at is filled, if it did."""
        self._depth = self._cells = self._text = 0

    def result(self, sheet: str, row: int, column: int) -> Result:
        """Evaluate the formula of a cell; what nobody can check gives an error with its kind."""
        place = sheet.casefold(), row, column
        if place in self._open:
            return NotSupported(CIRCULAR)
        if place not in self._known:
            self._open.add(place)
            self._filled.append(None)
            try:
                self._known[place] = self._work_out(place)
            except NotSupported as error:
                self._known[place] = NotSupported(error.kind)
            except DecimalException:
                self._known[place] = NotSupported()
            finally:
                self._open.discard(place)
                self._filled.pop()
        return self._known[place]

    def _work_out(self, place: Place) -> Decimal | None:
        name, row, column = place
        formula = self._sheets[name].facts.formulas[row, column]
        if formula.unsound:
            raise NotSupported(formula.unsound)
        text = shifted(formula, (row, column))
        self._text += len(text or "")
        tree = parse(text) if text is not None and self._text <= _MOST_TEXT else None
        if tree is None:
            raise NotSupported
        with localcontext(_EXACT):
            value = self._value(tree, name)
            if value == "" or self._filled[-1] is False:
                return None
            number = _number(value)
            if abs(number) >= _LIMIT:
                raise NotSupported
            return number

    def _value(self, node: FormulaNode, sheet: str) -> Value:
        self._depth += 1
        try:
            if self._depth > _DEEPEST:
                raise NotSupported
            match node.kind:
                case "number":
                    return +Decimal(node.said)
                case "text":
                    return node.said
                case "reference":
                    places = list(self._places(node.said, sheet))
                    if len(places) != 1:
                        raise NotSupported
                    return self._cell(places[0])
                case "sign":
                    return _SIGNS[node.said](_number(self._value(node.parts[0], sheet)))
                case "operator":
                    return self._chain(node, sheet)
                case _:
                    return self._call(node.said, node.parts, sheet)
        finally:
            self._depth -= 1

    def _chain(self, node: FormulaNode, sheet: str) -> Value:
        """Evaluate a chain of operators from the left without recursion: ``A1+A2+A3+…``."""
        further: list[tuple[str, FormulaNode]] = []
        while node.kind == "operator":
            further.append((node.said, node.parts[1]))
            node = node.parts[0]
        value = self._value(node, sheet)
        for sign, right in reversed(further):
            value = _binary(sign, value, self._value(right, sheet))
        return value

    def _call(self, name: str, arguments: tuple[FormulaNode, ...], sheet: str) -> Value:
        if name == "IF" and len(arguments) == 3:
            condition = self._value(arguments[0], sheet)
            if isinstance(condition, str):
                raise NotSupported
            return self._value(arguments[1 if condition else 2], sheet)
        if name == "SUBTOTAL" and len(arguments) > 1:
            kind = arguments[0]
            if kind.kind != "number" or Decimal(kind.said) not in _SUBTOTALS:
                raise NotSupported
            return sum(self._numbers(arguments[1:], sheet, subtotal=True), Decimal(0))
        if name in _SCALARS:
            count, scalar = _SCALARS[name]
            values = [_number(self._value(argument, sheet)) for argument in arguments]
            if len(values) != count:
                raise NotSupported
            return scalar(*values)
        if name not in _COLLECTING:
            raise NotSupported
        return _COLLECTING[name](list(self._numbers(arguments, sheet)))

    def _numbers(
        self, arguments: tuple[FormulaNode, ...], sheet: str, *, subtotal: bool = False
    ) -> Iterator[Decimal]:
        """Numbers of the arguments of a function that passes over texts and blanks in ranges."""
        for argument in arguments:
            if argument.kind != "reference":
                if subtotal:
                    raise NotSupported
                yield _number(self._value(argument, sheet))
                continue
            for place in self._places(argument.said, sheet):
                if subtotal:
                    formula = self._sheets[place[0]].facts.formulas.get(place[1:])
                    if formula is not None and "SUBTOTAL" in formula.text.upper():
                        continue
                value = self._cell(place)
                if isinstance(value, Decimal):
                    yield value

    def _places(self, text: str, home: str) -> Iterator[Place]:
        """Cells that a reference names, those outside the filled part of a sheet left out."""
        match = _REFERENCE.fullmatch(text)
        if match is None:
            named = self._names.get(text.casefold())
            if named is None:
                raise NotSupported
            sheet, first, last = named.sheet.casefold(), named.first, named.last
        else:
            given = (match.group("quoted") or "").replace("''", "'") or match.group("plain")
            sheet = given.casefold() if given else home
            first = _address(match.group("first"))
            last = _address(match.group("last") or match.group("first"))
        grid = self._sheets.get(sheet)
        if grid is None:
            raise NotSupported(GONE)
        if not grid.rows:
            raise NotSupported  # The content of a sheet that is not read is unknown.
        (top, bottom), (left, right) = (sorted(pair) for pair in zip(first, last, strict=True))
        if (top, left) == (bottom, right):
            yield sheet, top, left
            return
        height, width = _extent(grid)
        for row in range(top, min(bottom + 1, height)):
            for column in range(left, min(right + 1, width)):
                yield sheet, row, column

    def _cell(self, place: Place) -> Value:
        self._cells += 1
        if self._cells > _MOST_CELLS:
            raise NotSupported
        value = self._content(place)
        self._filled[-1] = bool(self._filled[-1]) or value is not None
        return value

    def _content(self, place: Place) -> Value:
        name, row, column = place
        grid = self._sheets[name]
        content = grid.get(row, column)
        formula = grid.facts.formulas.get((row, column))
        if formula is not None and (formula.text or formula.unsound):
            result = self.result(*place)
            if not isinstance(result, NotSupported):
                return result
            if result.kind or isinstance(content, str):
                raise result
        if (row, column) in grid.facts.errors and content == ERROR_TEXT:
            raise NotSupported
        if isinstance(content, bool):
            return content
        if isinstance(content, float | int):
            if not abs(content) < _LIMIT:
                raise NotSupported
            return decimal_of(content)
        if isinstance(content, str):
            if not content and (row, column) in grid.facts.no_value:
                raise NotSupported
            return content or None
        raise NotSupported  # A date is a number to Excel, but none that anybody adds up.


def _extent(grid: Grid) -> tuple[int, int]:
    """Rows and columns that hold anything, formulas without a value included."""
    formulas = grid.facts.formulas
    height = max(len(grid.rows), max((row + 1 for row, _ in formulas), default=0))
    width = max(
        max(map(len, grid.rows), default=0), max((column + 1 for _, column in formulas), default=0)
    )
    return height, width


def _address(text: str) -> tuple[int, int]:
    found = parse_a1(text.upper())
    if found is None:
        raise NotSupported
    return found


def _number(value: Value) -> Decimal:
    if value is None:
        return Decimal(0)
    if isinstance(value, Decimal):
        return value
    raise NotSupported


def _binary(sign: str, left: Value, right: Value) -> Value:
    if sign in _COMPARISONS:
        return _compare(sign, left, right)
    first, second = _number(left), _number(right)
    if sign in _ARITHMETIC:
        return _ARITHMETIC[sign](first, second)
    if abs(second) <= _LARGEST_POWER and (first or second > 0):
        return first**second
    raise NotSupported


def _compare(sign: str, left: Value, right: Value) -> bool:
    if left is None:
        left = "" if isinstance(right, str) else Decimal(0)
    if right is None:
        right = "" if isinstance(left, str) else Decimal(0)
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return _COMPARISONS[sign]((left > right) - (left < right), 0)
    if isinstance(left, str) and isinstance(right, str) and sign in ("=", "<>"):
        return _COMPARISONS[sign](left.casefold(), right.casefold())
    if sign in ("=", "<>") and {type(left), type(right)} == {Decimal, str}:
        return sign == "<>"  # A number is no text.
    raise NotSupported


def _round(number: Decimal, places: Decimal) -> Decimal:
    if places != int(places) or abs(places) > _MOST_PLACES:
        raise NotSupported
    unit = Decimal(1).scaleb(-int(places))
    return rounded(number, int(places)) if unit < 1 else rounded(number / unit, 0) * unit


_SIGNS: Mapping[str, Callable[[Decimal], Decimal]] = {
    "-": operator.neg,
    "+": operator.pos,
    "%": lambda number: number / 100,
}
_ARITHMETIC: Mapping[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_SUBTOTALS = (9, 109)
"""Kinds of subtotals that are sums."""
_SCALARS: Mapping[str, tuple[int, Callable[..., Decimal]]] = {"ROUND": (2, _round), "ABS": (1, abs)}
"""Functions of so many numbers."""
_COLLECTING: Mapping[str, Callable[[list[Decimal]], Decimal]] = {
    "SUM": lambda numbers: sum(numbers, Decimal(0)),
    "MIN": lambda numbers: min(numbers, default=Decimal(0)),
    "MAX": lambda numbers: max(numbers, default=Decimal(0)),
    "COUNT": lambda numbers: Decimal(len(numbers)),
    "AVERAGE": lambda numbers: sum(numbers, Decimal(0)) / len(numbers),
}
FUNCTIONS = frozenset({"IF", "SUBTOTAL", *_SCALARS, *_COLLECTING})
"""Supported functions."""
