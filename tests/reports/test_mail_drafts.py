"""Mail drafts: read back by a mail parser, the same bytes again, no header out of a cell."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from consolidate.reports.mail_drafts import MailDraft, as_made, mail_bytes, usable_address

SUBJECT = "Đôn đốc gửi báo cáo PCTN 9 tháng đầu năm 2018 và CCHC quý III/2018 – UBND xã An Đông"
FILES = (("s1-don-doc.docx", b"PK\x03\x04 1"), ("tệp đính kèm của Ủy ban.xlsx", b"--=_2\r\n"))
LINES = ("Kính gửi: UBND xã An Đông", '=HYPERLINK("http://x")', "<b>đậm</b> {{ 7*7 }}")


def draft(**changed: str) -> MailDraft:
    said = {"name": "Sở Nội vụ", "address": "nv@tinh.example", "subject": SUBJECT} | changed
    return MailDraft(**said, lines=LINES, enclosed=FILES)


def read(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=default)
    assert isinstance(message, EmailMessage)
    assert not any(part.defects for part in message.walk())
    return message


def test_a_draft_says_what_it_was_given_and_nothing_of_the_clock() -> None:
    data = mail_bytes(draft())
    assert data == mail_bytes(draft())
    assert max(map(len, data.split(b"\r\n"))) < 998
    assert b"\n" not in data.replace(b"\r\n", b"")
    message = read(data)
    assert message.keys() == [
        "X-Consolidate-Digest", "X-Unsent", "To", "Subject", "MIME-Version", "Content-Type"
    ]  # fmt: skip
    assert message["X-Unsent"] == "1"
    assert message["To"] == "Sở Nội vụ <nv@tinh.example>"
    assert message["Subject"] == SUBJECT
    body = message.get_body()
    assert body is not None
    assert body.get_content_type() == "text/plain"
    assert body.get_content().replace("\r\n", "\n") == "\n\n".join(LINES) + "\n"
    parts = list(message.iter_attachments())
    assert [(part.get_filename(), part.get_content()) for part in parts] == list(FILES)
    assert parts[0].get_content_type().endswith("wordprocessingml.document")


def test_who_changes_a_draft_is_seen() -> None:
    data = mail_bytes(draft())
    assert as_made(data)
    assert not as_made(data.replace(b"X-Unsent: 1", b"X-Unsent: 0"))
    assert not as_made(b"Subject: x\r\n\r\n")


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x00", "\u202e"])
def test_no_cell_makes_a_header_or_a_second_address(break_: str) -> None:
    evil = f"Xã A{break_}Bcc: kẻ xấu <x@evil.example>, y@evil.example"
    message = read(mail_bytes(draft(name=evil, subject=evil)))
    assert "Bcc" not in message
    assert [address.addr_spec for address in message["To"].addresses] == ["nv@tinh.example"]
    assert "Bcc: kẻ xấu <x@evil.example>" in message["Subject"]


@pytest.mark.parametrize(
    "address",
    ["", "a", "a@b", "a@b.vn\nBcc: c@d.vn", "a;b@c.vn", "a@b.vn,c@d.vn", "<a@b.vn>",
     "Sở <a@b.vn>", "ă@b.vn", "a..b@c.vn", "a@-b.vn", f"{'a' * 250}@b.vn"],
)  # fmt: skip
def test_what_is_no_address_gets_no_mail(address: str) -> None:
    assert not usable_address(address)
    with pytest.raises(ValueError, match=f"^{re.escape(address)}$"):
        mail_bytes(draft(address=address))
