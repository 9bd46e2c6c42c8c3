"""The one error for people: what they have to mend, or asked for wrongly, before work can go on."""

from __future__ import annotations

from consolidate.model.reasons import Reason


class UserError(Exception):
    """Refuse to go on, with one reason for each thing to mend; nothing was written.

    It is raised where the fault is found and shown once by each entrance: by the command line
    (``commands.base``) and by the buttons (``addin.ribbon``). ``wrong_call`` tells whether the
    work was asked for wrongly, so that the command line also says how it is called.
    """

    def __init__(self, problems: tuple[Reason, ...], *, wrong_call: bool = False) -> None:
        super().__init__(problems)
        self.problems = problems
        self.wrong_call = wrong_call
