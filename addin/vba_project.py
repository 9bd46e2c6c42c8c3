"""``vbaProject.bin`` from sources: their encoding, streams and compression, [MS-OVBA] 2.3, 2.4.1.

Sources are UTF-8 text and become lines of pure ASCII, whatever the code page of the PC: a literal
with Vietnamese letters becomes ``("T" & ChrW(7893) & "ng")``; comments lose their accents; anything
else that is not ASCII is refused with its place.
"""

from __future__ import annotations

import re
import struct
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from addin.compound_file import Tree, compound_file

LONGEST_LINE = 1_023
"""Characters that the editor takes on one line."""
_LITERAL = re.compile(r'"((?:[^"]|"")*)"')
_CONST = re.compile(r"\s*(Public |Private |Global )?Const\b", re.IGNORECASE)
_NAME = re.compile(r'^Attribute VB_Name = "([A-Za-z][A-Za-z0-9_]{0,30})"$', re.MULTILINE)
_WORKBOOK_BASE = "00020819-0000-0000-C000-000000000046"
_SHEET_BASE = "00020820-0000-0000-C000-000000000046"


class SourceError(ValueError):
    """A source that cannot be stored safely; says the file, the line and why."""


@dataclass(frozen=True, slots=True)
class Module:
    """A module of a project: ``code`` is its stream, ASCII with CRLF.

    ``kind`` is what the project calls it: ``Module``, ``Document``, ``Class``.
    """

    name: str
    kind: str
    code: bytes

    @property
    def text(self) -> str:
        """The code with line ends of this program."""
        return self.code.decode("ascii").replace("\r\n", "\n")


def document_module(name: str) -> Module:
    """Return the empty module of the workbook (``ThisWorkbook``) or of a sheet."""
    base = _WORKBOOK_BASE if name == "ThisWorkbook" else _SHEET_BASE
    lines = [
        f'Attribute VB_Name = "{name}"',
        f'Attribute VB_Base = "0{{{base}}}"',
        "Attribute VB_GlobalNameSpace = False",
        "Attribute VB_Creatable = False",
        "Attribute VB_PredeclaredId = True",
        "Attribute VB_Exposed = True",
        "Attribute VB_TemplateDerived = False",
        "Attribute VB_Customizable = True",
    ]
    return Module(name, "Document", _stream(lines))


def standard_module(source: str, where: str) -> Module:
    """Return a module from the text of a ``.bas`` file.

    Raises:
        SourceError: it has no name or cannot be encoded.
    """
    named = _NAME.search(_unified(source))
    if named is None:
        raise SourceError(f"{where}: no Attribute VB_Name in ASCII of at most 31 characters")
    return Module(named.group(1), "Module", _stream(ascii_lines(source, where)))


def ascii_lines(source: str, where: str) -> list[str]:
    """Lines of a source in ASCII.

    Raises:
        SourceError: a line is too long, or has letters where they cannot be encoded.
    """
    lines = []
    for number, line in enumerate(_unified(source).rstrip("\n").split("\n"), 1):
        place = f"{where}:{number}"
        made = line if line.isascii() else _ascii_line(line, place)
        if len(made) > LONGEST_LINE:
            raise SourceError(f"{place}: longer than {LONGEST_LINE} characters once encoded")
        lines.append(made)
    return lines


def _ascii_line(line: str, place: str) -> str:
    made, at = "", 0
    while at < len(line):
        letter = line[at]
        if letter == '"':
            match = _LITERAL.match(line, at)
            if match is None:
                raise SourceError(f"{place}: a string is not closed")
            made += _literal(match.group(1), line, place)
            at = match.end()
        elif letter == "'":
            return made + _unaccented(line[at:])
        elif letter.isascii():
            made += letter
            at += 1
        else:
            raise SourceError(f"{place}: {letter!r} outside a string or comment")
    return made


def _literal(body: str, line: str, place: str) -> str:
    if body.isascii():
        return f'"{body}"'
    if _CONST.match(line):
        raise SourceError(f"{place}: a Const holds ASCII only, ChrW is no constant")
    if line.lstrip().startswith("Attribute "):
        raise SourceError(f"{place}: an Attribute line is ASCII")
    parts = []
    for run in re.findall(r"[\x20-\x7e\t]+|[^\x20-\x7e\t]", unicodedata.normalize("NFC", body)):
        if run.isascii():
            parts.append(f'"{run}"')
        elif ord(run) <= 0xFFFF:
            parts.append(f"ChrW({ord(run)})")
        else:
            raise SourceError(f"{place}: {run!r} is beyond what ChrW writes")
    return f"({' & '.join(parts)})" if len(parts) > 1 else parts[0]


