"""What to say of a period that nobody can read, and of one by which its round does not go."""

from __future__ import annotations

from consolidate.definitions.catalogue import text
from consolidate.model.period import Period


def bad_period(typed: str) -> str:
    """What to say of a text that is no code; a period that it names is offered, never taken."""
    meant = Period.parse_text(typed)
    if meant is None:
        return text("cli.merge.bad_period", value=typed)
    return text("cli.merge.bad_period_near", value=typed, label=meant.label, code=meant.code)


def renamed(typed: Period | None, name: Period) -> str:
    """What to say when a round goes by another code than the one typed; ``""`` when it does not."""
    if typed is None or typed == name:
        return ""
    return text("cli.same_round", typed=typed.code, code=name.code, label=name.label)
