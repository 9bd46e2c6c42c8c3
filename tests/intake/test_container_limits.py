"""Bombs and noise: nothing is inflated beyond the limits, and nothing is raised but a refusal."""

from __future__ import annotations

import gzip
import random
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consolidate.definitions.catalogue import text
from consolidate.intake.containers import Container, open_container
from consolidate.intake.containers.members import safe_name
from consolidate.xlsx.read.compound import OLE
from consolidate.xlsx.read.package_gate import Limits, Refused
from tests.intake.archives import Files, mail, rar, seven, tar, zipped
from tests.xlsx.compounds import attachment, compound, message
from tests.xlsx.packages import understated

SMALL = Limits(file_size=100_000, inflated=50_000, members=20, entries=40)
ZEROS = bytes(60_000)


def reason(data: bytes, limits: Limits = SMALL) -> str:
    with pytest.raises(Refused) as caught:
        open_container(data, limits)
    assert caught.value.unreadable
    return caught.value.reason.key.partition(".")[2]


def members(data: bytes, limits: Limits = SMALL) -> dict[str, bytes | str]:
    container = open_container(data, limits)
    assert container is not None
    return {
        member.name: member.refused.reason.key.partition(".")[2]
        if member.refused is not None
        else member.data
        for member in container.members
    }


PACKED: dict[str, Callable[[Files], bytes]] = {
    "zip": zipped,
    "7z": seven,
    "tar.gz": lambda contents: tar(contents, "w:gz"),
    "tar.xz": lambda contents: tar(contents, "w:xz"),
    "zip in a mail": lambda contents: mail({"a.zip": zipped(contents)}).as_bytes(),
    "zip in a zip": lambda contents: zipped({"a.zip": zipped(contents)}),
}


@pytest.mark.parametrize("kind", PACKED)
def test_a_bomb_is_not_inflated(kind: str) -> None:
    """One file per archive is too much; three together are."""
    limits = Limits(file_size=30_000_000, inflated=60_000_000)
    for contents in ({"a": bytes(25_000_000)}, {f"{n}": bytes(25_000_000) for n in range(3)}):
        data = PACKED[kind](contents)
        tracemalloc.start()
        try:
            container = open_container(data, limits)
        except Refused as refused:
            found = {refused.reason.key.partition(".")[2]}
        else:
            assert container is not None
            found = {
                one.refused.reason.key.partition(".")[2] for one in container.members if one.refused
            }
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert found == {"bomb"}
        # What packs one stream says nothing about its size: it is inflated up to the limit.
        assert peak < (20_000_000 if kind.startswith(("zip", "7z")) else 3 * limits.inflated)


def test_archives_within_archives_share_the_room() -> None:
    noise = random.Random(1).randbytes(9_000)
    inner = {f"{number}.zip": zipped({"x": noise}) for number in range(4)}
    found = members(zipped(inner))
    assert sum(len(data) for data in found.values() if isinstance(data, bytes)) <= SMALL.inflated
    assert found == {"0.zip/x": noise, "1.zip": "bomb", "2.zip": "bomb", "3.zip": "bomb"}


def test_forty_two() -> None:
    """Sixteen archives of sixteen archives of sixteen archives of zeros: some kilobytes."""
    data = zipped({"0": bytes(10_000_000)})
    for _ in range(4):
        data = zipped({f"{number}.zip": data for number in range(16)})
    found = members(data, Limits())
    assert set(found.values()) == {"archive_too_deep"}
    assert len(found) == 256


def test_parts_over_each_other_are_refused() -> None:
    data = zipped({"a": ZEROS[:1000]})
    record = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entry = data[record:end]
    many = entry[:46] + b"b" + entry[47:]
    tail = struct.pack("<HHHHIIH", 0, 0, 2, 2, 2 * len(entry), record, 0)
    assert reason(data[:record] + entry + many + b"PK\x05\x06" + tail) == "archive_overlap"
    assert text("intake.archive_overlap")


def test_a_directory_that_lies() -> None:
    noise = random.Random(2).randbytes(500)
    data = zipped({"a": noise + ZEROS[:40_000], "b": b"1"})
    assert members(understated(data, "a", 200)) == {"a": "damaged_member", "b": b"1"}
    assert members(understated(data, "b", 9)) == {
        "a": noise + ZEROS[:40_000],
        "b": "damaged_member",
    }
    # Even the sum may lie: of the file comes what the directory promises, and no byte more.
    record = data.index(b"PK\x01\x02")
    changed = bytearray(understated(data, "a", 200))
    struct.pack_into("<I", changed, record + 16, zlib.crc32(noise[:200]))
    assert members(bytes(changed)) == {"a": noise[:200], "b": b"1"}


@pytest.mark.wording
@pytest.mark.parametrize("make", [zipped, seven, rar, tar])
def test_too_many_files(make: Callable[[Files], bytes]) -> None:
    data = make({f"{number}": b"" for number in range(21)})
    assert reason(data) == "archive_too_many"
    assert len(members(make({f"{number}": b"1" for number in range(20)}))) == 20
    assert "21" in text("intake.archive_too_many", detail="21")


