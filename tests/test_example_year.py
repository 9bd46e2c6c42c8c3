"""The simulated year: it agrees with its recount, and it can fail."""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from consolidate.model.period import Period
from consolidate.model.units import Level, OrganisationUnit
from consolidate.templates.issued import Issue, issued_template
from examples.year import story
from examples.year.__main__ import main
from examples.year.events import EVENTS, happens
from examples.year.plan import Expected, Plan
from examples.year.province import ROUNDS, Round, Unit, reporting, units
from examples.year.recalculated import installed
from examples.year.recount import Total, recount
from examples.year.truth import Answers, Truth, Value
from examples.year.workbooks import fill
from tests.library_2018 import library_2018

HERE = Path(story.__file__).parent
PURE = ("province", "truth", "events", "plan", "recount", "page_rules", "same_units")
PARTS = (
    ("c7", "c6"), ("c13", "c12"), ("c14", "c12"), ("c23", "c22"), ("c25", "c24"), ("c26", "c24"),
    ("c58", "c57"), ("c60", "c59"), ("c61", "c60"), ("c35", "c34"), ("c16", "c15"), ("c34", "c33"),
)  # fmt: skip
TOGETHER = (
    ("c11", "c12"), ("c29", "c30"), ("c31", "c32"), ("c35", "c36"), ("c37", "c38"), ("c39", "c40"),
    ("c17", "c18"), ("c3", "c4"), ("c45", "c46"), ("c47", "c48"),
)  # fmt: skip
"""The rules of arithmetic of the form, from the labels of its rows."""


