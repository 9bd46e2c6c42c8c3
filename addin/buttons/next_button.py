"""The button "Việc tiếp theo": where the round is and what comes next, as the bare command says."""

from __future__ import annotations

from pathlib import Path

from addin.session import Session
from addin.settings import own_workspace, read_settings
from consolidate.actions.next_step import NextStep, Step, next_step
from consolidate.definitions.catalogue import sentence, text
from consolidate.province.workspace import Workspace

_BUTTONS = tuple(set(Step) - {Step.LIST_UNITS, Step.FILL_CALENDAR})
"""Steps that a button of the ribbon does; the others name their command."""


def show_next_step(session: Session) -> None:
    """Say how far the newest open round of the person's workspace is, and what comes next."""
    workspace = own_workspace(read_settings())
    found = next_step(workspace, session.today())
    province = f" ({workspace.province})" if workspace.province else ""
    lines = [text("next.workspace", folder=workspace.root, province=province)]
    if found.progress is not None:
        standing = "; ".join(map(sentence, found.progress.lines()))
        lines.append(text("next.round", period=found.progress.period.label, standing=standing))
    if found.others:
        shown = ", ".join(period.label for period in found.others)
        lines.append(text("next.others", periods=shown))
    lines.append(_step(found, workspace))
    session.say("\n".join(lines))


def _step(found: NextStep, workspace: Workspace) -> str:
    reason = sentence(found.reason)
    if found.step in _BUTTONS:
        return text("next.then", reason=reason, command=text(f"addin.next.{found.step.value}"))
    if not found.command:
        return text("next.then_alone", reason=reason)
    words = [
        word.relative_to(workspace.root).as_posix() if isinstance(word, Path) else word
        for word in found.command
    ]
    return text("next.then", reason=reason, command=" ".join(("consolidate", *words)))
