"""result.json: valid, exact, and the same for the same result."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest

from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.reports.result_json import render, result_document
from tests.reports.make_result import (
    LIBRARY,
    Bad,
    Typed,
    fixed,
    opened,
    province,
    record,
    result,
)

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "result.schema.json").read_text(encoding="utf-8")
)
PCTN = LIBRARY.by_code["pctn_01"]
PLANS = LIBRARY.by_code["cchc_pl3_1"]
UNITS = (
    OrganisationUnit("S01", "Sở Nội vụ", Level.PROVINCE),
    OrganisationUnit("H01", "UBND huyện Cái Bè", Level.DISTRICT),
    OrganisationUnit("X01", "UBND xã Tân Phước", Level.COMMUNE),
)


def document(made):
    return json.loads(render(result_document(made)))


def total(made, element: str, column: str = "value"):
    return next(
        item
        for item in document(made)["totals"]
        if (item["element"], item["column"]) == (element, column)
    )


@pytest.mark.parametrize("count", [0, 1, 14])
def test_documents_are_valid(count: int) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(document(province(count)))


def test_the_schema_closes_every_object_with_known_keys() -> None:
    def objects(node):
        if isinstance(node, dict):
            if node.get("type") == "object":
                yield node
            for child in node.values():
                yield from objects(child)
        elif isinstance(node, list):
            for child in node:
                yield from objects(child)

    assert all(node.get("additionalProperties", True) is not True for node in objects(SCHEMA))


def test_a_result_without_a_roster_expects_nobody() -> None:
    made = replace(province(6), roster=None)
    made = result(made.records, None)
    units = document(made)["units"]
    assert units["expected"] is None
    assert units["missing"] == []
    jsonschema.Draft202012Validator(SCHEMA).validate(document(made))


def test_missing_units_are_those_without_any_counted_return() -> None:
    roster = Roster.of(UNITS, province="Tiền Giang")
    made = result([record(UNITS[0], "pctn", [fixed(PCTN, {})], path="a.xlsx")], roster)
    units = document(made)["units"]
    assert units["expected"] == ["S01", "H01", "X01"]
    assert units["received"] == ["S01"]
    assert units["missing"] == ["H01", "X01"]
    assert units["late"] == []
    cchc = next(part for part in units["templates"] if part["template"] == "cchc")
    assert cchc["missing"] == ["S01", "H01", "X01"]


class Counted(str):
    """A code that counts how often it is looked up in any set or table."""

    __slots__ = ()
    asked = 0

    def __hash__(self) -> int:
        Counted.asked += 1
        return super().__hash__()


def test_units_are_told_in_one_pass_however_many_there_are() -> None:
    """Twice the units cost twice the look-ups: no step goes through all units for each of them."""

    def asked(count: int) -> int:
        units = [
            OrganisationUnit(Counted(f"X{number}"), f"Xã {number}", Level.COMMUNE)
            for number in range(count)
        ]
        sent = [
            record(unit, "pctn", [fixed(PCTN, {})], path=f"{unit.code}.xlsx") for unit in units[::2]
        ]
        made = result(sent, Roster.of(units, province="Tiền Giang"))
        Counted.asked = 0
        assert len(document(made)["units"]["missing"]) == count - len(units[::2])
        return Counted.asked

    few, many = asked(20), asked(40)
    assert 0 < many <= 2 * few


def test_numbers_are_exact_and_blank_is_not_zero() -> None:
    answers = [
        {("c1", "value"): 3, ("c15", "value"): Decimal("1556.3"), ("c2", "value"): 0},
        {("c1", "value"): Bad("nhiều"), ("c15", "value"): Decimal("0.2")},
    ]
    made = result(
        [
            record(unit, "pctn", [fixed(PCTN, given)], path=f"{unit.code}.xlsx")
            for unit, given in zip(UNITS, answers, strict=False)
        ]
    )
    first = total(made, "c1")
    assert (first["total"], type(first["total"])) == (3, int)
    assert first["by_level"] == {"province": 3, "district": None, "commune": None, "unknown": None}
    assert (first["units"], first["invalid"], first["missing"]) == (1, 1, 0)
    assert total(made, "c15")["total"] == 1556.5
    assert total(made, "c2")["total"] == 0
    assert total(made, "c3")["total"] is None


def test_ratios_are_never_summed() -> None:
    made = result(
        [
            record(unit, "pctn", [fixed(PCTN, {("c28", "value"): given})], path=unit.code)
            for unit, given in zip(UNITS, (100, 80, 90), strict=True)
        ]
    )
    found = total(made, "c28")
    assert found["total"] is None
    assert (found["low"], found["high"], found["units"]) == (80, 100, 3)


def test_normalised_values_and_rows_keep_their_origin() -> None:
    unit = UNITS[0]
    made = result(
        [
            record(
                unit,
                "cchc",
                [opened(PLANS, [{"plan": "Kế hoạch", "done": Typed("- 05", Decimal(5), "words")}])],
                path="x.xlsx",
            )
        ]
    )
    whole = document(made)
    assert whole["normalisations"] == [
        {
            "file": "x.xlsx",
            "member": None,
            "unit": "S01",
            "data_set": "cchc_pl3_1",
            "element": "done",
            "column": "",
            "row": 1,
            "sheet": PLANS.sheet,
            "cell": "F10",
            "raw": "- 05",
            "used": 5,
            "kind": "words",
        }
    ]
    row = whole["lists"][0]
    assert (row["unit"], row["file"], row["row"]) == ("S01", "x.xlsx", 1)
    assert row["values"]["plan"]["value"] == "Kế hoạch"
    assert row["values"]["issued"] == {
        "status": "missing",
        "value": None,
        "raw": "",
        "cell": row["values"]["issued"]["cell"],
    }


def test_equal_results_render_equally_and_end_in_a_newline() -> None:
    one, two = (render(result_document(province(9))) for _ in range(2))
    assert one == two
    assert one.endswith("}\n")
    assert "Tiền Giang" in one


def test_a_file_name_that_is_not_text_does_not_stop_the_report() -> None:
    unit = UNITS[0]
    name = b"b\xe1o c\xe1o.xlsx".decode("utf-8", "surrogateescape")
    made = result([record(unit, "pctn", [fixed(PCTN, {})], path=name)])
    assert document(made)["returns"][0]["file"] == r"b\udce1o c\udce1o.xlsx"


def test_a_contradiction_alone_needs_a_person_and_one_that_is_let_off_does_not() -> None:
    """Nothing else is wrong: the difference is that of a figure that the province took out."""
    unit, answers = UNITS[2], {("c40", "value"): 3, ("c41", "value"): 1}
    full = answers | dict.fromkeys((("c42", "value"), ("c43", "value"), ("c44", "value")), 0)
    made = result([record(unit, "pctn", [fixed(PCTN, full)], path="a.xlsx")])
    told, of_level = made.contradictions
    assert (told.name, told.left - told.right, of_level.division) == (
        "pctn_01.r40",
        2,
        Level.COMMUNE,
    )
    assert not made.clean
    assert replace(made, contradictions=()).clean
    excused = replace(told, parts=tuple(replace(part, excused=True) for part in told.parts))
    let_off = replace(made, contradictions=(excused,))
    assert let_off.clean
    (shown,) = document(let_off)["contradictions"]
    assert (shown["severity"], shown["units"][0]["excused"]) == ("info", True)
