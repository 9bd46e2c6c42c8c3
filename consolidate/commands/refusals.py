"""What an order of work refuses, as the command line says it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import click

from consolidate.work.refused import WorkRefused


@contextlib.contextmanager
def said_by_click() -> Iterator[None]:
    """Turn a refusal into what click prints.

    Raises:
        click.UsageError: the command was called wrongly.
        click.ClickException: the work was refused on the way.
    """
    try:
        yield
    except WorkRefused as error:
        if error.wrong_call:
            raise click.UsageError(str(error)) from None
        raise click.ClickException(str(error)) from None
