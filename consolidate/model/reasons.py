"""Reasons why something was decided or refused, the findings about a file, the error for people.

A reason is a key and values. It becomes a Vietnamese sentence where it is shown, and only there
(:func:`consolidate.definitions.catalogue.sentence`). Code that has to know a reason compares keys
and reads values; no code reads a sentence.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Self

from consolidate.model.cells import CellRef, merge_cells, sent_flat
from consolidate.model.data_values import DataValue
from consolidate.model.period import Period


@sent_flat
@dataclass(frozen=True, slots=True)
class Reason:
    """A key of the message catalogue with the values that fill its blanks.

    ``values`` are pairs of blank and value, sorted by blank, so that equal reasons are equal.
    Build one with :func:`because`. Reasons can be sorted: the order means nothing, but it is the
    same on every day and machine.
    """

    key: str
    values: tuple[tuple[str, object], ...] = ()

    def value(self, blank: str) -> object:
        """Return the value of a blank of the message.

        Raises:
            KeyError: the reason has no such blank.
        """
        for name, found in self.values:
            if name == blank:
                return found
        raise KeyError(blank)

    def __lt__(self, other: Reason) -> bool:
        return repr(self) < repr(other)


def because(key: str, /, **values: object) -> Reason:
    """Make a reason; values may be texts, numbers, days, periods, reasons and tuples of these.

    Raises:
        TypeError: a value is of another type, which could not be recorded or shown.
    """
    waiting = [*values.values()]
    for value in waiting:  # Grows by the parts of tuples.
        if isinstance(value, tuple):
            waiting += value
        elif isinstance(value, bool) or not isinstance(value, _TYPES):
            raise TypeError(f"no value of a reason: {value!r}")
    return Reason(key, tuple(sorted(values.items())))


def joined(separator: str, parts: Iterable[object]) -> Reason:
    """Make a reason that shows its parts one after the other.

    ``separator`` is the key of a message that stands between the parts, or ``""`` for a space.
    """
    return because(JOINED, separator=separator, parts=tuple(parts))


def capital(part: object) -> Reason:
    """Make a reason that shows its part with a capital first letter."""
    return because(CAPITAL, part=part)


JOINED, CAPITAL = "joined", "capital"
"""Keys of reasons that only arrange others; the catalogue does not hold them."""


_TYPES = (str, int, Decimal, date, Period, Reason)


class UserError(Exception):
    """Stop before anything is written, with one reason for each thing to mend.

    It is raised where the fault is found and shown once by each entrance. ``wrong_call`` is true
    for a wrong command line, whose usage is then shown too.
    """

    def __init__(self, problems: tuple[Reason, ...], *, wrong_call: bool = False) -> None:
        super().__init__(problems)
        self.problems = problems
        self.wrong_call = wrong_call

    @classmethod
    def of(cls, key: str, /, *, wrong_call: bool = False, **values: object) -> Self:
        """Make the error of one reason (:func:`because`)."""
        return cls((because(key, **values),), wrong_call=wrong_call)


_KINDS = {
    "full": ("ENOSPC", "EDQUOT", "EFBIG"),
    "read_only": ("EROFS",),
    "long_name": ("ENAMETOOLONG",),
    "out_of_reach": (
        "EIO", "ENXIO", "ENODEV", "ESTALE", "ENETDOWN", "ENETUNREACH", "ENETRESET", "EHOSTDOWN",
        "EHOSTUNREACH", "ETIMEDOUT", "ECONNRESET", "ECONNABORTED", "ENOTCONN", "EREMOTEIO",
    ),
}  # fmt: skip
_KIND_OF = {
    getattr(errno, name): kind
    for kind, names in _KINDS.items()
    for name in names
    if hasattr(errno, name)  # Not every system has all of them.
}
_KIND_OF_WINDOWS = {
    19: "read_only", 21: "out_of_reach", 39: "full", 53: "out_of_reach", 55: "out_of_reach",
    59: "out_of_reach", 64: "out_of_reach", 67: "out_of_reach", 112: "full",
    206: "long_name", 1117: "out_of_reach", 1231: "out_of_reach",
}  # fmt: skip
"""The same by the numbers of Windows (System Error Codes), most of which have none of C."""


def disk_trouble(error: OSError) -> Reason | None:
    """Explain what to do about a disk that is full, read-only or gone; ``None`` for other errors.

    What was there before is still there, and the same order can be given again.
    Of a file that is moved to its place the second name is the one that a person knows.
    """
    kind = _KIND_OF_WINDOWS.get(getattr(error, "winerror", None) or 0)
    kind = kind or _KIND_OF.get(error.errno or 0)
    if kind is None:
        return None
    file = error.filename2 or error.filename
    return because(f"disk.{kind}", file=f" “{file}”" if file else "")


class Severity(StrEnum):
    """How much a finding matters; only errors and warnings make a merge end with exit code 1."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for errors, 1 for warnings, 2 for notes: the order in which they are listed."""
        return ("error", "warning", "info").index(self.value)


class Ours(StrEnum):
    """Why a finding is for the province to settle: no letter and no copy tells a unit of it.

    ``CALENDAR``: it sets no data window, or one that does not fit the round. ``ROSTER``: it names
    another unit for figures of the whole province. ``ADJUSTED``: a figure that the province put in
    place of the unit's has it (of this round, or of an earlier one that is compared with), the
    unit's own had not. ``SHARED``: most units have it. ``ACROSS``: figures of several units do not
    contradict each other; the province decides which is wrong.
    """

    CALENDAR = "calendar"
    ROSTER = "roster"
    ADJUSTED = "adjusted"
    SHARED = "shared"
    ACROSS = "across"


@sent_flat
@dataclass(frozen=True, slots=True)
class Finding:
    """One finding about the cells of one file (contract 6 of ``docs/architecture.md``).

    ``rule`` is the id of a rule of a definition or of a built-in check (``value.not_whole``).
    ``found`` and ``expected`` are texts in Vietnamese notation, empty when there is nothing to
    compare, or reasons where they need words. ``message`` says what is wrong and what to do.
    """

    rule: str
    severity: Severity
    message: Reason
    data_set: str = ""
    element: str = ""
    sheet: str = ""
    cells: tuple[CellRef, ...] = ()
    found: str | Reason = ""
    expected: str | Reason = ""

    @property
    def address(self) -> str:
        """Cells merged and naturally sorted: ``D12:G12``; empty for a finding about a file."""
        return merge_cells(self.cells)


def cell_finding(
    rule: str,
    severity: Severity,
    message: Reason,
    value: DataValue,
    *others: DataValue,
    found: str = "",
    expected: str = "",
) -> Finding:
    """Make a finding about an answer; ``others`` are answers that it is held against."""
    key, cells = value.key, (value.cell, *(other.cell for other in others))
    place = (key.data_set, key.element, value.cell.sheet)
    return Finding(rule, severity, message, *place, cells, found, expected)


def sorted_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings in the one order that every rendering uses, without repetitions."""
    return tuple(
        sorted(
            dict.fromkeys(findings),
            # Severity, then sheet and cell in reading order, then rule; then any order.
            key=lambda f: (f.severity.rank, f.sheet, tuple(sorted(f.cells)), f.rule, f.message),
        )
    )
