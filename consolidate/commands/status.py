"""``consolidate status PERIOD``: who is in, late or missing; the chase list and the letters."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from consolidate.commands.base import EXIT_FINDINGS, VietnameseCommand
from consolidate.commands.console import say, shown_path
from consolidate.commands.merge import PeriodType
from consolidate.commands.progress import Progress, say_progress
from consolidate.definitions.catalogue import text
from consolidate.definitions.load import library
from consolidate.model.period import Period
from consolidate.model.runs import Run, RunOutcome
from consolidate.rollup.timeliness import arrivals, statuses, unplaced
from consolidate.workspace import Workspace, WorkspaceError

if TYPE_CHECKING:
    from consolidate.reports.letter_plan import Letter

_SHOWN = 10
_SQLITE = "sqlite:///"
_BY = ("unit", "parent", "level")


class DayType(click.ParamType[date]):
    """A day as people write it (``10/09/2018``), or ISO 8601."""

    name = "day"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        if isinstance(value, date):
            return value
        shown = str(value).strip()
        try:
            iso = len(shown) > 4 and shown[4] == "-"
            return datetime.strptime(shown, "%Y-%m-%d" if iso else "%d/%m/%Y").date()
        except ValueError:
            self.fail(text("cli.status.bad_day", value=value), param, ctx)


@click.command(cls=VietnameseCommand, help=text("cli.status.help"))
@click.argument("period", metavar=text("cli.issue.period"), type=PeriodType())
@click.option(
    "--workspace",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help=text("cli.issue.workspace"),
)
@click.option("--as-of", "day", metavar="NGÀY", type=DayType(), help=text("cli.status.as_of"))
@click.option("--json", "as_json", is_flag=True, help=text("cli.status.json"))
@click.option(
    "--letters", metavar="DIR", type=click.Path(path_type=Path), help=text("cli.status.letters")
)
@click.option(
    "--by",
    metavar="|".join(_BY),
    type=click.Choice(_BY),
    default=_BY[0],
    help=text("cli.status.by"),
)
@click.option("--agency", metavar="TÊN", default="", help=text("cli.status.agency"))
@click.option("--force", is_flag=True, help=text("cli.status.force"))
@click.option(
    "--chase", metavar="TỆP", type=click.Path(path_type=Path), help=text("cli.status.chase")
)
def command(
    period: Period,
    folder: Path | None,
    day: date | None,
    as_json: bool,
    letters: Path | None,
    by: str,
    agency: str,
    force: bool,
    chase: Path | None,
) -> int:
    try:
        workspace = Workspace.at(folder) if folder is not None else Workspace.find(Path())
        if workspace is None:
            raise click.UsageError(text("issue.no_workspace", path=Path().resolve()))
        loaded = workspace.load(library().template_by_code)
    except WorkspaceError as error:
        raise click.UsageError("\n".join(error.problems)) from None
    if loaded.roster is None:
        raise click.UsageError(text("issue.no_roster", file=workspace.roster_path))
    _may_write(workspace, letters, chase)
    as_of = day if day is not None else date.today()
    run, standing, outcomes = _last_run(workspace, period)
    came = arrivals(outcomes)
    found = statuses(library(), loaded.roster, loaded.calendar, period, came, as_of)
    if not found:
        raise click.UsageError(text("status.nobody", period=period.label))
    progress = Progress(period, as_of, loaded.roster, found, unplaced(outcomes), run, standing)
    if as_json:
        from consolidate.reports.result_json import render

        click.echo(render(progress.document()), nl=False)
    else:
        say_progress(progress)
    if chase is not None:
        from consolidate.reports.chase import chase_workbook
        from consolidate.reports.write import write_atomically

        chase.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(chase, chase_workbook(found, loaded.roster, period, as_of))
        _note(text("status.chase", path=shown_path(chase)), as_json)
    if letters is not None:
        from consolidate.reports.letter_plan import LetterBy, plan_letters

        planned = plan_letters(
            found, loaded.roster, period, as_of, by=LetterBy(by), agency=agency.strip()
        )
        province = loaded.roster.province or workspace.province
        _write_letters(planned, letters, province, as_of, force=force, quiet=as_json)
    return 0 if progress.clean else EXIT_FINDINGS


def _may_write(workspace: Workspace, letters: Path | None, chase: Path | None) -> None:
    """Nothing is written among what units sent, nor over what an officer keeps.

    Raises:
        click.UsageError: a target is there.
    """
    for target in (letters, chase):
        if target is not None and target.resolve().is_relative_to(workspace.inbox.resolve()):
            raise click.UsageError(text("cli.merge.out_in_inbox", path=target))
    kept = (workspace.roster_path.resolve(), workspace.calendar_path.resolve())
    if chase is not None and chase.resolve() in kept:
        raise click.UsageError(text("status.keep_inputs", path=chase))


def _last_run(
    workspace: Workspace, period: Period
) -> tuple[Run, Run | None, tuple[RunOutcome, ...]]:
    """The newest run of a round, the run that speaks for it if it is another one, the outcomes.

    Raises:
        click.UsageError: there is none, or the register cannot be used.
    """
    from consolidate.register.store.errors import RegisterError
    from consolidate.register.store.register import open_register

    url = workspace.database_url
    none = click.UsageError(text("status.no_run", period=period.label, code=period.code))
    if url.startswith(_SQLITE) and not Path(url.removeprefix(_SQLITE)).is_file():
        raise none  # Asking makes no register.
    try:
        with open_register(url, workspace.register) as register:
            run = register.last_run(period)
            if run is None:
                raise none
            standing = register.standing_run(period)
            other = standing if standing is not None and standing.number != run.number else None
            return run, other, register.outcomes(run.number)
    except RegisterError as error:
        raise click.UsageError(str(error)) from None


def _write_letters(
    planned: tuple[Letter, ...],
    folder: Path,
    province: str,
    as_of: date,
    *,
    force: bool,
    quiet: bool,
) -> None:
    """Write letters; one that is there and was changed since is kept unless ``force``."""
    from consolidate.issue import same_content
    from consolidate.reports.letter import letter_bytes
    from consolidate.reports.write import write_atomically

    if not planned:
        _note(text("status.no_letters"), quiet)
        return
    folder.mkdir(parents=True, exist_ok=True)
    written, kept = 0, []
    for letter in planned:
        path, content = folder / letter.file_name, letter_bytes(letter, province, as_of)
        if not path.exists() or force:
            write_atomically(path, content)
            written += 1
        elif not same_content(path.read_bytes(), content):
            kept.append(letter.file_name)
    if written:
        _note(text("status.written", count=written, folder=shown_path(folder)), quiet)
    if len(planned) - written - len(kept):
        _note(text("status.unchanged", count=len(planned) - written - len(kept)), quiet)
    if kept:
        _note(text("status.kept", count=len(kept)), quiet)
        for name in kept[:_SHOWN]:
            _note(f"  {name}", quiet)
        if len(kept) > _SHOWN:
            _note(text("issue.more", count=len(kept) - _SHOWN), quiet)


def _note(line: str, quiet: bool) -> None:
    """Say what was written; beside JSON on standard error."""
    if quiet:
        click.echo(line, err=True)
    else:
        say(line)
