"""The order of a merge: read, recall, place, decide, total, compare; then write and record."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from consolidate.identity.acceptance import accepted, first_outcome
from consolidate.identity.placement import said_period
from consolidate.intake.inbox import scan
from consolidate.intake.read_file import ReadSettings
from consolidate.merge.history import KnownHistory, NoHistory
from consolidate.merge.province_memory import Memory, Overtaken
from consolidate.merge.read_files import Progress, read_inbox
from consolidate.model.datasets import Library
from consolidate.model.deadlines import Calendar
from consolidate.model.period import Period
from consolidate.model.reasons import Ours, Reason, Severity, UserError, because, joined
from consolidate.model.returns import (
    FileReading,
    ReturnRecord,
    writable_name,
)
from consolidate.model.units import Roster
from consolidate.rollup.assessment import proofs
from consolidate.rollup.completeness import completeness, owing, window_of
from consolidate.rollup.contradictions import contradictions
from consolidate.rollup.province_faults import of_ours, shared_faults
from consolidate.rollup.result import MergeResult
from consolidate.rollup.rules_across_returns import across_findings
from consolidate.rollup.totals import roll_up
from consolidate.rollup.units_in_totals import (
    Told,
    counted_library,
    groups_of,
    providers_of,
    single_findings,
)
from consolidate.templates.file_names import (
    calendar_name,
    official_name,
    overview_name,
    result_name,
    summary_name,
)

if TYPE_CHECKING:
    from consolidate.merge.kept_readings import KeptReadings
    from consolidate.register.facts import RecordedRun


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """What to merge. Without a period, the round that most returns name is merged.

    Any period of a round names it; the result is that of the round under its one name.

    With a ``memory`` its own dated roster is used, ``roster`` is not. ``kept`` are readings of
    earlier merges of the inbox.
    """

    library: Library = field(repr=False)
    inbox: Path
    period: Period | None = None
    roster: Roster | None = None
    settings: ReadSettings = field(default_factory=ReadSettings)
    memory: Memory | None = None
    kept: KeptReadings | None = None

    def last_days(self, period: Period) -> Mapping[str, date]:
        """Find the last days of the data windows that the calendar sets for a round, by family."""
        return self.calendar.last_days(period)

    @property
    def calendar(self) -> Calendar:
        """What letters of the province set; empty without a memory."""
        return self.memory.calendar if self.memory is not None else Calendar()

    def history(self, period: Period) -> KnownHistory | NoHistory:
        """Open what is known before a round."""
        library = self.library.at(period, self.last_days(period))
        if self.memory is None:
            return NoHistory(self.roster, library)
        return KnownHistory(self.memory, period, library)


def merge(
    request: MergeRequest, executor: Executor | None = None, progress: Progress | None = None
) -> MergeResult:
    """Merge an inbox: read, place, decide, total, compare. Writes nothing.

    The same inbox and history give the same result.

    Raises:
        NotADirectoryError: the inbox is not a folder.
        UserError: no period was asked for and no return names one.
    """
    inbox, kept = scan(request.inbox), request.kept
    known = kept.known(inbox) if kept is not None else {}
    sources = read_inbox(request.library, inbox, executor, progress, request.settings, known)
    if kept is not None:
        kept.learn(dict(zip(inbox.files, sources, strict=True)), known)
    readings = [reading for source in sources for reading in source.readings]
    asked = request.period or _common_period(readings)
    if asked is None:
        silent = bool(inbox.files or inbox.ignored)
        key = "cli.merge.no_period" if silent else "cli.merge.empty_inbox"
        raise UserError((because(key, path=str(request.inbox)),), wrong_call=True)
    period = asked.round_name
    library = request.library.at(period, request.last_days(period))
    history = request.history(period)
    roster = history.roster
    library = counted_library(library, roster)
    placed = tuple(first_outcome(reading, period, roster, library) for reading in readings)
    containers = {
        writable_name(reading.path): request.inbox / reading.path
        for reading in readings
        if reading.member
    }
    records = history.decided(placed, containers)
    listed, found = proofs(records, library)
    across = across_findings(records, library, roster, period)
    found += ((at, history.told(records[at], finding), ours) for at, finding, ours in across)
    records = told_together(records, (*single_findings(records, library, roster), *found), listed)
    order = {unit.code: at for at, unit in enumerate(roster.units)} if roster is not None else {}
    complete = {
        template.code: completeness(
            template, records, roster, partial(library.owes, template.code, asked=period)
        )
        for template in library.templates
    }
    groups = {form.code: groups_of(library, form.code, roster) for form in library.templates}
    tables = []
    for data_set in library.data_sets:
        table = roll_up(
            data_set,
            data_set.period_in(period),
            records,
            order=order,
            pack=library.pack_of[data_set.template],
            providers=providers_of(data_set, roster),
            owing=owing(library, data_set, complete[data_set.template], period),
            groups=groups[data_set.template],
            rules=library.rules[data_set.code],
        )
        window = window_of(table, period, library, request.calendar)
        tables.append(replace(table, window=window))
    return MergeResult(
        period=period,
        records=records,
        tables=tuple(tables),
        completeness=tuple(complete.values()),
        roster=roster,
        library=library,
        ignored=len(inbox.ignored) + sum(len(source.ignored) for source in sources),
        contradictions=contradictions(tables, library, history.excused),
        secrecy=request.calendar.secrecy(period),
        **history.beside(tables, placed),
    )


def told_together(
    records: tuple[ReturnRecord, ...], found: Iterable[Told], listed: Mapping[int, Reason]
) -> tuple[ReturnRecord, ...]:
    """Add what only the returns of all units together tell; mark what most of them have.

    ``listed`` are reasons of files that a return in the same archive names.
    """
    told = [
        replace(record, reason=listed[at]) if at in listed else record
        for at, record in enumerate(records)
    ]
    for at, finding, ours in found:
        record = of_ours(told[at], [finding], ours) if ours is not None else told[at]
        told[at] = accepted(record, [finding])
    shared = shared_faults(told)
    for at, record in enumerate(told) if shared else ():
        template = record.content.template if record.content is not None else ""
        alike = [
            f
            for f in record.findings
            if f.severity is not Severity.INFO
            and (template, f.rule, f.data_set, f.element) in shared
        ]
        if alike and record.unit is not None:
            told[at] = of_ours(record, alike, Ours.SHARED)
    return tuple(told)


def _common_period(readings: Iterable[FileReading]) -> Period | None:
    """Find the round that most returns name; of several, the latest."""
    said = (
        said_period(reading.content, reading.path, reading.member)
        for reading in readings
        if reading.content is not None
    )
    rounds = Counter(period.round_name for period in said if period is not None)
    return max(rounds, key=lambda item: (rounds[item], item.last_day), default=None)


def write_results(
    result: MergeResult,
    folder: Path,
    inbox: Path | None,
    json_path: Path | None = None,
    *,
    document: bytes | None = None,
) -> dict[str, Path]:
    """Write the summary, the official tables, the overview and ``result.json``, each whole.

    Official tables that a person changed are left as they are. Open deadlines of plans are also
    written as a calendar.
    ``result.json`` (or ``json_path``) is that of the latest merge, whichever its period;
    With ``document``, its bytes, the same is written under the code of the period, too. Without an
    ``inbox`` nothing leads to the files of units.

    Returns the paths written, by kind: ``workbook``, ``overview``, ``json``, ``period`` if it was
    asked for, ``official`` if there are such tables, ``kept`` for these where they were left as
    they are, ``calendar`` if a plan has open deadlines.

    Raises:
        OSError: a file cannot be written, such as one that is open in Excel.
    """
    from consolidate.reports.overview_html import overview_parts
    from consolidate.reports.plan_and_ranking_sheets import plan_calendar
    from consolidate.reports.result_json import result_parts
    from consolidate.reports.summary import official_bytes, write_summary
    from consolidate.xlsx.write.atomic_files import (
        WriteOutcome,
        clear_leftovers,
        write_atomically,
        write_unless_edited,
    )

    folder.mkdir(parents=True, exist_ok=True)
    workbook = folder / summary_name(result.period)
    latest = json_path if json_path is not None else folder / "result.json"
    overview = folder / overview_name(result.period)
    written = {"workbook": workbook, "overview": overview, "json": latest}
    if document is not None:
        written["period"] = folder / result_name(result.period)
    link = None
    if inbox is not None:
        with contextlib.suppress(ValueError):  # Two drives of Windows have no path between them.
            link = Path(os.path.relpath(inbox.resolve(), folder.resolve())).as_posix()
    official = official_bytes(result)
    if official is not None:  # First: somebody may have it open, and then nothing is written.
        pages = folder / official_name(result.period)
        kept = write_unless_edited(pages, official) is WriteOutcome.KEPT
        written["kept" if kept else "official"] = pages
    write_summary(result, workbook, inbox_link=link)
    write_atomically(overview, lambda stream: stream.writelines(overview_parts(result, link)))
    deadlines = plan_calendar(result)
    if deadlines is not None:
        written["calendar"] = folder / calendar_name(result.period)
        write_atomically(written["calendar"], deadlines)
    clear_leftovers(workbook)
    latest.parent.mkdir(parents=True, exist_ok=True)
    if document is not None:
        write_atomically(written["period"], document)
        write_atomically(latest, document)
    else:
        write_atomically(latest, lambda stream: stream.writelines(result_parts(result)))
    return written


def remember(
    request: MergeRequest,
    result: MergeResult,
    folder: Path,
    json_path: Path | None = None,
    settled: Callable[[Mapping[str, Path]], None] | None = None,
) -> tuple[dict[str, Path], RecordedRun]:
    """Write the results of a merge, then record it as a run; the files that came are kept first.

    The request has a memory. ``settled`` is called with the files by kind while nobody else may
    write results.
    Nothing is written when the round is locked and this result is another one. A program that is
    stopped between the two leaves results without a run: the same merge records it. Programs do
    this one after the other, each with all that those before it recorded, so that the results that
    stand are those of the newest run of their period.

    Raises:
        Overtaken: something was recorded since the register was opened; nothing was written.
        PeriodLocked: the round is locked; the reason also says what differs.
        UserError: the register cannot be used; a file of the inbox was changed after it was read.
        OSError: a file cannot be written.
    """
    from consolidate.merge.recording import head_of, keep_files, record_run, unlike_locked
    from consolidate.register.facts import PeriodLocked
    from consolidate.reports.result_json import result_parts

    memory, document = request.memory, b"".join(result_parts(result))
    assert memory is not None
    head = head_of(memory, result, document)
    with memory.register.exclusive():
        if memory.revision is not None and memory.revision != memory.register.revision():
            raise Overtaken
        try:
            memory.register.locked_run(head)
        except PeriodLocked as error:
            told = unlike_locked(memory, head, result)
            raise PeriodLocked((joined("", (*error.problems, *told)),)) from None
        kept = keep_files(memory, result, request.inbox, request.settings)
        written = write_results(result, folder, request.inbox, json_path, document=document)
        run = record_run(memory, head, result, kept)
        if settled is not None:
            settled(written)
        return written, run
