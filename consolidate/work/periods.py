"""What to say of a period that nobody can read."""

from __future__ import annotations

from consolidate.definitions.catalogue import text
from consolidate.model.period import Period


def bad_period(typed: str) -> str:
    """What to say of a text that is no code; a period that it names is offered, never taken."""
    meant = Period.parse_text(typed)
    if meant is None:
        return text("cli.merge.bad_period", value=typed)
    return text("cli.merge.bad_period_near", value=typed, label=meant.label, code=meant.code)
