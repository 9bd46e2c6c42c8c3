"""What changed between two runs of one reporting round: files, figures, what they were made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from consolidate.model.data_values import Baseline
from consolidate.model.period import Period
from consolidate.model.runs import Run, RunOutcome, RunTotal

FigureKey = tuple[str, str, str, str]
"""Data set, element, column, level (``""`` for the province)."""

_INPUTS = ("roster", "calendar", "corrections")


class FileChangeKind(StrEnum):
    """What happened to a file between two runs."""

    NEW = "new"
    GONE = "gone"
    MOVED = "moved"
    CONTENT = "content"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class RunFacts:
    """One run as the register keeps it."""

    run: Run
    outcomes: tuple[RunOutcome, ...]
    totals: tuple[RunTotal, ...]
    bases: tuple[Baseline, ...] = ()


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that is not the same in both runs; ``before`` or ``after`` is ``None`` when absent.

    ``MOVED`` is the same bytes under another name, ``CONTENT`` other bytes under the same name;
    its outcome may have changed as well.
    """

    kind: FileChangeKind
    before: RunOutcome | None
    after: RunOutcome | None

    @property
    def name(self) -> str:
        """The name of the file, the newer one when it has two."""
        file = self.after or self.before
        return file.name if file is not None else ""


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A total that is not the same in both runs.

    ``before`` and ``after`` are ``None`` when the run has no such total (nothing was reported);
    ``units_before`` and ``units_after`` are the numbers of units in them.
    """

    key: FigureKey
    before: Decimal | None
    after: Decimal | None
    units_before: int
    units_after: int

    @property
    def difference(self) -> Decimal | None:
        """How much more there is now, ``None`` unless both runs have the total."""
        if self.before is None or self.after is None:
            return None
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class RunDiff:
    """Everything that changed from one run to another.

    ``inputs`` names what else was used: ``roster``, ``calendar``, ``corrections``. ``bases`` are
    the earlier periods with other figures to compare with: merged again, or adjusted, in between.
    ``elsewhere`` says that the results differ although nothing that is compared here does and both
    are of the same day and version of the program: findings changed.
    """

    files: tuple[FileChange, ...]
    figures: tuple[FigureChange, ...]
    inputs: tuple[str, ...]
    bases: tuple[Period, ...] = ()
    elsewhere: bool = False

    @property
    def nothing(self) -> bool:
        """Whether the runs say the same."""
        return not (self.files or self.figures or self.inputs or self.bases or self.elsewhere)


def run_diff(before: RunFacts, after: RunFacts) -> RunDiff:
    """Compare two runs of one round. Files by name, figures in the order of the runs."""
    files = tuple(
        sorted(_files(before.outcomes, after.outcomes), key=lambda change: change.name.casefold())
    )
    figures = tuple(_figures(before.totals, after.totals))
    old, new = before.run.head, after.run.head
    inputs = tuple(name for name in _INPUTS if getattr(old, name) != getattr(new, name))
    rebased = {basis.period for basis in set(before.bases) ^ set(after.bases)}
    bases = tuple(sorted(rebased, key=lambda period: period.code))
    if old.result == new.result:  # Nothing of what was compared with shows in either.
        bases = ()
    alike = (old.as_of, old.program) == (new.as_of, new.program)
    elsewhere = alike and old.result != new.result and not (files or figures or inputs or bases)
    return RunDiff(files, figures, inputs, bases, elsewhere)


def _files(before: Iterable[RunOutcome], after: Iterable[RunOutcome]) -> Iterator[FileChange]:
    old = {(file.path, file.member): file for file in before}
    fresh: list[RunOutcome] = []
    for file in after:
        same = old.pop((file.path, file.member), None)
        if same is None:
            fresh.append(file)
        elif same.sha256 != file.sha256:
            yield FileChange(FileChangeKind.CONTENT, same, file)
        elif _decided(same) != _decided(file):
            yield FileChange(FileChangeKind.OUTCOME, same, file)
    by_bytes: dict[str, list[RunOutcome]] = {}
    for file in old.values():
        by_bytes.setdefault(file.sha256, []).append(file)
    for file in fresh:
        earlier = by_bytes.get(file.sha256) if file.sha256 else None
        if earlier:
            yield FileChange(FileChangeKind.MOVED, earlier.pop(0), file)
        else:
            yield FileChange(FileChangeKind.NEW, None, file)
    for left in by_bytes.values():
        for file in left:
            yield FileChange(FileChangeKind.GONE, file, None)


def _decided(file: RunOutcome) -> tuple[object, ...]:
    return file.outcome, file.unit, file.template, file.reason


def _figures(before: Iterable[RunTotal], after: Iterable[RunTotal]) -> Iterator[FigureChange]:
    old, new = (
        {(t.data_set, t.element, t.column, t.level): (t.total, t.units) for t in totals}
        for totals in (before, after)
    )
    for key in (*new, *(key for key in old if key not in new)):
        was, now = old.get(key, (None, 0)), new.get(key, (None, 0))
        if was != now:
            yield FigureChange(key, was[0], now[0], was[1], now[1])
