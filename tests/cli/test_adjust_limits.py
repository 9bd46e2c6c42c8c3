"""What corrections may name: the own period of a form, rules that can be waived, open rounds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from consolidate.actions import adjust_and_decide as correcting
from consolidate.actions.adjust_and_decide import apply_corrections
from consolidate.model.corrections import FORGED, TOO_LATE
from consolidate.model.reasons import UserError, because
from consolidate.model.runs import EventKind, PeriodEvent
from consolidate.province.corrections_book import (
    ADJUSTED,
    WAIVED,
    RowsRefused,
    known_rules,
    read_corrections_book,
)
from consolidate.province.corrections_plan import CorrectionsPlan, Ending
from consolidate.register import engine
from tests.cli.made import NINE, QUARTER, SECOND, File, Province, record
from tests.cli.test_adjust import (
    FIRST_ROW,
    GOOD,
    KNOWN,
    WAIVER,
    changed,
    problems,
    write,
)
from tests.library_2018 import library_2018


@pytest.mark.parametrize("typed", ["2018-Q3", "Quý III/2018"])
def test_a_quarterly_form_is_corrected_for_its_own_period(tmp_path: Path, typed: str) -> None:
    row = changed(GOOD, period=typed, data_set="PL3-II", element="STT 4", column="Tổng số")
    ((_, item),) = read_corrections_book(write(tmp_path / "d.xlsx", [row]), KNOWN).rows
    assert item.period == QUARTER


@pytest.mark.parametrize("typed", ["2018-9M", "9 tháng đầu năm 2018"])
def test_the_round_of_a_quarterly_form_is_not_its_period(tmp_path: Path, typed: str) -> None:
    """What was added up since January is another figure: it is not taken for the quarter's."""
    row = changed(GOOD, period=typed, data_set="PL3-II", element="STT 4", column="Tổng số")
    said = because(
        "corrections.other_period",
        sheet=ADJUSTED,
        row=FIRST_ROW,
        form="PL3-II",
        period=NINE,
        right=QUARTER.code,
    )
    assert problems(tmp_path, row) == (said,)


def test_what_is_only_said_cannot_be_waived(tmp_path: Path) -> None:
    rules = known_rules(library_2018())
    assert "history.cumulative_drop" in rules
    assert "history.not_compared" not in rules
    row = changed(WAIVER, rule="history.not_compared")
    said = because("corrections.rule", sheet=WAIVED, row=FIRST_ROW, found="history.not_compared")
    assert problems(tmp_path, waivers=(row,)) == (said,)


def test_no_lock_comes_between_the_question_and_the_record(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(province.root / "corrections.xlsx", [GOOD])
    with province.register() as register:
        run = record(register, [File("S01", {"pctn_01.c40": 5})])
    real, refused = correcting.plan_corrections, []

    planned = 0

    def meanwhile(*arguments: Any) -> CorrectionsPlan:
        nonlocal planned
        planned += 1
        if planned == 1:  # For the person to see: nobody waits for that.
            return real(*arguments)
        with monkeypatch.context() as patch:
            patch.setattr(engine, "WAIT", 0.05)
            with province.register() as other, pytest.raises(UserError) as caught:
                other.add_event(PeriodEvent(EventKind.LOCKED, NINE, "B", SECOND, "", run))
        refused.append(caught.value)
        return real(*arguments)

    monkeypatch.setattr(correcting, "plan_corrections", meanwhile)
    assert province.run("adjust")[0] == 0
    assert (planned, len(refused)) == (2, 1)
    with province.register() as register:
        assert register.standing(NINE).lock is None
        assert [item.value for item in register.corrections().adjustments] == ["21"]


def test_what_was_confirmed_is_planned_again_before_it_is_recorded(province: Province) -> None:
    """The round is locked while a person looks at what would be recorded."""
    path = write(province.root / "corrections.xlsx", [GOOD])
    with province.register() as register:
        run = record(register, [File("S01", {"pctn_01.c40": 5})])

    def confirm(plan: CorrectionsPlan) -> bool:
        assert [item.value for item in plan.new.adjustments] == ["21"]
        with province.register() as other:
            other.add_event(PeriodEvent(EventKind.LOCKED, NINE, "B", SECOND, "", run))
        return True

    with pytest.raises(RowsRefused) as caught:
        apply_corrections(province.workspace, path, Ending("A", SECOND, "Bỏ"), confirm)
    said = because("corrections.locked", sheet=ADJUSTED, row=FIRST_ROW, period=NINE)
    assert caught.value.problems == (said,)
    with province.register() as register:
        assert register.corrections().adjustments == ()


def test_what_holds_a_file_can_be_waived_as_its_message_says(tmp_path: Path) -> None:
    rows = [changed(WAIVER, rule=rule, unit="S01") for rule in (TOO_LATE, FORGED)]
    book = read_corrections_book(write(tmp_path / "d.xlsx", [], rows), KNOWN)
    assert [item.rule for _, item in book.rows] == ["memory.too_late", "memory.forged"]
