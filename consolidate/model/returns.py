"""Returns: what one file said, and the single outcome that each file of an inbox ends in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from consolidate.model.cells import CellRef, sent_flat
from consolidate.model.data_values import DataValue, ValueStatus, as_typed
from consolidate.model.period import DataWindow, Period
from consolidate.model.reasons import Finding, Ours, Reason
from consolidate.model.text import visible
from consolidate.model.units import Level, OrganisationUnit


class Outcome(StrEnum):
    """Outcome of a file (contract 5); every file of an inbox has exactly one."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_WARNINGS = "accepted_with_warnings"
    HELD = "held"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    DUPLICATE = "duplicate"
    NOT_A_REPORT = "not_a_report"
    UNREADABLE = "unreadable"

    @property
    def counted(self) -> bool:
        """Whether the figures of the file are in the totals."""
        return self in (Outcome.ACCEPTED, Outcome.ACCEPTED_WITH_WARNINGS)


@sent_flat
@dataclass(frozen=True, slots=True)
class WindowLine:
    """The line "Số liệu tính từ ngày … đến ngày …" of a sheet as it stands there."""

    raw: str
    window: DataWindow | None
    cell: CellRef


@sent_flat
@dataclass(frozen=True, slots=True)
class Anomaly:
    """Something that reading noticed about the form itself; checks turn it into a finding.

    ``kind`` is a key of the catalogue (``structure.<kind>``); ``found`` and ``expected`` fill its
    message.
    """

    kind: str
    data_set: str = ""
    element: str = ""
    cells: tuple[CellRef, ...] = ()
    found: str = ""
    expected: str = ""


@sent_flat
@dataclass(frozen=True, slots=True)
class DataSetReturn:
    """The values of one data set in one file. Open tables carry only rows that say something."""

    code: str
    sheet: str
    values: tuple[DataValue, ...]
    window: WindowLine | None = None
    rows: int = 0

    def listed(self) -> tuple[dict[str, DataValue], ...]:
        """List the rows of an open table in their order, each by the code of its columns."""
        rows: dict[int, dict[str, DataValue]] = {}
        for value in self.values:
            rows.setdefault(value.key.row, {})[value.key.element] = value
        return tuple(rows[row] for row in sorted(rows))


@sent_flat
@dataclass(frozen=True, slots=True)
class Evidence:
    """What a file says beside its cover about whose it is and which period it is for.

    ``stamp_unit``, ``stamp_period``, ``serial`` and ``seal`` are those of the issue (codes, ``""``
    when the template was not issued to one unit). ``headings`` are the lines above the tables of a
    form that was retyped; ``windows`` are periods whose data windows stand there, ``silent`` are
    sheets whose table does not tell which period it is of. ``saved`` is the time at which the file
    says it was last saved (as written there, ISO 8601), ``""`` when it does not say.
    """

    stamp_unit: str = ""
    stamp_period: str = ""
    serial: str = ""
    headings: tuple[str, ...] = ()
    saved: str = ""
    seal: str = ""
    windows: tuple[Period, ...] = ()
    silent: tuple[str, ...] = ()


@sent_flat
@dataclass(frozen=True, slots=True)
class Return:
    """What one workbook says: cover, data sets, anomalies. Nothing is judged yet.

    It was read by the forms of ``pack`` for a ``round`` of the year (0: by all tables of the pack,
    since the file does not say which round it is for). ``definition`` is the digest of the former
    definitions that it was issued with and read by, ``""`` for those in use.
    """

    template: str
    version: str
    cover: DataSetReturn
    data_sets: tuple[DataSetReturn, ...]
    anomalies: tuple[Anomaly, ...] = ()
    period: Period | None = None
    window: DataWindow | None = None
    revision: int = 1
    evidence: Evidence = Evidence()
    pack: str = ""
    round: int = 0
    definition: str = ""

    def cover_text(self, element: str) -> str:
        """Find the text of a cover field as typed, ``""`` when blank or absent."""
        for value in self.cover.values:
            if value.key.element == element:
                return value.value if isinstance(value.value, str) else value.raw
        return ""

    def values(self) -> Iterator[DataValue]:
        """List all values of all data sets, cover excluded, in form order."""
        for data_set in self.data_sets:
            yield from data_set.values

    def as_typed(self) -> Return:
        """Return the same return with the numbers that are held out of totals as reported ones."""
        held = ValueStatus.HELD
        if not any(held is value.status for part in self.data_sets for value in part.values):
            return self
        parts = (replace(part, values=tuple(map(as_typed, part.values))) for part in self.data_sets)
        return replace(self, data_sets=tuple(parts))


