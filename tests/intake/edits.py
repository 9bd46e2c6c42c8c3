"""What people do to the rows and columns of a sheet, on grids: fast enough for thousands of tries.

Every input cell of a template holds another figure, so that a figure read for the wrong question is
seen at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from consolidate.intake.extract import extract_return
from consolidate.model.cells import Cell
from consolidate.model.data_values import ValueStatus
from consolidate.model.datasets import Shape
from consolidate.model.returns import Return
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from consolidate.xlsx.read.defined_names import DefinedNames, NamedRange
from consolidate.xlsx.read.grid import Grid, Workbook
from consolidate.xlsx.read.package_gate import Limits
from consolidate.xlsx.read.read_workbook import read_workbook
from tests.library_2018 import library_2018

KINDS = ("insert", "delete", "move", "swap")
NAMES = ("follow", "stay", "dropped")
TEMPLATES = ("pctn", "cchc")


@dataclass(frozen=True)
class Edit:
    """One edit of the rows (``axis`` 0) or columns (``axis`` 1) of a sheet.

    ``names`` says what becomes of the defined names: they follow their cells as in Excel, stay at
    their addresses as after sorting, or are gone.
    """

    kind: str
    axis: int
    first: int
    second: int
    names: str = "follow"


@cache
def filled(template: str) -> Workbook:
    """The grids of a template in which no two answers are alike."""
    rows: dict[str, Any] = {}
    number = 0
    for data_set in library_2018().sets_of(template):
        if data_set.shape is Shape.OPEN:
            rows[data_set.code] = [
                {e.code: f"{data_set.code} {e.code} {line}" for e in data_set.elements}
                for line in (1, 2, 3)
            ]
    book = read_workbook(build_template(library_2018(), template, Prefill(rows=rows)), Limits())
    grids = {grid.name: grid for grid in book.sheets}
    for data_set in library_2018().sets_of(template):
        for item in data_set.inputs if data_set.shape is Shape.FIXED else ():
            number += 1
            target = book.names.ranges[item.anchor]
            put(grids[target.sheet].rows, *target.first, 10_000.0 + number)
    return book


@cache
def answer_sheets(template: str) -> tuple[int, ...]:
    """Indexes of the sheets of a template that carry a data set."""
    codes = {data_set.code for data_set in library_2018().sets_of(template)}
    sheets = enumerate(filled(template).sheets)
    return tuple(index for index, grid in sheets if grid.text(0, 0) in codes)


def is_open(template: str, sheet: int) -> bool:
    """Whether a sheet carries an open table."""
    code = filled(template).sheets[sheet].text(0, 0)
    return library_2018().by_code[code].shape is Shape.OPEN


def put(rows: list[list[Cell]], row: int, column: int, content: Cell) -> None:
    """Write a cell of a grid."""
    rows[row].extend([""] * (column + 1 - len(rows[row])))
    rows[row][column] = content


def edited(book: Workbook, sheet: int, edits: list[Edit]) -> Workbook:
    """The workbook after edits of one of its sheets, in order."""
    grid = book.sheets[sheet]
    width = max(map(len, grid.rows), default=0)
    rows = [[*row, *[""] * (width - len(row))] for row in grid.rows]
    ranges = dict(book.names.ranges)
    for edit in edits:
        lines: list[list[Cell]] = [list(line) for line in zip(*rows, strict=True)]
        lines = rows if edit.axis == 0 else lines
        if not lines:
            break
        order = _order(edit, len(lines))
        blank: list[Cell] = [""] * len(lines[0])
        lines = [blank if index is None else list(lines[index]) for index in order]
        rows = lines if edit.axis == 0 else [list(line) for line in zip(*lines, strict=True)]
        places = {old: new for new, old in enumerate(order) if old is not None}
        ranges = _renamed(ranges, grid.name, edit, places)
    sheets = list(book.sheets)
    # Facts are by address: those of before would be told of other cells.
    sheets[sheet] = Grid(grid.name, rows, grid.visible)
    return replace(book, sheets=tuple(sheets), names=DefinedNames(ranges))


def _order(edit: Edit, count: int) -> list[int | None]:
    """Old indexes of the lines in their new order; ``None`` is a new blank line."""
    order: list[int | None] = list(range(count))
    first, second = edit.first % count, edit.second % count
    match edit.kind:
        case "insert":
            order.insert(first, None)
        case "delete":
            del order[first]
        case "move":
            order.insert(second, order.pop(first))
        case "swap":
            order[first], order[second] = order[second], order[first]
    return order


def _renamed(
    ranges: dict[str, NamedRange], sheet: str, edit: Edit, places: dict[int, int]
) -> dict[str, NamedRange]:
    if edit.names == "stay":
        return ranges
    kept: dict[str, NamedRange] = {}
    for name, target in ranges.items():
        if target.sheet != sheet:
            kept[name] = target
        elif edit.names == "follow":
            span = range(target.first[edit.axis], target.last[edit.axis] + 1)
            moved = [places[line] for line in span if line in places]
            if moved:
                first, last = list(target.first), list(target.last)
                first[edit.axis], last[edit.axis] = min(moved), max(moved)
                kept[name] = NamedRange(sheet, (first[0], first[1]), (last[0], last[1]))
    return kept


@cache
def typed(template: str) -> Return:
    """What is read before any edit."""
    content = extract_return(filled(template), library_2018())
    assert content is not None
    return content


def wrong_values(template: str, book: Workbook) -> list[str]:
    """What is read of the edited workbook and was never answered so; empty when all is well.

    A value is right, or it is missing and something was noticed about the form.
    """
    content = extract_return(book, library_2018())
    if content is None:
        return []
    wrong: list[str] = []
    before, after = typed(template), {part.code: part for part in content.data_sets}
    for part in before.data_sets:
        now = after.get(part.code)
        if library_2018().by_code[part.code].shape is Shape.OPEN:
            lines = set(_lines(part)) | {frozenset()}
            wrong += [
                f"{part.code}: {sorted(line)}"
                for line in (_lines(now) if now is not None else ())
                if not any(line <= known for known in lines)
            ]
            read_now = {text for line in (_lines(now) if now else ()) for text in line}
            there = {
                cell
                for grid in book.sheets
                if grid.name == part.sheet
                for row in grid.rows
                for cell in row
            }
            same = all(text in read_now for line in lines for text in line if text[1] in there)
        else:
            read = {value.key: value for value in now.values} if now is not None else {}
            same = True
            for value in part.values:
                found = read.get(value.key)
                if found is not None and found.status is not ValueStatus.MISSING:
                    if found.raw != value.raw:
                        wrong.append(f"{value.key}: {found.raw} instead of {value.raw}")
                elif value.status is not ValueStatus.MISSING:
                    same = False
        if not same and not content.anomalies:
            wrong.append(f"{part.code}: lost without a word")
    return wrong


def _lines(part: Any) -> list[frozenset[tuple[str, str]]]:
    """The rows of an open table: element and text of each answer."""
    lines: dict[int, set[tuple[str, str]]] = {}
    for value in part.values:
        lines.setdefault(value.key.row, set())
        # One answer under the heading of several columns is a finding at each, a figure at none.
        if value.status is not ValueStatus.MISSING and value.problem != "shared":
            lines[value.key.row].add((value.key.element, value.raw))
    return [frozenset(line) for _, line in sorted(lines.items())]
