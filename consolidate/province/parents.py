"""Superiors that a roster names but does not list: a mistyped code loses its zip and its letter.

What stands in the column "Đơn vị cấp trên" is the code or the name of a unit, or free text by which
units are put together (``Cụm 2``). Only what looks like the codes of the roster is asked about.
"""

from __future__ import annotations

import re

from rapidfuzz.distance import OSA

from consolidate.model.reasons import Reason, because
from consolidate.model.text import plain, tidy
from consolidate.model.units import OrganisationUnit, Roster

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
    """Whether a text is built as codes of the roster are, or one slip away from one of them.

    A word without a digit is a code only in capitals, and nothing with a blank is one.
    """
    if " " in said or not (_DIGITS.search(said) or said.isupper()):
        return False
    if _shape(said) in shapes:
        return True
    typed = said.casefold()
    return len(said) >= _SHORTEST and any(
        OSA.distance(typed, code.casefold(), score_cutoff=1) <= 1 for code in codes
    )


def _shape(code: str) -> str:
    """How a code is built: a sign for each letter and one for each row of digits (``X01``)."""
    return _DIGITS.sub("9", _LETTER.sub("A", plain(code)))


def _note(parent: str, units: list[OrganisationUnit]) -> Reason:
    first, others = units[0], len(units) - 1
    more = because("roster.parent_of_others", count=others) if others else ""
    return because("roster.parent", parent=parent, name=first.name, code=first.code, more=more)
