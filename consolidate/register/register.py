"""The register: open it, add facts, ask about them. The only door to the database."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from consolidate.model.corrections import Corrections
from consolidate.model.errors import UserError
from consolidate.model.past_figures import Baseline
from consolidate.model.period import Period
from consolidate.model.reasons import because
from consolidate.model.runs import (
    FormsIssued,
    PeriodEvent,
    Run,
    RunHead,
    RunOutcome,
    RunTotal,
)
from consolidate.register import backup_file as backup
from consolidate.register import events
from consolidate.register import recorded_corrections as corrections
from consolidate.register import recorded_returns as files
from consolidate.register import recorded_returns as returns
from consolidate.register import recorded_runs as runs
from consolidate.register.blobs import BlobStore
from consolidate.register.engine import Database, connect
from consolidate.register.events import Standing
from consolidate.register.facts import (
    Backup,
    CountedReturn,
    NewFile,
    RecordedRun,
    StoredFile,
    StoredReturn,
)
from consolidate.register.migrate import bring_up_to_date, usable_revision
from consolidate.register.recorded_corrections import CorrectionsDesk
from consolidate.register.schema import SCHEMA_REVISION

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


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
            raise UserError((because("register.older", place=database.shown),))
        with tempfile.TemporaryDirectory() as made:
            copy = Path(made, backup.DATABASE)
            backup.copy_database(database.path, copy)
            with contextlib.closing(connect(copy)) as today:
                today.shown = database.shown
                bring_up_to_date(today)
                yield Register(today, BlobStore(folder))


class Register:
    """An open register. Every method is one transaction, or says otherwise.

    All raise ``UserError`` when the database cannot be used: it is damaged, gone, or another
    program has been writing for a minute.
    """

    def __init__(self, database: Database, blobs: BlobStore) -> None:
        self._database = database
        self._blobs = blobs

    def _ask(
        self,
        question: Callable[Concatenate[Connection, Asked], Answer],
        *arguments: Asked.args,
        **named: Asked.kwargs,
    ) -> Answer:
        with self._database.read() as connection:
            return question(connection, *arguments, **named)

    # Several programs at once

    def exclusive(self) -> AbstractContextManager[None]:
        """Exclusive lock for writing results and decisions.

        Every other method may be called meanwhile, by this program and by others.

        Raises:
            UserError: another program has held the lock for a minute.
        """
        return self._database.exclusive()

    def revision(self) -> runs.Revision:
        """Tell how much is on record: equal revisions mean that nothing was added in between."""
        return self._ask(runs.revision_of)

    def empty(self) -> bool:
        """Tell whether no file was ever kept."""
        return self._ask(runs.revision_of)[0] == 0

    # Files

    def add_files(self, new: Iterable[NewFile]) -> tuple[StoredFile, ...]:
        """Keep files; in order, with what is on record about each. Bytes are kept once.

        Works through any number of files in transactions of some: when it is interrupted, what
        was kept stays.

        Raises:
            OSError: the bytes cannot be written.
        """
        return tuple(files.add_files(self._database, self._blobs, new))

    def read(self, sha256: str) -> bytes:
        """Read the bytes of a file, checked against their digest.

        Raises:
            ValueError: the text is not a digest.
            DamagedFile: they are missing or have changed.
        """
        return self._blobs.read(sha256)

    def files(self) -> tuple[StoredFile, ...]:
        """List every kept file, by digest."""
        return self._ask(files.all_files)

    def known(self, digests: Iterable[str]) -> dict[str, StoredFile]:
        """Tell what is on record about files, by digest; those that are not kept are absent."""
        return self._ask(files.files_by_digest, digests)

    # Returns

    def add_returns(self, new: Iterable[StoredReturn]) -> int:
        """Record what workbooks said; how many were not on record yet.

        Raises:
            ValueError: a workbook is not kept.
        """
        with self._database.write() as connection:
            return returns.add_returns(connection, new)

    def counted(self, run: int, *, period: Period | None = None) -> tuple[CountedReturn, ...]:
        """List returns in the totals of a run; all, or those of exactly one period."""
        return self._ask(returns.counted_in, run, period)

    def periods(self) -> tuple[Period, ...]:
        """List periods that counted returns are for, the oldest first."""
        return self._ask(returns.periods_on_record)

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
            locked = events.locked_run(connection, head)
            if locked is not None:
                return RecordedRun(locked, added=False)
            return runs.add_run(connection, head, files, figures, compared, made)

    def locked_run(self, head: RunHead) -> Run | None:
        """Return the locked run of a round, which this result stands for; ``None`` without a lock.

        Raises:
            PeriodLocked: the round is locked and this result is another one.
        """
        return self._ask(events.locked_run, head)

    def runs(self, period: Period | None = None) -> tuple[Run, ...]:
        """Runs of the reporting round of a period, or all, the oldest first."""
        return self._ask(runs.runs_of, period)

    def run(self, number: int) -> Run:
        """Return a run by its number.

        Raises:
            UserError: there is none.
        """
        return self._ask(runs.run_numbered, number)

    def last_run(self, period: Period) -> Run | None:
        """Return the newest run of the reporting round of a period."""
        return self._ask(runs.last_run, period)

    def standing_run(self, period: Period) -> Run | None:
        """Find the run that speaks for a round: the locked, the approved, or the newest one."""
        return self._ask(events.standing_run, period)

    def baselines(self, run: int) -> tuple[Baseline, ...]:
        """Return the earlier runs that a run was compared with, by period."""
        return self._ask(runs.baselines_of, run)

    def outcomes(self, run: int) -> tuple[RunOutcome, ...]:
        """Tell what became of every file in a run."""
        return self._ask(runs.outcomes_of, run)

    def totals(self, run: int) -> tuple[RunTotal, ...]:
        """List every total of a run."""
        return self._ask(runs.totals_of, run)

    # Decisions

    def add_event(self, event: PeriodEvent) -> None:
        """Record an approval or a lock of a round, or taking one back.

        Raises:
            UserError: it does not fit what stands; the message says why.
        """
        with self._database.write() as connection:
            events.add_event(connection, event)

    def must_fit(self, event: PeriodEvent) -> None:
        """Ask whether a decision could be recorded now; nothing is.

        Raises:
            UserError: as :meth:`add_event`.
        """
        self._ask(events.must_fit, event)

    def events(self, period: Period | None = None) -> tuple[PeriodEvent, ...]:
        """List decisions about the round of a period, or all, in order."""
        return self._ask(events.events_of, period)

    def standing(self, period: Period) -> Standing:
        """Return the approval and the lock that hold for the round of a period."""
        return self._ask(events.standing_of, period)

    def add_issued(self, new: Iterable[FormsIssued]) -> None:
        """Record forms that go out with seals; those on record keep their first day."""
        with self._database.write() as connection:
            events.add_issued(connection, new)

    def issued(self) -> tuple[FormsIssued, ...]:
        """List forms that ever went out with seals, by round."""
        return self._ask(events.issued_forms)

    def add_corrections(self, new: Corrections) -> int:
        """Record corrections, all or none; how many were not on record yet.

        Raises:
            UserError: an id is on record with other words, or a revocation names no correction.
        """
        with self.correcting() as desk:
            return desk.add(new)

    @contextlib.contextmanager
    def correcting(self, *, look: bool = False) -> Iterator[CorrectionsDesk]:
        """One transaction to look at corrections and locks, to decide, and to record: all or none.

        Nobody else writes between the look and the record. To ``look`` only, nobody waits.
        """
        begin = self._database.read if look else self._database.write
        with begin() as connection:
            yield CorrectionsDesk(connection)

    def corrections(self) -> Corrections:
        """List every correction ever recorded (``Corrections.in_force`` chooses those of a day)."""
        return self._ask(corrections.corrections_on_record)

    # Safety

    def backup(self, target: Path, beside: backup.Beside | None = None) -> Backup:
        """Write the whole register into one zip, with other files (``backup.restore`` is back).

        Raises:
            OSError: it cannot be written.
        """
        return backup.backup(self._database, self._blobs, target, beside)
