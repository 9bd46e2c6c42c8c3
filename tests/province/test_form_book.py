"""A pack as a workbook: out and back says the same; a fault is told at its cell."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from consolidate.cli.main import main
from consolidate.definitions.building import build_library
from consolidate.definitions.catalogue import sentence
from consolidate.definitions.loader import (
    files_with,
    shipped_files,
    shipped_library,
)
from consolidate.definitions.toml_lines import DefinitionError, TomlSource, read_sources
from consolidate.province.form_book import SHEETS, meaning, read_form_book, toml_of, write_form_book
from tests.saved import saved

CODES = [pack.code for pack in shipped_library().packs.packs]


def sources_of(code: str) -> dict[str, TomlSource]:
    """The shipped definitions of a pack, by name."""
    files = {name: said for name, said in shipped_files().items() if name.startswith(f"{code}/")}
    return read_sources(files)


def said(sources: dict[str, TomlSource]) -> dict[str, object]:
    """What definitions say, without places; an empty list says nothing."""
    return {
        name: (
            {key: value for key, value in source.top.data.items() if value != []},
            {table: entry.data for table, entry in source.tables.items()},
            {array: [entry.data for entry in found] for array, found in source.arrays.items()},
        )
        for name, source in sources.items()
    }


@pytest.mark.parametrize("code", CODES)
def test_out_and_back_is_the_same_pack(code: str) -> None:
    sources = sources_of(code)
    book = write_form_book(sources)
    assert book == write_form_book(sources)
    back = read_form_book(book, code)
    assert said(back) == said(sources)
    again = read_sources({name: toml_of(source) for name, source in back.items()})
    assert said(again) == said(sources)


def changed(code: str, change: Callable[[Workbook], None]) -> bytes:
    """The book of a pack after a person changed it."""
    book = openpyxl.load_workbook(io.BytesIO(write_form_book(sources_of(code))))
    change(book)
    return saved(book)


def put(sheet: str, row: int, heading: str, value: object) -> Callable[[Workbook], None]:
    """Type a value below a heading; rows as Excel counts them."""
    column = list(SHEETS[sheet]).index(heading) + 1

    def change(book: Workbook) -> None:
        book[sheet].cell(row, column).value = value  # type: ignore[union-attr]

    return change


def cell(sheet: str, row: int, heading: str) -> str:
    letters = openpyxl.utils.get_column_letter(list(SHEETS[sheet]).index(heading) + 1)
    return f"{sheet}!{letters}{row}"


FAULTS = {
    "type": (put("chi_tieu", 3, "type", "số"), cell("chi_tieu", 3, "type"), "lint.wrong_value"),
    "no label": (
        put("chi_tieu", 3, "label", None),
        cell("chi_tieu", 3, "form"),
        "lint.missing_key",
    ),
    "code twice": (put("chi_tieu", 4, "code", "c1"), cell("chi_tieu", 4, "code"), "lint.repeated"),
    "no such form": (
        put("chi_tieu", 3, "form", "pctn_1"),
        cell("chi_tieu", 3, "form"),
        "lint.row_of_no_form",
    ),
    "rule": (
        put("rang_buoc", 2, "expression", "c40 == c41 + c99"),
        cell("rang_buoc", 2, "expression"),
        "lint.rule",
    ),
    "day": (put("bo_bieu", 9, "value", "mai"), cell("bo_bieu", 9, "value"), "lint.wrong_value"),
    "kind": (put("phan_cong", 2, "kinds", "xã"), cell("phan_cong", 2, "kinds"), "lint.wrong_value"),
    "heading": (
        put("cot", 1, "label", "Nhãn"),
        cell("cot", 1, "label"),
        "lint.unknown_key",
    ),
    "sheet": (lambda book: book.remove(book["rang_buoc"]), "rang_buoc", "lint.no_sheet"),
}


def faults_of(data: bytes, code: str) -> list[tuple[str, str]]:
    """Places and keys of the faults of a book."""
    with pytest.raises(DefinitionError) as caught:
        _load(data, code)
    assert all(sentence(fault.reason) for fault in caught.value.faults)
    return [(fault.place.replace("'", ""), fault.reason.key) for fault in caught.value.faults]


def _load(data: bytes, code: str) -> None:
    made = read_form_book(data, code)
    others = {
        name: said for name, said in files_with({}).items() if not name.startswith(f"{code}/")
    }
    build_library({**read_sources(others), **made})


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_at_its_cell(fault: str) -> None:
    change, place, key = FAULTS[fault]
    assert (place, key) in faults_of(changed("pctn-2014", change), "pctn-2014")


RIGHT = {
    "day typed": put("bo_bieu", 9, "value", "17/01/2014"),
    "day": put("bo_bieu", 9, "value", datetime(2014, 1, 17)),
    "list with semicolons": put("phan_cong", 2, "periods", "Q1; 6M;9M ; Y"),
    "number as number": put("chi_tieu", 3, "number", 1),
    "blank row": lambda book: book["chi_tieu"].insert_rows(5),
}


@pytest.mark.parametrize("way", RIGHT)
def test_what_people_type_otherwise_says_the_same(way: str) -> None:
    sources = sources_of("pctn-2014")
    assert sources["pctn-2014/pack.toml"].top.data["serves_from"].isoformat() == "2014-01-17"
    assert said(read_form_book(changed("pctn-2014", RIGHT[way]), "pctn-2014")) == said(sources)


def test_every_heading_says_what_stands_below_it() -> None:
    for sheet, keys in SHEETS.items():
        for heading in keys:
            assert meaning(sheet, heading)


def test_a_pack_goes_out_comes_back_and_is_issued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["form", "export", "cchc-2018", "--out", "bo.xlsx"]) == 0
    book = openpyxl.load_workbook("bo.xlsx")
    put("bo_bieu", 2, "value", "cchc-2026")(book)
    put("bo_bieu", 9, "value", "01/01/2026")(book)
    book["bo_bieu"]["B10"].value = None
    book.save("bo.xlsx")
    capsys.readouterr()
    assert main(["form", "import", "bo.xlsx"]) == 0
    assert "cchc-2026: 3 tệp" in capsys.readouterr().out
    assert sorted(path.name for path in Path("forms/cchc-2026").iterdir()) == [
        "cchc_pl3_1.toml",
        "cchc_pl3_2.toml",
        "pack.toml",
    ]


def test_nothing_is_written_of_a_book_with_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    change = put("chi_tieu", 3, "type", "số")
    Path("bo.xlsx").write_bytes(changed("pctn-2014", change))
    assert main(["form", "import", "bo.xlsx"]) == 2
    assert cell("chi_tieu", 3, "type") in capsys.readouterr().err.replace("'", "")
    assert not Path("forms").exists()
    assert main(["form", "export", "pctn-1999"]) == 2
    assert "pctn-2014, pctn-2014-day-du, pctn-2025" in capsys.readouterr().err
