"""``consolidate approve PERIOD``: the province's figures of a round are approved."""

from __future__ import annotations

from consolidate.cli.decision_commands import decision
from consolidate.model.runs import EventKind

command = decision("approve", EventKind.APPROVED)
