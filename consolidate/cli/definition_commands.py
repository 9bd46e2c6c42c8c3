"""``form``, ``template``, ``rules``: the packs of forms, their templates, their rules in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from consolidate.actions.workspaces import library_of
from consolidate.checks.rule_checks import rule_in_words
from consolidate.cli.errors_and_exit_codes import EXIT_FINDINGS
from consolidate.cli.options import PathType, VietnameseCommand, VietnameseGroup
from consolidate.cli.terminal import say, shown_path
from consolidate.definitions.catalogue import sentence, text
from consolidate.definitions.loader import shipped_library
from consolidate.model.datasets import DataSet, Library
from consolidate.model.packs import QUARTER_SUFFIX, Pack
from consolidate.model.rules import RuleSpec
from consolidate.model.text import format_day
from consolidate.province.workspace import ROSTER, Workspace

if TYPE_CHECKING:
    from consolidate.actions.forms import Imported

_TEMPLATES = Path("templates")
_code = click.argument("code", metavar=text("cli.form.code"))
_out = click.option(
    "--out", metavar="TỆP", type=PathType(dir_okay=False), help=text("cli.form.out")
)


@click.group(cls=VietnameseGroup, help=text("cli.form.help"))
def form() -> None:
    """Group of the commands about packs of forms."""


@form.command("list", help=text("cli.form.list"), cls=VietnameseCommand)
def list_forms() -> int:
    from consolidate.actions.forms import offered

    packs = _library().packs
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


@form.command("use", help=text("cli.form.use"), cls=VietnameseCommand)
@_code
@click.option("--force", is_flag=True, help=text("cli.form.force"))
def use_form(code: str, force: bool) -> int:
    from consolidate.actions.forms import take_pack

    return _tell(take_pack(code, _root(), force=force))


@form.command("export", help=text("cli.form.export"), cls=VietnameseCommand)
@_code
@_out
def export_form(code: str, out: Path | None) -> int:
    from consolidate.actions.forms import export_pack

    target = out or Path(f"bieu-mau-{code}.xlsx")
    export_pack(_root(), code, target)
    say(text("forms.exported", code=code, file=shown_path(target)), bold=True)
    return 0


@form.command("import", help=text("cli.form.import"), cls=VietnameseCommand)
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


@form.command("guess", help=text("cli.form.guess"), cls=VietnameseCommand)
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
    target = out or Path(f"bieu-mau-{code}.xlsx")
    found = guess_pack(file, code, target)
    if not found:
        say(text("forms.no_table", file=shown_path(file)), colour="yellow")
        return EXIT_FINDINGS
    say(text("forms.guessed", count=found, file=shown_path(target)), bold=True)
    return 0


@form.command("preview", help=text("cli.form.preview"), cls=VietnameseCommand)
@_code
@_out
def preview_form(code: str, out: Path | None) -> int:
    from consolidate.actions.forms import preview_pack

    target = out or Path(f"xem-thu-{code}.xlsx")
    preview_pack(_root(), code, target)
    say(text("forms.previewed", code=code, file=shown_path(target)), bold=True)
    return 0


def _root() -> Path:
    """Return the workspace that the current folder lies in, else this folder."""
    workspace = Workspace.find(shipped_library(), Path())
    return workspace.root if workspace is not None else Path()


def _library() -> Library:
    """Return the definitions that hold in the current folder."""
    return library_of(Workspace.find(shipped_library(), Path()), shipped_library())


@click.group(cls=VietnameseGroup, help=text("template.command.help"))
def template() -> None:
    """Group of the commands about templates."""


@template.command(
    "build",
    help=text("template.command.build_help"),
    short_help=text("template.command.build_short"),
)
@click.option(
    "--out",
    type=PathType(file_okay=False),
    default=_TEMPLATES,
    metavar=text("template.command.folder"),
    help=text("template.command.out_help"),
)
def build(out: Path) -> int:
    from consolidate.templates.template_build import MANIFEST, build_all

    try:
        made = build_all(_library(), out)
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


@template.command(
    "verify",
    help=text("template.command.verify_help"),
    short_help=text("template.command.verify_short"),
)
@click.argument(
    "folder", type=PathType(), default=_TEMPLATES, metavar=text("template.command.folder_argument")
)
def verify(folder: Path) -> int:
    from consolidate.templates.template_build import verify_all

    library = _library()
    differences = verify_all(library, folder)
    for difference in differences:
        key = f"template.difference.{difference.kind}"
        say(text(key, file=folder / difference.file, detail=difference.detail), colour="red")
    if differences:
        say(text("template.command.differs", count=len(differences)), bold=True)
        return EXIT_FINDINGS
    say(text("template.command.verified", count=len(library.packs.packs)))
    return 0


@click.group(cls=VietnameseGroup, help=text("cli.rules.help"))
def rules() -> None:
    """Group of ``list`` and ``explain``."""


@rules.command("list", help=text("cli.rules.list"), cls=VietnameseCommand)
def list_rules() -> int:
    for library, data_set in _forms():
        if data_set.rules:
            (pack,) = library.pack_of.values()
            say(f"{pack.code} · {data_set.code} · {data_set.short_title}", bold=True)
        for rule in data_set.rules:
            severity = text(f"terms.severity.{rule.severity.value}")
            say(f"{data_set.code}.{rule.id} · {severity}", indent=2)
            say(sentence(rule_in_words(rule, data_set, library)), indent=4)
    return 0


def _forms() -> Iterator[tuple[Library, DataSet]]:
    """Every form of every pack, the newest pack of a family first, each once."""
    forms = _library()
    for pack in reversed(forms.packs.packs):
        library = forms.of_pack(pack.code)
        yield from ((library, form) for form in library.data_sets if not form.quarter)


@rules.command("explain", help=text("cli.rules.explain"), cls=VietnameseCommand)
@click.argument("rule_id", metavar=text("cli.rules.id"))
def explain(rule_id: str) -> int:
    found = _find(rule_id)
    if found is None:
        raise click.UsageError(text("cli.rules.unknown", id=rule_id))
    library, data_set, rule = found
    say(f"{data_set.code}.{rule.id}", bold=True)
    say(sentence(rule_in_words(rule, data_set, library)), indent=2)
    for key, value in (
        ("data_set", data_set.short_title),
        ("severity", text(f"terms.severity.{rule.severity.value}")),
        ("expression", rule.expression),
        ("scope", text(f"cli.rules.scope_{rule.scope.value}")),
        ("missing_left", text(f"cli.rules.missing_{rule.missing_left.value}")),
        ("missing_right", text(f"cli.rules.missing_{rule.missing_right.value}")),
        ("source", rule.source),
    ):
        say(f"{text(f'cli.rules.{key}')}: {value}", indent=2)
    return 0


def _find(rule_id: str) -> tuple[Library, DataSet, RuleSpec] | None:
    """Find a rule by the id that summaries show: a table of the quarter has those of its form."""
    code, point, name = rule_id.rpartition(".")
    rule_id = f"{code.removesuffix(QUARTER_SUFFIX)}{point}{name}"
    for library, data_set in _forms():
        for rule in data_set.rules:
            if rule_id in (rule.id, f"{data_set.code}.{rule.id}"):
                return library, data_set, rule
    return None
