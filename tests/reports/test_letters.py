"""Reminder letters and the chase list: who gets which, what they say, how they are laid out."""

from __future__ import annotations

import io
import os
import subprocess
import zipfile
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from openpyxl import load_workbook

from consolidate.definitions.catalogue import text
from consolidate.model.deadlines import Calendar, CalendarRow, Deadline
from consolidate.model.period import Period
from consolidate.model.reasons import joined
from consolidate.model.returns import Outcome
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.reports.letter_plan import Letter, LetterBy, plan_letters
from consolidate.reports.letterhead import authority_of
from consolidate.reports.letters import letter_bytes
from consolidate.reports.round_progress import progress_workbook
from consolidate.rollup.timeliness import Arrival, Arrivals, ReturnStatus, statuses
from tests.library_2018 import library_2018
from tests.office.office import Office, installed

NINE, QUARTER = Period.parse_code("2018-9M"), Period.parse_code("2018-Q3")
AS_OF = date(2018, 9, 10)
PCTN = frozenset({"pctn"})
PROVINCE = "Tỉnh Sông Tiền"
DEPARTMENT = OrganisationUnit("S02", "Sở Nội vụ", Level.PROVINCE, email="nv@tinh.example")
DISTRICT = OrganisationUnit("H1", "UBND huyện An Đông", Level.DISTRICT, templates=PCTN)
ONE = OrganisationUnit("X1", "UBND xã A/B", Level.COMMUNE, parent="h1", templates=PCTN)
TWO = OrganisationUnit("X2", "UBND xã C", Level.COMMUNE, parent="Cụm 2", templates=PCTN)
HELD = OrganisationUnit("X3", "UBND xã D", Level.COMMUNE, parent="H1", templates=PCTN)
ROSTER = Roster.of((DEPARTMENT, DISTRICT, ONE, TWO, HELD), province=PROVINCE)
CALENDAR = Calendar(
    (
        CalendarRow(NINE, Deadline(due=date(2018, 9, 5), final=date(2018, 9, 15), letter="12/TTT")),
        CalendarRow(QUARTER, Deadline(due=date(2018, 9, 20))),
    )
)
CAME: Arrivals = {
    ("X2", "pctn"): Arrival(
        Outcome.UNREADABLE, date(2018, 9, 4), "x2.xlsx", joined("", ("Tệp hỏng.",))
    ),
    ("X3", "pctn"): Arrival(
        Outcome.HELD, date(2018, 9, 4), "=x3.xlsx", joined("", ("Hai tệp khác nhau.",))
    ),
}


def found(roster: Roster = ROSTER, came: Arrivals = CAME) -> tuple[ReturnStatus, ...]:
    return statuses(library_2018(), roster, CALENDAR, NINE, came, AS_OF)


def planned(by: LetterBy = LetterBy.UNIT, agency: str = "") -> tuple[Letter, ...]:
    return plan_letters(found(), ROSTER, NINE, AS_OF, by=by, agency=agency)


def opened(letter: Letter, province: str = PROVINCE) -> WordDocument:
    return Document(io.BytesIO(letter_bytes(letter, authority_of(letter.agency, province), AS_OF)))


def told(document: WordDocument) -> str:
    """Every text of a letter, cells included, in its order."""
    return "\n".join(
        "".join(node.text or "" for node in paragraph.iter(qn("w:t")))
        for paragraph in document.element.body.iter(qn("w:p"))
    )


def rows(document: WordDocument) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in document.tables[1].rows]


def test_each_authority_asks_each_unit_for_its_own_returns() -> None:
    assert [
        (letter.agency, letter.recipient, [s.template.code for s in letter.returns])
        for letter in planned()
    ] == [
        ("Thanh tra tỉnh", "Sở Nội vụ", ["pctn"]),
        ("Sở Nội vụ", "Sở Nội vụ", ["cchc"]),
        ("Thanh tra tỉnh", "UBND huyện An Đông", ["pctn"]),
        ("Thanh tra tỉnh", "UBND xã A/B", ["pctn"]),
        ("Thanh tra tỉnh", "UBND xã C", ["pctn"]),
    ]
    assert [letter.file_name for letter in planned()][2:4] == [
        "h1-ubnd-huyen-an-dong-don-doc-pctn-9-thang-2018-den-10-09-2018.docx",
        "x1-ubnd-xa-a-b-don-doc-pctn-9-thang-2018-den-10-09-2018.docx",
    ]


