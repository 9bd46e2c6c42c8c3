"""Whose return is it? The unit by code and by name, agreeing or held for a person."""

from __future__ import annotations

from dataclasses import dataclass

from consolidate.definitions.catalogue import text
from consolidate.model.findings import Finding, Severity
from consolidate.model.returns import Return
from consolidate.model.text import name_key, tidy
from consolidate.model.units import Level, OrganisationUnit, Roster


@dataclass(frozen=True, slots=True)
class Placement:
    """The unit of a return and what is doubtful about it, or the reason why a person has to say."""

    unit: OrganisationUnit | None
    reason: str = ""
    findings: tuple[Finding, ...] = ()


def place(content: Return, roster: Roster | None) -> Placement:
    """Find the unit that a return is from.

    With a roster the code and the name on the cover must not point at different units, and one
    of them must be known; a warning says when the other is not. Without one, the cover is believed.
    """
    code, name = content.cover_text("unit_code"), content.cover_text("unit_name")
    if not code and not name:
        return Placement(None, text("identity.nobody"))
    if roster is None:
        level = Level.parse(content.cover_text("level")) or Level.UNKNOWN
        own = OrganisationUnit(code.upper() or name_key(name), tidy(name or code), level)
        return Placement(own)
    by_code = roster.find(code) if code else ()
    by_name = roster.find(name) if name else ()
    if len(by_code) == 1 and by_name and by_code[0] not in by_name:
        return Placement(
            None,
            text("identity.disagree", code=code, by_code=by_code[0].name, name=name),
        )
    if len(by_code) == 1:
        unit = by_code[0]
        doubt = "name_unknown" if name and not by_name else ""
        return Placement(unit, findings=_doubts(doubt, "unit_name", content, unit))
    if len(by_name) == 1:
        unit = by_name[0]
        doubt = "code_unknown" if code and not by_code else ""
        return Placement(unit, findings=_doubts(doubt, "unit_code", content, unit))
    if len(by_name) > 1 or len(by_code) > 1:
        return Placement(None, text("identity.several", name=name or code))
    return Placement(None, text("identity.unknown", name=name or code))


def _doubts(
    kind: str, element: str, content: Return, unit: OrganisationUnit
) -> tuple[Finding, ...]:
    if not kind:
        return ()
    code, name = content.cover_text("unit_code"), content.cover_text("unit_name")
    cells = tuple(value.cell for value in content.cover.values if value.key.element == element)
    return (
        Finding(
            rule=f"identity.{kind}",
            severity=Severity.WARNING,
            message=text(f"identity.{kind}", code=code, name=name, unit=unit.name),
            data_set=content.cover.code,
            element=element,
            sheet=content.cover.sheet,
            cells=cells,
            found=content.cover_text(element),
            expected=unit.name if element == "unit_name" else unit.code,
        ),
    )
