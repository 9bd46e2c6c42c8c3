"""The command line. ``consolidate --help`` imports no command and nothing that commands need."""

from __future__ import annotations

import gc
import pkgutil
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from consolidate import __version__
from consolidate.cli.base import (
    EXIT_FINDINGS,
    EXIT_INTERNAL,
    EXIT_USAGE,
    VietnameseGroup,
    usage_message,
)
from consolidate.cli.streams import told_streams
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.reasons import disk_trouble
from consolidate.model.text import visible_lines

COMMANDS: Mapping[str, str] = {
    "init": "consolidate.cli.init_command:command",
    "issue": "consolidate.cli.issue_command:command",
    "merge": "consolidate.cli.merge_command:command",
    "return": "consolidate.cli.return_command:command",
    "status": "consolidate.cli.status_command:command",
    "check": "consolidate.cli.check_command:command",
    "adjust": "consolidate.cli.adjust_command:command",
    "approve": "consolidate.cli.decision_commands:approve",
    "withdraw": "consolidate.cli.decision_commands:withdraw",
    "lock": "consolidate.cli.decision_commands:lock",
    "unlock": "consolidate.cli.decision_commands:unlock",
    "runs": "consolidate.cli.runs_command:runs",
    "diff": "consolidate.cli.runs_command:diff",
    "trace": "consolidate.cli.trace_command:command",
    "report": "consolidate.cli.report_command:command",
    "export": "consolidate.cli.keep_commands:export",
    "encrypt": "consolidate.cli.keep_commands:encrypt",
    "backup": "consolidate.cli.keep_commands:backup",
    "restore": "consolidate.cli.keep_commands:restore",
    "template": "consolidate.cli.definition_commands:template",
    "form": "consolidate.cli.definition_commands:form",
    "rules": "consolidate.cli.definition_commands:rules",
    "addin": "addin.command:command",
}
"""Names of the commands in the order of the help page, and where each is: ``module:object``.

``addin`` is a room above this one, so it is named here and imported only when it is called.
"""
_SELDOM = 50_000, 20, 20
"""When a command looks for what may be freed: most of what it makes is in use to its end, or freed
at once. Looking as often as Python does by itself takes a twelfth of a merge."""
_ALIASES = {"annotate": "return"}
"""Other names that work and that no help page lists."""


class LazyGroup(VietnameseGroup):
    """Imports a command only when it is called; its one line of help comes from the catalogue."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        home = COMMANDS.get(_ALIASES.get(cmd_name, cmd_name))
        if home is None:
            return None
        command: click.Command = pkgutil.resolve_name(home)
        return command

    def short_help_of(self, ctx: click.Context, name: str) -> str:
        return text(f"cli.{name}.short")


@click.group(cls=LazyGroup, help=text("cli.help"), invoke_without_command=True)
@click.version_option(__version__, message="consolidate %(version)s", help=text("cli.version"))
@click.option("--debug", is_flag=True, expose_value=False, help=text("cli.debug"))
@click.pass_context
def cli(context: click.Context) -> None:
    """Run the group; ``main`` has already taken ``--debug`` off the arguments.

    Without a command it says where the round of the folder is and what comes next.
    """
    if context.invoked_subcommand is None:
        from consolidate.actions.workspaces import workspace_of
        from consolidate.cli.next_command import say_where
        from consolidate.definitions.loader import shipped_library

        say_where(workspace_of(shipped_library(), None, Path()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 clean, 1 findings, 2 usage, 3 internal."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given  # Wherever it stands, before the command or behind it.
    if arguments is None:
        gc.set_threshold(*_SELDOM)
    with told_streams() as lost:
        try:
            _must_be_somewhere()
            plain = [argument for argument in given if argument != "--debug"]
            outcome = cli.main(plain, prog_name="consolidate", standalone_mode=False)
            code = outcome if isinstance(outcome, int) else 0
        except Exception as error:
            code = _refused(error, debug=debug)
        if arguments is None:
            # The process ends next: looking for what may be freed takes a fifth of a short command.
            gc.freeze()
        if not lost():
            return code
        click.secho(text("cli.output_lost"), fg="red", err=True)
        # The work is done; exit code 1 tells that the output could not be written.
        return code or EXIT_FINDINGS


def _must_be_somewhere() -> None:
    """Refuse a current folder that is gone.

    Raises:
        click.ClickException: it is.
    """
    try:
        Path.cwd()
    except OSError:
        raise click.ClickException(text("cli.no_folder")) from None


def _refused(error: Exception, *, debug: bool) -> int:
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
    from consolidate.cli.console import interactive, wrapped  # Imported when there is a complaint.

    lines = visible_lines(said)
    click.secho(wrapped(lines) if interactive() else lines, fg="red", err=True)
