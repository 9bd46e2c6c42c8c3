"""Tell the kind of a file by its bytes, never by its name.

:func:`kind_of` names files that are neither a package (ZIP) nor a compound file (OLE); those two
are told apart by their directories, in ``gate.py``. The names are keys of ``messages/intake.toml``,
so that a person reads what the file is and what to do about it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping

from consolidate.xlsx.read.compound import OLE

ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
SPLIT_ZIP = b"PK\x07\x08"
RAR = b"Rar!\x1a\x07"
SEVEN_ZIP = b"7z\xbc\xaf\x27\x1c"
GZIP, BZIP2, XZ = b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00"
_TAR, _TAR_AT = b"ustar", 257

_SIGNATURES: Mapping[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF",),
    "image": (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*"),
    "archive": (RAR, SEVEN_ZIP, GZIP, BZIP2, XZ),
    "archive_part": (SPLIT_ZIP,),
    "archive_empty": (EMPTY_ZIP,),
    "word": (b"{\\rtf",),
    "program": (b"MZ", b"\x7fELF"),
    "shortcut": (b"L\x00\x00\x00\x01\x14\x02\x00",),
    "database": (b"\x00\x01\x00\x00Standard Jet DB", b"\x00\x01\x00\x00Standard ACE DB"),
    "mail_tnef": (b"\x78\x9f\x3e\x22",),
    # [MS-OXORMMS] 2.1.4, and files that Microsoft Purview protects.
    "rights": (b"\x76\xe8\x04\x60\xc4\x11\xe3\x86", b".pfile"),
    # The first record of workbooks before the compound file: Excel 2, 3 and 4.
    "old_excel": (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00"),
}
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
    b"from to subject date received message-id mime-version return-path".split()
)
_WEB_ARCHIVE = re.compile(rb"^(?:Snapshot-Content-Location|X-Document-Type):", re.M | re.I)
_WEB_TYPE = re.compile(
    rb"^Content-Type:\s*(?:multipart/(?:related|alternative)|text/html)", re.M | re.I
)
_SENT = frozenset({b"to", b"cc", b"bcc", b"received", b"message-id", b"return-path", b"reply-to"})
"""Headers that a mail has and a web page saved whole has not."""
_SEALED = re.compile(rb"\x30[\x80-\x84].{0,4}\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07", re.S)
"""Signed or encrypted content (RFC 5652), the ``.p7m`` of mails."""
_LONGEST_HEAD = 65_536
"""Bytes that a server or a mail program may have left before a file."""
_HEAD_KINDS = frozenset({"text", "web_page", "web_archive", "not_a_workbook"})
_EXPECTED = re.compile(
    "[\t\n\r -~\xa0-\u017f\u01a0-\u01b0\u0300-\u036f\u1e00-\u1eff\u2000-\u20bf\u2190-\u2265\ufeff]"
)
"""Letters and marks of which Vietnamese text is made."""


def kind_of(data: bytes) -> str:
    """Name the kind of these bytes by its key of ``messages/intake.toml``, never ``""``.

    ``"text"`` is plain text that says nothing else about itself: a CSV file, or a note.
    """
    for kind, signatures in _SIGNATURES.items():
        if data.startswith(signatures):
            return kind
    if (
        (data[:4] == b"RIFF" and data[8:12] == b"WEBP")
        or (data[:2] == b"BM" and data[6:10] == bytes(4))
        or (data[4:8] == b"ftyp" and data[8:12] in _PICTURE_BRANDS)
    ):
        return "image"
    if is_tar(data):
        return "archive"
    if not data.strip(b"\0"):
        return "only_zeros"
    if is_mail(data):
        return "mail"
    if _SEALED.match(data):
        return "sealed_mail"
    if markup := _markup(data):
        return markup
    if _is_text(data):
        return "text"
    # Some scanners write a few bytes of their own before the signature.
    return "pdf" if b"%PDF-" in data[:1_024] else "not_a_workbook"


def looks_like_text(data: bytes) -> bool:
    """Whether the bytes are plain text, as a CSV file is: printable, and no markup of any kind."""
    return bool(data) and kind_of(data) == "text"


def wide_encoding(data: bytes) -> str:
    """Name the encoding of text in UTF-16, with its mark or without; ``""`` for anything else."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = data[:_HEAD]
    if b"\0" not in sample:
        return ""
    for encoding in ("utf-16-le", "utf-16-be"):
        # A letter may be cut at the end of the sample, or of the file.
        text = sample[: len(sample) & ~1].decode(encoding, "replace")
        if text and 20 * len(_EXPECTED.findall(text)) >= 19 * len(text):
            return encoding
    return ""


def without_head(data: bytes) -> bytes:
    """Cut off what is odd before the beginning of a package or compound file.

    Web servers and mail programs leave blank lines, warnings or headers of their own before a file;
    Excel mends such a workbook. Programs, pictures and documents that end in an archive stay whole.
    """
    if data.startswith((ZIP, OLE)):
        return data
    starts = [at for at in (data.find(mark, 0, _LONGEST_HEAD) for mark in (ZIP, OLE)) if at > 0]
    if not starts or kind_of(data) not in _HEAD_KINDS:
        return data
    at = min(starts)
    end = data.rfind(EMPTY_ZIP)
    if data.startswith(ZIP, at) and end > 0 and end + 20 <= len(data):
        size, offset = (int.from_bytes(data[end + n : end + n + 4], "little") for n in (12, 16))
        return data[at:] if end - size - offset == at else data
    return data[at:] if data.startswith(OLE, at) or _is_text(data[:at]) else data


def is_tar(data: bytes) -> bool:
    """Tell whether the bytes are a tar archive that is not compressed."""
    return data[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR


def is_mail(data: bytes) -> bool:
    """Whether the bytes begin with the headers of a mail; ``False`` for a web page saved whole."""
    headers = _HEADER.match(data[:_SAMPLE].removeprefix(codecs.BOM_UTF8))
    if headers is None or _is_web_archive(headers.group(1)):
        return False
    return len(_header_names(headers.group(1)) & _MAIL_HEADERS) >= 2


def _header_names(headers: bytes) -> set[bytes]:
    return {
        line.partition(b":")[0].lower()
        for line in headers.splitlines()
        if line[:1] not in (b" ", b"\t")
    }


def _is_web_archive(headers: bytes) -> bool:
    """Whether headers are those of a web page or sheet that was saved whole (.mht, .mhtml)."""
    if _WEB_ARCHIVE.search(headers) is not None:
        return True
    return _WEB_TYPE.search(headers) is not None and not _header_names(headers) & _SENT


def _markup(data: bytes) -> str:
    head = _decoded(data[:_HEAD]).lstrip("\ufeff \t\r\n").casefold()
    headers = _HEADER.match(data[:_HEAD].removeprefix(codecs.BOM_UTF8))
    if headers is not None and _is_web_archive(headers.group(1)):
        return "web_archive"
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
    return head.decode(wide_encoding(head) or "utf-8", "replace")


def _is_text(data: bytes) -> bool:
    sample = data[:_SAMPLE]
    if wide_encoding(sample):
        sample = _decoded(sample).encode()
    if b"\0" in sample:
        return False
    # Old Vietnamese encodings use every byte above 127, and some below 32.
    return len(_CONTROL.findall(sample)) * 20 <= len(sample)
