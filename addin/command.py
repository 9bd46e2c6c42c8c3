"""``consolidate addin build|install|status|remove``: make the add-in, put it where Excel looks."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from consolidate.cli.errors_and_exit_codes import EXIT_FINDINGS
from consolidate.cli.options import PathType, VietnameseGroup
from consolidate.cli.terminal import say
from consolidate.definitions.catalogue import sentence, text

if TYPE_CHECKING:
    from addin.install import Target

_DEFAULT = Path("tonghop.xlam")


@click.group(
    cls=VietnameseGroup, help=text("addin.command.help"), short_help=text("addin.command.short")
)
def command() -> None:
    """Group of the commands about the add-in."""


def _named(name: str) -> Callable[[Callable[..., int]], click.Command]:
    """Make the command of a name, with its texts."""
    key = f"addin.command.{name}"
    return command.command(name, help=text(f"{key}_help"), short_help=text(f"{key}_short"))


@_named("build")
@click.option(
    "--out",
    type=PathType(dir_okay=False),
    default=_DEFAULT,
    metavar=text("addin.command.file"),
    help=text("addin.command.out"),
)
@click.option(
    "--interpreter",
    default="",
    metavar=text("addin.command.path"),
    help=text("addin.command.interpreter"),
)
def build(out: Path, interpreter: str) -> int:
    from addin.build_addin import build_addin
    from consolidate.xlsx.write.atomic_files import write_atomically

    data = build_addin(interpreter)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(out, data)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        message = text("addin.command.cannot_write", file=out, reason=reason)
        raise click.ClickException(message) from error
    say(text("addin.command.built", file=out))
    say(text("addin.command.digest", digest=hashlib.sha256(data).hexdigest()))
    return 0


@_named("install")
def install() -> int:
    from addin.install import own_registry

    with _closed() as target:
        versions = target.install(own_registry())
    say(text("addin.command.installed", file=target.file))
    key = "next_mac" if target.platform == "darwin" else "next_windows"
    say(text(f"addin.command.{key if versions or target.platform == 'darwin' else 'next_tick'}"))
    return 0


@_named("status")
def status() -> int:
    from addin.install import State, own_registry, problems
    from consolidate import __version__

    target = _target()
    state = target.state()
    say(text(f"addin.command.{state.value}", file=target.file, version=__version__))
    found = problems(target, own_registry())
    for problem in found:
        say(f"– {sentence(problem)}", indent=2)
    return 0 if state is State.CURRENT and not found else EXIT_FINDINGS


@_named("remove")
def remove() -> int:
    from addin.install import own_registry

    with _closed() as target:
        removed = target.remove(own_registry())
    say(text(f"addin.command.{'removed' if removed else 'absent'}", file=target.file))
    return 0


@contextlib.contextmanager
def _closed() -> Iterator[Target]:
    """Find where the add-in belongs, to change it while no Excel holds it.

    Raises:
        click.ClickException: Excel is open, or the file cannot be changed.
    """
    from addin.install import excel_is_running

    target = _target()
    if excel_is_running():
        raise click.ClickException(text("addin.command.running"))
    try:
        yield target
    except OSError as error:
        raise click.ClickException(text("addin.command.locked", file=target.file)) from error


def _target() -> Target:
    from addin import install as place

    return place.target(sys.platform, os.environ, Path.home())
