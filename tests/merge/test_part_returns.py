"""A correction that holds only the corrected figures waits for a person; a whole one replaces."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from consolidate.merge.merge_inbox import MergeRequest, merge
from consolidate.model.corrections import PART, Adjustment, Corrections, Waiver
from consolidate.model.data_values import ValueKey
from consolidate.model.reasons import Reason, because
from consolidate.model.returns import ReturnRecord
from consolidate.rollup.result import MergeResult
from tests.library_2018 import library_2018
from tests.merge.province import NINE, UNITS, Province, blank_filled
from tests.office.office import Office
from tests.recipes.inbox import FIGURES
from tests.recipes.recipe import Recipe, clean_values

NAMES = [name for name in clean_values("pctn") if name.startswith("pctn_01.")]
WHOLE = {f"pctn_01.{code}": 10 + at for at, code in enumerate(FIGURES)}
SOME = {"pctn_01.c1": 40, "pctn_01.c2": 41}
"""A return as it was sent first, and two figures of it corrected."""
CASES = [{"name": "Vụ A", "place": "Sở Y tế"}, {"name": "Vụ B", "place": "Sở Tài chính"}]


def sent(
    revision: int,
    values: Mapping[str, Any],
    *,
    whole: bool = True,
    template: str = "pctn",
    **more: Any,
) -> bytes:
    """A sending of a return: clean answers but for some, or nothing but some."""
    own = values if whole else {**dict.fromkeys(clean_names(template), ""), **values}
    cover = {"cover.revision": revision}
    return Recipe("", template=template, values={**own, **cover}, **more).build()


def clean_names(template: str) -> list[str]:
    return [name for name in clean_values(template) if not name.startswith("cover.")]


def merged(folder: Path, **files: bytes) -> MergeResult:
    for name, data in files.items():
        (folder / f"{name}.xlsx").write_bytes(data)
    return merge(MergeRequest(library_2018(), folder, NINE))


def by_name(result: MergeResult) -> dict[str, ReturnRecord]:
    return {record.name.partition(".")[0]: record for record in result.records}


def outcomes(result: MergeResult) -> dict[str, str]:
    return {name: record.outcome.value for name, record in by_name(result).items()}


def total(result: MergeResult, element: str = "c1") -> int | None:
    table = next(table for table in result.tables if table.data_set.code == "pctn_01")
    figure = table.figure(element, "value")
    return int(figure.total) if figure is not None and figure.total is not None else None


def test_a_correction_of_some_figures_only_is_held_and_the_first_return_counts(
    tmp_path: Path,
) -> None:
    one = sent(1, {**WHOLE, "pctn_01.c29": 2, "pctn_01.c30": 2}, rows={"pctn_02": CASES})
    two = sent(2, SOME, whole=False)
    result = merged(tmp_path, one=one, two=two)
    assert outcomes(result) == {"one": "accepted_with_warnings", "two": "held"}
    assert total(result) == 10
    records = by_name(result)
    assert [f.rule for f in records["one"].findings] == ["identity.later_held"]
    lost = "Biểu 02: “Vụ A”; Biểu 02: “Vụ B”"
    part = because(
        "identity.part",
        rows=because("identity.part_rows", rows=lost, count=2),
        other="one.xlsx",
        revision=2,
        kept=2,
        total=65,
    )
    ways = because("identity.part_ways")
    assert records["two"].reason == because("memory.held", reason=part, way_out=ways)


def test_of_three_sendings_only_a_whole_one_replaces(tmp_path: Path) -> None:
    parts = {"two": sent(2, SOME, whole=False), "three": sent(3, {"pctn_01.c1": 50}, whole=False)}
    result = merged(tmp_path, one=sent(1, WHOLE), **parts)
    assert outcomes(result) == {"one": "accepted_with_warnings", "two": "held", "three": "held"}
    assert total(result) == 10
    result = merged(tmp_path, four=sent(4, {**WHOLE, "pctn_01.c1": 60}))
    named = outcomes(result)
    assert named.pop("four") == "accepted"
    assert set(named.values()) == {"superseded"}
    assert total(result) == 60


def test_a_correction_of_one_table_that_leaves_the_other_blank_is_held(tmp_path: Path) -> None:
    values = {"cover.period_type": "9 tháng đầu năm"}
    plans = {"cchc_pl3_1": [{"plan": f"Kế hoạch {n}", "planned": n} for n in range(1, 20)]}
    blank = dict.fromkeys(clean_names("cchc"), "")
    one = sent(1, values, template="cchc", rows=plans)
    two = sent(2, {**values, **blank}, template="cchc", rows=plans)
    assert outcomes(merged(tmp_path, one=one, two=two))["two"] == "held"


BLANKS = {f"pctn_01.c{number}": "" for number in range(50, 62)}
ONE_CASE = {"pctn_01.c29": 1, "pctn_01.c30": 2}
NIL = {name: "0/0" if name == "pctn_01.c28" else 0 for name in NAMES}


@pytest.mark.parametrize(
    ("one", "two", "expected", "gone"),
    [
        (sent(1, WHOLE), sent(2, {**WHOLE, **SOME}), "accepted", ""),
        (sent(1, WHOLE), sent(2, {**WHOLE, **SOME, **BLANKS}), "accepted_with_warnings", ""),
        (sent(1, SOME, whole=False), sent(2, {**WHOLE, **SOME}), "accepted", ""),
        (sent(1, WHOLE, whole=False), sent(2, {**WHOLE, **SOME}), "accepted", ""),
        (sent(1, NIL), sent(2, SOME, whole=False), "accepted_with_warnings", ""),
        (sent(1, WHOLE), sent(2, {**NIL, "pctn_01.c1": 40}), "accepted_with_warnings", ""),
        (
            sent(1, WHOLE, rows={"pctn_02": CASES}),
            sent(2, {**WHOLE, **SOME, **ONE_CASE}, rows={"pctn_02": CASES[1:]}),
            "accepted",
            "Biểu 02: “Vụ A”",
        ),
        (
            sent(1, WHOLE, rows={"pctn_02": CASES}),
            sent(2, {**WHOLE, **SOME}),
            "accepted",
            "Biểu 02: “Vụ A”; Biểu 02: “Vụ B”",
        ),
    ],
    ids=[
        "whole", "a few blanks", "first nearly empty", "first of six figures", "first of zeros",
        "zeros now", "one case less", "no cases any more",
    ],
)  # fmt: skip
def test_a_whole_correction_replaces(
    one: bytes, two: bytes, expected: str, gone: str, tmp_path: Path
) -> None:
    result = merged(tmp_path, one=one, two=two)
    assert outcomes(result) == {"one": "superseded", "two": expected}
    assert total(result) == 40
    named = [f.found for f in by_name(result)["two"].findings if f.rule == "identity.answers_gone"]
    assert named == [gone] * bool(gone)


def ask(tmp_path: Path) -> tuple[Province, Path]:
    province = Province.make(tmp_path / "tỉnh")
    figures = {code: 10 + at for at, code in enumerate(FIGURES)}
    province.send(NINE, "one.xlsx", blank_filled(UNITS[0], NINE, **figures))
    assert province.merge(NINE, "2018-09-01").outcomes() == {"one.xlsx": "accepted"}
    only = {name.partition(".")[2]: "" for name in NAMES} | {"c1": 40}
    province.send(NINE, "two.xlsx", blank_filled(UNITS[0], NINE, **only, revision=2))
    return province, province.inbox(NINE) / "one.xlsx"


@pytest.mark.parametrize("decision", ["adjusted", "replaced"])
def test_in_a_working_folder_the_officer_decides(decision: str, tmp_path: Path) -> None:
    province, _ = ask(tmp_path)
    asked = province.merge(NINE, "2018-09-02")
    assert asked.outcomes() == {"one.xlsx": "accepted_with_warnings", "two.xlsx": "held"}
    assert (asked.total("c1"), asked.total("c2")) == (10, 11)
    *_, reason = province.reasons(NINE, "two.xlsx")
    assert reason is not None
    waive = because("memory.waive", rule="memory.part", unit="S1", period="2018-9M")
    assert reason.value("way_out") == because("memory.part_ways", waive=waive)
    day = date(2018, 9, 3)
    if decision == "adjusted":
        key = ValueKey("pctn_01", "c1", "value")
        adjusted = Adjustment("D1", NINE, "S1", key, "40", "TTT", day, "Lần gửi 2", "7/CV")
        new, expected = Corrections((adjusted,)), ("accepted_with_warnings", "held")
    else:
        waived = Waiver("M1", PART, "S1", None, "TTT", day, "Thay toàn bộ", "7/CV", NINE)
        new, expected = Corrections((), (waived,)), ("superseded", "accepted_with_warnings")
    with province.register() as opened:
        opened.add_corrections(new)
    then = province.merge(NINE, "2018-09-03")
    assert then.outcomes() == dict(zip(("one.xlsx", "two.xlsx"), expected, strict=True))
    left = 11 if decision == "adjusted" else None
    assert (then.total("c1"), then.total("c2")) == (40, left)


def test_the_first_return_of_an_earlier_merge_is_not_forgotten(tmp_path: Path) -> None:
    province, first = ask(tmp_path)
    data = first.read_bytes()
    first.unlink()
    for _ in range(2):
        asked = province.merge(NINE, "2018-09-02")
        assert (asked.outcomes(), asked.total("c1")) == ({"two.xlsx": "held"}, None)
    (reason,) = province.reasons(NINE, "two.xlsx")
    assert reason is not None
    part = reason.value("reason")
    assert isinstance(part, Reason)
    assert (part.key, part.value("run"), part.value("other")) == (
        "identity.part_of_run",
        1,
        "one.xlsx",
    )
    first.write_bytes(data)
    again = province.merge(NINE, "2018-09-03")
    assert again.outcomes() == {"one.xlsx": "accepted_with_warnings", "two.xlsx": "held"}
    first.unlink()
    whole = blank_filled(UNITS[0], NINE, c1=41, c2=7, revision=3)
    province.send(NINE, "three.xlsx", whole)
    assert province.merge(NINE, "2018-09-04").outcomes() == {
        "three.xlsx": "accepted", "two.xlsx": "superseded",
    }  # fmt: skip


@pytest.mark.office
@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_as_other_programs_save_it(kind: str, office: Office, tmp_path: Path) -> None:
    books = []
    for name, data in (("one", sent(1, WHOLE)), ("two", sent(2, SOME, whole=False))):
        books.append(tmp_path / f"{name}.xlsx")
        books[-1].write_bytes(data)
    saved = office.saved_as(books, kind, tmp_path / kind)
    result = merge(MergeRequest(library_2018(), saved[0].parent, NINE))
    assert outcomes(result) == {"one": "accepted_with_warnings", "two": "held"}
    assert total(result) == 10
