"""Archives and mails made in memory, and by hand where no honest program makes them."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from email.message import EmailMessage
from typing import Any

import py7zr
import pyzipper

Files = Mapping[str, bytes]


def zipped(files: Files | Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive."""
    pairs = files.items() if isinstance(files, Mapping) else files
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in pairs:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return target.getvalue()


def raw_named(name: bytes, content: bytes, flags: int = 0, extra: bytes = b"") -> bytes:
    """A ZIP archive of one stored file whose name is just these bytes."""
    crc, size = zlib.crc32(content), len(content)
    sizes = struct.pack("<IIIHH", crc, size, size, len(name), len(extra))
    local = b"PK\x03\x04" + struct.pack("<HHHHH", 20, flags, 0, 0, 33) + sizes
    local += name + extra + content
    record = b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, flags, 0, 0, 33) + sizes
    record += struct.pack("<HHHII", 0, 0, 0, 0, 0) + name + extra
    return (
        local
        + record
        + b"PK\x05\x06"
        + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(record), len(local), 0)
    )


def locked_zip(files: Files, password: str) -> bytes:
    """A ZIP archive in the encryption of WinZip (AES)."""
    target = io.BytesIO()
    with pyzipper.AESZipFile(
        target, "w", compression=zipfile.ZIP_DEFLATED, encryption=pyzipper.WZ_AES
    ) as archive:
        archive.setpassword(password.encode())
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def old_locked_zip(name: str, content: bytes, password: str) -> bytes:
    """A ZIP archive of one stored file in the old encryption ([APPNOTE] 6.1)."""
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte: int) -> None:
        keys[0] = ~zlib.crc32(bytes([byte]), ~keys[0] & 0xFFFFFFFF) & 0xFFFFFFFF
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = ~zlib.crc32(bytes([keys[1] >> 24]), ~keys[2] & 0xFFFFFFFF) & 0xFFFFFFFF

    for byte in password.encode():
        update(byte)
    coded = bytearray()
    for byte in bytes(11) + bytes([zlib.crc32(content) >> 24]) + content:
        mixed = (keys[2] | 2) & 0xFFFF
        coded.append(byte ^ ((mixed * (mixed ^ 1)) >> 8 & 0xFF))
        update(byte)
    data = bytearray(raw_named(name.encode(), bytes(coded), flags=1))
    record = data.rindex(b"PK\x01\x02")
    for crc_at in (14, record + 16):
        struct.pack_into("<I", data, crc_at, zlib.crc32(content))
    for size_at in (22, record + 24):
        struct.pack_into("<I", data, size_at, len(content))
    return bytes(data)


def seven(files: Files, password: str | None = None, **settings: Any) -> bytes:
    """A 7z archive, one solid block."""
    target = io.BytesIO()
    with py7zr.SevenZipFile(target, "w", password=password, **settings) as archive:
        for name, content in files.items():
            archive.writestr(content, name)
    return target.getvalue()


def rar(
    files: Files | Iterable[tuple[str, bytes]], method: int = 0, link: str = "", volume: int = 0
) -> bytes:
    """A RAR5 archive of stored files; another ``method`` only says so, ``link`` is added as one.

    ``volume`` is the number of a part of an archive that was split.
    """
    pairs = files.items() if isinstance(files, Mapping) else files
    head = _vint(3) + _vint(volume) if volume else _vint(0)
    blocks = [b"Rar!\x1a\x07\x01\x00", _block(_vint(1) + _vint(0) + head)]
    for name, content in pairs:
        fields = _vint(4) + _vint(len(content)) + _vint(0o100644)
        fields += struct.pack("<I", zlib.crc32(content)) + _vint(method << 7) + _vint(1)
        fields += _vint(len(name.encode())) + name.encode()
        blocks += [_block(_vint(2) + _vint(2) + _vint(len(content)) + fields), content]
    if link:
        target = _vint(5) + _vint(1) + _vint(0) + _vint(11) + b"/etc/passwd"
        extra = _vint(len(target)) + target
        fields = _vint(0) + _vint(0) + _vint(0o120777) + _vint(0) + _vint(1)
        fields += _vint(len(link)) + link.encode() + extra
        blocks.append(_block(_vint(2) + _vint(1) + _vint(len(extra)) + fields))
    blocks.append(_block(_vint(5) + _vint(0) + _vint(0)))
    return b"".join(blocks)


def _block(body: bytes) -> bytes:
    sized = _vint(len(body)) + body
    return struct.pack("<I", zlib.crc32(sized)) + sized


def _vint(number: int) -> bytes:
    coded = bytearray()
    while number > 0x7F:
        coded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*coded, number])


def tar(files: Files, mode: str = "w", link: str = "") -> bytes:
    """A tar archive, packed when ``mode`` says how; ``link`` points out of it."""
    target = io.BytesIO()
    # The stubs of tarfile know modes as literals only.
    with tarfile.open(fileobj=target, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        if link:
            entry = tarfile.TarInfo(link)
            entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(entry)
    return target.getvalue()


def mail(files: Files, subject: str = "Báo cáo") -> EmailMessage:
    """A mail with files attached."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "a@don-vi.example", "b@tinh.example", subject
    made.set_content("Kính gửi")
    for name, content in files.items():
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made
