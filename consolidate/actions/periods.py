"""What to say of a period that nobody can read, and of one by which its round does not go."""

from __future__ import annotations

from consolidate.model.period import Period
from consolidate.model.reasons import Reason, because


def bad_period(typed: str) -> Reason:
    """What to say of a text that is no code; a period that it names is offered, never taken."""
    meant = Period.parse_text(typed)
    if meant is None:
        return because("cli.merge.bad_period", value=typed)
    return because("cli.merge.bad_period_near", value=typed, label=meant.label, code=meant.code)


def renamed(typed: Period | None, name: Period) -> Reason | None:
    """What to say when a round goes by another code than the one typed, ``None`` for the same."""
    if typed is None or typed == name:
        return None
    return because("cli.same_round", typed=typed.code, code=name.code, label=name.label)
