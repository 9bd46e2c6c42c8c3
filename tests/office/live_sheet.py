"""The sheet "Kiểm tra" of recalculated workbooks as data, and what findings ask it to say.

An item is one thing that is wrong, in words that the sheet and a finding share: severity, where
(an answer by its name, a rule, the days of a sheet) and what, with the figures of both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from consolidate.definitions.catalogue import text
from consolidate.model.anchors import LIVE_SHEET
from consolidate.model.cells import CellRef, parse_a1
from consolidate.model.datasets import DataSet, Shape
from consolidate.model.reasons import Finding, Severity
from consolidate.model.returns import FileReading
from consolidate.model.rules import Expr, Logic, RuleSpec, Scope
from consolidate.model.text import format_number
from consolidate.templates.cell_verdicts import (
    A_TEXT,
    BLANK,
    CLASS,
    ERROR_VALUE,
    NOT_A_DATE,
    NOT_A_MARK,
    NOT_A_NUMBER,
    NOT_WHOLE,
    PERCENT_SCALE,
    REASON,
    SECOND_MISSING,
    THOUSANDS_LOST,
    TOO_LARGE,
    TOO_MANY,
    TOO_SMALL,
    UNUSUAL,
)
from consolidate.templates.hidden_sheets import CAPTIONS, HELPER_SHEET, LINES_SHEET
from consolidate.templates.live_formulas import BROKEN
from tests.library_2018 import library_2018
from tests.recipes.recipe import Recipe, named_area

SHEET = LIVE_SHEET
READ = (SHEET, HELPER_SHEET, LINES_SHEET)
"""Sheets that are looked at."""
_WORDS = {level: text(f"terms.severity.{level}") for level in Severity}
_KINDS = {1: "blank", 2: "unreadable", 3: "doubtful"}
_COLOURS = {2: _WORDS[Severity.ERROR], 1: _WORDS[Severity.WARNING]}
_NUMBER, _CONTENT, _SEVERITY, _RESULT, _LEFT, _RIGHT, _LINK = range(7)
PROBLEMS = {
    "required": BLANK,
    "error_value": ERROR_VALUE,
    "not_a_number": NOT_A_NUMBER,
    "not_calculated": ERROR_VALUE,
    "not_whole": NOT_WHOLE,
    "thousands_lost": THOUSANDS_LOST,
    "below_minimum": TOO_SMALL,
    "above_maximum": TOO_LARGE,
    "percent_scale": PERCENT_SCALE,
    "not_a_date": NOT_A_DATE,
    "not_a_mark": NOT_A_MARK,
    "above_normal": UNUSUAL,
    "too_many": TOO_MANY,
    "second_missing": SECOND_MISSING,
}
"""Number of each finding ``value.*`` of the merge about a number, a mark, an error
value or a blank."""
_EPOCH = date(1899, 12, 30)
Row = Sequence[Any]
Rows = Sequence[Row]
"""Cells of a sheet: text, float, ``""`` for a blank."""


@dataclass(frozen=True)
class Live:
    """The recalculated workbook of a recipe and what the check says of it."""

    recipe: Recipe
    reading: FileReading
    sheets: Mapping[str, Rows]

    @cached_property
    def _lines(self) -> Rows:
        return [row for row in self.sheets.get(LINES_SHEET, ()) if isinstance(row[_NUMBER], float)]

    @property
    def data_sets(self) -> tuple[DataSet, ...]:
        """Cover and forms of the template."""
        return (library_2018().cover, *library_2018().sets_of(self.recipe.template))

    @property
    def headline(self) -> str:
        """What stands above all lines; ``""`` without the sheet."""
        rows = self.sheets.get(SHEET)
        return str(rows[3][0]) if rows else ""

    def links(self) -> set[str]:
        """What broken lines lead to: an address, or form and number of an indicator."""
        return {line[_LINK] for line in self._broken}

    @property
    def _broken(self) -> Rows:
        return [line for line in self._lines if line[_RESULT] == BROKEN]

    # What the sheet says

    def items(self, aside: Set[str] = frozenset()) -> list[str]:
        """Everything that the sheet finds wrong but for answers ``aside``."""
        if not self._lines:
            return []
        found = list(self._answers(aside))
        rules = list(self._rules())
        others = self._lines[: -len(rules)]
        for line, item in zip(self._lines[-len(rules) :], rules, strict=True):
            if line[_RESULT] == BROKEN:
                found += [item(line)] * _rows_broken(line[_CONTENT])
        windows = self._windows()
        said = [line for line in others if line[_CONTENT] not in windows]
        self._assert_counted([line for line in said if line[_RESULT] == BROKEN])
        for line in others:
            if line[_RESULT] == BROKEN and line[_CONTENT] in windows:
                found.append(windows[line[_CONTENT]](line))
        return sorted(found)

    def _codes(self, data_set: DataSet, kind: str) -> Iterator[tuple[str, int]]:
        """Names of answers with the number in their helper cell."""
        left, top, right, bottom = named_area(self.recipe.template, f"_{kind}.{data_set.code}")
        helper = self.sheets.get(HELPER_SHEET, ())
        captions = {data_set.caption(element): element for element in data_set.elements}
        for row in range(top, bottom + 1):
            cells = helper[row - 1] if row <= len(helper) else ()
            for column in range(left, right + 1):
                said = cells[column - 1] if column <= len(cells) else ""
                if not isinstance(said, float):
                    continue
                if data_set.shape is Shape.OPEN:
                    element = data_set.elements[column - left]
                    yield f"{data_set.code}.{row - top + 1}.{element.code}", int(said)
                else:
                    element = captions[cells[CAPTIONS]]
                    at = data_set.columns[column - left].code
                    yield data_set.name_of(element.code, at), int(said)

    def _answers(self, aside: Set[str]) -> Iterator[str]:
        for data_set in self.data_sets:
            for name, number in self._codes(data_set, "code"):
                problem = number // CLASS * 10 + number // REASON % 10
                if number >= CLASS and name not in aside:
                    yield _answer(name, problem)

    def _assert_counted(self, lines: Rows) -> None:
        """Lines count the answers of a class and name the first."""
        left = list(lines)
        for kind, word in _KINDS.items():
            for data_set in self.data_sets:
                codes = sorted(number for _, number in self._codes(data_set, "code"))
                found = [number for number in codes if number // CLASS == kind]
                start = text(f"template.check.{word}", sheet=data_set.sheet, cells="")
                line = next((line for line in left if line[_CONTENT].startswith(start)), None)
                if line is None:
                    assert found == [], self.recipe.name
                    continue
                left.remove(line)
                assert line[_LEFT] == f"{len(found)} ô", self.recipe.name
                if kind > 1:
                    reason = text(f"template.reason.{kind}{found[0] // REASON % 10}")
                    assert reason in line[_CONTENT].split("; ")[0], self.recipe.name
        assert left == [], self.recipe.name

    @cached_property
    def texts(self) -> set[str]:
        """Answers that hold a text where a number or a day belongs, or that are not read."""
        found = set()
        for data_set in self.data_sets:
            for name, number in self._codes(data_set, "code"):
                problem = number // CLASS * 10 + number // REASON % 10
                unread = number < CLASS and number % 10 == 0
                if problem in (A_TEXT, NOT_A_DATE) or unread:
                    found.add(name)
        return found

    def _rules(self) -> Iterator[_Item]:
        for data_set in self.data_sets[1:]:
            for rule, expression in library_2018().rules[data_set.code]:
                if rule.scope is Scope.ROW and data_set.shape is Shape.FIXED:
                    for element in data_set.elements:
                        if not rule.rows or element.code in rule.rows:
                            yield _Rule(data_set, rule, expression, element.code)
                else:
                    yield _Rule(data_set, rule, expression)

    def _windows(self) -> dict[str, _Item]:
        made: dict[str, _Item] = {
            text("template.check.window_given"): _Days("window_missing", ""),
            text("template.check.window_order"): _Days("window_order", "{0} – {1}"),
            text("template.check.window_fits"): _Days("window_outside_period", "{0}"),
            text("template.check.window_report"): _Days("report_before_window", "{0}"),
        }
        return made

    # What findings ask of it

    def asked(self, unseen: Iterable[str], aside: Set[str] = frozenset()) -> list[str]:
        """The items of the findings, but for rules that no line is about and answers ``aside``."""
        return sorted(self._asked(finding) for finding in self._findings(unseen, aside))

    def _findings(self, unseen: Iterable[str], aside: Set[str]) -> list[Finding]:
        return [
            finding
            for finding in self.reading.findings
            if finding.rule not in unseen
            and not (aside and {self._name_at(cell) for cell in finding.cells} & aside)
        ]

    def _asked(self, finding: Finding) -> str:
        family, _, name = finding.rule.partition(".")
        severity = _WORDS[finding.severity]
        if family == "value":
            at = self._name_at(finding.cells[0])
            if name not in PROBLEMS:
                return f"{severity} {at}: {finding.rule}"
            item = _answer(at, PROBLEMS[name])
            assert item.startswith(severity), finding
            return item
        if name == "window_missing":
            return f"{severity} {finding.rule}"
        if name == "window_outside_period":
            return f"{severity} {finding.rule}: {finding.found.split(' – ')[1]}"
        if family == "sheets":
            days = ("window_order", "report_before_window")
            at = "" if name in days else f" {finding.sheet}"
            return f"{severity} {finding.rule}{at}: {finding.found}".removesuffix(": ")
        data_set = library_2018().by_code[finding.data_set]
        found = next(r for r in library_2018().rules[family] if r[0].id == name)
        element = ""
        if found[0].scope is Scope.ROW and data_set.shape is Shape.FIXED:
            element = finding.element
        expected = finding.expected.removeprefix("≤ ").removeprefix("≥ ")
        return _Rule(data_set, *found, element).said(severity, finding.found, expected)

    def _name_at(self, cell: CellRef) -> str:
        """The answer in a cell, as recipes name it."""
        assert self.reading.content is not None
        for part in (self.reading.content.cover, *self.reading.content.data_sets):
            data_set = next(each for each in self.data_sets if each.code == part.code)
            for value in part.values:
                if value.cell != cell:
                    continue
                if data_set.shape is Shape.FIXED:
                    return data_set.name_of(value.key.element, value.key.column)
                _, first = self.recipe.cell(f"{part.code}.1.{value.key.element}")
                at = parse_a1(first)
                assert at is not None
                return f"{part.code}.{cell.row - at[0] + 1}.{value.key.element}"
        return ""

    def colours(self, aside: Set[str] = frozenset()) -> dict[str, str]:
        """Answers that are coloured on their forms, with the severity that the colour means."""
        found: dict[str, int] = {}
        for data_set in self.data_sets:
            for name, number in self._codes(data_set, "code"):
                found[name] = {2: 2, 3: 1}.get(number // CLASS, 0)
            for name, mark in self._marks(data_set):
                found[name] = max(found.get(name, 0), mark)
        marked = {name: mark for name, mark in found.items() if mark and name not in aside}
        return {name: _COLOURS[mark] for name, mark in sorted(marked.items())}

    def _marks(self, data_set: DataSet) -> Iterator[tuple[str, int]]:
        return self._codes(data_set, "mark")

    def asked_colours(self, unseen: Iterable[str], aside: Set[str] = frozenset()) -> dict[str, str]:
        """The same by the findings; blank answers have no colour, a form begins with them."""
        found: dict[str, int] = {}
        for finding in self._findings((*unseen, "value.required"), aside):
            for cell in finding.cells:
                name = self._name_at(cell)
                mark = {Severity.ERROR: 2, Severity.WARNING: 1}.get(finding.severity, 0)
                if name and mark:  # A note has no colour.
                    found[name] = max(found.get(name, 0), mark)
        return {name: _COLOURS[mark] for name, mark in sorted(found.items())}


class _Item:
    """What a broken line says as an item."""

    def __call__(self, line: Row) -> str:
        raise NotImplementedError


@dataclass(frozen=True)
class _Rule(_Item):
    data_set: DataSet
    rule: RuleSpec
    expression: Expr
    element: str = ""

    def __call__(self, line: Row) -> str:
        return self.said(line[_SEVERITY], _figure(line[_LEFT]), _figure(line[_RIGHT]))

    def said(self, severity: str, left: str, right: str) -> str:
        """The item; a rule of conditions has no sides that a finding could name."""
        at = f" {self.element}" if self.element else ""
        sides = "" if isinstance(self.expression, Logic) else f": {left}, {right}"
        return f"{severity} {self.data_set.code}.{self.rule.id}{at}{sides}"


@dataclass(frozen=True)
class _Days(_Item):
    kind: str
    shown: str

    def __call__(self, line: Row) -> str:
        days = self.shown.format(*map(_day, line[_LEFT : _RIGHT + 1]))
        return f"{line[_SEVERITY]} sheets.{self.kind}: {days}".removesuffix(": ")


def headline_of(items: Iterable[str]) -> str:
    """The headline over some items."""
    items = list(items)
    errors = sum(item.startswith(_WORDS[Severity.ERROR]) for item in items)
    warnings = sum(item.startswith(_WORDS[Severity.WARNING]) for item in items)
    key = "bad" if errors else "doubtful" if warnings else "good"
    return text(f"template.check.status_{key}", errors=errors, warnings=warnings)


def _answer(name: str, problem: int) -> str:
    severity = _WORDS[Severity.WARNING if problem // 10 == 3 else Severity.ERROR]
    words = "chưa ghi" if problem == BLANK else text(f"template.reason.{problem}")
    return f"{severity} {name}: {words}"


def _figure(said: float | str) -> str:
    return format_number(Decimal(f"{said:.12g}")) if isinstance(said, float) else said


def _day(said: float | str) -> str:
    """A day as Vietnamese people write it, from its serial number."""
    return f"{_EPOCH + timedelta(days=int(said)):%d/%m/%Y}" if isinstance(said, float) else said


def _rows_broken(content: str) -> int:
    """How many rows of an open table a line says are broken; 1 for any other line."""
    before = content.partition(" dòng chưa đạt")[0].rpartition("; ")[2]
    return int(before) if before.isdigit() else 1