def test_a_small_year_agrees_with_its_recount(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    office = ["--office"] if installed() else []
    code = main([str(tmp_path / "năm"), "--units", "small", "--jobs", "0", *office])
    said = capsys.readouterr().out
    assert code == 0, said
    lines = said.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "Tỉnh mô phỏng: 24 đơn vị = 4 cấp tỉnh + 2 cấp huyện + 18 cấp xã."
    assert lines[-1] == "Mọi số đều khớp với kết quả tính lại độc lập."
    # 103 figures with their total, three levels and five counts, in ten merges.
    assert f"{103 * 9 * 10:,}".replace(",", ".") + " số tổng" in said
    # X013 breaks MS 40 in one merge: the totals of the province, of communes and of its superior.
    assert "3 quy tắc của biểu" in said
    words = " ".join(said.split())
    for compared in (
        "số của loại đơn vị, cơ quan cấp trên", "số của đơn vị có ở cả hai kỳ",
        "4 số chờ quyết định", "ô theo đơn vị", "dòng nguồn", "ô so sánh", "biểu để ký",
        "tệp trên sổ",
    ):  # fmt: skip
        assert compared in words
    # Eight workbooks, whose every cell LibreOffice makes alike.
    assert ("8 trang tính" in words) == bool(office)
    for event in EVENTS:
        assert f"· {event.unit} {event.what}" in said
    made = {path.name for path in (tmp_path / "năm").iterdir()}
    assert {"nhat-ky.txt", "locked", "corrections.xlsx"} <= made
    assert any((tmp_path / "năm" / "outbox" / "letters").glob("*/*.docx"))
    log = (tmp_path / "năm" / "nhat-ky.txt").read_text(encoding="utf-8")
    assert str(tmp_path) not in log
    assert log.count("$ consolidate lock") == 4


class Falsified(Plan):
    """The plan with one more person in MS 3 of one commune than the commune sends."""

    def expected(self, when: Round, stage: int) -> Expected:
        told = super().expected(when, stage)
        key, name = ("X010", "pctn"), "pctn_01.c3"
        true = told.counted[key].cells[name]
        assert isinstance(true, int)
        wrong = told.counted[key].changed({name: true + 1})
        return replace(told, counted={**told.counted, key: wrong})


def test_one_false_number_is_reported_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(story, "Plan", Falsified)
    code = main([str(tmp_path), "--units", "small", "--jobs", "0", "--rounds", "1"])
    said = capsys.readouterr().out
    assert code == 1
    wrong = [line.strip() for line in said.splitlines() if line.strip().startswith("✗")]
    superior = "số của loại đơn vị, cơ quan cấp trên · pctn_01.c3.value.parent:UBND thị xã An Thuận"
    assert [line.rpartition(": phải là")[0] for line in wrong] == [
        "✗ Quý I, merge 05/03 · số tổng · pctn_01.c3.value.commune",
        "✗ Quý I, merge 05/03 · số tổng · pctn_01.c3.value.total",
        f"✗ Quý I, merge 05/03 · {superior}",
        "✗ Quý I, merge 09/03 · số tổng · pctn_01.c3.value.commune",
        "✗ Quý I, merge 09/03 · số tổng · pctn_01.c3.value.total",
        f"✗ Quý I, merge 09/03 · {superior}",
        *(
            f"✗ Quý I, sổ tổng hợp, biểu để ký · {place}"
            for place in (
                "biểu để ký · MS 3",
                "biểu toàn tỉnh · MS 3",
                "ô cộng theo đơn vị · pctn_01.c3.value.",
                "ô cộng theo đơn vị · pctn_01.c3.value.commune",
                "ô cộng theo đơn vị · pctn_01.c3.value.parent:UBND thị xã An Thuận",
                "ô theo đơn vị · pctn_01.c3.value.X010",
                "dòng nguồn · MS 3",
                "dòng nguồn · MS 3.X010",
            )
        ),
        "✗ Quý I, diff 1 2 · số thay đổi · pctn_01.c3.value",
        "✗ Quý I, diff 1 2 · số thay đổi · pctn_01.c3.value.commune",
        "✗ Quý I, trace “MS 3” · nguồn của số tổng · X010",
    ]
    for line in wrong:
        must, found = (int(part.split()[-1]) for part in line.split(", kết quả là"))
        assert must == found + 1
    assert "CÓ 17 CHỖ KHÁC:" in said


def test_a_folder_with_something_in_it_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("của tôi", encoding="utf-8")
    assert main([str(tmp_path)]) == 2
    assert "không trống" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_the_recount_knows_nothing_of_the_program() -> None:
    for name in PURE:
        tree = ast.parse((HERE / f"{name}.py").read_text(encoding="utf-8"))
        imported = {
            module
            for node in ast.walk(tree)
            for module in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }
        ours = {module for module in imported if module.startswith(("consolidate", "examples"))}
        assert ours <= {f"examples.year.{pure}" for pure in PURE}, name


def test_the_province_has_208_units_and_changes_within_the_year() -> None:
    everyone = units("full", 2018)
    counts = [len(reporting(everyone, when)) for when in ROUNDS]
    assert counts == [208, 208, 207, 208]
    first = reporting(everyone, ROUNDS[0])
    by_level = [sum(u.level == level for u in first) for level in ("province", "district")]
    assert by_level == [24, 11]
    assert len({unit.name for unit in everyone}) == len(everyone)
    parents = {unit.parent for unit in everyone if unit.level == "commune"}
    assert parents == {f"H{number:02}" for number in range(1, 12)}
    small = {unit.code for unit in units("small", 2018)}
    assert {event.unit for event in EVENTS} <= small


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10_000))
def test_the_truth_keeps_the_rules_of_the_form(seed: int) -> None:
    everyone = units("full", seed)
    truth = Truth(everyone, seed)
    seen: set[tuple[Value, ...]] = set()
    for unit in everyone:
        before: dict[str, int | Decimal] = {}
        for when in ROUNDS:
            if not unit.reports(when.month):
                continue
            told = truth.of(unit, "pctn", when.number)
            now = {name.partition(".")[2]: value for name, value in told.cells.items()}
            amounts = {name: v for name, v in now.items() if isinstance(v, int | Decimal)}
            for part, whole in PARTS:
                assert amounts[part] <= amounts[whole], (unit.code, part)
            for one, other in TOGETHER:
                assert bool(amounts[one]) == bool(amounts[other]), (unit.code, one)
            assert amounts["c40"] == sum(amounts[name] for name in ("c41", "c42", "c43", "c44"))
            assert amounts["c51"] + amounts["c53"] <= amounts["c49"]
            assert amounts["c52"] + amounts["c54"] <= amounts["c50"]
            assert not amounts["c20"] or amounts["c19"]
            cases = sum(amounts[name] for name in ("c29", "c31", "c35", "c37"))
            assert len(told.rows["pctn_02"]) == cases <= 7
            assert all(amounts[name] >= amount for name, amount in before.items())
            assert amounts["c3"] > before.get("c3", 0)
            before = amounts
            face = tuple(told.cells.values())
            assert face not in seen
            seen.add(face)


def test_an_heir_begins_with_what_it_took_over() -> None:
    everyone = units("small", 1)
    truth = Truth(everyone, 1)
    by_code = {unit.code: unit for unit in everyone}

    def people(code: str, number: int) -> int:
        value = truth.of(by_code[code], "pctn", number).cells["pctn_01.c3"]
        assert isinstance(value, int)
        return value

    assert people("X202", 3) > people("X002", 2) + people("X003", 2)
    assert people("X201", 3) > people("X001", 2)
    assert people("X203", 4) > people("X004", 3) > people("X204", 4)


