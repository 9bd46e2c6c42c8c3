"""What is fuzzed: promises that must hold for any input, and inputs to begin with."""

from __future__ import annotations

import contextlib
import email.message
import io
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from xml.parsers import expat

from consolidate.definitions.catalogue import texts
from consolidate.intake.containers import open_container
from consolidate.intake.read_file import read_file
from consolidate.intake.typed_text.dates_and_marks import read_date, read_window
from consolidate.intake.typed_text.typed_numbers import read_number, split_answers
from consolidate.merge.read_files import check_bytes
from consolidate.model.cells import CellRef
from consolidate.model.data_values import ValueStatus
from consolidate.model.datasets import ValueType
from consolidate.model.reasons import Finding, Severity, UserError, because
from consolidate.register.backup_file import DATABASE, restore
from consolidate.register.register import look_into_register, open_register
from consolidate.xlsx.patch.annotate_copy import annotate
from consolidate.xlsx.patch.correction_lines import ListHeading
from consolidate.xlsx.patch.xml_places import NotPatched
from consolidate.xlsx.read.defined_names import read_names
from consolidate.xlsx.read.package_gate import Limits, Refused
from tests.fuzz.packages import mutate
from tests.intake.edits import (
    KINDS,
    NAMES,
    TEMPLATES,
    Edit,
    answer_sheets,
    edited,
    filled,
    is_open,
    wrong_values,
)
from tests.library_2018 import library_2018
from tests.messages import own_words
from tests.recipes.recipe import Recipe
from tests.register.test_soundness import everything, fill
from tests.saved import packed
from tests.xlsx import old
from tests.xlsx.packages import open_document, workbook

NUMERIC = [kind for kind in ValueType if kind.numeric]
LIMITS = Limits()


@dataclass(frozen=True)
class Target:
    """One thing to fuzz: what is asked of an input, what to begin with, how long inputs may be."""

    ask: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
    longest: int
    mutate: Callable[[bytes, int], bytes] | None = None


def ask_gate(data: bytes) -> None:
    """Any file is read, or refused with a reason that is not that the reader broke down."""
    reading = read_file("tệp.xlsx", data, library_2018())
    assert (reading.content is None) == bool(reading.reason)
    assert (reading.content is None) == (reading.outcome is not None)
    assert reading.reason != because("intake.crashed")


def ask_annotate(data: bytes) -> None:
    """What intake reads becomes a copy with parts as whole as before, or none."""
    before = read_file("tệp.xlsx", data, library_2018()).content
    if before is None:
        return
    cells = tuple(CellRef("Biểu 01", row, 5) for row in (13, 14, 200))
    found = [Finding("value.x", Severity.ERROR, own_words("Sửa"), sheet="Biểu 01", cells=cells)]
    try:
        copy = annotate(data, found, ListHeading("Sở Nội vụ", "PCTN"), LIMITS)
    except NotPatched:
        return
    broken = _not_whole(data)
    assert not _not_whole(copy) - broken
    # A copy that says something else is never handed out (consolidate.actions.return_files).
    read_file("tệp.xlsx", copy, library_2018())


def _not_whole(data: bytes) -> set[str]:
    """Names of the parts that are no XML."""
    found = set()
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            if name.endswith((".xml", ".rels", ".vml")):
                try:
                    expat.ParserCreate().Parse(package.read(name), True)
                except (expat.ExpatError, LookupError, ValueError):
                    found.add(name)
    return found


def ask_containers(data: bytes) -> None:
    """A container opens with members of different names within the limits, or is refused."""
    container = None
    with contextlib.suppress(Refused):
        container = open_container(data, LIMITS, ("mật khẩu",))
    if container is None:
        return
    names = [member.name for member in container.members]
    assert len(names) == len(set(names)) <= LIMITS.members
    assert sum(len(member.data) for member in container.members) <= LIMITS.inflated
    assert all(name and ".." not in name.split("/") for name in names)


def ask_numbers(data: bytes) -> None:
    """A text has figures exactly when it is reported, and problems that the catalogue knows."""
    typed = data[1:].decode("utf-8", "replace")
    for kind in NUMERIC:
        read = read_number(typed, kind, pair=bool(data[:1] > b"\x7f"))
        assert bool(read.figures) == (read.status is ValueStatus.REPORTED)
        assert read.problem in {"", *texts("value")}
        assert all(figure.is_finite() for figure in read.figures)
    split_answers(typed)


def ask_dates(data: bytes) -> None:
    """A text is a date of a year that exists, or has a problem."""
    typed = data.decode("utf-8", "replace")
    read = read_date(typed)
    assert (read.answer is not None) == (read.status is ValueStatus.REPORTED)
    assert read.problem in {"", *texts("value")}
    window = read_window(typed)
    assert window is None or isinstance(window.start, date)


