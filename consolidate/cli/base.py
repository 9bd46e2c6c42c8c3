"""Base of every command: help pages, refusals and click's complaints in Vietnamese, exit codes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import click

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.reasons import UserError

EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_INTERNAL = 3
"""Exit codes; 0 says that nothing needs a person."""


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


_EXTRA = re.compile(r"Got unexpected extra arguments? \((.*)\)", re.DOTALL)
_NO_COMMAND = re.compile(r"No such command '(.*)'\.", re.DOTALL)
_MISSING_COMMAND = "Missing command."
_TAKES_NO_VALUE = "does not take a value"


def usage_message(error: click.UsageError) -> str:
    """Translate a complaint of click's into Vietnamese; one of ours is Vietnamese already.

    Types of values refuse in Vietnamese by themselves (``cli/parameters.py``).
    """
    match error:
        case click.NoSuchOption():
            said = text("cli.no_such_option", name=error.option_name)
            return _offering(said, error.possibilities or ())
        case click.BadOptionUsage():
            key = "takes_no_value" if _TAKES_NO_VALUE in error.message else "needs_value"
            return text(f"cli.{key}", name=error.option_name)
        case click.MissingParameter():
            metavar = getattr(error.param, "metavar", None)
            if isinstance(error.param, click.Option) and metavar:
                return missing_option(_named(error), metavar).message
            return text("cli.missing", name=_named(error))
        case click.BadParameter():
            hint = error.param_hint or _named(error)
            shown = hint if isinstance(hint, str) else ", ".join(hint)
            return text("cli.bad_value", name=shown, reason=error.message)
    # The class of these is that of our own complaints: only the words tell.
    if found := _EXTRA.fullmatch(error.message):
        return text("cli.extra_arguments", found=found.group(1))
    if found := _NO_COMMAND.match(error.message):
        said = text("cli.no_such_command", name=found.group(1))
        return _offering(said, _alike(found.group(1), error.ctx))
    if error.message == _MISSING_COMMAND:
        return text("cli.missing_command")
    return error.message


def missing_option(name: str, value: str) -> click.UsageError:
    """Complain of a required option and show how to give it, with ``value`` in its place."""
    return click.UsageError(text("cli.missing_option", name=name, value=value))


_ALIKE = 0.6
"""How much alike, from 0 to 1, a name must be to be offered for a mistyped one."""


def _alike(typed: str, context: click.Context | None) -> list[str]:
    """Commands of a group that may be meant by a mistyped one."""
    if context is None or not isinstance(context.command, click.Group):
        return []
    known = context.command.list_commands(context)
    word = typed.casefold()
    begun = [name for name in known if len(word) > 1 and name.startswith(word)]
    if begun:
        return begun
    import difflib  # Only where a name is mistyped.

    return difflib.get_close_matches(word, known, n=2, cutoff=_ALIKE)


def _offering(said: str, names: Iterable[str]) -> str:
    """Return a complaint, and what may be meant."""
    shown = ", ".join(names)
    return f"{said} {text('cli.meant', names=shown)}" if shown else said


def _named(error: click.BadParameter) -> str:
    """Tell what a person calls the parameter: ``--period``, ``HỘP_THƯ_ĐẾN``."""
    if error.param is None:
        return ""
    if isinstance(error.param, click.Option):
        return error.param.opts[0]
    context = error.ctx if error.ctx is not None else click.Context(click.Command("consolidate"))
    return error.param.make_metavar(context)
