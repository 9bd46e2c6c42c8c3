"""Names of a rule to elements of the shipped definitions, and what names nothing."""

from __future__ import annotations

import pytest

from consolidate.model.rules import Expr, Ref, Rows, Same, Scope, Shift, Total, leaves
from consolidate.rules.parsing import bind
from consolidate.rules.rule_names import RuleSyntaxError
from tests.library_2018 import library_2018

SAME_PLAN = Same(Ref("cchc_pl3_1", "plan"), Ref("cchc_pl3_1", "plan"))


def bound(text: str, code: str = "pctn_01", scope: Scope = Scope.SET) -> Expr:
    data_set = library_2018().by_code[code]
    named = {other.code: other for other in library_2018().sets_of(data_set.template)}
    return bind(text, data_set, scope, named)


@pytest.mark.parametrize(
    ("text", "code", "scope", "leaf"),
    [
        ("c40 > 0", "pctn_01", Scope.SET, Ref("pctn_01", "c40", "value")),
        ("c40.value > 0", "pctn_01", Scope.SET, Ref("pctn_01", "c40", "value")),
        ("pctn_01.c40 > 0", "pctn_02", Scope.SET, Ref("pctn_01", "c40", "value")),
        ("prev.c40 > 0", "pctn_01", Scope.SET, Ref("pctn_01", "c40", "value", Shift.PREVIOUS)),
        (
            "same_period_last_year.pctn_01.c40 > 0",
            "pctn_02",
            Scope.SET,
            Ref("pctn_01", "c40", "value", Shift.LAST_YEAR),
        ),
        ("count(pctn_02) > 0", "pctn_01", Scope.SET, Rows("pctn_02")),
        ("count(prev.pctn_02) > 0", "pctn_01", Scope.SET, Rows("pctn_02", Shift.PREVIOUS)),
        ("sum(planned) > 0", "cchc_pl3_1", Scope.SET, Total(Ref("cchc_pl3_1", "planned"))),
        (
            "sum(cchc_pl3_1.done) > 0",
            "cchc_pl3_2",
            Scope.SET,
            Total(Ref("cchc_pl3_1", "done")),
        ),
        ("planned > 0", "cchc_pl3_1", Scope.ROW, Ref("cchc_pl3_1", "planned")),
        ("filled(plan)", "cchc_pl3_1", Scope.ROW, Ref("cchc_pl3_1", "plan")),
        ("total > 0", "cchc_pl3_2", Scope.ROW, Ref("cchc_pl3_2", "", "total")),
        ("prev.total > 0", "cchc_pl3_2", Scope.ROW, Ref("cchc_pl3_2", "", "total", Shift.PREVIOUS)),
        ("r5.agencies > 0", "cchc_pl3_2", Scope.SET, Ref("cchc_pl3_2", "r5", "agencies")),
        ("r5_1.total > 0", "cchc_pl3_2", Scope.SET, Ref("cchc_pl3_2", "r5_1", "total")),
        ("issued <= window_to", "cchc_pl3_1", Scope.ROW, Ref("cchc_pl3_1", "issued")),
        ("0 < window_to - issued", "cchc_pl3_1", Scope.ROW, Ref("cover", "window_to", "value")),
        ("day(6, 30) < report_date", "pctn_01", Scope.SET, Ref("cover", "window_to", "value")),
        ('note == "Không"', "cchc_pl3_1", Scope.ROW, Ref("cchc_pl3_1", "note")),
        ('has(note, "/QĐ-")', "cchc_pl3_1", Scope.ROW, Ref("cchc_pl3_1", "note")),
        (
            "1 == count(cchc_pl3_1, same(plan))",
            "cchc_pl3_1",
            Scope.ROW,
            Rows("cchc_pl3_1", where=SAME_PLAN),
        ),
        ("filled(r1.note)", "cchc_pl3_2", Scope.SET, Ref("cchc_pl3_2", "r1", "note")),
    ],
)
def test_binds(text, code, scope, leaf):
    assert leaves(bound(text, code, scope))[0] == leaf


@pytest.mark.parametrize(
    ("text", "code", "scope", "place", "reason"),
    [
        ("0 < c99", "pctn_01", Scope.SET, 4, "no_element"),
        ("0 < số", "pctn_01", Scope.SET, 4, "no_element"),
        ("c1 > c1.total", "pctn_01", Scope.SET, 5, "column_of"),
        ("c1 > c1.value.x", "pctn_01", Scope.SET, 5, "no_element"),
        ("c1 > prev", "pctn_01", Scope.SET, 5, "shift_alone"),
        ("c1 > cchc_pl3_2.r1.total", "pctn_01", Scope.SET, 5, "no_element"),
        ("c1 > pctn_02.name", "pctn_01", Scope.SET, 5, "needs_sum"),
        ("0 < sum(c1)", "pctn_01", Scope.SET, 8, "sum_of"),
        ("0 < count(c1)", "pctn_01", Scope.SET, 10, "count_of"),
        ("0 < count(pctn_01)", "pctn_01", Scope.SET, 10, "count_of"),
        ("0 < sum(plan)", "cchc_pl3_1", Scope.SET, 8, "no_number"),
        ("0 < issued", "cchc_pl3_1", Scope.ROW, 4, "day_and_number"),
        ("same(plan)", "cchc_pl3_1", Scope.ROW, 5, "same"),
        ("0 < count(cchc_pl3_1, same(plan))", "cchc_pl3_2", Scope.SET, 27, "same"),
        ("0 < count(cchc_pl3_1, same(plans))", "cchc_pl3_1", Scope.ROW, 27, "needs_sum"),
        ('has(planned, "a")', "cchc_pl3_1", Scope.ROW, 4, "no_words"),
        ("c1 > pctn_01", "pctn_01", Scope.SET, 5, "no_element"),
        ("0 < note", "cchc_pl3_2", Scope.ROW, 4, "no_number"),
        ("0 < r1.note", "cchc_pl3_2", Scope.SET, 4, "no_number"),
        ("0 < r1", "cchc_pl3_2", Scope.SET, 4, "which_column"),
        ("0 < r4.province", "cchc_pl3_2", Scope.SET, 4, "column_of"),
        ("0 < r1.total", "cchc_pl3_2", Scope.ROW, 4, "no_column"),
        ("issued + window_to > issued", "cchc_pl3_1", Scope.ROW, 0, "day_and_number"),
        ("issued > 2 * issued", "cchc_pl3_1", Scope.ROW, 13, "day_and_number"),
        ("abs(issued) > 2", "cchc_pl3_1", Scope.ROW, 4, "day_and_number"),
        ("-issued > 2", "cchc_pl3_1", Scope.ROW, 1, "day_and_number"),
        ("0 < sum(issued)", "cchc_pl3_1", Scope.ROW, 8, "no_number"),
        ('planned == "5"', "cchc_pl3_1", Scope.ROW, 0, "no_words"),
        ("filled(c99)", "pctn_01", Scope.SET, 7, "no_element"),
        ('window_to == "a"', "pctn_01", Scope.SET, 0, "no_words"),
    ],
)
def test_refuses_at_the_name(text, code, scope, place, reason):
    with pytest.raises(RuleSyntaxError, match=reason) as caught:
        bound(text, code, scope)
    assert caught.value.offset == place
