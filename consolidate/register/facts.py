"""Facts of the register alone: kept files, what a reader made of them, what counted; refusals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from consolidate.model.data_values import DataValue
from consolidate.model.period import DataWindow, Period
from consolidate.model.reasons import Finding, Reason, UserError, because
from consolidate.model.returns import ReturnRecord
from consolidate.model.runs import Run


@dataclass(frozen=True, slots=True)
class NewFile:
    """Bytes to keep: under which name they came first, and on which day.

    ``sha256`` is their digest where somebody worked it out already, else ``""``.
    """

    name: str
    content: bytes
    seen: date
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A kept file; ``size`` in bytes, ``name`` and ``seen`` as when it first came."""

    sha256: str
    size: int
    name: str
    seen: date


@dataclass(frozen=True, slots=True)
class StoredReturn:
    """What one workbook said, as one version of the program read it for one unit.

    ``sha256`` is that of the workbook (of the member, when it came in an archive), ``reader`` the
    version of the program, ``unit`` a code, ``""`` while nobody knows whose it is. ``values`` are
    those of all data sets, without the cover, in form order.
    """

    sha256: str
    reader: str
    unit: str
    template: str
    version: str
    period: Period | None
    revision: int
    window: DataWindow | None
    values: tuple[DataValue, ...]
    findings: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, record: ReturnRecord, reader: str) -> StoredReturn | None:
        """Keep what a record of a merge says; ``None`` when nothing could be read in its file."""
        content = record.content
        if content is None:
            return None
        return cls(
            sha256=record.sha256,
            reader=reader,
            unit=record.unit_code,
            template=content.template,
            version=content.version,
            period=content.period,
            revision=content.revision,
            window=content.window,
            values=tuple(content.values()),
            findings=record.findings,
        )


@dataclass(frozen=True, slots=True)
class CountedReturn:
    """A return that was in the totals of a run, and the file that it came in."""

    path: str
    member: str
    content: StoredReturn


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """The run that a merge is on record as; ``added`` is false when it was there already."""

    run: Run
    added: bool


_SHOWN = 5
"""Files that a sentence names."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A written backup: how many kept files are in it, and which could not be (damaged, by digest).

    ``database`` says whether the database is in it too; that of a PostgreSQL server is not.
    ``beside`` counts the other files of the folder in it; ``left_out`` names those that are not.
    """

    path: Path
    files: int
    damaged: tuple[str, ...]
    database: bool
    left_out: tuple[str, ...] = ()
    beside: int = 0

    def notes(self) -> tuple[Reason, ...]:
        """Tell what a person has to know about what is not in it."""
        notes = []
        if self.damaged:
            notes.append(because("register.backup_incomplete", count=len(self.damaged)))
        if not self.database:
            notes.append(because("register.database_apart"))
        if self.left_out:
            count, shown = len(self.left_out), self.left_out[:_SHOWN]
            notes.append(because("register.backup_left_out", count=count, names=shown))
        return tuple(notes)


class DamagedFile(UserError):
    """The kept bytes of a file are missing or are no longer those that were received."""


class PeriodLocked(UserError):
    """The period is locked: only the locked result may be made again."""