INSIDE = " › "
"""Separator between an archive or a mail and the file in it, in the name of a file."""


def full_name(path: str, member: str) -> str:
    """Name a file for reports: its path in the inbox, and its name in an archive or a mail."""
    return f"{path}{INSIDE}{member}" if member else path


def writable_name(name: str) -> str:
    """Write the name of a file as every report does; the file itself is opened by its own name.

    What is in no known encoding, and signs that are not seen or that turn what stands around
    them, are shown as escapes.
    """
    return visible(name)


@sent_flat
@dataclass(frozen=True, slots=True)
class FileReading:
    """A file after the gate, reading and the checks that need nothing but the file itself.

    ``path`` is relative to the inbox with forward slashes; ``member`` is the name of the file in
    it when ``path`` is an archive or a mail. Without a ``content``, ``outcome`` and ``reason`` say
    why.
    """

    path: str
    sha256: str
    size: int
    content: Return | None = None
    findings: tuple[Finding, ...] = ()
    outcome: Outcome | None = None
    reason: Reason | None = None
    member: str = ""

    @property
    def name(self) -> str:
        """The one name of the file in reports: ``thu.zip › Sở Nội vụ.xlsx``."""
        return full_name(self.path, self.member)


@sent_flat
@dataclass(frozen=True, slots=True)
class Source:
    """What one file on disk held: itself, or the files in it when it is an archive or a mail.

    ``readings`` is never empty; ``ignored`` are lock and system files that lay in an archive, and
    pictures that belong to the text of a mail.
    """

    readings: tuple[FileReading, ...]
    ignored: tuple[str, ...] = ()


_NONE: Mapping[Finding, Ours] = {}


@dataclass(frozen=True, slots=True)
class ReturnRecord:
    """A file with its outcome, the unit it was placed with, and everything found about it.

    ``received`` is the day on which it came in, known in a workspace only. ``redated`` is the id of
    the adjustment that set that day, ``""`` where it is the one on which it was seen. ``days_late``
    is how late the return is that this file stands for, counted from the first file of the unit
    that counts as received; ``None`` for other files and where nobody can tell.
    ``ours`` are findings that the province has to settle and the unit is not told of, with why.
    ``sealed`` says that the seal of the issue proves the file, or that a person lets it count like
    one that has it.
    """

    path: str
    sha256: str
    size: int
    outcome: Outcome
    reason: Reason | None
    unit: OrganisationUnit | None = None
    content: Return | None = None
    findings: tuple[Finding, ...] = ()
    member: str = ""
    received: date | None = None
    redated: str = ""
    days_late: int | None = None
    sealed: bool = False
    ours: Mapping[Finding, Ours] = field(default_factory=lambda: _NONE, hash=False)

    @property
    def name(self) -> str:
        """The one name of the file in reports: ``thu.zip › Sở Nội vụ.xlsx``."""
        return full_name(self.path, self.member)

    @property
    def unit_code(self) -> str:
        """Code of the unit, ``""`` while the file has no unit."""
        return self.unit.code if self.unit is not None else ""

    @property
    def level(self) -> Level:
        """Level of the unit, ``UNKNOWN`` while the file has no unit."""
        return self.unit.level if self.unit is not None else Level.UNKNOWN
