"""Whose return is it, and for which period? Every source that speaks must agree.

Sources, from the strongest to the weakest, and what each is worth:

1. **stamp** of the issue: written by us, out of sight, so it stays when a file is passed on. A
   cover that says another unit or period means another unit's file with the name changed, or last
   period's file with a new date: held.
2. **cover**: code and name must not point at different units. A name that is not exactly on the
   roster counts when it can mean one unit only (:mod:`consolidate.identity.unit_names`), with a
   warning.
3. **headings** of a form that was typed anew: used when the cover is silent, with a warning; a
   contradiction is held.
4. **file name**: used last, with a warning. One that clearly names exactly one *other* unit is
   held: people pass files on and forget to change what is inside. A period in it that differs is a
   warning only: people save this quarter's file under last quarter's name every quarter, and the
   figures inside carry the cover's period. A recipient, a superior and a unit named beside the
   sender's own are no contradiction.

Without a roster the strongest source that speaks is believed as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from consolidate.identity.unit_names import (
    SHOWN,
    Claim,
    Units,
    closest,
    file_claim,
    heading_claim,
    is_over,
)
from consolidate.model.period import Period
from consolidate.model.reasons import Finding, Reason, Severity, because
from consolidate.model.returns import Return
from consolidate.model.text import name_key, tidy
from consolidate.model.units import Level, OrganisationUnit, Roster


@dataclass(frozen=True, slots=True)
class Placement:
    """Unit and period of a return and what is doubtful about them, or why a person has to say.

    ``reason`` is ``None`` unless the return must be held; ``unit`` is then ``None`` unless only the
    period is in doubt.
    """

    unit: OrganisationUnit | None
    reason: Reason | None = None
    findings: tuple[Finding, ...] = ()
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class _Cover:
    """What the cover says about the unit."""

    code: str
    name: str
    unit: OrganisationUnit | None = None
    reason: Reason | None = None
    doubt: str = ""
    several: Units = ()


def place(
    content: Return,
    roster: Roster | None,
    path: str = "",
    member: str = "",
    recipient: str = "",
) -> Placement:
    """Find the unit and the period of a return.

    ``path`` and ``member`` are the names of the file; ``recipient`` is the authority that the
    template goes to, whose name in a file name says nothing about the sender.
    """
    headings = heading_claim(content.evidence.headings, roster)
    file = file_claim(path, member, roster)
    if roster is None:
        placed = _believed(content, headings, file)
    else:
        placed = _listed(content, roster, headings, file, recipient)
    return _dated(placed, content, headings, file) if placed.unit is not None else placed


def said_period(content: Return, path: str, member: str = "") -> Period | None:
    """Find the period that the strongest source of a return names, whatever others say."""
    if content.period is not None:
        return content.period
    return (
        _stamp_period(content.evidence.stamp_period)
        or _window_period(content)
        or heading_claim(content.evidence.headings, None).period
        or file_claim(path, member, None).period
    )


def _listed(
    content: Return, roster: Roster, headings: Claim, file: Claim, recipient: str
) -> Placement:
    """Find the unit on the roster that every source agrees about."""
    cover = _read_cover(content, roster)
    stamp = content.evidence.stamp_unit
    issued = roster.find(stamp) if stamp else ()
    if cover.several and len(issued) == 1 and issued[0] in cover.several:
        cover = replace(cover, unit=issued[0], reason=None)
    if cover.reason:
        return Placement(None, cover.reason)
    unit, findings = cover.unit, _doubts(cover, content)
    if unit is None:
        claimed = _first_claim(stamp, issued, headings, file)
        if claimed is None:
            return Placement(None, because("identity.nobody"))
        source, said, units = claimed
        if len(units) != 1:
            return Placement(None, _not_one(said, units, roster))
        unit = units[0]
        findings = (_note("unit_from", content, unit.name, source=source, found=said),)
    if stamp and unit not in issued:
        first = issued[0] if issued else roster.absent(stamp)
        issued_to = first.name if first is not None else stamp
        return Placement(None, because("identity.stamp_unit", issued=issued_to, unit=unit.name))
    if headings.units and unit not in headings.units:
        return Placement(None, because("identity.headings", found=headings.text, unit=unit.name))
    if _contradicts(file.units, unit, recipient):
        other = file.units[0].name
        return Placement(None, because("identity.file_name", found=other, unit=unit.name))
    return Placement(unit, findings=findings)


def _believed(content: Return, headings: Claim, file: Claim) -> Placement:
    """Take the unit as the strongest source says it, where no roster knows better."""
    code, name = content.cover_text("unit_code"), content.cover_text("unit_name")
    stamp = content.evidence.stamp_unit
    if stamp and code and name_key(stamp) != name_key(code):
        return Placement(None, because("identity.stamp_unit", issued=stamp, unit=name or code))
    if code or name or stamp:
        level = Level.parse(content.cover_text("level")) or Level.UNKNOWN
        own = code or stamp
        return Placement(OrganisationUnit(own.upper() or name_key(name), tidy(name or own), level))
    for source, claim in (("headings", headings), ("file_name", file)):
        if len(claim.units) == 1:
            note = _note("unit_from", content, claim.units[0].name, source=source, found=claim.text)
            return Placement(claim.units[0], findings=(note,))
    return Placement(None, because("identity.nobody"))


def _read_cover(content: Return, roster: Roster) -> _Cover:
    code, name = content.cover_text("unit_code"), content.cover_text("unit_name")
    cover = _Cover(code, name)
    by_code = roster.find(code) if code else ()
    by_name = roster.find(name) if name else ()
    close = closest(name, roster) if name and not by_name else None
    if len(by_code) == 1:
        unit = by_code[0]
        other = by_name or ((close.unit,) if close is not None and close.unit else ())
        if other and unit not in other:
            reason = because("identity.disagree", code=code, by_code=unit.name, name=name)
            return replace(cover, reason=reason)
        return replace(cover, unit=unit, doubt="" if by_name or not name else "name_unknown")
    if len(by_name) == 1:
        return replace(cover, unit=by_name[0], doubt="code_unknown" if code else "")
    if by_name or by_code:
        reason = because("identity.several", name=name or code)
        return replace(cover, reason=reason, several=by_name or by_code)
    absent = roster.absent(code, name)
    if absent is not None:
        # Whatever name of that day comes near: this is what the unit itself is called.
        return replace(cover, reason=_absent(absent, roster))
    if close is not None and close.unit is not None and not code:
        return replace(cover, unit=close.unit, doubt="name_close")
    if code or name:
        near = dict.fromkeys((*_without_zeros(code, roster), *(close.near if close else ())))
        return replace(cover, reason=_unknown(name or code, tuple(near)[:SHOWN]))
    return cover


def _without_zeros(code: str, roster: Roster) -> Units:
    """List units whose code is a given one but for zeros before it: Excel makes 10 of 010."""
    bare = code.strip().lstrip("0")
    return tuple(unit for unit in roster.units if bare.isdigit() and unit.code.lstrip("0") == bare)


def _first_claim(
    stamp: str, issued: Units, headings: Claim, file: Claim
) -> tuple[str, str, Units] | None:
    """Find the strongest source beside the cover that names a unit: its key, words and units."""
    if stamp:
        return ("stamp", stamp, issued)
    for source, claim in (("headings", headings), ("file_name", file)):
        if claim.text:
            return (source, claim.text, claim.units)
    return None


def _contradicts(named: Units, unit: OrganisationUnit, recipient: str) -> bool:
    """Tell whether a file name clearly names one other unit: not a superior, not the recipient."""
    if len(named) != 1 or named[0] == unit or is_over(named[0], unit):
        return False
    return not recipient or name_key(recipient) != name_key(named[0].name)


def _dated(placed: Placement, content: Return, headings: Claim, file: Claim) -> Placement:
    """Return the placement with its period, agreed upon by the sources in the same way."""
    period, findings = content.period, list(placed.findings)
    stamp = _stamp_period(content.evidence.stamp_period)
    if period is None:
        for source, claimed in (
            ("stamp", stamp),
            ("window", _window_period(content)),
            ("headings", headings.period),
            ("file_name", file.period),
        ):
            if claimed is not None:
                period, label = claimed, claimed.label
                findings.append(_note("period_from", content, "", source=source, found=label))
                break
        else:
            return placed
    if stamp is not None and not period.same_round(stamp):
        reason = because("identity.stamp_period", issued=stamp, found=period)
        return Placement(placed.unit, reason, period=period)
    if headings.period is not None and not period.same_round(headings.period):
        reason = because("identity.headings_period", found=headings.period, expected=period)
        return Placement(placed.unit, reason, period=period)
    if file.period is not None and not period.same_round(file.period):
        key, found = "identity.file_period", file.period
        told = because(key, found=found, expected=period)
        doubt = Finding(key, Severity.WARNING, told, found=found.label, expected=period.label)
        findings.append(doubt)
    return replace(placed, findings=tuple(findings), period=period)


def _window_period(content: Return) -> Period | None:
    """Find the period of the data windows above retyped tables; of two of a round, the round's."""
    periods = set(content.evidence.windows)
    rounds = {period.round_name for period in periods}
    return None if len(rounds) != 1 else periods.pop() if len(periods) == 1 else rounds.pop()


