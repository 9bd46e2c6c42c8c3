"""The list of what changed in single units, and of the units that cannot be compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from consolidate.definitions.catalogue import text
from consolidate.forms.measure import column_points, lines_needed, row_height
from consolidate.model.datasets import DataElement, DataSet
from consolidate.model.units import OrganisationUnit
from consolidate.reports.book import Book
from consolidate.reports.change_cells import COLUMNS, ChangeCells, compared_with
from consolidate.reports.look import SIZE, SMALL, number_trait
from consolidate.reports.plan import stamp_overall
from consolidate.rollup.comparison import Against, Change, Compared, Comparison
from consolidate.rollup.totals import DataSetTable

_UNIT, _CODE, _FORM, _NUMBER, _ELEMENT, _MEASURE, _NOW, _FIRST = range(8)
_FROM = _FIRST + COLUMNS * len(Against)
_NOTE = _FROM + 1
_WIDTHS = (
    *(26.0, 9.0, 9.5, 6.0, 34.0, 10.0),
    *(12.0, *(12.0, 12.5, 10.0) * len(Against)),
    *(18.0, 26.0),
)
_KEYS = ("unit", "code", "form", "number", "element", "measure", "now")
_TEXTS: Mapping[int, tuple[str, ...]] = {
    _UNIT: (),
    _CODE: ("small", "center"),
    _FORM: ("small", "center"),
    _NUMBER: ("center",),
    _ELEMENT: (),
    _MEASURE: ("small", "center"),
    _FROM: ("small",),
    _NOTE: ("small",),
}
"""Columns with text and their looks."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One row: a figure of a unit with its changes, or a unit that cannot be compared."""

    unit: str
    code: str
    table: DataSetTable
    element: DataElement | None = None
    column: str = ""
    changes: tuple[tuple[Comparison, Change, bool], ...] = ()
    taken_from: str = ""
    note: str = ""


def write_changes(book: Book) -> None:
    """Fill the list: by form and unit, only figures that changed, all that cannot be compared."""
    sheet = book.sheets[book.plan.changes]
    top = book.heading(
        sheet,
        (text("summary.changes.title"), _subtitle(book)),
        stamp_overall(book.result),
        widths=_WIDTHS,
        hint=text("summary.changes.hint"),
    )
    style = book.look.of("italic", "small", "left")
    for base in _bases(book):
        book.put(sheet, top, 0, base, style)
        top += 1
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    _heads(book, top)
    row = top
    writer = _Lines(book)
    for row, line in enumerate(_lines(book), top + 1):
        writer.write(row, line)
    if row == top:
        row += 1
        style = book.look.of("cell", "italic", "center")
        sheet.merge_range(row, 0, row, _NOTE, text("summary.changes.none"), style)
    else:
        sheet.autofilter(top, 0, row, _NOTE)
    sheet.freeze_panes(top + 1, _UNIT + 1)
    book.paper(sheet, landscape=True)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(top)
    sheet.print_area(0, 0, row, _NOTE)


def _subtitle(book: Book) -> str:
    province = book.result.province or text("summary.total")
    period = book.result.period.label
    return text("summary.province_period", province=province, period=period)


def _bases(book: Book) -> Iterator[str]:
    for part in book.plan.sets:
        data_set = part.table.data_set
        if part.comparison:
            for line in compared_with(book.result, data_set.code):
                yield text("summary.comparison.of_set", sheet=data_set.sheet, line=line)


def _heads(book: Book, row: int) -> None:
    titles = [
        text(f"summary.{'comparison' if key in ('number', 'now') else 'changes'}.{key}")
        for key in _KEYS
    ]
    for against in Against:
        titles.append(text(f"summary.comparison.against.{against.value}"))
        titles += [text(f"summary.comparison.{key}") for key in ("change", "percent")]
    titles += [text("summary.changes.from"), text("summary.comparison.note")]
    lines = 1
    for column, title in enumerate(titles):
        book.sheets[book.plan.changes].write_string(row, column, title, book.look.of("head"))
        room = column_points(_WIDTHS[column]) - 12  # The button of the filter.
        lines = max(lines, lines_needed(title, room, SIZE, bold=True))
    height = row_height(lines, SIZE, padding=6)
    book.sheets[book.plan.changes].set_row(row, height)


