"""What every button calls: ``run(key, argument)``. Nothing is ever raised out of here."""

from __future__ import annotations

import contextlib

from addin.dialogs import show
from addin.log import write_fault
from addin.session import FolderWanted, Session, connected, decoded, told
from consolidate.actions.disk import disk_trouble
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.errors import UserError


def run(key: str, argument: str = "") -> None:
    """Do what a button is for, in the Excel it was pressed in.

    Args:
        key: a key of ``addin.actions.ACTIONS``.
        argument: a text as :func:`addin.session.decoded` takes it.
    """
    session = None
    try:
        from addin.actions import ACTIONS

        session = Session(connected(), decoded(argument))
        session.status(ACTIONS[key](session))
    except FolderWanted:
        # VBA reads this in the status bar (macros/MoiTruong.bas), asks, and calls again.
        if session is not None:
            session.status(text("addin.choose_folder"))
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
