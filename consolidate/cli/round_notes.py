"""Saying by which name a round goes when it was asked for by its other code."""

from __future__ import annotations

import sys
import textwrap

import click

from consolidate.actions.periods import renamed
from consolidate.cli.console import width
from consolidate.definitions.catalogue import sentence
from consolidate.model.period import Period


def say_renamed(typed: Period | None, name: Period) -> None:
    """Say on standard error that the round of a period goes by another code, if it does."""
    said = renamed(typed, name)
    if said is not None:
        click.echo(textwrap.fill(sentence(said), width(), break_on_hyphens=False), file=sys.stderr)
