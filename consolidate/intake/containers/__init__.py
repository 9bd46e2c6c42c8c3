"""Archives and mails: what they hold, taken out in memory under the limits of the gate."""

from consolidate.intake.containers.members import Container, Member
from consolidate.intake.containers.open_container import open_container

__all__ = ["Container", "Member", "open_container"]
