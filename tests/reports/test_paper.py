"""What of a summary goes on paper: readable, one page wide, and not hundreds of pages."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal

import openpyxl
import pytest
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from consolidate.definitions.catalogue import text
from consolidate.model.reasons import joined
from consolidate.model.returns import Outcome
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.province.roster import build_roster
from consolidate.reports.summary import summary_bytes
from consolidate.reports.summary_book import PRINTED_ROWS
from consolidate.xlsx.write.text_sizes import column_points
from tests.reports.compare_result import compared
from tests.reports.make_result import province

_STORED = 5 / 7
"""Characters that the file adds to the width of a column."""
_A4 = (595.3, 841.9)
_LEAST = 7.5
"""Points of the smallest print of any table; the hints above it may be a little smaller."""


def made(units: int) -> Workbook:
    data = summary_bytes(compared(province(units)), inbox_link=None)
    return openpyxl.load_workbook(io.BytesIO(data))


@pytest.fixture(scope="module")
def few() -> Workbook:
    return made(14)


@pytest.fixture(scope="module")
def many() -> Workbook:
    return made(40)


def printed(sheet: Worksheet) -> tuple[int, int, int, int]:
    """First and last column, first and last row that are printed."""
    first, top, last, bottom = range_boundaries(sheet.print_area.split("!")[1].replace("$", ""))
    return first, last, top, bottom


def room_and_width(sheet: Worksheet) -> tuple[float, float]:
    """Points of the width of the paper between its margins, and of the printed columns."""
    side = _A4[sheet.page_setup.orientation == "landscape"]
    room = side - 72 * (sheet.page_margins.left + sheet.page_margins.right)
    first, last, *_ = printed(sheet)
    dimensions = sheet.column_dimensions
    widths = {}
    for dimension in dimensions.values():
        widths |= dict.fromkeys(range(dimension.min, dimension.max + 1), dimension.width)
    return room, sum(column_points(widths[at] - _STORED) for at in range(first, last + 1))


def scale(sheet: Worksheet) -> float:
    room, width = room_and_width(sheet)
    set_up = sheet.sheet_properties.pageSetUpPr
    if set_up is not None and set_up.fitToPage:
        return min(1.0, room / width)
    return (sheet.page_setup.scale or 100) / 100


@pytest.mark.parametrize("size", ["few", "many"])
def test_every_sheet_can_be_read_on_paper(size: str, request: pytest.FixtureRequest) -> None:
    for sheet in request.getfixturevalue(size):
        first, last, top, bottom = printed(sheet)
        if sheet.print_title_rows:
            top = range_boundaries(f"A{sheet.print_title_rows.replace('$', '').split(':')[0]}")[1]
        cells = sheet.iter_rows(top, max(top, bottom), first, last)
        sizes = {cell.font.sz for row in cells for cell in row if cell.value is not None}
        assert min(sizes) * scale(sheet) >= _LEAST, sheet.title
        large = size == "many" and sheet.title.endswith("theo đơn vị") and "So" not in sheet.title
        assert int(sheet.page_setup.paperSize) == (8 if large else 9), sheet.title
        footer = sheet.oddFooter
        if "toàn tỉnh" in sheet.title:
            assert footer.left.text is None, sheet.title
            continue
        assert "&A" in footer.left.text, sheet.title
        assert text("summary.page") in (footer.center.text, footer.right.text), sheet.title
        assert sheet.print_title_rows or sheet.title == text("summary.sheet.overview")


def test_units_go_on_paper_where_they_are_few(few: Workbook) -> None:
    sheet = few["Biểu 01 theo đơn vị"]
    assert printed(sheet)[1] == sheet.max_column == 4 + 3 + 3 + 14


def test_more_units_go_on_larger_paper(many: Workbook) -> None:
    for form in ("Biểu 01", "PL3-II"):
        sheet = many[f"{form} theo đơn vị"]
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (8, "landscape")
        assert printed(sheet) == (1, sheet.max_column, 1, sheet.max_row)
        assert (sheet.print_title_rows, sheet.print_title_cols) == ("$6:$8", "$A:$C")
        assert sheet.auto_filter.ref == f"A8:D{sheet.max_row}"
        first = get_column_letter(sheet.max_column)
        assert sheet.column_dimensions[first].outlineLevel or any(
            item.outlineLevel and item.max == sheet.max_column
            for item in sheet.column_dimensions.values()
        )


def test_of_very_many_units_each_is_a_row_with_the_figures_it_has_as_a_column(
    many: Workbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consolidate.reports.matrix.MOST_COLUMNS", 10)
    turned = made(40)
    for form in ("Biểu 01", "PL3-II"):
        sheet, other = turned[f"{form} theo đơn vị"], many[f"{form} theo đơn vị"]
        lines = range(9, sheet.max_row + 1)
        rows = {sheet.cell(row, 1).value or sheet.cell(row, 2).value: row for row in lines}
        columns = {
            other.cell(8, at).value or other.cell(6, at).value: at
            for at in range(4, other.max_column + 1)
        }
        assert rows.keys() == columns.keys()
        figures = [row for row in range(9, other.max_row + 1) if other.cell(row, 4).value]
        assert sheet.max_column == 4 + len(figures)
        for name, column in columns.items():
            for at, row in enumerate(figures, 5):
                one, two = sheet.cell(rows[name], at), other.cell(row, column)
                live = str(two.value).startswith("=")
                assert str(one.value).startswith("=") is live, one
                assert live or one.value == two.value, one
                assert one.fill.fgColor.rgb == two.fill.fgColor.rgb, one
        assert printed(sheet) == (1, sheet.max_column, 1, sheet.max_row)
        assert (sheet.print_title_rows, sheet.print_title_cols) == ("$6:$8", "$A:$B")
        assert sheet.auto_filter.ref == f"A8:{get_column_letter(sheet.max_column)}{sheet.max_row}"
        assert sheet.freeze_panes == "C9"
        # Units fold below their kind, kinds below their level.
        folds = [sheet.row_dimensions[row].outlineLevel for row in lines]
        assert folds[0] == 0
        assert set(folds) == {0, 1, 2}
        assert all(folds[rows[name] - 9] in (0, 1) for name in ("Toàn tỉnh", "Cấp xã"))


def test_a_key_figure_with_a_second_number_leads_to_its_total_among_very_many_units(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("consolidate.reports.matrix.MOST_COLUMNS", 10)
    found = compared(province(40))
    form, element, column = "cchc_pl3_2", "r5", "total"
    table = next(table for table in found.tables if table.data_set.code == form)
    giver = table.contributions[0].unit.code
    figures = tuple(
        replace(figure, total=Decimal(77), given_by=giver)
        if (figure.element.code, figure.column) == (element, column)
        else figure
        for figure in table.figures
    )
    told = replace(table, figures=figures)
    found = replace(found, tables=tuple(told if each is table else each for each in found.tables))
    book = openpyxl.load_workbook(io.BytesIO(summary_bytes(found, inbox_link=None)))
    overview = book[text("summary.sheet.overview")]
    link = next(
        str(cell.value)
        for (cell,) in overview.iter_rows(min_col=3, max_col=3)
        if str(cell.value).startswith("='PL3-II theo đơn vị'!")
    )
    sheet = book["PL3-II theo đơn vị"]
    cell = sheet[link.rpartition("!")[2]]
    assert sheet.cell(cell.row, 2).value == text("summary.total")
    assert str(cell.value).startswith("=IF(ISNUMBER(")
    label = table.data_set.column_by_code[column].label
    heading = [str(sheet.cell(row, cell.column).value) for row in (6, 7, 8)]
    assert any(label in said for said in heading), heading


def test_sections_fold_below_their_headings(few: Workbook) -> None:
    sheet = few["Biểu 01 theo đơn vị"]
    assert not sheet.sheet_properties.outlinePr.summaryBelow
    levels = {
        sheet.cell(row, 2).value: sheet.row_dimensions[row].outlineLevel
        for row in range(9, sheet.max_row + 1)
    }
    assert set(levels.values()) == {0, 1, 2}
    figures = [at for at in range(9, sheet.max_row + 1) if sheet.cell(at, 1).value]
    assert all(sheet.row_dimensions[at].outlineLevel for at in figures)


def test_where_figures_come_from_is_for_the_screen(few: Workbook) -> None:
    sheet = few["Nguồn 01"]
    assert printed(sheet) == (1, 6, 1, 6)
    assert text("summary.on_screen.list") in sheet["A5"].value


def test_long_lists_are_for_the_screen_and_the_overview_says_so(many: Workbook) -> None:
    sheet = many["So sánh theo đơn vị"]
    head = int(sheet.auto_filter.ref.split(":")[0][1:])
    assert sheet.max_row - head > PRINTED_ROWS
    assert printed(sheet)[3] == head
    assert any(text("summary.on_screen.list") in str(cell.value) for cell in sheet["A"])
    overview = many[text("summary.sheet.overview")]
    about = {row[1].value: row[2].value for row in overview.iter_rows() if row[1].value}
    assert about["So sánh theo đơn vị"] == text(
        "summary.on_screen.contents",
        about=text("summary.contents.changes"),
        note=text("summary.on_screen.is_list"),
    )
    assert about["Lỗi và cảnh báo"] == text("summary.contents.findings")


def test_a_list_of_some_pages_is_printed_whole() -> None:
    calm = summary_bytes(compared(province(5), same=0.9), inbox_link=None)
    sheet = openpyxl.load_workbook(io.BytesIO(calm))["So sánh theo đơn vị"]
    assert printed(sheet)[3] == sheet.max_row
    assert printed(sheet)[1] == sheet.max_column


def test_columns_of_the_screen_stay_off_the_paper(few: Workbook) -> None:
    sheet = few[text("summary.sheet.files")]
    head = int(sheet.auto_filter.ref.split(":")[0][1:])
    titles = [cell.value for cell in sheet[head]]
    last = titles.index(text("summary.files.notes")) + 1
    assert titles[last:] == [text("summary.files.sha256"), text("summary.files.link")]
    assert printed(sheet)[1] == last
    assert sheet.auto_filter.ref.endswith(f"{get_column_letter(len(titles))}{sheet.max_row}")


def breaks(book: Workbook) -> set[str]:
    """Titles of the overview that start a page."""
    overview = book[text("summary.sheet.overview")]
    rows = {cell.row: cell.value for cell in overview["A"] if cell.value}
    # A break stands above the blank row before a title.
    return {rows[item.id + 2] for item in overview.row_breaks.brk}


def waiting(held: int, decide: int) -> Workbook:
    """A summary with so many files held and totals to decide on, and two units missing."""
    whole = province(12)
    wrong = whole.contradictions[0]
    one = next(record for record in whole.records if record.outcome.counted)
    left = tuple(
        replace(
            one, path=f"{at}.xlsx", outcome=Outcome.HELD, reason=joined("", ("Chưa rõ đơn vị.",))
        )
        for at in range(held)
    )
    absent = tuple(OrganisationUnit(f"Z{at}", f"Xã {at}", Level.COMMUNE) for at in range(2))
    told = replace(
        whole,
        records=left,
        contradictions=tuple(replace(wrong, row=str(at)) for at in range(decide)),
        completeness=tuple(replace(part, missing=absent, held=()) for part in whole.completeness),
    )
    return openpyxl.load_workbook(io.BytesIO(summary_bytes(told, inbox_link=None)))


@pytest.mark.parametrize(
    ("held", "decide", "titles"),
    [
        (0, 0, set()),
        (9, 0, set()),
        (30, 0, {"held"}),
        (9, 5, {"decide", "held"}),
        (30, 20, {"decide", "held"}),
    ],
)
def test_the_overview_is_one_page_and_lists_behind_it_are_not_divided(
    held: int, decide: int, titles: set[str]
) -> None:
    always = {text("summary.contents.title"), text("summary.received.by_template")}
    expected = always | {text(f"summary.{key}.title") for key in titles}
    book = waiting(held, decide)
    assert breaks(book) == expected
    sheet = book[text("summary.sheet.overview")]
    end = min(item.id for item in sheet.row_breaks.brk)
    high = sum(sheet.row_dimensions[row].height or 15.0 for row in range(1, end + 1))
    margins = sheet.page_margins.top + sheet.page_margins.bottom
    assert high * scale(sheet) <= _A4[1] - 72 * margins


def test_a_book_that_grows_is_printed_whole() -> None:
    units = [OrganisationUnit(f"X{n:03}", f"Xã {n}", Level.COMMUNE) for n in range(40)]
    sheet = openpyxl.load_workbook(io.BytesIO(build_roster(Roster.of(units))))[
        text("kept.roster.sheet")
    ]
    # A print area would end where the rows of that day ended.
    assert not sheet.print_area
    assert sheet.print_title_rows == "$6:$6"
    assert sheet.oddFooter.left.text == "&A"
