"""Take attached files out of mails: ``.eml``, and Outlook's ``.msg`` with extract-msg."""

from __future__ import annotations

import email.policy
import io
import logging
from collections.abc import Iterator
from email.errors import InvalidBase64CharactersDefect, InvalidBase64LengthDefect
from email.message import Message
from email.parser import BytesParser
from typing import Any

from consolidate.intake.containers.members import (
    Container,
    ExtractionBudget,
    Listed,
    damaged_member,
    library,
    take,
)
from consolidate.xlsx.read.compound import OLE, Compound
from consolidate.xlsx.read.package_gate import Refused

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
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp")
_Part = tuple[str, bytes | Refused | None]
"""The name of a part of a mail, and its bytes or why they cannot be read; ``None`` for no file."""


def take_mail(data: bytes, budget: ExtractionBudget) -> Container:
    """Take the files attached to a mail; its text is left out, its pictures and signatures named.

    A message in a message is one file: it is opened as every other container in a container.

    Raises:
        Refused: it cannot be read, holds more than the budget, or extract-msg is not installed.
    """
    parts = list((_outlook_parts if data.startswith(OLE) else _parts)(data, budget))
    files = [(name, content) for name, content in parts if content is not None]
    sizes = [len(content) if isinstance(content, bytes) else 0 for _, content in files]
    listed = [
        Listed(name, size, size, content)
        for (name, content), size in zip(files, sizes, strict=True)
    ]
    taken = take(listed, len(data), budget, _given)
    inline = (name for name, content in parts if content is None)
    return Container(taken.members, (*taken.ignored, *inline))


def _given(content: bytes | Refused) -> bytes:
    if isinstance(content, Refused):
        raise content
    return content


def _parts(data: bytes, budget: ExtractionBudget) -> Iterator[_Part]:
    mail = BytesParser(policy=email.policy.default).parsebytes(data)
    waiting: list[Message] = [mail]
    count = 0
    while waiting:
        part = waiting.pop()
        count += 1
        budget.check_count(count)
        kind = part.get_content_type()
        if kind == "message/rfc822" and part is not mail:
            yield _message_name(part), _content(part)
        elif part.is_multipart():
            inner = part.get_payload()
            waiting += [one for one in list(inner)[::-1] if isinstance(one, Message)]
        else:
            name, attached = _name(part), part.get_content_disposition() == "attachment"
            if name or attached:
                inline = part.get_content_maintype() == "image" and not attached
                is_file = kind not in _SIGNATURES and not inline
                yield name, _content(part) if is_file else None


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


def _outlook_parts(data: bytes, budget: ExtractionBudget) -> Iterator[_Part]:
    outlook = library("extract_msg")
    # What it makes of a mail is for the reading to tell; its remarks would reach the terminal.
    logging.getLogger("extract_msg").setLevel(logging.CRITICAL + 1)
    Compound(data).check_sizes()
    mail = outlook.openMsg(
        io.BytesIO(data),
        strict=False,
        errorBehavior=outlook.enums.ErrorBehavior.SUPPRESS_ALL,
    )
    try:
        attachments = list(mail.attachments)
        budget.check_count(len(attachments))
        for one in attachments:
            yield _outlook_name(one), None if _is_inline(one) else _outlook_content(one)
    finally:
        mail.close()


def _outlook_content(attachment: Any) -> bytes | Refused:
    try:
        if attachment.type.name.startswith("WEB"):
            return Refused("mail_link", unreadable=True)
        content = attachment.data
        if isinstance(content, bytes):
            return content
        exported = content.exportBytes(allowBadEmbed=True)
    except Exception:
        return damaged_member()
    return exported if isinstance(exported, bytes) else damaged_member()


def _is_inline(attachment: Any) -> bool:
    """A picture that is shown in the text of the mail."""
    try:
        hidden, shown = bool(attachment.hidden), bool(attachment.cid)
    except Exception:
        return False
    return hidden or (shown and _outlook_name(attachment).casefold().endswith(_PICTURES))


def _outlook_name(attachment: Any) -> str:
    try:
        name = attachment.longFilename or attachment.shortFilename or attachment.displayName
        if not name:
            return ""
        return f"{name}.msg" if attachment.type.name == "MSG" and "." not in name else str(name)
    except Exception:
        return ""
