"""The roster workbook that an officer keeps; ``register.roster`` reads it back."""

from __future__ import annotations

from datetime import date

from consolidate.model.units import OrganisationUnit, Roster
from consolidate.province.book_columns import PROVINCE, ROSTER
from consolidate.province.kept_table import book_table, write_kept_table


def build_roster(roster: Roster) -> bytes:
    """The workbook of a roster, its units in their order, with ruled rows for more."""
    field = (PROVINCE, roster.province)
    return write_kept_table(book_table(ROSTER, map(_row, roster.units), field=field))


def _row(unit: OrganisationUnit) -> dict[str, str | int | date | None]:
    return {
        "code": unit.code,
        "identifier": unit.identifier,
        "name": unit.name,
        "aliases": "; ".join(unit.aliases),
        "old_names": "; ".join(unit.old_names),
        "level": unit.level.label,
        "kind": unit.kind.label,
        "parent": unit.parent,
        "templates": ", ".join(sorted(unit.templates)),
        "email": unit.email,
        "valid_from": unit.valid_from,
        "valid_to": unit.valid_to,
        "predecessors": "; ".join(unit.predecessors),
    }
