"""Take attached files out of mails (``.eml``), messages attached to messages included."""

from __future__ import annotations

import email.policy
from collections.abc import Iterator
from email.errors import InvalidBase64CharactersDefect, InvalidBase64LengthDefect
from email.message import Message
from email.parser import BytesParser

from consolidate.intake.containers.members import (
    ExtractionBudget,
    Taken,
    damaged_member,
    take_attached,
)
from consolidate.xlsx.read.gate import Refused

_SIGNATURES = frozenset(
    {
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
        "text/vcard",
        "text/x-vcard",
    }
)
_BROKEN = (InvalidBase64LengthDefect, InvalidBase64CharactersDefect)
_LONGEST_HEADER = 10_000
"""Characters of the longest header that is taken apart; honest names need far fewer."""


def take_eml(data: bytes, budget: ExtractionBudget) -> Taken:
    """Take the files attached to a mail; its own text is left out.

    Raises:
        Refused: it cannot be read, or holds more than the budget.
    """
    mail = BytesParser(policy=email.policy.default).parsebytes(data)
    parts = list(_attached(mail, budget))
    ignored = [name for name, _, is_file in parts if not is_file]
    files = [(name, _content(part)) for name, part, is_file in parts if is_file]
    return take_attached(files, ignored, len(data), budget)


def _attached(mail: Message, budget: ExtractionBudget) -> Iterator[tuple[str, Message, bool]]:
    """List the parts of a mail with their names, and whether each is a file; its text is left out.

    A message in a message is one file: it is opened as every other container in a container.
    """
    waiting: list[Message] = [mail]
    count = 0
    while waiting:
        part = waiting.pop()
        count += 1
        budget.check_count(count)
        kind = part.get_content_type()
        if kind == "message/rfc822" and part is not mail:
            yield _message_name(part), part, True
        elif part.is_multipart():
            inner = part.get_payload()
            waiting += [one for one in list(inner)[::-1] if isinstance(one, Message)]
        else:
            name, attached = _name(part), part.get_content_disposition() == "attachment"
            if name or attached:
                inline = part.get_content_maintype() == "image" and not attached
                yield name, part, kind not in _SIGNATURES and not inline


def _name(part: Message) -> str:
    try:
        headers = (part.get("content-disposition", ""), part.get("content-type", ""))
        if any(len(str(header)) > _LONGEST_HEADER for header in headers):
            return ""
        return _text(str(part.get_filename() or ""))
    except Exception:
        # A header that Python's own parser stumbles over costs the name, not the file.
        return ""


def _message_name(part: Message) -> str:
    name = _name(part)
    if name:
        return name
    try:
        inner = part.get_payload(0)
        subject = str(inner["subject"] or "") if isinstance(inner, Message) else ""
    except Exception:
        subject = ""
    named = _text(subject).replace("/", "-").strip()
    return f"{named}.eml" if named else ""


def _text(name: str) -> str:
    """A name whose bytes came without saying how they are written, as UTF-8."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _content(part: Message) -> bytes | Refused:
    """The bytes of a part, or that they are damaged."""
    try:
        if part.is_multipart():
            inner = part.get_payload(0)
            return inner.as_bytes() if isinstance(inner, Message) else damaged_member()
        content = part.get_payload(decode=True)
    except Exception:
        return damaged_member()
    broken = any(isinstance(defect, _BROKEN) for defect in part.defects)
    return content if isinstance(content, bytes) and not broken else damaged_member()
