"""Rules asked of totals: which, with the units behind a difference and what each has of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from consolidate.definitions.loader import shipped_library
from consolidate.model.cells import CellRef
from consolidate.model.corrections import ADJUSTED
from consolidate.model.data_values import DataValue, ValueKey, ValueStatus
from consolidate.model.datasets import Aggregation, DataElement, DataSet
from consolidate.model.period import Period
from consolidate.model.reasons import Reason, Severity
from consolidate.model.returns import DataSetReturn, ReturnRecord
from consolidate.model.rules import RuleSpec, Stage
from consolidate.model.units import Level, OrganisationUnit
from consolidate.rollup.contradictions import Cause, Contradiction, contradictions, each_once
from consolidate.rollup.totals import roll_up
from consolidate.rules.parsing import bind
from tests.library_2018 import library_2018
from tests.rollup.made import PERIOD, Typed, plans, record, unit

LIBRARY = library_2018()
GOOD: Mapping[str, Typed] = {"c40": 10, "c41": 4, "c42": 3, "c43": 2, "c44": 1}
X1, X2 = unit("X1"), unit("X2")
S1 = unit("S1", Level.PROVINCE)


def asked(
    *records: ReturnRecord, excused: Callable[[ReturnRecord, str], bool] | None = None
) -> tuple[Contradiction, ...]:
    """What the totals over these files contradict."""
    tables = [roll_up(d, PERIOD, records) for d in LIBRARY.data_sets]
    return contradictions(tables, LIBRARY, excused)


def told(item: Contradiction) -> tuple[object, ...]:
    """Rule, level and difference, with each unit's part and why."""
    parts = tuple(
        (
            part.unit.code,
            int(part.gap),
            {key[1]: cause.value for key, cause in part.causes.items()},
            part.breaks,
        )
        for part in item.parts
    )
    return item.name, item.division, int(item.left - item.right), parts


def test_totals_of_returns_that_keep_the_rules_keep_them() -> None:
    assert asked(record(S1, GOOD), record(X1, GOOD), record(X2, {})) == ()


@pytest.mark.parametrize(
    ("typed", "cause"),
    [("khoảng 2", Cause.INVALID), ("", Cause.MISSING), ("x", Cause.NOT_APPLICABLE)],
)
def test_a_part_that_is_no_number_is_named_with_its_unit(typed: str, cause: Cause) -> None:
    found = asked(record(S1, GOOD), record(X1, {**GOOD, "c43": typed}), record(X2, GOOD))
    breaks = cause is Cause.NOT_APPLICABLE  # In a sum it counts as 0, in the return too.
    part = ("X1", 2, {"c43": cause.value}, breaks)
    assert list(map(told, found)) == [
        ("pctn_01.r40", None, 2, (part,)),
        ("pctn_01.r40", Level.COMMUNE, 2, (part,)),
    ]
    assert each_once(found) == found[:1]
    assert (found[0].open, found[0].severity) == (True, Severity.ERROR)


def test_a_figure_that_a_return_does_not_have_is_named() -> None:
    short = {key: value for key, value in GOOD.items() if key != "c43"}
    found = asked(record(S1, GOOD), record(X1, short))
    assert told(found[0]) == ("pctn_01.r40", None, 2, (("X1", 2, {"c43": "absent"}, False),))


def test_units_that_break_the_rule_stand_behind_those_with_a_cause() -> None:
    worse = record(X2, {**GOOD, "c40": 20})
    found = asked(record(S1, GOOD), worse, record(X1, {**GOOD, "c43": "khoảng 2"}))
    parts = (("X1", 2, {"c43": "invalid"}, False), ("X2", 10, {}, True))
    assert told(found[0]) == ("pctn_01.r40", None, 12, parts)
    assert sum(part.gap for part in found[0].parts) == found[0].left - found[0].right


def test_parts_that_cancel_out_contradict_nothing() -> None:
    more, less = record(X1, {**GOOD, "c40": 11}), record(S1, {**GOOD, "c40": 9})
    found = asked(more, less)
    # The page of the province agrees with itself; those of its levels do not.
    assert list(map(told, found)) == [
        ("pctn_01.r40", Level.PROVINCE, -1, (("S1", -1, {}, True),)),
        ("pctn_01.r40", Level.COMMUNE, 1, (("X1", 1, {}, True),)),
    ]
    assert each_once(found) == found


