"""Forms typed by hand from the circular are recognised, told from the old ones, and read right."""

from __future__ import annotations

from decimal import Decimal

import pytest

from consolidate.definitions.loader import shipped_library
from consolidate.merge.read_files import check_bytes
from consolidate.model.returns import FileReading
from tests.intake.retyped_2025 import (
    CASE,
    LINE,
    TEXT,
    bieu_01,
    bieu_02,
    bieu_03,
    document,
    figures,
    outline,
    workbook,
)
from tests.intake.retyping import RECIPES, as_workbook, rules, typed_forms

HEAD = ("SỞ NỘI VỤ", "BÁO CÁO SỐ LIỆU PHÒNG, CHỐNG THAM NHŨNG", LINE["9M"])


def read(data: bytes, name: str = "a.xlsx") -> FileReading:
    return check_bytes(shipped_library(), name, data)


def said(reading: FileReading, code: str) -> dict[str, object]:
    """What was read of a table, by element; of a list its first row."""
    assert reading.content is not None, reading.reason
    return {
        value.key.element: value.value
        for value in reading.content.values()
        if value.key.data_set == code and value.key.row in (0, 1)
    }


@pytest.mark.parametrize("as_copied", [False, True])
@pytest.mark.parametrize("word", [False, True])
def test_every_figure_of_the_new_forms_is_read(as_copied: bool, word: bool) -> None:
    tables = (bieu_01(100, as_copied=as_copied), bieu_02(CASE), bieu_03(TEXT), outline())
    if word:
        reading = read(document(*((HEAD, table) for table in tables)))
    else:
        names = ("Biểu 01", "Biểu 02", "Biểu 03", "Mẫu 03")
        reading = read(workbook(*((name, HEAD, t) for name, t in zip(names, tables, strict=True))))
    assert reading.content is not None
    assert (reading.content.template, reading.content.pack) == ("pctn", "pctn-2025")
    assert said(reading, "pctn_01") == {c: Decimal(n) for c, n in figures(100).items()}
    assert list(said(reading, "pctn_02").values()) == list(CASE)
    assert list(said(reading, "pctn_03").values())[:4] == [*TEXT[:3], "x"]
    answers = said(reading, "pctn_tm")
    assert (len(answers), set(answers.values())) == (43, {f"Trả lời {c}" for c in answers})
    assert rules(reading) == ["structure.retyped"] * 4


def test_the_old_form_stays_the_old_one() -> None:
    old = as_workbook(typed_forms(RECIPES["pctn"].build()))
    reading = read(old)
    assert reading.content is not None
    assert (reading.content.pack, rules(reading)) == ("pctn-2014", ["structure.retyped"] * 2)


@pytest.mark.parametrize("stacked", [False, True])
def test_tables_of_two_circulars_are_never_mixed(stacked: bool) -> None:
    form = typed_forms(RECIPES["pctn"].build())[0]
    old = [*form.header, *form.body]
    second = "Biểu mới" if stacked else "Biểu cũ"
    reading = read(workbook(("Biểu mới", HEAD, bieu_01(100)), (second, HEAD, old)))
    assert reading.content is not None
    assert reading.content.pack == "pctn-2025"
    assert said(reading, "pctn_01") == {c: Decimal(n) for c, n in figures(100).items()}
    foreign = [f.found for f in reading.findings if f.rule == "structure.foreign_sheet"]
    assert foreign == [second]