def _stamp_period(code: str) -> Period | None:
    try:
        return Period.parse_code(code) if code else None
    except ValueError:
        return None


def _not_one(said: str, units: Units, roster: Roster) -> Reason:
    if units:
        return because("identity.several", name=said)
    absent = roster.absent(said)
    return because("identity.unknown", name=said) if absent is None else _absent(absent, roster)


def _absent(unit: OrganisationUnit, roster: Roster) -> Reason:
    """Explain why a unit on the roster does not report this period, and who does instead."""
    name, ended = f"{unit.name} ({unit.code})", unit.last_day
    if ended is None or (roster.day is not None and ended >= roster.day):
        return because("identity.not_yet", name=name, day=unit.valid_from)
    successors = tuple(f"{unit.name} ({unit.code})" for unit in roster.successors(unit))
    key = "identity.ended" if successors else "identity.ended_alone"
    return because(key, name=name, day=ended, successors=successors)


def _unknown(name: str, near: Units) -> Reason:
    if not near:
        return because("identity.unknown", name=name)
    shown = tuple(f"{unit.name} ({unit.code})" for unit in near)
    return because("identity.unknown_near", name=name, near=shown)


def _note(kind: str, content: Return, name: str, *, source: str, found: str) -> Finding:
    """Warn that something was not taken from the cover, at the cells that are blank there.

    ``name`` is that of the unit, ``""`` for a period.
    """
    fields = ("unit_name", "unit_code") if name else ("period_type", "period_year")
    said = {"source": because(f"identity.source.{source}"), "found": found, "unit": name}
    return _of_cover(because(f"identity.{kind}", **said), content, fields, "", found, name)


def _doubts(cover: _Cover, content: Return) -> tuple[Finding, ...]:
    unit = cover.unit
    if not cover.doubt or unit is None:
        return ()
    element = "unit_code" if cover.doubt == "code_unknown" else "unit_name"
    said = {"code": cover.code, "name": cover.name, "unit": unit.name}
    expected = unit.name if element == "unit_name" else unit.code
    shown = (element, content.cover_text(element), expected)
    return (_of_cover(because(f"identity.{cover.doubt}", **said), content, (element,), *shown),)


def _of_cover(
    message: Reason,
    content: Return,
    fields: tuple[str, ...],
    element: str,
    found: str,
    expected: str,
) -> Finding:
    cover = content.cover
    cells = tuple(value.cell for value in cover.values if value.key.element in fields)
    place = (cover.code, element, cover.sheet, cells)
    return Finding(message.key, Severity.WARNING, message, *place, found, expected)