def test_of_at_most_only_units_over_it_are_named() -> None:
    found = asked(record(X1, {"c6": 1, "c7": 5}), record(X2, {"c6": 3, "c7": 1}))
    assert told(found[0]) == ("pctn_01.r7_6", None, 2, (("X1", 4, {}, True),))
    assert asked(record(X1, {"c6": 1, "c7": 5}), record(X2, {"c6": 9, "c7": 1})) == ()


def test_a_figure_that_the_province_adjusted_is_named() -> None:
    wrong = record(X1, {**GOOD, "c40": 12})
    assert wrong.content is not None
    values = tuple(
        replace(value, normalisation=(ADJUSTED,)) if value.key.element == "c40" else value
        for value in wrong.content.values()
    )
    content = replace(
        wrong.content, data_sets=(replace(wrong.content.data_sets[0], values=values),)
    )
    found = asked(replace(wrong, content=content), record(X2, GOOD))
    assert told(found[0])[3] == (("X1", 2, {"c40": "adjusted"}, True),)


def test_a_difference_that_waivers_let_off_is_a_note() -> None:
    records = [record(X1, {**GOOD, "c40": 12}), record(X2, {**GOOD, "c40": 13})]

    def let_off(*codes: str) -> Callable[[ReturnRecord, str], bool]:
        return lambda item, rule: item.path.removesuffix(".xlsx") in codes and rule == "pctn_01.r40"

    one, both = asked(*records, excused=let_off("X1")), asked(*records, excused=let_off("X1", "X2"))
    assert [part.excused for part in one[0].parts] == [False, True]
    assert (one[0].severity, one[0].open) == (Severity.ERROR, True)
    assert (both[0].severity, both[0].open) == (Severity.INFO, False)
    unread = record(X1, {**GOOD, "c43": "khoảng 2"})
    (item, *_) = asked(unread, record(X2, GOOD), excused=let_off("X1", "X2"))
    assert item.open  # A waiver of the rule does not tell the figure.


@pytest.mark.parametrize(
    ("written", "is_asked"),
    [
        ("c40 == c41 + c42", True),
        ("c41 >= c40", True),
        ("sum(c41, c42) * 2 == c40 + c40 / 2 - -c43", True),
        ("c40 != c40", False),
        ("c40 < c41", False),
        ("c40 == c41 + 3", False),  # Ten returns have the number ten times.
        ("c40 <= 5", False),
        ("c40 * c41 == c42", False),
        ("c40 == max(c41, c42)", False),
        ("abs(c40) == c41", False),
        ("implies(c40 > 0, c41 > c40)", False),
        ("c40 == c41 and c40 == c42", False),
        ("exclusive_pair(c40, c41)", False),
        ("c40 == prev.c40 + c41", False),
        ("c40 == c28", False),  # A ratio.
        ("count(pctn_02) == c40", False),
        ("c40 == cchc_pl3_2.r1.total", False),  # Given once for the province.
    ],
)
def test_the_form_of_a_rule_tells_whether_it_is_asked(written: str, *, is_asked: bool) -> None:
    records = (record(X1, {**GOOD, "c28": "50"}), record(X2, GOOD))
    found = asked_alone(written, *records)
    assert [item.name for item in found if item.division is None] == ["pctn_01.r"] * is_asked
    # What only informs leaves nothing to decide.
    assert asked_alone(written, *records, severity=Severity.INFO) == ()
    assert asked_alone(written, *records, stage=Stage.TRIAL) == ()


def asked_alone(written: str, *records: ReturnRecord, **more: Any) -> tuple[Contradiction, ...]:
    """What the totals over these files contradict when this is the only rule of pctn_01."""
    home = LIBRARY.by_code["pctn_01"]
    rule = replace(RuleSpec("r", written, Severity.WARNING, ""), **more)
    expression = bind(written, home, rule.scope, LIBRARY.by_code)
    rules = dict.fromkeys(LIBRARY.by_code, ()) | {"pctn_01": ((rule, expression),)}
    tables = [roll_up(d, PERIOD, records) for d in LIBRARY.data_sets]
    return contradictions(tables, replace(LIBRARY, rules=rules))


