"""``consolidate template build|verify``: make the templates, compare the ones in a folder."""

from __future__ import annotations

from pathlib import Path

import click

from consolidate.cli.base import EXIT_FINDINGS, VietnameseGroup
from consolidate.cli.console import say
from consolidate.cli.parameters import PathType
from consolidate.definitions.catalogue import text

_DEFAULT = Path("templates")


@click.group(cls=VietnameseGroup, help=text("template.command.help"))
def command() -> None:
    """Group of the commands about templates."""


@command.command(
    "build",
    help=text("template.command.build_help"),
    short_help=text("template.command.build_short"),
)
@click.option(
    "--out",
    type=PathType(file_okay=False),
    default=_DEFAULT,
    metavar=text("template.command.folder"),
    help=text("template.command.out_help"),
)
def build(out: Path) -> int:
    from consolidate.actions.workspaces import library_at
    from consolidate.definitions.loader import shipped_library
    from consolidate.templates.manifest import MANIFEST, build_all

    try:
        made = build_all(library_at(shipped_library(), Path()), out)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise click.ClickException(
            text("template.command.cannot_write", folder=out, reason=reason)
        ) from error
    for item in made:
        file, version = out / item.pack.template.file_name, item.pack.template.version
        say(text("template.command.built", file=file, version=version))
    say(text("template.command.manifest", file=out / MANIFEST))
    return 0


@command.command(
    "verify",
    help=text("template.command.verify_help"),
    short_help=text("template.command.verify_short"),
)
@click.argument(
    "folder",
    type=PathType(),
    default=_DEFAULT,
    metavar=text("template.command.folder_argument"),
)
def verify(folder: Path) -> int:
    from consolidate.actions.workspaces import library_at
    from consolidate.definitions.loader import shipped_library
    from consolidate.templates.manifest import verify_all

    library = library_at(shipped_library(), Path())
    differences = verify_all(library, folder)
    for difference in differences:
        key = f"template.difference.{difference.kind}"
        say(text(key, file=folder / difference.file, detail=difference.detail), colour="red")
    if differences:
        say(text("template.command.differs", count=len(differences)), bold=True)
        return EXIT_FINDINGS
    say(text("template.command.verified", count=len(library.packs.packs)))
    return 0
