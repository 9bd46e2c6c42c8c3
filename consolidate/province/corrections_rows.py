"""What could be understood of a row of the workbook of corrections that cannot be applied."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from consolidate.model.corrections import Adjustment, CorrectionKind, Waiver
from consolidate.model.data_values import ValueKey
from consolidate.model.period import Period
from consolidate.model.reasons import Reason
from consolidate.model.text import name_key


class Rest(NamedTuple):
    """What a row says beside its period and its figure, as far as that can be compared.

    ``unit`` as :func:`name_key` gives it; ``what`` is the row of an open table (0 for a fixed one)
    or the rule of a waiver; ``end`` is the last day.
    """

    unit: str
    what: int | str
    value: str
    author: str
    on: date
    reason: str
    document: str
    end: date | None


def rest_of(item: Adjustment | Waiver) -> Rest:
    """What a row of a correction says beside its period and its figure."""
    signed = item.author, item.on, item.reason, item.document
    if isinstance(item, Waiver):
        return Rest(name_key(item.unit), item.rule, "", *signed, item.until)
    return Rest(name_key(item.unit), item.key.row, item.value, *signed, item.expires)


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """What could be understood of a row of the workbook that cannot be applied.

    ``None`` and ``""`` stand for what could not.
    ``about`` is the key of the figure of an adjustment, the rule of a waiver. ``problems`` says
    what to mend. ``rest`` is what else it says, known and unknown names alike; ``None`` when that
    cannot be told.
    """

    number: int
    kind: CorrectionKind
    period: Period | None = None
    unit: str = ""
    about: ValueKey | str | None = None
    problems: tuple[Reason, ...] = ()
    rest: Rest | None = None

    def may_be(self, kind: CorrectionKind, item: Adjustment | Waiver) -> bool:
        """Whether it may be the row of a correction, as far as it could be understood."""
        about = item.key if isinstance(item, Adjustment) else item.rule
        here, there = self.period, item.period
        return (
            kind is self.kind
            and (here is None or there is None or here.same_round(there))
            and self.unit in ("", item.unit)
            and self.about in (None, about)
        )