def test_a_hundred_thousand_entries_are_counted_before_anything_opens_them() -> None:
    record = b"PK\x01\x02" + bytes(24) + struct.pack("<H", 1) + bytes(16) + b"a"
    directory = record * 100_000
    end = struct.pack("<HHHHIIH", 0, 0, 1, 1, len(directory), 4, 0)
    tracemalloc.start()
    assert reason(b"PK\x03\x04" + directory + b"PK\x05\x06" + end, Limits()) == "archive_too_many"
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()


def test_too_many_files_together() -> None:
    inner = zipped({f"{number}": b"1" for number in range(12)})
    found = members(zipped({"a.zip": inner, "b.zip": inner, "c": b"2"}))
    assert found["b.zip"] == "archive_too_many"
    assert len(found) == 14


def test_a_container_larger_than_a_file_may_be() -> None:
    assert reason(zipped({"a": random.Random(3).randbytes(100_001)})) == "too_large"


def test_streams_of_a_mail_that_share_their_bytes() -> None:
    data = bytearray(compound(message("a", attachment("a.xlsx", b"x" * 5000))))
    at = data.index("__substg1.0_37010102".encode("utf-16-le"))
    struct.pack_into("<I", data, at + 120, 1 << 30)
    assert reason(bytes(data)) == "damaged_archive"


def test_parts_within_parts_without_end_are_no_crash() -> None:
    head = "From: a\r\nSubject: b\r\n"
    nested = "".join(
        f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(3_000)
    )
    assert reason((head + nested).encode(), Limits()) == "damaged_archive"


names = st.text(min_size=1, max_size=20).filter(
    lambda name: name.isprintable() and safe_name(name) == name and not name.startswith("~$")
)
contents = st.dictionaries(names, st.binary(max_size=300), min_size=1, max_size=8)
STARTS = (
    b"",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07\x00",
    b"Rar!\x1a\x07\x01\x00",
    b"\x1f\x8b\x08",
    b"BZh9",
    b"\xfd7zXZ\x00",
    bytes(257) + b"ustar",
    OLE,
    b"From: a\r\nTo: b\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n",
)


def total(container: Container | None) -> int:
    return sum(len(member.data) for member in container.members) if container is not None else 0


def opened_or_said(data: bytes, passwords: tuple[str, ...] = ()) -> tuple[Container | None, str]:
    try:
        return open_container(data, SMALL, passwords), ""
    except Refused as refused:
        return None, refused.reason.key.partition(".")[2]


@given(st.sampled_from(STARTS), st.binary(max_size=400))
def test_any_bytes_are_opened_or_refused(start: bytes, data: bytes) -> None:
    container, said = opened_or_said(start + data, ("p",))
    assert not said or text(f"intake.{said}")
    assert total(container) <= SMALL.inflated


WHOLE = {
    "zip": zipped({"a.xlsx": b"a" * 200, "b.zip": zipped({"c": b"1" * 50})}),
    "7z": seven({"a.xlsx": b"a" * 200, "b": b"1"}),
    "locked 7z": seven({"a.xlsx": b"a" * 20}, "p", header_encryption=True),
    "rar": rar({"a.xlsx": b"a" * 200, "b": b"1"}),
    "tar": tar({"a.xlsx": b"a" * 200, "b": b"1"}),
    "tar.gz": tar({"a.xlsx": b"a" * 200, "b": b"1"}, "w:gz"),
    "eml": mail({"a.xlsx": b"a" * 200, "b.zip": zipped({"c": b"1"})}).as_bytes(),
    "msg": compound(message("a", attachment("a.xlsx", b"a" * 200))),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_damaged_containers_are_opened_or_refused(kind: str) -> None:
    dice = random.Random(11)
    for _ in range(10 if kind == "locked 7z" else 60):
        data = bytearray(WHOLE[kind])
        for _ in range(dice.randint(1, 6)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        container, said = opened_or_said(bytes(data))
        assert not said or text(f"intake.{said}")
        assert total(container) <= SMALL.inflated
        shown = [member.name for member in container.members] if container is not None else []
        assert len(set(shown)) == len(shown)


@settings(deadline=None)
@given(contents, st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
def test_random_archives_give_back_what_went_in(files: dict[str, bytes], method: int) -> None:
    # What is a container itself is opened, and what is a system file left out.
    files = {f"-{name}": b"." + data for name, data in files.items()}
    found = members(zipped(files, method), Limits())
    assert found == files


@given(st.text(max_size=60))
def test_no_name_leads_anywhere(name: str) -> None:
    shown = safe_name(name)
    assert not shown.startswith(("/", "\\"))
    assert not {"..", "."} & set(shown.split("/"))
    assert shown.isprintable()
    assert safe_name(shown) == shown


def test_a_packed_file_larger_than_the_limit() -> None:
    assert reason(gzip.compress(ZEROS)) == "bomb"


def test_a_file_too_large_costs_itself_only() -> None:
    # Larger than a file may be when inflated, though the archive is not.
    limits = Limits(file_size=30_000, inflated=90_000)
    noise = random.Random(1).randbytes(1_000) * 31
    assert members(zipped({"a": noise, "b": b"1"}), limits) == {"a": "too_large", "b": b"1"}
