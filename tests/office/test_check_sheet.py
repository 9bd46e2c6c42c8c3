"""The sheet "Kiểm tra" says what the merge will say; measured by recalculating it in LibreOffice.

The generated answers are numbers, days, blanks and the mark x: what the sheet judges. Findings
about the form itself (``structure.*``, ``identity.*``) and about the line of days on a form, which
is a text, are left out: a workbook cannot see them.
"""

from __future__ import annotations

import io
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.datetime import to_excel
from python_calamine import CalamineWorkbook

from consolidate.definitions.catalogue import text
from consolidate.merge.read_files import check_bytes
from consolidate.model.anchors import LIVE_SHEET
from consolidate.model.datasets import DataSet, Shape, ValueType
from consolidate.model.period import PeriodType
from consolidate.model.reasons import Finding, Severity
from consolidate.model.returns import FileReading
from consolidate.model.rules import Scope
from consolidate.templates.cell_verdicts import CLASS, COLUMN, ROW
from consolidate.templates.hidden_sheets import HELPER_SHEET, LINES_SHEET, SPARE
from consolidate.templates.live_formulas import Value
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from tests.library_2018 import library_2018
from tests.office.bridge import OpenOffice, Rows
from tests.office.live_sheet import READ, Row
from tests.office.office import Office
from tests.templates.test_template_office import without_cached_values

pytestmark = pytest.mark.office

INBOX = Path(__file__).parents[2] / "examples" / "inbox"
SETS = 16
"""Generated value sets per template."""
BROKEN = text("template.check.broken")
COUNTS: tuple[Value, ...] = (
    *range(6), 0, 0, 1, 2, 3, 1819, 12, "x", "X", "", "", -3, -2, 1.819, 2.5, 1e15, 123456789012,
)  # fmt: skip
AMOUNTS: tuple[Value, ...] = (
    *range(4), 0, 0.5, 0.1, 0.2, 1556.3, 969.4, "x", "", -1, 5e7, 150000000, 100001, 1819000,
)  # fmt: skip
PAIRS: tuple[Value, ...] = (1819, 5, 0, "x", "", 2.5, -1)
DAYS: tuple[Value, ...] = ("", date(2017, 11, 6), date(2018, 8, 28), date(2018, 12, 31))
PERIODS: tuple[Value, ...] = (*(kind.label for kind in PeriodType), "Vụ A", "")
TEXTS: tuple[Value, ...] = ("Vụ A", "Kế hoạch cải cách hành chính", "x", "0", "//", "", "", 5)


UNSEEN = (
    *("sheets.window_stale", "sheets.window_unreadable"),
    "value.row_twice",
)
"""Findings that no live sheet makes (``tests/recipes/agreement.toml`` says why)."""


@dataclass(frozen=True)
class Book:
    """A workbook, what the merge finds in it and its sheets after recalculation."""

    template: str
    reading: FileReading
    sheets: Mapping[str, Rows]
    data: bytes

    @property
    def findings(self) -> list[Finding]:
        """What a live sheet can find."""
        return [
            finding
            for finding in self.reading.findings
            if finding.rule.split(".")[0] not in ("structure", "identity")
            and finding.rule not in UNSEEN
        ]


def generated(template: str, number: int) -> Prefill:
    """A value set, the same for the same number: from nearly clean to nearly random."""
    chance = random.Random(f"{template} {number}")
    wild = chance.choice((0.02, 0.1, 0.3, 1.0))
    values: dict[str, Value] = {}
    rows: dict[str, list[dict[str, Value]]] = {}
    for data_set in (library_2018().cover, *library_2018().sets_of(template)):
        if data_set.shape is Shape.OPEN:
            count = chance.choice((0, 1, 3, 8, 12))
            rows[data_set.code] = [
                {
                    element.code: _answer(chance, wild, element.type)
                    for element in data_set.elements
                    if chance.random() < 0.8
                }
                for _ in range(count)
            ]
            continue
        for item in data_set.inputs:
            kind = item.type
            name = data_set.name_of(item.element.code, item.column)
            if item.pair:
                values[name] = chance.choice(PAIRS)
            elif item.element.code == "period_type":
                values[name] = chance.choice(PERIODS)
            elif data_set.code == "cover" and kind is ValueType.COUNT:
                values[name] = chance.choice((1, 2018, 2018, "", 3.5))
            else:
                values[name] = _answer(chance, wild, kind)
    return Prefill(values=values, rows=rows)


