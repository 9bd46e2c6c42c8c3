"""The roster workbook that an officer keeps; ``register.roster`` reads it back."""

from __future__ import annotations

from datetime import date

from consolidate.definitions.catalogue import text
from consolidate.forms.kept_table import KeptTable, kept_columns, write_kept_table
from consolidate.forms.styles import DATE_FORMAT
from consolidate.model.unit_kinds import UnitKind
from consolidate.model.units import Level, OrganisationUnit, Roster

_WIDTHS = {
    "code": 11, "identifier": 13, "name": 28, "aliases": 16, "old_names": 16, "level": 10,
    "kind": 16, "parent": 11, "templates": 12, "email": 24, "valid_from": 12, "valid_to": 12,
    "predecessors": 14,
}  # fmt: skip
_CHOICES = {
    "level": tuple(level.label for level in Level if level is not Level.UNKNOWN),
    "kind": tuple(kind.label for kind in UnitKind if kind.label),
}
_FORMATS = dict.fromkeys(("valid_from", "valid_to"), DATE_FORMAT)
_CENTRED = ("code", "level", "parent")


def build_roster(roster: Roster) -> bytes:
    """The workbook of a roster, its units in their order, with ruled rows for more."""
    return write_kept_table(
        KeptTable(
            sheet=text("kept.roster.sheet"),
            title=text("kept.roster.title"),
            guidance=text("kept.roster.guidance"),
            field=(text("kept.roster.province"), roster.province),
            columns=kept_columns(
                "roster", _WIDTHS, choices=_CHOICES, formats=_FORMATS, centred=_CENTRED
            ),
            rows=[_row(unit) for unit in roster.units],
            frozen=3,
        )
    )


def _row(unit: OrganisationUnit) -> tuple[str | date | None, ...]:
    fields: dict[str, str | date | None] = {
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
    return tuple(fields[field] for field in _WIDTHS)
