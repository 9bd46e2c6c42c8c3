"""The terminal: print lines, findings, names of files, a bar; guard streams that may be gone.

What a command writes to its streams says what it did; the work itself goes to files. So an error of
a stream is never taken for one of the disk that results are written to.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar, cast

import click

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.period import Period
from consolidate.model.reasons import Finding, Reason, Severity, because
from consolidate.model.text import visible_lines

if TYPE_CHECKING:
    from consolidate.actions.mail import MailsWritten
    from consolidate.xlsx.write.atomic_files import FilesWritten


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
    return click.style(_filled(visible_lines(line), indent), bold=bold or None, fg=colour)


def wrapped(lines: str) -> str:
    """Wrap each line of a text at the width of the terminal; no word is broken."""
    return "\n".join(map(_filled, lines.splitlines()))


def _filled(line: str, indent: int = 0) -> str:
    margin, whole = " " * indent, textwrap.TextWrapper(width(), break_long_words=False)
    whole.initial_indent = whole.subsequent_indent = margin
    whole.break_on_hyphens = False
    return whole.fill(line)


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


def renamed(typed: Period | None, name: Period) -> Reason | None:
    """Explain that a round goes by another code than the typed one; ``None`` if it is the same."""
    if typed is None or typed == name:
        return None
    return because("cli.same_round", typed=typed.code, code=name.code, label=name.label)


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


def reading_progress() -> AbstractContextManager[Advance]:
    """Show a bar while an inbox is read; without a terminal one line when reading ends."""

    def ended(total: int) -> str:
        return text("cli.merge.read", total=total)

    return shown_progress(text("cli.merge.reading"), ended)


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


class _Told:
    """A stream that forgets what cannot be written, and remembers that it did."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.lost = False
        self._silent = False

    def write(self, words: str) -> int:
        """Write a text; raises no error of the device."""
        self._try(lambda: self.stream.write(words))
        return len(words)

    def writelines(self, lines: list[str]) -> None:
        """Write texts."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Write what waits to be written."""
        self._try(self.stream.flush)

    def end(self) -> None:
        """Leave nothing that the end of the program would try to write again."""
        self.flush()
        if self._silent:
            with contextlib.suppress(OSError, ValueError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self.stream.fileno())
                os.close(nowhere)

    def _try(self, action: Callable[[], object]) -> None:
        if self._silent:
            return
        try:
            action()
        except OSError as error:
            self._silent = True
            # Who closed a pipe has read enough.
            self.lost = error.errno not in (errno.EPIPE, errno.EBADF)
        except ValueError:  # It is closed.
            self._silent = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@contextlib.contextmanager
def told_streams() -> Iterator[Callable[[], bool]]:
    """Take the streams of the program in hand; tells whether output was lost on the way."""
    _open_closed()
    before = sys.stdout, sys.stderr
    told = []
    for name, stream in zip(("stdout", "stderr"), before, strict=True):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
        kept = _Told(stream)
        told.append(kept)
        setattr(sys, name, cast(TextIO, kept))

    def lost() -> bool:
        told[0].flush()
        return told[0].lost

    try:
        yield lost
    finally:
        for stream in told:
            stream.end()
        sys.stdout, sys.stderr = before


def _open_closed() -> None:
    """Give the three standard numbers to nothing where they are free.

    Else the next file that is opened, such as the register, would be taken for the output of this
    program by whatever writes there. Worker processes are given the same.
    """
    for number in (0, 1, 2):
        with contextlib.suppress(OSError):
            try:
                os.fstat(number)
            except OSError:
                os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - It stays open until the process ends.
            setattr(sys, name, nowhere)
