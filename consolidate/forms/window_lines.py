"""Lines about the data window: given, in order, of the period, the same on every form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from consolidate.checks.sheets import EARLY, LATE, LONGEST
from consolidate.definitions.catalogue import text
from consolidate.forms.answer_cells import HELPER_SHEET, AnswerBlock
from consolidate.forms.codes import status_formula
from consolidate.forms.day_steps import day_steps, line_values, rest_of_text
from consolidate.forms.judging import ANSWER, CODE, RAW
from consolidate.forms.lines import BROKEN, HOLDS, OPEN_QUESTION, Figure, Line, quoted
from consolidate.forms.live import LiveText
from consolidate.forms.places import FormPlace
from consolidate.forms.shared import Formulas
from consolidate.forms.template_answers import Answers
from consolidate.model.cells import CellRef, column_letters
from consolidate.model.datasets import VALUE_COLUMN
from consolidate.model.findings import Severity
from consolidate.model.period import DataWindow, PeriodType

_EPOCH = date(1899, 12, 30)
_FIELDS = ("window_from", "window_to")
_FROM, _TO, _MISTYPED, _LAST_DAY, _GIVEN = 1, 2, 3, 4, 5
_STEPS = ("day", "shape", "at", "serial", "answer")
_REST = 1 + len(_STEPS)


@dataclass(frozen=True)
class WindowCells:
    """Helper cells of the data windows from row ``top`` of the helper sheet on.

    The first row holds the window that is asked for, whether the cover gives it, and the last day
    of the period of the cover; the others the line of one form each. The period is known by the
    words of its list only.
    """

    cover: AnswerBlock
    places: Sequence[FormPlace]
    top: int
    answers: Answers

    @property
    def rows(self) -> int:
        """Rows that the cells take."""
        return 1 + len(self.places)

    def _at(self, column: int, index: int = 0) -> str:
        return f"{HELPER_SHEET}!${column_letters(column)}${self.top + index + 1}"

    def _days(self, index: int) -> tuple[str, str]:
        """Addresses of the two days of a form's line."""
        return self._at(len(_STEPS), index), self._at(_REST + len(_STEPS), index)

    def _known(self, index: int) -> str:
        first, last = self._days(index)
        return f"AND(ISNUMBER({first}),ISNUMBER({last}))"

    def _line_cell(self, place: FormPlace) -> CellRef:
        assert place.window is not None
        return CellRef(place.data_set.sheet, *place.window)

    def _cell(self, place: FormPlace) -> str:
        cell = self._line_cell(place)
        return f"{place.prefix}${column_letters(cell.column)}${cell.row + 1}"

    def _asked(self) -> DataWindow | None:
        content = self.answers.content
        if content.window is not None:
            return content.window
        lines = (self.answers.window(place.data_set.code) for place in self.places)
        return next((line.window for line in lines if line and line.window), None)

    def write(self, formulas: Formulas) -> None:
        """Write the cells with the values that they have now."""
        codes = [self.cover.of_element(CODE, field, VALUE_COLUMN) for field in _FIELDS]
        own = [self.cover.of_element(ANSWER, field, VALUE_COLUMN) for field in _FIELDS]
        given = f"AND({','.join(f'{status_formula(code)}=1' for code in codes)})"
        asked = self._asked()
        for side, column in enumerate((_FROM, _TO)):
            formula = '""'
            for index in range(len(self.places), 0, -1):
                formula = f"IF({self._known(index)},{self._days(index)[side]},{formula})"
            now = (asked.start, asked.end)[side] if asked is not None else None
            value: float | str = "" if now is None else (now - _EPOCH).days
            formulas.write(self.top, column, f"IF({given},{own[side]},{formula})", None, value)
        on_cover = int(self.answers.content.window is not None)
        formulas.write(self.top, _GIVEN, f"IF({given},1,0)", None, on_cover)
        mistyped = ",".join(f"MOD({code},10)=0" for code in codes)
        wrong = int(self._mistyped())
        formulas.write(self.top, _MISTYPED, f"IF(OR({mistyped}),1,0)", None, wrong)
        last = _serial(self._last_day())
        formulas.write(self.top, _LAST_DAY, self._last_day_formula(), None, last)
        for index, place in enumerate(self.places, 1):
            self._write_line(formulas, index, place)

    def _mistyped(self) -> bool:
        place = self.cover.place
        numbers = (self.answers.code(place.cell(field, VALUE_COLUMN), 1, 1) for field in _FIELDS)
        return any(number % 10 == 0 for number in numbers)

    def _last_day(self) -> date | None:
        period, chosen = self.answers.content.period, self.answers.content.cover_text("period_type")
        known = period is not None and " ".join(chosen.split()).lower() == period.type.label.lower()
        return period.last_day if period is not None and known else None

    def _last_day_formula(self) -> str:
        kind, code, year = (
            self.cover.of_element(name, field, VALUE_COLUMN)
            for name, field in (
                (RAW, "period_type"),
                (CODE, "period_year"),
                (ANSWER, "period_year"),
            )
        )
        month = "0"
        for each in reversed(PeriodType):
            month = f"IF(TRIM({kind})={quoted(each.label)},{3 * each.round},{month})"
        known = f"AND({status_formula(code)}=1,{month}>0)"
        return f'IF({known},DATE({year},{month}+1,1)-1,"")'

    def _write_line(self, formulas: Formulas, index: int, place: FormPlace) -> None:
        line = self.answers.window(place.data_set.code)
        row = self.top + index
        first = {"cell": self._cell(place)}
        second = {"cell": f"${column_letters(_REST)}{row + 1}"}
        for name, at in ((name, at) for at, name in enumerate(_STEPS)):
            first[name] = f"${column_letters(1 + at)}{row + 1}"
            second[name] = f"${column_letters(_REST + 1 + at)}{row + 1}"
        now = line_values(line.raw if line is not None else "")
        window = line.window if line is not None else None
        days = (window.start, window.end) if window is not None else (None, None)
        for at, day in ((len(_STEPS) - 1, days[0]), (len(now) - 1, days[1])):
            now[at] = _serial(day)
            now[at - 1] = now[at - 1] if day is None else _serial(day)
        templates = [template.format(**first) for template in self._templates(only=False)]
        templates.append(rest_of_text().format(**first))
        templates += [template.format(**second) for template in self._templates(only=True)]
        for at, (formula, value) in enumerate(zip(templates, now, strict=True), 1):
            formulas.write(row, at, formula, None, value)

    def _templates(self, *, only: bool) -> list[str]:
        return list(day_steps(only=only).values())

    def lines(self) -> list[Line]:
        """The lines of the template, in order."""
        place = self.cover.place
        cells = [place.cell(field, VALUE_COLUMN) for field in _FIELDS]
        start, end, mistyped = (self._at(column) for column in (_FROM, _TO, _MISTYPED))
        found, asked = self.answers.window_findings, self._asked()
        made = []
        if self.places:
            missing = ("window_missing", self.cover.place.data_set.code) in found
            sign = BROKEN if missing else HOLDS if asked is not None else OPEN_QUESTION
            made.append(
                Line(
                    text("template.check.window_given"),
                    text(f"terms.severity.{Severity.WARNING}"),
                    LiveText(
                        f'=IF(ISNUMBER({start}),"{HOLDS}",IF({mistyped}=1,"{OPEN_QUESTION}",'
                        f'"{BROKEN}"))',
                        sign,
                    ),
                    link=cells[0],
                    cells=cells,
                    colour=Severity.WARNING,
                )
            )
        wrong = any(kind == "window_order" for kind, _ in found)
        sign = BROKEN if wrong else HOLDS if asked is not None else OPEN_QUESTION
        made.append(
            Line(
                text("template.check.window_order"),
                text(f"terms.severity.{Severity.ERROR}"),
                LiveText(
                    f'=IF(ISNUMBER({start}),IF({start}<={end},"{HOLDS}","{BROKEN}"),'
                    f'"{OPEN_QUESTION}")',
                    sign,
                ),
                Figure(f"={start}", _serial(asked.start if asked else None), "date"),
                Figure(f"={end}", _serial(asked.end if asked else None), "date"),
                cells[0],
                cells=cells,
            )
        )
        made.append(self._fitting(cells))
        made += [self._line(index, place) for index, place in enumerate(self.places, 1)]
        return made

    def _fitting(self, cells: Sequence[CellRef]) -> Line:
        """Do the days fit the period? Judged as by :mod:`consolidate.checks.sheets`."""
        start, end, last = (self._at(column) for column in (_FROM, _TO, _LAST_DAY))
        latest = f"MIN({last}+{LATE},DATE(YEAR({last}),12,31))"
        fits = f"AND({end}>={last}-{EARLY},{end}<={latest},{end}-{start}<={LONGEST})"
        asked, day = self._asked(), self._last_day()
        known = asked is not None and day is not None and asked.start <= asked.end
        wrong = any(kind == "window_outside_period" for kind, _ in self.answers.window_findings)
        sign = OPEN_QUESTION if not known else BROKEN if wrong else HOLDS
        return Line(
            text("template.check.window_fits"),
            text(f"terms.severity.{Severity.WARNING}"),
            LiveText(
                f"=IF(AND(ISNUMBER({start}),ISNUMBER({last})),"
                f'IF({start}>{end},"{OPEN_QUESTION}",IF({fits},"{HOLDS}","{BROKEN}")),'
                f'"{OPEN_QUESTION}")',
                sign,
            ),
            Figure(f"={end}", _serial(asked.end if asked else None), "date"),
            Figure(f"={last}", _serial(day), "date"),
            self._end_link(cells[1]),
            cells=cells,
            colour=Severity.WARNING,
            about_cells=Figure(
                f"={self._at(_GIVEN)}", int(self.answers.content.window is not None)
            ),
        )

    def _end_link(self, own: CellRef) -> CellRef | LiveText:
        """A link to the last day on the cover, or to the first form that gives the days instead."""
        if not self.places:
            return own

        def linked(cell: CellRef) -> str:
            return f'HYPERLINK("#{cell.quoted}","{cell.a1}")'

        shown = own
        formula = linked(own)
        for index in range(len(self.places), 0, -1):
            line = self._line_cell(self.places[index - 1])
            formula = f"IF({self._known(index)},{linked(line)},{formula})"
        if self.answers.content.window is None:
            lines = ((place, self.answers.window(place.data_set.code)) for place in self.places)
            given = (self._line_cell(place) for place, line in lines if line and line.window)
            shown = next(given, own)
        return LiveText(f"=IF({self._at(_GIVEN)}=1,{linked(own)},{formula})", shown.a1)

    def _line(self, index: int, place: FormPlace) -> Line:
        """A line with another window is an error; one that cannot be read is a warning."""
        start, end, mistyped = (self._at(column) for column in (_FROM, _TO, _MISTYPED))
        days = self._days(index)
        shape = self._at(2, index)
        same = f"AND({days[0]}={start},{days[1]}={end})"
        digits = f'IF(ISTEXT({shape}),ISNUMBER(FIND("0",{shape})),ISNUMBER({self._cell(place)}))'
        unread = f'IF(AND({mistyped}=0,{digits}),"{BROKEN}","{OPEN_QUESTION}")'
        code, found = place.data_set.code, self.answers.window_findings
        line = self.answers.window(code)
        window = line.window if line is not None else None
        broken = {("window_stale", code), ("window_unreadable", code)} & found
        sign = BROKEN if broken else HOLDS if window is not None else OPEN_QUESTION
        words = [text(f"terms.severity.{level}") for level in (Severity.ERROR, Severity.WARNING)]
        known = self._known(index)
        return Line(
            text("template.check.window_same", sheet=place.data_set.sheet),
            LiveText(f'=IF({known},"{words[0]}","{words[1]}")', words[0 if window else 1]),
            LiveText(f'=IF({known},IF({same},"{HOLDS}","{BROKEN}"),{unread})', sign),
            Figure(f'=IF({known},{days[0]},"")', _serial(window.start if window else None), "date"),
            Figure(f'=IF({known},{days[1]},"")', _serial(window.end if window else None), "date"),
            self._line_cell(place),
            cells=(self._line_cell(place),),
            result_name=f"_window.{place.data_set.code}",
        )


def _serial(day: date | None) -> float | str:
    return "" if day is None else float((day - _EPOCH).days)
