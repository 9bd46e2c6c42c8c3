"""``consolidate init DIR``: the folder in which a province does its reporting."""

from __future__ import annotations

from pathlib import Path

import click

from consolidate.cli.base import VietnameseCommand
from consolidate.cli.console import say, shown_path
from consolidate.cli.parameters import ChoiceType, PathType
from consolidate.definitions.calendars import example, examples
from consolidate.definitions.catalogue import sentence, text
from consolidate.definitions.loader import shipped_library
from consolidate.model.deadlines import Calendar
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
def command(folder: Path, province: str, calendar_name: str | None) -> int:
    from consolidate.actions.workspaces import make_workspace, roster_notes
    from consolidate.province.workspace import CALENDAR, ROSTER, Workspace

    if folder.exists() and not folder.is_dir():
        raise click.UsageError(text("workspace.init.not_a_folder", path=folder))
    roster = _roster(province)
    calendar = example(calendar_name) if calendar_name is not None else Calendar()
    kept = set()
    for part in make_workspace(shipped_library(), folder, roster, calendar):
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
        for note in roster_notes(Workspace(shipped_library(), folder.resolve())):
            say(sentence(note), colour="yellow")
    if calendar_name is not None:
        shown = examples()[calendar_name]
        key = "workspace.init.calendar_kept" if CALENDAR in kept else "workspace.init.example"
        say(text(key, example=shown), colour="yellow")
    return 0


def _roster(province: str) -> Roster:
    """List the communes of a province; an empty roster when none is named."""
    from consolidate.province.provinces import communes_of

    return communes_of(province) if province else Roster.of(())
