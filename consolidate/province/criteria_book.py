"""A province's workbook of criteria as a pack: a form to assess oneself, a list of evidence.

One row per criterion below the headings of :data:`consolidate.province.book_columns.CRITERIA`.
``A.1.2`` is a part of ``A.1`` unless the row names another. What follows from the tree becomes
rules: a section is the sum of its parts, points need evidence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from consolidate.definitions.catalogue import text
from consolidate.definitions.loader import PACK
from consolidate.definitions.toml_lines import Entry, TomlSource
from consolidate.model.cells import CellRef, raw_text
from consolidate.model.reasons import Reason, UserError, because
from consolidate.model.text import tidy
from consolidate.province.book_columns import CRITERIA
from consolidate.province.form_book import PACK_SHEET, source_at
from consolidate.province.kept_fields import Table, TableRow, find_table, read_table, sheets_of
from consolidate.templates.file_names import slug

_YEAR = re.compile(r"(.*?)[-_]?(20\d\d)")
_BASIS = re.compile(r"quyết định|kế hoạch số|thông tư|công văn", re.IGNORECASE)
_PERIOD = "Y"
_WHOLE = 100
"""Points of all criteria of an assessment together, where no line above the table says another."""
_MOST = 1000
"""A maximum that no criterion reaches."""
_TOTAL = re.compile(r"tổng (?:số )?điểm(?: tối đa)?\s*:?\s*(\d+(?:[.,]\d+)?)\b", re.IGNORECASE)


def has_criteria(path: Path) -> bool:
    """Tell whether a workbook has a table of criteria, and is none of forms.

    Raises:
        UserError: it cannot be opened.
    """
    sheets = sheets_of(path, because(CRITERIA.unreadable, file=path.name))
    return PACK_SHEET not in sheets and find_table(sheets.values(), CRITERIA) is not None


@dataclass(frozen=True, slots=True)
class _Criterion:
    number: str
    code: str
    label: str
    maximum: Decimal
    parent: str
    guidance: str
    place: str
    places: dict[str, str]


def read_criteria(path: Path, folder: str) -> dict[str, TomlSource]:
    """Read a workbook of criteria into the definitions of a pack, by name (``<folder>/…``).

    The pack has the name of the file for a code (``danh-gia-huyen-2024.xlsx``), and serves the year
    that it ends with. The place of a fault of the linter is a cell of the workbook.

    Raises:
        UserError: it cannot be read, or rows have faults.
    """
    table = read_table(path, CRITERIA)
    code = slug(path.stem)
    year = _YEAR.fullmatch(code)
    problems: list[Reason] = [] if year is not None else [because("criteria.no_year")]
    criteria = _criteria(table, problems)
    whole = sum(item.maximum for item in criteria if not item.parent)
    above = [tidy(raw_text(cell)) for row in table.above for cell in row if tidy(raw_text(cell))]
    told = next((found[1] for line in above if (found := _TOTAL.search(line))), str(_WHOLE))
    points = Decimal(told.replace(",", "."))
    if not problems and whole != points:
        values = {"sum": whole, "whole": points}
        place = criteria[0].places["maximum"]
        problems.append(because("criteria.whole", place=place, **values))
    if problems or year is None:
        raise UserError(tuple(problems))
    family = year[1].replace("-", "_") or "danh_gia"
    title = next((line for line in above if line.isupper()), above[0] if above else code)
    basis = next((line.strip("()") for line in above if _BASIS.search(line)), title)
    form, proofs = f"{family}_dg", f"{family}_mc"
    top = {
        "code": code,
        "family": family,
        "title": title,
        "short_title": text("criteria.title"),
        "heading": [title],
        "legal_basis": basis,
        "serves_from": date(int(year[2]), 1, 1),
        "serves_to": date(int(year[2]), 12, 31),
        "recipient": text("criteria.recipient"),
        "version": year[2],
        "file_name": f"{code}.xlsx",
        "data_sets": [form, proofs],
        "whole_points": _plain(points),
    }
    package = {"periods": [_PERIOD], "data_sets": [form, proofs]}
    where = CellRef(table.sheet, table.head - 1, 0).quoted
    return {
        f"{folder}/{PACK}": source_at(where, f"{folder}/{PACK}", top, packages=[package]),
        f"{folder}/{form}.toml": _form(f"{folder}/{form}.toml", form, proofs, title, criteria),
        f"{folder}/{proofs}.toml": _proofs(
            f"{folder}/{proofs}.toml", proofs, form, criteria, where
        ),
    }


def _criteria(table: Table, problems: list[Reason]) -> list[_Criterion]:
    rows: dict[str, tuple[TableRow, Decimal]] = {}
    for row in table.rows:
        number = row.text("number").rstrip(".")
        maximum = row.points("maximum")
        if not number:
            row.problem("criteria.number")
        elif number in rows:
            row.problem("criteria.twice", number=number, first=rows[number][0].number)
        if maximum is None or maximum >= _MOST:
            row.problem("criteria.maximum", found=row.text("maximum"))
        if number and maximum is not None and not row.problems:
            rows[number] = (row, maximum)
        problems += row.problems
    made = []
    for number, (row, maximum) in rows.items():
        parent = row.text("parent") or number.rpartition(".")[0]
        if parent and parent not in rows:
            problems.append(because("criteria.no_parent", row=row.number, number=parent))
        proof = row.text("proof")
        told = (row.text("guidance"), text("criteria.proof", proof=proof) if proof else "")
        places = {
            key: CellRef(table.sheet, row.number - 1, column).quoted
            for key, column in table.columns.items()
        }
        made.append(
            _Criterion(
                number,
                _code(number),
                row.text("label"),
                maximum,
                _code(parent) if parent else "",
                "\n".join(filter(None, told)),
                places["number"],
                places,
            )
        )
    return made


def _code(number: str) -> str:
    return f"t_{slug(number).replace('-', '_')}"


def _plain(number: Decimal) -> int | float:
    return int(number) if number == int(number) else float(number)


def _form(file: str, code: str, proofs: str, title: str, criteria: list[_Criterion]) -> TomlSource:
    sheet = text("criteria.form.sheet")
    top = {
        "code": code,
        "title": title,
        "short_title": text("criteria.title"),
        "sheet": sheet,
        "shape": "fixed",
        "periods": [_PERIOD],
        "aggregation": "none",
    }
    layout = {
        "title": [title],
        "window": True,
        "number_header": text("criteria.column.order"),
        "label_header": text("criteria.column.label"),
        "unit_header": text("criteria.column.maximum"),
        "number_width": 8,
    }
    body, rules = [], []
    sections = {item.parent for item in criteria}
    for item in criteria:
        row: dict[str, Any] = {
            "code": item.code,
            "number": item.number,
            "label": item.label,
            "type": "number",
            "unit": str(_plain(item.maximum)).replace(".", ","),
            "required": ["value"],
            "maximum": _plain(item.maximum),
            "cumulative": False,
        }
        if item.guidance:
            row["guidance"] = item.guidance
        if item.parent:
            row |= {"parent": item.parent, "indent": min(2, item.number.count("."))}
        body.append(Entry("body", row, item.place, item.places))
        if item.code in sections:
            continue  # A section is the sum of its parts, as in every form.
        rule = {
            "id": f"proof_{item.code}",
            "expression": f"implies({item.code} > 0, "
            f'count({proofs}, criterion == "{item.number}") >= 1)',
            "severity": "error",
            "source": text("criteria.proof_source"),
            "message": text("criteria.proof_message", number=item.number),
        }
        rules.append(Entry("rules", rule, item.place, item.places))
    column = {"code": "value", "label": text("criteria.column.self"), "width": 14}
    where = criteria[0].place if criteria else sheet
    return TomlSource(
        file,
        Entry("", top, where),
        {"layout": Entry("layout", layout, where)},
        {"body": tuple(body), "columns": (Entry("columns", column, where),), "rules": tuple(rules)},
    )


def _proofs(file: str, code: str, form: str, criteria: list[_Criterion], where: str) -> TomlSource:
    """Return the list of evidence: which document, where its scan is, of which criterion."""
    sections = {item.parent for item in criteria}
    numbers = [item.number for item in criteria if item.code not in sections]
    top = {
        "code": code,
        "title": text("criteria.proofs.title"),
        "short_title": text("criteria.proofs.short"),
        "sheet": text("criteria.proofs.sheet"),
        "shape": "open",
        "periods": [_PERIOD],
        "key_elements": ["criterion", "file"],
    }
    layout = {
        "landscape": True,
        "number_header": text("criteria.column.order"),
        "open_rows": max(30, 2 * len(numbers)),
    }
    kinds = text("criteria.proofs.kinds").split(";")
    columns: dict[str, dict[str, Any]] = {
        "criterion": {"type": "choice", "names": form, "width": 10},
        "kind": {"type": "choice", "choices": kinds, "width": 16},
        "document": {"type": "text", "width": 18},
        "date": {"type": "date", "width": 13, "center": True},
        "issuer": {"type": "text", "width": 24},
        "abstract": {"type": "text", "width": 36},
        "file": {"type": "text", "role": "file", "width": 24},
        "original": {"type": "text", "width": 20},
    }
    needed = ("criterion", "document", "date", "issuer", "file")
    body = [
        {
            "code": key,
            "label": text(f"criteria.column.{key}"),
            **said,
            "aggregation": "list",
            **({"required": ["value"]} if key in needed else {}),
        }
        for key, said in columns.items()
    ]
    same = "same(document) and same(date)"
    rules = {
        "dated": ("date >= window_from and date <= window_to", "warning"),
        "two_subjects": (
            f"count({code}, {same} and filled(abstract)) == "
            f"count({code}, {same} and same(abstract))",
            "warning",
        ),
        "file_twice": (f"count({code}, same(criterion) and same(file)) == 1", "info"),
    }
    told = [
        {
            "id": name,
            "expression": expression,
            "severity": severity,
            "source": text(f"criteria.{name}_source"),
            "message": text(f"criteria.{name}_message"),
            "scope": "row",
        }
        for name, (expression, severity) in rules.items()
    ]
    return source_at(where, file, top, layout, body=body, rules=told)
