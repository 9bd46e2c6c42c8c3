"""Evaluate formulas of a workbook in decimals, with limits on depth and on cells looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import (
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)

from consolidate.model.cells import parse_a1
from consolidate.model.data_values import rounded
from consolidate.model.text import decimal_of
from consolidate.xlsx.calc.formula_syntax import (
    Binary,
    FunctionCall,
    Node,
    NotSupported,
    NumberLiteral,
    Reference,
    Text,
    Unary,
    parse,
)
from consolidate.xlsx.calc.formula_texts import CIRCULAR, GONE, shifted
from consolidate.xlsx.read.grid import ERROR_TEXT, Grid, Workbook

Value = Decimal | str | bool | None
"""What a cell or a part of a formula is; a blank cell is ``None``."""
Place = tuple[str, int, int]

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


class Unsound(NotSupported):
    """A formula over what nobody can check: no value of any cell on the way can be trusted."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(slots=True)
class _Seen:
    """Whether a formula has looked at any cell, and at any filled one."""

    asked: bool = False
    filled: bool = False


class Calculation:
    """Evaluate formulas of one workbook, each once."""

    def __init__(self, book: Workbook) -> None:
        self._names = book.names
        self._sheets = {sheet.name.casefold(): sheet for sheet in book.sheets}
        self._known: dict[Place, Decimal | NotSupported | None] = {}
        self._open: set[Place] = set()
        self._seen: list[_Seen] = []
        self._depth = self._cells = self._text = 0

    def result(self, sheet: str, row: int, column: int) -> tuple[bool, Decimal | None]:
        """Tell whether the formula of a cell can be evaluated, and its number or a blank."""
        try:
            return True, self._formula((sheet.casefold(), row, column))
        except NotSupported:
            return False, None

    def unsound(self, sheet: str, row: int, column: int) -> str:
        """Tell why nobody can check what a formula gives, ``""`` if that can be checked."""
        try:
            self._formula((sheet.casefold(), row, column))
        except Unsound as error:
            return error.kind
        except NotSupported:
            pass
        return ""

    def _formula(self, place: Place) -> Decimal | None:
        if place in self._open:
            raise Unsound(CIRCULAR)
        if place not in self._known:
            self._open.add(place)
            self._seen.append(_Seen())
            try:
                self._known[place] = self._work_out(place, self._seen[-1])
            except Unsound as error:
                self._known[place] = Unsound(error.kind)
            except (NotSupported, DecimalException):
                self._known[place] = NotSupported()
            finally:
                self._open.discard(place)
                self._seen.pop()
        found = self._known[place]
        if isinstance(found, NotSupported):
            raise found
        return found

    def _work_out(self, place: Place, seen: _Seen) -> Decimal | None:
        name, row, column = place
        formula = self._sheets[name].facts.formulas[row, column]
        if formula.unsound:
            raise Unsound(formula.unsound)
        text = shifted(formula, (row, column))
        self._text += len(text or "")
        if text is None or self._text > _MOST_TEXT:
            raise NotSupported
        with localcontext(_EXACT):
            value = self._value(parse(text), name)
            if seen.asked and not seen.filled:
                return None
            if value is None:
                return Decimal(0)
            if value == "":
                return None
            number = _number(value)
            if abs(number) >= _LIMIT:
                raise NotSupported
            return number

    def _value(self, node: Node, sheet: str) -> Value:
        self._depth += 1
        try:
            if self._depth > _DEEPEST:
                raise NotSupported
            match node:
                case NumberLiteral(value):
                    return +value
                case Text(value):
                    return value
                case Reference(text):
                    places = list(self._places(text, sheet))
                    if len(places) != 1:
                        raise NotSupported
                    return self._cell(places[0])
                case Unary(sign, operand):
                    return _signed(sign, _number(self._value(operand, sheet)))
                case Binary():
                    return self._chain(node, sheet)
                case FunctionCall(name, arguments):
                    return self._call(name, arguments, sheet)
        finally:
            self._depth -= 1

    def _chain(self, node: Node, sheet: str) -> Value:
        """Evaluate a chain of operators from the left without recursion: ``A1+A2+A3+…``."""
        further: list[tuple[str, Node]] = []
        while isinstance(node, Binary):
            further.append((node.sign, node.right))
            node = node.left
        value = self._value(node, sheet)
        for sign, right in reversed(further):
            value = _binary(sign, value, self._value(right, sheet))
        return value

    def _call(self, name: str, arguments: tuple[Node, ...], sheet: str) -> Value:
        if name == "IF":
            return self._if(arguments, sheet)
        if name == "SUBTOTAL":
            if len(arguments) < 2 or arguments[0] not in _SUBTOTALS:
                raise NotSupported
            return sum(self._numbers(arguments[1:], sheet, subtotal=True), Decimal(0))
        if name in _SCALARS:
            values = [_number(self._value(argument, sheet)) for argument in arguments]
            if len(values) != _ARITY[name]:
                raise NotSupported
            return _SCALARS[name](*values)
        if name not in _COLLECTING:
            raise NotSupported
        numbers = list(self._numbers(arguments, sheet))
        if name == "AVERAGE" and not numbers:
            raise NotSupported
        return _COLLECTING[name](numbers)

    def _if(self, arguments: tuple[Node, ...], sheet: str) -> Value:
        if len(arguments) != 3:
            raise NotSupported
        condition = self._value(arguments[0], sheet)
        if isinstance(condition, str):
            raise NotSupported
        return self._value(arguments[1 if condition else 2], sheet)

    def _numbers(
        self, arguments: tuple[Node, ...], sheet: str, *, subtotal: bool = False
    ) -> Iterator[Decimal]:
        """Numbers of the arguments of a function that passes over texts and blanks in ranges."""
        for argument in arguments:
            if not isinstance(argument, Reference):
                if subtotal:
                    raise NotSupported
                yield _number(self._value(argument, sheet))
                continue
            for place in self._places(argument.text, sheet):
                if subtotal and self._is_subtotal(place):
                    continue
                value = self._cell(place)
                if isinstance(value, Decimal):
                    yield value

    def _is_subtotal(self, place: Place) -> bool:
        formula = self._sheets[place[0]].facts.formulas.get(place[1:])
        return formula is not None and "SUBTOTAL" in formula.text.upper()

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
            raise Unsound(GONE)
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
        self._seen[-1].asked = True
        value = self._content(place)
        self._seen[-1].filled |= value is not None
        return value

    def _content(self, place: Place) -> Value:
        name, row, column = place
        grid = self._sheets[name]
        content = grid.get(row, column)
        formula = grid.facts.formulas.get((row, column))
        if formula is not None and (formula.text or formula.unsound):
            try:
                return self._formula(place)
            except Unsound:
                raise
            except NotSupported:
                if isinstance(content, str):
                    raise
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
    if found is None or found[0] < 0:
        raise NotSupported
    return found


