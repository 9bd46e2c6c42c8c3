"""What changed between two runs, and that nothing changed when nothing did."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidate.model.period import Period
from consolidate.model.reasons import because
from consolidate.model.returns import Outcome
from consolidate.model.runs import Run, RunHead, RunOutcome, RunTotal
from consolidate.rollup.run_differences import (
    FigureChange,
    FileChange,
    FileChangeKind,
    RunDiff,
    RunFacts,
    run_diff,
)

HEAD = RunHead(Period.parse_code("2018-9M"), date(2018, 9, 7), "0.1.0", "r", "roster")
ONE = RunOutcome(
    "a.xlsx", "", "1" * 64, "S01", "pctn", Outcome.ACCEPTED, because("identity.accepted")
)
TWO = RunOutcome(
    "b.zip", "b.xlsx", "2" * 64, "S02", "pctn", Outcome.HELD, because("identity.no_period")
)
TOTAL = RunTotal("pctn_01", "c3", "value", "", Decimal(5), 1)
KEY = ("pctn_01", "c3", "value", "")


def facts(
    *files: RunOutcome, totals: tuple[RunTotal, ...] = (), number: int = 1, **head: object
) -> RunFacts:
    made = replace(HEAD, **head)  # type: ignore[arg-type]
    return RunFacts(Run(number, made, ""), files, totals)


def test_a_run_beside_itself() -> None:
    run = facts(ONE, TWO, totals=(TOTAL,))
    assert run_diff(run, run).nothing
    # Only the day or the version is another one: either may be all that the result differs in.
    for head in ({"as_of": date(2018, 9, 8)}, {"program": "9"}):
        later = facts(ONE, TWO, totals=(TOTAL,), result="s", **head)
        assert run_diff(run, later) == RunDiff((), (), ())


@pytest.mark.parametrize(
    ("after", "change"),
    [
        ((ONE, TWO), FileChange(FileChangeKind.NEW, None, TWO)),
        ((), FileChange(FileChangeKind.GONE, ONE, None)),
        (
            (replace(ONE, path="c.xlsx"),),
            FileChange(FileChangeKind.MOVED, ONE, replace(ONE, path="c.xlsx")),
        ),
        (
            (replace(ONE, sha256="3" * 64),),
            FileChange(FileChangeKind.CONTENT, ONE, replace(ONE, sha256="3" * 64)),
        ),
        *(
            ((other,), FileChange(FileChangeKind.OUTCOME, ONE, other))
            for other in (
                replace(ONE, outcome=Outcome.SUPERSEDED),
                replace(ONE, unit="S02"),
                replace(ONE, reason=because("identity.accepted_with", errors=1, warnings=0)),
            )
        ),
    ],
)
def test_a_file_that_changed(after: tuple[RunOutcome, ...], change: FileChange) -> None:
    assert run_diff(facts(ONE), facts(*after)) == RunDiff((change,), (), ())


def test_copies_of_one_file_are_told_apart() -> None:
    copies = [replace(ONE, path=f"{name}.xlsx") for name in "abcd"]
    found = run_diff(facts(*copies[:2]), facts(copies[0], copies[2], copies[3])).files
    assert found == (
        FileChange(FileChangeKind.MOVED, copies[1], copies[2]),
        FileChange(FileChangeKind.NEW, None, copies[3]),
    )


def test_files_that_could_not_be_read_are_not_one_file() -> None:
    lost = [replace(ONE, path=f"{name}.xlsx", sha256="") for name in "ab"]
    kinds = [change.kind for change in run_diff(facts(lost[0]), facts(lost[1])).files]
    assert kinds == [FileChangeKind.GONE, FileChangeKind.NEW]


@pytest.mark.parametrize(
    ("after", "change", "difference"),
    [
        (
            (replace(TOTAL, total=Decimal("7.5")),),
            FigureChange(KEY, Decimal(5), Decimal("7.5"), 1, 1),
            Decimal("2.5"),
        ),
        ((replace(TOTAL, units=2),), FigureChange(KEY, Decimal(5), Decimal(5), 1, 2), Decimal(0)),
        (
            (replace(TOTAL, total=None, units=0),),
            FigureChange(KEY, Decimal(5), None, 1, 0),
            None,
        ),
        ((), FigureChange(KEY, Decimal(5), None, 1, 0), None),
    ],
)
def test_a_figure_that_changed(
    after: tuple[RunTotal, ...], change: FigureChange, difference: Decimal | None
) -> None:
    diff = run_diff(facts(totals=(TOTAL,)), facts(totals=after))
    assert diff == RunDiff((), (change,), ())
    assert change.difference == difference


def test_nothing_reported_is_not_zero() -> None:
    zero = replace(TOTAL, total=Decimal(0))
    (change,) = run_diff(facts(), facts(totals=(zero,))).figures
    assert (change.before, change.after) == (None, Decimal(0))


@pytest.mark.parametrize("name", ["roster", "calendar", "corrections"])
def test_an_input_that_changed(name: str) -> None:
    assert run_diff(facts(), facts(**{name: "other"})) == RunDiff((), (), (name,))


def test_a_result_that_differs_for_no_reason_that_is_compared_here() -> None:
    assert run_diff(facts(ONE), facts(ONE, result="s")) == RunDiff((), (), (), elsewhere=True)
    assert not run_diff(facts(ONE), facts(result="s")).elsewhere


NAMES = st.sampled_from(["a.xlsx", "b.xlsx", "c.xlsx"])
FILES = st.lists(
    st.builds(
        RunOutcome,
        NAMES,
        st.just(""),
        st.sampled_from(["", "1" * 64, "2" * 64]),
        st.sampled_from(["", "S01"]),
        st.just("pctn"),
        st.sampled_from(list(Outcome)),
        st.just(""),
    ),
    unique_by=lambda file: file.path,
).map(tuple)
TOTALS = st.lists(
    st.builds(
        RunTotal,
        st.just("pctn_01"),
        st.sampled_from(["c1", "c2"]),
        st.just("value"),
        st.sampled_from(["", "commune"]),
        st.none() | st.integers(-3, 3).map(Decimal),
        st.integers(0, 2),
    ),
    unique_by=lambda total: (total.element, total.level),
).map(tuple)


@given(FILES, FILES, TOTALS, TOTALS)
def test_every_file_and_figure_is_accounted_for(
    old: tuple[RunOutcome, ...],
    new: tuple[RunOutcome, ...],
    was: tuple[RunTotal, ...],
    now: tuple[RunTotal, ...],
) -> None:
    diff = run_diff(facts(*old, totals=was), facts(*new, totals=now))
    left = [change.before for change in diff.files if change.before is not None]
    came = [change.after for change in diff.files if change.after is not None]
    assert {*old} - {*left} == {*new} - {*came}
    assert {*left} <= {*old}
    assert {*came} <= {*new}
    back = run_diff(facts(*new, totals=now), facts(*old, totals=was))
    assert {(c.key, c.before, c.after) for c in diff.figures} == {
        (c.key, c.after, c.before) for c in back.figures
    }
    assert diff.nothing == back.nothing
