"""The roster workbook: who is expected to report, read from the sheet that an officer keeps.

One row per unit below a header row with ``Mã đơn vị``, ``Tên đơn vị``, ``Cấp``; optional columns
``Tên khác, viết tắt`` (separated by ``;``), ``Đơn vị cấp trên``, ``Biểu mẫu phải nộp`` (template
codes separated by ``,``; blank means all). A row above the header with ``Tỉnh, thành phố`` names
the province.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from consolidate.definitions.catalogue import text
from consolidate.model.raw import Cell, raw_text
from consolidate.model.text import name_key, tidy
from consolidate.model.units import Level, OrganisationUnit, Roster

COLUMNS = {
    "mã đơn vị": "code",
    "tên đơn vị": "name",
    "cấp": "level",
    "tên khác viết tắt": "aliases",
    "đơn vị cấp trên": "parent",
    "biểu mẫu phải nộp": "templates",
}
"""Header texts (as :func:`name_key` gives them) and the field each one fills."""
_REQUIRED = ("code", "name", "level")
_PROVINCE = "tỉnh thành phố"


class RosterError(ValueError):
    """A roster that cannot be used; ``problems`` says in Vietnamese what to mend, row by row."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read_roster(path: Path, templates: Iterable[str]) -> Roster:
    """Read a roster from the first sheet of a workbook; ``templates`` are the known codes.

    Raises:
        RosterError: the file cannot be read as a roster, with every problem found.
    """
    try:
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, OSError, IndexError):
        raise RosterError((text("roster.unreadable", file=path.name),)) from None
    return parse_roster(rows, path.name, templates)


def parse_roster(rows: list[list[Cell]], source: str, templates: Iterable[str]) -> Roster:
    """A roster from the cells of its sheet.

    Raises:
        RosterError: there is no header row, or some rows are wrong.
    """
    province = ""
    for index, row in enumerate(rows):
        words = [name_key(raw_text(cell)) for cell in row]
        places = {COLUMNS[word]: column for column, word in enumerate(words) if word in COLUMNS}
        if all(field in places for field in _REQUIRED):
            units = _units(rows, index + 1, places, frozenset(templates))
            return Roster.of(units, province=province, source=source)
        for column, word in enumerate(words[:-1]):
            if word == _PROVINCE:
                province = tidy(raw_text(row[column + 1]))
    raise RosterError((text("roster.no_header", file=source),))


def _units(
    rows: list[list[Cell]], first: int, places: dict[str, int], templates: frozenset[str]
) -> list[OrganisationUnit]:
    problems: list[str] = []
    units: list[OrganisationUnit] = []
    seen: dict[str, int] = {}
    for number, row in enumerate(rows[first:], first + 1):
        fields = {
            field: tidy(raw_text(row[column])) if column < len(row) else ""
            for field, column in places.items()
        }
        if not any(fields.values()):
            continue
        code, name = fields["code"], fields["name"]
        level = Level.parse(fields["level"])
        asked = _list(fields.get("templates", ""), ",")
        if not code or not name:
            problems.append(text("roster.incomplete", row=number))
        elif name_key(code) in seen:
            first_row = seen[name_key(code)]
            problems.append(text("roster.repeated", row=number, code=code, first=first_row))
        elif level is None:
            problems.append(text("roster.level", row=number, level=fields["level"]))
        elif not templates.issuperset(asked):
            unknown = ", ".join(item for item in asked if item not in templates)
            known = ", ".join(sorted(templates))
            problems.append(text("roster.template", row=number, unknown=unknown, known=known))
        else:
            seen[name_key(code)] = number
            units.append(
                OrganisationUnit(
                    code,
                    name,
                    level,
                    _list(fields.get("aliases", ""), ";"),
                    fields.get("parent", ""),
                    frozenset(asked),
                )
            )
    if not units and not problems:
        problems.append(text("roster.empty"))
    if problems:
        raise RosterError(tuple(problems))
    return units


def _list(cell: str, separator: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in cell.split(separator) if item.strip())
