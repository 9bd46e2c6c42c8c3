"""What the commands left behind, held against what must be there: differences in Vietnamese."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from examples.year.plan import COUNTED, Expected
from examples.year.recount import FigureKey, Total, recount
from examples.year.truth import CRITERIA, INDICATORS, LEVEL_COLUMNS, RATIO

Plain = dict[str, Any]
_DERIVED = ("total", "by_level", "units", "missing", "not_applicable", "invalid")
_CRITERION_NUMBERS = {"r4": "4"} | {
    row: row.removeprefix("r").replace("_", ".") for row in CRITERIA
}


@dataclass(slots=True)
class Findings:
    """How many things were compared, by what they are, and every difference found."""

    compared: dict[str, int] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    def hold(self, what: str, name: str, must: object, found: object) -> None:
        """Compare one thing."""
        self.compared[what] = self.compared.get(what, 0) + 1
        if must != found:
            self.differences.append(f"{what} · {name}: phải là {must}, kết quả là {found}")

    def hold_all(self, what: str, must: Mapping[Any, object], found: Mapping[Any, object]) -> None:
        """Compare two tables: every key of either side must be on the other."""
        for key in sorted({*must, *found}, key=str):
            name = ".".join(filter(None, key)) if isinstance(key, tuple) else str(key)
            self.hold(what, name, must.get(key, "(không có)"), found.get(key, "(không có)"))

    def add(self, other: Findings, where: str) -> None:
        """Take over the findings of a part of the year."""
        for what, count in other.compared.items():
            self.compared[what] = self.compared.get(what, 0) + count
        self.differences += [f"{where} · {line}" for line in other.differences]


def number(value: object) -> Decimal | None:
    """A number of JSON or of a workbook, exactly as it is written there."""
    return None if value is None else Decimal(str(value))


def compare_merge(document: Plain, expected: Expected) -> Findings:
    """``result.json`` of a merge: totals, outcomes of files, findings, who is missing."""
    found = Findings()
    totals = {(t["data_set"], t["element"], t["column"]): _plain(t) for t in document["totals"]}
    must = {key: total.plain() for key, total in recount(expected).items()}
    for key in sorted({*must, *totals}):
        name = ".".join(filter(None, key))
        for part in _DERIVED:
            right = must[key][part] if key in must else "(không có)"
            left = totals[key][part] if key in totals else "(không có)"
            found.hold("số tổng", f"{name} {part}", right, left)
    outcomes = {_name(item): item["outcome"] for item in document["returns"]}
    found.hold_all("tệp", expected.outcomes, outcomes)
    counted = {name for name, outcome in outcomes.items() if outcome in COUNTED}
    templates = {_name(item): item["template"] for item in document["returns"]}
    said = {
        (item["unit"], templates[_name(item)], item["rule"])
        for item in document["findings"]
        if _name(item) in counted
    }
    found.hold_all(
        "điều được nêu", dict.fromkeys(expected.findings, True), dict.fromkeys(said, True)
    )
    found.hold("đơn vị chưa nộp", "danh sách", expected.missing, document["units"]["missing"])
    return found


def _plain(item: Plain) -> Plain:
    levels = {level: number(value) for level, value in item["by_level"].items()}
    return {
        **{part: item[part] for part in _DERIVED},
        "total": number(item["total"]),
        "by_level": {level: value for level, value in levels.items() if value is not None},
    }


def _name(item: Plain) -> str:
    return "/".join(filter(None, (item["file"], item["member"])))


def compare_summary(path: Path, expected: Expected) -> Findings:
    """The province's tables of the summary workbook, as a spreadsheet shows them."""
    found = Findings()
    book = load_workbook(path, data_only=True)
    totals = recount(expected)
    table = _table(book["Biểu 01 toàn tỉnh"], "MS")
    for element in INDICATORS:
        must = totals["pctn_01", element, "value"].total
        shown = table[element.removeprefix("c")]["SỐ LIỆU"]
        if element == RATIO and must is None:
            found.hold("ô của sổ tổng hợp", "MS 28", False, isinstance(shown, int | float))
            continue
        found.hold("ô của sổ tổng hợp", f"MS {element[1:]}", must, number(shown))
    table = _table(book["PL3-II toàn tỉnh"], "STT")
    heads = dict(zip(LEVEL_COLUMNS, ("Tổng số", "Cấp tỉnh", "Cấp huyện", "Cấp xã"), strict=True))
    for row, shown_as in _CRITERION_NUMBERS.items():
        for column, head in heads.items():
            total = totals.get(("cchc_pl3_2", row, column))
            if total is None or (row, column) == ("r5", "total"):
                continue
            shown = table[shown_as][head]
            right = total.total if isinstance(shown, int | float) else None
            if total.total is not None:
                right = total.total
            left = number(shown) if isinstance(shown, int | float) else None
            found.hold("ô của sổ tổng hợp", f"PL3-II {shown_as} {head}", right, left)
    book.close()
    return found


def _table(sheet: Any, first: str) -> dict[str, dict[str, Any]]:
    """Rows of an official table by their number, cells by the heading of their column."""
    lines = list(sheet.iter_rows())
    top = next(at for at, line in enumerate(lines) if first in {cell.value for cell in line})
    heads = {
        cell.column: str(cell.value)
        for line in lines[top : top + 2]
        for cell in line
        if isinstance(cell.value, str)
    }
    at = next(cell.column for cell in lines[top] if cell.value == first)
    rows: dict[str, dict[str, Any]] = {}
    for line in lines[top + 1 :]:
        label = next((str(cell.value) for cell in line if cell.column == at), "")
        rows.setdefault(
            label, {heads[cell.column]: cell.value for cell in line if cell.column in heads}
        )
    return rows


def compare_status(document: Plain, expected: Expected) -> Findings:
    """Where every return is, as ``consolidate status --json`` tells it."""
    found = Findings()
    states = {(item["unit"], item["template"]): item["state"] for item in document["returns"]}
    found.hold_all("báo cáo", expected.states, states)
    return found


def compare_diff(document: Plain, before: Expected, after: Expected) -> Findings:
    """What ``consolidate diff --json`` says has changed, and nothing else."""
    found = Findings()
    old, new = (dict(_levels(recount(item))) for item in (before, after))
    must = {
        key: (old.get(key), new.get(key)) for key in {*old, *new} if old.get(key) != new.get(key)
    }
    said = {
        (item["data_set"], item["element"], item["column"], item["level"] or ""): (
            number(item["before"]),
            number(item["after"]),
        )
        for item in document["figures"]
    }
    for key in [key for key, (left, right) in said.items() if left == right]:
        del said[key]  # As much from other units: the figure itself is the same.
    found.hold_all("số thay đổi", must, said)
    return found


def _levels(totals: Mapping[FigureKey, Total]) -> Iterator[tuple[tuple[str, ...], Decimal]]:
    for key, total in totals.items():
        if total.total is not None:
            yield (*key, ""), total.total
        for level, amount in total.by_level.items():
            yield (*key, level), amount


def compare_trace(document: Plain, expected: Expected, name: str) -> Findings:
    """Where ``consolidate trace --json`` says that a PCTN figure comes from, unit by unit."""
    found = Findings()
    must = {
        code: number(answers.cells[name])
        for (code, template), answers in expected.counted.items()
        if template == "pctn"
    }
    (figure,) = document["figures"]
    said = {
        line["unit"]: number(line["used"])
        for level in figure["levels"]
        for line in level["sources"]
    }
    found.hold_all("nguồn của số tổng", must, said)
    found.hold("nguồn của số tổng", "cộng lại", True, figure["adds_up"])
    return found
