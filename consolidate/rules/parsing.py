"""Read a rule with Python's ``ast``, narrowed to a white list, and bind its names to elements.

Nothing is ever evaluated; what is not on the list, and a name that means nothing, is refused at its
character: what is no rule before what names nothing.

==============================  ===================================================================
``c40 == c41 + c42``            comparison ``== != < <= > >=`` of figures with ``+ - * /``
``abs(a)`` ``min(a, b)``        functions of figures; also ``max(a, b)`` and ``sum(a, b, …)``
``sum(planned)``                sum of a column over the rows of an open table
``count(pctn_02)``              rows of an open table that say something
``count(list, status == "a")``  those of them that fulfil a condition on their answers: texts, days,
                                ``filled``, joined by ``and``; also ``sum(planned, filled(done))``
``c5.total`` ``pctn_02.x``      a column of an element; an element of another form of the return
``prev.c3``                     the same figure one period, or with ``same_period_last_year.c3``
                                one year, earlier
``all_units.f.c3``              a figure of the form ``f`` added up over all units of the round;
                                ``units_below.c3``: over those whose superior the unit is; also in
                                ``sum`` and ``count``: ``count(all_units.list, same(number))``
``a and b`` ``a or b``          conditions joined; also ``not a``, ``implies(a, b)``, ``iff(a, b)``
``status == "Đã trình"``        an answer in words is this text; also ``!=``
``has(number, "/QĐ-")``         an answer in words has this text in it
``count(list, same(number))``   rows with the answer of the row that asks; in a rule on rows of a
                                fixed table those that say its official number
``submitted <= due``            days; ``submitted - due`` is how many; also ``window_from``,
                                ``window_to``, ``report_date`` of the cover, and ``day(6, 30)``,
                                that day in the year of ``window_to``
``exactly_one(a, b, …)``        one of the conditions holds and all others do not
``filled(c3)``                  there is an answer; also ``compulsory_pair(a, b)`` (both or
                                neither) and ``exclusive_pair(a, b)`` (never both)
==============================  ===================================================================

A tolerance in proportion is arithmetic: ``abs(c1 - c2) <= 0.01 * c2``.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import product
from types import MappingProxyType

from consolidate.model.datasets import DataSet, Rules
from consolidate.model.reasons import Reason, because
from consolidate.model.rules import (
    Arithmetic,
    Call,
    Chosen,
    Compare,
    Condition,
    Day,
    Expr,
    Logic,
    Negative,
    Number,
    Presence,
    Ref,
    Rows,
    RuleSpec,
    Same,
    Scope,
    Total,
    walk,
)
from consolidate.rules.rule_names import NOTHING, Name, RuleNames, RuleSyntaxError

_ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARE = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_LOGIC_CALLS = {"implies": (2, 2), "iff": (2, 2), "exactly_one": (2, 99)}
_PRESENCE_CALLS = {"filled": (1, 1), "compulsory_pair": (2, 2), "exclusive_pair": (2, 2)}
_NUMERIC_CALLS = {"abs": (1, 1), "min": (2, 99), "max": (2, 99), "sum": (1, 99), "count": (1, 2)}
_TEXT_CALLS = {"day": (2, 2), "has": (2, 2), "same": (1, 1)}
_CALLS = {**_NUMERIC_CALLS, **_LOGIC_CALLS, **_PRESENCE_CALLS, **_TEXT_CALLS}
"""Fewest and most arguments of each function."""
_WILD = frozenset('?*~"')
"""Signs that a spreadsheet takes for others in a text that it looks for."""
_LONGEST = 500
_DEEPEST = 120
_LEAP_YEAR = 2000
_MOST_DIGITS = 15
"""Digits of a number that a spreadsheet keeps exactly."""
_WORD = re.compile(r"\w+")
_BLANKS = str.maketrans(dict.fromkeys("\t\n\r\f\v", " "))
_BEHIND = re.compile(rb"[ )]*")
"""What may stand between a figure and the operator behind it."""


@dataclass(frozen=True, slots=True)
class BoundRules:
    """The rules of a workbook, bound: by data set, and the faults by data set and rule."""

    by_data_set: Rules
    faults: Mapping[tuple[str, str], RuleSyntaxError]


def bind_rules(data_sets: Sequence[DataSet], others: Iterable[DataSet] = ()) -> BoundRules:
    """Parse and bind every rule of the data sets of one workbook.

    ``others`` are forms of other workbooks that rules may name, too. Of several forms of one code
    (two packs of a family) the first one is meant that has what a rule names. In a rule of a
    quarter's table the name of a form means its table of the quarter.
    """
    beside: dict[str, list[DataSet]] = {}
    for other in others:
        beside.setdefault(other.code, []).append(other)
    named = {data_set.code: data_set for data_set in data_sets}
    quarters = {data_set.form: data_set for data_set in data_sets if data_set.quarter}
    bound: dict[str, tuple[tuple[RuleSpec, Expr], ...]] = {}
    faults: dict[tuple[str, str], RuleSyntaxError] = {}
    for home in data_sets:
        known = named | quarters if home.quarter else named
        rules = []
        for rule in home.rules:
            try:
                rules.append((rule, bind(rule.expression, home, rule.scope, known, beside)))
            except RuleSyntaxError as error:
                faults[home.form or home.code, rule.id] = error
        bound[home.code] = tuple(rules)
    return BoundRules(bound, faults)


def bind(
    text: str,
    home: DataSet,
    scope: Scope,
    named: Mapping[str, DataSet],
    beside: Mapping[str, Sequence[DataSet]] = MappingProxyType({}),
) -> Expr:
    """Read a rule of a form such as ``c40 == c41 + c42``; line breaks mean nothing.

    ``named`` are the data sets that may be named, by code, ``home`` among them; ``beside`` are
    forms of other workbooks, of which those are taken that have what the rule names.

    Raises:
        RuleSyntaxError: it is no rule, or a name is unknown or of a kind that its place does not
            take; the error points at the character.
    """
    if len(text) > _LONGEST:
        raise RuleSyntaxError(because("syntax.too_long", most=_LONGEST), _LONGEST)
    for foreign in ("#", "\0", "\\"):
        if foreign in text:
            raise RuleSyntaxError(because("syntax.character"), text.index(foreign))
    source = text.translate(_BLANKS)
    lead = len(source) - len(source.lstrip(" "))
    source = source.strip(" ")
    if not source:
        raise RuleSyntaxError(because("syntax.empty"), 0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = ast.parse(source, mode="eval")
    except SyntaxError as error:
        if not error.offset:
            raise RuleSyntaxError(because("syntax.breaks_off"), lead + len(source)) from None
        raise RuleSyntaxError(because("syntax.unreadable"), lead + error.offset - 1) from None
    except UnicodeEncodeError as error:
        raise RuleSyntaxError(because("syntax.character"), lead + error.start) from None
    except (ValueError, RecursionError, MemoryError):
        raise RuleSyntaxError(because("syntax.too_deep"), lead) from None
    places = [lead + at for at, sign in enumerate(source) for _ in sign.encode()]
    places.append(lead + len(source))
    own = {*named, *home.by_code, *home.column_by_code}
    foreigners = [w for w in dict.fromkeys(_WORD.findall(text)) if w in beside and w not in own]
    first: RuleSyntaxError | None = None
    for chosen in product(*(beside[name] for name in foreigners)):
        known = {**named, **dict(zip(foreigners, chosen, strict=True))}
        reader = _Reader(source, places, RuleNames(home, scope, known))
        node = reader.read(tree.body)
        if not isinstance(node, Condition):
            raise RuleSyntaxError(because("syntax.compares_nothing"), lead)
        if not reader.faults:
            return node
        first = first or reader.faults[0]
    assert first is not None  # A product of nothing is one empty choice.
    raise first


@dataclass(slots=True)
class _Reader:
    """Turns white-listed syntax into nodes.

    ``places`` are the characters of the text by columns of the tree, which count bytes. ``faults``
    are those of names: what is no rule is told before them, and is raised.
    """

    _source: str
    _places: Sequence[int]
    _names: RuleNames
    _depth: int = 0
    _named: list[int] = field(default_factory=list)
    """Places of the names so far."""
    faults: list[RuleSyntaxError] = field(default_factory=list)

    def _refuse(self, reason: Reason, node: ast.expr) -> RuleSyntaxError:
        return RuleSyntaxError(reason, self._places[node.col_offset])

    def _refuse_operator(self, reason: Reason, left: ast.expr) -> RuleSyntaxError:
        """Refuse the operator after ``left``."""
        end = left.end_col_offset or 0
        behind = _BEHIND.match(self._source.encode(), end)
        assert behind is not None  # It may be empty.
        return RuleSyntaxError(reason, self._places[behind.end()])

    def read(self, node: ast.expr, *, condition: bool | None = None) -> Expr:
        """Read a node, which must be a condition or a figure where that is asked for."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._refuse(because("syntax.too_deep"), node)
        read = self._read(node)
        self._depth -= 1
        if condition is True and not isinstance(read, Condition):
            raise self._refuse(because("syntax.condition_expected"), node)
        if condition is False and isinstance(read, Condition):
            raise self._refuse(because("syntax.figure_expected"), node)
        return read

    def _read_all(self, nodes: Iterable[ast.expr], *, condition: bool) -> tuple[Expr, ...]:
        return tuple(self.read(node, condition=condition) for node in nodes)

    def _read(self, node: ast.expr) -> Expr:
        match node:
            case ast.Constant(value=value):
                return self._number(value, node)
            case ast.Name() | ast.Attribute():
                return self._find(self._names.figure, node)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                figure = self.read(operand, condition=False)
                self._demand_no_day(figure, node)
                return Negative(figure)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Logic("not", (self.read(operand, condition=True),))
            case ast.BinOp(left=left, op=op, right=right):
                if type(op) not in _ARITHMETIC:
                    raise self._refuse_operator(because("syntax.operator"), left)
                sign = _ARITHMETIC[type(op)]
                first, second = self.read(left, condition=False), self.read(right, condition=False)
                if not (sign == "-" and self._names.is_day(first)):
                    self._demand_no_day(second, node)
                if sign not in "+-":
                    self._demand_no_day(first, node)
                return Arithmetic(sign, first, second)
            case ast.BoolOp(op=op, values=values):
                word = "and" if isinstance(op, ast.And) else "or"
                return Logic(word, self._read_all(values, condition=True))
            case ast.Compare(left=left, ops=[op, *_], comparators=[right, *more]):
                if type(op) not in _COMPARE:
                    raise self._refuse_operator(because("syntax.operator"), left)
                if more:
                    raise self._refuse_operator(because("syntax.one_comparison"), right)
                if isinstance(right, ast.Constant) and isinstance(right.value, str):
                    return self._chosen(left, op, right)
                first, second = self.read(left, condition=False), self.read(right, condition=False)
                days = self._names.is_day(first)
                if days is not self._names.is_day(second):
                    self._demand_no_day(first if days else second, node)
                return Compare(_COMPARE[type(op)], first, second, days)
            case ast.Call(func=ast.Name(id=called), args=arguments, keywords=[]):
                return self._call(called, arguments, node)
            case _:
                raise self._refuse(because("syntax.foreign"), node)

    def _chosen(self, left: ast.expr, op: ast.cmpop, right: ast.Constant) -> Expr:
        wanted = " ".join(str(right.value).split())
        if not wanted or not isinstance(op, ast.Eq | ast.NotEq):
            raise self._refuse(because("syntax.text"), right)
        chosen = Chosen(self._find(self._names.chosen, left, wanted), wanted)
        return chosen if isinstance(op, ast.Eq) else Logic("not", (chosen,))

    def _part(self, answer: ast.expr, part: ast.expr) -> Expr:
        wanted = part.value if isinstance(part, ast.Constant) else None
        if not isinstance(wanted, str) or not wanted.strip() or _WILD & set(wanted):
            raise self._refuse(because("syntax.part"), part)
        return Chosen(self._find(self._names.worded, answer), wanted, part=True)

    def _day(self, arguments: list[ast.expr], node: ast.expr) -> Day:
        """A day of the year; the year is that of the last day of the data window."""
        numbers = [part.value for part in arguments if isinstance(part, ast.Constant)]
        month, day = (number if type(number) is int else 0 for number in (*numbers, 0, 0)[:2])
        try:
            date(_LEAP_YEAR, month, day)
        except ValueError:
            raise self._refuse(because("syntax.day"), node) from None
        last = ast.Name("window_to", col_offset=node.col_offset)
        return Day(month, day, self._find(self._names.figure, last))

    def _number(self, value: object, node: ast.expr) -> Number:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._refuse(because("syntax.only_numbers"), node)
        source = ast.get_source_segment(self._source, node) or str(value)
        try:
            number = Decimal(source.replace("_", ""))
        except InvalidOperation:
            raise self._refuse(because("syntax.only_decimals"), node) from None
        digits = len(number.normalize().as_tuple().digits)
        if number and (digits > _MOST_DIGITS or abs(number.adjusted()) >= _MOST_DIGITS):
            raise self._refuse(because("syntax.digits", most=_MOST_DIGITS), node)
        return Number(number)

    def _call(self, name: str, arguments: list[ast.expr], node: ast.expr) -> Expr:
        if name not in _CALLS:
            raise self._refuse(because("syntax.no_function", name=name), node)
        least, most = _CALLS[name]
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least}–{most}"
            place = arguments[most] if len(arguments) > most else node
            raise self._refuse(because("syntax.arguments", name=name, wanted=wanted), place)
        if name == "day":
            return self._day(arguments, node)
        if name == "same":
            answer, asked = (
                self._find(find, arguments[0]) for find in (self._names.answer, self._names.asked)
            )
            return Same(answer, asked)
        if name == "has":
            return self._part(*arguments)
        if name in _LOGIC_CALLS:
            return Logic(name, self._read_all(arguments, condition=True))
        if name in _PRESENCE_CALLS:
            return Presence(name, tuple(self._find(self._names.answer, a) for a in arguments))
        listed, *where = arguments
        if name == "count":
            rows = self._find(self._names.rows, listed)
            return Rows(rows.data_set, rows.shift, self._where(rows, where))
        alone = not where and isinstance(listed, ast.Name | ast.Attribute)
        if name == "sum" and (alone or (len(where) == 1 and _is_condition(where[0]))):
            series = self._find(self._names.series, listed)
            return Total(series, self._where(series, where))
        figures = self._read_all(arguments, condition=False)
        for figure in figures:
            self._demand_no_day(figure, node)
        return Call(name, figures)

    def _where(self, listed: Ref, where: list[ast.expr]) -> Expr | None:
        """Read a condition on rows of an open table: what a formula can ask of all at once."""
        if not where:
            return None
        place = self._named[-1]
        names = replace(
            self._names,
            home=self._names.siblings.get(listed.data_set, self._names.home),
            scope=Scope.ROW,
            asking=self._names,
        )
        bound = replace(self, _names=names).read(where[0], condition=True)
        for part in walk(bound):
            match part:
                case Logic("and") | Chosen() | Same() | Presence("filled"):
                    continue
                case Day() | Number() | Ref():
                    continue
                case Compare(_, Ref() | Number() | Day(), Ref() | Number() | Day()):
                    continue
                case _:
                    self.faults.append(RuleSyntaxError(because("syntax.where"), place))
        return bound

    def _find(self, find: Callable[..., Ref], node: ast.expr, *said: str) -> Ref:
        """Find what a name means; one that cannot stand here is a fault, and means nothing."""
        parts: list[str] = []
        inner = node
        while isinstance(inner, ast.Attribute):
            parts.insert(0, inner.attr)
            inner = inner.value
        if not isinstance(inner, ast.Name):
            raise self._refuse(because("syntax.name_expected"), inner)
        name = Name((inner.id, *parts), self._places[inner.col_offset])
        self._named.append(name.place)
        try:
            return find(name, *said)
        except RuleSyntaxError as fault:
            self.faults.append(fault)
            return NOTHING

    def _demand_no_day(self, figure: Expr, node: ast.expr) -> None:
        """Keep a fault, at the first name of a node, where a day stands and a number should."""
        if self._names.is_day(figure):
            start = self._places[node.col_offset]
            at = next(place for place in self._named if place >= start)
            self.faults.append(RuleSyntaxError(because("syntax.day_and_number"), at))


def _is_condition(node: ast.expr) -> bool:
    match node:
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in (*_LOGIC_CALLS, *_PRESENCE_CALLS, "has", "same")
        case _:
            return False
