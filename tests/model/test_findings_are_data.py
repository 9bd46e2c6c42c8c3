"""Findings are data: they hash, pickle, sort and repeat without a word being rendered."""

from __future__ import annotations

import pickle
from datetime import date
from decimal import Decimal

from consolidate.definitions.catalogue import sentence
from consolidate.model.reasons import Finding, Severity, because, capital, joined, sorted_findings

MESSAGES = (
    because("memory.late", day=date(2018, 9, 7), days=2, due=Decimal("1.5"), letter=""),
    because("memory.late", day="x", days="2", due=capital("y"), letter=joined("", ("a", 1))),
)


def test_findings_survive_a_trip_to_another_process() -> None:
    findings = [Finding("a.b", Severity.ERROR, message) for message in MESSAGES]
    assert pickle.loads(pickle.dumps(findings)) == findings
    assert len({*findings, *pickle.loads(pickle.dumps(findings))}) == 2


def test_findings_that_differ_in_their_message_only_have_one_order() -> None:
    findings = [Finding("a.b", Severity.ERROR, message) for message in MESSAGES]
    assert sorted_findings(findings) == sorted_findings(reversed(findings + findings))


def test_a_capital_is_made_of_the_first_letter_shown() -> None:
    assert sentence(capital(joined("", ("đơn vị", "X")))) == "Đơn vị X"
    assert sentence(capital("")) == ""
