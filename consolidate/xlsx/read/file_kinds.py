"""Tell the kind of a file by its bytes, never by its name.

:func:`kind_of` names files that are neither a package (ZIP) nor a compound file (OLE); those two
are told apart by their directories, in ``gate.py``. The names are keys of ``messages/intake.toml``,
so that a person reads what the file is and what to do about it.
"""

from __future__ import annotations

import codecs
import re

ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
SPLIT_ZIP = b"PK\x07\x08"
RAR = b"Rar!\x1a\x07"
SEVEN_ZIP = b"7z\xbc\xaf\x27\x1c"
GZIP, BZIP2, XZ = b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00"
_TAR, _TAR_AT = b"ustar", 257

_SIGNATURES = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (RAR, "archive"),
    (SEVEN_ZIP, "archive"),
    (SPLIT_ZIP, "archive_part"),
    (EMPTY_ZIP, "archive_empty"),
    (GZIP, "archive"),
    (BZIP2, "archive"),
    (XZ, "archive"),
    (b"{\\rtf", "word"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "shortcut"),
    (b"\x00\x01\x00\x00Standard Jet DB", "database"),
    (b"\x00\x01\x00\x00Standard ACE DB", "database"),
    (b"\x78\x9f\x3e\x22", "mail_tnef"),
    # The first record of workbooks before the compound file: Excel 2, 3 and 4.
    (b"\x09\x00\x04\x00", "old_excel"),
    (b"\x09\x02\x06\x00", "old_excel"),
    (b"\x09\x04\x06\x00", "old_excel"),
)
_PICTURE_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1", b"avif")
_HEAD = 4_096
"""Bytes in which markup says what it is."""
_SAMPLE = 65_536
"""Bytes by which text is told from anything else."""
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")
_HEADER = re.compile(
    rb"(?:From [^\r\n]*\r?\n)?((?:[A-Za-z][A-Za-z0-9-]*:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*\r?\n)+)"
)
_MAIL_HEADERS = frozenset(
    {
        b"from",
        b"to",
        b"subject",
        b"date",
        b"received",
        b"message-id",
        b"mime-version",
        b"return-path",
    }
)
_WEB_ARCHIVE = re.compile(rb"^(?:Snapshot-Content-Location|X-Document-Type):", re.M | re.I)


def kind_of(data: bytes) -> str:
    """Name the kind of these bytes by its key of ``messages/intake.toml``, never ``""``.

    ``"text"`` is plain text that says nothing else about itself: a CSV file, or a note.
    """
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image"
    if data[:2] == b"BM" and data[6:10] == bytes(4):
        return "image"
    if data[4:8] == b"ftyp" and data[8:12] in _PICTURE_BRANDS:
        return "image"
    if is_tar(data):
        return "archive"
    if not data.strip(b"\0"):
        return "only_zeros"
    if is_mail(data):
        return "mail"
    return _markup(data) or ("text" if _is_text(data) else _last_resort(data))


def looks_like_text(data: bytes) -> bool:
    """Whether the bytes are plain text, as a CSV file is: printable, and no markup of any kind.

    UTF-16 is taken for text only with its mark at the beginning.
    """
    return bool(data) and kind_of(data) == "text"


def is_tar(data: bytes) -> bool:
    """Whether the bytes are a tar archive that is not compressed."""
    return data[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR


def is_mail(data: bytes) -> bool:
    """Whether the bytes begin with the headers of a mail; ``False`` for a web page saved whole."""
    headers = _HEADER.match(data[:_SAMPLE].removeprefix(codecs.BOM_UTF8))
    if headers is None or _WEB_ARCHIVE.search(headers.group(1)):
        return False
    names = {
        line.partition(b":")[0].lower()
        for line in headers.group(1).splitlines()
        if line[:1] not in (b" ", b"\t")
    }
    return len(names & _MAIL_HEADERS) >= 2


def _markup(data: bytes) -> str:
    head = _decoded(data[:_HEAD]).lstrip("\ufeff \t\r\n").casefold()
    if _WEB_ARCHIVE.search(data[:_HEAD]) is not None:
        return "web_page"
    if (
        head.startswith("<?mso-application")
        or "urn:schemas-microsoft-com:office:spreadsheet" in head
    ):
        return "xml_workbook"
    if head.startswith("<") and ("excel.sheet" in head or "<office:document" in head):
        return "xml_workbook"
    if head.startswith("<") and re.search(r"<(?:!doctype html|html|head|body|meta|table)\b", head):
        return "web_page"
    if head.startswith("{") and ("doc_id" in head or "docs.google.com" in head):
        return "google_link"
    if head.startswith("[internetshortcut]"):
        return "shortcut"
    return ""


def _decoded(head: bytes) -> str:
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return head.decode("utf-16" if wide else "utf-8", "replace")


def _is_text(data: bytes) -> bool:
    sample = data[:_SAMPLE]
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        sample = _decoded(sample).encode()
    if b"\0" in sample:
        return False
    # Old Vietnamese encodings use every byte above 127, and some below 32.
    return len(_CONTROL.findall(sample)) * 20 <= len(sample)


def _last_resort(data: bytes) -> str:
    # Some scanners write a few bytes of their own before the signature.
    return "pdf" if b"%PDF-" in data[:1_024] else "not_a_workbook"
