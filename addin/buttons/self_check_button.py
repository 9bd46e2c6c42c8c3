"""The button "Tự kiểm tra": what is in the way of the buttons, as ``addin status`` says it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from addin.install import target
from addin.registry import own_registry
from addin.self_check import problems
from addin.session import Session
from addin.settings import own_workspace, read_settings
from consolidate import __version__
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.errors import UserError


def check_self(session: Session) -> None:
    """Name what is missing or in the way on this machine, with the way out of each."""
    found = problems(target(sys.platform, os.environ, Path.home()), own_registry())
    said = [sentence(problem) for problem in found]
    try:
        own_workspace(read_settings())
    except UserError as error:
        said += map(sentence, error.problems)
    head = text("addin.self.head", version=__version__, interpreter=sys.executable)
    said = [f"– {line}" for line in said] or [text("addin.self.good")]
    session.say("\n".join((head, *said)), bad=bool(found))
