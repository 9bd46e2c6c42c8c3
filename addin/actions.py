"""The one table of actions: the keys that VBA dispatches, and what each does."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from addin.handlers.checking import check_book
from addin.handlers.correcting import correct_figure
from addin.handlers.following import show_progress
from addin.handlers.helping import show_help
from addin.handlers.issuing import issue_period, write_templates
from addin.handlers.merging import merge_inbox
from addin.handlers.returning import give_back_selected
from addin.handlers.setting import choose_workspace, name_agency, name_author
from addin.handlers.tracing import trace_cell
from addin.handlers.walking import next_finding, previous_finding
from addin.session import Session

Action = Callable[[Session], str | None]
"""Does the work; what it returns stays in the status bar."""

ACTIONS: Mapping[str, Action] = {
    "merge": merge_inbox,
    "progress": show_progress,
    "issue": issue_period,
    "templates": write_templates,
    "check": check_book,
    "previous": previous_finding,
    "next": next_finding,
    "trace": trace_cell,
    "return": give_back_selected,
    "adjust": correct_figure,
    "settings": choose_workspace,
    "author": name_author,
    "agency": name_agency,
    "help": show_help,
}