@pytest.mark.parametrize(("template", "period"), [("pctn", "2018-6M"), ("cchc", "2018-Q2")])
def test_cells_are_filled_as_openpyxl_fills_them(template: str, period: str) -> None:
    unit = OrganisationUnit("H01", "UBND thành phố Mỹ Lộc", Level.DISTRICT)
    issue = Issue(unit, template, Period.parse_code(period), None)
    issued = issued_template(library_2018(), issue, b"k" * 32)
    own = next(item for item in units("small", 3) if item.code == "H01")
    number = next(n for n in range(1, 5) if template == "cchc" or _cases(own, n))
    answers = Truth(units("small", 3), 3).of(own, template, number)
    answers = answers.changed({"cover.revision": 2, "cover.date": date(2018, 6, 4)})
    ours = load_workbook(io.BytesIO(fill(issued, answers, date(2018, 6, 4))))
    theirs = load_workbook(io.BytesIO(issued))
    typed = 0
    for (sheet, address), value in _typed(theirs, answers):
        theirs[sheet][address] = value
        typed += value is not None
    assert typed > 40
    for one, other in zip(ours.worksheets, theirs.worksheets, strict=True):
        assert one.title == other.title
        for line, same in zip(one.iter_rows(), other.iter_rows(), strict=True):
            for cell, must in zip(line, same, strict=True):
                found, right = cell.value, must.value
                if isinstance(right, Decimal):  # A whole number is read back as one.
                    right = int(right) if right == int(right) else float(right)
                if isinstance(right, date) and not isinstance(right, datetime):
                    right = datetime(right.year, right.month, right.day)
                assert (cell.coordinate, found) == (must.coordinate, right)
                assert type(found) is type(right)
                assert cell.number_format == must.number_format


def _cases(unit: Unit, number: int) -> bool:
    return bool(Truth(units("small", 3), 3).of(unit, "pctn", number).rows["pctn_02"])


def _typed(book: object, answers: Answers) -> Iterator[tuple[tuple[str, str], Value]]:
    names = book.defined_names  # type: ignore[attr-defined]
    for name, value in answers.cells.items():
        ((sheet, address),) = names[name].destinations
        yield (sheet, address.replace("$", "")), value
    for code, rows in answers.rows.items():
        ((sheet, area),) = names[f"{code}.rows"].destinations
        table = book[sheet]  # type: ignore[index]
        top = int(area.split(":")[0].split("$")[2])
        columns = {cell.value: cell.column_letter for cell in table[1] if cell.value}
        for at, row in enumerate(rows, top):
            for element, value in row.items():
                yield (sheet, f"{columns[element]}{at}"), value


def test_a_name_that_leads_nowhere_and_too_many_rows_are_refused() -> None:
    unit = OrganisationUnit("X1", "UBND xã An Đông", Level.COMMUNE)
    issue = Issue(unit, "pctn", Period.parse_code("2018-6M"), None)
    issued = issued_template(library_2018(), issue, b"k" * 32)
    with pytest.raises(KeyError):
        fill(issued, Answers({"pctn_01.c99": 1}), date(2018, 6, 4))
    with pytest.raises(ValueError, match="pctn_02: 8 rows"):
        fill(issued, Answers({}, {"pctn_02": ({"name": "Vụ"},) * 8}), date(2018, 6, 4))


def test_the_recount_keeps_blank_zero_and_x_apart() -> None:
    everyone = units("small", 5)
    plan = Plan(everyone, Truth(everyone, 5))
    told = plan.expected(ROUNDS[0], 1)
    keys = [("S01", "pctn"), ("H01", "pctn"), ("X001", "pctn")]
    typed: list[dict[str, Value]] = [
        {"c3": 5, "c28": "1/3", "c56a": None, "c15": Decimal("0.1")},
        {"c3": 0, "c28": "100%", "c56a": 0, "c15": Decimal("0.2")},
        {"c3": "x", "c28": "5/5", "c56a": "x", "c15": 0},
    ]
    counted = {
        key: told.counted[key].changed({f"pctn_01.{name}": cell for name, cell in cells.items()})
        for key, cells in zip(keys, typed, strict=True)
    }
    totals = recount(replace(told, counted=counted))
    assert totals["pctn_01", "c3", "value"] == Total(
        Decimal(5), {"province": Decimal(5), "district": Decimal(0)}, {}, 2, 0, 1
    )
    assert totals["pctn_01", "c56a", "value"] == Total(
        Decimal(0), {"district": Decimal(0)}, {}, 1, 1, 1
    )
    assert totals["pctn_01", "c15", "value"].total == Decimal("0.3")
    ratio = totals["pctn_01", "c28", "value"]
    assert (ratio.total, ratio.units) == (None, 3)
    assert ratio.by_level == {"province": Decimal("33.33"), "commune": Decimal(100)}
    assert totals["cchc_pl3_1", "done", ""] == Total()


def test_events_are_told_by_round_and_unit() -> None:
    named = happens(1, "X005")
    assert named is not None
    assert named.what == "nộp trễ 4 ngày"
    assert happens(1, "X018") is None
    late = [event for n in range(1, 5) if (event := happens(n, "X030")) is not None]
    quiet = [event for n in range(1, 5) if (event := happens(n, "S20")) is not None]
    assert quiet == []
    for event in late:
        assert event.what in ("nộp trễ", "không nộp")
    kinds = [(e.round, e.unit) for e in EVENTS]
    assert all(one != other for one, other in combinations(kinds, 2))
