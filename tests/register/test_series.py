"""Which of several files of one unit counts, whatever their order and names."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from consolidate.definitions.catalogue import text
from consolidate.model.returns import Outcome, ReturnRecord
from consolidate.register.series import decide
from tests.register.returns import a_return, record


def outcomes(*records: ReturnRecord) -> dict[str, Outcome]:
    return {record.path: record.outcome for record in decide(records)}


def reasons(*records: ReturnRecord) -> dict[str, str]:
    return {record.path: record.reason for record in decide(records)}


def test_identical_files_count_once() -> None:
    files = [record(name, a_return(), digest="same") for name in ("a (1).xlsx", "a.xlsx")]
    assert outcomes(*files) == {"a (1).xlsx": Outcome.DUPLICATE, "a.xlsx": Outcome.ACCEPTED}
    assert reasons(*files)["a (1).xlsx"] == text("identity.duplicate", other="a.xlsx")


def test_a_file_that_was_only_saved_again_counts_once() -> None:
    files = [
        record("mới lưu.xlsx", a_return(figure=1819, raw="1.819")),
        record("a.xlsx", a_return(figure=1819)),
    ]
    assert outcomes(*files) == {"a.xlsx": Outcome.ACCEPTED, "mới lưu.xlsx": Outcome.DUPLICATE}
    assert reasons(*files)["mới lưu.xlsx"] == text("identity.same_values", other="a.xlsx")


def test_the_highest_revision_counts() -> None:
    files = [record(f"lần {n}.xlsx", a_return(figure=n, revision=n)) for n in (2, 3, 1)]
    assert outcomes(*files) == {
        "lần 1.xlsx": Outcome.SUPERSEDED,
        "lần 2.xlsx": Outcome.SUPERSEDED,
        "lần 3.xlsx": Outcome.ACCEPTED,
    }
    assert reasons(*files)["lần 1.xlsx"] == text(
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
    assert reasons(*files)["a.xlsx"] == text("identity.rivals", other="b.xlsx")
    assert reasons(*files)["b.xlsx"] == text("identity.rivals", other="a.xlsx")


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
        ReturnRecord("b.xlsx", "b", 1, Outcome.HELD, "kỳ khác", held.unit, held.content),
    ]
    assert outcomes(*files) == {
        "a.pdf": Outcome.UNREADABLE,
        "a.xlsx": Outcome.ACCEPTED,
        "b.pdf": Outcome.UNREADABLE,
        "b.xlsx": Outcome.HELD,
    }


FILES = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(1, 3), st.integers(0, 2), st.sampled_from(["X1", "X2"])
    ),
    max_size=8,
)


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
