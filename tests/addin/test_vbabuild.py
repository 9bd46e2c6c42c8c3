"""VBA projects from text: compression, containers, sources; and what other programs read back."""

from __future__ import annotations

import random
import struct
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addin.build_addin import PROJECT, build_addin, project_modules
from addin.compound_file import SECTOR, compound_file
from addin.vba_project import (
    SourceError,
    ascii_lines,
    compress,
    document_module,
    standard_module,
    vba_project,
)

LETTERS = "ăâđêôơưĂÂĐÊÔƠƯàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"


def decompress(container: bytes) -> bytes:
    """What another program reads in a compressed container."""
    olevba = pytest.importorskip(
        "oletools.olevba", reason="oletools is not installed: VBA is NOT read by another program"
    )
    return bytes(olevba.decompress_stream(bytearray(container)))


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


# Compression


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a",
        b"abc" * 2,
        b"\0" * 4096,
        b"a" * 4097,
        b"x" * 70_000,
        b"ab" * 50_000,
        b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa",
        noise(4096),
        noise(4096) + b"text " * 2_000,
        b"".join(b"Public Sub S%d()\r\nEnd Sub\r\n" % n for n in range(4_000)),
    ],
    ids=lambda data: f"{len(data)} {data[:6]!r}",
)
def test_compression_round_trip(data: bytes):
    assert decompress(compress(data)) == data


def test_the_specifications_examples():
    # [MS-OVBA] 3.2.2 and 3.2.3; of equal runs the first takes a farther one, which is as long.
    normal = bytes.fromhex(
        "012fb000236161616263646582660070616768696a013808616b6c00306d6e6f70067102700410727374757610"
        "7778797a003c"
    )
    text = b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa"
    assert decompress(normal) == text
    assert len(compress(text)) == len(normal)
    assert compress(b"a" * 73).hex() == "0103b002614500"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([b"a", b"Sub ", b"\r\n", b"0123456789", b"x" * 300])))
def test_compression_of_repeats(parts: list[bytes]):
    assert decompress(compress(b"".join(parts))) == b"".join(parts)


# Containers


def read_container(data: bytes) -> dict[str, bytes]:
    """Streams by path: a second implementation, of the reading side of [MS-CFB]."""
    fats, first, _, _, mini_first, minis = struct.unpack_from("<IIIIII", data, 44)
    sector = [data[at : at + SECTOR] for at in range(SECTOR, len(data), SECTOR)]
    table: list[int] = []
    for at in struct.unpack_from(f"<{fats}I", data, 76):
        table += struct.unpack("<128I", sector[at])

    def chain(at: int) -> bytes:
        found = b""
        while at < 0xFFFFFFFA:
            found += sector[at]
            at = table[at]
        return found

    mini_table = struct.unpack(f"<{minis * 128}I", chain(mini_first)) if minis else ()
    directory = chain(first)
    entries = [directory[at : at + 128] for at in range(0, len(directory), 128)]
    start, size = struct.unpack_from("<IQ", entries[0], 116)
    mini = chain(start)[:size]
    streams: dict[str, bytes] = {}

    def visit(index: int, folder: str) -> list[str]:
        if index == 0xFFFFFFFF:
            return []
        entry = entries[index]
        length, kind = struct.unpack_from("<HB", entry, 64)
        left, right, child = struct.unpack_from("<III", entry, 68)
        name = entry[: length - 2].decode("utf-16-le")
        start, size = struct.unpack_from("<IQ", entry, 116)
        before = visit(left, folder)
        if kind == 2 and size >= 4096:
            streams[folder + name] = chain(start)[:size]
        elif kind == 2:
            found, at = b"", start
            while size and at != 0xFFFFFFFE:
                found += mini[at * 64 : at * 64 + 64]
                at = mini_table[at]
            streams[folder + name] = found[:size]
        else:
            visit(child, f"{folder}{name}/")
        return [*before, name, *visit(right, folder)]

    root_child = struct.unpack_from("<I", entries[0], 76)[0]
    names = visit(root_child, "")
    assert names == sorted(names, key=lambda name: (len(name), name.upper()))
    return streams


