"""The bar that shows how far slow work is, for whoever watches a terminal."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import click

from consolidate.cli.console import interactive

Advance = Callable[[int, int], None]
"""Told how much is done and how much there is to do."""


@contextlib.contextmanager
def shown_progress(label: str, ended: Callable[[int], str] | None = None) -> Iterator[Advance]:
    """A bar on a terminal, gone when the work ends; elsewhere at most one line on standard error.

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
