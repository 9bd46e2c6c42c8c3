"""The register: open it, add facts, ask about them. The only door to the database."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from consolidate.model.corrections import Corrections
from consolidate.model.history import Basis
from consolidate.model.period import Period
from consolidate.model.runs import PeriodEvent, Run, RunHead, RunOutcome, RunTotal
from consolidate.register.store import (
    backup,
    bases,
    corrections,
    events,
    files,
    history,
    returns,
    runs,
)
from consolidate.register.store.correcting import Correcting
from consolidate.register.store.engine import Database, connect
from consolidate.register.store.events import Standing
from consolidate.register.store.facts import (
    Backup,
    CountedReturn,
    NewFile,
    RecordedRun,
    Sighting,
    StoredFile,
    StoredReturn,
)
from consolidate.register.store.looking import looked_at
from consolidate.register.store.migrate import (
    bring_up_to_date,
    known_revision,
)
from consolidate.register.store.schema import REVISION
from consolidate.register.store.vault import Vault


@contextlib.contextmanager
def open_register(where: str | Path, folder: Path) -> Iterator[Register]:
    """Open a register; a new one is made, an old one is brought to today's tables.

    ``where`` is the path of an SQLite file or a URL (``sqlite:///…``, ``postgresql://…``);
    ``folder`` is the register's own folder, in which the bytes of files are kept under
    ``files/``. It is closed to everybody but its owner, so it is never the workspace itself.

    Raises:
        UserError: the database was written by a newer program, is not a register, is damaged,
            or cannot be reached; a driver is missing.
        OSError: the folder or the file cannot be made.
    """
    vault = Vault(folder)
    vault.prepare()
    database = connect(where)
    try:
        bring_up_to_date(database)
        if vault.has_leftovers():
            with database.write():
                vault.clear_leftovers()
        yield Register(database, vault)
    finally:
        database.close()


@contextlib.contextmanager
def look_into_register(where: str | Path, folder: Path) -> Iterator[Register | None]:
    """Open a register to read in it; ``None`` when nothing was ever recorded there.

    Nothing is made, brought to today's tables, closed to others or cleared away: of an older SQLite
    register a private copy is read, with the bytes of the files where they are.

    Raises:
        UserError: as :func:`open_register`, and when the tables on a server are those of an
            older program.
    """
    with (
        contextlib.closing(connect(where, make=False)) as database,
        looked_at(database) as today,
    ):
        yield Register(today, Vault(folder)) if today is not None else None


def back_up(where: str | Path, folder: Path, target: Path) -> Backup:
    """Write a register that is there into one zip as it is; an older one stays as old as it was.

    Raises:
        UserError: as :func:`open_register`, but for the tables of an older program.
        OSError: the backup cannot be written.
    """
    with contextlib.closing(connect(where, make=False)) as database:
        older = known_revision(database) not in (None, REVISION)
        return replace(backup.backup(database, Vault(folder), target), older=older)


def is_older(where: str | Path) -> bool:
    """Whether the tables of a register are those of an older program. Changes nothing.

    Raises:
        UserError: the database was written by a newer program, is not a register, or cannot
            be used.
    """
    with contextlib.closing(connect(where, make=False)) as database:
        return known_revision(database) not in (None, REVISION)


class Register:
    """An open register. Every method is one transaction, or says otherwise.

    All raise ``UserError`` when the database cannot be used: it is damaged, gone, or another
    program has been writing for a minute.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    # Taking turns

    def turn(self) -> AbstractContextManager[None]:
        """Alone among the programs that write results of this register or decide about them.

        Every other method may be called meanwhile, by this program and by others.

        Raises:
            UserError: another program has had its turn for a minute.
        """
        return self._database.turn()

    def mark(self) -> history.Mark:
        """How much is on record: equal marks mean that nothing was added in between."""
        with self._database.read() as connection:
            return history.mark_of(connection)

    # Files

    def add_files(self, new: Iterable[NewFile]) -> tuple[StoredFile, ...]:
        """Keep files; in order, with what is on record about each. Bytes are kept once.

        Works through any number of files in transactions of some: when it is interrupted, what
        was kept stays.

        Raises:
            OSError: the bytes cannot be written.
        """
        return files.add_files(self._database, self._vault, new)

    def read(self, sha256: str) -> bytes:
        """The bytes of a file, checked against their digest.

        Raises:
            ValueError: the text is not a digest.
            DamagedFile: they are missing or have changed.
        """
        return self._vault.read(sha256)

    def files(self) -> tuple[StoredFile, ...]:
        """Every kept file, by digest."""
        with self._database.read() as connection:
            return files.all_files(connection)

    def file(self, sha256: str) -> StoredFile | None:
        """What is on record about a file, ``None`` when it is not kept."""
        with self._database.read() as connection:
            return files.files_by_digest(connection, [sha256]).get(sha256)

    def known(self, digests: Iterable[str]) -> dict[str, StoredFile]:
        """What is on record about files, by digest; those that are not kept are absent."""
        with self._database.read() as connection:
            return files.files_by_digest(connection, digests)

    def add_sightings(self, seen: Iterable[Sighting]) -> None:
        """Record where kept files were seen (a run records its own); repetitions are left out.

        Raises:
            ValueError: a file is not kept.
        """
        with self._database.write() as connection:
            files.add_sightings(connection, seen)

    def sightings(self, sha256: str) -> tuple[Sighting, ...]:
        """Where and when a file was seen, the first time first."""
        with self._database.read() as connection:
            return files.sightings_of(connection, sha256)

    # Returns

    def add_returns(self, new: Iterable[StoredReturn]) -> int:
        """Record what workbooks said; how many were not on record yet.

        Raises:
            ValueError: a workbook is not kept.
        """
        with self._database.write() as connection:
            return returns.add_returns(connection, new)

    def returns(self, sha256: str) -> tuple[StoredReturn, ...]:
        """Everything that was ever read in a workbook, the oldest reading first."""
        with self._database.read() as connection:
            return returns.returns_of(connection, sha256)

    # Runs

    def add_run(
        self,
        head: RunHead,
        files: Sequence[RunOutcome],
        figures: Sequence[RunTotal],
        compared: Sequence[Basis] = (),
    ) -> RecordedRun:
        """Record a merge; made again with the same inputs and result, it is the run on record.

        ``compared`` says which earlier runs it was compared with.

        Of a locked round only the locked result can be made again, and is the locked run.

        Raises:
            PeriodLocked: the round is locked and this result is another one.
            ValueError: a file is counted whose figures are not recorded.
        """
        with self._database.write() as connection:
            locked = events.locked_run(connection, head)
            if locked is not None:
                return RecordedRun(locked, added=False)
            return runs.add_run(connection, head, files, figures, compared)

    def locked_run(self, head: RunHead) -> Run | None:
        """The locked run of a round, which this result stands for; ``None`` without a lock.

        Raises:
            PeriodLocked: the round is locked and this result is another one.
        """
        with self._database.read() as connection:
            return events.locked_run(connection, head)

    def runs(self, period: Period | None = None) -> tuple[Run, ...]:
        """Runs of the reporting round of a period, or all, the oldest first."""
        with self._database.read() as connection:
            return runs.runs_of(connection, period)

    def run(self, number: int) -> Run:
        """A run by its number.

        Raises:
            UserError: there is none.
        """
        with self._database.read() as connection:
            return runs.run_numbered(connection, number)

    def last_run(self, period: Period) -> Run | None:
        """The newest run of the reporting round of a period."""
        with self._database.read() as connection:
            return runs.last_run(connection, period)

    def round_name(self, period: Period) -> Period:
        """The period that the round of a period goes by: in file names, messages and decisions."""
        with self._database.read() as connection:
            return events.round_name(connection, period)

    def bases(self, run: int) -> tuple[Basis, ...]:
        """The earlier runs that a run was compared with, by period."""
        with self._database.read() as connection:
            return bases.bases_of(connection, run)

    def outcomes(self, run: int) -> tuple[RunOutcome, ...]:
        """What became of every file in a run."""
        with self._database.read() as connection:
            return runs.outcomes_of(connection, run)

    def outcomes_of_file(self, sha256: str) -> tuple[tuple[int, RunOutcome], ...]:
        """What became of a file in every run that met it, with the number of the run."""
        with self._database.read() as connection:
            return runs.outcomes_of_file(connection, sha256)

    def totals(self, run: int) -> tuple[RunTotal, ...]:
        """Every total of a run."""
        with self._database.read() as connection:
            return runs.totals_of(connection, run)

    # What counted

    def counted(
        self,
        run: int,
        *,
        period: Period | None = None,
        unit: str | None = None,
        data_set: str | None = None,
    ) -> tuple[CountedReturn, ...]:
        """Returns in the totals of a run; of a unit, of exactly one period, of one data set."""
        with self._database.read() as connection:
            return history.counted_in(connection, run, period=period, unit=unit, data_set=data_set)

    def periods(self) -> tuple[Period, ...]:
        """Periods that counted returns are for, the oldest first."""
        with self._database.read() as connection:
            return history.periods_on_record(connection)

    def standing_run(self, period: Period) -> Run | None:
        """The run that speaks for a round: the locked, else the approved, else the newest one."""
        with self._database.read() as connection:
            number = events.standing_of(connection, period).run
            if number is not None:
                return runs.run_numbered(connection, number)
            return runs.last_run(connection, period)

    # Decisions

    def add_event(self, event: PeriodEvent) -> None:
        """Record an approval or a lock of a round, or taking one back.

        Raises:
            UserError: it does not fit what stands; the message says why.
        """
        with self._database.write() as connection:
            events.add_event(connection, event)

    def events(self, period: Period | None = None) -> tuple[PeriodEvent, ...]:
        """Decisions about the round of a period, or all, in order."""
        with self._database.read() as connection:
            return events.events_of(connection, period)

    def standing(self, period: Period) -> Standing:
        """The approval and the lock that hold for the round of a period."""
        with self._database.read() as connection:
            return events.standing_of(connection, period)

    def add_corrections(self, new: Corrections) -> int:
        """Record corrections, all or none; how many were not on record yet.

        Raises:
            UserError: an id is on record with other words, or a revocation names no correction.
        """
        with self._database.write() as connection:
            return corrections.add_corrections(connection, new)

    @contextlib.contextmanager
    def correcting(self) -> Iterator[Correcting]:
        """One transaction to look at corrections and locks, to decide, and to record: all or none.

        Nobody else writes between the look and the record.
        """
        with self._database.write() as connection:
            yield Correcting(connection)

    def corrections(self) -> Corrections:
        """Every correction ever recorded (``Corrections.in_force`` chooses those of a day)."""
        with self._database.read() as connection:
            return corrections.corrections_on_record(connection)

    # Safety

    def damaged(self) -> tuple[str, ...]:
        """Digests of kept files whose bytes are missing or have changed. Reads every file."""
        return tuple(file.sha256 for file in self.files() if not self._vault.whole(file.sha256))

    def backup(self, target: Path) -> Backup:
        """Write the whole register into one zip (``backup.restore`` puts it back).

        Raises:
            OSError: it cannot be written.
        """
        return backup.backup(self._database, self._vault, target)
