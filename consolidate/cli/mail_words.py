"""Say what became of mail drafts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from consolidate.cli.console import first_of, shown_path
from consolidate.definitions.catalogue import text
from consolidate.model.units import OrganisationUnit

if TYPE_CHECKING:
    from consolidate.actions.mail import MailsWritten


def say_mails(done: MailsWritten, say: Callable[[str], None]) -> None:
    """Say how many drafts there are, which were kept, and which units have no address."""
    if done.written:
        say(text("mail.written", count=len(done.written), folder=shown_path(done.folder)))
    if done.unchanged:
        say(text("mail.unchanged", count=len(done.unchanged)))
    if done.kept:
        say(text("mail.kept", count=len(done.kept)))
        for line in first_of(done.kept, "mail.more"):
            say(f"  {line}")
    if done.unaddressed:
        say(text("mail.no_address", count=len(done.unaddressed)))
        named = [_named(unit) for unit in done.unaddressed.values()]
        for line in first_of(named, "mail.more_units"):
            say(f"  {line}")


def _named(unit: OrganisationUnit) -> str:
    key = "mail.bad_address" if unit.email else "mail.blank_address"
    return text(key, name=unit.name, code=unit.code, email=unit.email)
