"""Entry of every button: ``run(key, argument)`` and the list of what each key does.

Errors are shown or logged, never raised.
"""

from __future__ import annotations

import contextlib
import os
import pkgutil
import sys
import traceback
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from addin.session import Cancelled, FolderWanted, Session, connected, decoded, show, told
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.reasons import UserError, disk_trouble

ACTIONS: Mapping[str, str] = {
    "step": "merge_and_status_buttons:show_next_step",
    "merge": "merge_and_status_buttons:merge_inbox",
    "status": "merge_and_status_buttons:show_status",
    "issue": "issue_and_return_buttons:issue_period",
    "templates": "issue_and_return_buttons:write_templates",
    "check": "check_button:check_book",
    "previous": "check_button:previous_finding",
    "next": "check_button:next_finding",
    "trace": "trace_button:trace_cell",
    "return": "issue_and_return_buttons:return_selected",
    "adjust": "adjust_and_decide_buttons:adjust_figure",
    "report": "report_export_diff_buttons:draft_round",
    "approve": "adjust_and_decide_buttons:approve_round",
    "lock": "adjust_and_decide_buttons:lock_round",
    "diff": "report_export_diff_buttons:compare_two",
    "backup": "workspace_buttons:back_up_folder",
    "export": "report_export_diff_buttons:export_round",
    "settings": "workspace_buttons:choose_workspace",
    "author": "workspace_buttons:name_author",
    "agency": "workspace_buttons:name_agency",
    "self": "workspace_buttons:check_self",
    "help": "workspace_buttons:show_help",
}
"""Keys that VBA sends, and where in ``addin.buttons`` the function of each is.

It takes a :class:`Session`; what it returns stays in the status bar.
"""


def run(key: str, argument: str = "") -> None:
    """Do what a button is for, in the Excel it was pressed in.

    Args:
        key: a key of :data:`ACTIONS`.
        argument: a text as :func:`addin.session.decoded` takes it.
    """
    session = None
    try:
        session = Session(connected(), decoded(argument))
        session.status(pkgutil.resolve_name(f"addin.buttons.{ACTIONS[key]}")(session))
    except FolderWanted:
        # VBA reads this in the status bar (macros/RibbonTongHop.bas), asks, and calls again.
        if session is not None:
            session.status(text("addin.choose_folder"))
    except Cancelled:
        _tell(session, text("addin.stopped"))
    except UserError as error:
        _tell(session, told(error))
    except PermissionError as error:
        _tell(session, text("addin.no_permission", file=error.filename or ""))
    except Exception as error:
        trouble = disk_trouble(error) if isinstance(error, OSError) else None
        if trouble is not None:
            _tell(session, sentence(trouble))
            return
        log = write_fault(error)
        _tell(session, text("addin.internal", error=type(error).__name__, log=log))


def _tell(session: Session | None, message: str) -> None:
    """Show a message through Excel, else without it."""
    if session is not None:
        with contextlib.suppress(Exception):
            session.status(None)
        with contextlib.suppress(Exception):
            session.say(message, bad=True)
            return
    with contextlib.suppress(Exception):
        show(message)


LIMIT = 200_000
"""Bytes after which the log is started again."""


def log_path() -> Path:
    """Tell where faults are written."""
    base = os.environ.get("LOCALAPPDATA") if sys.platform == "win32" else None
    return (Path(base) if base else Path.home() / ".cache") / "consolidate" / "addin.ribbon"


def write_fault(error: Exception) -> Path:
    """Append where a fault happened, without its message, and say where that is written."""
    path = log_path()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = not path.exists() or path.stat().st_size > LIMIT
        with path.open("w" if fresh else "a", encoding="utf-8") as log:
            log.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} {type(error).__name__}\n")
            log.writelines(traceback.format_tb(error.__traceback__))
    return path
