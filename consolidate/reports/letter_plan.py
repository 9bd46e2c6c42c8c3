"""Plan reminder letters: one per unit, or one per branch with a table of its units.

The authority that a return goes to is the one that asks for it, so that a unit that owes returns
to two authorities gets a letter of each, unless one authority is named to ask for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from consolidate.definitions.catalogue import text
from consolidate.model.period import Period
from consolidate.model.units import OrganisationUnit, Roster
from consolidate.rollup.timeliness import ReturnStatus
from consolidate.templates.file_names import Names, period_slug, safe_name


class LetterBy(StrEnum):
    """Who gets one letter."""

    UNIT = "unit"
    PARENT = "parent"
    LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to be written: from ``agency`` to ``recipient`` about returns that are not in.

    ``unit`` is the unit that it is to and about, ``None`` when it is about a branch; ``to`` is the
    unit that it goes to, ``None`` when it goes to several. ``bases`` are the legal bases of what is
    asked for.
    """

    file_name: str
    agency: str
    recipient: str
    returns: tuple[ReturnStatus, ...]
    unit: OrganisationUnit | None = None
    to: OrganisationUnit | None = None
    bases: tuple[str, ...] = ()


def plan_letters(
    found: Iterable[ReturnStatus],
    roster: Roster,
    period: Period,
    as_of: date,
    *,
    by: LetterBy = LetterBy.UNIT,
    agency: str = "",
    bases: Mapping[str, str] | None = None,
) -> tuple[Letter, ...]:
    """Plan letters about every return that a unit has to send, in the order of the roster.

    Held files are not asked for: they wait for the authority itself. Units without a parent get
    letters of their own when letters go to parents.

    ``agency`` asks for all returns; without one the recipient of each template does. ``period`` and
    ``as_of``, the day that the states are of, go into the names of the files: who is reminded again
    gets another file. ``bases`` are the legal bases of templates by their codes.
    """
    groups: dict[tuple[str, str], list[ReturnStatus]] = {}
    for status in found:
        if status.state.asked_of_unit:
            branch, *_ = _addressee(status.unit, roster, by)
            key = (agency or status.template.recipient, branch)
            groups.setdefault(key, []).append(status)
    names, letters = Names(), list[Letter]()
    when = f"{period_slug(period)} {text('letter.file_day')} {as_of:%d-%m-%Y}"
    for (asking, _), returns in groups.items():
        first = returns[0].unit
        _, stem, recipient, to = _addressee(first, roster, by)
        alone = len({status.unit.code for status in returns}) == 1
        codes = tuple(dict.fromkeys(status.template.code for status in returns))
        ending = text("letter.file_ending", templates=" ".join(codes), when=when)
        name = names.take(safe_name(stem, ".docx", ending=ending))
        known, about = bases or {}, first if alone and to == first else None
        basis = tuple(dict.fromkeys(known[code] for code in codes if code in known))
        letters.append(Letter(name, asking, recipient, tuple(returns), about, to, basis))
    return tuple(letters)


def _addressee(
    unit: OrganisationUnit, roster: Roster, by: LetterBy
) -> tuple[str, str, str, OrganisationUnit | None]:
    """Whom a letter about a unit goes to: key of the letter, name of its file, name, the unit."""
    if by is LetterBy.LEVEL:
        label = unit.level.label
        everyone = text("letter.everyone", level=f"{label[0].lower()}{label[1:]}")
        return unit.level.value, label, everyone, None
    if by is LetterBy.PARENT and unit.parent:
        over = roster.find(unit.parent)
        if len(over) != 1:
            return unit.parent, unit.parent, text("letter.units_below", parent=unit.parent), None
        unit = over[0]
    return f"={unit.code}", f"{unit.code} {unit.name}", unit.name, unit
