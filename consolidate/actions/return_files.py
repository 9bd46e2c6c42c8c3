"""Return files to units: merge as a trial, then write what each has to correct into one folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from consolidate.actions.merge import MergeOrder, do_merge
from consolidate.actions.return_copies import (
    UnitFile,
    WrittenCopies,
    inbox_bytes,
    returns_to_send,
    unit_files,
    write_unit_files,
)
from consolidate.actions.what_changed import Since, since_last_merge
from consolidate.merge.read_files import Progress, workers
from consolidate.model.deadlines import Calendar
from consolidate.model.reasons import Reason, UserError, because
from consolidate.model.text import name_key
from consolidate.province.workspace import GIVEN_BACK, with_passwords
from consolidate.rollup.result import MergeResult


@dataclass(frozen=True, slots=True)
class ReturnOrder(MergeOrder):
    """What to merge as a trial and return, into ``out``; ``day`` is the day of that.

    ``codes`` and ``files`` (names as in reports) narrow it to some units and to the units whose
    those files are. ``agency`` signs every letter; without one each return's recipient does.
    """

    codes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    only_errors: bool = False
    agency: str = ""


@dataclass(frozen=True, slots=True)
class ReturnPlan:
    """What will be returned: of which merge, to how many units, into which folder."""

    order: ReturnOrder
    result: MergeResult
    folder: Path
    codes: tuple[str, ...]
    units: int
    calendar: Calendar
    since: Since | None = None


def plan_return(order: ReturnOrder, progress: Progress | None = None) -> ReturnPlan:
    """Merge as a trial and see who has something to correct. Nothing is written or recorded.

    The findings are of the files as they are now; what the newest merge on record has not seen is
    named. :func:`do_return` marks no other bytes than those that were read here.

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
    concerned = returns_to_send(result, codes=codes, only_errors=order.only_errors)
    since = since_last_merge(workspace, result) if workspace is not None else None
    return ReturnPlan(order, result, folder, codes, len(concerned), calendar, since)


def do_return(
    plan: ReturnPlan, *, force: bool = False, progress: Progress | None = None
) -> WrittenCopies:
    """Make and write what was planned; a file that is there with another content is kept.

    Args:
        plan: of :func:`plan_return`.
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
        items = unit_files(
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
        return write_unit_files(items, plan.folder, force=force)


def _codes(order: ReturnOrder, result: MergeResult) -> tuple[str, ...]:
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


def _counted(items: Iterator[UnitFile], units: int, progress: Progress) -> Iterator[UnitFile]:
    done, last = 0, None
    for item in items:
        if item.unit != last:
            done, last = done + 1, item.unit
            progress(done, units)
        yield item
