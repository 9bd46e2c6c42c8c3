"""What a merge knows beside its inbox: all that a province remembers, or nothing.

:class:`KnownHistory` answers from the memory of a working folder; :class:`NoHistory` stands in for
it where there is a roster at most. Both answer the same questions, so that the order of a merge
(:func:`consolidate.merge.merge_inbox.merge`) is written once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from consolidate.identity.duplicates import hold_copies
from consolidate.identity.selection import Sendings, decide
from consolidate.merge.comparing import comparisons
from consolidate.merge.knowledge import Memory
from consolidate.merge.recalling import past_of, recalled
from consolidate.merge.receiving import copied, received, sendings, timed
from consolidate.model.datasets import Library
from consolidate.model.period import Period
from consolidate.model.returns import ReturnRecord
from consolidate.model.units import Roster
from consolidate.rollup.result import MergeResult

Records = tuple[ReturnRecord, ...]


@dataclass(frozen=True, slots=True)
class NoHistory:
    """Judge files by themselves: no working folder, so nothing is remembered."""

    roster: Roster | None = None
    library: Library | None = None

    def decided(self, placed: Records, containers: Mapping[str, Path]) -> Records:
        """Hold copies, then decide which file of a unit counts."""
        kept = hold_copies(placed, self.roster)
        return decide(kept, self.roster, Sendings(self.library))

    def excused(self, record: ReturnRecord, rule: str) -> bool:
        """Let nothing off: nobody waived anything."""
        return False

    def compared(self, result: MergeResult, placed: Records) -> MergeResult:
        """Return the result as it is."""
        return result


class KnownHistory:
    """Judge files with all that is on record before a round.

    ``roster`` are the units that report the round, ``library`` shows its forms.
    """

    def __init__(self, memory: Memory, period: Period, library: Library) -> None:
        self.roster = memory.present(period)
        self._memory = memory
        self._period = period
        self._library = library
        self._past = past_of(memory, period, library)

    def decided(self, placed: Records, containers: Mapping[str, Path]) -> Records:
        """Decide which file of a unit counts, by day, seal, waivers, corrections and the past.

        ``containers`` are the archives and mails on disk by the path of their records: a file that
        lay in one came with it.
        """
        came = received(self._memory, placed, containers, self._period)
        kept = hold_copies(came, self.roster, copied(self._memory))
        told = decide(kept, self.roster, sendings(self._memory, self._period, self._library))
        asked = recalled(self._memory, told, self._past, self._library)
        return timed(self._memory, asked, self._period, self._library)

    def excused(self, record: ReturnRecord, rule: str) -> bool:
        """Tell whether a waiver in force lets a return off a rule."""
        return self._memory.waiver(rule, record) is not None

    def compared(self, result: MergeResult, placed: Records) -> MergeResult:
        """Put a result beside earlier periods, with the runs that it was compared with."""
        told = comparisons(self._memory, self._past, self._library, result.tables, self.roster)
        return replace(
            result,
            placed=placed,
            comparisons=told,
            bases=self._past.bases,
            adjustments=self._memory.corrections.figures,
            day=self._memory.as_of,
            reviews=self._memory.reviews,
        )