def _answer(chance: random.Random, wild: float, kind: ValueType) -> Value:
    if kind is ValueType.DATE:
        return chance.choice(DAYS if chance.random() < max(wild, 0.3) else DAYS[1:3])
    if not kind.numeric:
        return chance.choice(TEXTS)
    if chance.random() > wild:
        return chance.randrange(3)
    return chance.choice(COUNTS if kind is ValueType.COUNT else AMOUNTS)


@pytest.fixture(scope="module")
def books(bridge: OpenOffice, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Book]:
    """Generated, blank and example workbooks, recalculated."""
    made: dict[str, bytes] = {}
    for template in ("pctn", "cchc"):
        made[f"{template}-blank"] = build_template(library_2018(), template)
        for number in range(SETS):
            made[f"{template}-{number}"] = build_template(
                library_2018(), template, generated(template, number)
            )
    for index, path in enumerate(sorted(INBOX.rglob("*.xlsx"))):
        data = path.read_bytes()
        if data:
            made[f"inbox-{index}"] = data
    folder = tmp_path_factory.mktemp("checks")
    books = {}
    for name, data in made.items():
        path = folder / f"{name}.xlsx"
        path.write_bytes(without_cached_values(data))
        sheets = bridge.recalculated(path, READ)
        reading = check_bytes(library_2018(), name, data)
        assert reading.content is not None
        books[name] = Book(reading.content.template, reading, sheets, data)
    return books


