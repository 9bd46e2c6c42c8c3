"""One file of an inbox: bytes to what it says, or to the reason why it says nothing to us."""

from __future__ import annotations

import hashlib

from consolidate.definitions.catalogue import text
from consolidate.intake.extract import carries_no_answers, extract_return
from consolidate.intake.gate import Limits, Refused
from consolidate.intake.grid import read_workbook
from consolidate.model.datasets import Library
from consolidate.model.returns import FileReading, Outcome


def read_file(
    path: str, data: bytes, library: Library, limits: Limits | None = None
) -> FileReading:
    """Read the bytes of a file whose path relative to the inbox is ``path``.

    Never raises for anything the bytes hold; a refused file carries its outcome and a Vietnamese
    reason that says what to do.
    """
    digest = hashlib.sha256(data).hexdigest()
    try:
        content = extract_return(
            read_workbook(data, limits or Limits(), carries_no_answers), library
        )
    except Refused as refused:
        outcome = Outcome.UNREADABLE if refused.unreadable else Outcome.NOT_A_REPORT
        reason = text(f"intake.{refused.reason}", detail=refused.detail)
        return FileReading(path, digest, len(data), outcome=outcome, reason=reason)
    except Exception:
        # Nothing that one file holds may cost the rest of the inbox.
        reason = text("intake.crashed")
        return FileReading(path, digest, len(data), outcome=Outcome.UNREADABLE, reason=reason)
    if content is None:
        return FileReading(
            path,
            digest,
            len(data),
            outcome=Outcome.NOT_A_REPORT,
            reason=text("intake.not_our_form"),
        )
    return FileReading(path, digest, len(data), content)
