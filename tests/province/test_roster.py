"""The roster as an officer keeps it, and what is said when it cannot be used."""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from consolidate.model.cells import Cell
from consolidate.model.reasons import Reason, UserError, because
from consolidate.model.text import tidy
from consolidate.model.units import KIND_LEVELS, Level, OrganisationUnit, Roster, UnitKind
from consolidate.province.book_columns import ROSTER
from consolidate.province.kept_fields import KeptSheet, table_in
from consolidate.province.roster import build_roster, parse_roster, read_roster

HEADER: list[Cell] = [
    "Mã đơn vị",
    "Tên đơn vị",
    "Tên khác, viết tắt",
    "Cấp",
    "Biểu mẫu phải nộp",
    "Đơn vị cấp trên",
]
TOP: list[list[Cell]] = [["DANH SÁCH"], [], ["Tỉnh, thành phố", "Tỉnh  Sông Tiền"], HEADER]
TEMPLATES = ("pctn", "cchc")
SHEET = because("kept.roster.sheet")


def parsed(rows: list[list[Cell]]) -> Roster:
    return parse_roster(table_in([KeptSheet(rows)], "ds.xlsx", ROSTER), "ds.xlsx", TEMPLATES)


def problems(*rows: list[Cell]) -> tuple[Reason, ...]:
    with pytest.raises(UserError) as caught:
        parsed([*TOP, *rows])
    return caught.value.problems


def test_units_in_their_order_with_everything_about_them() -> None:
    rows: list[list[Cell]] = [
        ["S02", " Sở Nội vụ ", "SNV; Sở NV ;", "Cấp tỉnh", "pctn, cchc", ""],
        ["", "", "", "", "", ""],
        [12.0, "UBND xã A", "", "xã", "", "H01"],
        ["X3", "UBND xã B", "", "COMMUNE"],
    ]
    roster = parsed([*TOP, *rows])
    assert roster.units == (
        OrganisationUnit(
            "S02", "Sở Nội vụ", Level.PROVINCE, ("SNV", "Sở NV"), "", frozenset(TEMPLATES)
        ),
        OrganisationUnit("12", "UBND xã A", Level.COMMUNE, parent="H01"),
        OrganisationUnit("X3", "UBND xã B", Level.COMMUNE),
    )
    assert (roster.province, roster.source) == ("Tỉnh Sông Tiền", "ds.xlsx")
    assert [unit.expects("cchc") for unit in roster.units] == [True, True, True]


def test_headers_in_any_order_case_and_unicode_form() -> None:
    header: list[Cell] = ["STT", "TÊN ĐƠN VỊ", "ca\u0302\u0301p", " mã đơn vị:"]
    roster = parsed([header, [1.0, "Sở A", "tỉnh", "S1"]])
    assert roster.units == (OrganisationUnit("S1", "Sở A", Level.PROVINCE),)


def test_every_mistake_is_named_with_its_row() -> None:
    assert problems(
        ["S1", "", "", "tỉnh"],
        ["", "Sở B", "", "tỉnh"],
        ["S3", "Sở C", "", "phòng"],
        ["S4", "Sở D", "", "tỉnh"],
        ["s4", "Sở E", "", "tỉnh"],
        ["S6", "Sở F", "", "tỉnh", "pctn, nd"],
    ) == (
        because("roster.incomplete", row=5),
        because("roster.incomplete", row=6),
        because("roster.level", row=7, level="phòng"),
        because("roster.repeated", row=9, code="s4", first=8),
        because("roster.template", row=10, unknown="nd", known="cchc, pctn"),
    )


def test_a_roster_of_nobody() -> None:
    assert problems() == (because("roster.empty", file="ds.xlsx"),)


def test_templates_in_capitals_as_they_are_called_elsewhere() -> None:
    row: list[Cell] = ["S1", "A", "", "tỉnh", "PCTN; cchc"]
    (unit,) = parsed([*TOP, row]).units
    assert unit.templates == {"pctn", "cchc"}


def test_a_number_that_lost_its_zeros_is_told_by_the_codes_around_it() -> None:
    assert problems(
        ["00004", "A", "", "xã"],
        [7.0, "B", "", "xã"],
        ["8", "C", "", "xã"],  # Typed as a text: meant.
        [12345.0, "D", "", "xã"],
    ) == (because("roster.zeros", row=6, code="7", shown="00007", other="00004"),)
    by_parent: list[list[Cell]] = [[12.0, "A", "", "xã"], ["X1", "B", "", "xã", "", "012"]]
    assert problems(*by_parent) == (
        because("roster.zeros", row=5, code="12", shown="012", other="012"),
    )
    counted: list[list[Cell]] = [[1.0, "A", "", "xã"], [10.0, "B", "", "xã", "", "1"]]
    assert [u.code for u in parsed([*TOP, *counted]).units] == ["1", "10"]


