"""What commands share of the terminal: width, colours, wrapped text, where messages go."""

from __future__ import annotations

import shutil
import sys
import textwrap
from pathlib import Path

import click

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.findings import Finding, Severity

_MARKS = {
    Severity.ERROR: ("✗", "red"),
    Severity.WARNING: ("!", "yellow"),
    Severity.INFO: ("·", "cyan"),
}


def width() -> int:
    """Columns to write in: those of the terminal, at most 100."""
    return min(shutil.get_terminal_size((80, 24)).columns, 100)


def say(line: str = "", *, indent: int = 0, bold: bool = False, colour: str | None = None) -> None:
    """Print a line of text, wrapped at the width of the terminal under its own indent."""
    margin = " " * indent
    wrapped = textwrap.fill(
        line,
        width(),
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )
    click.secho(wrapped, bold=bold or None, fg=colour)


def say_finding(finding: Finding, *, indent: int = 2) -> None:
    """Print a finding: mark, sheet and cells, then the message below them."""
    mark, colour = _MARKS[finding.severity]
    where = " › ".join(part for part in (finding.sheet, finding.address) if part)
    word = text(f"terms.severity.{finding.severity.value}")
    say(f"{mark} {word}{f' · {where}' if where else ''}", indent=indent, colour=colour)
    say(sentence(finding.message), indent=indent + 2)


def shown_path(path: Path) -> str:
    """A path as short as it can be said from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def interactive() -> bool:
    """Whether a person is watching standard error."""
    return sys.stderr.isatty()
