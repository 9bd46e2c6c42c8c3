"""The round and the run that a button is about when the person does not name them."""

from __future__ import annotations

from addin.session import Session
from addin.summaries import summary_in_front
from consolidate.model.errors import UserError
from consolidate.model.period import Period
from consolidate.model.reasons import because
from consolidate.model.runs import Run
from consolidate.province.workspace import Workspace
from consolidate.register.register import Register


def round_in_front(session: Session, workspace: Workspace) -> Period | None:
    """The round of the summary in front when it is one of this workspace."""
    summary = summary_in_front(session)
    if summary is not None and summary.path.parent.resolve() == workspace.results.resolve():
        return summary.period
    return None


def standing_run(session: Session, workspace: Workspace, register: Register) -> Run:
    """The locked, approved or newest run of the round in front, else of the newest run's round.

    Raises:
        UserError: no merge is on record.
    """
    period = round_in_front(session, workspace)
    runs = register.runs()
    if period is None and not runs:
        raise UserError((because("addin.progress.nothing", folder=str(workspace.inbox)),))
    period = (period or runs[-1].head.period).round_name
    run = register.standing_run(period)
    if run is None:
        raise UserError((because("addin.progress.no_run", period=period),))
    return run