def _kept(path: Path, merged: str, *, before: bool = False) -> Path:
    with xlsxwriter.Workbook(path) as book:
        if before:
            book.add_worksheet("Nháp").write("A1", "để sau")
        sheet = book.add_worksheet("Danh sách")
        rows: list[list[Cell]] = [
            ["S1", "A", "", "tỉnh"], ["H1", "B", "", "huyện"], ["X1", "C", "", "xã", "", "H1"],
            ["X2", "D", "", "xã"],
        ]  # fmt: skip
        for at, row in enumerate([*TOP, *rows]):
            sheet.write_row(at, 0, row)
        if merged:
            sheet.merge_range(merged, "H1")
    return path


def test_cells_merged_across_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        read_roster(_kept(tmp_path / "ds.xlsx", "F7:F8"), TEMPLATES)
    assert caught.value.problems == (because("roster.merged", first=7, last=8),)


@pytest.mark.parametrize("merged", ["A1:F2", "G7:H7", ""])
def test_a_merged_title_is_no_harm(tmp_path: Path, merged: str) -> None:
    assert len(read_roster(_kept(tmp_path / "ds.xlsx", merged), TEMPLATES).units) == 4


def test_the_sheet_that_has_the_table_is_read(tmp_path: Path) -> None:
    roster = read_roster(_kept(tmp_path / "ds.xlsx", "", before=True), TEMPLATES)
    assert [unit.code for unit in roster.units] == ["S1", "H1", "X1", "X2"]


@pytest.mark.parametrize("rows", [[], [["Mã đơn vị", "Tên đơn vị"]], [[1.0, "x"]]])
def test_a_sheet_without_the_header(rows: list[list[Cell]]) -> None:
    with pytest.raises(UserError) as caught:
        parsed(rows)
    assert caught.value.problems == (because("roster.no_header", file="ds.xlsx", sheet=SHEET),)


def test_a_file_with_blank_rows_above_keeps_its_row_numbers(tmp_path: Path) -> None:
    path = tmp_path / "ds.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(4, 1, ["Mã đơn vị", "Tên đơn vị", "Cấp"])
        sheet.write_row(5, 1, ["S1", "Sở A", "Cấp tỉnh"])
        sheet.write_row(7, 1, ["S1", "Sở B", "Cấp tỉnh"])
    with pytest.raises(UserError) as caught:
        read_roster(path, TEMPLATES)
    assert caught.value.problems == (because("roster.repeated", row=8, code="S1", first=6),)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" * 200])