def _number(value: Value) -> Decimal:
    if value is None:
        return Decimal(0)
    if isinstance(value, Decimal):
        return value
    raise NotSupported


def _signed(sign: str, number: Decimal) -> Decimal:
    match sign:
        case "-":
            return -number
        case "+":
            return +number
        case "%":
            return number / 100
    raise NotSupported


def _binary(sign: str, left: Value, right: Value) -> Value:
    if sign in _COMPARISONS:
        return _compare(sign, left, right)
    first, second = _number(left), _number(right)
    match sign:
        case "+":
            return first + second
        case "-":
            return first - second
        case "*":
            return first * second
        case "/":
            return first / second
        case "^" if abs(second) <= _LARGEST_POWER and (first or second > 0):
            return first**second
    raise NotSupported


_COMPARISONS: dict[str, Callable[[int], bool]] = {
    "=": lambda order: order == 0,
    "<>": lambda order: order != 0,
    "<": lambda order: order < 0,
    ">": lambda order: order > 0,
    "<=": lambda order: order <= 0,
    ">=": lambda order: order >= 0,
}


def _compare(sign: str, left: Value, right: Value) -> bool:
    if left is None:
        left = "" if isinstance(right, str) else Decimal(0)
    if right is None:
        right = "" if isinstance(left, str) else Decimal(0)
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return _COMPARISONS[sign]((left > right) - (left < right))
    if isinstance(left, str) and isinstance(right, str) and sign in ("=", "<>"):
        return _COMPARISONS[sign](int(left.casefold() != right.casefold()))
    if sign in ("=", "<>") and {type(left), type(right)} == {Decimal, str}:
        return sign == "<>"  # A number is no text.
    raise NotSupported


def _round(number: Decimal, places: Decimal) -> Decimal:
    if places != int(places) or abs(places) > _MOST_PLACES:
        raise NotSupported
    unit = Decimal(1).scaleb(-int(places))
    return rounded(number, int(places)) if unit < 1 else rounded(number / unit, 0) * unit


_SUBTOTALS = (NumberLiteral(Decimal(9)), NumberLiteral(Decimal(109)))
_ARITY = {"ROUND": 2, "ABS": 1}
_SCALARS: dict[str, Callable[..., Decimal]] = {"ROUND": _round, "ABS": abs}
_COLLECTING: dict[str, Callable[[list[Decimal]], Decimal]] = {
    "SUM": lambda numbers: sum(numbers, Decimal(0)),
    "MIN": lambda numbers: min(numbers, default=Decimal(0)),
    "MAX": lambda numbers: max(numbers, default=Decimal(0)),
    "COUNT": lambda numbers: Decimal(len(numbers)),
    "AVERAGE": lambda numbers: sum(numbers, Decimal(0)) / len(numbers),
}
FUNCTIONS = frozenset({"IF", "SUBTOTAL", *_SCALARS, *_COLLECTING})
"""Supported functions."""
