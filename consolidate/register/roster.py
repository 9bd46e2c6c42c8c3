"""The roster workbook: who is expected to report, read from the sheet that an officer keeps.

One row per unit below a header row with ``Mã đơn vị``, ``Tên đơn vị``, ``Cấp``; the other columns
(:data:`COLUMNS`) may be there or not. Names and codes in one cell are separated by ``;``, templates
and predecessors by ``,`` or ``;``. A row above the header with ``Tỉnh, thành phố`` names the
province. Days are date cells or texts ``dd/mm/yyyy``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from consolidate.definitions.catalogue import text
from consolidate.model.lineage import Lineage
from consolidate.model.problems import Problems
from consolidate.model.raw import Cell
from consolidate.model.text import name_key
from consolidate.model.unit_kinds import UnitKind
from consolidate.model.units import KIND_LEVELS, Level, OrganisationUnit, Roster
from consolidate.register.fields import (
    KeptSheet,
    NotADay,
    Table,
    TableRow,
    Unopened,
    find_table,
    kept_sheet,
)

COLUMNS = {
    "mã đơn vị": "code",
    "mã định danh": "identifier",
    "mã định danh điện tử": "identifier",
    "tên đơn vị": "name",
    "cấp": "level",
    "loại đơn vị": "kind",
    "tên khác viết tắt": "aliases",
    "tên khác": "aliases",
    "tên viết tắt": "aliases",
    "tên cũ": "old_names",
    "đơn vị cấp trên": "parent",
    "biểu mẫu phải nộp": "templates",
    "thư điện tử": "email",
    "hiệu lực từ": "valid_from",
    "hiệu lực đến": "valid_to",
    "đơn vị tiền thân": "predecessors",
}
"""Header texts (as :func:`name_key` gives them) and the field each one fills."""
_REQUIRED = ("code", "name", "level")
_PROVINCE = "tỉnh thành phố"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class RosterError(Problems):
    """A roster that cannot be used; ``problems`` says in Vietnamese what to mend, row by row."""


def read_roster(path: Path, templates: Iterable[str]) -> Roster:
    """Read a roster from the sheet of a workbook that has one; ``templates`` are the known codes.

    Raises:
        RosterError: the file cannot be read as a roster, with every problem found.
    """
    try:
        sheet = kept_sheet(path, COLUMNS, _REQUIRED)
    except Unopened:
        raise RosterError((text("roster.unreadable", file=path.name),)) from None
    return parse_roster(sheet, path.name, templates)


def parse_roster(
    sheet: KeptSheet | list[list[Cell]], source: str, templates: Iterable[str]
) -> Roster:
    """A roster from its sheet, or from the cells of one.

    Raises:
        RosterError: there is no header row, or some rows are wrong.
    """
    if not isinstance(sheet, KeptSheet):
        sheet = KeptSheet(sheet)
    table = find_table(sheet.rows, COLUMNS, _REQUIRED)
    if table is None:
        raise RosterError((text("roster.no_header", file=source),))
    if not table.rows:
        raise RosterError((text("roster.empty", file=source),))
    merged = sheet.spans(table)
    if merged:
        # Only the first of its rows has what is in it: every row after it would say less.
        raise RosterError(tuple(text("roster.merged", first=a, last=b) for a, b in merged))
    units = _units(table, frozenset(templates))
    return Roster.of(units, province=table.labelled(_PROVINCE), source=source)


def _units(table: Table, templates: frozenset[str]) -> list[OrganisationUnit]:
    problems: list[tuple[int, str]] = []
    units: list[OrganisationUnit] = []
    row_of: dict[str, int] = {}
    by_key: dict[str, str] = {}
    for row in table.rows:
        code, key = row.text("code"), name_key(row.text("code"))
        unit, found = _unit(row, templates)
        if key and key in by_key:
            first = row_of[by_key[key]]
            found = (text("roster.repeated", row=row.number, code=code, first=first), *found)
        elif key:
            by_key[key] = code
            row_of[code] = row.number
            units.append(unit)
        problems += [(row.number, problem) for problem in found]
    units, lost = _tied(units, by_key, row_of)
    problems += lost
    problems += _shared(units, row_of)
    problems += _without_zeros(table)
    if problems:
        raise RosterError(tuple(problem for _, problem in sorted(problems, key=lambda p: p[0])))
    return units


def _unit(row: TableRow, templates: frozenset[str]) -> tuple[OrganisationUnit, tuple[str, ...]]:
    """The unit of a row, as far as it can be read, and what is wrong with the row."""
    problems: list[str] = []
    number = row.number
    if not row.text("code") or not row.text("name"):
        problems.append(text("roster.incomplete", row=number))
    level = Level.parse(row.text("level"))
    if level is None:
        problems.append(text("roster.level", row=number, level=row.text("level")))
    kind = UnitKind.parse(row.text("kind"))
    if kind is None:
        known = ", ".join(f"“{item.label}”" for item in UnitKind if item.label)
        problems.append(text("roster.kind", row=number, kind=row.text("kind"), known=known))
    elif level is not None and KIND_LEVELS.get(kind, level) is not level:
        problems.append(text("roster.kind_level", row=number, kind=kind.label, level=level.label))
    asked = row.items("templates", ",;")
    asked = tuple(item if item in templates else item.casefold() for item in asked)
    if not templates.issuperset(asked):
        unknown = ", ".join(item for item in asked if item not in templates)
        known = ", ".join(sorted(templates))
        problems.append(text("roster.template", row=number, unknown=unknown, known=known))
    email = row.text("email")
    if email and not _EMAIL.fullmatch(email):
        problems.append(text("roster.email", row=number, email=email))
    days: dict[str, date | None] = {}
    for field in ("valid_from", "valid_to"):
        try:
            days[field] = row.day(field)
        except NotADay as error:
            problems.append(text("roster.day", row=number, found=error.shown))
    start, end = days.get("valid_from"), days.get("valid_to")
    if start is not None and end is not None and end < start:
        shown = (f"{start:%d/%m/%Y}", f"{end:%d/%m/%Y}")
        problems.append(text("roster.backwards", row=number, start=shown[0], end=shown[1]))
    unit = OrganisationUnit(
        code=row.text("code"),
        name=row.text("name"),
        level=level or Level.UNKNOWN,
        aliases=row.items("aliases", ";"),
        parent=row.text("parent"),
        templates=frozenset(asked),
        identifier=row.text("identifier"),
        kind=kind or UnitKind.UNKNOWN,
        email=email,
        valid_from=start,
        valid_to=end,
        predecessors=row.items("predecessors", ",;"),
        old_names=row.items("old_names", ";"),
    )
    return unit, tuple(problems)


def _tied(
    units: list[OrganisationUnit], by_key: dict[str, str], row_of: dict[str, int]
) -> tuple[list[OrganisationUnit], list[tuple[int, str]]]:
    """Units with their predecessors by the codes of the roster, and what does not hold together."""
    problems: list[tuple[int, str]] = []
    tied = []
    for unit in units:
        known = [by_key.get(name_key(code), "") for code in unit.predecessors]
        number = row_of[unit.code]
        problems += [
            (number, text("roster.predecessor", row=number, code=code))
            for code, found in zip(unit.predecessors, known, strict=True)
            if not found
        ]
        own = tuple(dict.fromkeys(filter(None, known)))
        tied.append(replace(unit, predecessors=own) if own != unit.predecessors else unit)
    for ring in Lineage.of(tied).cycles():
        number = row_of[ring[0]]
        chain = " ← ".join((*ring, ring[0]))
        problems.append((number, text("roster.cycle", row=number, chain=chain)))
    return tied, problems


def _without_zeros(table: Table) -> Iterator[tuple[int, str]]:
    """Codes that Excel took for numbers, so that zeros in front were lost.

    A number is suspected only beside codes that tell: another code, a superior or a predecessor
    with zeros in front. A province may number its units 1, 2, 3.
    """
    named = [
        code
        for row in table.rows
        for code in (row.text("code"), row.text("parent"), *row.items("predecessors", ",;"))
        if code.isdecimal() and code.startswith("0")
    ]
    for row in table.rows:
        if not isinstance(row.cell("code"), int | float):
            continue
        code = row.text("code")
        fitting = next((other for other in named if len(other) > len(code)), None)
        if fitting is not None:
            shown = code.zfill(len(fitting))
            problem = text("roster.zeros", row=row.number, code=code, shown=shown, other=fitting)
            yield row.number, problem


def _shared(units: list[OrganisationUnit], row_of: dict[str, int]) -> Iterator[tuple[int, str]]:
    """Electronic identifiers that two units have at the same time."""
    holders: dict[str, list[OrganisationUnit]] = {}
    for unit in units:
        if not unit.identifier:
            continue
        earlier = holders.setdefault(unit.identifier.casefold(), [])
        for other in earlier:
            if _meet(unit, other):
                number = row_of[unit.code]
                yield (
                    number,
                    text(
                        "roster.identifier",
                        row=number,
                        identifier=unit.identifier,
                        first=row_of[other.code],
                    ),
                )
                break
        earlier.append(unit)


def _meet(one: OrganisationUnit, other: OrganisationUnit) -> bool:
    start = max(one.valid_from or date.min, other.valid_from or date.min)
    return start <= min(one.valid_to or date.max, other.valid_to or date.max)