def test_a_file_that_is_no_workbook(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ds.xlsx"
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_roster(path, TEMPLATES)
    assert caught.value.problems == (because("roster.unreadable", file="ds.xlsx"),)


def test_a_roster_is_searched_by_code_name_and_other_name() -> None:
    rows: list[list[Cell]] = [["S1", "Sở A", "SA", "tỉnh"], ["S2", "Sở B", "SA", "tỉnh"]]
    roster = parsed([*TOP, *rows])
    one, two = roster.units
    assert roster.find("s1") == (one,)
    assert roster.find(" SỞ  B ") == (two,)
    assert roster.find("SA") == (one, two)
    assert roster.find("Sở C") == roster.find("") == ()


FULL: list[Cell] = [
    "Mã đơn vị", "Mã định danh", "Tên đơn vị", "Tên viết tắt", "Tên khác", "Tên cũ", "Cấp",
    "Loại đơn vị", "Đơn vị cấp trên", "Biểu mẫu phải nộp", "Thư điện tử", "Hiệu lực từ",
    "Hiệu lực đến", "Đơn vị tiền thân",
]  # fmt: skip


def full(*rows: dict[str, Cell]) -> list[list[Cell]]:
    """Rows below the full header; a field is named by its heading."""
    return [FULL, *([row.get(str(head), "") for head in FULL] for row in rows)]


def a_row(code: str, **more: Cell) -> dict[str, Cell]:
    names = {
        "kind": "Loại đơn vị", "mail": "Thư điện tử", "since": "Hiệu lực từ",
        "until": "Hiệu lực đến", "before": "Đơn vị tiền thân", "ident": "Mã định danh",
    }  # fmt: skip
    row: dict[str, Cell] = {"Mã đơn vị": code, "Tên đơn vị": f"UBND xã {code}", "Cấp": "Cấp xã"}
    return row | {names[key]: value for key, value in more.items()}


def complaints(*rows: dict[str, Cell]) -> tuple[Reason, ...]:
    with pytest.raises(UserError) as caught:
        parsed(full(*rows))
    return caught.value.problems


def test_everything_a_roster_can_say_of_a_unit() -> None:
    row: dict[str, Cell] = {
        "Mã đơn vị": "X1", "Mã định danh": "000.01.12.H35", "Tên đơn vị": "UBND xã An Đông",
        "Tên viết tắt": "AĐ", "Tên khác": "xã An Đông; An Đông", "Tên cũ": "UBND xã Đông",
        "Cấp": "xã", "Loại đơn vị": "ubnd xã", "Đơn vị cấp trên": "H1",
        "Biểu mẫu phải nộp": "pctn; cchc", "Thư điện tử": "andong@tinh.gov.vn",
        "Hiệu lực từ": datetime(2025, 7, 1), "Hiệu lực đến": "31 / 12 / 2025",
        "Đơn vị tiền thân": "x2, X3",
    }  # fmt: skip
    until = date(2025, 6, 30)
    others = (a_row("X2", until=until), a_row("X3", until=until))
    roster = parsed(full(row, *others))
    assert roster.units[0] == OrganisationUnit(
        "X1",
        "UBND xã An Đông",
        Level.COMMUNE,
        aliases=("AĐ", "xã An Đông", "An Đông"),
        parent="H1",
        templates=frozenset(TEMPLATES),
        identifier="000.01.12.H35",
        kind=UnitKind.COMMUNE,
        email="andong@tinh.gov.vn",
        valid_from=date(2025, 7, 1),
        valid_to=date(2025, 12, 31),
        predecessors=("X2", "X3"),
        old_names=("UBND xã Đông",),
    )
    assert roster.units[1].valid_to == until


def test_all_mistakes_of_all_rows_are_named_at_once() -> None:
    known = ", ".join(f"“{kind.label}”" for kind in UnitKind if kind.label)
    assert complaints(
        a_row("A", kind="công ty", mail="a.b", since="1/13/2025"),
        a_row("B", kind="Sở", since="01/07/2025", until="30/6/2025", before="Z"),
        a_row("C", ident="H35.1"),
        a_row("D", ident="h35.1", since=45000.0),
        a_row("a", until="hôm qua"),
    ) == (
        because("roster.kind", row=2, kind="công ty", known=known),
        because("roster.email", row=2, email="a.b"),
        because("roster.day", row=2, found="1/13/2025"),
        because("roster.kind_level", row=3, kind=UnitKind.DEPARTMENT.label, level="Cấp xã"),
        because("roster.backwards", row=3, start=date(2025, 7, 1), end=date(2025, 6, 30)),
        because("roster.predecessor", row=3, code="Z"),
        because("roster.day", row=5, found="45000"),
        because("roster.identifier", row=5, identifier="h35.1", first=4),
        because("roster.repeated", row=6, code="a", first=2),
        because("roster.day", row=6, found="hôm qua"),
    )


def test_an_identifier_may_pass_to_a_successor() -> None:
    rows = (
        a_row("A", ident="H35.1", until="30/6/2025"),
        a_row("B", ident="H35.1", since="1/7/2025", before="A"),
    )
    roster = parsed(full(*rows))
    assert [unit.identifier for unit in roster.units] == ["H35.1", "H35.1"]


def test_units_that_come_from_each_other_are_refused_with_their_row() -> None:
    assert complaints(
        a_row("A", before="B"), a_row("B", before="c"), a_row("C", before="A"), a_row("D")
    ) == (because("roster.cycle", row=2, chain="A ← B ← C ← A"),)
    assert complaints(a_row("A"), a_row("B", before="B")) == (
        because("roster.cycle", row=3, chain="B ← B"),
    )


WORD = st.text("AbĐ é=+;,-@\u0301", min_size=1, max_size=8).map(tidy).filter(bool)
PLAIN = WORD.filter(lambda word: not set(";,") & set(word))
DAYS = st.none() | st.dates(date(2000, 1, 1), date(2040, 1, 1))


@st.composite
def units(draw: st.DrawFn) -> list[OrganisationUnit]:
    made: list[OrganisationUnit] = []
    for index in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(UnitKind))
        levels = [level for level in Level if level is not Level.UNKNOWN]
        days = sorted(filter(None, (draw(DAYS), draw(DAYS))))
        made.append(
            OrganisationUnit(
                f"X{index}",
                draw(WORD),
                KIND_LEVELS.get(kind, draw(st.sampled_from(levels))),
                aliases=tuple(draw(st.lists(PLAIN, max_size=2))),
                parent=draw(st.just("") | WORD),
                templates=draw(st.frozensets(st.sampled_from(TEMPLATES))),
                identifier=draw(st.sampled_from(["", f"H35.{index}"])),
                kind=kind,
                email=draw(st.sampled_from(["", "a@b.vn"])),
                valid_from=days[0] if days else None,
                valid_to=days[1] if len(days) > 1 else None,
                predecessors=tuple(
                    draw(st.lists(st.sampled_from([u.code for u in made]), unique=True))
                    if made
                    else ()
                ),
                old_names=tuple(draw(st.lists(PLAIN, max_size=2))),
            )
        )
    return made


@settings(max_examples=40, deadline=None)
@given(units(), st.just("") | WORD)
def test_a_written_roster_is_read_back(made: list[OrganisationUnit], province: str) -> None:
    parts = frozenset({"cchc_pl3_2", "pctn_01"}) if made else frozenset()
    data = build_roster(Roster.of(made, province=province, added=parts))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
    cells = rows.to_python(skip_empty_area=False)
    roster = parsed(cells)
    assert roster.units == tuple(made)
    assert roster.province == province
    assert roster.added == parts
    assert build_roster(roster) == data
