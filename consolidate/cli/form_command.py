"""``consolidate form list``: the packs of forms, and what a signed text has to confirm of each."""

from __future__ import annotations

from pathlib import Path

import click

from consolidate.actions.workspaces import library_at
from consolidate.cli.base import VietnameseCommand, VietnameseGroup
from consolidate.cli.console import say
from consolidate.definitions.catalogue import text
from consolidate.definitions.loader import shipped_library
from consolidate.model.text import format_day


@click.group(cls=VietnameseGroup, help=text("cli.form.help"))
def command() -> None:
    """Group of ``list``."""


@command.command("list", help=text("cli.form.list"), cls=VietnameseCommand)
def list_forms() -> int:
    for pack in reversed(library_at(shipped_library(), Path()).packs.packs):
        say(f"{pack.code} · {pack.title}", bold=True)
        say(text("cli.form.basis", basis=pack.legal_basis), indent=2)
        start = format_day(pack.serves_from)
        if pack.serves_to is None:
            say(text("cli.form.serves_on", start=start), indent=2)
        else:
            say(text("cli.form.serves", start=start, end=format_day(pack.serves_to)), indent=2)
        for data_set in pack.data_sets:
            title = data_set.short_title
            say(text("cli.form.data_set", code=data_set.code, title=title), indent=2)
        if not pack.to_confirm:
            say(text("cli.form.nothing"), indent=2)
            continue
        say(text("cli.form.to_confirm"), indent=2, colour="yellow")
        for item in pack.to_confirm:
            say(f"- {item}", indent=4)
    return 0
