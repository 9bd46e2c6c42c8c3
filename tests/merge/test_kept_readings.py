"""A merge that reads only what changed gives what a merge of everything gives."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consolidate.intake.inbox import scan
from consolidate.merge import read_files
from consolidate.merge.kept_readings import FOLDER, KeptReadings
from consolidate.merge.read_files import read_inbox
from consolidate.model.corrections import Corrections, Waiver
from consolidate.model.datasets import Library
from consolidate.model.units import Roster
from consolidate.province.roster import build_roster
from consolidate.xlsx.read.package_gate import Limits
from tests.library_2018 import library_2018
from tests.merge.province import NINE, UNITS, Province, blank_filled
from tests.messages import says
from tests.saved import packed

LIMITS = Limits()
SENT = [unit for unit in UNITS if unit.code in ("S1", "H1", "X2", "X5")]
WORKBOOKS = [
    *(blank_filled(unit, NINE) for unit in SENT),
    *(blank_filled(SENT[at], NINE, c3=number) for at, number in enumerate((7, 8, "chín"))),
    b"no workbook",
    packed({"a.xlsx": blank_filled(SENT[0], NINE)}),
]
STEP = st.dictionaries(
    st.sampled_from(["a.xlsx", "b.xlsx", "c.xlsx", "Quý III/d.xlsx", "PCTN 9 tháng 2018.xlsx"]),
    st.none() | st.sampled_from(WORKBOOKS),
    max_size=3,
)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are read, as they are read."""
    names: list[str] = []
    check = read_files.check

    def noted(library: Library, path: Path, name: str, *more: object) -> object:
        names.append(name)
        return check(library, path, name, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(read_files, "check", noted)
    return names


def test_only_files_that_changed_are_read(tmp_path: Path, read: list[str]) -> None:
    province = Province.make(tmp_path / "tỉnh")
    for name, data in zip(("a.xlsx", "b.xlsx", "c.xlsx"), WORKBOOKS, strict=False):
        province.send(NINE, name, data)
    first = province.merge(NINE, "2018-09-05")
    assert read == ["a.xlsx", "b.xlsx", "c.xlsx"]
    (kept,) = (province.workspace.register / FOLDER).iterdir()
    before = kept.stat().st_mtime_ns, kept.stat().st_ino
    read.clear()
    again = province.merge(NINE, "2018-09-05")
    assert read == []
    assert again.files == first.files
    # Nothing changed: nothing is written anew.
    assert (kept.stat().st_mtime_ns, kept.stat().st_ino) == before
    province.send(NINE, "b.xlsx", WORKBOOKS[5])
    (province.inbox(NINE) / "c.xlsx").rename(province.inbox(NINE) / "d.xlsx")
    changed = province.merge(NINE, "2018-09-05")
    assert read == ["b.xlsx", "d.xlsx"]  # The name of a file may say something about it.
    read.clear()
    shutil.rmtree(kept.parent)
    (province.workspace.results / "result.json").unlink()  # Something is to be done again.
    assert province.merge(NINE, "2018-09-05").files == changed.files
    assert len(read) == 3


def test_results_after_changes_are_those_of_a_merge_that_reads_everything(tmp_path: Path) -> None:
    province = Province.make(tmp_path / "tỉnh")
    for name, data in zip(("a.xlsx", "b.xlsx", "c.xlsx"), WORKBOOKS, strict=False):
        province.send(NINE, name, data)
    province.merge(NINE, "2018-09-05")
    renamed = [
        replace(unit, name=f"{unit.name} mới") if unit.code == "X5" else unit for unit in UNITS
    ]
    no_number = "value.not_a_number"
    waiver = Waiver("M1", no_number, "X2", None, "An", date(2018, 9, 1), "Đã hỏi", "7/CV")

    def waive() -> None:
        with province.register() as register:
            register.add_corrections(Corrections(waivers=(waiver,)))

    changes: list[Callable[[], object]] = [
        lambda: province.send(NINE, "a.xlsx", WORKBOOKS[4]),
        lambda: province.send(NINE, "c.xlsx", WORKBOOKS[6]),
        waive,
        lambda: province.send(NINE, "a.xlsx", WORKBOOKS[0]),
        lambda: province.send(NINE, "d.xlsx", WORKBOOKS[3]),
        (province.inbox(NINE) / "b.xlsx").unlink,
        lambda: province.workspace.roster_path.write_bytes(build_roster(Roster.of(renamed))),
    ]
    seen = set()
    for change in changes:
        change()
        made = province.merge(NINE, "2018-09-05")
        shutil.rmtree(province.workspace.register / FOLDER)
        (province.workspace.results / "result.json").unlink()
        assert province.merge(NINE, "2018-09-05").files == made.files
        seen.add(made.files["result.json"])
        if change in changes[3:]:
            (severity,) = (found[2] for found in made.findings() if found[1] == no_number)
            assert severity == "info"
            assert says(made.message(no_number, "X2"), "7/CV")
    assert len(seen) == len(changes)


@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(STEP, min_size=2, max_size=4))
def test_a_merge_after_changes_is_the_merge_of_a_new_inbox(
    steps: list[dict[str, bytes | None]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    inbox, folder = tmp_path_factory.mktemp("inbox"), tmp_path_factory.mktemp("register")
    for step in steps:
        for name, data in step.items():
            path = inbox / name
            path.parent.mkdir(exist_ok=True)
            path.unlink(missing_ok=True) if data is None else path.write_bytes(data)
        kept = KeptReadings(folder, inbox, library_2018(), Limits())
        files = scan(inbox)
        known = kept.known(files)
        sources = read_inbox(library_2018(), files, known=known)
        whole = read_inbox(library_2018(), files)
        assert repr(sources) == repr(whole)
        kept.learn(dict(zip(files.files, sources, strict=True)), known)
        kept.keep()
        assert kept.known(files).keys() >= known.keys()


def test_a_reading_is_used_by_the_same_definitions_and_limits_only(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.xlsx").write_bytes(WORKBOOKS[0])
    library, files = library_2018(), scan(inbox)

    def kept(one: Library = library, limits: Limits = LIMITS) -> KeptReadings:
        return KeptReadings(tmp_path, inbox, one, limits)

    first = kept()
    first.learn(dict(zip(files.files, read_inbox(library, files), strict=True)), ())
    first.keep()
    assert kept().known(files).keys() == {"a.xlsx"}
    assert not kept(limits=Limits(cells=1_000)).known(files)
    for digest in ("", "0" * 64):
        other = replace(library, packs=replace(library.packs, digest=digest))
        assert not kept(other).known(files)
    (path,) = (tmp_path / FOLDER).iterdir()
    whole = path.read_bytes()
    for damaged in (b"", whole[:-20], whole[:40] + b"\0" + whole[41:], b"no gzip"):
        path.write_bytes(damaged)
        assert not kept().known(files)
