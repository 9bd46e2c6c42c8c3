"""The jobs of the benchmarks run and agree, on a few files; ways are followed from end to end."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from benchmarks.contenders import ANNOTATING, FLOORS, ISSUING, READING, STAMP, Job, needed_parts
from benchmarks.forms import FORMS
from benchmarks.inbox import make_inbox
from benchmarks.truth import Task, Truth
from benchmarks.way import WAYS, Way, measured


@pytest.fixture(scope="module", params=sorted(FORMS))
def inbox(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    forms: str = request.param
    folder = tmp_path_factory.mktemp("inbox") / forms
    folder.mkdir()
    assert make_inbox(folder, 6, forms, patterns=3) > 0
    return folder


def test_every_return_has_the_name_of_its_unit_alone(inbox: Path) -> None:
    for path in sorted(inbox.iterdir()):
        cover = openpyxl.load_workbook(path, data_only=True)["Bìa"]
        said = {str(cell.value) for row in cover.iter_rows() for cell in row}
        assert f"Đơn vị số {path.stem[1:]}" in said
        assert not any("99000" in text or "99001" in text for text in said)


@pytest.mark.parametrize("name", READING)
def test_every_job_reads_every_figure_as_it_was_typed(
    name: str, inbox: Path, tmp_path: Path
) -> None:
    task = Task(inbox, tmp_path, Truth.of(inbox))
    READING[name](task)
    assert task.wrong() == []
    assert len(task.sums) > 50


@pytest.mark.parametrize("jobs", [ISSUING, ANNOTATING], ids=["issuing", "annotating"])
def test_jobs_make_the_same(jobs: dict[str, Job], inbox: Path, tmp_path: Path) -> None:
    made = set()
    for job in jobs.values():
        task = Task(inbox, tmp_path, Truth.of(inbox))
        job(task)
        made.add(task.made)
    assert len(made) == 1
    assert made != {0}


def test_floors_find_the_parts_of_the_sheets_that_are_read(inbox: Path, tmp_path: Path) -> None:
    truth = Truth.of(inbox)
    for path in sorted(inbox.iterdir()):
        with ZipFile(path) as package:
            sheets = {*truth.sheets, STAMP}
            parts = needed_parts(package, sheets)
            assert len([part for part in parts if "/worksheets/" in part]) == len(sheets)
    for floor in FLOORS.values():
        floor(Task(inbox, tmp_path, truth))


def test_what_was_not_read_as_typed_is_named() -> None:
    truth = Truth("2018", (), "")
    truth.add("one.xlsx", {"c1": 1, "c28": "12/13"})
    truth.add("two.xlsx", {"c1": 2, "c28": "1/1"})

    def wrong(one: Mapping[str, object], two: Mapping[str, object], total: int = 3) -> list[str]:
        task = Task(Path(), Path(), truth)
        task.totals = {"c1": Decimal(total)}
        task.read("two.xlsx", two.items())
        task.read("one.xlsx", one.items())
        return task.wrong()

    one: Mapping[str, object] = {"c1": 1.0, "c2": None, "c28": "12/13"}
    two: Mapping[str, object] = {"c1": "2", "c2": float("nan"), "c28": "1/1", "window": "Từ ngày"}
    assert wrong(one, two) == []
    assert wrong(one, two, total=4) == ["total of c1"]
    assert wrong(two, one) == ["c1", "c28", "c28/"]
    assert wrong({**one, "c2": 0}, two) == ["c2"]
    assert wrong({**one, "c28": "12/14"}, two) == ["c28/"]


ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("way", WAYS)
def test_a_way_is_followed_from_its_command_to_its_end(way: str) -> None:
    found = measured(way, ROOT)
    assert found.steps[0] == ("consolidate/cli/main.py", "main")
    assert len(found.steps) == len(set(found.steps)) > 10
    assert all((ROOT / file).is_file() for file, _ in found.steps)
    # Only what nothing is known of is read in whole.
    read_whole = ("consolidate/xlsx/read/read_workbook.py", "read_whole")
    assert (read_whole in found.steps) is (way == "figure")


def test_a_change_to_an_earlier_file_is_a_return() -> None:
    way = Way((("a", "1"), ("a", "2"), ("b", "3"), ("a", "4"), ("c", "5"), ("b", "6")))
    assert (way.files, way.returns) == (3, 2)