def test_one_authority_can_ask_for_all() -> None:
    first = planned(agency="Văn phòng UBND tỉnh")[0]
    assert (first.agency, len(first.returns), first.unit) == ("Văn phòng UBND tỉnh", 2, DEPARTMENT)
    said = told(opened(first))
    assert "THỦ TRƯỞNG CƠ QUAN" in said
    assert "PCTN 9 tháng đầu năm 2018 và CCHC quý III/2018" in said
    assert text("letter.finals") in said
    assert rows(opened(first))[1:] == [
        [
            "1",
            "PCTN 9 tháng đầu năm 2018",
            "05/09/2018\n(cuối cùng: 15/09/2018)",
            "Chưa nộp, quá hạn 5 ngày",
        ],
        ["2", "CCHC quý III/2018", "20/09/2018", "Chưa nộp, còn 10 ngày"],
    ]


def test_a_parent_gets_one_letter_about_itself_and_its_units() -> None:
    letters = planned(LetterBy.PARENT, "Thanh tra tỉnh")
    assert [(letter.recipient, [s.unit.code for s in letter.returns]) for letter in letters] == [
        ("Sở Nội vụ", ["S02", "S02"]),
        ("UBND huyện An Đông", ["H1", "X1"]),
        (text("letter.units_below", parent="Cụm 2"), ["X2"]),
    ]
    assert rows(opened(letters[1])) == [
        ["TT", "Đơn vị", "Hạn nộp", "Tình trạng"],
        ["1", "UBND huyện An Đông", "05/09/2018", "Chưa nộp, quá hạn 5 ngày"],
        ["2", "UBND xã A/B", "05/09/2018", "Chưa nộp, quá hạn 5 ngày"],
    ]
    assert text("letter.again") not in told(opened(letters[1]))
    assert text("letter.again") in told(opened(letters[2]))


def test_a_level_gets_one_letter() -> None:
    letters = planned(LetterBy.LEVEL, "Thanh tra tỉnh")
    assert [[s.unit.code for s in letter.returns] for letter in letters] == [
        ["S02", "S02"],
        ["H1"],
        ["X1", "X2"],
    ]
    assert letters[2].recipient == text("letter.everyone", level="cấp xã")


def test_nobody_is_reminded_of_what_is_in_or_held() -> None:
    came = {(unit.code, "pctn"): Arrival(Outcome.ACCEPTED, AS_OF) for unit in ROSTER.units}
    came |= {("S02", "cchc"): Arrival(Outcome.HELD, AS_OF)}
    assert plan_letters(found(came=came), ROSTER, NINE, AS_OF) == ()


