"""Write to the terminal: wrapped text, findings, mail drafts, short paths, a progress bar."""

from __future__ import annotations

import contextlib
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from consolidate.actions.periods import renamed
from consolidate.definitions.catalogue import sentence, text
from consolidate.model.period import Period
from consolidate.model.reasons import Finding, Severity
from consolidate.model.text import visible_lines

if TYPE_CHECKING:
    from consolidate.actions.mail import MailsWritten
    from consolidate.xlsx.write.files import FilesWritten

Item = TypeVar("Item")
_MARKS = {
    Severity.ERROR: ("✗", "red"),
    Severity.WARNING: ("!", "yellow"),
    Severity.INFO: ("·", "cyan"),
}


def width() -> int:
    """Count columns to write in: those of the terminal, at most 100."""
    return min(shutil.get_terminal_size((80, 24)).columns, 100)


_listening: list[list[tuple[str, bool]]] = []


@contextlib.contextmanager
def heard(lines: list[tuple[str, bool]]) -> Iterator[None]:
    """Add what is printed meanwhile to ``lines``: each line, and whether on standard error."""
    _listening.append(lines)
    try:
        yield
    finally:
        _listening.remove(lines)


def print_line(line: str, *, err: bool = False) -> None:
    """Print a line as it stands, to be heard."""
    click.echo(line, err=err)
    for lines in _listening:
        lines.append((line, err))


def say(line: str = "", *, indent: int = 0, bold: bool = False, colour: str | None = None) -> None:
    """Print a line, nothing hidden in it, wrapped at the width of the terminal under its indent."""
    print_line(as_said(line, indent=indent, bold=bold, colour=colour))


_FIRST = 10


def first_of(names: Sequence[str], more: str) -> list[str]:
    """List the first of some names; the last line counts the others (the message ``more``)."""
    left = len(names) - _FIRST
    return [*names[:_FIRST], *([text(more, count=left)] if left > 0 else [])]


def listed(items: Sequence[Item], most: int, more: str) -> Iterator[Item]:
    """Give the first items to be printed; say behind them how many others there are (``more``)."""
    yield from items[:most]
    if len(items) > most:
        say(text(more, count=len(items) - most), indent=2)


def as_said(line: str, *, indent: int = 0, bold: bool = False, colour: str | None = None) -> str:
    """Format a line as :func:`say` prints it."""
    margin = " " * indent
    filled = textwrap.fill(
        visible_lines(line),
        width(),
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return click.style(filled, bold=bold or None, fg=colour)


def wrapped(lines: str) -> str:
    """Wrap each line of a text at the width of the terminal; no word is broken."""
    return "\n".join(
        textwrap.fill(line, width(), break_long_words=False, break_on_hyphens=False)
        for line in lines.splitlines()
    )


def say_finding(finding: Finding, *, indent: int = 2) -> None:
    """Print a finding: mark, sheet and cells, then the message below them."""
    mark, colour = _MARKS[finding.severity]
    where = " › ".join(part for part in (finding.sheet, finding.address) if part)
    word = text(f"terms.severity.{finding.severity.value}")
    say(f"{mark} {word}{f' · {where}' if where else ''}", indent=indent, colour=colour)
    say(sentence(finding.message), indent=indent + 2)


def shown_path(path: Path) -> str:
    """Shorten a path to what it can be called from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):  # The folder that the person is in may be gone.
        return str(path)


def interactive() -> bool:
    """Ask whether a person is watching standard error; there may be none."""
    return sys.stderr is not None and sys.stderr.isatty()


def can_ask() -> bool:
    """Ask whether a person can be asked: both ends of the conversation are a terminal."""
    return interactive() and sys.stdin is not None and sys.stdin.isatty()


def ask(question: str) -> bool:
    """Ask a person, for whom no answer is no."""
    click.echo(f"{textwrap.fill(question, width())} {text('cli.yes_or_no')} ", nl=False, err=True)
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        click.echo(err=True)
    return answer.strip().casefold() in text("cli.yes").split()


def say_renamed(typed: Period | None, name: Period) -> None:
    """Say on standard error that the round of a period goes by another code, if it does."""
    said = renamed(typed, name)
    if said is not None:
        print_line(textwrap.fill(sentence(said), width(), break_on_hyphens=False), err=True)


Advance = Callable[[int, int], None]
"""Told how much is done and how much there is to do."""


@contextlib.contextmanager
def shown_progress(label: str, ended: Callable[[int], str] | None = None) -> Iterator[Advance]:
    """Show a bar on a terminal until the work ends; elsewhere at most one line on stderr.

    ``label`` says what is done (``Đang đọc báo cáo``); ``ended`` makes that one line of how much
    there was, without it nothing is said.
    """
    if not interactive():

        def log(done: int, total: int) -> None:
            if ended is not None and done == total:
                click.echo(ended(total), err=True)

        yield log
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield advance


def say_files(
    keys: tuple[str, str, str, str], done: FilesWritten, say: Callable[[str], None] = say
) -> None:
    """Say how many files were written, were there already, or were kept, the first by their names.

    ``keys`` are the texts for the three, and for how many more names there are.
    """
    written, unchanged, kept, more = keys
    if done.written:
        say(text(written, count=len(done.written), folder=shown_path(done.folder)))
    if done.unchanged:
        say(text(unchanged, count=len(done.unchanged)))
    if done.kept:
        say(text(kept, count=len(done.kept)))
        for line in first_of(done.kept, more):
            say(f"  {line}")


def say_mails(done: MailsWritten, say: Callable[[str], None] = say) -> None:
    """Say how many drafts there are, which were kept, and which units have no address."""
    say_files(("mail.written", "mail.unchanged", "mail.kept", "mail.more"), done, say)
    if done.unaddressed:
        say(text("mail.no_address", count=len(done.unaddressed)))
        named = [
            text(
                "mail.bad_address" if unit.email else "mail.blank_address",
                name=unit.name,
                code=unit.code,
                email=unit.email,
            )
            for unit in done.unaddressed.values()
        ]
        for line in first_of(named, "mail.more_units"):
            say(f"  {line}")
