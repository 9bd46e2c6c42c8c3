"""Read the period that a person typed; explain the other code by which a round goes."""

from __future__ import annotations

from consolidate.model.period import Period, read_period
from consolidate.model.reasons import Reason, UserError, because


def typed_period(typed: str, year: int) -> Period:
    """Read a period as typed, a code or in words; ``year`` is that of today.

    Raises:
        UserError: it names none, or can mean several; the reason offers those.
    """
    found = read_period(typed, year)
    if found.certain:
        return found.periods[0]
    if not found.periods:
        raise UserError((because("cli.period.none", value=typed, year=year),), wrong_call=True)
    meant = tuple(
        because("cli.period.offer", period=item, code=item.code) for item in found.periods
    )
    raise UserError((because("cli.period.several", value=typed, meant=meant),), wrong_call=True)


def renamed(typed: Period | None, name: Period) -> Reason | None:
    """Explain that a round goes by another code than the typed one; ``None`` if it is the same."""
    if typed is None or typed == name:
        return None
    return because("cli.same_round", typed=typed.code, code=name.code, label=name.label)
