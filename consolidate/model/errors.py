"""Define the one error that is shown to people; explain errors of the disk to them."""

from __future__ import annotations

import errno

from consolidate.model.reasons import Reason, because


class UserError(Exception):
    """Stop before anything is written, with one reason for each thing to mend.

    It is raised where the fault is found and shown once by each entrance. ``wrong_call`` is true
    for a wrong command line, whose usage is then shown too.
    """

    def __init__(self, problems: tuple[Reason, ...], *, wrong_call: bool = False) -> None:
        super().__init__(problems)
        self.problems = problems
        self.wrong_call = wrong_call


_KINDS = {
    "full": ("ENOSPC", "EDQUOT", "EFBIG"),
    "read_only": ("EROFS",),
    "long_name": ("ENAMETOOLONG",),
    "out_of_reach": (
        "EIO", "ENXIO", "ENODEV", "ESTALE", "ENETDOWN", "ENETUNREACH", "ENETRESET", "EHOSTDOWN",
        "EHOSTUNREACH", "ETIMEDOUT", "ECONNRESET", "ECONNABORTED", "ENOTCONN", "EREMOTEIO",
    ),
}  # fmt: skip
_KIND_OF = {
    getattr(errno, name): kind
    for kind, names in _KINDS.items()
    for name in names
    if hasattr(errno, name)  # Not every system has all of them.
}
_KIND_OF_WINDOWS = {
    19: "read_only", 21: "out_of_reach", 39: "full", 53: "out_of_reach", 55: "out_of_reach",
    59: "out_of_reach", 64: "out_of_reach", 67: "out_of_reach", 112: "full",
    206: "long_name", 1117: "out_of_reach", 1231: "out_of_reach",
}  # fmt: skip
"""The same by the numbers of Windows (System Error Codes), most of which have none of C."""


def disk_trouble(error: OSError) -> Reason | None:
    """Explain what to do about a disk that is full, read-only or gone; ``None`` for other errors.

    What was there before is still there, and the same order can be given again.
    Of a file that is moved to its place the second name is the one that a person knows.
    """
    kind = _KIND_OF_WINDOWS.get(getattr(error, "winerror", None) or 0)
    kind = kind or _KIND_OF.get(error.errno or 0)
    if kind is None:
        return None
    file = error.filename2 or error.filename
    return because(f"disk.{kind}", file=f" “{file}”" if file else "")
