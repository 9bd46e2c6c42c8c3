"""What became of one file in a merge, as a run keeps it and as lateness is counted from it."""

from __future__ import annotations

from consolidate.identity.name_claims import named_templates
from consolidate.model.datasets import Library
from consolidate.model.returns import ReturnRecord
from consolidate.model.runs import RunOutcome


def run_outcome(library: Library, record: ReturnRecord) -> RunOutcome:
    """What became of one file, as a run keeps it."""
    return RunOutcome(
        path=record.path,
        member=record.member,
        sha256=record.sha256,
        unit=record.unit.code if record.unit is not None else "",
        template=_template(library, record),
        outcome=record.outcome,
        reason=record.reason,
        received=record.received,
    )


def _template(library: Library, record: ReturnRecord) -> str:
    """Code of the template: of what was read, else the one that the name of a placed file names."""
    if record.content is not None:
        return record.content.template
    if record.unit is None:
        return ""
    named = named_templates(record.path, record.member, library.families)
    return next(iter(named)) if len(named) == 1 else ""
