"""Take attached files out of Outlook mails (``.msg``) with extract-msg."""

from __future__ import annotations

import io
import logging
from typing import Any

from consolidate.intake.containers.members import (
    ExtractionBudget,
    Taken,
    damaged_member,
    library,
    take_attached,
)
from consolidate.xlsx.read.compound import Compound
from consolidate.xlsx.read.gate import Refused

_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp")


def take_msg(data: bytes, budget: ExtractionBudget) -> Taken:
    """Take the files attached to a mail; messages attached to it are files as well.

    Raises:
        Refused: it cannot be read, or extract-msg is not installed.
    """
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
        ignored = [_name(one) for one in attachments if _is_inline(one)]
        files = [(_name(one), _content(one)) for one in attachments if not _is_inline(one)]
        return take_attached(files, ignored, len(data), budget)
    finally:
        mail.close()


def _content(attachment: Any) -> bytes | Refused:
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
    return hidden or (shown and _name(attachment).casefold().endswith(_PICTURES))


def _name(attachment: Any) -> str:
    try:
        name = attachment.longFilename or attachment.shortFilename or attachment.displayName
        if not name:
            return ""
        return f"{name}.msg" if attachment.type.name == "MSG" and "." not in name else str(name)
    except Exception:
        return ""
