"""Old .xls workbooks: read when honest, refused before they take all memory."""

from __future__ import annotations

import random
import struct

import pytest

from consolidate.definitions.catalogue import text
from consolidate.definitions.load import library
from consolidate.intake.gate import Limits
from consolidate.intake.grid import read_workbook
from consolidate.intake.read import read_file
from tests.intake import old

FAR = {
    "number": old.number(65_535, 65_535),
    "last cell of Excel": old.number(65_535, 255),
    "formula": old.record(0x0006, struct.pack("<HH", 65_535, 9_999) + bytes(18)),
    "several numbers": old.record(0x00BD, struct.pack("<HHHIH", 65_535, 0, 15, 0, 9_999)),
    "size": old.record(0x0200, struct.pack("<IIHHH", 0, 65_536, 0, 9_999, 0)),
}


def reason(data: bytes) -> str:
    return read_file("a.xls", data, library()).reason


@pytest.mark.parametrize("padded", [False, True])
def test_an_honest_workbook_is_read(padded: bool) -> None:
    data = old.workbook(old.number(1, 2), padded=padded)
    (sheet,) = read_workbook(data, Limits()).sheets
    assert (sheet.name, sheet.get(1, 2), sheet.get(0, 0)) == ("S", 1.0, "")
    assert reason(data) == text("intake.not_our_form")


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("name", FAR)
def test_a_cell_in_the_last_corner_is_refused(name: str, padded: bool) -> None:
    data = old.workbook(old.number(0, 0) + FAR[name], padded=padded)
    assert reason(data) == text("intake.too_many_cells_binary")


@pytest.mark.parametrize("at", [44, 48, 60, 68, 512, 512 + 4 * 3])
@pytest.mark.parametrize("sector", [0, 1, 3, 99, 0xFFFFFFF0])
def test_chains_that_turn_back_or_leave_the_file_end(at: int, sector: int) -> None:
    data = bytearray(old.workbook(old.number(1, 2)))
    struct.pack_into("<I", data, at, sector)
    assert reason(bytes(data)) in {text("intake.damaged"), text("intake.not_our_form")}


def test_damaged_workbooks_never_raise() -> None:
    dice = random.Random(3)
    whole = old.workbook(old.number(1, 2), padded=False)
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 8)):
            data[dice.randrange(8, len(data))] = dice.randrange(256)
        assert reason(bytes(data)) != text("intake.crashed")