def ask_names(data: bytes) -> None:
    """Defined names point into a sheet, whatever stands in workbook.xml."""
    names = read_names(data.decode("utf-8", "replace"))
    for name, target in names.ranges.items():
        assert name == name.casefold()
        assert min(*target.first, *target.last) >= -1
    assert names.answered is not None


def ask_locate(data: bytes) -> None:
    """After any edits of rows, columns and names, a figure is right or reported."""
    template = TEMPLATES[data[0] % len(TEMPLATES)] if data else TEMPLATES[0]
    sheets = answer_sheets(template)
    sheet = sheets[data[1] % len(sheets)] if len(data) > 1 else sheets[0]
    edits = []
    for start in range(2, min(len(data) - 4, 42), 5):
        kind, axis, first, second, names = data[start : start + 5]
        kinds = KINDS[:2] if axis % 2 == 0 and is_open(template, sheet) else KINDS
        chosen = kinds[kind % len(kinds)]
        edits.append(Edit(chosen, axis % 2, first, second, NAMES[names % len(NAMES)]))
    wrong = wrong_values(template, edited(filled(template), sheet, edits))
    assert not wrong, (template, sheet, edits, wrong)


def ask_register(data: bytes) -> None:
    """Any bytes in the place of the register are read, or refused in words that say so."""
    with tempfile.TemporaryDirectory() as made:
        path = Path(made, DATABASE)
        path.write_bytes(data)
        with (
            contextlib.suppress(UserError),
            look_into_register(path, Path(made)) as register,
        ):
            if register is not None:
                everything(register)


def ask_backup(data: bytes) -> None:
    """Any archive is put back whole, or refused with nothing left of it."""
    with tempfile.TemporaryDirectory() as made:
        archive, folder = Path(made, "a.zip"), Path(made, "register")
        archive.write_bytes(data)
        try:
            restore(archive, folder)
        except UserError:
            assert not folder.exists()


@cache
def _register() -> tuple[bytes, bytes]:
    """A small register, and a backup of it."""
    with tempfile.TemporaryDirectory() as made:
        path = Path(made, DATABASE)
        with open_register(path, Path(made)) as register:
            fill(register)
            return path.read_bytes(), register.backup(Path(made, "a.zip")).path.read_bytes()


def _files() -> list[bytes]:
    returns = [Recipe("gốc", template=template).build() for template in TEMPLATES]
    rows = '<table:table-row><table:table-cell office:value-type="float" office:value="1"/>'
    return [
        *returns,
        workbook(),
        open_document(f"{rows}</table:table-row>"),
        old.workbook(old.number(1, 2)),
        old.workbook(old.number(1, 2), padded=False),
        packed({"word/document.xml": "<w/>"}),
    ]


@cache
def _returns() -> list[bytes]:
    wrong = Recipe("sai", values={"pctn_01.c3": "nhiều"}).build()
    findings = check_bytes(library_2018(), "t.xlsx", wrong).findings
    return [wrong, annotate(wrong, findings, ListHeading("Sở Nội vụ", "PCTN"), LIMITS)]


def _containers() -> list[bytes]:
    mail = email.message.EmailMessage()
    mail["Subject"] = "Báo cáo"
    mail.set_content("Kính gửi")
    mail.add_attachment(workbook(), maintype="application", subtype="xlsx", filename="a.xlsx")
    inner = packed({"a.xlsx": workbook(), "Sở/b.xlsx": workbook()})
    return [inner, packed({"trong.zip": inner, "c.xlsx": workbook()}), mail.as_bytes()]


def _texts(*given: str) -> Callable[[], list[bytes]]:
    return lambda: [one.encode() for one in given]


TARGETS: Mapping[str, Target] = {
    "gate": Target(ask_gate, _files, 200_000, mutate),
    "containers": Target(ask_containers, _containers, 50_000, mutate),
    "locate": Target(ask_locate, lambda: [bytes(12), bytes(range(42))], 42),
    "annotate": Target(ask_annotate, _returns, 200_000, mutate),
    "register": Target(ask_register, lambda: [_register()[0]], 400_000),
    "backup": Target(ask_backup, lambda: [_register()[1]], 100_000, mutate),
    "numbers": Target(
        ask_numbers,
        _texts(" 1.819", " 1.556,3", " 26/26", " 6.150.000đ", " - 05 đã thực hiện", " ½ m²"),
        200,
    ),
    "dates": Target(
        ask_dates, _texts("28/8/2018", "Số liệu tính từ ngày 06/11/2017 đến ngày 28/8/2018"), 200
    ),
    "names": Target(
        ask_names,
        _texts(
            "<definedName name=\"pctn_01.c1\">'Biểu 01'!$F$11</definedName>",
            "<x:definedName name='a' hidden=\"1\">Bia!A1:B2</x:definedName>",
        ),
        2_000,
    ),
}
