"""``consolidate form``: the packs of forms; a pack as a workbook, back, and as a blank form."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from consolidate.actions.workspaces import library_at, workspace_of
from consolidate.cli.base import EXIT_FINDINGS, VietnameseCommand, VietnameseGroup
from consolidate.cli.console import say, shown_path
from consolidate.cli.parameters import PathType
from consolidate.definitions.catalogue import sentence, text
from consolidate.definitions.loader import shipped_library
from consolidate.model.packs import Pack
from consolidate.model.text import format_day
from consolidate.province.workspace import ROSTER

if TYPE_CHECKING:
    from consolidate.actions.forms import Imported

_code = click.argument("code", metavar=text("cli.form.code"))
_out = click.option(
    "--out", metavar="TỆP", type=PathType(dir_okay=False), help=text("cli.form.out")
)


@click.group(cls=VietnameseGroup, help=text("cli.form.help"))
def command() -> None:
    """Group of the commands about packs of forms."""


@command.command("list", help=text("cli.form.list"), cls=VietnameseCommand)
def list_forms() -> int:
    from consolidate.actions.forms import offered

    packs = library_at(shipped_library(), Path()).packs
    for pack in reversed(packs.packs):
        _show(pack.code, pack)
    for name, pack in offered().items():
        if pack.code not in packs.by_code or pack.template != packs.by_code[pack.code].template:
            _show(name, pack)
            say(text("cli.form.offered", name=name), indent=2, colour="yellow")
    return 0


def _show(name: str, pack: Pack) -> None:
    say(f"{name} · {pack.title}", bold=True)
    say(text("cli.form.basis", basis=pack.legal_basis), indent=2)
    start = format_day(pack.serves_from)
    if pack.serves_to is None:
        say(text("cli.form.serves_on", start=start), indent=2)
    else:
        say(text("cli.form.serves", start=start, end=format_day(pack.serves_to)), indent=2)
    for data_set in pack.data_sets:
        say(text("cli.form.data_set", code=data_set.code, title=data_set.short_title), indent=2)
    if not pack.to_confirm:
        say(text("cli.form.nothing"), indent=2)
        return
    say(text("cli.form.to_confirm"), indent=2, colour="yellow")
    for item in pack.to_confirm:
        say(f"- {item}", indent=4)


@command.command("use", help=text("cli.form.use"), cls=VietnameseCommand)
@_code
@click.option("--force", is_flag=True, help=text("cli.form.force"))
def use_form(code: str, force: bool) -> int:
    from consolidate.actions.forms import take_pack

    return _tell(take_pack(code, _root(), force=force))


@command.command("export", help=text("cli.form.export"), cls=VietnameseCommand)
@_code
@_out
def export_form(code: str, out: Path | None) -> int:
    from consolidate.actions.forms import export_pack

    target = out if out is not None else Path(f"bieu-mau-{code}.xlsx")
    export_pack(_root(), code, target)
    say(text("forms.exported", code=code, file=shown_path(target)), bold=True)
    return 0


@command.command("import", help=text("cli.form.import"), cls=VietnameseCommand)
@click.argument("file", metavar=text("cli.form.file"), type=PathType(dir_okay=False))
@click.option("--force", is_flag=True, help=text("cli.form.force"))
def import_form(file: Path, force: bool) -> int:
    from consolidate.actions.forms import import_pack

    if not file.is_file():
        raise click.UsageError(text("cli.check.no_file", path=file))
    return _tell(import_pack(file, _root(), force=force))


def _tell(done: Imported) -> int:
    values = {"code": done.code, "count": len(done.files), "folder": shown_path(done.folder)}
    say(text("forms.imported", **values), bold=True)
    if done.shipped:
        say(text("forms.shipped", code=done.code), colour="yellow")
    if not done.kept:
        if (done.folder.parents[1] / ROSTER).is_file():
            say(text("forms.then", family=done.family))
        return 0
    say(text("forms.imported_kept", count=len(done.kept)), colour="yellow")
    for name in done.kept:
        say(name, indent=2)
    return EXIT_FINDINGS


@command.command("guess", help=text("cli.form.guess"), cls=VietnameseCommand)
@click.argument("file", metavar=text("cli.form.table"), type=PathType(dir_okay=False))
@click.option("--code", metavar="MÃ", default="moi", help=text("cli.form.new_code"))
@_out
def guess_form(file: Path, code: str, out: Path | None) -> int:
    from consolidate.actions.forms import guess_pack
    from consolidate.definitions.keys import PACK

    if not file.is_file():
        raise click.UsageError(text("cli.check.no_file", path=file))
    if not PACK["code"].right(code):
        raise click.UsageError(f"--code {code}: {sentence(PACK['code'].wanted)}")
    target = out if out is not None else Path(f"bieu-mau-{code}.xlsx")
    found = guess_pack(file, code, target)
    if not found:
        say(text("forms.no_table", file=shown_path(file)), colour="yellow")
        return EXIT_FINDINGS
    say(text("forms.guessed", count=found, file=shown_path(target)), bold=True)
    return 0


@command.command("preview", help=text("cli.form.preview"), cls=VietnameseCommand)
@_code
@_out
def preview_form(code: str, out: Path | None) -> int:
    from consolidate.actions.forms import preview_pack

    target = out if out is not None else Path(f"xem-thu-{code}.xlsx")
    preview_pack(_root(), code, target)
    say(text("forms.previewed", code=code, file=shown_path(target)), bold=True)
    return 0


def _root() -> Path:
    """The workspace that the current folder lies in, else this folder."""
    workspace = workspace_of(shipped_library(), None, Path())
    return workspace.root if workspace is not None else Path()
