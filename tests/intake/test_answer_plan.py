"""Answers taken by a plan are those of a workbook that is read in whole, or there is no plan."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consolidate.definitions.loader import shipped_library
from consolidate.intake import answer_plan, extract
from consolidate.intake.answer_plan import planned
from consolidate.intake.extract import extract_return
from consolidate.intake.read_file import read_any
from consolidate.merge.read_files import check_bytes
from consolidate.model.data_values import ValueStatus
from consolidate.model.returns import FileReading, Return
from consolidate.xlsx.read import known_sheets
from consolidate.xlsx.read.defined_names import carries_no_answers
from consolidate.xlsx.read.grid import Workbook
from tests.library_2018 import library_2018
from tests.saved import packed, parts_of
from tests.xlsx.test_known_sheets import INBOX, LIMITS, NASTY, TWO, VALUE, saved_again

FORM, LIST = "xl/worksheets/sheet3.xml", "xl/worksheets/sheet4.xml"
TEXTS = "xl/sharedStrings.xml"


def book_of(data: bytes) -> Workbook:
    return read_any(data, LIMITS, carries_no_answers)


def in_whole(data: bytes) -> FileReading:
    with patch.object(extract, "planned", return_value=None):
        return check_bytes(library_2018(), "tệp.xlsx", data)


def by_plan(data: bytes) -> Return | None:
    return planned(book_of(data), library_2018())


@pytest.fixture(autouse=True)
def _nothing_is_known() -> None:
    """Many odd workbooks of other tests are of the same kind: of such nothing is learned."""
    known_sheets.forget()
    answer_plan.forget()
    sample.cache_clear()


@cache
def sample(number: int) -> Mapping[str, bytes]:
    """The parts of a return of which there is a plan, as we write it and as openpyxl saves it."""
    place, name = TWO[number % 2]
    data = (INBOX / "cap-tinh" / f"S0{place} {name} - PCTN.xlsx").read_bytes()
    parts = parts_of(saved_again(data) if number >= len(TWO) else data)
    for _ in range(4):
        check_bytes(library_2018(), "tệp.xlsx", packed(parts))
    assert by_plan(packed(parts)) is not None
    return parts


@pytest.mark.parametrize("saved_by", [0, len(TWO)])
def test_another_unit_is_read_by_the_plan_of_the_first(saved_by: int) -> None:
    sample(saved_by)
    place, name = TWO[1]
    data = (INBOX / "cap-tinh" / f"S0{place} {name} - PCTN.xlsx").read_bytes()
    data = saved_again(data) if saved_by else data
    reading = check_bytes(library_2018(), "tệp.xlsx", data)
    assert reading.content == by_plan(data)
    assert reading.content is not None
    assert reading.content.cover_text("unit_name") == name
    assert reading == in_whole(data)


@pytest.mark.parametrize("folder", ["inbox", "2026/inbox"])
def test_returns_with_nothing_to_note_are_read_by_a_plan(folder: str) -> None:
    """Those of the examples, lists with entries and with totals below them among them."""
    library, seen = shipped_library(), 0
    for path in sorted((INBOX.parent / folder).rglob("*.xlsx")):
        for _ in range(4):
            reading = check_bytes(library, "tệp.xlsx", path.read_bytes())
        with patch.object(extract, "planned", return_value=None):
            whole = check_bytes(library, "tệp.xlsx", path.read_bytes())
        assert repr(reading) == repr(whole)
        if whole.content is not None and not whole.content.anomalies:
            assert planned(book_of(path.read_bytes()), library) is not None
            seen += 1
    assert seen > 7


def answered(code: str, value: str, text: str = "") -> bytes:
    """The sample with another answer to a question of Biểu 01."""
    content = by_plan(packed(sample(0)))
    assert content is not None
    (cell,) = (value.cell for value in content.values() if value.key.element == code)
    old = rb'<c r="%b"( s="[0-9]+")[^<>]*?(?:/>|>.*?</c>)' % cell.a1.encode()
    new = rb'<c r="%b"\1%b><v>%b</v></c>' % (cell.a1.encode(), text.encode(), value.encode())
    made, count = re.subn(old, new, sample(0)[FORM])
    assert count == 1
    return packed({**sample(0), FORM: made})


def test_a_figure_is_read_by_the_plan_and_a_doubtful_one_in_whole() -> None:
    content = by_plan(answered("c3", "918273"))
    assert content is not None
    (value,) = (value for value in content.values() if value.key.element == "c3")
    said = (value.raw, str(value.value), value.status)
    assert said == ("918273", "918273", ValueStatus.REPORTED)
    assert by_plan(answered("c49", "1.8", ' t="str"')) is not None
    assert by_plan(answered("c49", "1.819", ' t="str"')) is None


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("Số lớp tuyên truyền", "Số buổi tuyên truyền", "label_changed"),
        ("Lượt người", "Người", "unit_changed"),
        ("SỐ LIỆU", "KẾ HOẠCH", "figure_columns"),
    ],
)
def test_a_text_that_is_no_answer_is_compared(old: str, new: str, kind: str) -> None:
    parts = sample(0)
    assert old.encode() in parts[TEXTS]
    data = packed({**parts, TEXTS: parts[TEXTS].replace(old.encode(), new.encode())})
    assert by_plan(data) is None
    content = check_bytes(library_2018(), "tệp.xlsx", data).content
    assert content is not None
    assert kind in {anomaly.kind for anomaly in content.anomalies}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Sở Tài chính", "SỐ LIỆU"),
        ("Sở Tài chính", "Së Tµi chÝnh"),
        ("Sở Tài chính", ""),
        ("9 tháng đầu năm", "6 tháng đầu năm"),
    ],
)
def test_what_the_cover_says_may_ask_for_more(old: str, new: str) -> None:
    """A heading in place of the name above the table, an old encoding, another period."""
    parts = {
        name: part.replace(f">{old}<".encode(), f">{new}<".encode()).replace(
            f">{old.upper()}<".encode(), f">{new}<".encode()
        )
        for name, part in sample(0).items()
    }
    assert parts != sample(0)
    data = packed(parts)
    assert by_plan(data) is None
    assert check_bytes(library_2018(), "tệp.xlsx", data) == in_whole(data)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (rb'(<row r="14")', rb'\1 hidden="1"'),
        (rb'(<c r="F14" s="[0-9]+")><v>[0-9]+</v>', rb"\1><f>1+1</f><v>2</v>"),
        (rb'(<c r="B2" s="[0-9]+"[^<>]*>)<f>', rb"\1<f>"),
    ],
)
def test_what_may_be_said_of_another_file_leaves_no_plan(old: bytes, new: bytes) -> None:
    """An answer that is hidden, though blank, or worked out; a formula above the table is not."""
    form, count = re.subn(old, new, sample(0)[FORM])
    assert count == 1
    if b"hidden" in new:
        form = re.sub(rb'(<c r="F14" s="[0-9]+")><v>[0-9]+</v></c>', rb"\1/>", form)
    data = packed({**sample(0), FORM: form})
    for _ in range(4):
        reading = check_bytes(library_2018(), "tệp.xlsx", data)
    assert reading.content is not None
    assert reading.content.anomalies == ()
    assert (by_plan(data) is not None) is (b"B2" in old)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_other_value_or_byte_is_read_as_in_whole(data: st.DataObject) -> None:
    """A value of any cell or shared text, and any byte; what was learned before stays as it is."""
    parts = sample(data.draw(st.integers(0, 2 * len(TWO) - 1)))
    name = data.draw(st.sampled_from(sorted(p for p in parts if re.match("xl/(works|shared)", p))))
    content = parts[name]
    for _ in range(data.draw(st.integers(1, 3))):
        spans = [match.span(2) for match in VALUE.finditer(content)]
        if spans and data.draw(st.booleans()):
            start, end = data.draw(st.sampled_from(spans))
            value = data.draw(NASTY).encode("utf-8", "surrogatepass")
        else:
            start = data.draw(st.integers(0, len(content) - 1))
            end, value = start + 1, data.draw(st.binary(min_size=1, max_size=1))
        content = content[:start] + value + content[end:]
    made = packed({**parts, name: content})
    with patch.object(extract, "learn"):
        reading = check_bytes(library_2018(), "tệp.xlsx", made)
    assert repr(reading) == repr(in_whole(made))


@pytest.mark.parametrize(
    ("said", "is_planned"), [("Cai Lậy, ngày 01 tháng 9 năm 2018", True), ("Vụ án ở xã A", False)]
)
def test_what_formulas_say_below_a_blank_list_is_looked_at(said: str, is_planned: bool) -> None:
    """Another place and day are no entry; other words may be one."""
    line = rb'(<c r="E[0-9]+"[^<>]* t="str"><f>[^<]*</f><v>)[^<]*ng\xc3\xa0y[^<]*(</v>)'
    made, count = re.subn(line, rb"\g<1>" + said.encode() + rb"\2", sample(0)[LIST])
    assert count == 1
    data = packed({**sample(0), LIST: made})
    assert (by_plan(data) is not None) is is_planned
    assert check_bytes(library_2018(), "tệp.xlsx", data) == in_whole(data)


def test_cells_that_were_changed_after_reading_are_read() -> None:
    """A plan is of a file: sheets in place of its own are read as they are."""
    book = book_of(packed(sample(0)))
    sheets = [grid for grid in book.sheets if grid.name != "Biểu 02"]
    assert planned(Workbook(sheets, book.names), library_2018()) is None
    content = extract_return(Workbook(sheets, book.names), library_2018())
    assert content is not None
    assert "sheet_missing" in {anomaly.kind for anomaly in content.anomalies}
