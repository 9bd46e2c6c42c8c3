"""Return files to units: merge as a trial, then write what each has to correct into one folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from consolidate.actions.merge import MergeOrder, do_merge
from consolidate.actions.return_copies import (
    GivenBack,
    WrittenCopies,
    give_back,
    inbox_bytes,
    returns_to_give,
    write_given,
)
from consolidate.merge.read_files import Progress, workers
from consolidate.model.deadlines import Calendar
from consolidate.model.reasons import Reason, UserError, because
from consolidate.model.returns import ReturnRecord
from consolidate.model.runs import RunOutcome
from consolidate.model.text import file_key, name_key
from consolidate.province.workspace import GIVEN_BACK, Workspace, with_passwords
from consolidate.rollup.result import MergeResult

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class GiveOrder(MergeOrder):
    """What to merge as a trial and give back, into ``out``; ``day`` is the day of that.

    ``codes`` and ``files`` (names as in reports) narrow it to some units and to the units whose
    those files are. ``agency`` signs every letter; without one each return's recipient does.
    """

    codes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    only_errors: bool = False
    agency: str = ""


@dataclass(frozen=True, slots=True)
class GivePlan:
    """What will be given back: of which merge, to how many units, into which folder."""

    order: GiveOrder
    result: MergeResult
    folder: Path
    codes: tuple[str, ...]
    units: int
    calendar: Calendar
    since: Since | None = None


@dataclass(frozen=True, slots=True)
class Since:
    """Files added, removed or changed since the newest merge on record, ``run``; sorted names.

    What goes back is of the inbox as it is, so the summary of that merge does not show all of it.
    """

    run: int
    files: tuple[str, ...]

    def note(self) -> Reason:
        """Explain it to a person."""
        shown = ", ".join(self.files[:_SHOWN])
        if len(self.files) > _SHOWN:
            shown = f"{shown}, …"
        return because("cli.return.since", run=self.run, count=len(self.files), files=shown)


def plan_giving(order: GiveOrder, progress: Progress | None = None) -> GivePlan:
    """Merge as a trial and see who has something to correct. Nothing is written or recorded.

    The findings are of the files as they are now; what the newest merge on record has not seen is
    named. :func:`give` marks no other bytes than those that were read here.

    Raises:
        UserError: as :func:`consolidate.actions.merge.do_merge`; no file is of a unit or of the
            name asked for.
    """
    workspace, calendar = order.workspace, Calendar()
    if workspace is not None:
        calendar = workspace.load().calendar
    result = do_merge(replace(order, trial=True), progress).result
    codes = _codes(order, result)
    home = workspace.outbox if workspace is not None else order.inbox.resolve().parent
    folder = order.out if order.out is not None else home / GIVEN_BACK / result.period.code
    concerned = returns_to_give(result, codes=codes, only_errors=order.only_errors)
    since = since_last_merge(workspace, result) if workspace is not None else None
    return GivePlan(order, result, folder, codes, len(concerned), calendar, since)


def give(plan: GivePlan, *, force: bool = False, progress: Progress | None = None) -> WrittenCopies:
    """Make and write what was planned; a file that is there with another content is kept.

    Args:
        plan: of :func:`plan_giving`.
        force: write over it.
        progress: told at which unit the work is, counted from 1, and how many there are.

    Raises:
        OSError: the folder cannot be written.
    """
    order, result = plan.order, plan.result
    settings = with_passwords(order.settings, order.workspace)
    province = order.workspace.province if order.workspace is not None else ""
    jobs = 1 if plan.units and order.jobs != 0 else 0
    with workers(result.library, order.inbox, jobs, settings) as executor:
        items = give_back(
            result,
            inbox_bytes(order.inbox, settings),
            codes=plan.codes,
            only_errors=order.only_errors,
            calendar=plan.calendar,
            as_of=order.day,
            province=province if not result.province else "",
            agency=order.agency,
            settings=settings,
            executor=executor,
        )
        if progress is not None:
            items = _counted(items, plan.units, progress)
        return write_given(items, plan.folder, force=force)


def since_last_merge(workspace: Workspace, result: MergeResult) -> Since | None:
    """Compare the files of a trial with those of the newest merge on record; ``None``: the same."""
    from consolidate.merge.opening import opened_register

    with opened_register(workspace, trial=True) as register:
        run = register.last_run(result.period)
        if run is None:
            return None
        merged = {(item.path, item.member): item for item in register.outcomes(run.number)}
    now = {(record.path, record.member): record for record in result.records}
    names = {
        (now.get(place) or merged[place]).name
        for place in merged.keys() | now.keys()
        if _digest(merged.get(place)) != _digest(now.get(place))
    }
    return Since(run.number, tuple(sorted(names, key=file_key))) if names else None


def _digest(file: RunOutcome | ReturnRecord | None) -> str | None:
    return file.sha256 if file is not None else None


def _codes(order: GiveOrder, result: MergeResult) -> tuple[str, ...]:
    """Resolve the codes of the units to return to; empty means all units.

    Raises:
        UserError: a code or the name of a file is that of no return.
    """
    known = [record for record in result.records if record.content is not None]
    there = {name_key(record.unit.code) for record in known if record.unit is not None}
    of_file = {record.name: record.unit.code for record in known if record.unit is not None}
    problems = [
        *_absent(order.codes, lambda code: name_key(code) in there, "cli.return.unknown_unit"),
        *_absent(order.files, lambda name: name in of_file, "cli.return.unknown_file"),
    ]
    if problems:
        raise UserError(tuple(problems), wrong_call=True)
    return tuple(dict.fromkeys((*order.codes, *(of_file[name] for name in order.files))))


def _absent(asked: Iterable[str], there: Callable[[str], bool], key: str) -> list[Reason]:
    return [because(key, code=name) for name in asked if not there(name)]


def _counted(items: Iterator[GivenBack], units: int, progress: Progress) -> Iterator[GivenBack]:
    done, last = 0, None
    for item in items:
        if item.unit != last:
            done, last = done + 1, item.unit
            progress(done, units)
        yield item