@pytest.mark.parametrize("sizes", [(), (0,), (1, 64, 65, 4095), (4096, 9_000), (700_000, 3, 5_000)])
def test_containers_are_read_back(sizes: tuple[int, ...]):
    streams = {f"s{number}": noise(size) for number, size in enumerate(sizes)}
    tree = {"Folder": streams, "other": b"text" * 40}
    expected = {f"Folder/{name}": data for name, data in streams.items()} | {"other": b"text" * 40}
    assert read_container(compound_file(tree)) == expected


def test_containers_that_would_be_too_large_are_refused():
    with pytest.raises(ValueError, match="larger"):
        compound_file({"s": bytes(7_500_000)})


def test_the_project_holds_the_sources():
    modules = project_modules()
    streams = read_container(vba_project(PROJECT, modules))
    for module in modules:
        assert decompress(streams[f"VBA/{module.name}"]) == module.code
    assert streams["VBA/_VBA_PROJECT"] == bytes.fromhex("CC61FFFF000100")
    listed = streams["PROJECT"].decode("ascii").split("\r\n")
    assert [line for line in listed if line.startswith("Document=")] == [
        "Document=ThisWorkbook/&H00000000",
        "Document=Sheet1/&H00000000",
    ]
    assert [line for line in listed if line.startswith(("Module=", "Class="))] == [
        "Module=RibbonTongHop"
    ]


def test_names_must_differ():
    module = standard_module('Attribute VB_Name = "Mot"\n', "Mot.bas")
    with pytest.raises(SourceError):
        vba_project("TongHop", [module, module])
    with pytest.raises(SourceError):
        vba_project("mot", [module])


def test_an_independent_reader_gets_the_same_sources(tmp_path):
    parser = pytest.importorskip(
        "oletools.olevba", reason="oletools is not installed: VBA is NOT read by another program"
    )
    path = tmp_path / "tonghop.xlam"
    path.write_bytes(build_addin())
    found = {
        stream.rpartition("/")[2]: code.replace("\r\n", "\n")
        for _, stream, _, code in parser.VBA_Parser(str(path)).extract_macros()
    }
    assert found == {module.name: module.text for module in project_modules()}


# Sources


def decoded_literal(line: str) -> str:
    """What VBA makes of the expression that a literal became."""
    made = ""
    for part in line.strip("()").split(" & "):
        made += part[1:-1] if part.startswith('"') else chr(int(part[5:-1]))
    return made


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_every_vietnamese_letter_survives_as_nfc(form: str):
    for letter in LETTERS:
        (line,) = ascii_lines(f'"a{unicodedata.normalize(form, letter)}b"', "x")
        assert line.isascii()
        assert decoded_literal(line) == f"a{letter}b"


def test_only_literals_and_comments_change():
    source = 's = "Tổng" & t(1) \' ghi chú: "đủ"\nrem = "a""b"\n'
    assert ascii_lines(source, "x") == [
        's = ("T" & ChrW(7893) & "ng") & t(1) \' ghi chu: "du"',
        'rem = "a""b"',
    ]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ('Const TEN As String = "Tổng"', "Const"),
        ('Private Const TEN = "Tổng"', "Const"),
        ('Attribute VB_Description = "Tổng"', "Attribute"),
        ("Tổng = 1", "outside"),
        ('s = "Tổng', "not closed"),
        ('s = "𝔘"', "beyond"),
        (f's = "{"ổ" * 100}"', "longer"),
    ],
)
def test_what_cannot_be_encoded_is_refused_with_its_place(source: str, why: str):
    with pytest.raises(SourceError, match=f"x.bas:2: .*{why}"):
        ascii_lines(f"\n{source}", "x.bas")


def test_kinds_of_modules():
    with pytest.raises(SourceError, match="VB_Name"):
        standard_module('Attribute VB_Name = "Tổng"\n', "x.bas")
    assert "00020819" in document_module("ThisWorkbook").text
    assert "00020820" in document_module("Sheet1").text
