"""Take files out of archives and mails, in memory and under the limits of the gate."""

from consolidate.intake.containers.members import Container, Member
from consolidate.intake.containers.open_container import open_container

__all__ = ["Container", "Member", "open_container"]
