"""Write the sheet of one data set: the official form, ready to fill in, print and sign.

Answers of earlier periods stand in grey to the right of the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from consolidate.definitions.catalogue import text
from consolidate.model.anchors import (
    CODE_COLUMN,
    CODE_ROW,
    NUMBER_COLUMN,
    WINDOW_ROW,
    earlier_code,
    rows_name,
    window_name,
)
from consolidate.model.cells import CellRef, column_letters
from consolidate.model.datasets import (
    VALUE_COLUMN,
    DataElement,
    DataSet,
    Shape,
    ValueColumn,
    ValueType,
)
from consolidate.model.rules import Ref
from consolidate.rules.computing import Computation
from consolidate.templates.columns import FormPlace, columns_of, frame_name
from consolidate.templates.fixed_table import (
    BLANK_HEIGHT,
    TableBody,
    counted,
    write_codes,
    write_fixed_table,
    write_open_table,
    write_total_row,
)
from consolidate.templates.form_page import (
    Page,
    signatures_of,
    write_heading,
    write_signatures,
    write_title,
)
from consolidate.templates.inputs import Inputs, hide_trailing_point, write_value
from consolidate.templates.live_formulas import (
    CoverCells,
    LiveFigure,
    LiveText,
    Value,
    attached_line,
    period_line,
    quarter_line,
    unit_line,
    window_line,
)
from consolidate.templates.prefill import ComputedCells, Earlier, Prefill
from consolidate.xlsx.write.form_styles import (
    DATE_FORMAT,
    DECIMAL_FORMAT,
    LOCKED_FILL,
    Styles,
    number_format,
)
from consolidate.xlsx.write.text_sizes import column_points, lines_needed, row_height

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_TOP = 1
_GAP = 9.0


def write_form(
    workbook: Workbook,
    styles: Styles,
    computed: ComputedCells,
    cover: CoverCells,
    quarter: str = "",
) -> FormPlace:
    """Add the sheet of a data set with its names, codes, checks, page set-up and protection.

    ``computed`` has the data set and what it is filled with; ``quarter`` is the sheet of the same
    form for the quarter, which has the same rows.
    """
    data_set, prefill = computed.data_set, computed.prefill
    sheet = workbook.add_worksheet(data_set.sheet)
    page = Page(sheet, styles, columns_of(data_set))
    layout = data_set.layout
    write_codes(page, data_set)
    inputs = Inputs(workbook, sheet, styles, data_set.sheet)
    row = write_heading(page, _TOP, unit_line(cover), form_code=layout.form_code)
    note: str | LiveText = period_line(cover)
    if layout.window:
        note = prefill.windows.get(data_set.code) or (
            quarter_line(None) if data_set.quarter else window_line(cover)
        )
    top = write_title(page, row, layout.title or (data_set.title,), note, attached_line(cover))
    window = None
    if layout.window:
        line = top - 2
        window = (line, page.columns.first)
        sheet.write_string(line, CODE_COLUMN, WINDOW_ROW, styles.named("code"))
        inputs.define(window_name(data_set.code), window, window)
    is_open = data_set.shape is Shape.OPEN
    if is_open:
        body = _open_body(page, computed, inputs, top)
    else:
        body = _fixed_body(page, computed, inputs, top, quarter)
    _sign_and_print(page, data_set, body, cover)
    inputs.finish()
    sheet.protect("", {"format_columns": True, "format_rows": True, "insert_rows": is_open})
    crossed = frozenset(
        (item.element.code, item.column)
        for item in data_set.inputs
        if data_set.name_of(item.element.code, item.column) in prefill.not_applicable
    )
    positions, previous = page.columns.positions, _previous(page, data_set, prefill)
    return FormPlace(
        data_set, sheet, positions, body.rows, body.first, body.last, window, crossed, previous
    )


def _sign_and_print(page: Page, data_set: DataSet, body: TableBody, cover: CoverCells) -> None:
    """Write the signatures below a table; set up its pages."""
    layout, is_open = data_set.layout, data_set.shape is Shape.OPEN
    totalled = bool(layout.total_label)
    block = body.last + (2 if totalled else 1)
    if totalled or not is_open:
        page.set_height(block, _GAP)
    last = write_signatures(page, block + 1, signatures_of(cover))
    repeat = (body.header_first, body.header_last)
    plan = page.plan_breaks(
        landscape=layout.landscape,
        first_row=_TOP,
        last_row=last,
        repeat=repeat,
        keep=body.headings,
        block=block,
        default=BLANK_HEIGHT,
        growing=is_open or data_set.narrative,
    )
    page.set_up(
        landscape=layout.landscape,
        first_row=_TOP,
        last_row=last,
        footer=text("template.page.form_footer"),
        repeat=repeat,
        plan=plan,
    )


def _addresses(
    page: Page, computed: ComputedCells, rows: Mapping[str, int]
) -> Callable[[str, Ref], str]:
    """Addresses of the cells of a fixed table on its own sheet; earlier figures stand in grey."""
    positions, grey = page.columns.positions, grey_columns(computed.data_set)
    codes = [column.code for column in grey]

    def address(element: str, ref: Ref) -> str:
        at = positions[ref.column]
        if ref.shift:
            before = computed.shown.index(ref.shift) * len(codes) + codes.index(ref.column)
            at = page.columns.last + 1 + before
        return f"{column_letters(at)}{rows[element] + 1}"

    return address


def _previous(page: Page, data_set: DataSet, prefill: Prefill) -> int | None:
    """Column of the grey figures of the period before, of a form with one column of figures."""
    shown = data_set.single and grey_columns(data_set) and not data_set.quarter
    return page.columns.last + 1 if shown and prefill.previous is not None else None


def _fixed_body(
    page: Page, computed: ComputedCells, inputs: Inputs, top: int, quarter: str
) -> TableBody:
    """Write a fixed table; a flow beside that of a ``quarter`` (its sheet) is added up from it."""
    data_set, prefill = computed.data_set, computed.prefill
    worked: list[tuple[Computation, int, int, DataElement, str]] = []
    previous = _previous(page, data_set, prefill)

    def write(_: Worksheet, row: int, at: int, element: DataElement, column: str) -> str:
        name = data_set.name_of(element.code, column)
        if name in prefill.not_applicable:
            inputs.cross_out(row, at, name)
            return ""
        value: Value | LiveFigure | None = prefill.values.get(name)
        formula = computed.find(element.code, column)
        if formula is not None and value is None:  # Its parts may stand below.
            worked.append((formula, row, at, element, column))
            return ""
        if value is None and quarter and data_set.type_of(element, column).numeric:
            cell = CellRef(quarter, row, at).quoted
            if not data_set.accumulates(element, column):
                value = _added(cell)  # A state of the last day, which both periods share.
            elif previous is not None and data_set.tiled(element, column):
                value = _added(cell, f"{column_letters(previous)}{row + 1}")
        words = computed.said(formula)
        return inputs.write(
            data_set, element, column, row, at, value, defined_name=name, words=words
        )

    body = write_fixed_table(page, data_set, top=top, write_cell=write)
    addresses = _addresses(page, computed, body.rows)
    for formula, row, at, element, column in worked:
        made = computed.worked(formula, element.code, 0, addresses)
        name = data_set.name_of(element.code, column)
        words = computed.said(formula) if made is not None else ""  # Else people fill it in.
        inputs.write(data_set, element, column, row, at, made, defined_name=name, words=words)
    if not data_set.quarter:
        write_earlier(page, data_set, body, prefill.earlier)
    first = data_set.elements[0]
    cell = (body.rows[first.code], page.columns.positions[first.columns[0]])
    page.sheet.set_selection(*cell, *cell)
    return body


def _added(quarter: str, before: str = "") -> LiveFigure:
    """Work out a cumulative figure until somebody types over it.

    It is that of the ``quarter``, and the grey figure ``before`` if there is one (addresses), once
    they are numbers; till then the cell shows nothing and is no answer.
    """
    if not before:
        return LiveFigure(f'=IF(COUNT({quarter})=1,{quarter},"")', "")
    return LiveFigure(f'=IF(COUNT({before},{quarter})=2,{before}+{quarter},"")', "")


def _open_body(page: Page, computed: ComputedCells, inputs: Inputs, top: int) -> TableBody:
    data_set, prefill = computed.data_set, computed.prefill
    rows = prefill.rows.get(data_set.code, ())
    columns = page.columns
    number = page.styles.named("center", locked=False)

    def write(_: Worksheet, row: int, at: int, element: DataElement, index: int) -> str:
        value: Value | LiveFigure | None = (
            rows[index].get(element.code) if index < len(rows) else None
        )
        formula = computed.find(element.code, VALUE_COLUMN)

        def beside(code: str, _: Ref) -> str:
            return f"{column_letters(columns.positions[code])}{row + 1}"

        if formula is not None and value is None:
            value = computed.worked(formula, element.code, index, beside)
        words = computed.said(formula)
        return inputs.write(data_set, element, VALUE_COLUMN, row, at, value, words=words)

    def write_number(sheet: Worksheet, row: int, at: int, index: int) -> None:
        value = rows[index].get(NUMBER_COLUMN) if index < len(rows) else None
        write_value(sheet, row, at, index + 1 if value is None else value, number, number)

    body = write_open_table(
        page,
        data_set,
        top=top,
        count=max(data_set.layout.open_rows, len(rows)),
        write_cell=write,
        write_number=write_number,
    )
    if data_set.layout.total_label:
        _write_totals(page, data_set, body, rows)
    inputs.define(rows_name(data_set.code), (body.first, columns.first), (body.last, columns.last))
    above, below = (body.first - 1, columns.first), (body.last + 1, columns.last)
    inputs.define(frame_name(data_set.code), above, below)
    page.sheet.set_selection(body.first, columns.first + 1, body.first, columns.first + 1)
    return body


def _write_totals(
    page: Page, data_set: DataSet, body: TableBody, rows: Sequence[Mapping[str, Value]]
) -> None:
    """Write the row of totals, which counts what is typed above it, inserted rows included."""
    totals = {}
    for element in counted(data_set):
        above = column_letters(page.columns.positions[element.code]) + str(body.header_last + 1)
        answers = f"OFFSET({above},1,0,ROW()-ROW({above})-1,1)"
        marked = element.type is ValueType.MARK
        told = f'UPPER(TRIM({answers}))="X"' if marked else f'TRIM({answers})<>""'
        # Without any row left above it there is nothing to count, and no error to show.
        formula = f"=IFERROR(SUMPRODUCT(--({told})),0)"
        typed = [str(row.get(element.code, "")).strip() for row in rows]
        number = sum(text.upper() == "X" if marked else bool(text) for text in typed)
        totals[element.code] = LiveFigure(formula, number)
    write_total_row(page, data_set, body.last + 1, totals)


_GREY_SIZE = 9
"""Font size of the headings: they have to fit the heading of the form, which stays as it is."""
_LEAST_WIDTH, _MOST_WIDTH = 13, 48
"""Widths of a column in characters."""


def write_earlier(
    page: Page, data_set: DataSet, body: TableBody, earlier: Sequence[tuple[str, Earlier]]
) -> None:
    """Write a locked grey column per column of figures and period, to the right of the form.

    They are not printed and change neither the heights nor the pages of the form. Each has a column
    code, by which intake knows that nothing there is an answer.
    """
    at = page.columns.last
    figures = grey_columns(data_set)
    for period, answers in earlier:
        for column in figures:
            at += 1
            label = answers.label if data_set.single else f"{answers.label} – {column.label}"
            _write_grey_column(page, data_set, body, at, column.code, label, answers)
            code = page.styles.named("code")
            page.sheet.write_string(CODE_ROW, at, earlier_code(period, column.code), code)


def grey_columns(data_set: DataSet) -> list[ValueColumn]:
    """List columns of a form that are shown for an earlier period: those with a figure in them."""
    if data_set.shape is not Shape.FIXED:
        return []
    return [
        column
        for column in data_set.columns
        if any(item.column == column.code and item.type.numeric for item in data_set.inputs)
    ]


def _write_grey_column(
    page: Page,
    data_set: DataSet,
    body: TableBody,
    at: int,
    column: str,
    label: str,
    answers: Earlier,
) -> None:
    sheet, styles = page.sheet, page.styles
    heading = styles.named("header", font_size=_GREY_SIZE, italic=True, bg_color=LOCKED_FILL)
    sheet.set_column(at, at, _grey_width(page, body, label))
    if body.header_first == body.header_last:
        sheet.write_string(body.header_last, at, label, heading)
    else:
        sheet.merge_range(body.header_first, at, body.header_last, at, label, heading)
    decimals: list[tuple[int, int]] = []
    for element in data_set.elements:
        if column not in element.columns:
            continue
        row = body.rows[element.code]
        shown = number_format(data_set.type_of(element, column))
        look = {"border": 1, "valign": "vcenter", "align": "center", "bg_color": LOCKED_FILL}
        style = styles.get(**look, text_wrap=True, num_format=shown)
        dated = styles.get(**look, num_format=DATE_FORMAT)
        value = answers.values.get(data_set.name_of(element.code, column))
        write_value(sheet, row, at, value, style, dated)
        if shown == DECIMAL_FORMAT:
            decimals.append((row, at))
    hide_trailing_point(sheet, styles, decimals)


def _grey_width(page: Page, body: TableBody, label: str) -> float:
    """Least width at which the heading fits the height that the form gives it."""
    rows = range(body.header_first, body.header_last + 1)
    room = sum(page.heights[row] for row in rows)
    width = _LEAST_WIDTH
    while width < _MOST_WIDTH:
        lines = lines_needed(label, column_points(width), _GREY_SIZE, bold=True)
        if row_height(lines, _GREY_SIZE) <= room:
            break
        width += 1
    return width
