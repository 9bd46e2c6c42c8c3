"""The button "Báo cáo": drafts of the reports of a round in Word."""

from __future__ import annotations

from addin.dialogs import open_folder
from addin.session import Session
from addin.settings import own_workspace, read_settings
from addin.summaries import summary_in_front
from consolidate.actions.merge import MergeOrder
from consolidate.actions.next_step import open_round
from consolidate.actions.report import draft_reports
from consolidate.actions.workspaces import round_inbox
from consolidate.definitions.catalogue import sentence, text


def draft_round(session: Session) -> str | None:
    """Draft the reports of a round into the results, as ``consolidate report`` does.

    The round is that of the summary in front, else the newest one that is not locked. A draft that
    a person changed is kept and named.
    """
    workspace, day = own_workspace(read_settings()), session.today()
    summary = summary_in_front(session)
    period = summary.period if summary is not None else None
    period = period if period is not None else open_round(workspace, day)
    inbox = round_inbox(workspace, period)[0]

    order = MergeOrder(workspace.library, inbox, day, period=period)
    done = draft_reports(workspace, order, session.counted("addin.merge.reading"))
    lines = [sentence(done.since.note())] if done.since is not None else []
    lines += [text(f"report.{draft.outcome.value}", file=draft.path) for draft in done.drafts]
    open_folder(workspace.results)
    session.say("\n".join(lines))
    return None
