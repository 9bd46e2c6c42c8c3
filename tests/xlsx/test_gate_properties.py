"""Whatever is done to the parts of a package: one outcome, a reason, and never another value."""

from __future__ import annotations

import io
import random
import zipfile
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consolidate.intake.read_file import read_file
from consolidate.model.reasons import because
from consolidate.model.returns import FileReading, Outcome
from tests.fuzz.packages import CHANGES, mutate
from tests.library_2018 import library_2018
from tests.recipes.recipe import Recipe
from tests.saved import packed
from tests.xlsx.packages import workbook

TYPED = {"pctn_01.c3": "1.819", "pctn_01.c4": "12 lượt", "pctn_01.c5": 969}
MEMBERS = st.sampled_from(
    [
        *("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"),
        *("xl/workbook.bin", "xl/worksheets/sheet1.bin", "content.xml", "mimetype"),
        *("xl/sharedStrings.xml", "[Content_Types].xml", "word/document.xml", "a.xlsx", "Ố/Á"),
    ]
)


@cache
def typed() -> bytes:
    return Recipe("gốc", values=TYPED).build()


def read(data: bytes) -> FileReading:
    reading = read_file("tệp.xlsx", data, library_2018())
    assert (reading.content is None) == bool(reading.reason)
    assert (reading.content is None) == (reading.outcome is not None)
    assert reading.reason != because("intake.crashed")
    return reading


def said(reading: FileReading) -> list[object]:
    assert reading.content is not None
    return [reading.content.cover.values, *reading.content.values()]


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(MEMBERS, st.binary(max_size=60), max_size=8))
def test_any_package_has_one_outcome(parts: dict[str, bytes]) -> None:
    assert read(packed(parts)).content is None


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1 << 32))
def test_a_return_changed_in_its_parts_has_one_outcome(seed: int) -> None:
    read(mutate(typed(), seed))


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_sheet_changed_in_any_way_has_one_outcome(change: object) -> None:
    assert callable(change)
    dice = random.Random(11)
    with zipfile.ZipFile(io.BytesIO(typed())) as package:
        parts: dict[str, str | bytes] = {name: package.read(name) for name in package.namelist()}
    part = "xl/worksheets/sheet3.xml"
    for _ in range(8):
        read(packed({**parts, part: change(parts[part], dice)}))


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_flipped_bits_never_change_an_answer(data: st.DataObject) -> None:
    """Checksums are asked of every part that says something."""
    damaged = bytearray(typed())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at] ^= 1 << data.draw(st.integers(0, 7))
    reading = read(bytes(damaged))
    if reading.content is None:
        assert reading.outcome in (Outcome.UNREADABLE, Outcome.NOT_A_REPORT)
    else:
        assert said(reading) == said(read(typed()))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60_000))
def test_a_return_cut_short_is_not_read(missing: int) -> None:
    assert read(typed()[: -min(missing, len(typed()))]).content is None


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_between_the_rows_has_one_outcome(content: str) -> None:
    assert read(workbook(content)).content is None
