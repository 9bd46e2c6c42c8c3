"""Exit codes, and how an error is shown: a refusal, a wrong call, a full disk, a fault.

Click complains in English; :func:`usage_message` says the same in Vietnamese.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable

import click

from consolidate.cli.terminal import interactive, wrapped
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.reasons import disk_trouble
from consolidate.model.text import visible_lines

EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_INTERNAL = 3
"""Exit codes; 0 says that nothing needs a person."""


def show_error(error: Exception, *, debug: bool) -> int:
    """Say on standard error why nothing was done; the exit code."""
    match error:
        case click.exceptions.NoArgsIsHelpError():
            click.echo(error.ctx.get_help() if error.ctx else "", err=True)
        case click.UsageError():
            _complain(usage_message(error))
            if error.ctx is not None:
                click.echo(text("cli.try_help", command=error.ctx.command_path), err=True)
        case click.ClickException():
            _complain(error.message)
        case click.exceptions.Abort():
            click.echo(text("cli.interrupted"), err=True)
        case PermissionError() | FileExistsError() | IsADirectoryError() | NotADirectoryError():
            # Of a file that is moved to its place the second name is the one that a person knows.
            file = error.filename2 or error.filename or ""
            _complain(text("cli.no_permission", file=file))
        case _:
            if debug:
                traceback.print_exception(error)
            trouble = disk_trouble(error) if isinstance(error, OSError) else None
            if trouble is None:
                click.secho(text("cli.internal", error=type(error).__name__), fg="red", err=True)
                return EXIT_INTERNAL
            _complain(sentence(trouble))
    return EXIT_USAGE


def _complain(said: str) -> None:
    """Say on standard error why nothing was done; before a person with whole words on each line."""
    lines = visible_lines(said)
    click.secho(wrapped(lines) if interactive() else lines, fg="red", err=True)


_EXTRA = re.compile(r"Got unexpected extra arguments? \((.*)\)", re.DOTALL)
_NO_COMMAND = re.compile(r"No such command '(.*)'\.", re.DOTALL)
_MISSING_COMMAND = "Missing command."
_TAKES_NO_VALUE = "does not take a value"


def usage_message(error: click.UsageError) -> str:
    """Translate a complaint of click's into Vietnamese; one of ours is Vietnamese already.

    Types of values refuse in Vietnamese by themselves (``cli/options.py``).
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
