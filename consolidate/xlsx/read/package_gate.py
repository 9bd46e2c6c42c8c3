"""Check real type and sizes, from the archive's directory, before anything is read.

Nothing here trusts an extension, and of a package nothing is inflated but the two small parts in
which an OpenDocument file says what it is. All limits are in :class:`Limits`. A workbook packed as
every office program packs it is let in by one look (:func:`open_plain`); all others are judged.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from consolidate.model.reasons import because
from consolidate.xlsx.read.compound import OLE, Compound
from consolidate.xlsx.read.file_kinds import EMPTY_ZIP, ZIP, kind_of

_RECORD, _RECORD_SIZE = b"PK\x01\x02", 46
_END_SIZE, _WIDE_END, _LOCATOR = 22, b"PK\x06\x06", b"PK\x06\x07"
_OLD_KINDS = {
    "encryptedpackage": "encrypted",
    "\tdrmcontent": "rights",
    "workbook": "",
    "book": "",
    "worddocument": "word",
    "powerpoint document": "powerpoint",
    "__properties_version1.0": "mail",
}
"""What a compound file is, by an entry of its root; ``""`` is an ``.xls``."""
_WORD = b"word/document.xml"
_ODF_KINDS = {"text": "open_text", "presentation": "powerpoint"}
_SMALL_PART = 1_000_000
"""Bytes of the largest part that the gate itself looks into."""
# NotImplementedError is what zipfile raises for a compression or version that it does not know.
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError),
    *(ValueError, NotImplementedError),
)
"""What opening a damaged package, or reading a part of it, raises."""

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a file of an inbox, in bytes unless the name says otherwise.

    ``container_size`` is that of an archive or a mail, ``members`` the number of files in it, those
    of archives inside it included; ``depth`` is how many archives may lie inside each other.
    ``seconds`` and ``memory`` hold for the reading of one file in a worker process.

    ``far_row`` and ``far_column`` (zero-based) are where an honest form has long ended: in a sheet
    of more than ``cells``, at most ``far_cells`` filled cells from there on are cut and reported.
    """

    file_size: int = 50_000_000
    container_size: int = 500_000_000
    entries: int = 2_000
    inflated: int = 200_000_000
    ratio: int = 200
    cells: int = 2_000_000
    members: int = 1_000
    depth: int = 2
    seconds: float = 60.0
    memory: int = 1 << 30
    far_row: int = 5_000
    far_column: int = 200
    far_cells: int = 1_000

    def is_bomb(self, inflated: int, packed: int) -> bool:
        """Tell whether the ratio of inflated to packed bytes is beyond an honest file's."""
        # Small honest parts compress well; the ratio matters only once the sizes do.
        return inflated > self.inflated or (
            inflated > self.inflated // 20 and inflated > self.ratio * (packed or 1)
        )


class Refused(Exception):
    """A file rejected by the gate, with its ``reason``.

    ``kind`` is the name of a message in ``messages/intake.toml``, ``values`` fill its blanks.
    ``unreadable`` tells damaged or locked workbooks from files that are no workbook at all. Two
    refusals that say the same are equal, and they may be pickled.
    """

    def __init__(self, kind: str, *, unreadable: bool, **values: object) -> None:
        super().__init__(kind)
        self.reason = because(f"intake.{kind}", **values)
        self.unreadable = unreadable

    def bare(self) -> Refused:
        """The same refusal without its trace, which keeps every buffer of a reading alive."""
        return _refused(*self._content())

    def _content(self) -> tuple[str, bool, tuple[tuple[str, object], ...]]:
        return self.args[0], self.unreadable, self.reason.values

    def __reduce__(self) -> tuple[object, ...]:
        return _refused, self._content()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Refused) and self.__reduce__() == other.__reduce__()

    def __hash__(self) -> int:
        return hash(self.__reduce__())


