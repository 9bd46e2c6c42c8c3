"""Whose return is it? The unit by code and by name, agreeing or held for a person."""

from __future__ import annotations

from dataclasses import dataclass

from consolidate.definitions.catalogue import text
from consolidate.model.returns import Return
from consolidate.model.text import name_key, tidy
from consolidate.model.units import Level, OrganisationUnit, Roster


@dataclass(frozen=True, slots=True)
class Placement:
    """The unit of a return, or the reason why a person has to say (then ``unit`` may still say
    which unit the file claims to be from)."""

    unit: OrganisationUnit | None
    reason: str = ""


def place(content: Return, roster: Roster | None) -> Placement:
    """Find the unit that a return is from.

    With a roster the code and the name on the cover must not point at different units, and one
    of them must be known. Without one, the cover is believed.
    """
    code, name = content.cover_text("unit_code"), content.cover_text("unit_name")
    if not code and not name:
        return Placement(None, text("identity.nobody"))
    if roster is None:
        level = Level.parse(content.cover_text("level")) or Level.UNKNOWN
        return Placement(OrganisationUnit(code or name_key(name), tidy(name or code), level))
    by_code = roster.find(code) if code else ()
    by_name = roster.find(name) if name else ()
    if len(by_code) == 1 and len(by_name) == 1 and by_code[0] is not by_name[0]:
        return Placement(
            None,
            text("identity.disagree", code=code, by_code=by_code[0].name, name=name),
        )
    for found in (by_code, by_name):
        if len(found) == 1:
            return Placement(found[0])
    if len(by_name) > 1 or len(by_code) > 1:
        return Placement(None, text("identity.several", name=name or code))
    return Placement(None, text("identity.unknown", name=name or code))
