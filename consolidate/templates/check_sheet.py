"""Write the sheet "Kiểm tra": is this file ready to send; if not, what is wrong where."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from consolidate.checks.value_checks import BOUNDS
from consolidate.definitions.catalogue import text
from consolidate.model.anchors import LIVE_SHEET
from consolidate.model.cells import column_letters
from consolidate.model.reasons import Severity
from consolidate.templates.cell_verdicts import (
    CLASS,
    CLASSES,
    Answers,
    most_name,
    question_of,
)
from consolidate.templates.columns import FormPlace, SheetColumn, SheetColumns
from consolidate.templates.fixed_table import write_table_header
from consolidate.templates.form_page import Page, take_formulas_as_they_are
from consolidate.templates.hidden_sheets import (
    CONTENT,
    HELPER_SHEET,
    LEFT,
    LINK,
    NUMBER,
    RESULT,
    RIGHT,
    SEVERITY,
    AnswerBlock,
    HelperCells,
    LineSheet,
    figure_now,
    helper,
    signed,
)
from consolidate.templates.inputs import address_of, hide_trailing_point, ranges_of
from consolidate.templates.live_formulas import (
    BROKEN,
    HOLDS,
    CoverCells,
    LiveText,
    ProblemLine,
    around,
    joined,
    period_line,
    quoted,
    unit_line,
)
from consolidate.templates.problem_lines import (
    CONTENT_WIDTH,
    KINDS,
    REASONS,
    ProblemCounts,
    WindowLines,
    write_reasons,
)
from consolidate.templates.rule_lines import RuleLines
from consolidate.xlsx.write.form_styles import (
    DOUBT_COLOURS,
    ERROR_COLOURS,
    GOOD_COLOURS,
    TABLE_SIZE,
    TEXT_SIZE,
    UNBEGUN_COLOURS,
    Styles,
)
from consolidate.xlsx.write.text_sizes import lines_needed, row_height

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_COLUMNS = (
    ("number", 5),
    ("content", CONTENT_WIDTH),
    ("severity", 9),
    ("result", 7),
    ("left", 11),
    ("right", 11),
    ("link", 26),
)
_STATUS_HEIGHT = 42.0
_FIRST = 7
"""First row of the lines."""
_GUARD = 1
"""Column of the guard in the first row of the helper sheet; the two totals follow."""
ERRORS_NAME, WARNINGS_NAME = "_check.errors", "_check.warnings"
_TOTALS = {Severity.ERROR: ERRORS_NAME, Severity.WARNING: WARNINGS_NAME}
"""Defined names of the two totals."""
SAID_NAME, BLANKS_NAME = "_check.said", "_check.blanks"
"""Defined names of how many answers are given on the forms, and how many are still asked for."""
HALF_NAME = "_check.half"
"""Defined name of the helper cell that is 1 once at least half is filled in."""
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
        answers_lines = [
            counts.line(kind) for kind in KINDS for counts in self._counts if counts.asks(kind)
        ]
        rules = [line for place in places for line in self._rules.lines(place.data_set)]
        self._judged = [*self._windows.lines(windowed=windowed), *rules]
        self._lines = LineSheet([*answers_lines, *self._judged])

    def write(self, cover: CoverCells) -> None:
        """Add the visible sheet and the colours on the forms, then the very hidden sheets."""
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
        header = write_table_header(page, _FIRST - 1)
        last = self._write_lines(page, header + 1)
        self._colour_results(page, last)
        mark_forms(self._book, self._blocks)
        page.set_up(
            landscape=True,
            first_row=0,
            last_row=last,
            footer=text("template.page.form_footer"),
            repeat=(_FIRST - 1, header),
        )
        sheet.protect("", {"format_columns": True, "format_rows": True})
        sheet.set_selection(3, 0, 3, 0)
        self._write_helpers()

    def _write_helpers(self) -> None:
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
        signs = [self._lines.sign(row) for row in range(len(self._lines.lines))]
        write_marks(cells, self._blocks, list(zip(signs, self._lines.lines, strict=True)))
        sheet.write_formula(0, _GUARD, self._guard(cells), None, 0)
        totals = self._totals()
        named = [
            (name, self._total_formula(severity), totals[severity])
            for severity, name in _TOTALS.items()
        ]
        named += [*self._begun(), *self._bounds()]
        for column, (name, formula, now) in enumerate(named, _GUARD + 1):
            sheet.write_formula(0, column, formula, None, now)
            self._book.define_name(name, f"={helper(0, column)}")
        sheet.protect()
        sheet.very_hidden()
        self._lines.write(self._book)

    def _begun(self) -> list[tuple[str, str, int]]:
        """Name, formula and number now: answers given, blanks left, whether half is filled in."""
        said = "+".join(item.said for item in self._form_counts)
        given = sum(item.said_now for item in self._form_counts)
        blanks = "+".join(item.number(1) for item in self._counts)
        left = sum(len(item.of_class(1)) for item in self._counts)
        half = f"IF(AND({SAID_NAME}>0,{SAID_NAME}>={BLANKS_NAME}),1,0)"
        return [
            (SAID_NAME, said, given),
            (BLANKS_NAME, blanks, left),
            (HALF_NAME, half, int(0 < given >= left)),
        ]

    def _bounds(self) -> Iterator[tuple[str, str, int]]:
        """Name, formula and number now of what a unit of the level on the cover has at most."""
        cover, *_ = self._blocks.values()
        level = cover.input("value", element="level")
        asked = {
            question_of(block.place, element, column).most_at
            for block in self._blocks.values()
            for element, column, _ in block.answers()
        }
        # One that no form asks about would be a formula that nobody misses when it fails.
        for bound in BOUNDS:
            if most_name(bound) not in asked:
                continue
            formula = str(bound.anybody)
            for each, most in bound.by_level.items():
                formula = f"IF(TRIM({level})={quoted(each.label)},{most},{formula})"
            yield most_name(bound), formula, bound.of(self._answers.level)

    def _guard(self, cells: HelperCells) -> str:
        """0, or an error when anything that the totals rest on is not what it should be.

        Every helper cell is a number, no cell of a line is an error where it is worked out and
        where it is shown, every line has a sign, every form is there.
        """
        row, column = cells.last
        area = f"$A$2:${column_letters(column)}${row + 1}"
        forms = (f"0*ROWS({block.place.prefix}{_AREA})" for block in self._blocks.values())
        parts = [
            f"0*SUM({area})",
            f"0/(COUNT({area})={cells.count})",
            *self._lines.guard(),
            f"0/(SUMPRODUCT(--ISERROR({self._shown(CONTENT, LINK)}))=0)",
            signed(self._shown(RESULT, RESULT), len(self._lines.lines)),
            *forms,
        ]
        return "+".join(parts)

    def _shown(self, first: int, last: int) -> str:
        """Range of columns of the visible sheet over its lines."""
        left, right = column_letters(first), column_letters(last)
        end = _FIRST + len(self._lines.lines)
        return f"'{LIVE_SHEET}'!${left}${_FIRST + 1}:${right}${end}"

    def _write_lines(self, page: Page, first: int) -> int:
        """The lines as the sheet of lines sorts them; returns the last row.

        Any line may come to stand in any row: all rows are equally high.
        """
        sheet, styles, lines = page.sheet, self._styles, self._lines
        center = styles.named("center")
        sign = styles.named("center", bold=True, font_size=14)
        shrunk = styles.named("decimal", text_wrap=False, shrink=True)
        link = styles.named("center", font_color="#0000FF", underline=1)
        room = page.columns.span(CONTENT, CONTENT)
        texts = {said for line in lines.lines for said in (line.content.value, line.longest)}
        high = row_height(max(lines_needed(each, room, TABLE_SIZE) for each in texts), TABLE_SIZE)
        for place, at in enumerate(lines.order):
            row, line = first + place, lines.lines[at]
            sheet.write_number(row, NUMBER, place + 1, center)
            for column, now, style in (
                (CONTENT, line.content.value, styles.named("cell")),
                (SEVERITY, text(f"terms.severity.{line.severity}"), center),
                (RESULT, line.result.value, sign),
                (LEFT, figure_now(line.left.value, line.left.style), shrunk),
                (RIGHT, figure_now(line.right.value, line.right.style), shrunk),
            ):
                sheet.write_formula(row, column, f"={lines.shown(place, column)}", style, now)
            page.write(row, LINK, lines.link(place), link)
            page.set_height(row, high)
        return first + len(lines.lines) - 1

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
        looks = {
            f"=IF({_KNOWN},{_UNBEGUN},FALSE)": UNBEGUN_COLOURS,
            f"=IF({_KNOWN},{ERRORS_NAME}>0,TRUE)": ERROR_COLOURS,
            f"={WARNINGS_NAME}>0": DOUBT_COLOURS,
            f"={ERRORS_NAME}+{WARNINGS_NAME}=0": GOOD_COLOURS,
        }
        self._colour(page.sheet, (row, 0, row, page.columns.last), looks)

    def _colour(
        self,
        sheet: Worksheet,
        area: tuple[int, int, int, int],
        looks: Mapping[str, tuple[str, str]],
    ) -> None:
        """Colour an area (ink, fill) by the first test that is true."""
        for test, (ink, fill) in looks.items():
            look = self._book.add_format({"font_color": ink, "bg_color": fill})
            options = {"type": "formula", "criteria": test, "format": look, "stop_if_true": True}
            sheet.conditional_format(*area, options)

    def _colour_results(self, page: Page, last: int) -> None:
        """Signs in colour; the severity decides between red and amber."""
        first = _FIRST
        error = text(f"terms.severity.{Severity.ERROR}")
        sign, severity = f"$D{first + 1}", f"$C{first + 1}"
        looks = {
            f'=AND({sign}="{BROKEN}",{severity}={quoted(error)})': ERROR_COLOURS,
            f'={sign}="{BROKEN}"': DOUBT_COLOURS,
            f'={sign}="{HOLDS}"': GOOD_COLOURS,
        }
        self._colour(page.sheet, (first, RESULT, last, RESULT), looks)
        figures = [(row, c) for row in range(first, last + 1) for c in (LEFT, RIGHT)]
        hide_trailing_point(page.sheet, self._styles, figures)

    def _totals(self) -> Counter[Severity]:
        """Errors and warnings as they are now."""
        totals = self._rules.further_rows()
        for counts in self._counts:
            for kind in CLASSES:
                totals[counts.severity(kind)] += len(counts.of_class(kind))
        totals.update(line.severity for line in self._judged if line.result.value == BROKEN)
        return totals

    def _total_formula(self, severity: Severity) -> str:
        """Problems of answers, broken lines, and further broken rows of open tables."""
        parts = [
            counts.number(kind)
            for counts in self._counts
            for kind in CLASSES
            if counts.severity(kind) is severity
        ]
        rows = [row for row, line in enumerate(self._lines.lines) if line.judged]
        signs, words = (self._lines.span(rows, column) for column in (RESULT, SEVERITY))
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


_COLOURS = {Severity.ERROR: 2, Severity.WARNING: 1}
_LOOKS = {Severity.ERROR: ERROR_COLOURS, Severity.WARNING: DOUBT_COLOURS}
_CLASSES = {Severity.ERROR: 2, Severity.WARNING: 3}


def mark_forms(book: Workbook, blocks: Mapping[str, AnswerBlock]) -> None:
    """Colour the forms: red what is wrong, amber what is doubtful; add the names that this reads.

    A helper cell per answer says its colour; a conditional format reads it through a defined name,
    since Excel 2007 knows no conditional format that names another sheet. Required answers that are
    still blank are coloured once half is filled in: a form that goes out blank would be all red.
    """
    formats = {
        severity: book.add_format({"font_color": ink, "bg_color": fill})
        for severity, (ink, fill) in _LOOKS.items()
    }
    forgotten = book.add_format({"bg_color": DOUBT_COLOURS[1]})
    for code, block in blocks.items():
        place = block.place
        book.define_name(f"_code.{code}", f"={block.codes()}")
        marks = block.span(block.marks, block.verdicts - 1)
        book.define_name(f"_mark.{code}", f"={marks}")
        row = f"ROW()-{place.first}"
        if place.open:
            row = f"ROW()-ROW(INDEX({place.frame},1,1))"
        at = f"{row},COLUMN()-{place.first_answer}"
        cells = [
            place.cell(element.code, column, row)
            for element, column, row in block.answers()
            if not place.open or place.first + row <= place.last
        ]
        ranges = ranges_of([(cell.row, cell.column) for cell in cells])
        blank = f"INT(INDEX(_code.{code},{at})/{CLASS})=1"
        looks = [(f"=AND({HALF_NAME}=1,{blank})", forgotten)]
        for severity, look in formats.items():
            kind = f"INT(INDEX(_code.{code},{at})/{CLASS})={_CLASSES[severity]}"
            mark = f"INDEX(_mark.{code},{at})={_COLOURS[severity]}"
            looks.append((f"=OR({kind},{mark})", look))
        for criteria, look in looks:
            options = {"type": "formula", "criteria": criteria, "format": look}
            if len(ranges) > 1:
                options["multi_range"] = address_of(ranges)
            place.sheet.conditional_format(*ranges[0], options)


def write_marks(
    cells: HelperCells, blocks: Mapping[str, AnswerBlock], lines: Sequence[tuple[str, ProblemLine]]
) -> None:
    """Write the colours that lines give; they come with the address of their sign."""
    sheets = {block.place.data_set.sheet: block for block in blocks.values()}
    found: dict[tuple[int, int], list[tuple[str, int]]] = {}
    for sign, line in lines:
        colour = _COLOURS.get(line.severity, 0)
        if not colour:
            continue
        for cell in line.cells:
            now = colour if line.result.value == BROKEN else 0
            test = f'({sign}="{BROKEN}")*{colour}'
            found.setdefault(sheets[cell.sheet].mark_cell(cell), []).append((test, now))
        for column in line.marked:
            block = blocks[line.table]
            index = block.marks + block.place.answers.index(column)
            for at in range(block.count):
                now = colour if at in line.broken else 0
                test = f"({helper(block.top + at, line.verdicts)}=0)*{colour}"
                found.setdefault((block.top + at, index), []).append((test, now))
    for place, tests in found.items():
        formula = f"MAX({','.join(test for test, _ in tests)})"
        cells.write(*place, formula, max(now for _, now in tests))
