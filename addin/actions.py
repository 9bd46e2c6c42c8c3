"""The one table of actions: the keys that VBA dispatches, and what each does."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from addin.handlers.checking import check_book
from addin.handlers.helping import show_help
from addin.handlers.issuing import write_templates
from addin.handlers.merging import merge_inbox
from addin.handlers.tracing import trace_cell
from addin.handlers.walking import next_finding, previous_finding
from addin.session import Session

Action = Callable[[Session], str | None]
"""Does the work; what it returns stays in the status bar."""

ACTIONS: Mapping[str, Action] = {
    "merge": merge_inbox,
    "check": check_book,
    "previous": previous_finding,
    "next": next_finding,
    "trace": trace_cell,
    "templates": write_templates,
    "help": show_help,
}
