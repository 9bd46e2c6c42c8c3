"""Write mail drafts: a covering letter and its files, to be opened and sent by a person.

RFC 5322 and MIME: UTF-8 headers (RFC 2047), names of files (RFC 2231). Nothing depends on the clock
or on chance: no Date and no Message-ID (the mail program adds them when it sends), one boundary,
``X-Unsent: 1`` so that Outlook opens a draft. A first line of its own says the digest of the rest,
which tells a draft that somebody changed.
"""

from __future__ import annotations

import base64
import hashlib
import quopri
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.header import Header
from pathlib import PurePath
from urllib.parse import quote

from consolidate.definitions.catalogue import text
from consolidate.model.text import tidy, visible

_BOUNDARY = "=_consolidate_="
"""Never in what it parts: base64 and quoted-printable write no ``=_``."""
_SEAL = b"X-Consolidate-Digest: "
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}"
)
"""One address (RFC 5321, dot-string and domain): no list, no display name, no comment."""
_LONGEST = 254
_OFFICE = "vnd.openxmlformats-officedocument."
_TYPES = {
    ".xlsx": f"{_OFFICE}spreadsheetml.sheet",
    ".docx": f"{_OFFICE}wordprocessingml.document",
}


@dataclass(frozen=True, slots=True)
class MailDraft:
    """A mail to one address: what it says, a line each, and the files that go with it."""

    name: str
    address: str
    subject: str
    lines: tuple[str, ...]
    enclosed: tuple[tuple[str, bytes], ...] = field(repr=False, default=())


def usable_address(email: str) -> bool:
    """Ask whether a text is one address that a mail can go to."""
    return len(email) <= _LONGEST and _ADDRESS.fullmatch(email) is not None


def letter_lines(
    agency: str, recipient: str, lines: Sequence[str], bases: Sequence[str]
) -> tuple[str, ...]:
    """Lay out a covering letter: addressee, legal basis, what is said, who says it."""
    basis = text("mail.basis", basis="; ".join(dict.fromkeys(bases))) if bases else ""
    told = [text("mail.to", name=recipient), basis, *lines, text("mail.closing"), agency]
    return tuple(line for line in told if line)


def mail_bytes(draft: MailDraft) -> bytes:
    """Write a draft as an .eml file; the same draft gives the same bytes.

    Raises:
        ValueError: its address is not one that a mail can go to.
    """
    if not usable_address(draft.address):
        raise ValueError(draft.address)
    said = "\n\n".join(map(_line, draft.lines)) + "\n"
    kind = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable"
    parts = [f"{kind}\n\n{quopri.encodestring(said.encode()).decode('ascii')}"]
    parts += [_file_part(_line(name), data) for name, data in draft.enclosed]
    head = (
        "X-Unsent: 1",
        f"To: {_header(draft.name)} <{draft.address}>",
        f"Subject: {_header(draft.subject)}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed; boundary="{_BOUNDARY}"',
    )
    whole = "\n".join(
        (*head, "", *(f"--{_BOUNDARY}\n{part}" for part in parts), f"--{_BOUNDARY}--\n")
    )
    made = whole.replace("\n", "\r\n").encode("ascii")
    return _SEAL + hashlib.sha256(made).hexdigest().encode() + b"\r\n" + made


def as_made(data: bytes) -> bool:
    """Ask whether the bytes are as they were made: nobody changed them since."""
    first, _, rest = data.partition(b"\r\n")
    return first == _SEAL + hashlib.sha256(rest).hexdigest().encode()


def _line(said: str) -> str:
    """One line in which nothing is hidden: a cell of a roster adds no header of its own."""
    return visible(tidy(said))


def _header(said: str) -> str:
    """Text of a header as encoded words: nothing in it is a header or an address of its own."""
    return Header(_line(said), "utf-8", maxlinelen=75).encode(linesep="\n")


def _file_part(name: str, data: bytes) -> str:
    kind = _TYPES.get(PurePath(name).suffix.casefold(), "octet-stream")
    # A plain name is read by every program; one of other letters has the form of RFC 2231.
    plain = name.isascii() and not set(name) & set('"\\')
    named = f'filename="{name}"' if plain else f"filename*=utf-8''{quote(name, safe='')}"
    head = (
        f"Content-Type: application/{kind}",
        "Content-Transfer-Encoding: base64",
        f"Content-Disposition: attachment; {named}",
    )
    return "\n".join((*head, "", base64.encodebytes(data).decode("ascii")))
