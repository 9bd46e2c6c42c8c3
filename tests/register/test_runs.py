"""Returns and runs: recorded once and whole, read back as they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consolidate.model.data_values import Baseline
from consolidate.model.reasons import UserError, because
from consolidate.model.returns import Outcome
from consolidate.register.blobs import digest_of
from consolidate.register.facts import StoredReturn
from consolidate.register.register import Register
from tests.identity.returns import a_return as a_content
from tests.identity.returns import record as a_record
from tests.register.made import (
    NINE_MONTHS,
    READER,
    SIX_MONTHS,
    THIRD_QUARTER,
    a_head,
    a_return,
    a_total,
    an_outcome,
    figure,
    keep,
    returns_of,
)
from tests.register.test_rows import FINDINGS, VALUES

A, B, C = b"PK a", b"PK b", b"PK c"


def test_a_return_comes_back_as_it_was(register: Register) -> None:
    keep(register, A)
    first = a_return(A)
    unplaced = a_return(A, "", period=None, window=None, findings=(), revision=2)
    newer = replace(first, reader="0.2.0")
    assert register.add_returns([first, unplaced, newer, first]) == 3
    assert returns_of(register, digest_of(A)) == (first, unplaced, newer)
    assert returns_of(register, digest_of(B)) == ()


def test_the_same_reading_is_recorded_once(register: Register) -> None:
    keep(register, A)
    first = a_return(A)
    assert register.add_returns([first]) == 1
    assert register.add_returns([a_return(A, "X01", figure("c3", "6")), a_return(A, "X02")]) == 1
    assert returns_of(register, digest_of(A)) == (first, a_return(A, "X02"))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(VALUES, max_size=3), findings=st.lists(FINDINGS, max_size=2))
def test_any_values_come_back_from_the_database(
    register: Register, values: list[object], findings: list[object]
) -> None:
    content = f"workbook {len(register.files())}".encode()
    keep(register, content)
    told = a_return(content, values=tuple(values), findings=tuple(findings))
    register.add_returns([told])
    assert returns_of(register, digest_of(content)) == (told,)


def test_a_return_needs_its_bytes(register: Register) -> None:
    with pytest.raises(ValueError, match="not registered"):
        register.add_returns([a_return(A)])


def test_a_run_comes_back_as_it_was(register: Register) -> None:
    keep(register, A, B)
    register.add_returns([a_return(A), a_return(B, "X02")])
    files = (
        an_outcome(A, member="trong/thư.xlsx", path="thu.zip"),
        an_outcome(
            B, "X02", Outcome.HELD, reason=because("identity.rivals", other="tệp khác.xlsx")
        ),
        an_outcome(C, "", Outcome.REJECTED, path="lớn.xlsx", template="", received=None),
        an_outcome(b"", "", Outcome.UNREADABLE, path="mất.xlsx", template="", sha256=""),
    )
    figures = (a_total("1556.30", 2), a_total(None, 0, "commune"), a_total("1E+3", 1, "province"))
    head = a_head(calendar=digest_of(b"c"), corrections=digest_of(b"k"))
    recorded = register.add_run(head, files, figures)
    assert recorded.added
    assert recorded.run.number == 1
    assert recorded.run.head == head
    assert register.run(1) == recorded.run
    assert register.runs() == (recorded.run,)
    assert register.outcomes(1) == files
    assert register.totals(1) == figures
    assert [str(total.total) for total in register.totals(1)] == ["1556.30", "None", "1E+3"]


def test_the_same_merge_again_is_the_same_run(register: Register) -> None:
    keep(register, A)
    register.add_returns([a_return(A)])
    files = (an_outcome(A),)
    first = register.add_run(a_head(), files, (a_total("5"),))
    again = register.add_run(a_head(), files, (a_total("5"),))
    assert (again.run, again.added) == (first.run, False)
    assert register.runs() == (first.run,)
    assert register.outcomes(1) == files


@pytest.mark.parametrize(
    "other",
    [
        {"as_of": date(2018, 9, 8)},
        {"result": digest_of(b"r2")},
        {"roster": digest_of(b"other")},
        {"calendar": digest_of(b"other")},
        {"corrections": digest_of(b"other")},
        {"program": "0.2.0"},
        {"period": THIRD_QUARTER},
    ],
    ids=lambda other: next(iter(other)),
)
def test_anything_else_is_another_run(register: Register, other: dict[str, object]) -> None:
    first = register.add_run(a_head(), (), ())
    second = register.add_run(replace(a_head(), **other), (), ())  # type: ignore[arg-type]
    back = register.add_run(a_head(), (), ())
    assert (second.added, back.added) == (True, True)
    assert [run.number for run in register.runs(NINE_MONTHS)] == [1, 2, 3]
    assert register.last_run(NINE_MONTHS) == back.run
    assert first.run != back.run


def test_other_files_are_another_run(register: Register) -> None:
    held = an_outcome(A, outcome=Outcome.HELD)
    register.add_run(a_head(), (held,), ())
    assert register.add_run(a_head(), (replace(held, path="b.xlsx"),), ()).added
    assert register.add_run(a_head(), (replace(held, sha256=digest_of(B)),), ()).added
    assert register.add_run(a_head(), (), ()).added


def test_runs_of_a_round(register: Register) -> None:
    for period in (NINE_MONTHS, SIX_MONTHS, THIRD_QUARTER):
        register.add_run(a_head(period=period), (), ())
    assert [run.number for run in register.runs(NINE_MONTHS)] == [1, 3]
    assert [run.number for run in register.runs(THIRD_QUARTER)] == [1, 3]
    assert [run.number for run in register.runs()] == [1, 2, 3]
    assert register.last_run(replace(NINE_MONTHS, year=2019)) is None
    with pytest.raises(UserError, match=r"register\.no_run.*4"):
        register.run(4)


@pytest.mark.parametrize("why", ["no return", "another unit", "another version"])
def test_a_counted_file_needs_its_figures_and_the_run_leaves_no_trace(
    register: Register, why: str
) -> None:
    keep(register, A, B)
    register.add_returns([a_return(B, "X02")])
    if why == "another unit":
        register.add_returns([a_return(A, "X09")])
    elif why == "another version":
        register.add_returns([replace(a_return(A), reader="0.0.1")])
    with pytest.raises(ValueError, match=r"not registered: X01\.xlsx"):
        register.add_run(a_head(), (an_outcome(B, "X02"), an_outcome(A)), (a_total("5"),))
    assert register.runs() == ()
    assert register.outcomes(1) == ()


def test_what_counted_in_a_run(register: Register) -> None:
    keep(register, A, B, C)
    quarter = a_return(
        B, "X02", figure("r5", "7", "cchc_pl3_2"), template="cchc", period=THIRD_QUARTER
    )
    both = a_return(A, "X01", figure("c3", "5"), figure("tt", "1", "pctn_02"))
    register.add_returns([both, quarter, a_return(C, "X03")])
    files = (
        an_outcome(A),
        an_outcome(B, "X02", Outcome.ACCEPTED_WITH_WARNINGS, member="m.xlsx"),
        an_outcome(C, "X03", Outcome.HELD),
    )
    register.add_run(a_head(), files, ())
    assert [(it.path, it.member, it.content) for it in register.counted(1)] == [
        ("X01.xlsx", "", both),
        ("X02.xlsx", "m.xlsx", quarter),
    ]
    assert [it.content for it in register.counted(1, period=NINE_MONTHS)] == [both]
    assert register.counted(2) == ()
    assert register.periods() == (NINE_MONTHS, THIRD_QUARTER)


def test_a_record_of_a_merge_becomes_a_return() -> None:
    record = a_record("a.xlsx", a_content(code="X01", figure=5), code="X01")
    told = StoredReturn.of(record, READER)
    assert told is not None
    assert record.content is not None
    assert (told.sha256, told.unit, told.template) == (record.sha256, "X01", "pctn")
    assert told.values == tuple(record.content.values())
    assert told.findings == record.findings
    assert StoredReturn.of(replace(record, unit=None), READER) == replace(told, unit="")
    assert StoredReturn.of(replace(record, content=None), READER) is None


def test_what_a_run_was_compared_with_comes_back(register: Register) -> None:
    keep(register, A, B)
    register.add_returns([a_return(A), a_return(B)])
    six = register.add_run(a_head("six", period=SIX_MONTHS), [an_outcome(A)], []).run.number
    bases = (Baseline(NINE_MONTHS.last_year, six), Baseline(SIX_MONTHS, six, ("DC-1", "Đ\ud800")))
    nine = register.add_run(a_head(), [an_outcome(B)], [], bases[::-1]).run.number
    assert (register.baselines(six), register.baselines(nine)) == ((), bases)
    assert not register.add_run(a_head(), [an_outcome(B)], [], bases).added
    assert register.baselines(nine) == bases
