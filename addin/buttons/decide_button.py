"""The buttons "Duyệt" and "Khóa": decide about a round, as ``approve`` and ``lock`` do."""

from __future__ import annotations

from addin.session import Session
from addin.settings import name_typed, own_workspace, read_settings
from addin.summaries import round_in_front
from consolidate.actions.decisions import RoundState, decide, decided_lines, state_lines
from consolidate.actions.next_step import open_round
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.reasons import UserError, because
from consolidate.model.runs import EventKind

NO_DOCUMENT = "-"
"""What is typed for a decision without a document."""


def approve_round(session: Session) -> str | None:
    """Approve the round of the summary in front, else the newest open one."""
    return _decided(session, EventKind.APPROVED)


def lock_round(session: Session) -> str | None:
    """Lock the same round; the number of the document is what was typed."""
    typed = name_typed(session.argument)
    return _decided(session, EventKind.LOCKED, "" if typed == NO_DOCUMENT else typed)


def _decided(session: Session, kind: EventKind, document: str = "") -> str | None:
    """Ask about the round as it stands, always: a button is pressed more easily than typed."""
    from consolidate.merge.opening import opened_register

    settings = read_settings()
    workspace = own_workspace(settings)
    if not settings.author:
        raise UserError((because("addin.decide.who"),))
    day = session.today()
    period = round_in_front(session, workspace) or open_round(workspace, day)

    def agreed(state: RoundState) -> bool:
        key = f"runs.ask.{kind.value}" if state.open else f"addin.decide.{kind.value}"
        heading, *lines = map(sentence, state_lines(state))
        question = text(key, period=state.run.head.period.round_name.label)
        said = [f"– {line}" for line in lines]
        who = text("addin.decide.by", author=settings.author, document=document or NO_DOCUMENT)
        return session.ask("\n".join((heading, *said, "", who, question)))

    with opened_register(workspace, trial=False) as register:
        done = decide(
            workspace,
            register,
            kind,
            period,
            author=settings.author,
            on=day,
            document=document,
            confirm=agreed,
            always=True,
        )
    if done is None:
        return text("runs.ask.declined")
    session.say("\n".join(map(sentence, decided_lines(done))))
    return None
