"""Make lines about the data window of the cover: given, ordered, of the period.

The forms repeat the days of the cover in locked cells, so the cover alone is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from consolidate.checks.sheet_checks import EARLY, LATE, LONGEST
from consolidate.definitions.catalogue import text
from consolidate.model.cells import CellRef
from consolidate.model.datasets import VALUE_COLUMN
from consolidate.model.period import Period, PeriodType
from consolidate.model.reasons import Severity
from consolidate.rules.evaluation import day_of_number, number_of_day
from consolidate.templates.answer_cells import AnswerBlock, HelperCells, helper
from consolidate.templates.check_sheet.judging import Answers, number_of, status_formula
from consolidate.templates.check_sheet.live import LiveText
from consolidate.templates.check_sheet.problem_lines import (
    BROKEN,
    HOLDS,
    NO_FIGURE,
    OPEN_QUESTION,
    LiveFigure,
    ProblemLine,
    link_to,
    quoted,
)

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
