"""``consolidate withdraw PERIOD``: the approval of a round is taken back."""

from __future__ import annotations

from consolidate.cli.decision_commands import decision
from consolidate.model.runs import EventKind

command = decision("withdraw", EventKind.WITHDRAWN)
