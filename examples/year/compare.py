"""Compare the results of the commands with what is expected; differences are in Vietnamese."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from examples.year.page_rules import Broken, RuleKey, answered, broken
from examples.year.plan import COUNTED, Expected
from examples.year.province import LEVELS
from examples.year.recount import FigureKey, Total, held, recount
from examples.year.workbooks import Sheet

Plain = dict[str, Any]
_COUNTS = ("units", "missing", "not_applicable", "held", "invalid")
_NOTHING = "(không có)"


@dataclass(slots=True)
class Findings:
    """How many things were compared, by what they are, and every difference found."""

    compared: dict[str, int] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    def hold(self, what: str, name: str, must: object, found: object) -> None:
        """Compare one thing."""
        self.compared[what] = self.compared.get(what, 0) + 1
        if must != found:
            line = f"{what} · {name}: phải là {shown(must)}, kết quả là {shown(found)}"
            self.differences.append(line)

    def hold_all(self, what: str, must: Mapping[Any, object], found: Mapping[Any, object]) -> None:
        """Compare two tables: every key of either side must be on the other."""
        for key in sorted({*must, *found}, key=str):
            name = ".".join(filter(None, key)) if isinstance(key, tuple) else str(key)
            self.hold(what, name, must.get(key, _NOTHING), found.get(key, _NOTHING))

    def add(self, other: Findings, where: str) -> None:
        """Take over the findings of a part of the year."""
        for what, count in other.compared.items():
            self.compared[what] = self.compared.get(what, 0) + count
        self.differences += [f"{where} · {line}" for line in other.differences]


def shown(value: object) -> str:
    """A value in a line about a difference: numbers as they are written, not as 1E+3."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def number(value: object) -> Decimal | None:
    """A number of JSON or of a workbook, exactly as it is written there."""
    return None if value is None else Decimal(str(value))


def compare_merge(document: Plain, expected: Expected) -> Findings:
    """``result.json`` of a merge: totals, outcomes of files, findings, who is missing."""
    found = Findings()
    totals = {(t["data_set"], t["element"], t["column"]): t for t in document["totals"]}
    must = recount(expected)
    found.hold_all(
        "số tổng",
        {name: value for key in must for name, value in _right(key, must[key])},
        {name: value for key in totals for name, value in _found(key, totals[key])},
    )
    found.hold_all(
        "số của loại đơn vị, cơ quan cấp trên",
        {(*key, name): n for key in must for name, n in must[key].by_group.items()},
        {name: n for key in totals for name, n in _groups(key, totals[key])},
    )
    found.hold_all(
        "số đơn vị",
        {(*key, n): v for key in must for n, v in answered(expected, key, must[key]).items()},
        {(*key, n): totals[key]["answered"][n] for key in totals for n in _ANSWERED},
    )
    found.hold_all(
        "quy tắc của biểu", broken(expected, must), dict(map(_broken, document["contradictions"]))
    )
    undecided = {(item["unit"], item["element"]): True for item in document["undecided"]}
    found.hold_all("số chờ quyết định", dict.fromkeys(held(expected), True), undecided)
    outcomes = {_name(item): item["outcome"] for item in document["returns"]}
    found.hold_all("tệp", expected.outcomes, outcomes)
    late = {unit for (unit, _), state in expected.states.items() if state == "late"}
    found.hold("đơn vị nộp trễ", "", sorted(late), document["units"]["late"])
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
    found.hold("danh sách chưa nộp", "đơn vị", expected.missing, document["units"]["missing"])
    return found


_ANSWERED = (
    "expected", "reported", "blank", "crossed", "unreadable", "held", "lacking", "absent", "extra",
)  # fmt: skip


def _broken(item: Plain) -> tuple[RuleKey, Broken]:
    """A rule that totals break, as ``result.json`` tells it."""
    units = {part["unit"]: Decimal(str(part["gap"])) for part in item["units"]}
    left, right = (Decimal(str(item[side])) for side in ("left", "right"))
    group = f"{item['axis']}:{item['group']}" if item["group"] else ""
    return (item["rule"], item["row"], item["level"] or group), Broken(left, right, units)


def _groups(key: FigureKey, item: Plain) -> Iterator[tuple[tuple[str, ...], Decimal]]:
    """Totals of kinds of unit and superiors, by the names of the recount."""
    for axis in ("kind", "parent"):
        for name, total in item[f"by_{axis}"].items():
            if total is not None:
                yield (*key, f"{axis}:{name}"), Decimal(str(total))


def _right(key: FigureKey, total: Total) -> Iterator[tuple[tuple[str, ...], object]]:
    """A total, its parts by level and the answers it is made of, each with a name."""
    yield (*key, "total"), total.total
    for level in LEVELS:
        yield (*key, level), total.by_level.get(level)
    for name, count in zip(_COUNTS, (*total.counts, 0), strict=True):
        yield (*key, name), count


def _found(key: FigureKey, item: Plain) -> Iterator[tuple[tuple[str, ...], object]]:
    """The same of ``result.json``."""
    yield (*key, "total"), number(item["total"])
    for level in LEVELS:
        yield (*key, level), number(item["by_level"][level])
    for name in _COUNTS:
        yield (*key, name), item[name]


def _name(item: Plain) -> str:
    return "/".join(filter(None, (item["file"], item["member"])))


def table_of(sheet: Sheet, first: str) -> dict[str, dict[str, Any]]:
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
        key: f"{shown(old.get(key))} → {shown(new.get(key))}"
        for key in {*old, *new}
        if old.get(key) != new.get(key)
    }
    said = {
        (item["data_set"], item["element"], item["column"], item["level"] or ""): (
            f"{shown(number(item['before']))} → {shown(number(item['after']))}"
        )
        for item in document["figures"]
        if item["before"] != item["after"]  # Else as much as before, from other units.
    }
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
