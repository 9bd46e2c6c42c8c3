"""Issuing a round in a workspace: planned first, with what counted before, then written."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from consolidate.actions.issue_files import (
    History,
    Issued,
    IssuedFile,
    Progress,
    plan_issue,
    write_issue,
)
from consolidate.actions.workspaces import loaded_with_roster
from consolidate.model.datasets import Library
from consolidate.model.errors import UserError
from consolidate.model.period import Period
from consolidate.model.reasons import Reason, because
from consolidate.model.units import Roster
from consolidate.province.parents import unknown_parents
from consolidate.province.workspace import Loaded, Workspace


@dataclass(frozen=True, slots=True)
class IssuePlan:
    """What will be issued: the files, the folder they go to, the key that seals them.

    ``notes`` say what of the roster a person may want to mend first.
    """

    period: Period
    folder: Path
    files: tuple[IssuedFile, ...]
    key: bytes
    library: Library = field(repr=False)
    notes: tuple[Reason, ...] = ()

    @property
    def units(self) -> int:
        """How many units get a file of their own."""
        return len({file.issues[0].unit.code for file in self._single})

    @property
    def without_deadline(self) -> int:
        """How many templates get no deadline, because the calendar has none for them."""
        return sum(file.issues[0].deadline is None for file in self._single)

    @property
    def _single(self) -> Iterator[IssuedFile]:
        return (file for file in self.files if not file.members)


def plan_round(
    workspace: Workspace, period: Period, day: date, codes: Sequence[str] = ()
) -> IssuePlan:
    """The files of a round; ``codes`` narrow them to some units. Nothing is written.

    Any period of the round names it; the plan has the one that the round goes by.

    Raises:
        UserError: roster, calendar, key or register cannot be used; a code is unknown; nobody
            reports in the period.
    """
    loaded, roster = loaded_with_roster(workspace)
    if loaded.key is None:
        absent = because("issue.no_key", file=str(workspace.key_path))
        raise UserError((absent,), wrong_call=True)
    with _known(workspace, loaded, roster, period, day) as (name, history):
        files = plan_issue(
            workspace.library, roster, loaded.calendar, name, codes=codes, history=history
        )
    folder = workspace.outbox / name.code
    notes = unknown_parents(roster.for_period(name))
    return IssuePlan(name, folder, files, loaded.key, workspace.library, notes)


def issue_round(
    plan: IssuePlan, *, force: bool = False, progress: Progress | None = None
) -> Issued:
    """Write what was planned; a file that is there with another content is kept unless ``force``.

    Raises:
        OSError: the folder cannot be written.
    """
    return write_issue(
        plan.files, plan.library, plan.key, plan.folder, force=force, progress=progress
    )


@contextlib.contextmanager
def _known(
    workspace: Workspace, loaded: Loaded, roster: Roster, period: Period, day: date
) -> Iterator[tuple[Period, History | None]]:
    """The name of the round and what counted before, from the register if there is one."""
    if not workspace.has_register:
        yield period.round_name, None
        return
    from consolidate.merge.opening import open_memory
    from consolidate.merge.past import Past

    name = period.round_name
    with open_memory(workspace, loaded, day) as memory:
        yield name, Past(memory.register, memory.library, roster, memory.corrections, name).answers
