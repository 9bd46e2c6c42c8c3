"""Reports in words: paragraphs are kept, words for none are answers, a blank is a warning."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

import docx
import openpyxl
import pytest

from consolidate.checks.all_checks import check_return
from consolidate.checks.value_checks import check_values
from consolidate.intake.read_file import read_file
from consolidate.model.data_values import ValueStatus
from consolidate.model.period import PeriodType
from consolidate.model.reasons import Severity
from consolidate.model.returns import Return
from consolidate.templates.prefill import Earlier
from tests.messages import says
from tests.saved import saved
from tests.small_library import NARRATIVE, UNITS, returned, small_library

LIBRARY = small_library(NARRATIVE)
FORM = LIBRARY.by_code["tm"]
TEXTS = {
    "tm.i2a": "Đã công khai 12 nội dung.\n\n  Hình thức: niêm yết,\xa0cổng thông tin. \n",
    "tm.i2b": "Không",
    "tm.i3e": "Không phát hiện",
    "tm.ii1a": "Chưa phát hiện",
}
READ = {
    "i2a": "Đã công khai 12 nội dung.\nHình thức: niêm yết, cổng thông tin.",
    "i2b": "Không",
    "i3e": "Không phát hiện",
    "ii1a": "Chưa phát hiện",
    "iv2d": None,
}


def read(data: bytes, name: str = "a.xlsx") -> Return:
    content = read_file(name, data, LIBRARY).content
    assert content is not None
    return content


def told(content: Return) -> Mapping[str, object]:
    return {value.key.element: value.value for value in content.data_sets[0].values}


def test_it_is_a_report_in_words() -> None:
    assert FORM.narrative
    assert {code: item.periods for code, item in FORM.by_code.items() if item.periods} == {
        "ii1a": (PeriodType.SIX_MONTHS, PeriodType.NINE_MONTHS, PeriodType.YEAR)
    }


def test_texts_keep_their_paragraphs_and_words_for_none_are_answers() -> None:
    content = read(returned(LIBRARY, UNITS[0], values=TEXTS))
    assert told(content) == READ
    assert [v.status for v in content.data_sets[0].values][:4] == [ValueStatus.REPORTED] * 4
    assert check_return(content, LIBRARY) == ()


def test_a_blank_is_a_warning_where_a_text_is_required() -> None:
    content = read(returned(LIBRARY, UNITS[0], values={"tm.i2b": "Không có"}))
    found = check_values(content, LIBRARY)
    assert [(item.element, item.severity) for item in found] == [
        (code, Severity.WARNING) for code in ("i2a", "i3e", "ii1a")
    ]
    words = "TT I.2.a: chưa ghi. Không có gì để báo cáo thì ghi “Không phát sinh”, không để trống."
    assert says(found[0].message, words)


def test_the_longest_text_of_a_cell_is_read_whole() -> None:
    longest = ("Đã thực hiện. " * 3000)[:32766] + "."
    content = read(returned(LIBRARY, UNITS[0], values={**TEXTS, "tm.i2a": longest}))
    assert told(content)["i2a"] == longest
    assert check_return(content, LIBRARY) == ()


def test_the_form_has_room_to_write_and_rows_that_grow() -> None:
    said = {"tm.i2a": "Năm trước đã công khai."}
    data = returned(LIBRARY, UNITS[0], previous=Earlier("Kỳ trước", said))
    sheet = openpyxl.load_workbook(io.BytesIO(data), rich_text=True)["Mẫu 03"]
    rows = {str(row[0].value): row for row in sheet.iter_rows(min_row=2)}
    cell = rows["i3e"][3]
    assert (cell.alignment.vertical, cell.alignment.wrap_text) == ("top", True)
    assert not cell.protection.locked
    assert "".join(map(str, rows["i3e"][2].value)) == FORM.by_code["i3e"].written_label
    assert sheet.max_column == 4  # No earlier texts in grey.
    assert sheet.page_setup.orientation != "landscape"
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        source = package.read("xl/worksheets/sheet3.xml").decode()
    heights = re.findall(r'<row r="(\d+)"[^>]* ht="[\d.]+"( customHeight="1")?>', source)
    growing = {int(number) for number, fixed in heights if not fixed}
    assert growing == {row[0].row for code, row in rows.items() if code in FORM.by_code}


def together(rows: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """The same with the numbers in front of the labels."""
    return [rows[0], *(("", f"{number} {label}", said) for number, label, said in rows[1:])]


def lines(*, plain: bool) -> list[tuple[str, str, str]]:
    """The form as somebody types it anew: with numbers of the outline and with or without ours."""
    numbers = {"i2a": "a", "i2b": "b", "i3e": "e", "ii1a": "a", "iv2d": "d"}
    typed = [("TT", "Nội dung theo đề cương", "Nội dung báo cáo")]
    for item in FORM.elements:
        label = item.label if plain else item.written_label
        number = f"{numbers[item.code]})" if plain else item.number
        typed.append((number, label, TEXTS.get(f"tm.{item.code}", "")))
    return typed


def own_workbook(rows: list[tuple[str, str, str]]) -> bytes:
    book = openpyxl.Workbook()
    for line in rows:
        book.worksheets[0].append(line)
    return saved(book)


def own_document(rows: list[tuple[str, str, str]]) -> bytes:
    document = docx.Document()
    table = document.add_table(len(rows), 3)
    for at, line in enumerate(rows):
        for column, cell in enumerate(line):
            table.cell(at, column).text = cell
    return saved(document)


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("arranged", [list, together])
@pytest.mark.parametrize("make", [own_workbook, own_document])
def test_a_report_typed_anew_is_found_by_its_labels(make, arranged, plain: bool) -> None:
    name = "a.xlsx" if make is own_workbook else "a.docx"
    content = read(make(arranged(lines(plain=plain))), name)
    assert told(content) == READ
    assert [anomaly.kind for anomaly in content.anomalies] == ["retyped"]
