"""What the usual reader fails on is read by LibreOffice, and said to be; nothing unsound is."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from consolidate.intake.inbox import Inbox
from consolidate.intake.read_file import ReadSettings, read_file
from consolidate.merge.read_files import read_inbox, workers
from consolidate.model.reasons import because
from consolidate.model.returns import FileReading, Outcome
from consolidate.xlsx.read import libreoffice_reader as other_reader
from consolidate.xlsx.read.package_gate import Limits
from tests.library_2018 import library_2018
from tests.office.office import Office
from tests.recipes.recipe import Recipe
from tests.shared import shared

pytestmark = pytest.mark.office

FORM = Recipe("other reader", values={"pctn_01.c3": 7, "pctn_01.c15": 12.5})


@pytest.fixture(autouse=True)
def allowed() -> Iterator[None]:
    other_reader.allow()
    yield
    other_reader._program.clear()


def changed(data: bytes, change: Callable[[str, bytes], tuple[str, bytes]]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            name, content = change(entry.filename, old.read(entry))
            new.writestr(zipfile.ZipInfo(name), content)
    return target.getvalue()


def elsewhere(name: str, content: bytes) -> tuple[str, bytes]:
    """All parts of the workbook in another folder than every program puts them."""
    if name in ("[Content_Types].xml", "_rels/.rels"):
        return name, content.replace(b"xl/", b"so/")
    return (f"so/{name.removeprefix('xl/')}" if name.startswith("xl/") else name), content


def replaced(old: bytes, new: bytes) -> Callable[[str, bytes], tuple[str, bytes]]:
    def change(name: str, content: bytes) -> tuple[str, bytes]:
        return name, content.replace(old, new, 1)

    return change


def opened_by_libreoffice(office: Office, folder: Path) -> dict[str, bytes]:
    """The form in ways that only LibreOffice reads."""
    data = shared("recipe other reader", FORM.build)
    (folder / "a.xlsx").write_bytes(data)
    (ods,) = office.saved_as([folder / "a.xlsx"], "ods", folder / "ods")
    repeated = b'table:number-columns-repeated="2"'
    content = ods.read_bytes()
    return {
        "parts elsewhere.xlsx": changed(data, elsewhere),
        "count that is none.ods": changed(content, replaced(repeated, repeated[:-2] + b'x"')),
    }


def figures(reading: FileReading) -> dict[str, object]:
    assert reading.content is not None, reading.reason
    return {str(value.key): value.value for value in reading.content.values()}


def test_a_workbook_that_libreoffice_opens_is_read(office: Office, tmp_path: Path) -> None:
    clean = read_file("a.xlsx", FORM.build(), library_2018())
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name, data in opened_by_libreoffice(office, tmp_path).items():
        reading = read_file(name, data, library_2018())
        assert figures(reading) == figures(clean)
        assert reading.content is not None
        told = {a.kind: a.found for a in reading.content.anomalies}
        assert told["other_reader"] == "LibreOffice"
        other_reader._program.clear()
        alone = read_file(name, data, library_2018())
        assert (alone.outcome, alone.reason) == (Outcome.UNREADABLE, because("intake.damaged"))
        other_reader.allow()
        (inbox / name).write_bytes(data)
    # A worker starts it in the memory and the time that one file has.
    found = Inbox(inbox, ("parts elsewhere.xlsx",))
    with workers(library_2018(), inbox, 1) as pool:
        (source,) = read_inbox(library_2018(), found, pool)
    assert figures(source.readings[0]) == figures(clean)


def test_what_is_unsound_is_given_to_no_other_reader(office: Office, tmp_path: Path) -> None:
    files = opened_by_libreoffice(office, tmp_path)
    moved, repeated = files["parts elsewhere.xlsx"], files["count that is none.ods"]
    flipped = bytearray(moved)
    flipped[moved.index(b"PK\x03\x04", 4_000) + 60] ^= 1
    unsound = {
        "number that is none.ods": changed(
            repeated, replaced(b'office:value="12.5"', b'office:value="12,5"')
        ),
        "number that is none.xlsx": changed(moved, replaced(b"<v>12.5</v>", b"<v>12,5</v>")),
        "document type.xlsx": changed(moved, replaced(b"<sst", b"<!DOCTYPE a []><sst")),
        "flipped bit.xlsx": bytes(flipped),
        "noise.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 8,
    }
    for name, data in unsound.items():
        reading = read_file(name, data, library_2018())
        assert (name, reading.reason) == (name, because("intake.damaged"))
        assert other_reader.converted(data, Limits()) is None


def test_a_reader_that_takes_too_long_is_ended(office: Office, tmp_path: Path) -> None:
    data = opened_by_libreoffice(office, tmp_path)["parts elsewhere.xlsx"]
    reading = read_file("a.xlsx", data, library_2018(), ReadSettings(Limits(seconds=0.1)))
    assert reading.reason == because("intake.damaged")