def marked_cells(book: Book) -> dict[int, set[tuple[str, int, int]]]:
    """Cells by class of problem, from the recalculated codes of the helper sheet."""
    opened = openpyxl.load_workbook(io.BytesIO(book.data), read_only=True)  # For its names.
    helper = book.sheets[HELPER_SHEET]
    found: dict[int, set[tuple[str, int, int]]] = {1: set(), 2: set(), 3: set()}
    for data_set in (library_2018().cover, *library_2018().sets_of(book.template)):
        ((_, codes),) = opened.defined_names[f"_code.{data_set.code}"].destinations
        left, top, right, bottom = range_boundaries(codes.replace("$", ""))
        first_row, first_column = _corner(opened, data_set, helper, top)
        for row in range(top - 1, bottom):
            for column in range(left - 1, right):
                code = helper[row][column]
                if isinstance(code, float) and code >= CLASS:
                    at_row = int(code) // ROW % 1000 - 1
                    at_column = int(code) // COLUMN % 100 - 1
                    cell = (data_set.sheet, first_row + at_row, first_column + at_column)
                    found[int(code) // CLASS].add(cell)
    return found


def _corner(opened, data_set: DataSet, helper: Rows, top: int) -> tuple[int, int]:
    """Zero-based row of the first row of a table and column of its first answer."""
    if data_set.shape is Shape.OPEN:
        ((_, area),) = opened.defined_names[f"{data_set.code}.rows"].destinations
        left, first, _, _ = range_boundaries(area.replace("$", ""))
        return first - 1, left  # The number stands before the answers.
    element = data_set.elements[0]
    name = data_set.name_of(element.code, element.columns[0])
    ((_, cell),) = opened.defined_names[name].destinations
    column, row, _, _ = range_boundaries(cell.replace("$", ""))
    caption = data_set.caption(element)
    beside = next(r for r in range(top - 1, len(helper)) if helper[r][1] == caption)
    return row - 1 - (beside - (top - 1)), column - 1


def check_lines(book: Book) -> list[Row]:
    """The numbered lines of the sheet."""
    return list(book.sheets[LINES_SHEET])


def expected_rules(book: Book) -> Iterator[tuple[str, str]]:
    """Rule and element of every line of a rule, in order."""
    for data_set in library_2018().sets_of(book.template):
        for rule, _ in library_2018().rules[data_set.code]:
            name = f"{data_set.code}.{rule.id}"
            if rule.scope is Scope.ROW and data_set.shape is Shape.FIXED:
                yield from ((name, e.code) for e in data_set.elements)
            else:
                yield name, ""


def names(books: dict[str, Book], start: str) -> list[str]:
    return [name for name in books if name.startswith(start)]


def generated_of(books: dict[str, Book]) -> dict[str, Book]:
    """The workbooks whose answers the sheet judges: without those of the example province."""
    return {name: book for name, book in books.items() if not name.startswith("inbox-")}


def test_the_same_cells_are_blank_unreadable_and_doubtful(books):
    for name, book in generated_of(books).items():
        expected: dict[int, set[tuple[str, int, int]]] = {1: set(), 2: set(), 3: set()}
        for finding in book.findings:
            if finding.rule.startswith("value."):
                kind = 3 if finding.severity is Severity.WARNING else 2
                kind = 1 if finding.rule == "value.required" else kind
                expected[kind] |= {tuple(cell) for cell in finding.cells}
        assert marked_cells(book) == expected, name


def test_the_same_rules_are_broken(books):
    for name, book in generated_of(books).items():
        broken = Counter(
            (f.rule, f.element if f.rule == "cchc_pl3_2.levels" else "")
            for f in book.findings
            if f.rule.split(".")[0] in library_2018().by_code
        )
        rules = list(expected_rules(book))
        lines = check_lines(book)[-len(rules) :]
        found = Counter(
            {
                rule: _rows_broken(str(line[1]))
                for rule, line in zip(rules, lines, strict=True)
                if line[3] == BROKEN
            }
        )
        assert found == broken, name


def _rows_broken(content: str) -> int:
    """How many rows of an open table a line says are broken; 1 for any other line."""
    before = content.partition(" dòng chưa đạt")[0].rpartition("; ")[2]
    return int(before) if before.isdigit() else 1


def test_the_windows_are_judged_alike(books):
    for name, book in generated_of(books).items():
        rules = len(list(expected_rules(book)))
        lines = check_lines(book)[:-rules]
        windowed = any(s.layout.window for s in library_2018().sets_of(book.template))
        asked = lines[-4:] if windowed else lines[-3:]
        found = {(str(line[1]), line[2]) for line in asked if line[3] == BROKEN}
        words = {level: text(f"terms.severity.{level}") for level in Severity}
        expected = set()
        for finding in book.findings:
            kind = finding.rule.partition(".")[2]
            if finding.rule.startswith("sheets."):
                line = {
                    "window_missing": text("template.check.window_given"),
                    "window_order": text("template.check.window_order"),
                    "window_outside_period": text("template.check.window_fits"),
                    "report_before_window": text("template.check.window_report"),
                }[kind]
                expected.add((line, words[finding.severity]))
        assert found == expected, name


def test_the_status_counts_what_the_merge_counts(books):
    for name, book in generated_of(books).items():
        severities = Counter(finding.severity for finding in book.findings)
        errors, warnings = severities[Severity.ERROR], severities[Severity.WARNING]
        key = "bad" if errors else "doubtful" if warnings else "good"
        expected = text(f"template.check.status_{key}", errors=errors, warnings=warnings)
        if name.endswith("-blank"):  # What nobody has begun is counted, and not called wrong.
            blanks = sum(finding.rule == "value.required" for finding in book.findings)
            expected = text("template.check.status_unbegun", blanks=blanks)
        assert book.sheets[LIVE_SHEET][3][0] == expected, name


def test_what_is_wrong_stands_first(books):
    """Errors, warnings, what cannot be said, what holds; each in the order of the forms."""
    error, warning = (text(f"terms.severity.{level}") for level in ("error", "warning"))
    signs = {text("template.check.skipped"): 4, text("template.check.holds"): 5}
    met = set()
    for name, book in generated_of(books).items():
        lines = check_lines(book)
        ranks = [signs.get(line[3]) or {error: 1, warning: 2}.get(line[2], 3) for line in lines]
        order = sorted(range(len(lines)), key=lambda row: (ranks[row], row))
        shown = [row for row in book.sheets[LIVE_SHEET] if isinstance(row[0], float)]
        assert [row[1:7] for row in shown] == [lines[row][1:7] for row in order], name
        met |= set(ranks)
        for line in shown:
            assert line[3] != BROKEN or line[6] or "khoảng thời gian" in line[1].lower(), line
    assert met == {1, 2, 3, 4, 5}


def test_every_kind_of_finding_was_met(books):
    met = Counter(
        finding.rule for book in generated_of(books).values() for finding in book.findings
    )
    for rule in (
        "value.required", "value.not_a_number", "value.not_whole", "value.thousands_lost",
        "value.below_minimum", "value.above_maximum", "value.above_normal", "value.too_many",
        "value.second_missing", "sheets.window_order",
        "sheets.window_missing", "sheets.window_outside_period", "pctn_01.r40", "pctn_01.r_list",
        "cchc_pl3_1.tasks", "cchc_pl3_2.levels",
    ):  # fmt: skip
        assert met[rule], rule


def test_no_example_with_errors_is_ready(books):
    """Returns with texts in cells of numbers too: the sheet may ask for more, never for less."""
    shown = Counter()
    for name in names(books, "inbox-"):
        status = str(books[name].sheets[LIVE_SHEET][3][0])
        wrong = any(finding.severity is Severity.ERROR for finding in books[name].findings)
        ready = status.startswith(text("template.check.status_good"))
        shown[ready] += 1
        assert not (ready and wrong), name
    assert len(names(books, "inbox-")) == 20
    assert shown[True] >= 9


def test_cached_values_are_those_of_the_office_program(books):
    """Before anything is recalculated the sheet says the same, to a preview for example."""
    for (name, book), sheet in product(generated_of(books).items(), (LIVE_SHEET, LINES_SHEET)):
        ours = CalamineWorkbook.from_filelike(io.BytesIO(book.data)).get_sheet_by_name(sheet)
        mine = ours.to_python(skip_empty_area=False)
        for row, (before, after) in enumerate(zip(mine, book.sheets[sheet], strict=True)):
            same = zip(before[:10], after[:10], strict=True)
            assert all(_rounded(a) == _rounded(b) for a, b in same), (
                name,
                row,
            )


def _rounded(cell: object) -> object:
    """A number without what two programs count differently; a day as the number that it is."""
    if isinstance(cell, date):
        return to_excel(cell)
    return float(f"{cell:.9g}") if isinstance(cell, float) else cell


def test_rows_inserted_into_an_open_table_are_judged(office: Office, tmp_path: Path):
    """As when Excel inserts rows right below the last one: the name of the frame grows."""
    rows = [{"name": f"Vụ {n}"} for n in range(1, 8)]
    data = build_template(library_2018(), "pctn", Prefill(rows={"pctn_02": rows}))
    book = openpyxl.load_workbook(io.BytesIO(data))
    ((sheet, area),) = book.defined_names["pctn_02.rows"].destinations
    left, top, right, bottom = range_boundaries(area.replace("$", ""))
    form = book[sheet]
    for row in range(bottom + 1, bottom + 1 + SPARE + 2):
        for column in range(left, right + 1):
            if not isinstance(form.cell(row, column), openpyxl.cell.cell.MergedCell):
                form.cell(row, column).value = None
    added = [bottom + 1 + n for n in range(SPARE)]
    for merged in [r for r in form.merged_cells.ranges if r.max_row > bottom]:
        form.unmerge_cells(str(merged))
    for row in added:
        form.cell(row, left + 4).value = "Tóm tắt"
    start, end = (f"${openpyxl.utils.get_column_letter(c)}" for c in (left, right))
    name = book.defined_names["_frame.pctn_02"]
    name.attr_text = f"'{sheet}'!{start}${top - 1}:{end}${bottom + SPARE + 2}"
    path = tmp_path / "inserted.xlsx"
    book.save(path)
    again = office.recalculated(path)[LINES_SHEET]
    lines = {str(row[1]) for row in again}
    assert any(
        line.startswith("Biểu 02, chưa ghi: dòng 8, Tên vụ; dòng 9") and "dòng đầu" in line
        for line in lines
    ), lines
