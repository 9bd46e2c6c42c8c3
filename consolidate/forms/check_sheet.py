"""The sheet "Kiểm tra": is this file ready to send, and if not, what is wrong and where."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from consolidate.definitions.catalogue import text
from consolidate.forms.answer_cells import HELPER_SHEET, AnswerBlock
from consolidate.forms.codes import CLASSES
from consolidate.forms.columns import SheetColumn, SheetColumns
from consolidate.forms.fixed_table import write_table_header
from consolidate.forms.inputs import hide_trailing_point
from consolidate.forms.lines import BROKEN, HOLDS, Figure, Line, around, joined, quoted
from consolidate.forms.live import CoverCells, LiveText, period_line, unit_line
from consolidate.forms.marks import mark_forms, write_marks
from consolidate.forms.measure import lines_needed, row_height
from consolidate.forms.page import Page
from consolidate.forms.places import FormPlace
from consolidate.forms.problem_lines import (
    KINDS,
    ProblemCounts,
    problem_totals,
    reason_rows,
    severity_of,
    write_reasons,
)
from consolidate.forms.rule_lines import RuleLines, used_answers
from consolidate.forms.shared import Formulas
from consolidate.forms.styles import (
    DOUBT_COLOURS,
    ERROR_COLOURS,
    GOOD_COLOURS,
    TABLE_SIZE,
    TEXT_SIZE,
    Styles,
)
from consolidate.forms.template_answers import Answers
from consolidate.forms.window_lines import WindowCells
from consolidate.model.anchors import LIVE_SHEET
from consolidate.model.cells import CellRef, column_letters
from consolidate.model.findings import Severity

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook

_COLUMNS = (
    ("number", 5),
    ("content", 46),
    ("severity", 9),
    ("result", 7),
    ("left", 11),
    ("right", 11),
    ("link", 8),
)
_NUMBER, _CONTENT, _SEVERITY, _RESULT, _LEFT, _RIGHT, _LINK = range(7)
_STATUS_HEIGHT = 42.0
_ERRORS, _WARNINGS = 2, 3
"""Columns of the two totals in the first row of the helper sheet."""
ERRORS_NAME, WARNINGS_NAME = "_check.errors", "_check.warnings"
"""Defined names of the two totals."""
_AREA = "$A$1:$Z$200"
"""An area of a sheet that nobody deletes but with the sheet."""


class CheckSheets:
    """The visible sheet and the helper sheet of one template, and the colours on its forms."""

    def __init__(
        self, book: Workbook, styles: Styles, answers: Answers, places: Sequence[FormPlace]
    ) -> None:
        self._book, self._styles, self._answers = book, styles, answers
        used = used_answers(tuple(p.data_set for p in places[1:]), answers.context.rules)
        self._reasons = 1 + len(places)
        top = self._reasons + reason_rows()
        windowed = [place for place in places if place.window is not None]
        windows_top, top = top, top + 1 + len(windowed)
        self._blocks: dict[str, AnswerBlock] = {}
        for place in places:
            code = place.data_set.code
            self._blocks[code] = AnswerBlock.of(place, top, used.get(code, ()))
            top = self._blocks[code].end + 1
        cover = self._blocks[places[0].data_set.code]
        self._windows = WindowCells(cover, windowed, windows_top, answers)
        self._rules = RuleLines(self._blocks, answers)
        self._counts = [
            ProblemCounts(block, 1 + index, self._reasons, answers)
            for index, block in enumerate(self._blocks.values())
        ]
        self._window_lines = self._windows.lines()
        self._rule_lines = [
            (place.data_set, list(self._rules.lines(place.data_set))) for place in places
        ]
        self._rows: list[tuple[int, Line]] = []
        self._first = 0

    def write_check(self, cover: CoverCells) -> None:
        """Add the visible sheet and the colours on the forms."""
        styles = self._styles
        sheet = self._book.add_worksheet(LIVE_SHEET)
        columns = SheetColumns(
            tuple(SheetColumn(n, text(f"template.check.{n}"), width) for n, width in _COLUMNS),
            first=0,
        )
        page = Page(sheet, styles, columns)
        self._formulas = Formulas(sheet)
        page.line(0, text("template.check.title"), styles.named("title"), size=14, bold=True)
        subtitle = styles.named("subtitle")
        page.line(1, unit_line(cover), subtitle, size=TEXT_SIZE, least=18)
        page.line(2, period_line(cover), subtitle, size=TEXT_SIZE)
        self._write_status(page, 3)
        legend = styles.named("text", font_size=TABLE_SIZE)
        page.line(4, _legend(), legend, size=TABLE_SIZE)
        page.set_height(5, 6)
        header = write_table_header(page, 6)
        self._first = header + 1
        last = self._write_sections(page, header + 1)
        self._colour_results(page, last)
        for line_row, line in self._rows:
            if line.result_name:
                result = f"='{sheet.name}'!${column_letters(_RESULT)}${line_row + 1}"
                self._book.define_name(line.result_name, result)
        mark_forms(self._book, self._blocks, [line for _, line in self._rows])
        page.set_up(
            landscape=False,
            first_row=0,
            last_row=last,
            footer=text("template.page.footer"),
            repeat=(6, header),
        )
        sheet.protect("", {"format_columns": True, "format_rows": True})
        sheet.set_selection(3, 0, 3, 0)

    def write_helpers(self) -> None:
        """Add the very hidden sheet."""
        sheet = self._book.add_worksheet(HELPER_SHEET)
        formulas = Formulas(sheet)
        errors, warnings = self._totals()
        for column, name, severity, now in (
            (_ERRORS, ERRORS_NAME, Severity.ERROR, errors),
            (_WARNINGS, WARNINGS_NAME, Severity.WARNING, warnings),
        ):
            formulas.write(0, column, self._total_formula(severity), None, now)
            self._book.define_name(name, f"={HELPER_SHEET}!${'ABCD'[column]}$1")
        for counts in self._counts:
            counts.write(formulas)
        write_reasons(sheet, self._reasons)
        self._windows.write(formulas)
        for block in self._blocks.values():
            block.write(sheet, formulas, self._answers)
        self._rules.write(formulas)
        write_marks(formulas, self._blocks, self._rows)
        sheet.protect()
        sheet.very_hidden()

    def _write_sections(self, page: Page, row: int) -> int:
        """All lines under their headings; returns the last row."""
        number = 0
        heading = self._styles.named("section")
        parts = [
            (
                text(f"template.check.part_{name}"),
                [counts.line(kind) for counts in self._asking(kind)],
            )
            for kind, name in KINDS.items()
        ]
        parts.append((text("template.check.part_window"), self._window_lines))
        for data_set, rules in self._rule_lines:
            title = text(
                "template.check.part_rules", sheet=data_set.sheet, title=data_set.short_title
            )
            parts.append((title, rules))
        parts = [(title, lines) for title, lines in parts if lines]
        for index, (name, lines) in enumerate(parts):
            title = f"{column_letters(index)}. {name}"
            page.merge(row, 0, page.columns.last, title, heading)
            room = page.columns.span(0, page.columns.last)
            count = lines_needed(title, room, TABLE_SIZE, bold=True)
            page.set_height(row, row_height(count, TABLE_SIZE, padding=6))
            row += 1
            for line in lines:
                number += 1
                self._write_line(page, row, number, line)
                self._rows.append((row, line))
                row += 1
        return row - 1

    def _asking(self, kind: int) -> list[ProblemCounts]:
        """Forms on which a class of problems can turn up."""
        made = []
        for counts in self._counts:
            questions = counts.block.questions.values()
            if (
                kind == 2
                or (kind == 1 and any(question.required for question in questions))
                or (kind == 3 and any(question.doubtful for question in questions))
            ):
                made.append(counts)
        return made

    def _write_line(self, page: Page, row: int, number: int, line: Line) -> None:
        sheet, styles = page.sheet, self._styles
        sheet.write_number(row, _NUMBER, number, styles.named("center"))
        sign = styles.named("center", bold=True, font_size=14)
        self._write(page, row, _CONTENT, line.content, styles.named("cell"))
        self._write(page, row, _SEVERITY, line.severity, styles.named("center"))
        self._write(page, row, _RESULT, line.result, sign)
        for column, figure in ((_LEFT, line.left), (_RIGHT, line.right)):
            style = styles.named(_FIGURES[figure.style] if figure else "center", **_shrunk(figure))
            if figure is None:
                sheet.write_blank(row, column, None, style)
            else:
                self._formulas.write(row, column, figure.formula[1:], style, figure.value)
        link = styles.named("center", font_color="#0000FF", underline=1)
        if isinstance(line.link, CellRef):
            target = f"internal:{line.link.quoted}"
            sheet.write_url(row, _LINK, target, link, line.link.a1)
        elif line.link is not None:
            self._write(page, row, _LINK, line.link, link)
        else:
            sheet.write_blank(row, _LINK, None, link)
        shown = line.content.value if isinstance(line.content, LiveText) else line.content
        room = page.columns.span(_CONTENT, _CONTENT)
        lines = max(lines_needed(each, room, TABLE_SIZE) for each in (shown, line.longest))
        page.set_height(row, row_height(lines, TABLE_SIZE))

    def _write(
        self, page: Page, row: int, column: int, content: str | LiveText, style: Format
    ) -> None:
        if isinstance(content, LiveText):
            self._formulas.write(row, column, content.formula[1:], style, content.value)
        else:
            page.write(row, column, content, style)

    def _write_status(self, page: Page, row: int) -> None:
        errors, warnings = self._totals()
        count = {"errors": ERRORS_NAME, "warnings": WARNINGS_NAME}
        key = "bad" if errors else "doubtful" if warnings else "good"
        words = {name: around(f"template.check.status_{name}", **count) for name in ("bad",)}
        ready = around("template.check.status_doubtful", warnings=WARNINGS_NAME)
        good = quoted(text("template.check.status_good"))
        broken = quoted(text("template.check.status_unknown"))
        formula = f"IF({ERRORS_NAME}>0,{words['bad']},IF({WARNINGS_NAME}>0,{ready},{good}))"
        shown = text(f"template.check.status_{key}", errors=errors, warnings=warnings)
        style = self._styles.get(
            border=2, bold=True, align="center", valign="vcenter", font_size=20, text_wrap=True
        )
        content = LiveText(f"=IFERROR({formula},{broken})", shown)
        page.merge(row, 0, page.columns.last, content, style)
        page.set_height(row, _STATUS_HEIGHT)
        for test, colours in (
            (f"=IF(ISNUMBER({ERRORS_NAME}+{WARNINGS_NAME}),{ERRORS_NAME}>0,TRUE)", ERROR_COLOURS),
            (f"={WARNINGS_NAME}>0", DOUBT_COLOURS),
            (f"={ERRORS_NAME}+{WARNINGS_NAME}=0", GOOD_COLOURS),
        ):
            ink, fill = colours
            look = self._book.add_format({"font_color": ink, "bg_color": fill})
            options = {"type": "formula", "criteria": test, "format": look, "stop_if_true": True}
            page.sheet.conditional_format(row, 0, row, page.columns.last, options)

    def _colour_results(self, page: Page, last: int) -> None:
        """Signs in colour; the severity decides between red and amber."""
        first = self._first
        warning = text(f"terms.severity.{Severity.ERROR}")
        sign, severity = f"$D{first + 1}", f"$C{first + 1}"
        for test, ink in (
            (f'=AND({sign}="{BROKEN}",{severity}={quoted(warning)})', ERROR_COLOURS),
            (f'={sign}="{BROKEN}"', DOUBT_COLOURS),
            (f'={sign}="{HOLDS}"', GOOD_COLOURS),
        ):
            look = self._book.add_format({"font_color": ink[0], "bg_color": ink[1]})
            options = {"type": "formula", "criteria": test, "format": look, "stop_if_true": True}
            page.sheet.conditional_format(first, _RESULT, last, _RESULT, options)
        figures = [
            (row, column)
            for row, line in self._rows
            for column, figure in ((_LEFT, line.left), (_RIGHT, line.right))
            if figure is not None and figure.style == "number"
        ]
        hide_trailing_point(page.sheet, self._styles, figures)

    def _totals(self) -> tuple[int, int]:
        totals = problem_totals(self._counts)
        errors, warnings = totals.get(Severity.ERROR, 0), totals.get(Severity.WARNING, 0)
        words = {severity: text(f"terms.severity.{severity}") for severity in Severity}
        rules = (line for _, lines in self._rule_lines for line in lines)
        for line in (*self._window_lines, *rules):
            shown = line.severity.value if isinstance(line.severity, LiveText) else line.severity
            broken = line.result.value == BROKEN
            errors += broken and shown == words[Severity.ERROR]
            warnings += broken and shown == words[Severity.WARNING]
        extra = self._rules.further_rows()
        return (
            errors + extra.get(Severity.ERROR, 0),
            warnings + extra.get(Severity.WARNING, 0),
        )

    def _total_formula(self, severity: Severity) -> str:
        """Problems of answers, broken lines, and further broken rows of open tables.

        Without one of the sheets it is an error and no number: counts pass over what is gone.
        Rows and columns that are deleted, those with the codes too, only make its area smaller.
        """
        parts = [
            counts.number(kind)
            for counts in self._counts
            for kind in CLASSES
            if severity_of(kind) is severity
        ]
        rows = [row for row, line in self._rows if line.judged]
        ends = [f"'{LIVE_SHEET}'!${{}}${row + 1}" for row in (rows[0], rows[-1])]
        signs, words = (
            f"{ends[0].format(letter)}:{ends[1].format(letter).rpartition('!')[2]}"
            for letter in ("D", "C")
        )
        name = quoted(text(f"terms.severity.{severity}"))
        parts.append(f'COUNTIFS({signs},"{BROKEN}",{words},{name})')
        parts += self._rules.further_formulas(severity)
        parts += [f"0*ROWS({block.place.prefix}{_AREA})" for block in self._blocks.values()]
        return "+".join(parts)


def _legend() -> LiveText:
    """How to read the sheet; instead of it what to do when cells that it asks for are gone."""
    legend = text("template.check.legend")
    sentences = joined(*(quoted(part) for part in re.findall(r".+?(?:\. |$)", legend)))
    changed = quoted(text("template.check.changed"))
    return LiveText(f"=IF(ISERROR({ERRORS_NAME}+{WARNINGS_NAME}),{changed},{sentences})", legend)


_FIGURES = {"number": "decimal", "date": "date", "cells": "center"}


def _shrunk(figure: Figure | None) -> dict[str, object]:
    """Long figures are set smaller rather than shown as ####."""
    if figure is None:
        return {}
    more: dict[str, object] = {"text_wrap": False, "shrink": True}
    if figure.style == "cells":
        more["num_format"] = text("template.check.cells_format")
    return more
