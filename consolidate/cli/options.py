"""Commands and what is typed behind them: help pages, types of values, options of several commands.

Click's own commands and types speak English, so those of this module take their place.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.period import Period, read_period
from consolidate.model.reasons import UserError, because
from consolidate.model.text import format_day

Command = TypeVar("Command", bound=Callable[..., Any])
_FORMS = ("%d/%m/%Y", "%Y-%m-%d")


class VietnameseCommand(click.Command):
    """A command that speaks Vietnamese: its help, and what a person has to mend."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        keywords.setdefault("options_metavar", text("cli.options_metavar"))
        super().__init__(*arguments, **keywords)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; show a refusal as click shows its own, a wrong call with its usage.

        Raises:
            click.UsageError: the command was called wrongly.
            click.ClickException: the work was refused on the way.
        """
        try:
            return super().invoke(ctx)
        except UserError as error:
            told = "\n".join(map(sentence, error.problems))
            if error.wrong_call:
                raise click.UsageError(told, ctx) from None
            raise click.ClickException(told) from None

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = self.collect_usage_pieces(ctx)
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=text("cli.usage"))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        records = [record for param in options if (record := param.get_help_record(ctx))]
        if records:
            with formatter.section(text("cli.options")):
                formatter.write_dl(records)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = text("cli.help_option")
        return option


class VietnameseGroup(VietnameseCommand, click.Group):
    """A group of such commands."""

    command_class = VietnameseCommand

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        keywords.setdefault("subcommand_metavar", text("cli.commands_metavar"))
        super().__init__(*arguments, **keywords)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        VietnameseCommand.format_options(self, ctx, formatter)
        rows = [(name, self.short_help_of(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section(text("cli.commands")):
            formatter.write_dl(rows)

    def short_help_of(self, ctx: click.Context, name: str) -> str:
        """Describe a command in one line."""
        command = self.get_command(ctx, name)
        return command.get_short_help_str(60) if command is not None else ""


def typed_period(typed: str, year: int) -> Period:
    """Read a period as typed, a code or in words; ``year`` is that of today.

    Raises:
        UserError: it names none, or can mean several; the reason offers those.
    """
    found = read_period(typed, year)
    if found.certain:
        return found.periods[0]
    if not found.periods:
        raise UserError.of("cli.period.none", wrong_call=True, value=typed, year=year)
    meant = tuple(
        because("cli.period.offer", period=item, code=item.code) for item in found.periods
    )
    raise UserError.of("cli.period.several", wrong_call=True, value=typed, meant=meant)


class PeriodParameter(click.ParamType[Period]):
    """A period as a code such as ``2018-9M``, or in words such as ``9 tháng 2018``."""

    name = "period"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Period:
        if isinstance(value, Period):
            return value
        try:
            return typed_period(str(value), today().year)
        except UserError as error:
            self.fail("\n".join(map(sentence, error.problems)), param, ctx)


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


class ChoiceType(click.Choice[str]):
    """One of a few words."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        return text("cli.not_a_choice", found=value, known=", ".join(map(str, self.choices)))


class CountType(click.ParamType[int]):
    """A whole number from ``lowest`` to ``highest``."""

    name = "count"

    def __init__(self, lowest: int, highest: int) -> None:
        self.lowest, self.highest = lowest, highest

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        shown = str(value)
        digits = shown.isascii() and shown.isdigit() and len(shown) < 10
        if digits and self.lowest <= int(shown) <= self.highest:
            return int(shown)
        bounds = {"lowest": self.lowest, "highest": self.highest}
        return self.fail(text("cli.not_a_count", found=value, **bounds), param, ctx)


class PathType(click.Path):
    """A path, there or not; one that is there must be of the right kind and readable."""

    def __init__(self, *, file_okay: bool = True, dir_okay: bool = True) -> None:
        super().__init__(file_okay=file_okay, dir_okay=dir_okay, path_type=Path)

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            path = Path(value)
        key = "not_readable"
        if path.is_dir() and not self.dir_okay:
            key = "is_folder"
        elif path.is_file() and not self.file_okay:
            key = "is_file"
        return self.fail(text(f"cli.{key}", path=path), param, ctx)


def today() -> date:
    """Read the clock of this machine for the day."""
    return date.today()


def day_or_today(day: date | None) -> date:
    """Choose the day that was given, else today by the clock of this machine."""
    return day if day is not None else today()


def day_until_today(day: date | None) -> date:
    """Choose the day that was given, if it is not after today; else today.

    Raises:
        click.UsageError: it is still to come: nothing can have come in on it.
    """
    asked = day_or_today(day)
    if asked > today():
        shown = {"day": format_day(asked), "today": format_day(today())}
        raise click.UsageError(text("cli.merge.future", **shown))
    return asked


def workspace_option(command: Command) -> Command:
    """Give a command the option ``--workspace`` (``folder``)."""
    said = text("cli.issue.workspace")
    return click.option("--workspace", "folder", metavar="DIR", type=PathType(), help=said)(command)


def day_option(key: str) -> Callable[[Command], Command]:
    """Add an option ``--on``: the day of a decision, today by default (:func:`day_or_today`).

    ``key`` is the key of its help text.
    """
    return click.option("--on", "day", metavar="NGÀY", type=DayType(), help=text(key))


def inbox_options(command: Command) -> Command:
    """Give a command the options of a merge that say what is read, and as whose.

    They are ``--period``, ``--roster``, ``--workspace`` (as ``folder``), ``--no-workspace`` (as
    ``alone``), ``--jobs`` and those of :func:`reading_options`.
    """
    said = {key: text(f"cli.merge.{key}") for key in ("period", "roster", "workspace", "jobs")}
    path, alone = PathType(), text("cli.merge.no_workspace")
    for option in (
        click.option("--jobs", metavar="N", type=CountType(0, 64), help=said["jobs"]),
        reading_options,
        click.option("--no-workspace", "alone", is_flag=True, help=alone),
        click.option("--workspace", "folder", metavar="DIR", type=path, help=said["workspace"]),
        click.option("--roster", metavar="TỆP", type=path, help=said["roster"]),
        click.option("--period", metavar="KỲ", type=PeriodParameter(), help=said["period"]),
    ):
        command = option(command)
    return command


def reading_options(command: Command) -> Command:
    """Give a command the options ``--password-file`` and ``--limits``."""
    for name in ("limits", "password_file"):
        said, option = text(f"cli.reading.{name}"), f"--{name.replace('_', '-')}"
        command = click.option(option, metavar="TỆP", type=PathType(), help=said)(command)
    return command
