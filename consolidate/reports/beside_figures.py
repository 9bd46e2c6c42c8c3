"""Write notes beside the figures of an official sheet, for the screen only.

How many of the units that owe the form stand in a figure and why the others do not; which rule of
the form the totals contradict, and whose figures are behind that. None of it is in the print area,
and nothing wraps: the rows keep the heights that they have on paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.cells import CellRef
from consolidate.model.datasets import Shape
from consolidate.model.reasons import Severity
from consolidate.reports.captions import figure_caption
from consolidate.reports.summary_book import Book
from consolidate.rollup.complete import Answered, Shown, answered
from consolidate.rollup.contradictions import Contradiction
from consolidate.rollup.result import MergeResult
from consolidate.rollup.totals import DataSetTable, Figure
from consolidate.rollup.units_in_totals import Division
from consolidate.templates.form_page import Page
from consolidate.xlsx.write.form_styles import SMALL_SIZE
from consolidate.xlsx.write.measure import text_width

_BETWEEN = " · "
_COUNTS = ("extra", "blank", "crossed", "unreadable", "lacking", "held", "absent", "erring")
"""Numbers of units that are told of a figure, in this order."""
_NEXT = " "
_GAP_WIDTH, _TOLD_WIDTH = 2.0, 60.0
_POINTS = 5.0
"""Points of a character of the width of a column, a little less than there are."""


def answered_line(table: DataSetTable, figure: Figure) -> str:
    """Count the units of a figure: ``2/5 đơn vị · 1 trống · 1 x · 1 không đọc được``."""
    counted = answered(table, figure)
    if counted.shown is Shown.NOT_ASKED:
        return text("summary.answered.not_asked")
    return _BETWEEN.join(_parts(table, figure, counted))


def _parts(table: DataSetTable, figure: Figure, counted: Answered) -> Iterator[str]:
    if figure.given_by:
        names = [i.unit.name for i in table.contributions if i.unit.code == figure.given_by]
        yield text("summary.answered.given", unit=names[0] if names else figure.given_by)
    else:
        key = "open" if counted.expected is None else "counted"
        numbers = {"reported": counted.reported, "expected": counted.expected}
        yield text(f"summary.answered.{key}", **numbers)
    for name in _COUNTS:
        count = getattr(counted, name)
        if count:
            listed = name == "lacking" and table.data_set.shape is Shape.OPEN
            key = "no_row" if listed else name
            yield text(f"summary.answered.{key}", count=count)


def marks_of(
    result: MergeResult, table: DataSetTable
) -> Mapping[tuple[str, str, Division | None], Severity]:
    """Find the worst that rules say of totals of a table, by element, column and division."""
    found: dict[tuple[str, str, Division | None], Severity] = {}
    for item in result.contradictions:
        for data_set, element, column in item.figures:
            key = (element, column, item.division)
            if data_set == table.data_set.code and item.open:
                worst = min(found.get(key, item.severity), item.severity, key=lambda s: s.rank)
                found[key] = worst
    return found


def write_beside(
    book: Book,
    page: Page,
    table: DataSetTable,
    rows: Mapping[int, Sequence[Figure]],
    head: int,
    at: int,
) -> None:
    """Write the notes on the figures to the right of the page.

    Args:
        book: the summary.
        page: the official sheet.
        table: the totals that stand on it.
        rows: the figures that stand in a row.
        head: the row of the headings.
        at: the first free column.
    """
    counts = {row: _joined(table, figures) for row, figures in rows.items()}
    told = _told(book, table, rows)
    small = book.look.of("small", "italic")
    titles = [text("summary.answered.title")]
    titles += [text("summary.contradiction.title")] if told else []
    for index, title in enumerate(titles):
        book.put(page.sheet, head, at + index, title, small)
    for row, figures in rows.items():
        for figure in figures:
            place = page.columns.positions.get(figure.column or figure.element.code, at)
            key = (figure.data_set, figure.element.code, figure.column)
            book.figures[key] = CellRef(page.sheet.name, row, place)
    for row, line in counts.items():
        book.put(page.sheet, row, at, line, small)
    for row, (severity, lines) in told.items():
        look = book.look.of("small", severity.value)
        book.put(page.sheet, row, at + 1, " ".join(lines), look)
    widest = max(
        (text_width(line, SMALL_SIZE) for line in (titles[0], *counts.values())), default=0
    )
    page.sheet.set_column(at + 1, at + 1, _TOLD_WIDTH)
    page.sheet.set_column(at, at, min(250.0, widest / _POINTS + 3))


def write_notes_beside(
    book: Book, page: Page, at: int, warning: str, notes: Sequence[str], head: int
) -> None:
    """Write the notes on a whole table to the right of its head, above row ``head``.

    The ``warning`` stands first. One note stands in each row, what there are no more rows for in
    the last. The table is marked there as ours, so that it is never read as a return of a unit.
    """
    gap = page.columns.last + 1
    page.sheet.set_column(gap, gap, _GAP_WIDTH)
    book.sign(page.sheet, 0, gap)
    lines = [line for line in (warning, *notes) if line]
    room = max(1, head) - 1
    lines = [*lines[:room], _NEXT.join(lines[room:])]
    for row, line in enumerate(lines):
        strong = ("red", "bold") if warning and not row else ("italic",)
        book.put(page.sheet, row, at, line, book.look.of("small", *strong))


def _joined(table: DataSetTable, figures: Sequence[Figure]) -> str:
    """One line for the figures of a row; what only some of them have stands behind their names."""
    lines = [answered_line(table, figure) for figure in figures]
    first = {line.partition(_BETWEEN)[0] for line in lines}
    if len(set(lines)) == 1:
        return lines[0]
    own, common = lines, list[str]()
    if len(first) == 1:
        common, own = list(first), [line.partition(_BETWEEN)[2] for line in lines]
    names = [_name(table, figure) for figure in figures]
    told = (
        text("summary.answered.of", name=name, line=line)
        for name, line in zip(names, own, strict=True)
        if line
    )
    return "; ".join((*common, *told))


def _name(table: DataSetTable, figure: Figure) -> str:
    data_set, element = table.data_set, figure.element
    if element.second and figure.column == element.second:
        return element.second_label
    if figure.column in data_set.column_by_code:
        return data_set.column_by_code[figure.column].label
    return figure_caption(data_set, element, figure.column)


def _told(
    book: Book, table: DataSetTable, rows: Mapping[int, Sequence[Figure]]
) -> dict[int, tuple[Severity, list[str]]]:
    """What the totals of a row contradict: whole at its first figure, elsewhere where it is."""
    code = table.data_set.code
    row_of = {(figure.element.code, figure.column): row for row in rows for figure in rows[row]}
    found: dict[int, tuple[Severity, list[str]]] = {}
    for item in book.result.contradicted:
        placed = [row_of[key[1:]] for key in item.figures if key[0] == code and key[1:] in row_of]
        for row in dict.fromkeys(placed):
            line = sentence(item.told) if row == placed[0] else _elsewhere(book, item)
            severity, lines = found.get(row, (item.severity, []))
            severity = min(severity, item.severity, key=lambda known: known.rank)
            if line not in lines:
                lines.append(line)
            found[row] = severity, lines
    return found


def _elsewhere(book: Book, item: Contradiction) -> str:
    code, element, column = item.figures[0]
    data_set = book.library.by_code[code]
    name = figure_caption(data_set, data_set.by_code[element], column)
    return text("summary.contradiction.see", caption=name)