def test_of_at_least_only_units_under_it_are_named() -> None:
    found = asked_alone("c6 >= c7", record(X1, {"c6": 1, "c7": 5}), record(X2, {"c6": 3, "c7": 1}))
    assert told(found[0]) == ("pctn_01.r", None, -2, (("X1", -4, {}, True),))


@pytest.mark.parametrize(("allowed", "count"), [("1", 0), ("0.9", 2)])
def test_each_return_may_be_off_by_the_tolerance(allowed: str, count: int) -> None:
    off = [record(who, {"c6": 1, "c7": 2}) for who in (X1, X2)]
    # Of the province and of the communes.
    assert len(asked_alone("c6 == c7", *off, tolerance=Decimal(allowed))) == count


def plan(who: OrganisationUnit, planned: int, done: int | None) -> ReturnRecord:
    """A return with one row of the list of plans."""
    made = plans(who, [planned])
    assert made.content is not None
    (part,) = made.content.data_sets
    (value,) = part.values
    status = ValueStatus.REPORTED if done is not None else ValueStatus.INVALID
    number = Decimal(done) if done is not None else None
    other = replace(
        value, key=value.key._replace(element="done"), value=number, status=status, raw="?"
    )
    part = replace(part, values=(value, other))
    return replace(made, content=replace(made.content, data_sets=(part,)))


def test_columns_of_a_list_are_asked_row_by_row_and_added() -> None:
    found = asked(plan(X1, 3, 3), plan(X2, 4, None))
    part = ("X2", -4, {"done": "invalid", "doing": "absent", "not_done": "absent"}, False)
    assert told(found[0]) == ("cchc_pl3_1.tasks", None, -4, (part,))
    assert asked(plan(X1, 3, 3), plan(X2, 4, 4)) == ()


def test_each_row_of_a_table_is_asked() -> None:
    library = shipped_library().at(Period.parse_code("2018-Q3"))
    added = replace(library, data_sets=tuple(map(_added, library.data_sets)))
    reform = added.by_code["cchc_pl3_2"]
    parts = {"total": 7, "province": 1, "district": 2, "commune": 3}
    values = {("r1", column): Decimal(number) for column, number in parts.items()}
    made = record(X1, {})
    content = DataSetReturn(
        reform.code,
        reform.sheet,
        tuple(
            DataValue(
                ValueKey(reform.code, *key), number, ValueStatus.REPORTED, "", CellRef("s", 1, at)
            )
            for at, (key, number) in enumerate(values.items())
        ),
    )
    assert made.content is not None
    item = replace(made, content=replace(made.content, data_sets=(content,)))
    tables = [roll_up(d, PERIOD, [item]) for d in added.data_sets]
    found = contradictions(tables, added)
    assert [(c.name, c.row, c.left - c.right) for c in found if c.division is None] == [
        ("cchc_pl3_2.levels", "r1", 1)
    ]
    # The same form given once for the province: it is the return of one unit.
    tables = [roll_up(d, PERIOD, [item]) for d in library.data_sets]
    assert contradictions(tables, library) == ()


def _added(data_set: DataSet) -> DataSet:
    """The form with its figures of the whole province added up instead."""
    once, add = Aggregation.SINGLE, Aggregation.SUM
    body = tuple(
        replace(item, aggregation=add)
        if isinstance(item, DataElement) and item.aggregation is once
        else item
        for item in data_set.body
    )
    return replace(data_set, body=body)


def test_the_reason_is_data() -> None:
    found = asked(record(S1, GOOD), record(X1, {**GOOD, "c43": "khoảng 2"}))
    reason = found[0].told
    assert reason.key == "contradiction.because"
    units = reason.value("units")
    assert isinstance(units, Reason)
    (one,) = units.value("parts")  # type: ignore[misc]
    assert (one.key, one.value("code"), one.value("gap")) == (
        "contradiction.unit",
        "X1",
        Decimal(2),
    )
