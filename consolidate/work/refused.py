"""What a person has to mend before work can begin or end; nothing was written."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from consolidate.issue import IssueError
from consolidate.model.problems import Problems
from consolidate.register.roster import RosterError
from consolidate.register.store.errors import RegisterError
from consolidate.workspace import WorkspaceError


class WorkRefused(Problems):
    """The work cannot be done; ``problems`` says in Vietnamese why and what to do.

    ``wrong_call`` tells whether it was asked for wrongly, rather than refused on the way.
    """

    def __init__(self, problems: tuple[str, ...], *, wrong_call: bool = True) -> None:
        super().__init__(problems)
        self.wrong_call = wrong_call


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """Turn what the rooms below refuse into :class:`WorkRefused`.

    Raises:
        WorkRefused: instead of the errors of workspace, roster, issue and register.
    """
    try:
        yield
    except IssueError as error:
        raise WorkRefused(error.problems) from None
    except (WorkspaceError, RosterError) as error:
        # What is to be mended stands in a workbook: how the command is called helps nobody.
        raise WorkRefused(error.problems, wrong_call=False) from None
    except RegisterError as error:
        raise WorkRefused((str(error),), wrong_call=False) from None
