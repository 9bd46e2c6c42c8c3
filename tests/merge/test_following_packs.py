"""A pack that follows another in mid-year: what is subtracted, what only stands side by side."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openpyxl import load_workbook

from consolidate.definitions.catalogue import text
from consolidate.definitions.loader import shipped_library
from consolidate.merge.earlier_periods import Past
from consolidate.model.corrections import Adjustment, Corrections
from consolidate.model.data_values import ValueKey
from consolidate.province.own_forms import library_in
from tests.merge.following import NINE, SIX, UNITS, YEAR, forms, province, send
from tests.merge.province import Merged, Province

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "result.schema.json").read_text(encoding="utf-8")
)
FORMS = forms()
FIRST = ("A", "D", "B", "C", "G")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Province, Merged]:
    """Six months on the old forms, nine months on the new ones."""
    here = province(tmp_path_factory.mktemp("packs") / "tỉnh", FORMS)
    for own, code in enumerate(FIRST, 1):  # No two files are alike.
        send(here, FORMS, SIX, code, so=[10, 20, 30, 4, 5, own])
    here.merge(SIX, "2026-06-20")
    for own, code in enumerate(FIRST, 1):
        # n1 adds up: 10 + 2; n2 fell, n3 and n4 share what was one; n5 was two: 4 + 5, + 1.
        quarter, now = [2, 1, 1, 1, 1, 0, own, 3], [12, 5, 8, 9, 10, 0, own, 1]
        if code == "D":
            now[0], now[4] = 9, 12
        send(here, FORMS, NINE, code, so_q=quarter, so=now)
    return here, here.merge(NINE, "2026-09-20")


def compared(merged: Merged, against: str = "previous") -> dict[str, tuple[Any, ...]]:
    return {
        item["element"]: tuple(
            item.get(key) for key in ("now", "then", "difference", "obstacle", "formers")
        )
        for item in merged.document["comparison"]
        if (item["data_set"], item["against"]) == ("so", against)
    }


def test_only_what_means_the_same_is_subtracted(made: tuple[Province, Merged]) -> None:
    _, nine = made
    jsonschema.Draft202012Validator(SCHEMA).validate(nine.document)
    assert compared(nine) == {
        "n1": (57, 50, 7, "", ["so.o1"]),
        "n2": (25, 100, None, "wider", ["so.o2"]),
        "n3": (40, 150, None, "divided", ["so.o3"]),
        "n4": (45, 150, None, "divided", ["so.o3"]),
        "n5": (52, 45, 7, "", ["so.o4", "so.o5"]),
        "n6": (0, None, None, "new_element", None),
        "n7": (15, None, None, "new_element", None),
        "n8": (5, None, None, "new_element", None),
    }
    (base,) = (
        item
        for item in nine.document["compared_with"]
        if (item["data_set"], item["against"]) == ("so", "previous")
    )
    assert (base["pack"], base["mapped"], base["run"]) == ("thu-cu", True, 1)
    ended = [(item["figure"], item["caption"], item["then"]) for item in base["ended"]]
    assert ended == [("so.o6", "MS 16", 15)]


def test_history_and_tiles_judge_what_means_the_same(made: tuple[Province, Merged]) -> None:
    _, nine = made
    told = [item for item in nine.findings() if item[1].startswith(("history", "so.tile"))]
    assert told == [
        ("D", "history.cumulative_drop", "error", "n1", "9", "≥ 10"),
        ("D", "so.tile_n1", "warning", "n1", "9", "12"),
        ("D", "so.tile_n5", "warning", "n5", "12", "10"),
    ]
    tiles = {
        item["element"]: (item["severity"], item["gap"], item["units"], item["broken"])
        for item in nine.document["tiles"]
    }
    assert tiles == {"n1": ("warning", -3, 5, ["D"]), "n5": ("warning", 2, 5, ["D"])}
    assert text("cli.summary.untiled", count=2) in nine.said
    (overview, *_) = load_workbook(io.BytesIO(nine.files["tong-hop-9-thang-2026.xlsx"]))
    said = text("summary.tile.overview", count=2, pages="So sánh Biểu 1 9 tháng")
    assert said in {cell.value for row in overview.iter_rows() for cell in row}


@pytest.mark.wording
def test_the_sheet_marks_and_lists(made: tuple[Province, Merged]) -> None:
    here = made[0].workspace.results / "tong-hop-9-thang-2026.xlsx"
    sheet = load_workbook(here, data_only=True)["So sánh Biểu 1 9 tháng"]
    rows = {str(cell.value): cell.row for cell in sheet["A"] if cell.value}
    told = {
        number: [cell.value for cell in sheet[rows[number]]][3:10]
        for number in ("1", "2", "3", "5", "6", "16")
    }
    assert told["1"][:4] == [57, 50, 7, 10]
    assert told["2"] == [25, 100, "≈ nghĩa rộng hơn", None, None, None, "Số cũ là của MS 12."]
    assert told["3"] == [40, 150, "≈ chỉ là một phần", None, None, None, "Số cũ là của MS 13."]
    assert told["5"][:4] == [52, 45, 7, 5]
    assert told["5"][6].startswith("Số cũ là của MS 14 + MS 15.")
    assert told["6"] == [0, "chỉ tiêu mới", None, None, None, None, None]
    assert told["16"] == [None, 15, None, None, None, None, "Không còn trong biểu này."]


def test_what_units_explain_is_no_accusation(made: tuple[Province, Merged]) -> None:
    here, _ = made
    key = ValueKey("so", "n4", "value")
    early = Adjustment("D1", NINE, "A", key, "20", "TTT", NINE.last_day, "x")
    with here.register() as register:
        register.add_corrections(Corrections((early,)))
    quarter = [0, 0, 0, 0, 0, 0, 0, 1]
    send(here, FORMS, YEAR, "A", so_q=quarter, so=[12, 5, 9, 9, 10, 0, 1, 9])
    send(here, FORMS, YEAR, "BC", so_q=quarter, so=[24, 10, 16, 18, 27, 0, 7, 9])
    send(here, FORMS, YEAR, "N", so_q=quarter, so=[0, 4, 0, 0, 0, 0, 0, 9])
    year = here.merge(YEAR, "2026-11-20")
    tiles = {
        item["element"]: (
            item["severity"], item["gap"], item["units"], item["broken"], item["explained"]
        )
        for item in year.document["tiles"]
    }  # fmt: skip
    gone = {"absent": ["D"], "gone": ["G"]}
    assert tiles == {
        "n1": ("info", -21, 2, [], gone),
        "n2": ("info", -6, 2, [], {"new": ["N"], **gone}),
        "n3": ("warning", -15, 2, ["A"], gone),
        "n4": ("info", -18, 2, [], {"restated": ["A"], **gone}),
        "n5": ("info", -15, 2, [], {"joined": ["BC"], **gone}),
        "n7": ("info", -7, 2, [], gone),
    }  # n6 adds up, n8 is left out by its definition.
    jsonschema.Draft202012Validator(SCHEMA).validate(year.document)


def test_a_form_shows_beside_its_cells_what_means_the_same(made: tuple[Province, Merged]) -> None:
    here, _ = made
    library = library_in(shipped_library(), here.workspace.root).at(NINE)
    with here.register() as register:
        past = Past(register, library, None, Corrections(), NINE)
        assert past.answers(UNITS["A"], "thu", SIX) == {"so.n1": 10, "so.n5": 9}


def test_packs_that_nothing_ties_are_not_compared(tmp_path: Path) -> None:
    texts = forms(mapping="", tiles="")
    here = province(tmp_path / "tỉnh", texts)
    send(here, texts, SIX, "A", so=[10, 20, 30, 4, 5, 6])
    here.merge(SIX, "2026-06-20")
    send(here, texts, NINE, "A", so_q=[1] * 8, so=[1, 1, 1, 1, 1, 0, 7, 1])
    nine = here.merge(NINE, "2026-09-20")
    assert compared(nine) == {}
    (base,) = (
        item
        for item in nine.document["compared_with"]
        if (item["data_set"], item["against"]) == ("so", "previous")
    )
    assert (base["pack"], base["mapped"], base["ended"]) == ("thu-cu", False, [])
    assert [item[1] for item in nine.findings() if "tile" in item[1] or "drop" in item[1]] == []
    assert "tiles" not in base
    assert nine.document["tiles"] == []
    jsonschema.Draft202012Validator(SCHEMA).validate(nine.document)
