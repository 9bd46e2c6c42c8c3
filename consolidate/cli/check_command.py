"""``consolidate check FILE…``: the findings of single files; writes nothing but what it prints."""

from __future__ import annotations

from pathlib import Path

import click

from consolidate.actions.check import check_files
from consolidate.actions.workspaces import library_of
from consolidate.cli.errors_and_exit_codes import EXIT_FINDINGS
from consolidate.cli.options import PathType, VietnameseCommand, reading_options
from consolidate.cli.terminal import say, say_finding
from consolidate.cli.workspace_and_inbox import settings_of
from consolidate.definitions.catalogue import sentence, text
from consolidate.definitions.loader import shipped_library
from consolidate.model.datasets import Library
from consolidate.model.reasons import Severity
from consolidate.model.returns import FileReading
from consolidate.province.workspace import WORKED_IN, Workspace


@click.command(cls=VietnameseCommand, help=text("cli.check.help"))
@click.argument("files", metavar=text("cli.check.files"), nargs=-1, required=True, type=PathType())
@reading_options
@click.option("--json", "as_json", is_flag=True, help=text("cli.check.json"))
def command(
    files: tuple[Path, ...], *, as_json: bool, password_file: Path | None, limits: Path | None
) -> int:
    for path in files:
        if path.is_dir():
            raise click.UsageError(text("cli.check.is_folder", path=path))
        if not path.is_file():
            raise click.UsageError(text("cli.check.no_file", path=path))
    settings = settings_of(password_file, limits)
    workspace = Workspace.of_inbox(shipped_library(), files[0], WORKED_IN)
    library = library_of(workspace, shipped_library())
    readings = check_files(library, files, settings)
    if as_json:
        from consolidate.reports.result_json import check_document, render

        click.echo(render(check_document(readings, library)), nl=False)
    else:
        for reading in readings:
            _say(library, reading)
    wrong = any(
        reading.content is None
        or any(finding.severity is not Severity.INFO for finding in reading.findings)
        for reading in readings
    )
    return EXIT_FINDINGS if wrong else 0


def _say(library: Library, reading: FileReading) -> None:
    say(reading.name, bold=True)
    if reading.content is None and reading.outcome is not None:
        say(text(f"terms.outcome.{reading.outcome.value}"), indent=2, colour="red")
        say(sentence(reading.reason), indent=2)
        return
    if reading.content is not None:
        template = library.packs.by_code[reading.content.pack].template
        period = reading.content.period
        words = [
            template.short_title,
            reading.content.cover_text("unit_name") or text("cli.check.no_unit"),
            period.label if period is not None else text("cli.check.no_period"),
        ]
        say(" · ".join(words), indent=2)
    for finding in reading.findings:
        say_finding(finding)
    if not reading.findings:
        say(text("cli.check.clean"), indent=2, colour="green")
