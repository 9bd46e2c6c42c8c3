"""The template's sheet "Kiểm tra" says of every recipe what the check says, or the data says why.

``tests/recipes/agreement.toml`` holds what formulas cannot see: rules without a line, recipes with
texts where numbers or days belong, and recipes of which the two say different things, with exactly
what only one of them says. Of a recipe with texts, the answers that hold them and the rules that
ask for these are set aside; all numbers, blanks and marks x must be judged alike.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from consolidate.merge.read_files import check_bytes
from tests.library_2018 import library_2018
from tests.office.bridge import OpenOffice
from tests.office.live_sheet import PROBLEMS, READ, Live, headline_of
from tests.recipes.recipe import HERE, Recipe, built, recipes

ALL = recipes()
DATA = tomllib.loads((HERE / "agreement.toml").read_text(encoding="utf-8"))
UNSEEN = [rule for group in DATA["unseen"] for rule in group["rules"]]
TEXTS = {recipe for group in DATA["text"] for recipe in group["recipes"]}
DIFFERENT = {entry["recipe"]: entry for entry in DATA["different"]}


def asked() -> Iterator[Recipe]:
    """Recipes to be opened: of those of which the sheet sees nothing, one for each kind of file."""
    met = set()
    for recipe in ALL:
        rules = frozenset(finding["rule"] for finding in recipe.findings)
        if rules and rules <= set(UNSEEN) and recipe.name not in TEXTS | DIFFERENT.keys():
            if rules in met:
                continue
            met.add(rules)
        yield recipe


@pytest.mark.office
# From the last one: the ribbon's test builds the same workbooks from the first one meanwhile.
@pytest.mark.parametrize("recipe", [*asked()][::-1], ids=lambda recipe: recipe.name)
def test_sheet_and_check_agree(recipe: Recipe, bridge: OpenOffice, tmp_path: Path) -> None:
    data = built(recipe.name)
    path = tmp_path / "tệp.xlsx"
    path.write_bytes(data)
    sheets = bridge.recalculated(path, READ)
    reading = check_bytes(library_2018(), path.name, data)
    if reading.content is not None:
        assert _compared(Live(recipe, reading, sheets)) == {}


def _compared(live: Live) -> dict[str, object]:
    """What disagrees, beyond what the data says of the recipe."""
    told = DIFFERENT.get(live.recipe.name, {})
    aside: set[str] = set()
    if live.recipe.name in TEXTS:
        aside = live.texts
        assert aside, "this recipe types no text that is set aside"
    items, asked = live.items(aside), live.asked(UNSEEN, aside)
    found = {
        "sheet": sorted((Counter(items) - Counter(asked)).elements()),
        "check": sorted((Counter(asked) - Counter(items)).elements()),
        "headline": live.headline,
    }
    expected = {
        "sheet": list(told.get("sheet", ())),
        "check": list(told.get("check", ())),
        "headline": told.get("headline", headline_of(live.items())),
    }
    if not told:
        found["colours"], expected["colours"] = (
            live.colours(aside),
            live.asked_colours(UNSEEN, aside),
        )
    if not told and not aside:
        cells = {cell for finding in live.reading.findings for cell in finding.cells}
        sheets = tuple(f"{cell.sheet} " for cell in cells)
        links = live.links() - {cell.a1 for cell in cells}
        found["links"] = sorted(link for link in links if not link.startswith(sheets))
        expected["links"] = []
    return {
        key: {"is": found[key], "told": expected[key]}
        for key in found
        if found[key] != expected[key]
    }


def test_nothing_is_left_out_without_need() -> None:
    """Rules without a line are met, have none, and are told of once; so are recipes."""
    met = {finding["rule"] for recipe in ALL for finding in recipe.findings}
    assert sorted(set(UNSEEN)) == sorted(UNSEEN)
    assert [rule for rule in UNSEEN if rule not in met] == []
    with_line = {f"value.{name}" for name in PROBLEMS} | {
        f"{data_set.code}.{rule.id}"
        for data_set in library_2018().data_sets
        for rule in data_set.rules
    }
    assert with_line & set(UNSEEN) == set()
    names = [entry["recipe"] for entry in DATA["different"]]
    assert sorted(set(names)) == sorted(names)
    assert set(names) <= {recipe.name for recipe in ALL}
    listed = [recipe for group in DATA["text"] for recipe in group["recipes"]]
    assert sorted(set(listed)) == sorted(listed)
    assert set(listed) <= {recipe.name for recipe in ALL}
    for entry in (*DATA["unseen"], *DATA["text"], *DATA["different"]):
        assert entry["reason"].strip()
    for entry in DATA["different"]:
        assert {"sheet", "check", "headline"} & set(entry), entry["recipe"]
