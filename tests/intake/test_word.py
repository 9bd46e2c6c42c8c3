"""Word documents: tables as Word shows them, nothing unseen read, nothing hostile opened."""

from __future__ import annotations

import io
import zipfile
from functools import cache

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import OxmlElement, parse_xml
from hypothesis import given
from hypothesis import strategies as st

from consolidate.intake.word import read_word
from consolidate.merge.read_files import check_bytes
from consolidate.model.reasons import because
from consolidate.model.returns import FileReading, Outcome
from consolidate.templates.live_formulas import Value
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from consolidate.xlsx.read.grid import Workbook
from consolidate.xlsx.read.package_gate import Limits, Refused
from tests.intake.retyping import RECIPES, Typed, add_table, as_word, rules, typed_forms, values
from tests.library_2018 import library_2018
from tests.saved import packed, saved
from tests.xlsx.packages import document

RETYPED = "structure.retyped"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"


def cell(content: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"


def paragraph(*runs: str) -> str:
    return f"<w:p>{''.join(runs)}</w:p>"


def run(words: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{words}</w:t></w:r>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def read(body: str, limits: Limits | None = None) -> dict[str, list[list[object]]]:
    book: Workbook = read_word(document(body), limits or Limits())
    return {grid.name: [list(row) for row in grid.rows] for grid in book.sheets}


def refusal(data: bytes, limits: Limits | None = None) -> tuple[str, bool]:
    with pytest.raises(Refused) as refused:
        read_word(data, limits or Limits())
    return refused.value.reason.key.partition(".")[2], refused.value.unreadable


@cache
def filled(template: str) -> tuple[bytes, FileReading]:
    data = RECIPES[template].build()
    return data, check_bytes(library_2018(), "mẫu.xlsx", data)


@pytest.mark.parametrize("template", ["pctn", "cchc"])
def test_a_copy_of_a_filled_template_in_word_gives_its_values(template: str) -> None:
    data, original = filled(template)
    reading = check_bytes(library_2018(), "báo cáo.docx", as_word(typed_forms(data)))
    assert values(reading) == values(original)
    assert rules(reading) == [RETYPED, RETYPED]
    assert reading.content is not None
    assert {value.cell.sheet for value in reading.content.values()} == {"Bảng 1", "Bảng 2"}


def test_each_table_has_the_window_above_it() -> None:
    first, second = typed_forms(filled("pctn")[0])
    made = docx.Document()
    made.add_paragraph("(Số liệu tính từ ngày 06/11/2017 đến ngày 28/8/2018)")
    add_table(made, (*first.header, *first.body))
    made.add_paragraph("(Số liệu tính từ ngày 06/11/2017 đến 25/5/2018)")
    add_table(made, (*second.header, *second.body))
    reading = check_bytes(library_2018(), "a.docx", saved(made))
    assert reading.content is not None
    windows = [part.window for part in reading.content.data_sets]
    assert [(w.window.label, w.cell.a1) for w in windows if w and w.window] == [
        ("06/11/2017 – 28/08/2018", "A1"),
        ("06/11/2017 – 25/05/2018", "A3"),
    ]
    stale = [f for f in reading.findings if f.rule == "sheets.window_stale"]
    assert [(f.sheet, f.address) for f in stale] == [("Văn bản", "A3")]


AGENCIES = "Số cơ quan chuyên môn cấp tỉnh và đơn vị hành chính cấp huyện, cấp xã"
LEVELS = [
    line.split("|")
    for line in (
        "STT|Tiêu chí|Tổng số|Chia ra theo cấp hành chính|||Ghi chú",
        "|||Cấp tỉnh|Cấp huyện|Cấp xã|",
        f"1|{AGENCIES} triển khai ứng dụng phần mềm quản lý văn bản|241|19|116|106|",
        f"2|{AGENCIES} sử dụng mạng nội bộ (mạng LAN) để trao đổi công việc|241|19|116|106|",
        f"3|{AGENCIES} có Trang thông tin điện|28|19|9||",
        "|từ|||||",
        "4|Số huyện thực hiện mô hình một cửa hiện đại|||9||",
        "5|Tổng số thủ tục hành chính áp dụng dịch vụ công trực tuyến mức độ "
        "1,2,3,4/tổng số cơ quan đơn vị|1.819/134|1.457|223|136|",
        "|5.1 Mức độ 1|1.819|1.457|223|136|",
        "|5.2 Mức độ 2|1.819|1.457|223|136|",
        "|5.3 Mức độ 3|440|389|51|0|",
        "|5.4 Mức độ 4|203|117|86|0|",
    )
]
PLANS = [
    [
        "STT",
        "Kế hoạch",
        "Thời gian ban hành",
        "Số nhiệm vụ/số đơn vị trong kế hoạch",
        "Số nhiệm vụ/số đơn vị hoàn thành theo kế hoạch",
        "Ghi chú",
    ],
    [
        "1",
        "Kế hoạch ứng dụng công nghệ thông tin năm 2018",
        "28/12/2017",
        "21 nhiệm vụ",
        "- 05 đã thực hiện\n- 16 nhiệm vụ đang thực hiện\n- 01 chưa thực hiện",
        "- 5 nhiệm vụ đã thực hiện - 15 nhiệm vụ đang thực hiện - 01 nhiệm vụ chưa thực hiện",
    ],
]
"""Appendix 3 as a unit returned it for the third quarter of 2018 (figures as typed)."""


def appendix() -> bytes:
    made = docx.Document()
    letterhead = made.add_table(1, 2)
    letterhead.cell(0, 0).text = "UBND TỈNH TRÀ VINH\nSỞ THÔNG TIN VÀ TRUYỀN THÔNG"
    letterhead.cell(0, 1).text = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    made.add_paragraph("Phụ lục 3")
    made.add_paragraph("Các hoạt động cải cách hành chính quý III/2018")
    add_table(made, PLANS)
    made.add_paragraph("II. THỐNG KÊ SỐ LƯỢNG CƠ QUAN ĐƠN VỊ THEO CÁC TIÊU CHÍ THỰC HIỆN CCHC")
    add_table(made, LEVELS)
    page = made.tables[-1]
    page.cell(0, 3).merge(page.cell(0, 5))
    page.cell(0, 2).merge(page.cell(1, 2))
    return saved(made)


def test_the_appendix_of_a_real_return_is_read_as_typed() -> None:
    reading = check_bytes(library_2018(), "Phụ lục 3.docx", appendix())
    assert reading.content is not None
    content = reading.content
    figures = {
        (v.key.element, v.key.column): None if v.number is None else int(v.number)
        for v in content.values()
        if v.key.data_set == "cchc_pl3_2" and v.key.column != "note"
    }
    expected: dict[tuple[str, str], int | None] = {}
    for code, row in {
        "r1": (241, 19, 116, 106),
        "r2": (241, 19, 116, 106),
        "r3": (28, 19, 9, None),
        "r5": (1819, 1457, 223, 136),
        "r5_1": (1819, 1457, 223, 136),
        "r5_2": (1819, 1457, 223, 136),
        "r5_3": (440, 389, 51, 0),
        "r5_4": (203, 117, 86, 0),
    }.items():
        for column, figure in zip(("total", "province", "district", "commune"), row, strict=True):
            expected[code, column] = figure
    expected |= {("r4", "total"): None, ("r4", "district"): 9, ("r5", "agencies"): 134}
    assert figures == expected
    plan = {v.key.element: v.value for v in content.values() if v.key.data_set == "cchc_pl3_1"}
    assert [plan[code] for code in ("planned", "done", "doing", "not_done")] == [21, 5, 16, 1]
    assert [(f.rule, f.sheet, f.address) for f in reading.findings if f.severity == "error"] == [
        ("cchc_pl3_1.tasks", "Bảng 2", "D2:E2"),
        ("cchc_pl3_2.levels", "Bảng 3", "C8:F8"),
        ("cchc_pl3_2.levels", "Bảng 3", "C9:F9"),
        ("cchc_pl3_2.levels", "Bảng 3", "C10:F10"),
    ]
    assert content.evidence.headings[:5] == (
        "UBND TỈNH TRÀ VINH",
        "SỞ THÔNG TIN VÀ TRUYỀN THÔNG",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Phụ lục 3",
        "Các hoạt động cải cách hành chính quý III/2018",
    )


def test_a_table_split_over_two_pages_is_joined() -> None:
    data, original = filled("cchc")
    plans, levels = typed_forms(data)
    made = docx.Document()
    for rows in (levels.body[:4], levels.body[4:]):
        add_table(made, (*levels.header, *rows))
    for rows in (plans.body[:1], plans.body[1:]):
        add_table(made, (*plans.header, *rows))
    reading = check_bytes(library_2018(), "a.docx", saved(made))
    assert values(reading) == values(original)
    assert rules(reading) == [RETYPED, RETYPED]
    add_table(made, (*levels.header, *levels.body))
    again = check_bytes(library_2018(), "a.docx", saved(made))
    assert sorted(rules(again)) == [RETYPED, "structure.sheet_twice"]
    assert values(again) == values(original, "cchc_pl3_1")


def test_merged_cells_stand_where_word_shows_them() -> None:
    made = docx.Document()
    grid = made.add_table(3, 3)
    for number, item in enumerate(grid._cells):
        item.text = str(number)
    grid.cell(0, 0).merge(grid.cell(0, 1)).text = "rộng"
    grid.cell(1, 2).merge(grid.cell(2, 2)).text = "cao"
    (_, rows) = read_word(saved(made), Limits()).sheets
    assert rows.rows == [["rộng", "", "2"], ["3", "4", "cao"], ["6", "7", ""]]


def test_what_a_reader_does_not_see_is_not_read() -> None:
    gone = "<w:del><w:r><w:delText>9</w:delText></w:r></w:del>"
    moved = f"<w:moveFrom>{run('8')}</w:moveFrom>"
    code = "<w:r><w:instrText>PAGE</w:instrText></w:r>"
    cells = [
        cell(paragraph(run("1"), gone, moved, code, f"<w:ins>{run('5')}</w:ins>")),
        cell(paragraph(run("ẩn", "<w:vanish/>"), run("rõ", '<w:vanish w:val="0"/>'))),
        cell(
            paragraph(run("a")) + paragraph() + paragraph(run("b"), "<w:r><w:br/></w:r>", run("c"))
        ),
    ]
    deleted = f"<w:trPr><w:del/></w:trPr>{cell(paragraph(run('x')))}"
    assert read(table("".join(cells), deleted)) == {
        "Văn bản": [["", "Bảng 1"]],
        "Bảng 1": [["15", "rõ", "a\nb\nc"]],
    }


def test_controls_nested_tables_and_boxes_are_looked_into() -> None:
    inner = table(cell(paragraph(run("trong"))))
    row = f"<w:sdt><w:sdtContent>{cell(paragraph(run('ngoài')) + inner)}</w:sdtContent></w:sdt>"
    box = f"<w:r><w:pict><w:txbxContent>{paragraph(run('khung'))}</w:txbxContent></w:pict></w:r>"
    body = paragraph(run("đầu"), box) + f"<w:sdt><w:sdtContent>{table(row)}</w:sdtContent></w:sdt>"
    expected = {
        "Văn bản": [["đầu"], ["khung"], ["", "Bảng 1"], ["", "Bảng 2"], ["cuối"]],
        "Bảng 1": [["ngoài"]],
        "Bảng 2": [["trong"]],
    }
    assert read(body + paragraph(run("cuối"))) == expected
    strict = read_word(document(body, namespace=STRICT), Limits())
    assert strict.sheets[1].rows == [["ngoài"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_document_types_and_entities_are_refused(encoding: str) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    xml = document(paragraph(run("&b;")) + table(cell("<w:p/>")), bomb)
    with zipfile.ZipFile(io.BytesIO(xml)) as package:
        content = package.read("word/document.xml").decode().replace("UTF-8", encoding[:6])
    mark = {"utf-8": b"", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}[encoding]
    data = packed({"word/document.xml": mark + content.encode(encoding)})
    assert refusal(data) == ("damaged", True)


@pytest.mark.parametrize("name", ["gridSpan", "gridBefore"])
def test_cells_that_span_more_than_any_page_are_refused(name: str) -> None:
    huge = f'<w:{name} w:val="999999999"/>'
    rows = {
        "gridSpan": table(cell("<w:p/>", huge)),
        "gridBefore": table(f"<w:trPr>{huge}</w:trPr>{cell('<w:p/>')}"),
    }
    assert refusal(document(rows[name])) == ("too_many_cells", True)
    many = table(*[cell("<w:p/>")] * 30)
    assert refusal(document(many), Limits(cells=20)) == ("too_many_cells", True)


def test_other_documents_are_refused_with_their_reason() -> None:
    assert refusal(document(paragraph(run("Kính gửi")))) == ("no_table", False)
    assert refusal(packed({"word/document.xml": "<w"})) == ("damaged", True)
    assert refusal(packed({"word/document.xml": "<w/>"})) == ("damaged", True)
    body = table(cell(paragraph(run("a" * 5_000))))
    assert refusal(document(body), Limits(inflated=10_000)) == ("bomb", True)
    assert refusal(document(body), Limits(file_size=100)) == ("too_large", True)
    several = packed({"word/document.xml": "", **{f"{n}": "" for n in range(9)}})
    assert refusal(several, Limits(entries=5)) == ("too_many_parts", True)
    made = docx.Document()
    add_table(made, [["STT", "Nội dung", "Số liệu"], ["1", "Số cuộc họp", "3"]])
    reading = check_bytes(library_2018(), "thư.docx", saved(made))
    assert (reading.outcome, reading.reason) == (
        Outcome.NOT_A_REPORT,
        because("intake.not_our_form"),
    )


FOREIGN = {
    "thông tư": ["THANH TRA CHÍNH PHỦ", "THÔNG TƯ", "Quy định chế độ báo cáo"],
    "thông tư ": ["THANH TRA CHÍNH PHỦ", "Số: 06/2025/TT-TTCP", "Về báo cáo"],
    "quyết định": ["QUYẾT ĐỊNH VỀ VIỆC BAN HÀNH BIỂU MẪU BÁO CÁO", "BÁO CÁO"],
    "hướng dẫn": ["HƯỚNG DẪN GHI BIỂU 01/PCTN", "Ví dụ:"],
    "hướng dẫn ": ["Số:   /HD-TTr", "Kính gửi: các sở, ban, ngành"],
    "kế hoạch": ["Số: /KH-SNV", "Công tác phòng, chống tham nhũng năm 2023"],
    "kế hoạch ": ["**KẾ HOẠCH**", "Công tác phòng, chống tham nhũng năm 2023"],
    "quy định": ["Điều 1. Phạm vi", "1. Quy định này …", "Điều 2. Kỳ", "Điều 3: Biểu"],
}
REPORTS = {
    "report": ["Số: 1183/BC-STTTT", "BÁO CÁO", "Kết quả thực hiện Thông tư số 03/2013/TT-TTCP"],
    "report on a plan": ["BÁO CÁO KẾT QUẢ", "THỰC HIỆN", "KẾ HOẠCH", "THÔNG TƯ SỐ 03"],
    "letter": ["SỞ NỘI VỤ", "Số: 12/SNV-TTr", "Kính gửi: Thanh tra tỉnh"],
    "letter of an inspectorate": ["THANH TRA SỞ", "Số: 12/TTr-VP", "Kế hoạch số 3/KH-SNV: xong"],
    "annex": ["PHỤ LỤC", "(Kèm theo Thông tư số 03/2013/TT-TTCP)", "Thông tư quy định kỳ."],
    "table alone": ["Hướng dẫn: ghi 0 nếu không phát sinh", "Điều 1. Một", "Điều 2. Hai"],
}


def written(lines: list[str], *, letterhead: bool = False) -> bytes:
    made = docx.Document()
    if letterhead:
        made.add_table(1, 1).cell(0, 0).text = "\n".join(lines)
    for line in [] if letterhead else lines:
        made.add_paragraph(line)
    return as_word(typed_forms(filled("pctn")[0]), made)


@pytest.mark.parametrize("kind", FOREIGN)
@pytest.mark.parametrize("letterhead", [False, True])
def test_a_document_that_sets_or_explains_a_form_is_no_return(kind: str, letterhead: bool) -> None:
    data = written(FOREIGN[kind], letterhead=letterhead)
    reading = check_bytes(library_2018(), "Sở Nội vụ.docx", data)
    assert (reading.content, reading.outcome) == (None, Outcome.NOT_A_REPORT)
    assert reading.reason == because("intake.foreign_document", detail=kind.strip())


@pytest.mark.parametrize("kind", REPORTS)
def test_a_document_of_a_unit_with_the_table_is_a_return(kind: str) -> None:
    data, original = filled("pctn")
    reading = check_bytes(library_2018(), "a.docx", written(REPORTS[kind]))
    assert values(reading) == values(original)
    behind = docx.Document(io.BytesIO(as_word(typed_forms(data))))
    behind.add_paragraph("THÔNG TƯ")  # What is attached behind the table says nothing of it.
    assert values(check_bytes(library_2018(), "a.docx", saved(behind))) == values(original)


@given(st.binary(max_size=200))
def test_any_main_part_is_refused_or_read(content: bytes) -> None:
    for start in (b"", b"<w:document xmlns:w='x'><w:body>"):
        reading = check_bytes(
            library_2018(), "a.docx", packed({"word/document.xml": start + content})
        )
        assert reading.content is None
        assert reading.reason not in (None, because("intake.crashed"))


def test_a_deep_document_does_no_harm() -> None:
    body = "<w:tbl><w:tr><w:tc>" * 80 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 80
    assert len(read(body)) == 81
    deeper = body.replace("<w:p/>", "<w:sdt>" * 300 + "</w:sdt>" * 300)
    assert refusal(document(deeper)) == ("damaged", True)


def test_numbers_of_word_are_read_as_typed() -> None:
    data, original = filled("cchc")
    forms = typed_forms(data)
    made = docx.Document()
    add_table(made, (*forms[1].header, *forms[1].body))
    page = made.tables[0]
    inserted = OxmlElement("w:ins")
    target = page.cell(2, 2).paragraphs[0]._p
    for item in target.findall(qn("w:r")):
        inserted.append(item)
    target.append(inserted)
    reading = check_bytes(library_2018(), "a.docx", saved(made))
    assert values(reading) == values(original, "cchc_pl3_2")
    assert library_2018().by_code["cchc_pl3_2"].sheet == "PL3-II"


def test_what_is_struck_out_or_raised_is_not_read() -> None:
    struck, raised = "<w:strike/>", '<w:vertAlign w:val="superscript"/>'
    book = read_word(
        document(
            table(
                cell(paragraph(run("12", struck), run("15"))),
                cell(paragraph(run("9", "<w:dstrike/>"))),
                cell(paragraph(run("12"), run("1", raised))),
                cell(paragraph(run("500 m"), run("2", raised))),
                cell(paragraph(run("7", '<w:strike w:val="0"/>'), run("8", "<w:b/>"))),
            )
        ),
        Limits(),
    )
    grid = book.sheets[1]
    assert grid.rows == [["15"], ["9"], ["12"], ["500 m2"], ["78"]]
    assert {at: (o.raw, o.problem) for at, o in grid.origins.items()} == {
        (0, 0): ("1215", "crossed_part"),
        (2, 0): ("121", "crossed_part"),
    }
    assert grid.facts.crossed.struck == {(1, 0)}


def test_what_a_style_strikes_out_or_hides_is_not_read() -> None:
    made = docx.Document()
    base = made.styles.add_style("Gạch", WD_STYLE_TYPE.CHARACTER)
    base.font.strike = True
    for name in ("Gạch đậm", "Không gạch"):
        made.styles.add_style(name, WD_STYLE_TYPE.CHARACTER).base_style = base
    made.styles["Không gạch"].font.strike = False
    made.styles.add_style("Ẩn", WD_STYLE_TYPE.PARAGRAPH).font.hidden = True
    cells = made.add_table(rows=4, cols=1).columns[0].cells
    for at, name in enumerate(("Gạch đậm", "Không gạch")):
        cells[at].paragraphs[0].add_run("12", style=name)
        cells[at].paragraphs[0].add_run("15")
    cells[2].paragraphs[0].style = "Ẩn"
    cells[2].paragraphs[0].add_run("12")
    cells[3].paragraphs[0].add_run("12")
    cells[3].paragraphs[0].add_run("1")._r.get_or_add_rPr().append(
        parse_xml(f'<w:position {nsdecls("w")} w:val="6"/>')
    )
    grid = read_word(saved(made), Limits()).sheets[1]
    assert grid.rows == [["15"], ["1215"], [""], ["12"]]
    assert {at: o.raw for at, o in grid.origins.items()} == {(0, 0): "1215", (3, 0): "121"}


@pytest.mark.parametrize("between", [None, "2", "- 3 -", "Trang 4/9"])
def test_a_table_cut_at_the_end_of_a_page_is_one(between: str | None) -> None:
    form = next(form for form in typed_forms(numbered_form()) if form.code == "pctn_01")
    whole = check_bytes(library_2018(), "a.docx", in_pieces(form, 1000))
    cut = check_bytes(library_2018(), "a.docx", in_pieces(form, 20, between))
    assert len(values(whole, "pctn_01")) == 64
    assert values(cut, "pctn_01") == values(whole, "pctn_01")


def test_a_table_after_other_words_is_another_one() -> None:
    form = next(form for form in typed_forms(numbered_form()) if form.code == "pctn_01")
    cut = check_bytes(library_2018(), "a.docx", in_pieces(form, 20, "Ghi chú"))
    assert cut.reason == because("intake.not_our_form")


def numbered_form() -> bytes:
    """The form of 61 indicators with another figure in every row of the first ones."""
    answers: dict[str, Value] = {
        f"pctn_01.{item.element.code}": number
        for number, item in enumerate(library_2018().by_code["pctn_01"].inputs)
        if item.type.numeric
    }
    return build_template(library_2018(), "pctn", Prefill(values=answers))


def in_pieces(form: Typed, most: int, between: str | None = None) -> bytes:
    """A document in which no table has more than ``most`` rows, with a line after each."""
    made = docx.Document()
    for line in form.above:
        made.add_paragraph(line)
    rows = [*form.header, *form.body]
    for start in range(0, len(rows), most):
        add_table(made, rows[start : start + most])
        if between is not None:
            made.add_paragraph(between)
    return saved(made)
