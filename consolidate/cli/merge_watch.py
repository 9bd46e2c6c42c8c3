"""``merge --watch``: merge again as files arrive, and say of each file what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import click

from consolidate.actions.merge import MergeOrder, do_merge, files_line
from consolidate.actions.watch import State, follow, looks_at, state_of
from consolidate.cli.base import EXIT_FINDINGS, EXIT_USAGE
from consolidate.cli.console import say, shown_path
from consolidate.cli.merge_words import say_received
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.reasons import Severity, UserError
from consolidate.model.returns import ReturnRecord
from consolidate.rollup.result import MergeResult

Looks = Iterator[Collection[object]]


def started(inbox: Path) -> tuple[Looks, State]:
    """Tell what will happen in an inbox, and list the files there before the first merge.

    Raises:
        click.ClickException: the library that watches is not installed.
    """
    try:
        return looks_at(inbox), state_of(inbox)
    except ImportError:
        raise click.ClickException(text("cli.merge.needs_watchfiles")) from None


def watched(
    order: Callable[[], MergeOrder], first: MergeResult, merged: State, looks: Looks
) -> int:
    """Merge again as files arrive until Ctrl+C; the exit code of the last merge.

    ``order`` gives the order of the day; ``first`` is the merge that was told already, of the files
    ``merged``.
    """
    before, code, refused = first, 0 if first.clean else EXIT_FINDINGS, ""

    def refresh() -> bool:
        nonlocal before, code, refused
        try:
            result = do_merge(order()).result
        except (UserError, OSError) as error:
            # An open workbook or a half-written roster ends no watch: the next look tries again.
            problem = _problem(error)
            if problem != refused:
                say(problem, colour="red")
            code, refused = EXIT_USAGE, problem
            return False
        _say_changes(before, result)
        before, code, refused = result, 0 if result.clean else EXIT_FINDINGS, ""
        return True

    inbox = order().inbox
    say()
    say(text("cli.merge.watching", path=shown_path(inbox)), bold=True)
    try:
        follow(inbox, merged, looks, refresh)
    except KeyboardInterrupt:
        click.echo()
    say(text("cli.merge.watch_ended"))
    return code


def _problem(error: UserError | OSError) -> str:
    if isinstance(error, UserError):
        return "\n".join(map(sentence, error.problems))
    return text("cli.no_permission", file=error.filename2 or error.filename or "")


def _say_changes(before: MergeResult, now: MergeResult) -> None:
    """Say which files are new, count otherwise than before, or are gone; then where all stands."""
    old = {record.name: _told(record) for record in before.records}
    new = {record.name: record for record in now.records}
    counts = Counter((record.name, found.severity) for record, found in now.findings())
    say()
    for name, record in new.items():
        if old.get(name) == _told(record):
            continue
        outcome = text(f"terms.outcome.{record.outcome.value}")
        errors, warnings = (counts[name, kind] for kind in (Severity.ERROR, Severity.WARNING))
        line = text("cli.merge.changed_file", name=name, outcome=outcome)
        if errors or warnings:
            line += f" · {text('cli.merge.changed_findings', errors=errors, warnings=warnings)}"
        colour = "yellow" if errors or warnings or not record.outcome.counted else "green"
        say(f"+ {line}", indent=2, colour=colour)
        if not record.outcome.counted:
            say(sentence(record.reason), indent=4)
    for name in sorted(old.keys() - new.keys()):
        say(f"– {text('cli.merge.gone_file', name=name)}", indent=2, colour="yellow")
    say_received(now)
    say(sentence(files_line(now)))


def _told(record: ReturnRecord) -> tuple[object, ...]:
    return record.sha256, record.outcome, record.reason