def _unaccented(comment: str) -> str:
    plain = unicodedata.normalize("NFD", comment.replace("đ", "d").replace("Đ", "D"))
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return kept.encode("ascii", "replace").decode("ascii")


def _unified(source: str) -> str:
    return source.removeprefix("\ufeff").replace("\r\n", "\n").rstrip("\n") + "\n"


def _stream(lines: list[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


CODE_PAGE = 1252
_NO_CACHE = bytes.fromhex("CC61FFFF000100")
"""``_VBA_PROJECT`` of a project without performance cache, the form prescribed for writers."""
_VISIBLE = b"\xff"
_SEED = 0x5D
"""Fixed, so that the same text gives the same bytes."""
_REFERENCES = (
    (
        "stdole",
        r"*\G{00020430-0000-0000-C000-000000000046}#2.0#0#C:\Windows\System32\stdole2.tlb"
        "#OLE Automation",
    ),
    (
        "Office",
        r"*\G{2DF8D04C-5BFA-101B-BDE5-00AA0044DE52}#2.0#0"
        r"#C:\Program Files\Common Files\Microsoft Shared\OFFICE16\MSO.DLL"
        "#Microsoft Office 16.0 Object Library",
    ),
)
"""Type libraries: OLE, and Office for ``IRibbonControl``."""


def vba_project(name: str, modules: Sequence[Module]) -> bytes:
    """Return the bytes of ``vbaProject.bin``; the same modules give the same bytes.

    Raises:
        SourceError: two modules, or a module and the project, have one name.
    """
    names = [module.name.casefold() for module in modules]
    if len(set(names)) != len(names) or name.casefold() in names:
        raise SourceError("modules need names that differ from each other and the project's")
    project_id = f"{{{uuid.uuid5(uuid.NAMESPACE_URL, f'vba:{name}')}}}".upper()
    storage = {module.name: compress(module.code) for module in modules}
    storage["_VBA_PROJECT"] = _NO_CACHE
    storage["dir"] = compress(_dir_stream(name, modules))
    tree: Tree = {
        "VBA": storage,
        "PROJECT": _project_stream(name, modules, project_id),
        "PROJECTwm": _names_stream(modules),
    }
    return compound_file(tree)


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HI", kind, len(data)) + data


def _long(kind: int, value: int) -> bytes:
    return _record(kind, struct.pack("<I", value))


def _twice(kind: int, unicode_kind: int, value: str) -> bytes:
    """Return a text in the code page and again in UTF-16."""
    return _record(kind, value.encode("cp1252")) + _record(unicode_kind, value.encode("utf-16-le"))


def _dir_stream(name: str, modules: Sequence[Module]) -> bytes:
    """[MS-OVBA] 2.3.4.2: project information, references, modules."""
    stream = [
        _long(0x01, 1),  # Windows, 32 bit; what Office writes on every platform
        _long(0x02, 0x409),
        _long(0x14, 0x409),
        _record(0x03, struct.pack("<H", CODE_PAGE)),
        _record(0x04, name.encode("ascii")),
        _twice(0x05, 0x40, ""),
        _twice(0x06, 0x3D, ""),
        _long(0x07, 0),
        _long(0x08, 0),
        struct.pack("<HIIH", 0x09, 4, 1, 1),
        _twice(0x0C, 0x3C, ""),
    ]
    for reference, library in _REFERENCES:
        encoded = library.encode("ascii")
        data = struct.pack("<I", len(encoded)) + encoded + bytes(6)
        stream += [_twice(0x16, 0x3E, reference), _record(0x0D, data)]
    stream += [_record(0x0F, struct.pack("<H", len(modules))), _record(0x13, b"\xff\xff")]
    for module in modules:
        stream += [
            _twice(0x19, 0x47, module.name),
            _twice(0x1A, 0x32, module.name),
            _twice(0x1C, 0x48, ""),
            _long(0x31, 0),  # the source begins at offset 0: there is no cache before it
            _long(0x1E, 0),
            _record(0x2C, b"\xff\xff"),
            _record(0x21 if module.kind == "Module" else 0x22),
            _record(0x2B),
        ]
    return b"".join((*stream, _record(0x10)))


def _project_stream(name: str, modules: Sequence[Module], project_id: str) -> bytes:
    """[MS-OVBA] 2.3.1: the properties of the project as lines of text."""
    lines = [
        f'ID="{project_id}"',
        *(
            f"{module.kind}={module.name}{'/&H00000000' if module.kind == 'Document' else ''}"
            for module in modules
        ),
        f'Name="{name}"',
        'HelpContextID="0"',
        'VersionCompatible32="393222000"',
        f'CMG="{_encrypted(project_id, bytes(4))}"',
        f'DPB="{_encrypted(project_id, bytes(1))}"',
        f'GC="{_encrypted(project_id, _VISIBLE)}"',
        "",
        "[Host Extender Info]",
        "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000",
        "",
        "[Workspace]",
        *(f"{module.name}=0, 0, 0, 0, C" for module in modules),
    ]
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _names_stream(modules: Sequence[Module]) -> bytes:
    """[MS-OVBA] 2.3.3: the names of the modules in both encodings."""
    pairs = (
        module.name.encode("ascii") + b"\0" + module.name.encode("utf-16-le") + b"\0\0"
        for module in modules
    )
    return b"".join(pairs) + b"\0\0"


def _encrypted(project_id: str, data: bytes) -> str:
    """[MS-OVBA] 2.4.3.2, with a fixed seed: visible, unprotected, no password."""
    key = sum(project_id.encode("ascii")) & 0xFF
    encrypted = [_SEED, _SEED ^ 2, _SEED ^ key]
    plain, first, second = key, _SEED ^ key, _SEED ^ 2
    ignored = bytes((_SEED & 6) // 2)
    for byte in ignored + struct.pack("<I", len(data)) + data:
        made = byte ^ ((second + plain) & 0xFF)
        encrypted.append(made)
        second, first, plain = first, made, byte
    return bytes(encrypted).hex().upper()


CHUNK = 4096
_SHORTEST = 3
"""Least number of bytes that a copy token replaces."""
_RAW_HEADER = 0x3FFF
_TOKEN_HEADER = 0xB000


@lru_cache(maxsize=32)  # Modules are the same from build to build.
def compress(data: bytes) -> bytes:
    """Return the compressed container of some bytes.

    Raises:
        ValueError: the last chunk would grow; text never does.
    """
    container = bytearray(b"\x01")
    for start in range(0, len(data), CHUNK):
        chunk = data[start : start + CHUNK]
        body = _tokens(chunk)
        if len(body) <= CHUNK:
            container += struct.pack("<H", _TOKEN_HEADER | (len(body) - 1)) + body
        elif len(chunk) == CHUNK:
            container += struct.pack("<H", _RAW_HEADER) + chunk
        else:
            raise ValueError("a last chunk that cannot be compressed has no representation")
    return bytes(container)


def _offset_bits(position: int) -> int:
    """Bits of a copy token that hold the offset, at a place in the uncompressed chunk."""
    return max((position - 1).bit_length(), 4) if position else 4


def _tokens(chunk: bytes) -> bytearray:
    body = bytearray()
    seen: dict[bytes, list[int]] = {}
    position = 0
    while position < len(chunk):
        flags_at = len(body)
        body.append(0)
        for bit in range(8):
            if position >= len(chunk):
                break
            bits = _offset_bits(position)
            length, source = _longest(chunk, position, (0xFFFF >> bits) + 3, seen)
            if length >= _SHORTEST:
                token = ((position - source - 1) << (16 - bits)) | (length - 3)
                body += struct.pack("<H", token)
                body[flags_at] |= 1 << bit
            else:
                length = 1
                body.append(chunk[position])
            for at in range(position, min(position + length, len(chunk) - _SHORTEST + 1)):
                seen.setdefault(chunk[at : at + _SHORTEST], []).append(at)
            position += length
    return body


def _longest(
    chunk: bytes, position: int, limit: int, seen: dict[bytes, list[int]]
) -> tuple[int, int]:
    """Length and place of the longest earlier run that continues as the chunk does here."""
    best, source = 0, 0
    limit = min(limit, len(chunk) - position)
    for candidate in reversed(seen.get(chunk[position : position + _SHORTEST], ())):
        length = 0
        while length < limit and chunk[candidate + length] == chunk[position + length]:
            length += 1
        if length > best:
            best, source = length, candidate
        if length == limit:
            break
    return best, source
