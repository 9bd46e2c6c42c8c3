"""Text of a rule to nodes: Python's own grammar through ``ast``, narrowed to a white list.

Nothing is ever evaluated; whatever is not on the list is refused at its character.
"""

from __future__ import annotations

import ast
from decimal import Decimal, InvalidOperation

from consolidate.rules.nodes import (
    Arithmetic,
    Call,
    Compare,
    Expr,
    Logic,
    Negative,
    Number,
    Path,
    Presence,
    is_condition,
)

_ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARE = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_NUMERIC_CALLS = {"abs": (1, 1), "min": (2, 99), "max": (2, 99), "sum": (1, 99), "count": (1, 1)}
_LOGIC_CALLS = {"implies": (2, 2), "iff": (2, 2)}
_PRESENCE_CALLS = {"filled": (1, 1), "compulsory_pair": (2, 2), "exclusive_pair": (2, 2)}
_LONGEST = 500


class RuleSyntaxError(ValueError):
    """A rule that cannot be read. ``offset`` is the zero-based character that is wrong."""

    def __init__(self, reason: str, text: str, offset: int) -> None:
        super().__init__(f"{reason} (character {offset + 1}): {text}")
        self.reason = reason
        self.text = text
        self.offset = offset


def parse(text: str) -> Expr:
    """Read a rule such as ``c40 == c41 + c42``; names stay unbound :class:`Path` nodes.

    Raises:
        RuleSyntaxError: the text is not a rule; the error points at the character.
    """
    if len(text) > _LONGEST:
        raise RuleSyntaxError(f"a rule has at most {_LONGEST} characters", text, _LONGEST)
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError as error:
        offset = min(max((error.offset or 1) - 1, 0), max(len(text) - 1, 0))
        raise RuleSyntaxError(error.msg, text, offset) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise RuleSyntaxError(str(error) or "too deep", text, 0) from None
    node = _Reader(text).read(tree.body)
    if not is_condition(node):
        raise RuleSyntaxError("a rule must compare something", text, 0)
    return node


class _Reader:
    """Turns white-listed syntax into nodes, keeping the text for error positions."""

    def __init__(self, text: str) -> None:
        self._text = text

    def _offset(self, node: ast.AST) -> int:
        column: int = getattr(node, "col_offset", 0)
        return len(self._text.encode()[:column].decode(errors="ignore"))

    def _refuse(self, reason: str, node: ast.AST) -> RuleSyntaxError:
        return RuleSyntaxError(reason, self._text, self._offset(node))

    def read(self, node: ast.expr) -> Expr:
        match node:
            case ast.Constant(value=value):
                return self._number(value, node)
            case ast.Name() | ast.Attribute():
                return self._path(node)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Negative(self._figure(operand))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Logic("not", (self._condition(operand),))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                return Arithmetic(_ARITHMETIC[type(op)], self._figure(left), self._figure(right))
            case ast.BoolOp(op=op, values=values):
                word = "and" if isinstance(op, ast.And) else "or"
                return Logic(word, tuple(self._condition(value) for value in values))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
                return Compare(_COMPARE[type(op)], self._figure(left), self._figure(right))
            case ast.Compare():
                raise self._refuse("write one comparison at a time", node)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments, node)
            case _:
                raise self._refuse("this is not part of the rule language", node)

    def _number(self, value: object, node: ast.expr) -> Number:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._refuse("only numbers may stand here", node)
        source = ast.get_source_segment(self._text, node) or str(value)
        try:
            return Number(Decimal(source.replace("_", "")))
        except InvalidOperation:
            raise self._refuse("only decimal numbers may stand here", node) from None

    def _path(self, node: ast.expr) -> Path:
        parts: list[str] = []
        inner = node
        while isinstance(inner, ast.Attribute):
            parts.insert(0, inner.attr)
            inner = inner.value
        if not isinstance(inner, ast.Name):
            raise self._refuse("a name is expected here", inner)
        return Path((inner.id, *parts), self._offset(inner))

    def _figure(self, node: ast.expr) -> Expr:
        read = self.read(node)
        if is_condition(read):
            raise self._refuse("a figure is expected here, not a condition", node)
        return read

    def _condition(self, node: ast.expr) -> Expr:
        read = self.read(node)
        if not is_condition(read):
            raise self._refuse("a condition is expected here, not a figure", node)
        return read

    def _call(self, name: str, arguments: list[ast.expr], node: ast.expr) -> Expr:
        for table in (_NUMERIC_CALLS, _LOGIC_CALLS, _PRESENCE_CALLS):
            if name in table:
                least, most = table[name]
                break
        else:
            raise self._refuse(f"there is no function {name}", node)
        if not least <= len(arguments) <= most:
            raise self._refuse(f"{name} takes {least} to {most} arguments", node)
        if name in _LOGIC_CALLS:
            return Logic(name, tuple(self._condition(argument) for argument in arguments))
        if name in _PRESENCE_CALLS or name == "count":
            paths: tuple[Expr, ...] = tuple(self._path(argument) for argument in arguments)
            return Presence(name, paths) if name in _PRESENCE_CALLS else Call(name, paths)
        return Call(name, tuple(self._figure(argument) for argument in arguments))
