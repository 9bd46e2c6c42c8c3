"""Findings that most units share, by exact numbers of units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from consolidate.merge.merge_inbox import told_together
from consolidate.model.reasons import Finding, Ours, Severity, because
from consolidate.model.returns import Outcome, ReturnRecord
from consolidate.rollup.province_faults import OwnFault, of_ours, own_faults
from tests.rollup.made import record, unit


def faults(records: Sequence[ReturnRecord]) -> tuple[OwnFault, ...]:
    return own_faults(told_together(tuple(records), (), {}))


BLANK = Finding("value.required", Severity.ERROR, because("value.required"), "pctn_01", "c3")


@pytest.mark.parametrize(
    ("having", "of", "shared"),
    [(3, 5, True), (3, 6, False), (4, 6, True), (2, 2, False), (2, 3, False), (3, 3, True)],
)
def test_more_than_half_and_at_least_three(having: int, of: int, *, shared: bool) -> None:
    records = [
        replace(record(unit(f"U{at}"), {"c3": 1}), findings=(BLANK,) if at < having else ())
        for at in range(of)
    ]
    found = faults(records)
    told = [(item.ours, len(item.units), item.answered) for item in found]
    assert told == ([(Ours.SHARED, having, of)] if shared else [])


def test_notes_files_that_do_not_count_and_other_forms_make_no_majority() -> None:
    note = replace(BLANK, severity=Severity.INFO)
    noted = [replace(record(unit(f"U{at}"), {"c3": 1}), findings=(note,)) for at in range(3)]
    assert faults(noted) == ()
    held = [
        replace(record(unit(f"U{at}"), {"c3": 1}, Outcome.HELD), findings=(BLANK,))
        for at in range(3)
    ]
    assert faults(held) == ()
    # Three units of another template do not thin out those of this one.
    three = [replace(record(unit(f"U{at}"), {"c3": 1}), findings=(BLANK,)) for at in range(3)]
    others = [record(unit(f"V{at}"), {"c3": 1}, template="cchc") for at in range(9)]
    (fault,) = faults([*three, *others, *held])
    assert (fault.units, fault.answered) == (("U0", "U1", "U2"), 3)


def test_what_the_province_caused_otherwise_keeps_its_cause() -> None:
    records = [replace(record(unit(f"U{at}"), {"c3": 1}), findings=(BLANK,)) for at in range(4)]
    records[0] = of_ours(records[0], [BLANK], Ours.ADJUSTED)
    found = {item.ours: item.units for item in faults(records)}
    assert found == {Ours.ADJUSTED: ("U0",), Ours.SHARED: ("U1", "U2", "U3")}


def test_one_rule_broken_by_the_same_units_in_many_elements_is_one_item() -> None:
    other = replace(BLANK, element="c5")
    records = [
        replace(record(unit(f"U{at}"), {"c3": 1}), findings=(BLANK, other)) for at in range(3)
    ]
    (fault,) = faults(records)
    assert (fault.finding, fault.elements) == (BLANK, ("c3", "c5"))
    # Told apart where the units differ.
    records.append(replace(record(unit("U3"), {"c3": 1}), findings=(other,)))
    found = [(item.elements, len(item.units)) for item in faults(records)]
    assert found == [(("c3",), 3), (("c5",), 4)]
