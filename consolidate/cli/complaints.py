"""What click complains of, in Vietnamese: calls that it refuses before a command begins."""

from __future__ import annotations

import re

import click

from consolidate.definitions.catalogue import text

_EXTRA = re.compile(r"Got unexpected extra arguments? \((.*)\)", re.DOTALL)
_NO_COMMAND = re.compile(r"No such command '(.*)'\.", re.DOTALL)
_MISSING_COMMAND = "Missing command."
_TAKES_NO_VALUE = "does not take a value"


def usage_message(error: click.UsageError) -> str:
    """A complaint of click's in Vietnamese; one of ours is in Vietnamese already.

    Types of values refuse in Vietnamese by themselves (``commands/parameters.py``).
    """
    match error:
        case click.NoSuchOption():
            return text("cli.no_such_option", name=error.option_name)
        case click.BadOptionUsage():
            key = "takes_no_value" if _TAKES_NO_VALUE in error.message else "needs_value"
            return text(f"cli.{key}", name=error.option_name)
        case click.MissingParameter():
            return text("cli.missing", name=_named(error))
        case click.BadParameter():
            hint = error.param_hint or _named(error)
            shown = hint if isinstance(hint, str) else ", ".join(hint)
            return text("cli.bad_value", name=shown, reason=error.message)
    # The class of these is that of our own complaints: only the words tell.
    if found := _EXTRA.fullmatch(error.message):
        return text("cli.extra_arguments", found=found.group(1))
    if found := _NO_COMMAND.match(error.message):
        return text("cli.no_such_command", name=found.group(1))
    if error.message == _MISSING_COMMAND:
        return text("cli.missing_command")
    return error.message


def _named(error: click.BadParameter) -> str:
    """What a person calls the parameter: ``--period``, ``HỘP_THƯ_ĐẾN``."""
    if error.param is None:
        return ""
    if isinstance(error.param, click.Option):
        return error.param.opts[0]
    context = error.ctx if error.ctx is not None else click.Context(click.Command("consolidate"))
    return error.param.make_metavar(context)
