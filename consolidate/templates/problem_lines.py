"""Make lines about single answers, and about the data window of the cover.

An answer is blank, unreadable or doubtful: on which form, where. The window is given, ordered, of
the period; the forms repeat its days in locked cells, so the cover alone is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from consolidate.checks.sheet_checks import EARLY, LATE, LONGEST
from consolidate.definitions.catalogue import text
from consolidate.model.cells import CellRef
from consolidate.model.datasets import VALUE_COLUMN, ValueType
from consolidate.model.period import Period, PeriodType
from consolidate.model.reasons import Severity
from consolidate.rules.evaluation import day_of_number, number_of_day
from consolidate.templates.hidden_sheets import CAPTIONS, AnswerBlock, HelperCells, helper
from consolidate.templates.judging import (
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
    number_of,
    part,
    part_formula,
    question_of,
    status_formula,
)
from consolidate.templates.live import (
    BROKEN,
    HOLDS,
    NO_FIGURE,
    OPEN_QUESTION,
    LiveFigure,
    LiveLink,
    LiveText,
    ProblemLine,
    around,
    joined,
    quoted,
)
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


_FIELDS = ("window_from", "window_to")
_REPORT = "report_date"
_GIVEN, _LAST_DAY = 2, 3


@dataclass(frozen=True)
class WindowLines:
    """The lines, and two helper cells in row ``row``.

    The first says whether both days are given: 1, 0, or -1 when one of them cannot be read. The
    second is the last day of the period of the cover, 0 while the cover does not say it.
    """

    cover: AnswerBlock
    row: int
    answers: Answers

    def write(self, cells: HelperCells) -> None:
        """Write the helper cells with the values that they have now."""
        statuses = ",".join(status_formula(self._code(field)) for field in _FIELDS)
        cells.write(self.row, _GIVEN, f"MIN({statuses})", self._given)
        kind, year = self._input("period_type"), self._input("period_year")
        month = "0"
        for each in reversed(PeriodType):
            month = f"IF(TRIM({kind})={quoted(each.label)},{3 * each.round},{month})"
        last = f"IF({month}>0,DATE({year},{month}+1,1)-1,0)"
        known = [f"{status_formula(self._code(f))}=1" for f in ("period_type", "period_year")]
        formula = f"IF(AND({','.join(known)}),{last},0)"
        cells.write(self.row, _LAST_DAY, formula, int(_serial(self._last_day) or 0))

    def lines(self, *, windowed: bool) -> list[ProblemLine]:
        """Make the lines in order; only ``windowed`` templates must say their days."""
        given, last = helper(self.row, _GIVEN), helper(self.row, _LAST_DAY)
        start, end = (self._input(field) for field in _FIELDS)
        days = self._days
        left, right = (
            LiveFigure(
                f'=IF({given}=1,{address},"")', _serial(days[side] if days else None), "date"
            )
            for side, address in enumerate((start, end))
        )
        made = []
        if windowed:
            missing = f'IF({given}=-1,"{OPEN_QUESTION}","{BROKEN}")'
            sign = {1: HOLDS, 0: BROKEN}.get(self._given, OPEN_QUESTION)
            made.append(self._line("given", f'IF({given}=1,"{HOLDS}",{missing})', sign))
        order = f'IF({given}=1,IF({start}<={end},"{HOLDS}","{BROKEN}"),"{OPEN_QUESTION}")'
        ordered = days is not None and days[0] <= days[1]
        sign = OPEN_QUESTION if days is None else HOLDS if ordered else BROKEN
        made.append(self._line("order", order, sign, left, right))
        latest = f"MIN({last}+{LATE},DATE(YEAR({last}),12,31))"
        fits = f"AND({end}>={last}-{EARLY},{end}<={latest},{end}-{start}<={LONGEST})"
        known = f"IF(AND({given}=1,{last}>0),{start}<={end},FALSE)"
        formula = f'IF({known},IF({fits},"{HOLDS}","{BROKEN}"),"{OPEN_QUESTION}")'
        sign = OPEN_QUESTION
        if days is not None and ordered and self._last_day is not None:
            sign = HOLDS if _fits(days, self._last_day) else BROKEN
        of_period = LiveFigure(f'=IF({last}>0,{last},"")', _serial(self._last_day), "date")
        made.append(self._line("fits", formula, sign, right, of_period, linked=1))
        made.append(self._report_line(ordered, right))
        return made

    def _report_line(self, ordered: bool, end: LiveFigure) -> ProblemLine:
        """Whether the report is dated on the last day of its figures or later."""
        start, last, dated = map(self._input, (*_FIELDS, _REPORT))
        known = f"{status_formula(self._code(_REPORT))}=1"
        asked = f"IF(AND({helper(self.row, _GIVEN)}=1,{known}),{start}<={last},FALSE)"
        formula = f'IF({asked},IF({dated}>={last},"{HOLDS}","{BROKEN}"),"{OPEN_QUESTION}")'
        day = self._day(_REPORT) if self._status(_REPORT) == 1 else None
        sign = OPEN_QUESTION
        if ordered and day is not None and self._days is not None:
            sign = HOLDS if day >= self._days[1] else BROKEN
        left = LiveFigure(f'=IF({known},{dated},"")', _serial(day), "date")
        return self._line("report", formula, sign, left, end, fields=(_REPORT,))

    def _line(
        self,
        name: str,
        formula: str,
        sign: str,
        left: LiveFigure = NO_FIGURE,
        right: LiveFigure = NO_FIGURE,
        *,
        linked: int = 0,
        fields: tuple[str, ...] = _FIELDS,
    ) -> ProblemLine:
        cells = [self._cell(field) for field in fields]
        severity = Severity.ERROR if name == "order" else Severity.WARNING
        return ProblemLine(
            LiveText("", text(f"template.check.window_{name}")),
            severity,
            LiveText(f"={formula}", sign),
            left,
            right,
            link_to([self.cover], cells[linked]),
            cells=cells,
        )

    def _cell(self, field: str) -> CellRef:
        return self.cover.place.cell(field, VALUE_COLUMN)

    def _code(self, field: str) -> str:
        return self.cover.code(VALUE_COLUMN, element=field)

    def _input(self, field: str) -> str:
        return self.cover.input(VALUE_COLUMN, element=field)

    def _status(self, field: str) -> int:
        """1 reported, 0 missing, -1 unreadable."""
        place = self.cover.place
        return self.answers.code(place, place.data_set.by_code[field], VALUE_COLUMN) % 10 - 1

    @property
    def _given(self) -> int:
        return min(map(self._status, _FIELDS))

    @cached_property
    def _days(self) -> tuple[date, date] | None:
        if self._given != 1:
            return None
        start, end = map(self._day, _FIELDS)
        return start, end

    def _day(self, field: str) -> date:
        return day_of_number(number_of(self.answers.typed.get(self._cell(field))))

    @cached_property
    def _last_day(self) -> date | None:
        if self._status("period_year") != 1:
            return None
        kind, year = map(self.answers.typed.get, map(self._cell, ("period_type", "period_year")))
        chosen = str(kind).strip(" ").lower()
        return next(
            (Period(int(number_of(year)), each).last_day for each in PeriodType
             if chosen == each.label.lower()),
            None,
        )  # fmt: skip


def _fits(days: tuple[date, date], last: date) -> bool:
    """Whether the days fit the period, as :mod:`consolidate.checks.sheet_checks` asks."""
    latest = min(last + timedelta(days=LATE), date(last.year, 12, 31))
    usual = last - timedelta(days=EARLY) <= days[1] <= latest
    return usual and (days[1] - days[0]).days <= LONGEST


def _serial(day: date | None) -> float | str:
    return "" if day is None else float(number_of_day(day))
