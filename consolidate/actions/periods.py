"""Explain an unreadable period, and the other code by which a round goes."""

from __future__ import annotations

from consolidate.model.period import Period
from consolidate.model.reasons import Reason, because


def bad_period(typed: str) -> Reason:
    """Explain that a text is no period code; offer the period that it names."""
    meant = Period.parse_text(typed)
    if meant is None:
        return because("cli.merge.bad_period", value=typed)
    return because("cli.merge.bad_period_near", value=typed, label=meant.label, code=meant.code)


def renamed(typed: Period | None, name: Period) -> Reason | None:
    """Explain that a round goes by another code than the typed one; ``None`` if it is the same."""
    if typed is None or typed == name:
        return None
    return because("cli.same_round", typed=typed.code, code=name.code, label=name.label)
