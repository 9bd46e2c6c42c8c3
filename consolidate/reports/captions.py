"""Short texts that reports share: captions of figures, values, where a return is, periods."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from consolidate.definitions.catalogue import text
from consolidate.model.data_values import DENOMINATOR, NUMERATOR, Scalar
from consolidate.model.datasets import DataSet, Library
from consolidate.model.period import Period
from consolidate.model.text import format_day, format_number
from consolidate.rollup.timeliness import ReturnState, ReturnStatus


def caption(library: Library, data_set: str, element: str, column: str = "") -> str:
    """Short official reference of a figure, ``""`` when the definitions do not know it."""
    found: DataSet | None = (
        library.cover if data_set == library.cover.code else library.by_code.get(data_set)
    )
    if found is None or element not in found.by_code:
        return ""
    item = found.by_code[element]
    if column and column == item.second:
        return f"{found.caption(item)}, {item.second_label}"
    if column in (NUMERATOR, DENOMINATOR):
        return text(f"summary.caption.{column}", caption=found.caption(item))
    return found.caption(item, column)


def unit_caption(name: str, code: str) -> str:
    """A unit by name and code."""
    return text("summary.unit_ending", name=name, code=code)


def say(value: Scalar | None) -> str:
    """A value as Vietnamese readers write it: ``1.819``, ``28/08/2018``, or the text itself."""
    if isinstance(value, Decimal):
        return format_number(value)
    if isinstance(value, date):
        return format_day(value)
    return value or ""


def status_text(status: ReturnStatus) -> str:
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


def in_sentence(period: Period) -> str:
    """The label of a period inside a sentence: ``quý III/2018``, ``năm 2018``."""
    return f"{period.label[0].lower()}{period.label[1:]}"


def reports_of(found: Iterable[ReturnStatus]) -> tuple[tuple[str, Period], ...]:
    """Short titles of the templates that some returns are on, with their periods, each once."""
    return tuple(dict.fromkeys((status.template.short_title, status.period) for status in found))
