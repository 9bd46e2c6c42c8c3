"""Several commands at once in one workspace: one register, results as of one after the other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from consolidate.definitions.catalogue import text
from consolidate.model.corrections import ADJUSTED
from consolidate.model.period import Period
from consolidate.register import engine
from tests.cli.processes import (
    Ended,
    Office,
    forkserver,
    inbox_digests,
    kept_digests,
    quick_folder,
    register_is_whole,
    results,
    sha256,
)
from tests.cli.test_adjust import GOOD, changed, write
from tests.cli.test_killed import TWO
from tests.databases import ON_BOTH
from tests.merge.province import CALENDAR, NINE, SIX, UNITS, Province, blank_filled

pytestmark = pytest.mark.skipif(os.name != "posix", reason="fork is of POSIX")

TURNS = 2
"""Times that each pair of commands begins at one moment."""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with quick_folder(tmp_path) as made:
        yield made


@pytest.fixture
def province(folder: Path, database: str) -> Province:
    return Province.make(folder / "tỉnh", TWO, CALENDAR, database)


@pytest.fixture
def office(province: Province, folder: Path) -> Office:
    return Office(forkserver(), province.workspace.root, folder)


def merging(province: Province, period: Period, day: str) -> tuple[str, ...]:
    inbox = str(province.inbox(period))
    return ("merge", inbox, "--period", period.code, "--as-of", day, "--jobs", "0")


def send(province: Province, period: Period, *numbers: int) -> None:
    for unit, number in zip(UNITS, numbers, strict=False):
        province.send(period, f"{unit.code}.xlsx", blank_filled(unit, period, c3=number))


def alone(folder: Path, name: str) -> Province:
    """Another province like this one, for commands one after the other."""
    return Province.make(folder / name, TWO, CALENDAR)


def ended_well(ended: list[Ended]) -> None:
    for each in ended:
        assert each.code in (0, 1), each.said


def results_are_of_the_last_runs(province: Province, *periods: Period) -> None:
    """What stands in the folder is what the newest run of each period has on record."""
    found = results(province.workspace)
    with province.register() as register:
        newest = max(register.runs(), key=lambda run: run.number)
        assert sha256(found["result.json"]) == newest.head.result
        for period in periods:
            run = register.last_run(period)
            assert run is not None
            assert sha256(found[f"result-{period.code}.json"]) == run.head.result


@ON_BOTH
def test_the_same_merge_twice_is_one_run(province: Province, office: Office, folder: Path) -> None:
    other = alone(folder, "một mình")
    for turn in range(TURNS):
        for each in (province, other):
            send(each, NINE, 5 + turn, 7)
        call = merging(province, NINE, "2018-09-01")
        ended_well(office.at_once(call, call))
        assert other.merge(NINE, "2018-09-01").code == 0
        assert results(province.workspace) == results(other.workspace)
        register_is_whole(province.workspace)
        with province.register() as register:
            assert len(register.runs()) == turn + 1
        assert kept_digests(province.workspace) == kept_digests(other.workspace)


def test_one_inbox_merged_on_two_days_at_once_has_one_day_of_receipt(
    province: Province, office: Office, folder: Path
) -> None:
    """Whoever keeps the files first says when they came, and the other one says so too."""
    days = ("2018-09-05", "2018-09-06")
    send(province, NINE, 5, 7)
    ended_well(office.at_once(*(merging(province, NINE, day) for day in days)))
    register_is_whole(province.workspace)
    results_are_of_the_last_runs(province, NINE)
    found = []
    for first, second in (days, days[::-1]):
        other = alone(folder, first)
        send(other, NINE, 5, 7)
        other.merge(NINE, first)
        other.merge(NINE, second)
        found.append(results(other.workspace))
    assert results(province.workspace) in found
    with province.register() as register:
        assert len({run.head.result for run in register.runs()}) == 1
        assert {run.head.as_of.isoformat() for run in register.runs()} == set(days)


def test_two_periods_at_once_are_compared_as_if_one_had_come_first(
    province: Province, office: Office, folder: Path
) -> None:
    orders = [alone(folder, "trước"), alone(folder, "sau")]
    for each in (province, *orders):
        send(each, SIX, 9, 9)
        send(each, NINE, 5, 7)
    calls = {SIX: "2018-06-01", NINE: "2018-09-01"}
    ended_well(office.at_once(*(merging(province, *call) for call in calls.items())))
    register_is_whole(province.workspace)
    results_are_of_the_last_runs(province, SIX, NINE)
    for other, periods in zip(orders, ([SIX, NINE], [NINE, SIX]), strict=True):
        for period in periods:
            other.merge(period, calls[period])
    expected = [results(other.workspace) for other in orders]
    assert expected[0]["result-2018-9M.json"] != expected[1]["result-2018-9M.json"]
    assert results(province.workspace) in expected
    assert kept_digests(province.workspace) == set.union(
        *(inbox_digests(province.inbox(period)) for period in calls)
    )


@ON_BOTH
def test_a_merge_and_a_correction_at_once(province: Province, office: Office) -> None:
    path = province.workspace.root / "corrections.xlsx"
    send(province, NINE, 5, 7)
    for turn in range(TURNS):
        write(path, [changed(GOOD, unit="S1", element="MS 3", value=str(20 + turn))])
        ended_well(office.at_once(merging(province, NINE, "2018-09-06"), ("adjust",)))
        register_is_whole(province.workspace)
        results_are_of_the_last_runs(province, NINE)
        with province.register() as register:
            (standing,) = register.corrections().unrevoked().adjustments
        assert standing.value == str(20 + turn)
        merged = province.merge(NINE, "2018-09-06")
        used = [n["used"] for n in merged.document["normalisations"] if n["kind"] == ADJUSTED]
        assert used == [20 + turn]


def test_a_merge_and_an_issue_at_once(province: Province, office: Office) -> None:
    send(province, SIX, 5, 7)
    outbox = province.workspace.outbox / NINE.code
    for turn in range(TURNS):
        call = ("issue", NINE.code, "--force")
        ended_well(office.at_once(merging(province, SIX, f"2018-06-0{turn + 1}"), call, call))
        register_is_whole(province.workspace)
        names = sorted(path.name for path in outbox.iterdir())
        assert [name.split("-")[0] for name in names] == ["h1", "s1"]
        whole = {name: (outbox / name).read_bytes() for name in names}
        assert office.call(*call).code == 0
        if turn:  # The six months were on record before: both calls have them in grey.
            assert {name: (outbox / name).read_bytes() for name in names} == whole


@ON_BOTH
def test_a_merge_and_a_lock_at_once(province: Province, office: Office) -> None:
    """The lock holds the run whose results stand, and no other run comes after it."""
    send(province, NINE, 5, 7)
    assert province.merge(NINE, "2018-09-01").code == 0
    send(province, NINE, 6, 7)
    lock = ("lock", NINE.code, "--yes", "--author", "A", "--on", "2018-09-07")
    merged, locked = office.at_once(merging(province, NINE, "2018-09-01"), lock)
    assert locked.code == 0, locked.said
    register_is_whole(province.workspace)
    results_are_of_the_last_runs(province, NINE)
    with province.register() as register:
        standing = register.standing(NINE)
        assert standing.run == len(register.runs()) == (2 if merged.code == 0 else 1)
    if merged.code:
        assert merged.code == 2
        assert "đã khóa ở lần tổng hợp số 1" in merged.words


@ON_BOTH
def test_a_program_that_keeps_its_turn_for_too_long_is_named(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(province, NINE, 5, 7)
    assert province.merge(NINE, "2018-09-01").code == 0
    before = results(province.workspace)
    with province.register() as register, register.exclusive():
        monkeypatch.setattr(engine, "WAIT", 0.05)
        assert register.runs()
        send(province, NINE, 6, 7)
        refused = province.merge(NINE, "2018-09-01")
    assert refused.code == 2
    start = text("register.busy", place="|").partition("|")[0]
    assert start in refused.said
    assert results(province.workspace) == before
