"""Say where the round is and what comes next: bare command and last line of others."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from consolidate.actions.next_step import NextStep, next_step
from consolidate.cli.options import today
from consolidate.cli.terminal import print_line, say, shown_path, width
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.period import Period
from consolidate.model.reasons import UserError
from consolidate.province.places import CONFIG
from consolidate.province.workspace import Workspace

if TYPE_CHECKING:
    from consolidate.actions.decisions import RoundState

_BY_PATH = ("merge", "return", "init")
"""Commands that find the workspace by the path that they are given."""
_ROUNDS_SHOWN = 5


def say_where(workspace: Workspace | None) -> None:
    """Say where the newest open round is and what comes next; outside, how to begin.

    Raises:
        UserError: roster, calendar or register cannot be used.
    """
    if workspace is None:
        _say_start()
        return
    province = f" ({workspace.province})" if workspace.province else ""
    say(text("next.workspace", folder=workspace.root, province=province))
    found = next_step(workspace, today())
    if found.progress is not None:
        standing = "; ".join(map(sentence, found.progress.lines()))
        say(text("next.round", period=found.progress.period.label, standing=standing), bold=True)
    if found.others:
        shown = ", ".join(period.label for period in found.others[:_ROUNDS_SHOWN])
        say(text("next.others", periods=shown))
    _say_step(found, workspace)


def say_next(workspace: Workspace, day: date, known: RoundState | None = None) -> None:
    """Say what comes next behind what a command did; nothing where that cannot be told.

    ``known`` is how a round stands in a run that the command made.
    """
    with contextlib.suppress(UserError):
        _say_step(next_step(workspace, day, known), workspace)


def say_round(period: Period) -> None:
    """Say on standard error which round is meant where none was named."""
    click.echo(text("next.of_round", period=period.label), err=True)


def _say_step(found: NextStep, workspace: Workspace) -> None:
    reason = sentence(found.reason)
    if not found.command:
        say(text("next.then_alone", reason=reason))
        return
    words = list(found.command)
    apart = Path.cwd() != workspace.root and workspace.root not in Path.cwd().parents
    if apart and words[0] not in _BY_PATH:
        words += ["--workspace", workspace.root]
    command = _shown(words)
    line = text("next.then", reason=reason, command=command)
    if len(line) <= width():
        say(line)
    else:
        # A command that is to be typed or copied stays in one piece.
        say(text("next.then", reason=reason, command="").rstrip())
        print_line(f"  {command}")


def _shown(words: Sequence[str | Path]) -> str:
    said = [shown_path(word) if isinstance(word, Path) else word for word in words]
    quoted = [f'"{word}"' if " " in word or word == "…" else word for word in said]
    return " ".join(["consolidate", *quoted])


def _say_start() -> None:
    say(text("next.start.none"))
    inside = [path.parent for path in sorted(Path().glob(f"*/{CONFIG}"))]
    if inside:
        say(text("next.start.inside"))
        for folder in inside[:_ROUNDS_SHOWN]:
            click.echo(f'  cd "{folder}"')
    starts = (
        ("init", f'init tinh --province "Quảng Ngãi" --year {today().year}'),
        ("merge", f"merge {text('next.start.folder')}"),
        ("help", "--help"),
    )
    for name, command in starts:
        say(text(f"next.start.{name}"))
        click.echo(f"  consolidate {command}")
