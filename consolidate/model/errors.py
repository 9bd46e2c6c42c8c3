"""Define the one error that is shown to people."""

from __future__ import annotations

from consolidate.model.reasons import Reason


class UserError(Exception):
    """Stop before anything is written, with one reason for each thing to mend.

    It is raised where the fault is found and shown once by each entrance. ``wrong_call`` is true
    for a wrong command line, whose usage is then shown too.
    """

    def __init__(self, problems: tuple[Reason, ...], *, wrong_call: bool = False) -> None:
        super().__init__(problems)
        self.problems = problems
        self.wrong_call = wrong_call
