"""The roster workbook: who is expected to report, read from the sheet that an officer keeps.

One row per unit below the headings of :data:`consolidate.province.book_columns.ROSTER`; columns
that are not required may be missing. A row above the headings with ``Tỉnh, thành phố`` names the
province, one with ``Biểu cộng từ các đơn vị`` the forms of which each unit reports a part. Days are
date cells or texts ``dd/mm/yyyy``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from consolidate.model.datasets import Library
from consolidate.model.reasons import Reason, UserError, because
from consolidate.model.text import name_key, plain, tidy
from consolidate.model.units import (
    DISTRICTS_END,
    Level,
    OrganisationUnit,
    Roster,
    Signatory,
    Succession,
    UnitKind,
)
from consolidate.province.book_columns import ADDED, PROVINCE, ROSTER, SIGNATORIES, row_of
from consolidate.province.kept_fields import (
    Table,
    TableRow,
    bytes_of,
    find_table,
    sheets_of,
    table_in,
)

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

SINCE = date(2025, 7, 1)
"""First day of the communes of the list (resolutions of the National Assembly of 2025)."""
_PREFIXES = ("thành phố ", "tỉnh ")

_Problem = tuple[int, Reason]
"""Number of a row and what is wrong with it."""


def read_roster(path: Path, templates: Iterable[str]) -> Roster:
    """Read a roster from the sheet of a workbook that has one; ``templates`` are the known codes.

    Raises:
        UserError: the file cannot be read as a roster, with every problem found.
    """
    data = bytes_of(path, because(ROSTER.unreadable, file=path.name))
    return _read(data, path.name, frozenset(templates))


@lru_cache(maxsize=2)
def _read(data: bytes, name: str, templates: frozenset[str]) -> Roster:
    """The roster in these bytes: one command looks into the same book several times."""
    sheets = sheets_of(data, because(ROSTER.unreadable, file=name))
    table = table_in(sheets.values(), name, ROSTER)
    signing = find_table(sheets.values(), SIGNATORIES)
    return parse_roster(table, name, templates, signing)


def parse_roster(
    table: Table, source: str, templates: Iterable[str], signing: Table | None = None
) -> Roster:
    """Parse a roster from its table; ``source`` names its file, ``signing`` says who signs.

    Raises:
        UserError: it has no rows, or some are wrong.
    """
    if not table.rows:
        raise UserError.of("roster.empty", file=source)
    units = _units(table, frozenset(templates))
    added = re.split("[,;]", table.labelled(ADDED).casefold())
    return Roster.of(
        units,
        province=table.labelled(PROVINCE),
        source=source,
        added=frozenset(filter(None, map(tidy, added))),
        signatories=tuple(
            Signatory(**{column.key: row.text(column.key) for column in SIGNATORIES.columns})
            for row in (signing.rows if signing is not None else ())
        ),
    )


def _units(table: Table, templates: frozenset[str]) -> list[OrganisationUnit]:
    problems: list[_Problem] = []
    by_key: dict[str, OrganisationUnit] = {}
    for row in table.rows:
        code, key = row.text("code"), name_key(row.text("code"))
        if key and key in by_key:
            row.problem("roster.repeated", code=code, first=by_key[key].row)
        unit = _unit(row, templates)
        if key:
            by_key.setdefault(key, unit)
        problems += [(row.number, problem) for problem in row.problems]
    units, lost = _tied(by_key)
    problems += lost
    problems += _twice("roster.provided", "form", units, lambda unit: sorted(unit.provides))
    problems += _twice("roster.identifier", "identifier", units, lambda unit: [unit.identifier])
    problems += _without_zeros(table)
    if problems:
        raise UserError(tuple(problem for _, problem in sorted(problems, key=lambda p: p[0])))
    return units


def _unit(row: TableRow, templates: frozenset[str]) -> OrganisationUnit:
    """Return the unit of a row, as far as it can be read."""
    if not row.text("code") or not row.text("name"):
        row.problem("roster.incomplete")
    level = Level.parse(row.text("level"))
    if level is None:
        row.problem("roster.level", level=row.text("level"))
    kind = row.kind(level, "roster.kind", "roster.kind_level")
    asked = row.items("templates")
    asked = tuple(item if item in templates else item.casefold() for item in asked)
    if not templates.issuperset(asked):
        unknown = ", ".join(item for item in asked if item not in templates)
        row.problem("roster.template", unknown=unknown, known=", ".join(sorted(templates)))
    email = row.text("email")
    if email and not _EMAIL.fullmatch(email):
        row.problem("roster.email", email=email)
    start, end = (row.asked_day(field, "roster.day") for field in ("valid_from", "valid_to"))
    if start is not None and end is not None and end < start:
        row.problem("roster.backwards", start=start, end=end)
    return OrganisationUnit(
        code=row.text("code"),
        name=row.text("name"),
        level=level or Level.UNKNOWN,
        aliases=row.items("aliases"),
        parent=row.text("parent"),
        templates=frozenset(asked),
        identifier=row.text("identifier"),
        kind=(kind or UnitKind.UNKNOWN).told_by(row.text("name"), level),
        email=email,
        valid_from=start,
        valid_to=end,
        predecessors=row.items("predecessors"),
        old_names=row.items("old_names"),
        provides=frozenset(item.casefold() for item in row.items("provides")),
        row=row.number,
    )


def _tied(by_key: Mapping[str, OrganisationUnit]) -> tuple[list[OrganisationUnit], list[_Problem]]:
    """Give units predecessors by the codes of the roster; tell what does not hold together."""
    problems: list[_Problem] = []
    tied = []
    for unit in by_key.values():
        found = {code: by_key.get(name_key(code)) for code in unit.predecessors}
        problems += [
            (unit.row, because("roster.predecessor", row=unit.row, code=code))
            for code in unit.predecessors
            if found[code] is None
        ]
        own = tuple(dict.fromkeys(one.code for one in found.values() if one is not None))
        tied.append(replace(unit, predecessors=own) if own != unit.predecessors else unit)
    for ring in Succession.of(tied).cycles():
        number = by_key[name_key(ring[0])].row
        chain = " ← ".join((*ring, ring[0]))
        problems.append((number, because("roster.cycle", row=number, chain=chain)))
    return tied, problems


def _without_zeros(table: Table) -> Iterator[_Problem]:
    """Codes that Excel took for numbers, so that zeros in front were lost.

    A number is suspected only beside codes that tell: another code, a superior or a predecessor
    with zeros in front. A province may number its units 1, 2, 3.
    """
    named = [
        code
        for row in table.rows
        for code in (row.text("code"), row.text("parent"), *row.items("predecessors"))
        if code.isdecimal() and code.startswith("0")
    ]
    for row in table.rows:
        if not isinstance(row.cell("code"), int | float):
            continue
        code = row.text("code")
        fitting = next((other for other in named if len(other) > len(code)), None)
        if fitting is not None:
            values = {"row": row.number, "code": code, "shown": code.zfill(len(fitting))}
            yield row.number, because("roster.zeros", other=fitting, **values)


def _twice(
    key: str,
    blank: str,
    units: Iterable[OrganisationUnit],
    own: Callable[[OrganisationUnit], Iterable[str]],
) -> Iterator[_Problem]:
    """List what two units have at a time that only one may have: the ``blank`` of a message."""
    holders: dict[str, list[OrganisationUnit]] = {}
    for unit in units:
        for found in filter(None, own(unit)):
            earlier = holders.setdefault(found.casefold(), [])
            other = next((other for other in earlier if _meet(unit, other)), None)
            if other is not None:
                values = {"row": unit.row, blank: found, "first": other.row}
                yield unit.row, because(key, **values)
            earlier.append(unit)


def _meet(one: OrganisationUnit, other: OrganisationUnit) -> bool:
    start = max(one.valid_from or date.min, other.valid_from or date.min)
    return start <= min(one.last_day or date.max, other.last_day or date.max)


def build_roster(roster: Roster) -> bytes:
    """Build the workbook of a roster, its units in their order, with ruled rows for more."""
    # Imported where a workbook is written: most commands write none.
    from consolidate.province.kept_table import book_table, write_kept_tables

    fields = ((PROVINCE, roster.province), (ADDED, ", ".join(sorted(roster.added))))
    units = book_table(ROSTER, (row_of(ROSTER, unit) for unit in roster.units), fields=fields)
    signing = book_table(SIGNATORIES, (row_of(SIGNATORIES, one) for one in roster.signatories))
    return write_kept_tables(units, signing)


def communes_of(province: str) -> Roster:
    """Make a roster of the commune-level People's Committees of a province, by official code.

    They are those of the package ``vietnam-provinces``: the list of the General Statistics Office
    after the rearrangement of 1 July 2025 (34 provinces, 3,321 communes, no districts).
    ``province`` may be written with or without "tỉnh", "TP." and diacritics. Codes are the five
    digits of the official list; the plain name ("Xã An Phú") is kept as another name.

    Raises:
        UserError: no province has this name; the package was left out of a bundle (its licence is
            the GPL).
    """
    try:
        from vietnam_provinces import Province, VietNamDivisionType, Ward
    except ModuleNotFoundError as error:
        if error.name != "vietnam_provinces":
            raise
        raise UserError.of("workspace.init.no_package", wrong_call=True) from None
    found = {_bare(item.name): item for item in Province.iter_all()}
    without_marks = {plain(key): item for key, item in found.items()}
    chosen = found.get(_bare(province)) or without_marks.get(plain(_bare(province)))
    if chosen is None:
        known = ", ".join(item.name for item in found.values())
        raise UserError.of(
            "workspace.init.no_province", wrong_call=True, name=province, known=known
        )
    wards = sorted(Ward.iter_by_province(chosen.code), key=lambda ward: int(ward.code))
    units = tuple(
        OrganisationUnit(
            f"{int(ward.code):05d}",
            f"UBND {ward.name[0].lower()}{ward.name[1:]}",
            Level.COMMUNE,
            aliases=(ward.name,),
            kind=UnitKind.COMMUNE,
            valid_from=SINCE,
        )
        for ward in wards
    )
    is_province = chosen.division_type is VietNamDivisionType.TINH
    name = f"Tỉnh {chosen.name}" if is_province else chosen.name
    return Roster.of(units, province=name)


def _bare(name: str) -> str:
    key = name_key(name)
    for prefix in _PREFIXES:
        key = key.removeprefix(prefix)
    return key


def notes_of(roster: Roster, library: Library) -> tuple[Reason, ...]:
    """Tell what a person may want to mend in a roster that can be used, for the day that it is of.

    ``library`` shows the forms that are asked of its units.
    """
    return (*_unknown_kinds(roster, library), *_ended_districts(roster), *unknown_parents(roster))


def _unknown_kinds(roster: Roster, library: Library) -> tuple[Reason, ...]:
    """Say which units have no kind, where forms go by kind: they are asked and added like any."""
    asked = [
        code
        for code, pack in library.pack_of.items()
        if any(package.kinds for package in pack.packages)
    ]
    units = [
        unit
        for unit in roster.units
        if unit.kind is UnitKind.UNKNOWN and any(map(unit.expects, asked))
    ]
    if not units:
        return ()
    names = tuple(
        because("roster.at_row", row=unit.row, name=unit.name, code=unit.code)
        if unit.row
        else f"{unit.name} ({unit.code})"
        for unit in units[:_SHOWN]
    )
    known = ", ".join(kind.label for kind in UnitKind if kind.label)
    values = {"count": len(units), "names": names, "more": _more(units), "known": known}
    return (because("roster.kind_unknown", **values),)


def _more(units: Sized) -> Reason | str:
    """Tell how many units are left behind those that a note names."""
    left = len(units) - _SHOWN
    return because("roster.more_units", count=left) if left > 0 else ""


def _ended_districts(roster: Roster) -> tuple[Reason, ...]:
    """Say which units are not expected only because the district level has ended."""
    if roster.whole is None or roster.day is None:
        return ()
    ended = [
        f"{unit.name} ({unit.code})"
        for unit in roster.whole.units
        if unit.valid_to is None and unit.last_day is not None and unit.last_day < roster.day
    ]
    if not ended:
        return ()
    values = {"count": len(ended), "names": tuple(ended[:_SHOWN]), "more": _more(ended)}
    return (because("roster.districts_ended", day=DISTRICTS_END, **values),)


_LETTER, _DIGITS = re.compile(r"[^\W\d_]"), re.compile(r"\d+")
_SHORTEST = 3
"""Signs that a code must have for another one to be a slip of it."""
_SHOWN = 5


def unknown_parents(roster: Roster) -> tuple[Reason, ...]:
    """Say which superiors look like a code of no unit.

    The units of ``roster`` are asked about; a superior may be any unit of the whole roster.
    """
    whole = roster.whole or roster
    codes = tuple(tidy(unit.code) for unit in whole.units)
    shapes = frozenset(map(_shape, codes))
    below: dict[str, list[OrganisationUnit]] = {}
    for unit in roster.units:
        said = tidy(unit.parent)
        if said and not whole.find(said) and _like_a_code(said, codes, shapes):
            below.setdefault(said, []).append(unit)
    notes = [_note(parent, units) for parent, units in below.items()]
    if len(notes) > _SHOWN:
        more = because("roster.more_parents", count=len(notes) - _SHOWN)
        return (*notes[:_SHOWN], more)
    return tuple(notes)


def _like_a_code(said: str, codes: tuple[str, ...], shapes: frozenset[str]) -> bool:
    """Tell whether a text is built as codes of the roster are, or one slip away from one of them.

    A word without a digit is a code only in capitals, and nothing with a blank is one.
    """
    if " " in said or not (_DIGITS.search(said) or said.isupper()):
        return False
    if _shape(said) in shapes:
        return True
    from rapidfuzz.distance import OSA  # Few rosters need it: not at the start.

    typed = said.casefold()
    return len(said) >= _SHORTEST and any(
        OSA.distance(typed, code.casefold(), score_cutoff=1) <= 1 for code in codes
    )


def _shape(code: str) -> str:
    """Tell how a code is built: a sign for each letter and one for each row of digits (``X01``)."""
    return _DIGITS.sub("9", _LETTER.sub("A", plain(code)))


def _note(parent: str, units: list[OrganisationUnit]) -> Reason:
    first, others = units[0], len(units) - 1
    more = because("roster.parent_of_others", count=others) if others else ""
    return because("roster.parent", parent=parent, name=first.name, code=first.code, more=more)