def _refused(kind: str, unreadable: bool, values: tuple[tuple[str, object], ...]) -> Refused:
    return Refused(kind, unreadable=unreadable, **dict(values))


_END = struct.Struct("<4sHHHHIIH")
_ENTRY = struct.Struct("<4s2xHHH4xIIIHHHH6xI")
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_USUAL_FLAGS = 0x80E
"""How hard it was packed, sizes behind the data, names in UTF-8."""
_NEWEST = 45
"""Version of the format that packages of more than 4 GB ask for; no office program writes more."""
_WORKBOOK, _OTHERS = "xl/workbook.xml", ("word/document.xml", "ppt/presentation.xml")


class ZipPart(NamedTuple):
    """Where a part lies in the bytes of a package: its local header, its sizes and its checksum."""

    start: int
    packed: int
    inflated: int
    checksum: int
    deflated: bool


@dataclass(frozen=True, slots=True)
class PlainPackage:
    """The package of a workbook as every office program writes it: its parts by name.

    Each part is inflated once, when it is asked for. Whatever else is in the file, the gate
    (:func:`open_package`) lets it in, too.
    """

    data: bytes
    parts: Mapping[str, ZipPart]
    _contents: dict[str, bytes | None] = field(default_factory=dict)

    def packed(self, name: str) -> bytes | None:
        """The bytes of a part as they are packed; ``None`` if its own header names another one."""
        part = self.parts[name]
        signature, *_, length, extra = _LOCAL.unpack_from(self.data, part.start)
        start = part.start + _LOCAL.size
        if signature != ZIP or self.data[start : start + length] != name.encode("ascii"):
            return None
        start += length + extra
        return self.data[start : start + part.packed]

    def content(self, name: str) -> bytes | None:
        """The content of a part; ``None`` if it is damaged, or not of the size that it says."""
        if name not in self._contents:
            part, content = self.parts[name], self.packed(name)
            if content is not None and part.deflated:
                inflator = zlib.decompressobj(-zlib.MAX_WBITS)
                try:
                    content = inflator.decompress(content, part.inflated + 1)
                except zlib.error:
                    content = None
                if not inflator.eof or inflator.unused_data:
                    content = None
            if content is not None:
                sound = len(content) == part.inflated and zlib.crc32(content) == part.checksum
                content = content if sound else None
            self._contents[name] = content
        return self._contents[name]


def open_plain(data: bytes, limits: Limits) -> PlainPackage | None:
    """Open the package of a workbook, within the limits.

    ``None`` where anything is unusual, and for whatever else may be in a package.
    """
    end = len(data) - _END.size
    if not data.startswith(ZIP) or end < 0 or len(data) > limits.file_size:
        return None
    signature, disk, first_disk, here, count, size, start, comment = _END.unpack_from(data, end)
    if signature != EMPTY_ZIP or disk or first_disk or here != count or comment:
        return None
    if start + size != end or not 0 < count <= limits.entries:
        return None
    if data.count(EMPTY_ZIP, start) != 1 or data.startswith(_LOCATOR, max(end - 20, 0)):
        return None
    parts: dict[str, ZipPart] = {}
    at = start
    while at + _ENTRY.size <= end:
        entry = _ENTRY.unpack_from(data, at)
        signature, version, flags, method, checksum, packed, inflated, length, *rest, offset = entry
        if signature != _RECORD or version > _NEWEST or flags & ~_USUAL_FLAGS:
            return None
        if any(rest) or method not in _METHODS:
            return None
        at += _ENTRY.size + length
        name = data[at - length : at].decode("latin-1")
        parts[name] = ZipPart(offset, packed, inflated, checksum, method == zipfile.ZIP_DEFLATED)
    names = "".join(parts)
    if at != end or not names.isascii() or "\\" in names or "\0" in names:
        return None
    folded = {name.casefold() for name in parts}
    if len(folded) != count or _WORKBOOK not in parts or not folded.isdisjoint(_OTHERS):
        return None
    whole = sum([part.inflated for part in parts.values()])
    packed = sum([part.packed for part in parts.values()])
    usual = _lie_apart(parts, start) and not limits.is_bomb(whole, packed)
    return PlainPackage(data, parts) if usual else None


