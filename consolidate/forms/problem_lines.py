"""Lines about single answers: what is blank, unreadable or doubtful on each form, and where."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from consolidate.definitions.catalogue import text
from consolidate.forms.answer_cells import CAPTIONS, HELPER_SHEET, AnswerBlock
from consolidate.forms.codes import (
    CLASSES,
    COLUMN,
    REASON,
    ROW,
    column_formula,
    reason_formula,
    row_formula,
    start_of,
)
from consolidate.forms.inputs import ranges_of
from consolidate.forms.judging import CODE
from consolidate.forms.lines import BROKEN, HOLDS, Figure, Line, around, joined, quoted
from consolidate.forms.live import LiveText
from consolidate.forms.shared import Formulas
from consolidate.forms.template_answers import Answers
from consolidate.model.cells import CellRef, column_letters
from consolidate.model.datasets import ValueType
from consolidate.model.findings import Severity

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

KINDS = {1: "blank", 2: "unreadable", 3: "doubtful"}
"""Names of the classes of problems, as in the catalogue."""
_SHOWN = {1: (5, 3), 2: (3, 2), 3: (3, 2)}
"""How many answers of a kind are named: by their number alone, by row and column."""
_REASONS = {2: 9, 3: 3}
_UNREADABLE = 2
_COUNTS, _OTHERS = 2, 6
"""Columns of the counts below each class, and of texts with an error value."""


def severity_of(kind: int) -> Severity:
    """A doubtful answer is a warning; a blank or unreadable one an error."""
    return Severity.WARNING if kind == CLASSES[-1] else Severity.ERROR


def write_reasons(sheet: Worksheet, top: int) -> None:
    """Write the words for problems into the helper sheet; they take :func:`reason_rows` rows."""
    for kind, count in _REASONS.items():
        for index in range(count):
            words = text(f"template.reason.{kind}{index + 1}")
            sheet.write_string(top + (kind - 2) * 9 + index, CAPTIONS, words)


def reason_rows() -> int:
    """Rows that the words for problems take."""
    return 9 + _REASONS[3]


@dataclass(frozen=True)
class ProblemCounts:
    """Counts of the problems of one form in row ``row`` of the helper sheet."""

    block: AnswerBlock
    row: int
    reasons: int
    answers: Answers

    def write(self, formulas: Formulas) -> None:
        """Write how many codes lie below each class, and the texts that show an error value."""
        codes = self.codes
        area = self.block.span(CODE)
        for index, kind in enumerate((*CLASSES, CLASSES[-1] + 1)):
            below = sum(number < start_of(kind) for number in codes)
            formula = f'COUNTIF({area},"<"&{start_of(kind)})'
            formulas.write(self.row, _COUNTS + index, formula, None, below)
        formulas.write(self.row, _OTHERS, self._others(), None, 0)

    def _others(self) -> str:
        """Error values in texts that are asked nothing else."""
        place = self.block.place
        if place.open:
            return "0"
        cells = [
            (place.rows[element.code], place.columns[column])
            for column in place.answers
            for element in place.elements_of(column)
            if not self.block.asked(element.code, column)
        ]
        areas = (
            f"{place.prefix}${column_letters(left)}${top + 1}:${column_letters(right)}${bottom + 1}"
            for top, left, bottom, right in ranges_of(cells)
        )
        return "+".join(f"SUMPRODUCT(--ISERROR({area}))" for area in areas) or "0"

    @cached_property
    def codes(self) -> list[int]:
        """The numbers of all answers as they are now."""
        place, block = self.block.place, self.block
        found = []
        for index, column in enumerate(place.answers, 1):
            for element in place.elements_of(column):
                if not block.asked(element.code, column):
                    continue
                first = 0 if place.open else block.row_of(element.code) - block.top
                for row in range(first, block.count if place.open else first + 1):
                    cell = CellRef(place.data_set.sheet, place.first + row, place.columns[column])
                    found.append(self.answers.code(cell, row + 1, index))
        return sorted(found)

    def _at(self, column: int) -> str:
        return f"{HELPER_SHEET}!${column_letters(column)}${self.row + 1}"

    def below(self, kind: int) -> str:
        """Address of the count of codes below a class."""
        return self._at(_COUNTS + kind - 1)

    def number(self, kind: int) -> str:
        """How many answers have a problem of a class, as a formula."""
        count = f"{self.below(kind + 1)}-{self.below(kind)}"
        return f"{count}+{self._at(_OTHERS)}" if kind == _UNREADABLE else count

    def line(self, kind: int) -> Line:
        """The line of one class of problems."""
        place, name = self.block.place, KINDS[kind]
        sheet = place.data_set.sheet
        codes = [code for code in self.codes if code // start_of(1) == kind]
        number = self.number(kind)
        entries = [self._entry(kind, index) for index in range(self._most(kind))]
        known = f"{self.below(kind + 1)}-{self.below(kind)}"
        more = f'IF({known}>{self._most(kind)},"; …","")'
        listed = joined(*entries, more, self._other_texts(kind, known))
        nothing = text(f"template.check.no_{name}", sheet=sheet)
        some = around(f"template.check.{name}", sheet=quoted(sheet), cells=listed)
        shown = nothing
        if codes:
            words = [self._shown(kind, code) for code in codes[: self._most(kind)]]
            cells = "; ".join(words) + ("; …" if len(codes) > self._most(kind) else "")
            shown = text(f"template.check.{name}", sheet=sheet, cells=cells)
        beyond = self._beyond()
        return Line(
            LiveText(f"=IF({number}=0,{quoted(nothing)},{some}){beyond}", shown),
            text(f"terms.severity.{severity_of(kind)}"),
            LiveText(f'=IF({number}=0,"{HOLDS}","{BROKEN}")', BROKEN if codes else HOLDS),
            left=Figure(f"={number}", float(len(codes)), "cells"),
            link=self._link(kind, codes),
            judged=False,
            longest=text(f"template.check.{name}", sheet=sheet, cells=self._longest(kind)),
        )

    def _other_texts(self, kind: int, known: str) -> str:
        """How many texts that are asked nothing else show an error value."""
        if kind != _UNREADABLE or self.block.place.open:
            return ""
        others = self._at(_OTHERS)
        words = around("template.check.other_texts", count=others)
        return f'IF({others}=0,"",IF({known}=0,"","; ")&{words})'

    def _most(self, kind: int) -> int:
        alone, both = _SHOWN[kind]
        return alone if len(self.block.place.answers) == 1 else both

    def _beyond(self) -> str:
        """A note that an open table has more rows than are read here."""
        if not self.block.place.open:
            return ""
        note = text("template.check.beyond", count=self.block.count)
        return f'&IF(ROWS({self.block.place.body})>{self.block.count},{quoted(" " + note)},"")'

    def _nth(self, kind: int, index: int) -> str:
        return f"SMALL({self.block.span(CODE)},{self.below(kind)}+{index + 1})"

    def _entry(self, kind: int, index: int) -> str:
        """The name of the answer that is the next of its class, ``""`` when there is none."""
        block, nth = self.block, self._nth(kind, index)
        row, column = row_formula(nth), column_formula(nth)
        if block.place.open:
            name = around("template.check.row", row=row, column=self._label(column))
        else:
            name = f"INDEX({block.column_span(CAPTIONS)},{row})"
            if len(block.place.answers) > 1:
                name = joined(name, '", "', self._label(column))
        if kind in _REASONS:
            first = self.reasons + (kind - 2) * 9
            letters = column_letters(CAPTIONS)
            words = f"{HELPER_SHEET}!${letters}${first + 1}:${letters}${first + _REASONS[kind]}"
            name = joined(name, '" ("', f"INDEX({words},{reason_formula(nth)})", '")"')
        before = '"; "&' if index else ""
        known = f"{self.below(kind + 1)}-{self.below(kind)}"
        return f'IF({known}>{index},{before}{name},"")'

    def _label(self, column: str) -> str:
        labels = ",".join(quoted(label) for label in self._labels())
        return f"CHOOSE({column},{labels})"

    def _labels(self) -> list[str]:
        place = self.block.place
        if place.open:
            return [element.label for element in place.data_set.elements]
        return [column.label for column in place.data_set.columns]

    def _shown(self, kind: int, code: int) -> str:
        place = self.block.place
        row, column = code // ROW % 1000, code // COLUMN % 100
        label = self._labels()[column - 1]
        if place.open:
            name = text("template.check.row", row=row, column=label)
        else:
            at = place.first + row - 1
            element = next(e for e in place.data_set.elements if place.rows[e.code] == at)
            name = place.data_set.caption(element)
            if len(place.answers) > 1:
                name += f", {label}"
        if kind in _REASONS:
            name += f" ({text(f'template.reason.{kind}{code // REASON % 10}')})"
        return name

    def _longest(self, kind: int) -> str:
        place = self.block.place
        columns = {
            column
            for (_, column), question in self.block.questions.items()
            if question.required or kind > 1
        }
        asked = [
            label
            for column, label in zip(place.answers, self._labels(), strict=True)
            if column in columns and (kind == 1 or not place.open or self._numeric(column))
        ]
        label = max(asked, key=len, default="") if len(place.answers) > 1 else ""
        if place.open:
            name = text("template.check.row", row=99, column=label)
        else:
            captions = [place.data_set.caption(e) for e in place.data_set.elements if e.required]
            name = max(captions, key=len) + (f", {label}" if label else "")
        if kind in _REASONS:
            reasons = [text(f"template.reason.{kind}{n + 1}") for n in range(_REASONS[kind])]
            name += f" ({sorted(reasons, key=len)[len(reasons) // 2]})"
        return "; ".join([name] * self._most(kind))

    def _numeric(self, column: str) -> bool:
        """Whether answers of a column can be anything but text."""
        return any(
            question.kind is not ValueType.TEXT
            for (_, asked), question in self.block.questions.items()
            if asked == column
        )

    def _link(self, kind: int, codes: list[int]) -> LiveText:
        place, nth = self.block.place, self._nth(kind, 0)
        row = f"{place.first}+{row_formula(nth)}"
        if place.open:
            row = f"ROW(INDEX({place.body},{row_formula(nth)},1))"
        address = f"ADDRESS({row},{place.first_answer}+{column_formula(nth)},4)"
        known = f"{self.below(kind + 1)}-{self.below(kind)}"
        formula = f'=IF({known}=0,"",HYPERLINK({quoted("#" + place.prefix)}&{address},{address}))'
        if not codes:
            return LiveText(formula, "")
        at = CellRef(
            place.data_set.sheet,
            place.first + codes[0] // ROW % 1000 - 1,
            place.first_answer + codes[0] // COLUMN % 100 - 1,
        )
        return LiveText(formula, at.a1)


def problem_totals(counts: list[ProblemCounts]) -> dict[Severity, int]:
    """Errors and warnings about single answers as they are now."""
    totals: Counter[Severity] = Counter()
    for item in counts:
        for number in item.codes:
            if number >= start_of(1):
                totals[severity_of(number // start_of(1))] += 1
    return dict(totals)
