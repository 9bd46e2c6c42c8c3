"""``init``, ``backup``, ``restore``: make a working folder, back it up, put it back."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click

from consolidate.actions.backup import SECRETS, back_up, backup_name, put_back
from consolidate.cli.errors_and_exit_codes import EXIT_FINDINGS
from consolidate.cli.options import (
    ChoiceType,
    CountType,
    PathType,
    VietnameseCommand,
    today,
    workspace_option,
)
from consolidate.cli.terminal import say, shown_path
from consolidate.cli.workspace_and_inbox import say_next, workspace_at
from consolidate.definitions.calendars import example, examples
from consolidate.definitions.catalogue import sentence, text
from consolidate.definitions.loader import shipped_library
from consolidate.model.datasets import Library
from consolidate.model.deadlines import FIRST_YEAR, LAST_YEAR, Calendar
from consolidate.model.reasons import UserError
from consolidate.model.units import Roster


@click.command(cls=VietnameseCommand, help=text("cli.init.help"))
@click.argument("folder", metavar=text("cli.init.folder"), type=PathType())
@click.option("--province", metavar="TÊN", default="", help=text("cli.init.province"))
@click.option(
    "--calendar",
    "calendar_name",
    metavar="|".join(examples()),
    type=ChoiceType(list(examples())),
    help=text("cli.init.calendar"),
)
@click.option(
    "--year", metavar="NĂM", type=CountType(FIRST_YEAR, LAST_YEAR), help=text("cli.init.year")
)
def init(folder: Path, province: str, calendar_name: str | None, year: int | None) -> int:
    from consolidate.province.calendar import statutory_calendar
    from consolidate.province.own_forms import library_in
    from consolidate.province.roster import communes_of, notes_of, read_roster
    from consolidate.province.workspace import CALENDAR, ROSTER, create

    if folder.exists() and not folder.is_dir():
        raise click.UsageError(text("workspace.init.not_a_folder", path=folder))
    if year is not None and calendar_name is not None:
        raise click.UsageError(text("workspace.init.two_calendars"))
    library = library_in(shipped_library(), folder)
    roster = communes_of(province) if province else Roster.of(())
    calendar = example(calendar_name) if calendar_name is not None else Calendar()
    if year is not None:
        calendar = statutory_calendar(library.packs, year)
        if not calendar.rows:
            raise click.UsageError(text("workspace.init.no_forms", year=year))
    kept = set()
    for part in create(folder, roster, calendar, library.families):
        if not part.made:
            kept.add(part.path)
        key = "workspace.init.made" if part.made else "workspace.init.kept"
        say(text(key, path=part.path), indent=2)
    say(text("workspace.init.ready", folder=shown_path(folder)), bold=True)
    if ROSTER not in kept:
        count = len(roster.units)
        key = "workspace.init.communes" if count else "workspace.init.no_communes"
        say(text(key, count=count, province=roster.province))
    elif roster.units:
        say(text("workspace.init.roster_kept", province=roster.province), colour="yellow")
    if ROSTER in kept:
        with contextlib.suppress(UserError):
            found = read_roster(folder / ROSTER, library.families)
            for note in notes_of(found, library.newest):
                say(sentence(note), colour="yellow")
    if calendar_name is not None:
        shown = examples()[calendar_name]
        key = "workspace.init.calendar_kept" if CALENDAR in kept else "workspace.init.example"
        say(text(key, example=shown), colour="yellow")
    if year is not None and CALENDAR in kept:
        say(text("workspace.init.year_kept", year=year), colour="yellow")
    elif year is not None:
        _say_calendar(library, calendar, year)
    here = folder.resolve() == Path.cwd()
    reason = text("next.after_init_here" if here else "next.after_init")
    command = "consolidate" if here else f'cd "{shown_path(folder)}"'
    say(text("next.then", reason=reason, command=command))
    return 0


def _say_calendar(library: Library, calendar: Calendar, year: int) -> None:
    """Tell by family of forms which days are filled in and which are left to the province."""
    for family, template in library.families.items():
        rows = [row for row in calendar.rows if row.template == family]
        said = {row.deadline.letter for row in rows if row.deadline.due is not None}
        for letter in sorted(said):
            say(text("workspace.init.year", title=template.short_title, year=year, letter=letter))
        if any(row.deadline.window is None or row.deadline.due is None for row in rows):
            blank = text("workspace.init.year_blank", title=template.short_title, year=year)
            say(blank, colour="yellow")
        if not rows:
            none = text("workspace.init.year_none", title=template.short_title, year=year)
            say(none, colour="yellow")


@click.command("backup", cls=VietnameseCommand, help=text("cli.backup.help"))
@click.argument(
    "file", metavar=text("cli.backup.file"), required=False, type=PathType(dir_okay=False)
)
@workspace_option
def backup(file: Path | None, folder: Path | None) -> int:
    workspace = workspace_at(folder)
    target = file if file is not None else workspace.root / backup_name(today())
    made = back_up(workspace, target)
    counts = {"count": made.beside, "kept": made.files}
    say(text("backup.written", file=shown_path(made.path), **counts), bold=True)
    for note in made.notes():
        say(sentence(note), colour="yellow")
    secrets = [workspace.root / name for name in SECRETS if (workspace.root / name).exists()]
    if secrets:
        say(text("backup.secrets_apart", files=", ".join(map(shown_path, secrets))))
    say_next(workspace, today())
    return EXIT_FINDINGS if made.notes() else 0


@click.command("restore", cls=VietnameseCommand, help=text("cli.restore.help"))
@click.argument("file", metavar=text("cli.restore.file"), type=PathType())
@click.argument("folder", metavar=text("cli.restore.folder"), type=PathType())
def restore(file: Path, folder: Path) -> int:
    if not file.is_file():
        raise click.UsageError(text("cli.check.no_file", path=file))
    if folder.exists() and not folder.is_dir():
        raise click.UsageError(text("workspace.init.not_a_folder", path=folder))
    done = put_back(shipped_library(), file, folder)
    counts = {"count": done.files, "runs": done.runs}
    say(text("backup.restored", folder=shown_path(folder), **counts), bold=True)
    for note in done.notes:
        say(sentence(note), colour="yellow")
    say(text("backup.next", command=f'cd "{shown_path(folder)}"'))
    return EXIT_FINDINGS if done.missing else 0
