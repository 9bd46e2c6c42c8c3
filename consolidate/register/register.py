"""The register: open it, add facts, ask about them. The only door to the database."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from consolidate.model.corrections import Corrections
from consolidate.model.data_values import Baseline
from consolidate.model.reasons import UserError
from consolidate.model.runs import RunHead, RunOutcome, RunTotal
from consolidate.register import recorded_decisions as decided
from consolidate.register import recorded_runs as recorded
from consolidate.register.blobs import BlobStore
from consolidate.register.engine import Database, connect
from consolidate.register.facts import Backup, NewFile, RecordedRun, StoredFile
from consolidate.register.migrate_and_check import bring_up_to_date, usable_revision
from consolidate.register.schema import SCHEMA_REVISION

if TYPE_CHECKING:
    from consolidate.register import backup_file

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
Asking = Callable[Concatenate[Connection, Asked], Answer]
Method = Callable[Concatenate["Register", Asked], Answer]


def _asked(question: Asking[Asked, Answer], *, write: bool = False) -> Method[Asked, Answer]:
    """Make a method of the register that asks or records something in a transaction of its own."""

    @wraps(question)
    def ask(self: Register, /, *arguments: Asked.args, **named: Asked.kwargs) -> Answer:
        begin = self._database.write if write else self._database.read
        with begin() as connection:
            return question(connection, *arguments, **named)

    return ask


@contextlib.contextmanager
def open_register(where: str | Path, folder: Path) -> Iterator[Register]:
    """Open a register; a new one is made.

    ``where`` is the path of an SQLite file or a URL (``sqlite:///…``, ``postgresql://…``);
    ``folder`` is the register's own folder, in which the bytes of files are kept under
    ``files/``. It is closed to everybody but its owner, so it is never the workspace itself.

    Raises:
        UserError: the database was written by a newer program, is not a register, is damaged,
            or cannot be reached; a driver is missing.
        OSError: the folder or the file cannot be made.
    """
    blobs = BlobStore(folder)
    blobs.prepare()
    with contextlib.closing(connect(where)) as database:
        bring_up_to_date(database)
        if blobs.has_leftovers():
            with database.write():
                blobs.clear_leftovers()
        yield Register(database, blobs)


@contextlib.contextmanager
def look_into_register(where: str | Path, folder: Path) -> Iterator[Register | None]:
    """Open a register to read in it; ``None`` when nothing was ever recorded there.

    Nothing is made, closed to others or cleared away. The register of an older program is read in a
    copy that is brought up to date and goes again; one on a server has to be brought up to date.

    Raises:
        UserError: as :func:`open_register`.
    """
    with contextlib.closing(connect(where, make=False)) as database:
        revision = usable_revision(database)
        if revision == SCHEMA_REVISION:
            yield Register(database, BlobStore(folder))
            return
        if revision is None:
            yield None
            return
        if database.path is None:
            raise UserError.of("register.older", place=database.shown)
        with tempfile.TemporaryDirectory() as made:
            from consolidate.register import backup_file  # Seldom needed, and slow to import.

            copy = Path(made, backup_file.DATABASE)
            backup_file.copy_database(database.path, copy)
            with contextlib.closing(connect(copy)) as today:
                today.shown = database.shown
                bring_up_to_date(today)
                yield Register(today, BlobStore(folder))


class Register:
    """An open register. Every method is one transaction, or says otherwise.

    All raise ``UserError`` when the database cannot be used: it is damaged, gone, or another
    program has been writing for a minute. Most are the functions of the modules about each kind of
    fact, without their connection.
    """

    def __init__(self, database: Database, blobs: BlobStore) -> None:
        self._database = database
        self._blobs = blobs

    # Several programs at once

    def exclusive(self) -> AbstractContextManager[None]:
        """Exclusive lock for writing results and decisions.

        Every other method may be called meanwhile, by this program and by others.

        Raises:
            UserError: another program has held the lock for a minute.
        """
        return self._database.exclusive()

    revision = _asked(recorded.revision_of)

    def empty(self) -> bool:
        """Tell whether no file was ever kept."""
        return self.revision()[0] == 0

    # Files

    def add_files(self, new: Iterable[NewFile]) -> tuple[StoredFile, ...]:
        """Keep files; in order, with what is on record about each. Bytes are kept once.

        Works through any number of files in transactions of some: when it is interrupted, what
        was kept stays.

        Raises:
            OSError: the bytes cannot be written.
        """
        return tuple(recorded.add_files(self._database, self._blobs, new))

    def read(self, sha256: str) -> bytes:
        """Read the bytes of a file, checked against their digest.

        Raises:
            ValueError: the text is not a digest.
            DamagedFile: they are missing or have changed.
        """
        return self._blobs.read(sha256)

    files = _asked(recorded.all_files)
    known = _asked(recorded.files_by_digest)

    # Returns

    add_returns = _asked(recorded.add_returns, write=True)
    counted = _asked(recorded.counted_in)
    periods = _asked(recorded.periods_on_record)

    # Runs

    def add_run(
        self,
        head: RunHead,
        files: Sequence[RunOutcome],
        figures: Sequence[RunTotal],
        compared: Sequence[Baseline] = (),
        made: date | None = None,
    ) -> RecordedRun:
        """Record a merge; made again with the same inputs and result, it is the run on record.

        ``compared`` says which earlier runs it was compared with, ``made`` the day of today. Of a
        locked round only the locked result can be made again, and is the locked run.

        Raises:
            PeriodLocked: the round is locked and this result is another one.
            ValueError: a file is counted whose figures are not recorded.
        """
        with self._database.write() as connection:
            locked = decided.locked_run(connection, head)
            if locked is not None:
                return RecordedRun(locked, added=False)
            return recorded.add_run(connection, head, files, figures, compared, made)

    locked_run = _asked(decided.locked_run)
    runs = _asked(recorded.runs_of)
    run = _asked(recorded.run_numbered)
    last_run = _asked(recorded.last_run)
    standing_run = _asked(decided.standing_run)
    baselines = _asked(recorded.baselines_of)
    outcomes = _asked(recorded.outcomes_of)
    totals = _asked(recorded.totals_of)

    # Decisions

    add_event = _asked(decided.add_event, write=True)
    must_fit = _asked(decided.must_fit)
    events = _asked(decided.events_of)
    standing = _asked(decided.standing_of)
    add_issued = _asked(decided.add_issued, write=True)
    issued = _asked(decided.issued_forms)

    def add_corrections(self, new: Corrections) -> int:
        """Record corrections, all or none; how many were not on record yet.

        Raises:
            UserError: an id is on record with other words, or a revocation names no correction.
        """
        with self.correcting() as desk:
            return desk.add(new)

    @contextlib.contextmanager
    def correcting(self, *, look: bool = False) -> Iterator[decided.CorrectionsDesk]:
        """Open one transaction to look at corrections and locks, decide and record: all or none.

        Nobody else writes between the look and the record. To ``look`` only, nobody waits.
        """
        begin = self._database.read if look else self._database.write
        with begin() as connection:
            yield decided.CorrectionsDesk(connection)

    corrections = _asked(decided.corrections_on_record)

    # Safety

    def backup(self, target: Path, beside: backup_file.Beside | None = None) -> Backup:
        """Write the whole register into one zip, with other files (``restore`` is back).

        Raises:
            OSError: it cannot be written.
        """
        from consolidate.register import backup_file

        return backup_file.backup(self._database, self._blobs, target, beside)
