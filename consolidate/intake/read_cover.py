"""What the cover says of the whole return: its period, its data window, which sending it is."""

from __future__ import annotations

from datetime import date

from consolidate.model.period import DataWindow, Period
from consolidate.model.returns import DataSetReturn


def period_of(cover: DataSetReturn) -> Period | None:
    """The period that is chosen on the cover, with its year; ``None`` when either is missing."""
    for value in cover.values:
        if value.key.element == "period_type" and isinstance(value.value, str):
            return Period.parse_text(value.value, _number(cover, "period_year"))
    return None


def window_of(cover: DataSetReturn) -> DataWindow | None:
    """The first and last day that the figures cover; ``None`` unless both are given."""
    days = {value.key.element: value.value for value in cover.values if value.value is not None}
    start, end = days.get("window_from"), days.get("window_to")
    if not isinstance(start, date) or not isinstance(end, date):
        return None
    return DataWindow(start, end)


def revision_of(cover: DataSetReturn) -> int:
    """Which sending this is ("Lần gửi"), 1 when the cover does not say."""
    return _number(cover, "revision") or 1


def _number(cover: DataSetReturn, element: str) -> int | None:
    for value in cover.values:
        if value.key.element == element and value.number is not None:
            return int(value.number)
    return None