def _lie_apart(parts: Mapping[str, ZipPart], end: int) -> bool:
    """Whether the parts lie behind each other, from the first byte to the directory at ``end``."""
    behind = 0
    for part in sorted(parts.values()):
        if part.start < behind or (part.start and not behind):
            return False
        behind = part.start + _LOCAL.size + part.packed
    return behind <= end


def open_package(data: bytes, limits: Limits) -> zipfile.ZipFile | None:
    """Open the package of an OOXML or ODF workbook, checked; ``None`` for a binary ``.xls``.

    Raises:
        Refused: the bytes are no workbook, or one that must not be opened.
    """
    check_size(data, limits)
    if data.startswith(OLE):
        kind = old_kind(data)
        if kind:
            raise Refused(kind, unreadable=kind in ("encrypted", "damaged", "rights"))
        return None
    package = open_zip(data, limits)
    _check_workbook(package)
    return package


def is_word(data: bytes) -> bool:
    """Tell whether the bytes are a Word document ``.docx``, by the directory alone."""
    start, end = _directory_place(data) if data.startswith(ZIP) else (0, 0)
    # Most files have the name nowhere: they cost one search.
    return _WORD in data[start:end].lower() and _WORD in map(bytes.lower, directory(data))


def open_word(data: bytes, limits: Limits) -> zipfile.ZipFile:
    """Open the package of a Word document (:func:`is_word`), checked as that of a workbook is.

    Raises:
        Refused: the bytes are no ``.docx``, or one that must not be opened.
    """
    check_size(data, limits)
    package = open_zip(data, limits)
    if "word/document.xml" not in _names(package):
        raise Refused("not_a_workbook", unreadable=False)
    return package


def check_size(data: bytes, limits: Limits) -> None:
    """Reject empty and oversized files.

    Raises:
        Refused: it is.
    """
    if not data:
        raise Refused("empty_file", unreadable=True)
    if len(data) > limits.file_size:
        raise Refused("too_large", unreadable=True, detail=megabytes(len(data)))


def old_kind(data: bytes) -> str:
    """Tell what a compound file (OLE) is: ``""`` for an ``.xls``, else a key of the messages."""
    try:
        top = Compound(data).top
    except ValueError:
        return "damaged"
    for name, kind in _OLD_KINDS.items():
        if name in top:
            return kind
    return "not_a_workbook"


def directory(data: bytes) -> Iterator[bytes]:
    """List names in the central directory of a ZIP file, as bytes; none when there is no directory.

    Some microseconds for a workbook: asked before anything opens the file.
    """
    for at in records(data):
        (name,) = struct.unpack_from("<H", data, at + 28)
        yield data[at + _RECORD_SIZE : at + _RECORD_SIZE + name]


def records(data: bytes) -> Iterator[int]:
    """Offsets of the records in the central directory of a ZIP file."""
    at, end = _directory_place(data)
    while at + _RECORD_SIZE <= end and data.startswith(_RECORD, at):
        yield at
        at += _RECORD_SIZE + sum(struct.unpack_from("<HHH", data, at + 28))


def _directory_place(data: bytes) -> tuple[int, int]:
    """First and last offset of the central directory, found as ``zipfile`` finds it."""
    end = len(data) - _END_SIZE
    if end < 0 or not (data.startswith(EMPTY_ZIP, end) and data.endswith(b"\0\0")):
        end = data.rfind(EMPTY_ZIP)
    if end < 0 or end + _END_SIZE > len(data):
        return 0, 0
    (size,) = struct.unpack_from("<I", data, end + 12)
    if end >= 20 and data.startswith(_LOCATOR, end - 20):
        wide = data.rfind(_WIDE_END, 0, end)
        if 0 <= wide <= end - 56:
            (size,) = struct.unpack_from("<Q", data, wide + 40)
            end = wide
    return max(0, end - size), end


