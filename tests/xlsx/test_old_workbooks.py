"""Old .xls workbooks: read when honest, refused before they take all memory."""

from __future__ import annotations

import random
import struct

import pytest

from consolidate.intake.read_file import read_file
from consolidate.model.reasons import Reason, because
from consolidate.xlsx.read import compound
from consolidate.xlsx.read.package_gate import Limits
from consolidate.xlsx.read.read_workbook import read_workbook
from tests.library_2018 import library_2018
from tests.xlsx import old

FAR = {
    "number": old.number(65_535, 65_535),
    "last cell of Excel": old.number(65_535, 255),
    "formula": old.record(0x0006, struct.pack("<HH", 65_535, 9_999) + bytes(18)),
    "several numbers": old.record(0x00BD, struct.pack("<HHHIH", 65_535, 0, 15, 0, 9_999)),
    "size": old.record(0x0200, struct.pack("<IIHHH", 0, 65_536, 0, 9_999, 0)),
}


def reason(data: bytes) -> Reason | None:
    return read_file("a.xls", data, library_2018()).reason


@pytest.mark.parametrize("padded", [False, True])
def test_an_honest_workbook_is_read(padded: bool) -> None:
    data = old.workbook(old.number(1, 2), padded=padded)
    (sheet,) = read_workbook(data, Limits()).sheets
    assert (sheet.name, sheet.get(1, 2), sheet.get(0, 0)) == ("S", 1.0, "")
    assert reason(data) == because("intake.not_our_form")


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("name", FAR)
def test_a_cell_in_the_last_corner_is_refused(name: str, padded: bool) -> None:
    data = old.workbook(old.number(0, 0) + FAR[name], padded=padded)
    assert reason(data) == because("intake.too_many_cells_binary", detail="S")


@pytest.mark.parametrize("at", [44, 48, 60, 68, 512, 512 + 4 * 3])
@pytest.mark.parametrize("sector", [0, 1, 3, 99, 0xFFFFFFF0])
def test_chains_that_turn_back_or_leave_the_file_end(at: int, sector: int) -> None:
    data = bytearray(old.workbook(old.number(1, 2)))
    struct.pack_into("<I", data, at, sector)
    assert reason(bytes(data)) in {because("intake.damaged"), because("intake.not_our_form")}


def test_damaged_workbooks_never_raise() -> None:
    dice = random.Random(3)
    whole = old.workbook(old.number(1, 2), padded=False)
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 8)):
            data[dice.randrange(8, len(data))] = dice.randrange(256)
        assert reason(bytes(data)) != because("intake.crashed")


def test_a_sheet_that_ends_before_it_begins_is_damage() -> None:
    size = old.record(0x0200, struct.pack("<IIHHH", 10, 5, 0, 1, 0))
    assert reason(old.workbook(size + old.number(1, 2))) == because("intake.damaged")


@pytest.mark.parametrize("at", [44, 64])
def test_tables_larger_than_the_file_are_damage(at: int) -> None:
    data = bytearray(old.workbook(old.number(1, 2)))
    struct.pack_into("<I", data, at, 0x7FFFFFFF)
    assert reason(bytes(data)) == because("intake.damaged")


def test_a_stream_that_ends_before_its_size_is_read_as_far_as_it_goes() -> None:
    data = bytearray(old.workbook(old.number(1, 2)))
    size = data.index("Workbook".encode("utf-16-le")) + 120
    struct.pack_into("<I", data, size, 4_608)
    assert read_workbook(bytes(data), Limits()).sheets[0].get(1, 2) == 1.0
    struct.pack_into("<I", data, size, 0x7FFFFFFF)
    assert reason(bytes(data)) == because("intake.damaged")


@pytest.mark.parametrize("length", [5_128, 1_173, 1_536, 700])
def test_a_workbook_that_was_cut_off_is_damage(length: int) -> None:
    assert reason(old.workbook(old.number(1, 2))[:length]) == because("intake.damaged")


def test_a_directory_without_end_is_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compound, "_MOST_ENTRIES", 3)
    assert reason(old.workbook(old.number(1, 2))) == because("intake.damaged")


def test_a_table_of_sectors_that_lists_itself_is_damage() -> None:
    """Its sectors would be read as often as the header says."""
    data = bytearray(old.workbook(old.number(1, 2)))
    struct.pack_into("<I", data, 44, 110)
    struct.pack_into("<II", data, 68, 0, 1)
    assert reason(bytes(data)) == because("intake.damaged")


def sheets(count: int, cells: bytes) -> bytes:
    """A stream of a workbook whose sheets all begin at one place."""
    begin = old.record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    names = [f"S{number:04}".encode() for number in range(count)]
    listed = [struct.pack("<BBBB", 0, 0, len(name), 0) + name for name in names]
    top = len(begin) + sum(len(old.record(0x0085, bytes(4) + one)) for one in listed) + 4
    place = struct.pack("<I", top)
    return b"".join(
        (
            begin,
            *(old.record(0x0085, place + one) for one in listed),
            old.record(0x000A),
            old.record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)),
            cells,
            old.record(0x000A),
        )
    )


def test_many_sheets_at_one_place_are_too_much_together() -> None:
    data = old.compound(sheets(200, old.number(0, 0) + old.number(9_999, 99)))
    assert reason(data) == because("intake.too_many_cells_binary", detail="S0010")
    few = old.compound(sheets(200, old.number(0, 0) + old.number(99, 9)))
    assert reason(few) == because("intake.not_our_form")


@pytest.mark.parametrize(
    ("names", "key"),
    [
        (("Workbook",), "intake.not_our_form"),
        (("Workbook", "MBD0/Workbook"), "intake.not_our_form"),
        (("MBD0/Workbook", "Workbook"), "intake.damaged"),
    ],
)
def test_a_workbook_inside_a_workbook_is_not_taken_for_it(names: tuple[str, ...], key: str) -> None:
    """The reader takes the first stream of the name; one in a storage is an embedded object."""
    stream = sheets(1, old.number(1, 2)).ljust(4_096, b"\0")
    data = bytearray(old.compound(stream))
    directory = 512 + 512 + 128  # After the header, the table of sectors and the root.
    entry = bytes(data[directory : directory + 128])
    for number, name in enumerate(names):
        place = directory + 128 * number
        data[place : place + 128] = entry
        if "/" not in name:
            struct.pack_into("<I", data, 512 + 512 + 76, number + 1)  # Child of the root.
    assert reason(bytes(data)) == because(key)