def test_a_letter_says_everything_in_the_official_order() -> None:
    said = told(opened(planned()[2]))
    parts = [
        "UBND TỈNH SÔNG TIỀN",
        "THANH TRA TỈNH",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Số: ………/………",
        "V/v đôn đốc gửi báo cáo số liệu PCTN 9 tháng đầu năm 2018",
        "Sông Tiền, ngày …… tháng …… năm 20……",
        "Kính gửi: UBND huyện An Đông",
        "Thực hiện văn bản số 12/TTT về chế độ báo cáo, các cơ quan, đơn vị gửi báo cáo số "
        "liệu công tác phòng, chống tham nhũng 9 tháng đầu năm 2018 về Thanh tra tỉnh."
        " Tính đến ngày 10/09/2018,",
        "Chưa nộp, quá hạn 5 ngày",
        "gửi về Thanh tra tỉnh; báo cáo đã quá hạn thì gửi ngay khi nhận được văn bản này.",
        "báo cáo nhận sau ngày 15/09/2018 được tính là không nộp.",
        "Trân trọng./.",
        "Nơi nhận:",
        "- Như trên;",
        "- Lưu: VT, ……….",
        "CHÁNH THANH TRA",
    ]
    places = [said.find(part) for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    assert places == sorted(places)


def test_what_is_not_due_yet_is_asked_for_in_time() -> None:
    said = told(opened(planned()[1]))
    assert "gửi về Sở Nội vụ đúng hạn nêu trên." in said
    assert "GIÁM ĐỐC" in said
    assert "được tính là không nộp" not in said
    assert "Các cơ quan, đơn vị gửi báo cáo" in said  # No letter is cited that nobody named.


def test_without_a_due_date_the_day_is_left_to_be_filled_in() -> None:
    undated = statuses(library_2018(), ROSTER, Calendar(), NINE, {}, AS_OF)
    said = told(opened(plan_letters(undated, ROSTER, NINE, AS_OF)[0]))
    assert "gửi về Thanh tra tỉnh trước ngày …… tháng …… năm 20……. Nếu" in said
    assert "đúng hạn" not in said


@pytest.mark.parametrize(
    ("province", "head", "agency", "place"),
    [
        ("Thành phố Huế", "UBND THÀNH PHỐ HUẾ", "THANH TRA THÀNH PHỐ", "Huế, ngày"),
        ("TP. Đà Nẵng", "UBND THÀNH PHỐ ĐÀ NẴNG", "THANH TRA THÀNH PHỐ", "Đà Nẵng, ngày"),
        ("Hà  Nội", "UBND THÀNH PHỐ HÀ NỘI", "THANH TRA THÀNH PHỐ", "Hà Nội, ngày"),
        ("Tiền Giang", "UBND TỈNH TIỀN GIANG", "THANH TRA TỈNH", "Tiền Giang, ngày"),
        ("tỉnh TIỀN GIANG", "UBND TỈNH TIỀN GIANG", "THANH TRA TỈNH", "TIỀN GIANG, ngày"),
        ("", "UBND TỈNH ……………", "THANH TRA TỈNH", "……………, ngày"),
    ],
)
def test_the_head_follows_the_province(province: str, head: str, agency: str, place: str) -> None:
    lines = told(opened(planned()[2], province)).split("\n")
    assert lines[:2] == [head, agency]
    assert any(line.startswith(place) for line in lines)


def test_the_page_is_that_of_official_documents() -> None:
    document = opened(planned()[2])
    (section,) = document.sections

    def millimetres(*lengths: int | None) -> list[float]:
        return [round((length or 0) / 36000, 1) for length in lengths]

    assert millimetres(section.page_width, section.page_height) == [210, 297]
    assert millimetres(section.left_margin, section.right_margin) == [30, 15]
    assert millimetres(section.top_margin, section.bottom_margin) == [20, 20]
    assert section.different_first_page_header_footer
    assert "PAGE" in section.header._element.xml
    sizes = {
        run.font.size.pt
        for paragraph in document.paragraphs
        for run in paragraph.runs
        if run.font.size is not None
    }
    assert sizes == {14}
    assert document.styles["Normal"].font.name == "Times New Roman"
    heading = document.tables[1].rows[0]._tr
    assert heading.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
    assert all("cantSplit" in row._tr.xml for row in document.tables[1].rows)


def test_the_same_letter_is_the_same_bytes_without_a_clock() -> None:
    letter = planned()[2]
    authority = authority_of(letter.agency, PROVINCE)
    one, two = (letter_bytes(letter, authority, AS_OF) for _ in range(2))
    assert one == two
    with zipfile.ZipFile(io.BytesIO(one)) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [name for name in package.namelist() if "thumbnail" in name]
        core = package.read("docProps/core.xml").decode()
    assert "2018-01-01T00:00:00Z" in core
    assert "python-docx" not in core


def test_names_with_signs_that_no_document_holds_are_written_all_the_same() -> None:
    odd = OrganisationUnit("X\x01", "UBND\x00 xã\n<b>Ma</b>\ud800", Level.COMMUNE, templates=PCTN)
    roster = Roster.of((odd,), province="Tỉnh\x07 X")
    (letter,) = plan_letters(found(roster, {}), roster, NINE, AS_OF)
    said = told(opened(letter, roster.province))
    assert r"UBND\x00 xã <b>Ma</b>\ud800" in " ".join(said.split())
    assert progress_workbook(found(roster, {}), (), roster, NINE, AS_OF)


def many() -> Roster:
    units = (
        OrganisationUnit(f"X{n}", f"UBND xã số {n}", Level.COMMUNE, templates=PCTN)
        for n in range(60)
    )
    return Roster.of(units, province=PROVINCE)


@pytest.mark.office
def test_libreoffice_prints_letters_and_repeats_the_heading(office: Office, tmp_path: Path) -> None:
    program = Path(installed() or "").resolve()
    if os.name == "posix" and not list(program.parent.glob("libswlo.*")):
        pytest.skip("LibreOffice Writer is not installed: how letters print is NOT tested")
    (letter,) = plan_letters(found(many(), {}), many(), NINE, AS_OF, by=LetterBy.LEVEL)
    files = [tmp_path / "nhiều.docx", tmp_path / "một.docx"]
    for file, made in zip(files, (letter, planned()[2]), strict=True):
        file.write_bytes(letter_bytes(made, authority_of(made.agency, PROVINCE), AS_OF))
    pages = []
    for pdf in office.saved_as(files, "pdf", tmp_path):
        done = subprocess.run(
            ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, check=True, timeout=60
        )
        pages.append(done.stdout.decode().split("\f")[:-1])
    several, single = pages
    assert len(single) == 1
    assert len(several) == 3
    with_rows = [page for page in several if "UBND xã số" in page]
    assert len(with_rows) >= 2
    assert all("Tình trạng" in page for page in with_rows)
    assert several[1].split()[0] == "2"
    assert several[0].split()[:2] == ["UBND", "TỈNH"]
    assert "Trân trọng" in several[-1]
    assert "CHÁNH THANH TRA" in several[-1]


def test_the_chase_list_has_a_row_for_everything_that_is_not_in() -> None:
    data = progress_workbook(found(), (), ROSTER, NINE, AS_OF)
    assert data == progress_workbook(found(), (), ROSTER, NINE, AS_OF)
    sheet = load_workbook(io.BytesIO(data))[text("chase.sheet")]
    lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert lines[0][0] == text("chase.title", period=NINE.label, day="10/09/2018")
    top = next(n for n, line in enumerate(lines) if line[0] == text("chase.column.number"))
    days = [
        [str(value)[:10] if value else None for value in line[5:7]] for line in lines[top + 1 :]
    ]
    assert [line[:5] + line[7:] for line in lines[top + 1 :]] == [
        [
            1,
            "S02",
            "Sở Nội vụ",
            None,
            "PCTN · 9 tháng đầu năm 2018",
            5,
            "Chưa nộp, quá hạn 5 ngày",
            "nv@tinh.example",
            None,
        ],
        [
            2,
            "S02",
            "Sở Nội vụ",
            None,
            "CCHC · Quý III/2018",
            None,
            "Chưa nộp, còn 10 ngày",
            "nv@tinh.example",
            None,
        ],
        [
            3,
            "H1",
            "UBND huyện An Đông",
            None,
            "PCTN · 9 tháng đầu năm 2018",
            5,
            "Chưa nộp, quá hạn 5 ngày",
            None,
            None,
        ],
        [
            4,
            "X1",
            "UBND xã A/B",
            "UBND huyện An Đông",
            "PCTN · 9 tháng đầu năm 2018",
            5,
            "Chưa nộp, quá hạn 5 ngày",
            None,
            None,
        ],
        [
            5,
            "X2",
            "UBND xã C",
            "Cụm 2",
            "PCTN · 9 tháng đầu năm 2018",
            5,
            "Đã gửi nhưng không đọc được, quá hạn 5 ngày",
            None,
            "x2.xlsx: Tệp hỏng.",
        ],
        [
            6,
            "X3",
            "UBND xã D",
            "UBND huyện An Đông",
            "PCTN · 9 tháng đầu năm 2018",
            5,
            "Đã gửi, giữ lại chờ xem xét, quá hạn 5 ngày",
            None,
            "=x3.xlsx: Hai tệp khác nhau.",
        ],
    ]
    assert days[:2] == [["2018-09-05", "2018-09-15"], ["2018-09-20", None]]
    assert sheet.page_setup.paperSize == 9
    assert sheet.page_setup.orientation == "landscape"
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
