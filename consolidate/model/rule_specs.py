"""Rules as definitions write them: severity, scope, what blanks do."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from consolidate.model.period import PeriodType
from consolidate.model.reasons import Severity


class Stage(StrEnum):
    """A rule on trial only informs; a rule in force has its own severity."""

    FORCE = "force"
    TRIAL = "trial"


class Missing(StrEnum):
    """What a side of a rule does with a blank (DHIS2's missing value strategies)."""

    SKIP_IF_ANY = "skip_if_any"
    SKIP_IF_ALL = "skip_if_all"
    ZERO = "zero"


class Scope(StrEnum):
    """Whether a rule is asked once of the data set or once of each of its rows."""

    SET = "set"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """One validation rule as written in the definition (contract 2).

    ``missing_left`` and ``missing_right`` say what blanks do on either side of the comparison. An
    ``x`` is a blank, but for two cases: in a sum it counts as 0 beside a reported figure, and a
    whole (:attr:`~consolidate.model.expressions.Compare.whole`) that is ``x`` counts as 0 beside
    parts. ``source`` names the form, article or label that the rule comes from. ``rows`` narrows a
    rule of scope ``ROW`` to some elements; empty means all. A rule is asked in its ``periods``
    only; empty means in all. ``computed``: its left side is a cell that the form works out.
    ``first``: where a sheet shows figures of the period before, another rule there says more.
    """

    id: str
    expression: str
    severity: Severity
    source: str
    message: str = ""
    scope: Scope = Scope.SET
    stage: Stage = Stage.FORCE
    rows: tuple[str, ...] = ()
    periods: tuple[PeriodType, ...] = ()
    missing_left: Missing = Missing.SKIP_IF_ANY
    missing_right: Missing = Missing.SKIP_IF_ANY
    tolerance: Decimal = Decimal(0)
    computed: bool = False
    first: bool = False

    @property
    def told_as(self) -> Severity:
        """Severity of the findings of the rule: one on trial only informs."""
        return Severity.INFO if self.stage is Stage.TRIAL else self.severity
