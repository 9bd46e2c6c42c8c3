"""Defects as data: steps on a freshly built and filled template, and what must be found.

A recipe is a table of a ``*.toml`` beside this file. Places are named by the defined name of the
cell (``pctn_01.c3``), by row and column of an open table (``pctn_02.2.name``), both with an
optional shift in rows (``pctn_01.c3+1``), or by a plain address (``Biểu 01!G14``).
"""

from __future__ import annotations

import io
import re
import tomllib
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries
from openpyxl.workbook import Workbook

from consolidate.model.cells import column_letters
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from tests.library_2018 import library_2018
from tests.recipes.steps import PACKAGE_STEPS, STEPS
from tests.saved import packed, parts_of
from tests.shared import shared

HERE = Path(__file__).parent
WINDOW = (date(2017, 11, 6), date(2018, 8, 28))
COVER: dict[str, Any] = {
    "cover.unit_name": "Sở Nội vụ",
    "cover.unit_code": "S02",
    "cover.level": "Cấp tỉnh",
    "cover.period_type": "9 tháng đầu năm",
    "cover.period_year": 2018,
    "cover.window_from": WINDOW[0],
    "cover.window_to": WINDOW[1],
    "cover.revision": 1,
}
_PLACE = re.compile(r"(?P<name>[^+!]+)(?:\+(?P<shift>\d+))?")


@dataclass(frozen=True)
class Recipe:
    """One defect: how to make it, and exactly what the check says of the file."""

    name: str
    template: str = "pctn"
    values: Mapping[str, Any] = field(default_factory=dict)
    blank: tuple[str, ...] = ()
    rows: Mapping[str, Any] = field(default_factory=dict)
    windows: Mapping[str, str] = field(default_factory=dict)
    stamp: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[Mapping[str, Any], ...] = ()
    reason: str = ""
    cached: Mapping[str, str] = field(default_factory=dict)
    read: Mapping[str, str] = field(default_factory=dict)
    how: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Mapping[str, Any], ...] = ()

    def build(self) -> bytes:
        """The returned workbook with its defect."""
        values = {**clean_values(self.template), **self.values}
        for name in self.blank:
            values.pop(name, None)
        prefill = Prefill(values=values, rows=self.rows, windows=self.windows, **self.stamp)
        data = _filled(self.template, prefill)
        if not self.steps:
            return data
        of_book = [dict(step) for step in self.steps if step["do"] in STEPS]
        of_package = [dict(step) for step in self.steps if step["do"] not in STEPS]
        if of_book:
            book = load_workbook(io.BytesIO(data))
            for arguments in of_book:
                STEPS[arguments.pop("do")](book, **arguments)
            target = io.BytesIO()
            book.save(target)
            data = target.getvalue()
        data = self._with_values(data)
        parts = parts_of(data)
        for arguments in of_package:
            PACKAGE_STEPS[arguments.pop("do")](parts, **arguments)
        return packed(parts)

    def _with_values(self, data: bytes) -> bytes:
        """The workbook with values of formulas as Excel saves them; openpyxl writes none."""
        for place, value in self.cached.items():
            sheet, address = self.cell(place)
            number = load_workbook(io.BytesIO(data)).sheetnames.index(sheet) + 1
            target = io.BytesIO()
            with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
                for entry in old.infolist():
                    content = old.read(entry)
                    if entry.filename == f"xl/worksheets/sheet{number}.xml":
                        blank = rf'(<c r="{address}"[^>]*><f>[^<]*</f>)<v></v>'.encode()
                        content, count = re.subn(blank, rf"\1<v>{value}</v>".encode(), content)
                        assert count == 1, place
                    new.writestr(entry, content)
            data = target.getvalue()
        return data

    def cell(self, place: str) -> tuple[str, str]:
        """Sheet and address of a place in the template before any step."""
        if "!" in place:
            sheet, _, address = place.partition("!")
            return sheet, address
        match = _PLACE.fullmatch(place)
        assert match is not None, place
        sheet, column, row = _named(self.template, match.group("name"))
        return sheet, f"{column}{row + int(match.group('shift') or 0)}"


def clean_values(template: str) -> dict[str, Any]:
    """Answers of a return that keeps every rule."""
    values = dict(COVER)
    if template == "pctn":
        elements = library_2018().by_code["pctn_01"].elements
        values |= {f"pctn_01.{element.code}": 0 for element in elements if element.number}
        values |= {"pctn_01.c3": 1, "pctn_01.c4": 1, "pctn_01.c28": "26/26"}
        return values
    values["cover.period_type"] = "Quý III"
    parts = {"total": 6, "province": 1, "district": 2, "commune": 3}
    for row in ("r1", "r2", "r3", "r5", "r5_1", "r5_2", "r5_3"):
        values |= {f"cchc_pl3_2.{row}.{column}": value for column, value in parts.items()}
    values |= {f"cchc_pl3_2.r5_4.{column}": 0 for column in parts}
    values["cchc_pl3_2.r5.total"] = "6/6"
    values["cchc_pl3_2.r4.district"] = 2
    return values


def _filled(template: str, prefill: Prefill) -> bytes:
    """The template as a unit fills it in; what is done to it later differs more often."""
    key = f"{template} {prefill!r}"
    if key not in _FILLED:
        _FILLED[key] = build_template(library_2018(), template, prefill)
    return _FILLED[key]


_FILLED: dict[str, bytes] = {}


@cache
def _blank_book(template: str) -> Workbook:
    return load_workbook(io.BytesIO(build_template(library_2018(), template, Prefill())))


def named_area(template: str, name: str) -> tuple[int, int, int, int]:
    """Left, top, right and bottom (from 1) of a defined name of a template."""
    area = _blank_book(template).defined_names[name].attr_text.rpartition("!")[2]
    return range_boundaries(area.replace("$", ""))


def _named(template: str, name: str) -> tuple[str, str, int]:
    """Sheet, column letters and row of a defined name, or of a cell of an open table."""
    book = _blank_book(template)
    parts = name.split(".")
    if len(parts) == 3 and parts[1].isdigit():
        sheet, _, row = _named(template, f"{parts[0]}.rows")
        codes = [cell.value for cell in book[sheet][1]]
        return sheet, column_letters(codes.index(parts[2])), row + int(parts[1]) - 1
    sheet, _, address = book.defined_names[name].attr_text.partition("!")
    match = re.match(r"\$([A-Z]+)\$(\d+)", address)
    assert match is not None, address
    return sheet.strip("'").replace("''", "'"), match.group(1), int(match.group(2))


@cache
def built(name: str) -> bytes:
    """The workbook of a recipe, made once."""
    (recipe,) = (recipe for recipe in recipes() if recipe.name == name)
    return shared(f"recipe {name}", recipe.build)


@cache
def recipes() -> list[Recipe]:
    """All recipes of this folder."""
    return [
        Recipe(**{key: _frozen(value) for key, value in table.items()})
        for path in sorted(HERE.glob("*.toml"))
        for table in tomllib.loads(path.read_text(encoding="utf-8")).get("recipe", ())
    ]


def first_of_each(among: Iterable[Recipe]) -> list[Recipe]:
    """Recipes with a finding, or a reason of a refusal, that none before them has; a clean one."""
    chosen: list[Recipe] = []
    met: set[tuple[str, str]] = set()
    for recipe in among:
        kinds = {(finding["rule"], finding["severity"]) for finding in recipe.findings}
        kinds = kinds or {(recipe.reason, "")}
        if kinds - met:
            chosen.append(recipe)
            met |= kinds
    return chosen


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
