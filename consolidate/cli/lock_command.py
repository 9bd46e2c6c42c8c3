"""``consolidate lock PERIOD``: no other result of a round is taken any more."""

from __future__ import annotations

from consolidate.cli.decision_commands import decision
from consolidate.model.runs import EventKind

command = decision("lock", EventKind.LOCKED)
