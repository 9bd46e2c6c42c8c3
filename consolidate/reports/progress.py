"""Where a return is, in the words that the status, the chase list and the letters share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from consolidate.definitions.catalogue import text
from consolidate.model.period import Period
from consolidate.rollup.timeliness import ReturnState, ReturnStatus


def said(status: ReturnStatus) -> str:
    """The state and its days: ``Chưa nộp, quá hạn 5 ngày``, ``Nộp trễ 2 ngày``."""
    state, days = text(f"progress.state.{status.state.value}"), status.days
    if days is None or status.state in (ReturnState.ON_TIME, ReturnState.RECEIVED):
        return state
    if status.state is ReturnState.LATE:
        return text("progress.days.late_plain", state=state, days=days)
    if status.state is ReturnState.TOO_LATE:
        return text("progress.days.late", state=state, days=days)
    if days > 0:
        return text("progress.days.overdue", state=state, days=days)
    key = "progress.days.left" if days else "progress.days.due"
    return text(key, state=state, days=-days)


def shown_day(day: date | None) -> str:
    """A day as people write it, ``""`` for none."""
    return f"{day:%d/%m/%Y}" if day is not None else ""


def in_sentence(period: Period) -> str:
    """The label of a period inside a sentence: ``quý III/2018``, ``năm 2018``."""
    return f"{period.label[0].lower()}{period.label[1:]}"


def reports_of(found: Iterable[ReturnStatus]) -> tuple[tuple[str, Period], ...]:
    """Short titles of the templates that some returns are on, with their periods, each once."""
    return tuple(dict.fromkeys((status.template.short_title, status.period) for status in found))
