"""Types of what is typed behind a command: a period, a day, the number of a run."""

from __future__ import annotations

import contextlib
from datetime import date, datetime

import click

from consolidate.definitions.catalogue import text
from consolidate.model.period import Period
from consolidate.work.periods import bad_period

_FORMS = ("%d/%m/%Y", "%Y-%m-%d")


class PeriodType(click.ParamType[Period]):
    """A period code such as ``2018-9M``."""

    name = "period"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Period:
        if isinstance(value, Period):
            return value
        try:
            return Period.parse_code(str(value))
        except ValueError:
            self.fail(bad_period(str(value)), param, ctx)


class DayType(click.ParamType[date]):
    """A day as people write it (``05/09/2018``), or ISO 8601 (``2018-09-05``)."""

    name = "day"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        if isinstance(value, date):
            return value
        for form in _FORMS:
            with contextlib.suppress(ValueError):
                return datetime.strptime(str(value).strip(), form).date()
        return self.fail(text("cli.merge.bad_day", value=value), param, ctx)


class RunType(click.ParamType[int]):
    """The number of a run, 1 and up."""

    name = "run"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        shown = str(value)
        if shown.isascii() and shown.isdigit() and 0 < int(shown[:9]) < 10**8:
            return int(shown)
        return self.fail(text("runs.bad_number", value=value), param, ctx)


def day_or_today(day: date | None) -> date:
    """The day that was given, else today by the clock of this machine."""
    return day if day is not None else date.today()