def open_zip(data: bytes, limits: Limits) -> zipfile.ZipFile:
    """Open a package after its directory was checked.

    Raises:
        Refused: the bytes are no package, or one that must not be opened.
    """
    if not data.startswith(ZIP):
        kind = kind_of(data)
        if kind == "not_a_workbook" and any(True for _ in records(data)):
            kind = "damaged"  # A package whose beginning is lost: its directory is still there.
        raise Refused(kind, unreadable=kind in ("only_zeros", "damaged"))
    if data.rfind(EMPTY_ZIP) < 0:
        raise Refused("truncated", unreadable=True)
    _check_count(sum(1 for _ in records(data)), limits)
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except BROKEN:
        raise Refused("damaged", unreadable=True) from None
    _check_directory(package, limits)
    return package


def _check_count(count: int, limits: Limits) -> None:
    if count > limits.entries:
        raise Refused("too_many_parts", unreadable=True, detail=count)


def _names(package: zipfile.ZipFile) -> set[str]:
    # Some tools write names with backslashes; Windows shows them as slashes.
    return {entry.filename.replace("\\", "/").casefold() for entry in package.infolist()}


def _check_directory(package: zipfile.ZipFile, limits: Limits) -> None:
    entries = package.infolist()
    _check_count(len(entries), limits)
    if len(_names(package)) < len(entries):
        # Two parts of one name: readers disagree about which of them is meant.
        raise Refused("damaged", unreadable=True)
    if any(entry.compress_type not in _METHODS for entry in entries):
        # No office program packs otherwise; other methods may ask for any amount of memory.
        raise Refused("damaged", unreadable=True)
    inflated = sum(entry.file_size for entry in entries)
    if limits.is_bomb(inflated, sum(entry.compress_size for entry in entries)):
        raise Refused("bomb", unreadable=True, detail=megabytes(inflated))
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("encrypted", unreadable=True)


def _check_workbook(package: zipfile.ZipFile) -> None:
    names = _names(package)
    if "word/document.xml" in names:
        raise Refused("word", unreadable=False)
    if "ppt/presentation.xml" in names:
        raise Refused("powerpoint", unreadable=False)
    if any(name.startswith("xl/") for name in names):
        return
    if "mimetype" in names or "content.xml" in names:
        _check_open_document(package, names)
    elif any(name.endswith(".iwa") for name in names):
        raise Refused("numbers", unreadable=False)
    elif "[content_types].xml" in names:
        # An office file whose parts do not lie where all programs put them; nothing to unpack.
        raise Refused("damaged", unreadable=True)
    else:
        raise Refused("archive", unreadable=False)


def _check_open_document(package: zipfile.ZipFile, names: set[str]) -> None:
    """Let in an ``.ods`` that is not encrypted."""
    media = _part(package, "mimetype").decode("ascii", "replace").rpartition(".")[2].strip()
    kind = _ODF_KINDS.get(media.removesuffix("-template"))
    if kind is not None:
        raise Refused(kind, unreadable=False)
    manifest = _part(package, "META-INF/manifest.xml")
    if "encrypted-package" in names or b":encryption-data" in manifest:
        raise Refused("encrypted", unreadable=True)
    if "content.xml" not in names:
        raise Refused("not_a_workbook", unreadable=False)


def _part(package: zipfile.ZipFile, name: str) -> bytes:
    """Read a small part, ``b""`` when it is absent."""
    try:
        if package.getinfo(name).file_size > _SMALL_PART:
            return b""
        return package.read(name)
    except BROKEN:
        raise Refused("damaged", unreadable=True) from None
    except KeyError:
        return b""


def megabytes(size: int) -> str:
    """Write a size as messages say it."""
    return f"{size / 1_000_000:.0f} MB"
