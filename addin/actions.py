"""List the actions of the ribbon: the key that VBA sends, and the function that it calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from addin.buttons.adjust_button import adjust_figure
from addin.buttons.check_button import check_book, next_finding, previous_finding
from addin.buttons.decide_button import approve_round, lock_round
from addin.buttons.issue_button import issue_period, write_templates
from addin.buttons.keep_button import back_up_folder, draft_round, export_round
from addin.buttons.merge_button import merge_inbox
from addin.buttons.return_button import return_selected
from addin.buttons.runs_button import compare_two
from addin.buttons.settings_button import (
    check_self,
    choose_workspace,
    name_agency,
    name_author,
    show_help,
)
from addin.buttons.status_button import show_next_step, show_status
from addin.buttons.trace_button import trace_cell
from addin.session import Session

Action = Callable[[Session], str | None]
"""Does the work; what it returns stays in the status bar."""

ACTIONS: Mapping[str, Action] = {
    "step": show_next_step,
    "merge": merge_inbox,
    "progress": show_status,
    "issue": issue_period,
    "templates": write_templates,
    "check": check_book,
    "previous": previous_finding,
    "next": next_finding,
    "trace": trace_cell,
    "return": return_selected,
    "adjust": adjust_figure,
    "report": draft_round,
    "approve": approve_round,
    "lock": lock_round,
    "compare": compare_two,
    "backup": back_up_folder,
    "export": export_round,
    "settings": choose_workspace,
    "author": name_author,
    "agency": name_agency,
    "self": check_self,
    "help": show_help,
}