class _Lines:
    """Writes rows, each as high as its longest text needs."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._sheet = book.sheets[book.plan.changes]
        self._cells = ChangeCells(book, self._sheet, _NOW, sure=True)
        self._rooms = {column: column_points(_WIDTHS[column]) for column in _TEXTS}

    def write(self, row: int, line: _Line) -> None:
        """Write one row."""
        book, sheet, look = self._book, self._sheet, self._book.look
        data_set, element = line.table.data_set, line.element
        said = {
            _UNIT: line.unit,
            _CODE: line.code,
            _FORM: data_set.sheet,
            _NUMBER: element.number if element is not None else "",
            _ELEMENT: text("summary.changes.all") if element is None else _label(data_set, line),
            _MEASURE: _measure(element, line.column) if element is not None else "",
            _FROM: line.taken_from,
            _NOTE: line.note,
        }
        height = 17.25
        for column, value in said.items():
            traits = _TEXTS[column]
            book.put(sheet, row, column, value, look.of("cell", *traits))
            size = SMALL if "small" in traits else SIZE
            if len(value) > 5:
                lines = lines_needed(value, self._rooms[column], size)
                height = max(height, row_height(lines, size))
        sheet.set_row(row, height)
        now = line.changes[0][1].now if line.changes else None
        if now is None:
            sheet.write_blank(row, _NOW, None, look.of("cell"))
        else:
            trait = number_trait(now)
            sheet.write_number(row, _NOW, float(now), look.of("cell", "right", trait))
        by_kind = {beside.against: (change, fall) for beside, change, fall in line.changes}
        for index, against in enumerate(Against):
            first = _FIRST + COLUMNS * index
            if against in by_kind:
                change, fall = by_kind[against]
                self._cells.write(row, first, change, *(("red", "bold") if fall else ()))
                continue
            for column in range(first, first + COLUMNS):
                sheet.write_blank(row, column, None, look.of("cell"))


def _label(data_set: DataSet, line: _Line) -> str:
    element = line.element
    if element is None:
        return ""
    if line.column == element.second:
        label = element.second_label
    elif data_set.single or line.column not in data_set.column_by_code:
        return element.label
    else:
        label = data_set.column_by_code[line.column].label
    return text("summary.changes.figure", label=element.label, column=label)


def _measure(element: DataElement, column: str) -> str:
    return element.second_unit if element.second and column == element.second else element.unit


def _lines(book: Book) -> Iterator[_Line]:
    for part in book.plan.sets:
        beside = book.result.comparisons_of(part.table.data_set.code)
        if not beside:
            continue
        reporting = [item.unit for item in part.table.contributions]
        for unit in reporting:
            yield from _of_unit(part.table, unit, beside)
        yield from _absent(part.table, {unit.code for unit in reporting}, beside)


def _of_unit(
    table: DataSetTable, unit: OrganisationUnit, beside: Sequence[Comparison]
) -> Iterator[_Line]:
    """What hinders a unit as a whole, then its figures that changed, in form order."""
    named = (unit.name, unit.code, table)
    taken_from = _taken_from(unit.code, beside)
    hindered = [item for item in beside if _obstacle(item, unit.code)]
    if hindered:
        notes = [_why(item, _obstacle(item, unit.code)) for item in hindered]
        yield _Line(*named, taken_from=taken_from, note="\n".join(notes))
    open_to = [item for item in beside if not _obstacle(item, unit.code)]
    for compared in zip(*(item.figures for item in open_to), strict=True):
        changes = tuple(
            (item, figure.units[unit.code], item.falls(figure, figure.units[unit.code]))
            for item, figure in zip(open_to, compared, strict=True)
        )
        if not any(_tells(change) for _, change, _ in changes):
            continue
        figure: Compared = compared[0]
        note = text("summary.changes.falls") if any(fall for *_, fall in changes) else ""
        if changes[0][1].now is None:
            note = text("summary.comparison.now_missing")
        yield _Line(*named, figure.element, figure.column, changes, taken_from, note)


def _tells(change: Change) -> bool:
    """Whether a change is worth a row: not the same as then, and not blank beside zero."""
    if change.now is None or change.then is None:
        return bool(change.now) or bool(change.then)
    return change.now != change.then


def _obstacle(comparison: Comparison, code: str) -> str:
    past = comparison.units.get(code)
    return past.obstacle if past is not None else ""


def _why(comparison: Comparison, obstacle: str) -> str:
    against = text(f"summary.comparison.against.{comparison.against.value}")
    return text(
        "summary.changes.obstacle", against=against, why=text(f"history.obstacle.{obstacle}")
    )


def _taken_from(code: str, beside: Sequence[Comparison]) -> str:
    """The units that reported then, where they are not the unit itself."""
    found: dict[tuple[str, ...], str] = {}
    for comparison in beside:
        past = comparison.units.get(code)
        if past is not None and past.units not in ((), (code,)):
            names = (
                text("summary.unit_ending", name=comparison.name(item), code=item)
                for item in past.units
            )
            found.setdefault(past.units, ", ".join(names))
    return "\n".join(found.values())


def _absent(
    table: DataSetTable, reporting: set[str], beside: Sequence[Comparison]
) -> Iterator[_Line]:
    """Units that reported then and do not now: those that still could, then those that are gone."""
    waiting: dict[str, Comparison] = {}
    gone: dict[str, Comparison] = {}
    for comparison in beside:
        for code, past in comparison.units.items():
            if code not in reporting and past.comparable:
                waiting.setdefault(code, comparison)
        for code in comparison.gone:
            gone.setdefault(code, comparison)
    for key, found in (("absent", waiting), ("gone", gone)):
        note = text(f"summary.changes.{key}")
        for code, comparison in found.items():
            taken_from = _taken_from(code, beside)
            yield _Line(comparison.name(code), code, table, taken_from=taken_from, note=note)
