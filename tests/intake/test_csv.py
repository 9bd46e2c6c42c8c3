"""Text in columns: encodings, delimiters, exports of our sheets, tables typed as text."""

from __future__ import annotations

import csv
import io
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidate.intake.csv_sheet import read_csv
from consolidate.merge.read_files import check_bytes
from consolidate.model.cells import raw_text
from consolidate.model.reasons import because
from consolidate.model.returns import FileReading
from consolidate.model.text import tidy
from consolidate.xlsx.read.package_gate import Limits, Refused
from consolidate.xlsx.read.read_workbook import read_workbook
from tests.intake.retyping import RECIPES, as_csv, rules, typed_forms, values
from tests.library_2018 import library_2018
from tests.office.office import Office

TABLE = [["STT", "Nội dung", "Số liệu"], ["1", "Số cuộc họp; đã tổ chức", "3"], ["2", "", "=1+1"]]


def rows(data: bytes) -> list[list[object]] | None:
    book = read_csv(data, Limits())
    if book is None:
        return None
    assert [grid.name for grid in book.sheets] == ["CSV"]
    return [list(row) for row in book.sheets[0].rows]


def written(delimiter: str, end: str = "\r\n") -> str:
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=delimiter, lineterminator=end).writerows(TABLE)
    return target.getvalue()


@cache
def filled(template: str) -> tuple[bytes, FileReading]:
    data = RECIPES[template].build()
    return data, check_bytes(library_2018(), "mẫu.xlsx", data)


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_delimiters(delimiter: str, encoding: str, end: str) -> None:
    assert rows(written(delimiter, end).encode(encoding)) == TABLE


def test_the_encoding_of_old_vietnamese_windows() -> None:
    # Windows-1258 writes the tones as marks of their own.
    data = "STT;Nô\u0323i dung;Sô\u0301 liê\u0323u\n1;Đa\u0303 ho\u0323p;3\n".encode("cp1258")
    read = rows(data)
    assert read is not None
    assert [[tidy(str(cell)) for cell in row] for row in read] == [
        ["STT", "Nội dung", "Số liệu"],
        ["1", "Đã họp", "3"],
    ]


def test_a_separator_that_the_file_names_is_used() -> None:
    assert rows(b"sep=|\r\na,b|c\r\n1,2|3\r\n") == [["a,b", "c"], ["1,2", "3"]]
    assert rows(b"sep=;\na,b;c\n") == [["a,b", "c"]]


def test_a_lone_quote_is_a_letter() -> None:
    assert rows(b'a;"b\nc;d\n') == [["a", '"b'], ["c", "d"]]
    assert rows(b'a;"b;c";d\n"e"f;g;h\n') == [["a", '"b', 'c"', "d"], ['"e"f', "g", "h"]]
    assert rows('a;12" đường\nb;c\n'.encode()) == [["a", '12" đường'], ["b", "c"]]


def test_formulas_and_numbers_stay_text() -> None:
    assert rows(b"=1+1;1.819\n@x;05\n") == [["=1+1", "1.819"], ["@x", "05"]]


NO_TABLE = {
    "Không phát sinh".encode(): "text",
    "Kính gửi: Sở Nội vụ\n\nĐơn vị không phát sinh, báo cáo\nđể biết.\n".encode(): "text",
    b"<html><table><tr><td>a;b</td></tr></table></html>": "web_page",
    b"{\\rtf1 a;b}": "word",
    b"a;b\0c": "not_a_workbook",
    b"\xff\xfea": "text",
    "Không phát sinh".encode("utf-16-le"): "text",
    "Không phát sinh".encode("utf-16-be") + b"\n": "text",
    "a;b\nc;d".encode("utf-32-le"): "not_a_workbook",
    b";".join([b"a" * 200_000] * 2): "text",
}


@pytest.mark.parametrize("data", NO_TABLE, ids=NO_TABLE.values())
def test_what_is_no_table_is_none(data: bytes) -> None:
    assert read_csv(data, Limits()) is None
    assert check_bytes(library_2018(), "a.csv", data).reason == because(f"intake.{NO_TABLE[data]}")


def test_limits() -> None:
    for data, reason in (
        (b"", "empty_file"),
        (b"a;b\n" * 100, "too_large"),
        (b"a;b\n" * 11, "too_many_cells"),
    ):
        with pytest.raises(Refused) as refused:
            read_csv(data, Limits(file_size=100, cells=20))
        assert (refused.value.reason.key, refused.value.unreadable) == (f"intake.{reason}", True)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_none(data: bytes) -> None:
    for start in (b"a;b\n", b"\xef\xbb\xbf", b"\xff\xfe", b"sep=;\n", b'"'):
        book = read_csv(start + data, Limits())
        assert book is None or book.sheets[0].name == "CSV"


@given(
    st.lists(
        st.lists(st.text(st.characters(blacklist_categories=["Cs", "Cc"])), min_size=3, max_size=3),
        min_size=3,
        max_size=8,
    )
)
def test_what_the_csv_module_writes_is_read_back(table: list[list[str]]) -> None:
    target = io.StringIO(newline="")
    target.write("sep=;\r\n")
    csv.writer(target, delimiter=";").writerows(table)
    assert rows(target.getvalue().encode()) == table


@pytest.mark.parametrize("template", ["pctn", "cchc"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_table_typed_as_text_gives_the_values_of_the_template(
    template: str, delimiter: str
) -> None:
    data, original = filled(template)
    for form in typed_forms(data):
        reading = check_bytes(library_2018(), "a.csv", as_csv(form, delimiter).encode("utf-8-sig"))
        assert values(reading) == values(original, form.code)
        assert rules(reading) == ["structure.sheet_missing", "structure.retyped"]


@pytest.mark.parametrize("template", ["pctn", "cchc"])
def test_an_export_of_our_own_sheet_is_located_by_its_codes(template: str) -> None:
    data, original = filled(template)
    assert original.content is not None
    for grid in read_workbook(data, Limits()).sheets:
        codes = [part.code for part in original.content.data_sets]
        if grid.text(0, 0) not in codes:
            continue
        target = io.StringIO(newline="")
        csv.writer(target).writerows([raw_text(cell) for cell in row] for row in grid.rows)
        reading = check_bytes(library_2018(), "a.csv", target.getvalue().encode())
        assert values(reading) == values(original, grid.text(0, 0))
        assert "structure.retyped" not in rules(reading)


@pytest.mark.office
@pytest.mark.parametrize("template", ["pctn", "cchc"])
def test_an_export_by_libreoffice_gives_the_values_of_the_template(
    template: str, office: Office, tmp_path: Path
) -> None:
    data, original = filled(template)
    book = tmp_path / "mau.xlsx"
    book.write_bytes(data)
    # 59: semicolon, 34: quote, 76: UTF-8, every sheet to a file of its own.
    options = "59,34,76,1,,0,false,true,false,false,false,-1"
    office.saved_as([book], "csv", tmp_path, options)
    found: dict[str, FileReading] = {}
    for path in sorted(tmp_path.glob("mau-*.csv")):
        reading = check_bytes(library_2018(), path.name, path.read_bytes())
        if reading.content is not None and reading.content.data_sets:
            (part,) = reading.content.data_sets
            found[part.code] = reading
    expected = {key.data_set for key in values(original)}
    assert set(found) == expected
    for code, reading in found.items():
        said, meant = values(reading), values(original, code)
        differing = [key.element for key in said | meant if said.get(key) != meant.get(key)]
        months = [f.element for f in reading.findings if f.rule == "value.month_first"]
        # A program set to English writes days month first: found, and proposed the right way.
        assert differing == months
