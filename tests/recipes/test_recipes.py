"""Every recipe gives exactly its findings; every message of a finding has a recipe or a test."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from consolidate.definitions.catalogue import sentence, texts
from consolidate.intake import answer_plan
from consolidate.merge.kept_readings import packed, unpacked
from consolidate.merge.merge_inbox import MergeRequest, merge
from consolidate.merge.read_files import check_bytes
from consolidate.model.data_values import DataValue
from consolidate.model.period import Period
from consolidate.model.reasons import Severity, because
from consolidate.model.returns import FileReading, Outcome, Source
from consolidate.model.runs import EventKind
from consolidate.model.units import Level, OrganisationUnit, Roster
from tests.library_2018 import library_2018
from tests.messages import KEYS, says
from tests.recipes.recipe import Recipe, built, recipes
from tests.xlsx.test_known_sheets import as_read, in_whole

ALL = recipes()
ELSEWHERE = {
    "identity": (
        "tests/identity/test_placement.py",
        "tests/recipes/inboxes.toml",
        "tests/merge/test_merge_inbox.py",
        "tests/merge/test_sealed_rounds.py",
        "tests/merge/test_named_files.py",
        "tests/merge/test_part_returns.py",
        "tests/merge/test_other_forms.py",
        "tests/cli/test_return.py",
    ),
    "intake": (
        "tests/cli/test_ways_in.py",
        "tests/xlsx/test_gate.py",
        "tests/xlsx/test_far_cells.py",
        "tests/intake/test_containers.py",
        "tests/intake/test_word.py",
        "tests/intake/test_container_limits.py",
        "tests/merge/test_read_inbox.py",
        "tests/intake/test_unit_rows.py",
        "tests/merge/test_other_forms.py",
    ),
    "memory": (
        "tests/cli/test_days.py",
        "tests/merge/test_sealed_rounds.py",
        "tests/merge/test_part_returns.py",
        "tests/merge/test_recalling.py",
        "tests/merge/test_receiving.py",
        "tests/merge/test_merging.py",
        "tests/merge/test_year.py",
    ),
    "register": (
        "tests/register/test_messages.py",
        "tests/cli/test_exclusive_lock.py",
        "tests/cli/test_backup.py",
    ),
}
"""Families whose keys are named by tests of other files (they need more than one workbook)."""
NOT_FINDINGS = {
    *("or", "required_text", "required_choice", "required_narrative"),
    *("not_a_mark", "not_a_number_on_cover", "crossed_part", "struck_out"),
    *("above_maximum_on_cover", "below_minimum_on_cover", "unclear_on_cover"),
    *("rows_not_due", "sheet_not_due"),
    *("other_reader", "too_long", "no_such_row"),
}
"""Words of other messages: some say ``value.required`` of texts and choices. Marks, narratives,
struck text, rows that are named and what a round does not ask for have tests of their own (in
``tests/intake`` ``test_marks.py`` and ``test_narrative.py``; ``tests/definitions/offered.toml``;
``tests/office/test_crossed_out.py``, ``tests/merge/test_not_due.py``,
``tests/office/test_other_reader.py``, ``tests/intake/test_long_text.py``)."""


def used(value: DataValue) -> str:
    if value.number is not None:
        return format(value.number.normalize(), "f")
    return str(value.used) if value.used is not None else value.status.value


def said(reading: FileReading) -> list[dict[str, str]]:
    return [
        {
            "rule": finding.rule,
            "severity": finding.severity.value,
            "sheet": finding.sheet,
            "cells": finding.address,
            "found": sentence(finding.found),
            "expected": sentence(finding.expected),
        }
        for finding in reading.findings
    ]


def expected(recipe: Recipe) -> list[dict[str, str]]:
    found = []
    for finding in recipe.findings:
        places = [recipe.cell(place) for place in finding.get("at", ())]
        cells = finding["cells"] if "cells" in finding else ", ".join(cell for _, cell in places)
        found.append(
            {
                "rule": finding["rule"],
                "severity": finding["severity"],
                "sheet": finding.get("sheet", places[0][0] if places else ""),
                "cells": cells,
                "found": finding.get("found", ""),
                "expected": finding.get("expected", ""),
            }
        )
    return found


@pytest.mark.parametrize("recipe", ALL, ids=lambda recipe: recipe.name)
def test_a_recipe_is_read_alike_in_whole_and_by_what_is_known(recipe: Recipe) -> None:
    data = built(recipe.name)
    whole = in_whole(data)
    assert [as_read(data) for _ in range(3)] == [whole] * 3


@pytest.mark.parametrize("recipe", ALL, ids=lambda recipe: recipe.name)
def test_a_recipe_gives_exactly_its_findings(recipe: Recipe) -> None:
    known = [check_bytes(library_2018(), "tệp.xlsx", built(recipe.name)) for _ in range(3)]
    answer_plan.forget()
    reading = check_bytes(library_2018(), "tệp.xlsx", built(recipe.name))
    assert known == [reading] * 3
    if recipe.reason:
        assert reading.content is None
        assert reading.reason == because(f"intake.{recipe.reason}")
        return
    assert reading.content is not None, reading.reason
    source = Source((reading,))
    (back,) = unpacked(packed({("tệp.xlsx", ""): source})).values()
    assert repr(back) == repr(source)
    told, asked_for = said(reading), expected(recipe)
    if KEYS:
        for finding, one, other in zip(reading.findings, told, asked_for, strict=True):
            if not isinstance(finding.found, str):
                del one["found"], other["found"]
    assert told == asked_for
    values = {
        ".".join(
            part
            for part in (
                value.key.data_set,
                str(value.key.row or ""),
                value.key.element,
                "" if value.key.column == "value" else value.key.column,
            )
            if part
        ): value
        for part in (reading.content.cover, *reading.content.data_sets)
        for value in part.values
    }
    read = {name: used(values[name]) if name in values else "nowhere" for name in recipe.read}
    assert read == dict(recipe.read)
    assert {name: "+".join(values[name].normalisation) for name in recipe.how} == dict(recipe.how)
    assert {name: values[name].raw for name in recipe.raw} == dict(recipe.raw)
    for finding, asked in zip(reading.findings, recipe.findings, strict=True):
        assert says(finding.message, asked.get("says", ""))
        assert "{" not in sentence(finding.message)


def test_no_file_is_refused_or_found_fault_with_without_a_word(tmp_path: Path) -> None:
    roster = Roster.of([OrganisationUnit("S02", "Sở Nội vụ", Level.PROVINCE)])
    seen = set()
    for number, recipe in enumerate(ALL):
        inbox = tmp_path / str(number)
        inbox.mkdir()
        (inbox / "tệp.xlsx").write_bytes(built(recipe.name))
        request = MergeRequest(library_2018(), inbox, Period.parse_code("2018-9M"), roster)
        (record,) = merge(request).records
        seen.add(record.outcome)
        assert sentence(record.reason).strip()
        assert all(sentence(finding.message).strip() for finding in record.findings)
        graver = any(finding.severity is not Severity.INFO for finding in record.findings)
        if record.outcome.counted:
            assert graver is (record.outcome is Outcome.ACCEPTED_WITH_WARNINGS)
    counted = {Outcome.ACCEPTED, Outcome.ACCEPTED_WITH_WARNINGS}
    assert counted | {Outcome.HELD, Outcome.NOT_A_REPORT} <= seen


def test_names_of_recipes_are_different() -> None:
    names = [recipe.name for recipe in ALL]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("family", ["value", "structure", "sheets"])
def test_every_message_of_a_finding_has_a_recipe(family: str) -> None:
    covered = {finding["rule"] for recipe in ALL for finding in recipe.findings}
    keys = {key for key in texts(family) if "." not in key} - NOT_FINDINGS
    assert {f"{family}.{key}" for key in keys} - covered == set()


@pytest.mark.parametrize("family", sorted(ELSEWHERE))
def test_every_other_reason_is_named_by_a_test(family: str) -> None:
    root = Path(__file__).parents[2]
    source = "".join((root / path).read_text(encoding="utf-8") for path in ELSEWHERE[family])
    made = {f"decision.{kind.value}" for kind in EventKind}  # Words of a reason that is named.
    asked = [key for key in texts(family) if key not in made]
    assert [key for key in asked if f'"{family}.{key}"' not in source] == []


def test_every_normalisation_is_used_by_a_recipe_or_the_table_of_numbers() -> None:
    table = Path(__file__).parents[1] / "intake" / "numbers.toml"
    numbers = tomllib.loads(table.read_text(encoding="utf-8"))["number"]
    used = {row.get("how", "") for row in numbers} | {
        "adjusted",
        "computed",
        "crossed",
        "date_text",
        "mark",
        "no_mark",
        "one_of_several",
        "pair",
    }
    used |= {step for recipe in ALL for how in recipe.how.values() for step in how.split("+")}
    kinds = {key.removeprefix("normalised.") for key in texts("value") if "normalised." in key}
    assert kinds - used == set()


def test_every_rule_of_the_definitions_can_break() -> None:
    covered = {finding["rule"] for recipe in ALL for finding in recipe.findings}
    rules = {f"{d.code}.{rule.id}" for d in library_2018().data_sets for rule in d.rules}
    assert rules - covered == set()
