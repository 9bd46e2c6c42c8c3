"""Make lines about single answers: blank, unreadable or doubtful, on which form, where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from consolidate.definitions.catalogue import text
from consolidate.model.cells import CellRef
from consolidate.model.datasets import ValueType
from consolidate.model.reasons import Severity
from consolidate.rules.evaluation import Verdict
from consolidate.templates.answer_cells import CAPTIONS, AnswerBlock, HelperCells, helper
from consolidate.templates.check_sheet.judging import (
    A_TEXT,
    CLASS,
    CLASSES,
    COLUMN,
    DOUBTS,
    NOT_A_MARK,
    REASON,
    ROW,
    Answers,
    Question,
    part,
    part_formula,
    question_of,
)
from consolidate.templates.check_sheet.live import LiveText
from consolidate.xlsx.write.form_styles import TABLE_SIZE
from consolidate.xlsx.write.measure import column_points, lines_needed

CONTENT_WIDTH = 76
"""Characters of the column that says what is asked."""
MOST_LINES = 2
"""Lines of text in one row: rows are sorted as people type, so that each has the same height."""
SHORT = 12
"""Characters of the number of an indicator that fits into a link."""
KINDS = {1: "blank", 2: "unreadable", 3: "doubtful"}
"""Names of the classes of problems, as in the catalogue."""
_SHOWN = {1: (5, 3), 2: (3, 2), 3: (3, 2)}
"""How many answers of a kind are named: by their number alone, by row and column."""
_UNREADABLE = 2
REASONS = 9
"""Problems that make an answer unreadable, one a row of the helper sheet."""
_COUNTS = 2
"""First column of the counts below each class."""
_SAID = _COUNTS + len(CLASSES) + 1
"""Column of the count of answers that hold anything."""
_MISSING = 1
"""Last digit of the number of an answer that holds nothing."""


def write_reasons(cells: HelperCells, top: int) -> None:
    """Write the words for problems into the helper sheet; they take :data:`REASONS` rows."""
    for index in range(REASONS):
        words = text(f"template.reason.{_UNREADABLE}{index + 1}")
        cells.sheet.write_string(top + index, CAPTIONS, words)


@dataclass(frozen=True)
class ProblemCounts:
    """Counts of the problems of one form in row ``row`` of the helper sheet.

    ``reasons`` is the first row of the words for problems. The counts are products and no
    ``COUNTIF``, which passes over error values.
    """

    block: AnswerBlock
    row: int
    reasons: int
    answers: Answers

    def severity(self, kind: int) -> Severity:
        """Rank a class of problems: doubts and blanks in reports in words are warnings."""
        words = self.block.place.data_set.narrative
        warned = CLASSES[::2] if words else CLASSES[-1:]
        return Severity.WARNING if kind in warned else Severity.ERROR

    def write(self, cells: HelperCells) -> None:
        """Write how many codes lie below each class."""
        area = self.block.codes()
        for index, kind in enumerate((*CLASSES, CLASSES[-1] + 1)):
            below = sum(number < kind * CLASS for number in self.codes)
            formula = f"SUMPRODUCT(({area}<{kind * CLASS})*ISNUMBER({area}))"
            cells.write(self.row, _COUNTS + index, formula, below)
        formula = f"SUMPRODUCT((MOD({area},10)<>{_MISSING})*ISNUMBER({area}))"
        cells.write(self.row, _SAID, formula, self.said_now)

    @property
    def said(self) -> str:
        """Address of the count of answers that hold anything."""
        return helper(self.row, _SAID)

    @property
    def said_now(self) -> int:
        """The same as it is now."""
        return sum(number % 10 != _MISSING for number in self.codes)

    def of_class(self, kind: int) -> list[int]:
        """List the numbers of the answers that have a problem of a class now."""
        return [number for number in self.codes if number // CLASS == kind]

    @cached_property
    def codes(self) -> list[int]:
        """The numbers of all answers as they are now."""
        return sorted(
            self.answers.code(self.block.place, element, column, row)
            for element, column, row in self.block.answers()
        )

    @cached_property
    def _questions(self) -> list[tuple[str, Question]]:
        """What each answer is asked, with the column of it."""
        place = self.block.place
        return [(c, question_of(place, element, c)) for element, c, _ in self.block.answers()]

    def asks(self, kind: int) -> bool:
        """Ask whether a class of problems can turn up on the form."""
        if kind == _UNREADABLE:
            return True
        return any(q.required if kind == 1 else q.may_be_doubted for _, q in self._questions)

    def below(self, kind: int) -> str:
        """Give the address of the count of codes below a class."""
        return helper(self.row, _COUNTS + kind - 1)

    def number(self, kind: int) -> str:
        """Count the answers with a problem of a class, as a formula."""
        return f"{self.below(kind + 1)}-{self.below(kind)}"

    def line(self, kind: int) -> ProblemLine:
        """Make the line of one class of problems."""
        name, sheet = KINDS[kind], self.block.place.data_set.sheet
        codes = self.of_class(kind)
        number, most = self.number(kind), self._most(kind)
        entries = [self._entry(kind, index) for index in range(most)]
        listed = joined(*entries, f'IF({number}>{most},"; …","")')
        shown = nothing = text(f"template.check.no_{name}", sheet=sheet)
        some = around(f"template.check.{name}", sheet=quoted(sheet), cells=listed)
        if codes:
            words = [self._shown(kind, code) for code in codes[:most]]
            cells = "; ".join(words) + ("; …" if len(codes) > most else "")
            shown = text(f"template.check.{name}", sheet=sheet, cells=cells)
        return ProblemLine(
            LiveText(f"=IF({number}=0,{quoted(nothing)},{some}){self._beyond()}", shown),
            self.severity(kind),
            LiveText(f'=IF({number}=0,"{HOLDS}","{BROKEN}")', BROKEN if codes else HOLDS),
            left=LiveFigure(f"={number}", float(len(codes)), "cells"),
            link=self._link(kind, codes),
            judged=False,
            longest=self._longest(kind, most),
        )

    def _most(self, kind: int) -> int:
        """How many answers are named: what fits into the lines of a row."""
        alone, both = _SHOWN[kind]
        most = alone if len(self.block.place.answers) == 1 else both
        room = column_points(CONTENT_WIDTH)
        while most > 1 and lines_needed(self._longest(kind, most), room, TABLE_SIZE) > MOST_LINES:
            most -= 1
        return most

    def _beyond(self) -> str:
        """A note that an open table has more rows than are read here."""
        if not self.block.place.open:
            return ""
        note = text("template.check.beyond", count=self.block.count)
        return f'&IF({self.block.beyond},{quoted(" " + note)},"")'

    def _nth(self, kind: int, index: int) -> str:
        return f"SMALL({self.block.codes()},{self.below(kind)}+{index + 1})"

    def _entry(self, kind: int, index: int) -> str:
        """The name of the answer that is the next of its class, ``""`` when there is none."""
        block, nth = self.block, self._nth(kind, index)
        row, column = part_formula(nth, ROW), part_formula(nth, COLUMN)
        if block.place.open:
            name = around("template.check.row", row=row, column=self._label(column))
        else:
            name = f"INDEX({block.span(CAPTIONS)},{row})"
            if len(block.place.answers) > 1:
                name = joined(name, '", "', self._label(column))
        if kind == _UNREADABLE:
            first, last = (helper(self.reasons + row, CAPTIONS) for row in (0, REASONS - 1))
            words = f"{first}:{last.partition('!')[2]}"
            reason = part_formula(nth, REASON)
            told = f"INDEX({words},{reason})"
            # The problem of a mark is the first of its class.
            if any(question.kind is ValueType.MARK for _, question in self._questions):
                told = f"IF({reason}=0,{quoted(text(f'template.reason.{NOT_A_MARK}'))},{told})"
            name = joined(name, '" ("', told, '")"')
        elif kind > _UNREADABLE:
            doubts = ",".join(quoted(text(f"template.reason.{doubt}")) for doubt in DOUBTS)
            name = joined(name, '" ("', f"CHOOSE({part_formula(nth, REASON)},{doubts})", '")"')
        before = '"; "&' if index else ""
        return f'IF({self.number(kind)}>{index},{before}{name},"")'

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
        row, column = part(code, ROW), part(code, COLUMN)
        elements = () if place.open else place.data_set.elements
        there = [e for e in elements if place.rows[e.code] == place.first + row - 1]
        name = self._called(row, "".join(map(place.caption, there)), self._labels()[column - 1])
        if kind > 1:
            name += f" ({text(f'template.reason.{kind}{part(code, REASON)}')})"
        return name

    def _called(self, row: int, caption: str, label: str) -> str:
        """Name an answer by its row, or by caption, and by column where there are several."""
        if self.block.place.open:
            return text("template.check.row", row=row, column=label)
        return f"{caption}, {label}" if len(self.block.place.answers) > 1 else caption

    def _longest(self, kind: int, most: int) -> str:
        """The longest text of the line of a class that names so many answers."""
        place = self.block.place
        labels = dict(zip(place.answers, self._labels(), strict=True))
        asked = {
            column
            for column, question in self._questions
            if question.required or (kind > 1 and not question.asks_text)
        }
        label = max((labels[column] for column in asked), key=len, default="")
        elements = place.data_set.elements  # A form may ask for nothing: any row serves then.
        asking = [e for e in elements if e.required] or elements
        name = self._called(99, max(map(place.caption, asking), key=len), label)
        reasons = {1: (), _UNREADABLE: (A_TEXT,)}.get(kind, DOUBTS)
        words = [text(f"template.reason.{reason}") for reason in reasons]
        name += f" ({max(words, key=len)})" if words else ""
        listed = "; ".join([name] * most) + "; …"
        said = text(f"template.check.{KINDS[kind]}", sheet=place.data_set.sheet, cells=listed)
        if place.open:
            said += " " + text("template.check.beyond", count=self.block.count)
        return said

    def _link(self, kind: int, codes: list[int]) -> LiveLink:
        """A link to the first answer of a class."""
        place, nth = self.block.place, self._nth(kind, 0)
        row = f"{place.first}+{part_formula(nth, ROW)}"
        if place.open:
            row = f"ROW(INDEX({place.frame},{part_formula(nth, ROW)}+1,1))"
        address = f"ADDRESS({row},{place.first_answer}+{part_formula(nth, COLUMN)},4)"
        name = address
        if not place.open:
            caption = f"INDEX({self.block.span(CAPTIONS)},{part_formula(nth, ROW)})"
            name = f"IF(LEN({caption})<={SHORT},{caption},{address})"
        none = f'=IF({self.number(kind)}=0,"",'
        before = quoted(f"{place.data_set.sheet} ")
        formulas = (f"{none}{before}&{name})", f"{none}{quoted('#' + place.prefix)}&{address})")
        if not codes:
            return LiveLink(*(LiveText(formula, "") for formula in formulas))
        at = CellRef(
            place.data_set.sheet,
            place.first + part(codes[0], ROW) - 1,
            place.first_answer + part(codes[0], COLUMN) - 1,
        )
        now = link_to([self.block], at)
        return LiveLink(*map(LiveText, formulas, (now.name.value, now.target.value)))


def problem_totals(counts: Iterable[ProblemCounts]) -> Counter[Severity]:
    """Count errors and warnings about single answers as they are now."""
    totals: Counter[Severity] = Counter()
    for item in counts:
        for kind in CLASSES:
            totals[item.severity(kind)] += len(item.of_class(kind))
    return totals


HOLDS, BROKEN, OPEN_QUESTION = (
    text("template.check.holds"),
    text("template.check.broken"),
    text("template.check.skipped"),
)
"""The three signs."""
SIGNS: Mapping[Verdict, str] = {
    Verdict.HOLDS: HOLDS,
    Verdict.BROKEN: BROKEN,
    Verdict.NOT_APPLICABLE: OPEN_QUESTION,
}


@dataclass(frozen=True, slots=True)
class LiveFigure:
    """A formula (with its ``=``) that shows a number, or nothing, and what it shows now."""

    formula: str
    value: float | str
    style: str = "number"


NO_FIGURE = LiveFigure('=""', "")


@dataclass(frozen=True, slots=True)
class LiveLink:
    """What a link is called and where it leads (``#'Biểu 01'!E9``), both ``""`` for no link."""

    name: LiveText
    target: LiveText


NO_LINK = LiveLink(LiveText('=""', ""), LiveText('=""', ""))
"""Formulas in any case, since a blank cell would be shown as 0."""


def link_to(blocks: Iterable[AnswerBlock], cell: CellRef) -> LiveLink:
    """Link to a cell, called by form and number of the indicator, else by its address."""
    name = cell.a1
    for place in (block.place for block in blocks):
        if place.open or place.data_set.sheet != cell.sheet:
            continue
        captions = [
            place.caption(e) for e in place.data_set.elements if place.rows[e.code] == cell.row
        ]
        name = next((caption for caption in captions if len(caption) <= SHORT), name)
    shown = (f"{cell.sheet} {name}", f"#{cell.quoted}")
    return LiveLink(*(LiveText(f'="{said}"', said) for said in shown))


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """What stands in one line.

    ``longest`` is the longest text that ``content`` can show, ``""`` where that is the one that it
    shows now; ``judged`` says that the line counts as one error or warning while it is broken.
    ``cells`` are coloured on their forms while the line shows the sign for broken.
    For a rule asked of each row of an open ``table``, ``verdicts`` is the column of the helper
    sheet with a verdict for each row (0 is broken), ``broken`` the rows that break it now, and
    ``marked`` the columns of answers to colour.
    """

    content: LiveText
    severity: Severity
    result: LiveText
    left: LiveFigure = NO_FIGURE
    right: LiveFigure = NO_FIGURE
    link: LiveLink = NO_LINK
    longest: str = ""
    cells: Sequence[CellRef] = ()
    table: str = ""
    verdicts: int = 0
    broken: Sequence[int] = ()
    marked: Sequence[str] = ()
    judged: bool = True


def quoted(literal: str) -> str:
    """Quote a text for a formula."""
    return '"' + literal.replace('"', '""') + '"'


def joined(*parts: str) -> str:
    """Join parts of a formula to one text; empty ones are left out."""
    return "&".join(part for part in parts if part and part != '""')


def around(key: str, **formulas: str) -> str:
    """Write a text of the catalogue as a formula, its placeholders filled by formulas."""
    marks = {name: f"\ue000{name}\ue000" for name in formulas}
    pieces = text(key, **marks).split("\ue000")
    return joined(*(formulas.get(piece) or quoted(piece) for piece in pieces if piece))
