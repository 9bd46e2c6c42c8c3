"""The command line. ``consolidate --help`` imports no command and nothing that commands need."""

from __future__ import annotations

import gc
import pkgutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from consolidate import __version__
from consolidate.cli.errors_and_exit_codes import EXIT_FINDINGS, show_error
from consolidate.cli.options import VietnameseGroup
from consolidate.cli.terminal import told_streams
from consolidate.definitions.catalogue import text

COMMANDS: Mapping[str, str] = {
    "init": "consolidate.cli.workspace_commands:init",
    "issue": "consolidate.cli.issue_and_return_commands:issue",
    "merge": "consolidate.cli.merge_command:command",
    "return": "consolidate.cli.issue_and_return_commands:return_files",
    "status": "consolidate.cli.status_command:command",
    "check": "consolidate.cli.check_command:command",
    "adjust": "consolidate.cli.adjust_and_decide_commands:adjust",
    "approve": "consolidate.cli.adjust_and_decide_commands:approve",
    "withdraw": "consolidate.cli.adjust_and_decide_commands:withdraw",
    "lock": "consolidate.cli.adjust_and_decide_commands:lock",
    "unlock": "consolidate.cli.adjust_and_decide_commands:unlock",
    "runs": "consolidate.cli.runs_and_trace_commands:runs",
    "diff": "consolidate.cli.runs_and_trace_commands:diff",
    "trace": "consolidate.cli.runs_and_trace_commands:trace",
    "report": "consolidate.cli.report_and_export_commands:report",
    "export": "consolidate.cli.report_and_export_commands:export",
    "encrypt": "consolidate.cli.report_and_export_commands:encrypt",
    "backup": "consolidate.cli.workspace_commands:backup",
    "restore": "consolidate.cli.workspace_commands:restore",
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
        from consolidate.cli.workspace_and_inbox import say_where
        from consolidate.definitions.loader import shipped_library
        from consolidate.province.workspace import Workspace

        say_where(Workspace.find(shipped_library(), Path()))


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
            code = show_error(error, debug=debug)
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
