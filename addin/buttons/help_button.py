"""The button "Trợ giúp"."""

from __future__ import annotations

import sys

from addin.ribbon import log_path
from addin.session import Session
from consolidate import __version__
from consolidate.definitions.catalogue import text


def show_help(session: Session) -> None:
    """Say what each button does, which version this is and where it runs."""
    session.say(text("addin.help", version=__version__, interpreter=sys.executable, log=log_path()))
