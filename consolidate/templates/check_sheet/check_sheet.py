"""The sheet "Kiểm tra": is this file ready to send, and if not, what is wrong and where."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from consolidate.checks.outliers import BOUNDS
from consolidate.definitions.catalogue import text
from consolidate.model.anchors import LIVE_SHEET
from consolidate.model.cells import CellRef, column_letters
from consolidate.model.findings import Severity
from consolidate.templates.answer_cells import HELPER_SHEET, AnswerBlock, HelperCells, helper
from consolidate.templates.answer_codes import CLASSES
from consolidate.templates.cell_places import FormPlace
from consolidate.templates.check_sheet.live import CoverCells, LiveText, period_line, unit_line
from consolidate.templates.check_sheet.problem_lines import (
    BROKEN,
    HOLDS,
    KINDS,
    REASONS,
    SIGNS,
    LiveFigure,
    ProblemCounts,
    ProblemLine,
    around,
    joined,
    problem_totals,
    quoted,
    write_reasons,
)
from consolidate.templates.check_sheet.rule_lines import RuleLines
from consolidate.templates.check_sheet.window_lines import WindowLines
from consolidate.templates.columns import SheetColumn, SheetColumns
from consolidate.templates.fixed_table import write_table_header
from consolidate.templates.form_colours import HALF_NAME, mark_forms, write_marks
from consolidate.templates.form_page import Page, take_formulas_as_they_are
from consolidate.templates.inputs import hide_trailing_point
from consolidate.templates.template_answers import Answers, most_name, question_of
from consolidate.xlsx.write.form_styles import (
    DOUBT_COLOURS,
    ERROR_COLOURS,
    GOOD_COLOURS,
    TABLE_SIZE,
    TEXT_SIZE,
    UNBEGUN_COLOURS,
    Styles,
)
from consolidate.xlsx.write.measure import lines_needed, row_height

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_COLUMNS = (
    ("number", 5),
    ("content", 46),
    ("severity", 9),
    ("result", 7),
    ("left", 11),
    ("right", 11),
    ("link", 12),
)
_NUMBER, _CONTENT, _SEVERITY, _RESULT, _LEFT, _RIGHT, _LINK = range(7)
_STATUS_HEIGHT = 42.0
_SHORT = 8
"""Characters of the number of an indicator that fits into a link."""
_GUARD = 1
"""Column of the guard in the first row of the helper sheet; the two totals follow."""
ERRORS_NAME, WARNINGS_NAME = "_check.errors", "_check.warnings"
_TOTALS = {Severity.ERROR: ERRORS_NAME, Severity.WARNING: WARNINGS_NAME}
"""Defined names of the two totals."""
SAID_NAME, BLANKS_NAME = "_check.said", "_check.blanks"
"""Defined names of how many answers are given on the forms, and how many are still asked for."""
_AREA = "$A$1:$Z$200"
"""An area of a sheet that nobody deletes but with the sheet."""


class CheckSheets:
    """The visible sheet and the helper sheet of one template, and the colours on its forms.

    The helper sheet has the totals in its first row, then a row for the windows, one of counts
    for every form, the words for problems, and the block of every form.
    """

    def __init__(
        self, book: Workbook, styles: Styles, answers: Answers, places: Sequence[FormPlace]
    ) -> None:
        self._book, self._styles, self._answers = book, styles, answers
        self._reasons = 2 + len(places)
        top = self._reasons + REASONS
        self._blocks: dict[str, AnswerBlock] = {}
        for place in places:
            block = self._blocks[place.data_set.code] = AnswerBlock(place, top)
            top = block.end + 1
        cover, *_ = self._blocks.values()
        self._windows = WindowLines(cover, 1, answers)
        self._rules = RuleLines(self._blocks, answers)
        self._counts = [
            ProblemCounts(block, 2 + index, self._reasons, answers)
            for index, block in enumerate(self._blocks.values())
        ]
        _, *self._form_counts = self._counts  # The cover alone begins nothing.
        windowed = any(place.window is not None for place in places)
        self._window_lines = self._windows.lines(windowed=windowed)
        self._rule_lines = [
            (place.data_set, list(self._rules.lines(place.data_set))) for place in places
        ]
        self._rows: list[tuple[int, ProblemLine]] = []

    def write_check(self, cover: CoverCells) -> None:
        """Add the visible sheet and the colours on the forms."""
        styles = self._styles
        sheet = self._book.add_worksheet(LIVE_SHEET)
        columns = SheetColumns(
            tuple(SheetColumn(n, text(f"template.check.{n}"), width) for n, width in _COLUMNS),
            first=0,
        )
        page = Page(sheet, styles, columns)
        page.line(0, text("template.check.title"), styles.named("title"), size=14, bold=True)
        subtitle = styles.named("subtitle")
        page.line(1, unit_line(cover), subtitle, size=TEXT_SIZE, least=18)
        page.line(2, period_line(cover), subtitle, size=TEXT_SIZE)
        self._write_status(page, 3)
        legend = styles.named("text", font_size=TABLE_SIZE)
        page.line(4, _legend(), legend, size=TABLE_SIZE)
        page.set_height(5, 6)
        header = write_table_header(page, 6)
        last = self._write_sections(page, header + 1)
        self._colour_results(page, last)
        mark_forms(self._book, self._blocks)
        page.set_up(
            landscape=False,
            first_row=0,
            last_row=last,
            footer=text("template.page.form_footer"),
            repeat=(6, header),
        )
        sheet.protect("", {"format_columns": True, "format_rows": True})
        sheet.set_selection(3, 0, 3, 0)

    def write_helpers(self) -> None:
        """Add the very hidden sheet."""
        sheet = self._book.add_worksheet(HELPER_SHEET)
        take_formulas_as_they_are(sheet)
        cells = HelperCells(sheet)
        for counts in self._counts:
            counts.write(cells)
        write_reasons(cells, self._reasons)
        self._windows.write(cells)
        for block in self._blocks.values():
            block.write(cells, self._answers)
        self._rules.write(cells)
        write_marks(cells, self._blocks, self._rows)
        sheet.write_formula(0, _GUARD, self._guard(cells), None, 0)
        totals = self._totals()
        for column, (severity, name) in enumerate(_TOTALS.items(), _GUARD + 1):
            sheet.write_formula(0, column, self._total_formula(severity), None, totals[severity])
            self._book.define_name(name, f"={helper(0, column)}")
        for column, (name, formula, now) in enumerate(self._begun(), _GUARD + 1 + len(_TOTALS)):
            sheet.write_formula(0, column, formula, None, now)
            self._book.define_name(name, f"={helper(0, column)}")
        self._write_bounds(sheet)
        sheet.protect()
        sheet.very_hidden()

    def _begun(self) -> list[tuple[str, str, int]]:
        """Name, formula and number now: answers given, blanks left, whether half is filled in."""
        said = "+".join(item.said for item in self._form_counts)
        given = sum(item.said_now for item in self._form_counts)
        blanks = "+".join(item.number(1) for item in self._counts)
        left = sum(item.blanks_now for item in self._counts)
        half = f"IF(AND({SAID_NAME}>0,{SAID_NAME}>={BLANKS_NAME}),1,0)"
        return [
            (SAID_NAME, said, given),
            (BLANKS_NAME, blanks, left),
            (HALF_NAME, half, int(0 < given >= left)),
        ]

    def _write_bounds(self, sheet: Worksheet) -> None:
        """Write what a unit of the level on the cover can have at most, each under its name."""
        cover, *_ = self._blocks.values()
        level = cover.input("value", element="level")
        first = _GUARD + 1 + len(_TOTALS) + len(self._begun())
        asked = {
            question_of(block.place, element, column).most_at
            for block in self._blocks.values()
            for element, column, _ in block.answers()
        }
        # One that no form asks about would be a formula that nobody misses when it fails.
        bounds = [bound for bound in BOUNDS if most_name(bound) in asked]
        for column, bound in enumerate(bounds, first):
            formula = str(bound.anybody)
            for each, most in bound.by_level.items():
                formula = f"IF(TRIM({level})={quoted(each.label)},{most},{formula})"
            sheet.write_formula(0, column, formula, None, bound.of(self._answers.level))
            self._book.define_name(most_name(bound), f"={helper(0, column)}")

    def _guard(self, cells: HelperCells) -> str:
        """0, or an error when anything that the totals rest on is not what it should be.

        Every helper cell is a number, no cell of the visible sheet is an error, every line has a
        sign, every form is there.
        """
        row, column = cells.last
        area = f"$A$2:${column_letters(column)}${row + 1}"
        rows = [row for row, _ in self._rows]
        lines, signs = self._span(rows, _CONTENT, _LINK), self._span(rows, _RESULT)
        signed = "+".join(f'({signs}="{sign}")' for sign in SIGNS.values())
        forms = (f"0*ROWS({block.place.prefix}{_AREA})" for block in self._blocks.values())
        parts = [
            f"0*SUM({area})",
            f"0/(COUNT({area})={cells.count})",
            f"0/(SUMPRODUCT(--ISERROR({lines}))=0)",
            f"0/(SUMPRODUCT({signed})={len(rows)})",
            *forms,
        ]
        return "+".join(parts)

    def _span(self, rows: Sequence[int], first: int, last: int = -1) -> str:
        """Range of columns of the visible sheet from the first to the last of some rows."""
        left, right = column_letters(first), column_letters(max(first, last))
        sheet = LIVE_SHEET
        return f"'{sheet}'!${left}${rows[0] + 1}:${right}${rows[-1] + 1}"

    def _write_sections(self, page: Page, row: int) -> int:
        """All lines under their headings; returns the last row."""
        number = 0
        heading = self._styles.named("section")
        parts = [
            (
                text(f"template.check.part_{name}"),
                [counts.line(kind) for counts in self._counts if counts.asks(kind)],
            )
            for kind, name in KINDS.items()
        ]
        parts.append((text("template.check.part_window"), self._window_lines))
        for form, rules in self._rule_lines:
            title = text("template.check.part_rules", sheet=form.sheet, title=form.short_title)
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

    def _write_line(self, page: Page, row: int, number: int, line: ProblemLine) -> None:
        sheet, styles = page.sheet, self._styles
        sheet.write_number(row, _NUMBER, number, styles.named("center"))
        sign = styles.named("center", bold=True, font_size=14)
        page.write(row, _CONTENT, line.content, styles.named("cell"))
        page.write(row, _SEVERITY, line.severity, styles.named("center"))
        page.write(row, _RESULT, line.result, sign)
        for column, figure in ((_LEFT, line.left), (_RIGHT, line.right)):
            style = styles.named(_FIGURES[figure.style] if figure else "center", **_shrunk(figure))
            if figure is None:
                sheet.write_blank(row, column, None, style)
            else:
                sheet.write_formula(row, column, figure.formula, style, figure.value)
        link = styles.named("center", font_color="#0000FF", underline=1)
        if isinstance(line.link, CellRef):
            target = f"internal:{line.link.quoted}"
            sheet.write_url(row, _LINK, target, link, self._named(line.link))
        elif line.link is not None:
            page.write(row, _LINK, line.link, link)
        else:
            sheet.write_blank(row, _LINK, None, link)
        shown = line.content.value if isinstance(line.content, LiveText) else line.content
        room = page.columns.span(_CONTENT, _CONTENT)
        lines = max(lines_needed(each, room, TABLE_SIZE) for each in (shown, line.longest))
        page.set_height(row, row_height(lines, TABLE_SIZE))

    def _named(self, cell: CellRef) -> str:
        """What a link to a cell is called: form and number of the indicator, else the address."""
        for block in self._blocks.values():
            place = block.place
            if place.open or place.data_set.sheet != cell.sheet:
                continue
            for element in place.data_set.elements:
                caption = place.data_set.caption(element)
                if place.rows[element.code] == cell.row and len(caption) <= _SHORT:
                    return f"{cell.sheet} {caption}"
        return cell.a1

    def _write_status(self, page: Page, row: int) -> None:
        totals = self._totals()
        errors, warnings = (totals[severity] for severity in _TOTALS)
        (_, _, said), (_, _, blanks), _ = self._begun()
        key = "bad" if errors else "doubtful" if warnings else "good"
        key = "unbegun" if blanks and not said else key
        bad = around("template.check.status_bad", errors=ERRORS_NAME, warnings=WARNINGS_NAME)
        doubtful = around("template.check.status_doubtful", warnings=WARNINGS_NAME)
        good, unknown = (quoted(text(f"template.check.status_{k}")) for k in ("good", "unknown"))
        counted = f"IF({ERRORS_NAME}>0,{bad},IF({WARNINGS_NAME}>0,{doubtful},{good}))"
        unbegun = around("template.check.status_unbegun", blanks=BLANKS_NAME)
        counted = f"IF({_UNBEGUN},{unbegun},{counted})"
        values = {"errors": errors, "warnings": warnings, "blanks": blanks}
        shown = text(f"template.check.status_{key}", **values)
        style = self._styles.get(
            border=2, bold=True, align="center", valign="vcenter", font_size=20, text_wrap=True
        )
        content = LiveText(f"=IF({_KNOWN},{counted},{unknown})", shown)
        page.merge(row, 0, page.columns.last, content, style)
        page.set_height(row, _STATUS_HEIGHT)
        for test, colours in (
            (f"=IF({_KNOWN},{_UNBEGUN},FALSE)", UNBEGUN_COLOURS),
            (f"=IF({_KNOWN},{ERRORS_NAME}>0,TRUE)", ERROR_COLOURS),
            (f"={WARNINGS_NAME}>0", DOUBT_COLOURS),
            (f"={ERRORS_NAME}+{WARNINGS_NAME}=0", GOOD_COLOURS),
        ):
            ink, fill = colours
            look = self._book.add_format({"font_color": ink, "bg_color": fill})
            options = {"type": "formula", "criteria": test, "format": look, "stop_if_true": True}
            page.sheet.conditional_format(row, 0, row, page.columns.last, options)

    def _colour_results(self, page: Page, last: int) -> None:
        """Signs in colour; the severity decides between red and amber."""
        first = self._rows[0][0]
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

    def _totals(self) -> Counter[Severity]:
        """Errors and warnings as they are now."""
        totals = problem_totals(self._counts) + self._rules.further_rows()
        rules = (line for _, lines in self._rule_lines for line in lines)
        totals.update(
            line.colour for line in (*self._window_lines, *rules) if line.result.value == BROKEN
        )
        return totals

    def _total_formula(self, severity: Severity) -> str:
        """Problems of answers, broken lines, and further broken rows of open tables."""
        parts = [
            counts.number(kind)
            for counts in self._counts
            for kind in CLASSES
            if counts.severity(kind) is severity
        ]
        rows = [row for row, line in self._rows if line.judged]
        signs, words = (self._span(rows, column) for column in (_RESULT, _SEVERITY))
        name = quoted(text(f"terms.severity.{severity}"))
        parts.append(f'SUMPRODUCT(({signs}="{BROKEN}")*({words}={name}))')
        parts += self._rules.further_formulas(severity)
        return "+".join([*parts, helper(0, _GUARD)])


_KNOWN = f"ISNUMBER({ERRORS_NAME}+{WARNINGS_NAME}+{SAID_NAME}+{BLANKS_NAME}+{HALF_NAME})"
"""Whether the totals are numbers: anything else is never "ready"."""


_UNBEGUN = f"AND({SAID_NAME}=0,{BLANKS_NAME}>0)"
"""Whether no form has been filled in yet: what is missing then is no mistake."""


def _legend() -> LiveText:
    """How to read the sheet; instead of it what to do when the totals are no numbers."""
    legend, unknown = text("template.check.legend"), text("template.check.unknown")
    shown, instead = (
        joined(*(quoted(part) for part in re.findall(r".+?(?:\. |$)", words)))
        for words in (legend, unknown)
    )
    return LiveText(f"=IF({_KNOWN},{shown},{instead})", legend)


_FIGURES = {"number": "decimal", "date": "date", "cells": "center"}


def _shrunk(figure: LiveFigure | None) -> dict[str, object]:
    """Long figures are set smaller rather than shown as ####."""
    if figure is None:
        return {}
    more: dict[str, object] = {"text_wrap": False, "shrink": True}
    if figure.style == "cells":
        more["num_format"] = text("template.check.cells_format")
    return more
