"""Opening what a province remembers, for a workspace and a day."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from consolidate.identity.unit_names import named_templates
from consolidate.merge.province_memory import Memory
from consolidate.model.period import Period
from consolidate.model.reasons import UserError, because
from consolidate.model.units import Roster
from consolidate.province.calendar import round_of_folder
from consolidate.province.workspace import Loaded, Workspace
from consolidate.register.register import Register, look_into_register, open_register
from consolidate.xlsx.write.atomic_files import read_bytes

_SQLITE = "sqlite:///"


@contextlib.contextmanager
def open_memory(
    workspace: Workspace,
    loaded: Loaded,
    as_of: date,
    *,
    roster: Roster | None = None,
    roster_path: Path | None = None,
    trial: bool = False,
    made: date | None = None,
) -> Iterator[Memory]:
    """Open the register of a workspace and all that is in force on a day.

    ``roster`` and ``roster_path`` take the place of the roster of the workspace. A ``trial`` makes
    no register where there is none yet, and leaves one that is there as it is. ``made`` is the day
    of today, to be recorded with a run.

    Raises:
        UserError: the register cannot be used.
        OSError: it cannot be made.
    """
    known = roster if roster is not None else loaded.roster
    path = roster_path if roster_path is not None else workspace.roster_path
    with contextlib.ExitStack() as stack:
        register = stack.enter_context(opened_register(workspace, trial=trial))
        # Asked first: what is added after this is not in what is asked below.
        revision = register.revision()
        yield Memory(
            library=workspace.library,
            register=register,
            revision=revision,
            as_of=as_of,
            roster=known,
            calendar=loaded.calendar,
            key=loaded.key,
            corrections=register.corrections().in_force(as_of),
            issued=_issued(workspace, register, loaded.key),
            roster_digest=list_digest(path) if known is not None else "",
            calendar_digest=list_digest(workspace.calendar_path),
            made=made,
            reviews=loaded.reviews,
        )


@contextlib.contextmanager
def opened_register(workspace: Workspace, *, trial: bool) -> Iterator[Register]:
    """Open the register of a workspace; make it where there is none yet.

    A ``trial`` only looks: where nothing was recorded yet, an empty register that goes again.
    Every command and every button comes through here, so that none begins a new register beside
    what another one kept.

    Raises:
        UserError: it cannot be used, or was lost.
    """
    where, folder = workspace.database_url, workspace.register
    kept, recorded = workspace.has_traces, workspace.has_recorded_results
    if workspace.has_register:
        with look_into_register(where, folder) as found:
            if (kept and found is None) or (recorded and found is not None and found.empty()):
                raise workspace.lost
            if trial and found is not None:
                yield found
                return
    with contextlib.ExitStack() as stack:
        if trial:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            where = f"{_SQLITE}{(folder / 'register.sqlite3').as_posix()}"
        yield stack.enter_context(open_register(where, folder))


def _issued(
    workspace: Workspace, register: Register, key: bytes | None
) -> frozenset[tuple[Period, str]]:
    """Rounds, by their one name, and families of forms that went out: all of them with seals.

    By the register, which knows what was issued after the outbox was emptied; and by the outbox,
    which knows what was issued before the register kept it, or after the backup was made that took
    its place. A zip of several units holds the forms of all families.

    Raises:
        UserError: there are some, and the key that could tell their seals is gone.
    """
    found = {(item.period, item.template) for item in register.issued()}
    families = frozenset(workspace.library.families)
    with contextlib.suppress(OSError):
        for folder in workspace.outbox.iterdir():
            period = round_of_folder(folder)
            for path in folder.iterdir() if period is not None else ():
                zipped = path.suffix.casefold() == ".zip"
                named = families if zipped else named_templates(path.name, "", families)
                found.update((period.round_name, family) for family in named if period is not None)
    if found and key is None:
        raise UserError((because("workspace.key_gone", file=str(workspace.key_path)),))
    return frozenset(found)


def list_digest(path: Path) -> str:
    """Digest a roster or calendar as a run keeps it (SHA-256); ``""`` without such a file."""
    try:
        return hashlib.sha256(read_bytes(path)).hexdigest()
    except FileNotFoundError:
        return ""
