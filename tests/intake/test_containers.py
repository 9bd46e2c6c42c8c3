"""Archives and mails: every kind gives its files, whatever they are called and however deep."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import struct
import sys
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from email.message import EmailMessage

import py7zr
import pytest

from consolidate.definitions.catalogue import text
from consolidate.intake.containers import Container, open_container
from consolidate.model.reasons import because
from consolidate.model.text import file_key
from consolidate.templates.template_build import build_template
from consolidate.xlsx.read.package_gate import Limits, Refused, open_package
from tests.intake.archives import (
    Files,
    locked_zip,
    mail,
    old_locked_zip,
    rar,
    raw_named,
    seven,
    tar,
    zipped,
)
from tests.library_2018 import library_2018
from tests.saved import packed
from tests.xlsx.compounds import attachment, compound, message
from tests.xlsx.packages import PARTS, open_document, workbook

LIMITS = Limits()
FILES = {"Sở Nội vụ.xlsx": b"noi vu" * 50, "huyện/Lương Sơn.xlsx": b"luong son" * 30}


def opened(data: bytes, *passwords: str, limits: Limits = LIMITS) -> Container:
    container = open_container(data, limits, passwords)
    assert container is not None
    return container


def files(data: bytes, *passwords: str) -> dict[str, bytes | str]:
    """Members by name: their bytes, or the reason why there are none."""
    return {
        member.name: member.refused.reason.key.partition(".")[2]
        if member.refused is not None
        else member.data
        for member in opened(data, *passwords).members
    }


def refusal(data: bytes, *passwords: str, limits: Limits = LIMITS) -> Refused:
    with pytest.raises(Refused) as caught:
        open_container(data, limits, passwords)
    return caught.value


def outlook(contents: Files) -> bytes:
    return compound(message("Báo cáo", *(attachment(*pair) for pair in contents.items())))


KINDS: dict[str, Callable[[Files], bytes]] = {
    "zip": zipped,
    "stored zip": lambda contents: zipped(contents, zipfile.ZIP_STORED),
    "7z": seven,
    "rar": rar,
    "tar": tar,
    "tar.gz": lambda contents: tar(contents, "w:gz"),
    "tar.bz2": lambda contents: tar(contents, "w:bz2"),
    "tar.xz": lambda contents: tar(contents, "w:xz"),
    "eml": lambda contents: mail(contents).as_bytes(),
    "msg": outlook,
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_its_files(kind: str) -> None:
    data = KINDS[kind]({**FILES, "~$Sở Nội vụ.xlsx": b"lock"})
    container = opened(data)
    assert {member.name: member.data for member in container.members} == FILES
    assert [member.name for member in container.members] == sorted(FILES, key=file_key)
    assert container.ignored == ("~$Sở Nội vụ.xlsx",)


@pytest.mark.parametrize("kind", KINDS)
def test_a_container_in_a_container_is_opened(kind: str) -> None:
    inside = KINDS[kind](FILES)
    expected = {f"trong/x.bin/{name}": content for name, content in FILES.items()}
    assert files(zipped({"trong/x.bin": inside, "y": b"2"})) == {**expected, "y": b"2"}
    assert files(mail({"x.bin": inside}).as_bytes()) == {
        f"x.bin/{name}": content for name, content in FILES.items()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_but_system_files_is_empty(kind: str) -> None:
    refused = refusal(KINDS[kind]({"Thumbs.db": b"x"}))
    key = "intake.mail_empty" if kind in ("eml", "msg") else "intake.archive_empty"
    assert refused.reason == because(key)
    assert not refused.unreadable


def test_containers_without_files_are_empty() -> None:
    assert refusal(zipped({})).reason == because("intake.archive_empty")
    assert refusal(mail({}).as_bytes()).reason == because("intake.mail_empty")
    folder = io.BytesIO()
    with zipfile.ZipFile(folder, "w") as made:
        made.mkdir("a")
    assert refusal(folder.getvalue()).reason == because("intake.archive_empty")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        workbook(),
        packed({"word/document.xml": "<w/>", "[Content_Types].xml": ""}),
        packed({"xl/worksheets/sheet1.xml": PARTS["_rels/.rels"]}),
        packed({"Index/Document.iwa": ""}),
        open_document(""),
        build_template(library_2018(), "pctn"),
        compound({"Workbook": bytes(5000)}),
        "Xã;Số\r\nA;1\r\n".encode(),
        b"%PDF-1.4",
        zipped(FILES)[:-30],
    ],
)
def test_documents_and_anything_else_are_no_containers(data: bytes) -> None:
    assert open_container(data, LIMITS) is None


def test_folders_called_like_parts_of_a_document_make_none() -> None:
    contents = {"Word/Báo cáo.docx": b"1", "xl/a.xlsx": b"2", "a/[Content_Types].xml": b"3"}
    assert files(zipped(contents)) == contents


def test_archives_inside_archives_end_at_the_limit() -> None:
    two = zipped({"b.zip": zipped({"c.zip": zipped(FILES)}), "x": b"1"})
    assert files(two) == {"b.zip/c.zip": "archive_too_deep", "x": b"1"}
    assert text("intake.archive_too_deep")
    container = opened(two, limits=Limits(depth=3))
    assert {member.name for member in container.members} == {
        "x",
        *(f"b.zip/c.zip/{name}" for name in FILES),
    }


def test_mails_are_no_archives_but_end_as_well() -> None:
    letter = mail({"a.zip": zipped({"b.zip": zipped({"c": b"1"})})}, "Tháng 9/2018")
    forwarded = mail({}, "Fwd")
    forwarded.add_attachment(letter)
    assert files(forwarded.as_bytes()) == {"Tháng 9-2018.eml/a.zip/b.zip/c": b"1"}
    for _ in range(12):
        outer = mail({"y": b"2"}, "m")
        outer.add_attachment(forwarded)
        forwarded = outer
    found = files(forwarded.as_bytes())
    assert "archive_too_deep" in found.values()
    assert list(found.values()).count(b"2") == 8


NAMES = {
    "../../etc/passwd": "etc/passwd",
    "/tuyệt đối.xlsx": "tuyệt đối.xlsx",
    "C:\\Users\\a.xlsx": "Users/a.xlsx",
    "a/./b//c.xlsx": "a/b/c.xlsx",
    "a\x07\x1b[31m.xlsx": "a\ufffd\ufffd[31m.xlsx",
    "a\u202excod.xlsx": "a\ufffdxcod.xlsx",
    unicodedata.normalize("NFD", "Lương.xlsx"): "Lương.xlsx",
    "..": "không tên",
    " ": "không tên",
    "x" * 300 + ".xlsx": "x" * 195 + ".xlsx",
    "=HYPERLINK(1).xlsx": "=HYPERLINK(1).xlsx",
}


@pytest.mark.parametrize("raw", NAMES)
def test_names_are_safe_to_show(raw: str) -> None:
    assert files(raw_named(raw.encode(), b"1", flags=0x800)) == {NAMES[raw]: b"1"}
    assert files(raw_named(raw.encode(), b"1")) == {NAMES[raw]: b"1"}


def test_names_with_a_nul_or_in_an_old_encoding() -> None:
    assert list(files(raw_named(b"a\0b.xlsx", b"1"))) == ["a\ufffdb.xlsx"]
    # A name that says it is UTF-8 and is not; one in the encoding of Vietnamese Windows.
    assert list(files(raw_named(b"S\xea.xlsx", b"1", flags=0x800))) == ["Sê.xlsx"]
    old = "Hội đồng.xlsx"
    coded = unicodedata.normalize("NFD", old).replace("o\u0302\u0323", "ô\u0323")
    coded = coded.replace("o\u0323\u0302", "ô\u0323").replace("o\u0302\u0300", "ô\u0300")
    assert list(files(raw_named(coded.encode("cp1258"), b"1"))) == [old]


def test_a_name_beside_the_name_is_taken_when_it_belongs_to_it() -> None:
    plain, better = b"Luong.xlsx", "Lương.xlsx".encode()
    field = b"\1" + struct.pack("<I", zlib.crc32(plain)) + better
    extra = struct.pack("<HH", 0x7075, len(field)) + field
    assert list(files(raw_named(plain, b"1", extra=extra))) == ["Lương.xlsx"]
    assert list(files(raw_named(b"Khac.xlsx", b"1", extra=extra))) == ["Khac.xlsx"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_two_members() -> None:
    pairs = [("a.xlsx", b"1"), ("a.xlsx", b"2"), ("./a.xlsx", b"3"), ("a (2).xlsx", b"4")]
    assert files(zipped(pairs)) == {
        "a.xlsx": b"1",
        "a (2).xlsx": b"2",
        "a (3).xlsx": b"3",
        "a (2) (2).xlsx": b"4",
    }
    # The library finds the last one only: nothing is said about the first.
    assert files(rar(pairs[:2])) == {"a.xlsx": "damaged_member", "a (2).xlsx": b"2"}


def test_links_and_devices_are_not_followed() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("a", b"1")
        link = zipfile.ZipInfo("liên kết")
        link.external_attr = 0o120777 << 16
        made.writestr(link, b"/etc/passwd")
    for data in (
        target.getvalue(),
        tar({"a": b"1"}, link="liên kết"),
        rar({"a": b"1"}, link="lien ket"),
    ):
        container = opened(data)
        (whole, linked) = sorted(container.members, key=lambda member: member.name)
        assert (whole.name, whole.data, whole.refused) == ("a", b"1", None)
        assert linked.name in ("liên kết", "lien ket")
        assert (linked.data, linked.refused and linked.refused.reason) == (
            b"",
            because("intake.member_link"),
        )
        assert container.ignored == ()


@pytest.mark.wording
def test_passwords_of_archives() -> None:
    for data in (locked_zip(FILES, "mật khẩu"), seven(FILES, "mật khẩu")):
        assert set(files(data).values()) == {"encrypted_member"}
        assert set(files(data, "sai").values()) == {"encrypted_member"}
        assert files(data, "sai", "mật khẩu") == FILES
    old = old_locked_zip("a.xlsx", b"noi dung", "abc")
    assert files(old) == {"a.xlsx": "encrypted_member"}
    assert files(old, "x", "y", "abc") == {"a.xlsx": b"noi dung"}
    hidden = seven(FILES, "p", header_encryption=True)
    assert refusal(hidden).reason == because("intake.encrypted_archive")
    assert refusal(hidden, "sai").unreadable
    assert files(hidden, "sai", "p") == FILES
    for key in ("intake.encrypted_archive", "intake.encrypted_member"):
        assert "--password-file" in text(key)


def test_a_mix_of_locked_and_open_files_is_read_as_far_as_it_goes() -> None:
    data = zipped({"khóa.zip": locked_zip({"a": b"1"}, "p"), "b": b"2"})
    assert files(data) == {"khóa.zip/a": "encrypted_member", "b": b"2"}


@pytest.mark.parametrize("kind", ["zip", "stored zip", "rar", "tar"])
def test_damage_costs_one_file(kind: str) -> None:
    whole = {"a.xlsx": bytes(range(256)) * 4, "b.xlsx": b"nguyen ven"}
    data = bytearray(KINDS[kind](whole))
    if kind == "tar":
        data[512 + 1024 + 148] ^= 1
        assert files(bytes(data)) == {"a.xlsx": whole["a.xlsx"]}
        return
    data[data.index(b"a.xlsx") + 40] ^= 0x55
    assert files(bytes(data)) == {"a.xlsx": "damaged_member", "b.xlsx": b"nguyen ven"}


def test_damage_in_a_solid_block_costs_what_stands_behind_it() -> None:
    whole = {"a": b"dau", "b": bytes(i * 7919 % 251 for i in range(50_000)), "c": b"cuoi"}
    data = bytearray(seven(whole, filters=[{"id": py7zr.FILTER_COPY}]))
    data[32 + 100] ^= 1
    assert files(bytes(data)) == {"a": b"dau", "b": "damaged_member", "c": b"cuoi"}
    packed = bytearray(seven({**whole, "b": repr(list(range(20_000))).encode()}))
    packed[len(packed) // 2] ^= 0xFF
    assert files(bytes(packed)) == {"a": b"dau", "b": "damaged_member", "c": "damaged_member"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (zipped({"a": bytes(200)})[:30] + bytes(200), None),
        (seven(FILES)[:60], "damaged_archive"),
        (rar({"a": b"x" * 100})[:60], "damaged_archive"),
        (gzip.compress(bytes(1000))[:-12], "damaged_archive"),
        (b"\x1f\x8b\x08", "damaged_archive"),
        (bz2.compress(b"a")[:-3], "damaged_archive"),
        (lzma.compress(b"a")[:-3], "damaged_archive"),
        (b"PK\x07\x08" + zipped(FILES), "archive_part"),
        (rar(FILES, volume=2), "archive_part"),
        (compound({"__properties_version1.0": b"x"}), "damaged_archive"),
    ],
    ids=range(10),
)
def test_broken_containers_say_so(data: bytes, reason: str | None) -> None:
    if reason is None:
        assert open_container(data, LIMITS) is None
    else:
        assert refusal(data) == Refused(reason, unreadable=True)
    assert text("intake.damaged_archive")


def test_one_packed_file() -> None:
    target = io.BytesIO()
    with gzip.GzipFile("Sở.xlsx", "wb", fileobj=target) as packed:
        packed.write(b"abc")
    assert list(files(target.getvalue()).values()) == [b"abc"]
    assert files(gzip.compress(b"abc")) == {"không tên": b"abc"}
    named = b"\x1f\x8b\x08\x08" + bytes(6) + "Lương.xlsx".encode() + b"\0"
    assert files(named + gzip.compress(b"abc")[10:]) == {"Lương.xlsx": b"abc"}


@pytest.mark.wording
def test_rar_needs_a_tool_for_packed_files_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("rarfile.CURRENT_SETUP", None)
    assert files(rar({"a": b"1"})) == {"a": b"1"}
    assert files(rar({"a": b"1", "-x.xlsx": b"2", "b*.xlsx": b"3"}, method=3)) == {
        "a": "rar_needs_tool",
        "-x.xlsx": "unsupported_member",
        "b*.xlsx": "unsupported_member",
    }
    assert "7-Zip" in text("intake.rar_needs_tool")


def test_methods_whose_output_cannot_be_bounded_are_left_alone() -> None:
    assert set(files(zipped(FILES, zipfile.ZIP_BZIP2)).values()) == {"unsupported_member"}
    packed = seven({"a": b"1"}, filters=[{"id": py7zr.FILTER_BZIP2}])
    assert files(packed) == {"a": "unsupported_member"}
    assert text("intake.unsupported_member")


@pytest.mark.wording
@pytest.mark.parametrize(
    ("module", "data"),
    [
        ("py7zr", seven(FILES)),
        ("rarfile", rar(FILES)),
        ("extract_msg", outlook(FILES)),
        ("pyzipper", locked_zip({"a": b"1"}, "p")),
    ],
)
def test_a_missing_library_is_named(
    module: str, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    missing = Refused("archive_library", unreadable=True, detail=module)
    if module == "pyzipper":
        (member,) = opened(data, "p").members
        assert member.refused == missing
    else:
        assert refusal(data) == missing
    assert 'pip install ".[archives]"' in text("intake.archive_library", detail=module)


def test_remarks_of_a_library_do_not_reach_the_terminal(caplog: pytest.LogCaptureFixture) -> None:
    # extract-msg warns of a property of a type that nobody knows.
    attached = dict(attachment("a.xlsx", b"1"))
    properties = attached["__properties_version1.0"]
    assert isinstance(properties, bytes)
    attached["__properties_version1.0"] = properties + struct.pack("<HHIQ", 0xFFFF, 0x7FFE, 6, 1)
    assert files(compound(message("Báo cáo", attached))) == {"a.xlsx": b"1"}
    assert caplog.records == []


def test_what_a_mail_shows_is_not_attached() -> None:
    made = mail({"Báo cáo.xlsx": b"1", "smime.p7s": b"2"})
    *_, signature = made.iter_attachments()
    signature.set_type("application/pkcs7-signature")
    made.attach(picture(disposition="inline"))
    container = opened(made.as_bytes())
    assert [member.name for member in container.members] == ["Báo cáo.xlsx"]
    assert container.ignored == ("logo.png", "smime.p7s")
    made = mail({"x": b"1"})
    made.attach(picture(disposition="attachment"))
    assert files(made.as_bytes()) == {"x": b"1", "logo.png": b"png"}


def picture(disposition: str) -> EmailMessage:
    made = EmailMessage()
    made.set_content(
        b"png", "image", "png", disposition=disposition, filename="logo.png", cid="<logo>"
    )
    return made


def test_what_outlook_shows_is_not_attached() -> None:
    data = compound(
        message(
            "Báo cáo",
            attachment("a.xlsx", b"x" * 9000),
            attachment("logo.png", b"png", shown="image001"),
            attachment("ẩn.bin", b"h", hidden=True),
            attachment("Thư cũ", message("Cũ", attachment("cũ.xlsx", b"c"), inside=True)),
            {"__properties_version1.0": bytes(8) + struct.pack("<HHIII", 3, 0x3705, 6, 7, 0)},
        )
    )
    assert files(data) == {
        "a.xlsx": b"x" * 9000,
        "Thư cũ.msg/cũ.xlsx": b"c",
        "không tên": "mail_link",
    }
    assert opened(data).ignored == ("logo.png", "ẩn.bin")
    assert text("intake.mail_link")


HEAD = (
    "From: a\r\nTo: b\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n"
)


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ('Content-Disposition: attachment; filename="=?utf-8?B?QsOhby54bHN4?="', "Báo.xlsx"),
        ("Content-Disposition: attachment; filename*=utf-8''B%C3%A1o.xlsx", "Báo.xlsx"),
        ("Content-Type: a/b; name*0*=utf-8''B%C3; name*1*=%A1o.xlsx", "Báo.xlsx"),
        ('Content-Disposition: attachment; filename="Báo.xlsx"', "Báo.xlsx"),
        ('Content-Disposition: attachment; filename="../../Báo.xlsx"', "Báo.xlsx"),
        ("Content-Disposition: attachment", "không tên"),
        (f'Content-Disposition: attachment; filename="{"x" * 20_000}"', "không tên"),
    ],
)
def test_names_of_attached_files(headers: str, name: str) -> None:
    data = f"{HEAD}{headers}\r\n\r\nxx\r\n--q--\r\n".encode()
    assert files(data) == {name: b"xx"}


def test_a_damaged_attachment_costs_itself_only() -> None:
    head = f"{HEAD}Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment"
    data = f"{head}; filename=a.xlsx\r\n\r\nAAAAA\r\n--q\r\n"
    data += "Content-Disposition: attachment; filename=b.xlsx\r\n\r\nxx\r\n--q--\r\n"
    assert files(data.encode()) == {"a.xlsx": "damaged_member", "b.xlsx": b"xx"}
    assert text("intake.damaged_member")


def test_a_web_page_saved_whole_is_no_mail() -> None:
    saved = b"From: <Saved by Blink>\r\nSnapshot-Content-Location: x\r\nSubject: a\r\n\r\n"
    assert open_container(saved, LIMITS) is None
    with pytest.raises(Refused, match="web_archive"):
        open_package(saved, LIMITS)


def test_refusals_of_members_travel_between_processes() -> None:
    container = opened(zipped({"a.zip": locked_zip({"b": b"1"}, "p"), "c": b"2"}))
    assert pickle.loads(pickle.dumps(container)) == container
    (refused,) = [member.refused for member in container.members if member.refused is not None]
    assert (refused.__traceback__, refused.__context__) == (None, None)
