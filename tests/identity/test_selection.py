"""Which of several files of one unit counts, whatever their order and names."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidate.identity.selection_and_duplicates import decide
from consolidate.model.reasons import Reason, because
from consolidate.model.returns import Outcome, ReturnRecord
from tests.identity.returns import a_return, record


def outcomes(*records: ReturnRecord) -> dict[str, Outcome]:
    return {record.path: record.outcome for record in decide(records)}


def reasons(*records: ReturnRecord) -> dict[str, Reason | None]:
    return {record.path: record.reason for record in decide(records)}


def test_identical_files_count_once() -> None:
    files = [record(name, a_return(), digest="same") for name in ("a (1).xlsx", "a.xlsx")]
    assert outcomes(*files) == {"a (1).xlsx": Outcome.DUPLICATE, "a.xlsx": Outcome.ACCEPTED}
    assert reasons(*files)["a (1).xlsx"] == because("identity.duplicate", other="a.xlsx")


def test_a_file_that_was_only_saved_again_counts_once() -> None:
    files = [
        record("mới lưu.xlsx", a_return(figure=1819, raw="1.819")),
        record("a.xlsx", a_return(figure=1819)),
    ]
    assert outcomes(*files) == {"a.xlsx": Outcome.ACCEPTED, "mới lưu.xlsx": Outcome.DUPLICATE}
    assert reasons(*files)["mới lưu.xlsx"] == because("identity.same_values", other="a.xlsx")


def test_the_highest_revision_counts() -> None:
    files = [record(f"lần {n}.xlsx", a_return(figure=n, revision=n)) for n in (2, 3, 1)]
    assert outcomes(*files) == {
        "lần 1.xlsx": Outcome.SUPERSEDED,
        "lần 2.xlsx": Outcome.SUPERSEDED,
        "lần 3.xlsx": Outcome.ACCEPTED,
    }
    assert reasons(*files)["lần 1.xlsx"] == because(
        "identity.superseded", revision=3, other="lần 3.xlsx"
    )


def test_rivals_are_both_held_and_what_they_replace_stays_replaced() -> None:
    files = [
        record("a.xlsx", a_return(figure=1, revision=2)),
        record("b.xlsx", a_return(figure=2, revision=2)),
        record("c.xlsx", a_return(figure=3, revision=1)),
    ]
    assert outcomes(*files) == {
        "a.xlsx": Outcome.HELD,
        "b.xlsx": Outcome.HELD,
        "c.xlsx": Outcome.SUPERSEDED,
    }
    assert reasons(*files)["a.xlsx"] == because("identity.rivals", other="b.xlsx")
    assert reasons(*files)["b.xlsx"] == because("identity.rivals", other="a.xlsx")


def test_units_and_templates_do_not_compete() -> None:
    files = [
        record("a.xlsx", a_return(figure=1), code="X1"),
        record("b.xlsx", a_return(figure=2), code="X2"),
        record("c.xlsx", a_return(figure=3, template="cchc"), code="X1"),
    ]
    assert set(outcomes(*files).values()) == {Outcome.ACCEPTED}


def test_files_without_content_and_held_ones_stay_as_they_are() -> None:
    held = record("b.xlsx", a_return(figure=9, revision=9))
    files = [
        record("a.pdf", None, digest="same"),
        record("b.pdf", None, digest="same"),
        record("a.xlsx", a_return(figure=1)),
        ReturnRecord(
            "b.xlsx", "b", 1, Outcome.HELD, because("identity.no_period"), held.unit, held.content
        ),
    ]
    assert outcomes(*files) == {
        "a.pdf": Outcome.UNREADABLE,
        "a.xlsx": Outcome.ACCEPTED_WITH_WARNINGS,
        "b.pdf": Outcome.UNREADABLE,
        "b.xlsx": Outcome.HELD,
    }
    (counted,) = (record for record in decide(files) if record.path == "a.xlsx")
    (note,) = counted.findings
    assert (note.rule, note.found) == ("identity.later_held", "b.xlsx")


def test_the_same_file_loose_and_in_archives_counts_once() -> None:
    loose = record("Báo cáo của đơn vị.xlsx", a_return(), digest="same")
    packed = [
        replace(loose, path="a.zip", member="b.xlsx"),
        replace(loose, path="a.zip", member="thư/b.xlsx"),
    ]
    decided = decide([*packed, loose])
    assert {(r.path, r.member): r.outcome for r in decided} == {
        ("Báo cáo của đơn vị.xlsx", ""): Outcome.ACCEPTED,
        ("a.zip", "b.xlsx"): Outcome.DUPLICATE,
        ("a.zip", "thư/b.xlsx"): Outcome.DUPLICATE,
    }


def test_two_files_that_reports_call_the_same_are_both_kept() -> None:
    one = record("a.zip › b.xlsx", a_return(figure=1), digest="one")
    other = replace(record("a.zip", a_return(figure=2), digest="two", code="X2"), member="b.xlsx")
    assert one.name == other.name
    decided = decide([one, other])
    assert sorted((r.path, r.outcome) for r in decided) == [
        ("a.zip", Outcome.ACCEPTED),
        ("a.zip › b.xlsx", Outcome.ACCEPTED),
    ]


def test_identical_files_of_two_units_are_no_duplicates() -> None:
    """Retyped forms may say whose they are only in their names."""
    files = [record(f"{code}.xlsx", a_return(), digest="same", code=code) for code in ("X1", "X2")]
    assert set(outcomes(*files).values()) == {Outcome.ACCEPTED}


def test_of_identical_files_one_that_counts_is_the_original() -> None:
    counted = record("tệp có tên dài.xlsx", a_return(), digest="same")
    held = replace(
        counted, path="a.xlsx", outcome=Outcome.HELD, reason=because("identity.file_name")
    )
    assert outcomes(counted, held) == {
        "a.xlsx": Outcome.DUPLICATE,
        "tệp có tên dài.xlsx": Outcome.ACCEPTED,
    }


def test_an_earlier_submission_that_is_held_says_nothing_about_the_later_one() -> None:
    counted = record("b.xlsx", a_return(figure=1, revision=2))
    held = replace(record("a.xlsx", a_return(figure=2)), outcome=Outcome.HELD)
    other = replace(record("c.xlsx", a_return(figure=2, revision=9, template="cchc")))
    assert outcomes(counted, replace(other, outcome=Outcome.HELD), held) == {
        "a.xlsx": Outcome.HELD,
        "b.xlsx": Outcome.ACCEPTED,
        "c.xlsx": Outcome.HELD,
    }


FILES = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(1, 3), st.integers(0, 2), st.sampled_from(["X1", "X2"])
    ),
    max_size=8,
)


@pytest.mark.parametrize(
    ("torn", "whole", "warned"),
    [(5, 9, False), (9, 9, True), (9, 5, True), (None, 9, True), (5, None, True)],
)
def test_an_unreadable_file_of_an_earlier_day_is_no_later_submission(
    torn: int | None, whole: int | None, warned: bool
) -> None:
    def day(number: int | None) -> date | None:
        return None if number is None else date(2018, 3, number)

    counted = replace(record("a.xlsx", a_return()), received=day(whole))
    unreadable = replace(
        record(f"{counted.unit.name if counted.unit else ''}.xlsx", None),
        unit=counted.unit,
        outcome=Outcome.UNREADABLE,
        received=day(torn),
    )
    (told,) = (item for item in decide([unreadable, counted]) if item.outcome.counted)
    rules = [finding.rule for finding in told.findings]
    assert rules == (["identity.later_unreadable"] if warned else [])


def inbox(files: list[tuple[int, int, int, str]]) -> list[ReturnRecord]:
    return [
        record(
            f"{index}.xlsx",
            a_return(figure=figure, revision=revision),
            digest=f"{figure}/{revision}/{digest}/{code}",
            code=code,
        )
        for index, (figure, revision, digest, code) in enumerate(files)
    ]


@given(FILES, st.randoms())
def test_the_order_of_files_never_matters(
    files: list[tuple[int, int, int, str]], dice: Random
) -> None:
    records = inbox(files)
    decided = decide(records)
    assert [record.path for record in decided] == sorted(record.path for record in records)
    dice.shuffle(records)
    assert decide(records) == decided


@given(FILES)
def test_at_most_one_file_of_a_unit_counts(files: list[tuple[int, int, int, str]]) -> None:
    decided = decide(inbox(files))
    counted = [record.unit.code for record in decided if record.outcome.counted and record.unit]
    assert len(counted) == len(set(counted))
    units = {record.unit.code for record in decided if record.unit}
    held = {r.unit.code for r in decided if r.unit and r.outcome is Outcome.HELD}
    assert units == set(counted) | held
    assert not set(counted) & held
