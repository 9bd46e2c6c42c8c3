"""Workbooks with a password: opened by one that was given, or refused with what to do."""

from __future__ import annotations

import hashlib
import io
import random
import struct

import msoffcrypto
import openpyxl
import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher
from msoffcrypto.method.rc4 import DocumentRC4, _makekey
from openpyxl.workbook.protection import WorkbookProtection

from consolidate.definitions.catalogue import sentence
from consolidate.intake.read_file import read_file
from consolidate.model.reasons import because
from consolidate.templates.template_build import build_template
from consolidate.xlsx.read.decrypt import is_locked, unlock
from consolidate.xlsx.read.package_gate import Limits, Refused, open_package
from consolidate.xlsx.read.read_workbook import read_workbook
from tests.library_2018 import library_2018
from tests.saved import locked, saved
from tests.xlsx import old
from tests.xlsx.compounds import compound

TEMPLATE = build_template(library_2018(), "pctn")
PASSWORD = "Mật khẩu 2018"
LIMITS = Limits()


LOCKED = locked(TEMPLATE, PASSWORD)


def refusal(data: bytes, *passwords: str, limits: Limits = LIMITS) -> Refused:
    with pytest.raises(Refused) as caught:
        unlock(data, passwords, limits)
    return caught.value


def test_a_workbook_is_opened_by_its_password() -> None:
    assert is_locked(LOCKED)
    assert unlock(LOCKED, ("sai", PASSWORD), LIMITS) == TEMPLATE
    assert refusal(LOCKED) == Refused("encrypted", unreadable=True)
    assert refusal(LOCKED, "sai", "") == Refused("encrypted", unreadable=True)
    reason = read_file("a.xlsx", LOCKED, library_2018()).reason
    assert reason == because("intake.encrypted")
    assert "--password-file" in sentence(reason)


def test_the_password_that_excel_never_asks_for() -> None:
    assert unlock(locked(TEMPLATE, "VelvetSweatshop"), (), LIMITS) == TEMPLATE


@pytest.mark.parametrize("data", [TEMPLATE, b"", b"x", old.workbook(old.number(1, 2))])
def test_what_is_not_encrypted_stays_as_it_is(data: bytes) -> None:
    assert not is_locked(data)
    if data:
        assert unlock(data, ("a",), LIMITS) == data
    else:
        assert refusal(data).reason == because("intake.empty_file")


def old_locked(password: str) -> bytes:
    """An .xls of one number in the encryption of Excel 97 ([MS-OFFCRYPTO] 2.3.6)."""
    salt, verifier = bytes(range(16)), bytes(range(16, 32))

    def coded(block: int, content: bytes) -> bytes:
        cipher = Cipher(ARC4(_makekey(password, salt, block)), mode=None).encryptor()
        return cipher.update(content)

    both = coded(0, verifier + hashlib.md5(verifier).digest())
    locking = struct.pack("<HHH", 1, 1, 1) + salt + both
    assert DocumentRC4.verifypw(password, salt, both[:16], both[16:])
    begin = struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)
    head = old.record(0x0809, begin) + old.record(0x002F, locking)
    named = struct.pack("<IBBBB", 0, 0, 0, 1, 0) + b"S"
    top = len(head) + len(old.record(0x0085, named)) + 4
    plain = [
        (0x0809, begin, True),
        (0x002F, locking, True),
        (0x0085, struct.pack("<I", top) + named[4:], False),
        (0x000A, b"", True),
        (0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0), True),
        (0x0203, struct.pack("<HHHd", 1, 2, 15, 7.0), False),
        (0x000A, b"", True),
    ]
    length = sum(4 + len(content) for _, content, _ in plain)
    plain.append((0x0000, bytes(4096 - length - 4), False))
    whole = b"".join(old.record(kind, content) for kind, content, _ in plain)
    noise = b"".join(coded(n, whole[n * 1024 : (n + 1) * 1024]) for n in range(4))
    at, out = 0, bytearray()
    for kind, content, open_ in plain:
        out += struct.pack("<HH", kind, len(content))
        start = at + 4
        if kind == 0x0085:
            out += content[:4] + noise[start + 4 : start + len(content)]
        else:
            out += content if open_ else noise[start : start + len(content)]
        at = start + len(content)
    return compound({"Workbook": bytes(out)})


def test_an_old_workbook_is_opened_by_its_password() -> None:
    data = old_locked("abc")
    assert is_locked(data)
    assert refusal(data, "sai").reason == because("intake.encrypted")
    with pytest.raises(Refused, match="encrypted"):
        read_workbook(data, LIMITS)
    opened = unlock(data, ("sai", "abc"), LIMITS)
    (sheet,) = read_workbook(opened, LIMITS).sheets
    assert (sheet.name, sheet.get(1, 2)) == ("S", 7.0)


def test_protected_sheets_and_structure_need_no_password() -> None:
    book = openpyxl.load_workbook(io.BytesIO(TEMPLATE))
    book.security = WorkbookProtection(workbookPassword="1234", lockStructure=True)
    for sheet in book.worksheets:
        sheet.protection.password = "1234"
        sheet.protection.enable()
    data = saved(book)
    assert not is_locked(data)
    assert read_file("a.xlsx", data, library_2018()).content is not None


def test_what_a_file_asks_of_the_library_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: bytes) -> None:
        raise AssertionError

    monkeypatch.setattr(msoffcrypto, "OfficeFile", never)
    head = struct.pack("<HHI", 4, 4, 0x40)
    for info in (
        head + b'<encryption><p:encryptedKey spinCount="9999999"/></encryption>',
        head + b"<!DOCTYPE a [<!ENTITY b 'c'>]><encryption/>",
        head + "<!DOCTYPE a>".encode("utf-16-le"),
        head + bytes(100_001),
    ):
        data = compound({"EncryptionInfo": info, "EncryptedPackage": bytes(20)})
        assert refusal(data, PASSWORD).reason == because("intake.damaged")
    shared = bytearray(LOCKED)
    at = shared.index("EncryptedPackage".encode("utf-16-le"))
    struct.pack_into("<I", shared, at + 120, 1 << 30)
    assert refusal(bytes(shared)).reason == because("intake.damaged")
    assert refusal(LOCKED, limits=Limits(file_size=100)).reason == because(
        "intake.too_large", detail="0 MB"
    )


def test_a_workbook_larger_than_allowed_when_opened() -> None:
    limits = Limits(file_size=len(LOCKED))
    assert open_package(unlock(LOCKED, (PASSWORD,), limits), limits) is not None


def test_damaged_workbooks_are_refused_or_opened() -> None:
    dice = random.Random(17)
    for _ in range(20):
        data = bytearray(LOCKED)
        for _ in range(dice.randint(1, 5)):
            data[dice.randrange(8, len(data) if dice.random() < 0.3 else 3_000)] = dice.randrange(
                256
            )
        try:
            opened = unlock(bytes(data), (PASSWORD,), LIMITS)
        except Refused as refused:
            reason = refused.reason.key.partition(".")[2]
        else:
            reason = "damaged" if opened else ""
        assert reason in ("encrypted", "damaged")
