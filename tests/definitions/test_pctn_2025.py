"""The pack of Thông tư 06/2025/TT-TTCP: its forms as printed, its rules, its mapping, in full."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

import consolidate.definitions as definitions
from consolidate.definitions.loader import shipped_library
from consolidate.model.period import Period
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template

PRINTED = Path(__file__).parents[1] / "data" / "tt06-2025"
PACKS = Path(definitions.__file__).parent / "packs"
DATA_SETS = ("pctn_01", "pctn_02", "pctn_03", "pctn_tm")
STOCK = {"33", "34", "35", "39", "87", "88", "101"}
BANK = {"38", "39"}

CASES = (48, 50, 52, 54, 56, 58, 60, 62, 66, 68, 70, 72, 74)
_ROUTES = " + ".join(f"m{number}" for number in CASES)
_PEOPLE = " + ".join(f"m{number + 1}" for number in CASES)
SUMS = {"33": "34 35", "43": "43_1 43_2", "82": "82_1 82_2 82_3", "84": "84_1 84_2 84_3 84_4",
        "91": "91_1 91_2", "92": "92_1 92_2"}  # fmt: skip
PARTS = ((8, 7), (65, 64), (66, 65), (102, 101), (106, 105), (21, 20), (22, 20), (24, 23), (32, 31),
         (41, 40), (81, 80), (82, 80), (103, 102), (108, 107))  # fmt: skip
TOGETHER = (4, 12, 19, 27, 48, 50, 52, 54, 56, 58, 60, 62, 66, 68, 70, 72, 74, 83, 85, 87, 95, 97,
            99, 104)  # fmt: skip
"""Figures that are there with the next one or not at all."""
RULES = {
    **{
        f"m{whole} == " + " + ".join(f"m{part}" for part in parts.split()): "error"
        for whole, parts in SUMS.items()
    },
    "m15 <= m14": "error",
    "m52a <= m52": "error",
    "m53a <= m53": "error",
    "m95 <= m44 + m46": "error",
    "m96 <= m45 + m47": "error",
    **{f"m{part} <= m{whole}": "warning" for part, whole in PARTS},
    "m91 + m93 <= m89": "warning",
    "m92 + m94 <= m90": "warning",
    "m97 + m99 <= m95": "warning",
    "m98 + m100 <= m96": "warning",
    f"m44 + m46 <= {_ROUTES}": "warning",
    f"m45 + m47 <= {_PEOPLE}": "warning",
    f"{_ROUTES} <= m44 + m46": "info",
    f"{_PEOPLE} <= m45 + m47": "info",
    **{f"iff(m{one} > 0, m{one + 1} > 0)": "warning" for one in TOGETHER},
    "implies(m37 > 0, m36 > 0)": "warning",
    "implies(m19 > 0, m18 > 0)": "warning",
    "implies(m23 > 0, m19 > 0)": "warning",
    "implies(m9 > 0, m7 > 0)": "warning",
    "implies(m89 + m90 > 0, m44 + m46 > 0)": "warning",
    "count(pctn_02) == m44 + m46": "warning",
}
"""Every relation of the labels of Biểu 01; 0 ≤ 39 ≤ 100 are the bounds of its answer."""


@cache
def read(name: str, pack: str = "pctn-2025") -> dict[str, Any]:
    return tomllib.loads((PACKS / pack / f"{name}.toml").read_text(encoding="utf-8"))


def elements(name: str, pack: str = "pctn-2025") -> list[dict[str, Any]]:
    return [item for item in read(name, pack)["body"] if "code" in item]


def printed(name: str) -> list[list[str]]:
    with (PRINTED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_bieu_01_is_the_printed_one() -> None:
    with (PRINTED / "bieu-01-pctn.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 150
    for row, item in zip(rows, read("pctn_01")["body"], strict=True):
        if "code" not in item:
            assert item == {row["kind"]: row["label_vi"]}
            continue
        assert item["code"] == f"m{row['ms'].replace('.', '_')}"
        number = row["ms"] if row["kind"] == "indicator" else None  # 52a and 53a are not printed.
        found = (item.get("number"), item["label"], item["unit"])
        assert found == (number, row["label_vi"], row["unit_vi"])
    assert Counter(row["kind"] for row in rows) == {
        "section": 9, "subsection": 18, "indicator": 121, "breakdown": 2,
    }  # fmt: skip


def test_kinds_of_answers_of_bieu_01() -> None:
    kinds = {"Triệu đồng": "money", "m²": "area", "%": "percentage"}
    for item in elements("pctn_01"):
        number = item.get("number", "")
        assert item["type"] == kinds.get(item["unit"], "count")
        assert item.get("cumulative", True) is (number not in STOCK), number
        assert item.get("applies_to") == (["bank"] if number in BANK else None)
        assert item.get("indent", 0) == int("." in number or not number)
        assert item["required"] == ["value"]
    share = next(item for item in elements("pctn_01") if item["code"] == "m39")
    assert (share["aggregation"], share["maximum"]) == ("none", 100)


def test_columns_of_the_lists_are_the_printed_ones() -> None:
    assert [item["label"] for item in elements("pctn_02")] == printed("bieu-02-pctn.csv")[0][1:]
    top, below, numbers = (row[1:] for row in printed("bieu-03-pctn.csv")[:3])
    found = elements("pctn_03")
    assert [item["number"] for item in found] == numbers
    labels = [one if other == "^" else other for one, other in zip(top, below, strict=True)]
    assert [item["label"] for item in found] == labels
    grouped = [item["label"] for item in found if item.get("group") == "Kết quả khắc phục"]
    assert grouped == [other for other in below if other != "^"]
    assert [item["code"] for item in found if item["type"] == "mark"] == ["fixed", "unfixed"]


def outline() -> Iterator[tuple[str, str]]:
    """Lines of the outline by kind: part, item, answer, guidance."""
    lines = (PRINTED / "mau-03-outline.txt").read_text(encoding="utf-8").splitlines()
    part = ""
    for line in lines[4:]:
        if line.startswith("(Kèm theo Biểu"):
            return
        if re.match(r"[IV]+\. ", line):
            part = line.split(".")[0]
            yield "section", line
        elif re.match(r"\d\. ", line) and part != "III":
            yield "subsection", line
        elif re.match(r"(\w\)|\d\.) ", line):
            yield "label", line.split(" ", 1)[1].removesuffix("./.")
        else:
            yield "guidance", line


def test_the_outline_is_the_printed_one() -> None:
    found: list[tuple[str, str]] = []
    for item in read("pctn_tm")["body"]:
        lines = [("guidance", line) for line in item.get("guidance", "").splitlines()]
        kind = next(kind for kind in ("section", "subsection", "label") if kind in item)
        # What I.3 says before its items stands with the first of them.
        lead = lines if item.get("code") == "i3a" else []
        found += [*lead, (kind, item[kind]), *(lines if not lead else [])]
    assert found == list(outline())
    answers = elements("pctn_tm")
    assert len(answers) == 43
    assert {item["type"] for item in answers} == {"text"}
    numbers = [item["number"] for item in answers]
    assert len(set(numbers)) == 43
    assert Counter(number.split(".")[0] for number in numbers) == {
        "I": 28, "II": 4, "III": 4, "IV": 7,
    }  # fmt: skip
    narrower = {item["number"]: item["periods"] for item in answers if "periods" in item}
    assert set(narrower) == {number for number in numbers if number.startswith("II.")}
    assert set(map(tuple, narrower.values())) == {("6M", "9M", "Y")}
    assert read("pctn_tm")["periods"] == ["Q1", "6M", "9M", "Y"]


def rules(name: str) -> dict[str, str]:
    return {rule["expression"]: rule["severity"] for rule in read(name).get("rules", ())}


def test_every_relation_is_a_rule() -> None:
    assert rules("pctn_01") == RULES
    assert len(read("pctn_01")["rules"]) == len(RULES)
    assert rules("pctn_03") == {
        "exactly_one(filled(fixed), filled(unfixed))": "error",
        "iff(filled(cause), filled(unfixed))": "error",
    }
    assert rules("pctn_tm") == {}
    asked = shipped_library().packs.by_code["pctn-2025"].data_sets[-1].elements
    assert all(element.required for element in asked)


def test_rules_name_what_is_there() -> None:
    for name in DATA_SETS:
        codes = {item["code"] for item in elements(name)} | {"value", *DATA_SETS}
        for rule in read(name).get("rules", ()):
            named = set(re.findall(r"\b[a-z]\w*\b(?!\()", rule["expression"]))
            assert named <= codes, rule["id"]


def whole(names: Iterable[str]) -> list[str]:
    """Elements; a data set alone stands for all of its own."""
    return [
        element
        for name in names
        for element in (
            [name] if "." in name else [f"{name}.{item['code']}" for item in elements(name)]
        )
    ]


def test_the_mapping_covers_every_element_once() -> None:
    replaces = read("pack")["replaces"]
    mapped: dict[str, str] = replaces["elements"]
    old = [
        f"{code}.{item['code']}"
        for code in ("pctn_01", "pctn_02")
        for item in elements(code, replaces["pack"])
    ]
    assert sorted([*mapped, *replaces["ended"]]) == sorted(old)
    into = [target for value in mapped.values() for target in value.removeprefix("~").split()]
    assert sorted([*into, *whole(replaces["new"])]) == sorted(whole(DATA_SETS))


def test_figures_that_mean_the_same() -> None:
    mapped = read("pack")["replaces"]["elements"]
    exact = {key: value for key, value in mapped.items() if "~" not in value}
    pairs = {1: 1, 2: 2, 5: 6, 6: 14, 7: 15, 8: 16, 12: 20, 14: 22, 15: 23, 16: 24, 17: 27, 18: 28,
             20: 26, 21: 32, 22: 41}  # fmt: skip
    assert exact == {f"pctn_01.c{one}": f"pctn_01.m{other}" for one, other in pairs.items()}
    assert mapped["pctn_01.c31"] == "~ pctn_01.m56 pctn_01.m58"


def test_packages_windows_and_tiles() -> None:
    pack = read("pack")
    named = {code for package in pack["packages"] for code in package["data_sets"]}
    assert named == set(DATA_SETS)
    for package in pack["packages"]:
        for code in package["data_sets"]:
            assert set(package["periods"]) <= set(read(code)["periods"])
    assert {kind for p in pack["packages"] if p.get("summed") is False for kind in p["kinds"]} == {
        "police", "procuracy", "court", "enforcement", "front", "bank", "vertical",
    }  # fmt: skip
    assert set(pack["windows"]) == set(read("pctn_01")["periods"])
    for period, parts in pack["tiles"].items():
        first, last = (pack["windows"][part] for part in parts)
        assert pack["windows"][period] == {"from": first["from"], "to": last["to"]}
    assert (pack["due"]["unit"]["day"], pack["due"]["province"]["day"]) == (17, 20)


def test_a_workbook_of_every_round_can_be_built() -> None:
    for code in ("2026-Q1", "2026-6M", "2026-9M", "2026-Y"):
        library = shipped_library().at(Period.parse_code(code))
        book = load_workbook(io.BytesIO(build_template(library, "pctn", Prefill())))
        assert "Mẫu 03" in book.sheetnames
