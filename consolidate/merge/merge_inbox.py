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

from consolidate.checks.rule_checks import rule_in_words
from consolidate.checks.structure_checks import check_structure
from consolidate.definitions.catalogue import sentence
from consolidate.identity.name_claims import file_claim
from consolidate.identity.placement import place, said_period
from consolidate.identity.selection import accepted, why_not_received
from consolidate.intake.inbox import scan
from consolidate.intake.read_file import ReadSettings
from consolidate.merge.history import KnownHistory, NoHistory
from consolidate.merge.knowledge import Memory, Overtaken
from consolidate.merge.read_files import Progress, read_inbox
from consolidate.model.datasets import DataSet, Library, RuleSpec
from consolidate.model.deadlines import Calendar
from consolidate.model.errors import UserError
from consolidate.model.findings import Finding, Ours, Severity, sorted_findings
from consolidate.model.packs import Pack
from consolidate.model.period import Period
from consolidate.model.reasons import Reason, because, joined
from consolidate.model.returns import (
    Anomaly,
    FileReading,
    Outcome,
    Return,
    ReturnRecord,
    writable_name,
)
from consolidate.model.units import Roster
from consolidate.province.workspace import (
    OFFICIAL_STEM,
    OVERVIEW_STEM,
    RESULT_STEM,
    SUMMARY_STEM,
    TASKS_STEM,
)
from consolidate.rollup.across import across_findings
from consolidate.rollup.assessment import with_proofs
from consolidate.rollup.complete import completeness, owing, window_of
from consolidate.rollup.contradictions import contradictions
from consolidate.rollup.groups import groups_of
from consolidate.rollup.own_faults import of_ours, with_shared
from consolidate.rollup.result import MergeResult
from consolidate.rollup.single import counted_library, providers_of, single_findings
from consolidate.rollup.totals import contributions, roll_up
from consolidate.templates.file_names import period_slug

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
    placed = tuple(_record(reading, period, roster, library) for reading in readings)
    containers = {
        writable_name(reading.path): request.inbox / reading.path
        for reading in readings
        if reading.member
    }
    records = history.decided(placed, containers)
    compared = across_findings(records, library, roster, period)
    told = ((at, history.told(records[at], found), ours) for at, found, ours in compared)
    records = _told(records, library, roster, tuple(told))
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
        items = contributions(data_set, records, order, library.pack_of[data_set.template])
        providers = providers_of(data_set, roster)
        owed_by = owing(library, data_set, complete[data_set.template], period)
        own = data_set.period_in(period)
        parts = groups[data_set.template]
        table = roll_up(data_set, own, items, providers, owed_by, parts)
        window = window_of(data_set, period, library, request.calendar, owed_by, items)
        tables.append(replace(table, window=window))
    merged = MergeResult(
        period=period,
        records=records,
        tables=tuple(tables),
        completeness=tuple(complete.values()),
        roster=roster,
        library=library,
        ignored=len(inbox.ignored) + sum(len(source.ignored) for source in sources),
        contradictions=contradictions(tables, library, history.excused),
        secrecy=request.calendar.secrecy(period),
    )
    return history.compared(merged, placed)


def _told(
    records: tuple[ReturnRecord, ...],
    library: Library,
    roster: Roster | None,
    across: tuple[tuple[int, Finding, bool], ...],
) -> tuple[ReturnRecord, ...]:
    """Add what only the returns of all units together can tell."""
    found = single_findings(records, library, roster)
    told = [
        accepted(of_ours(record, found[at], Ours.ROSTER), found[at]) if at in found else record
        for at, record in enumerate(records)
    ]
    told, proofs = with_proofs(told, library)
    told = [
        accepted(record, proofs[at]) if proofs.get(at) else record for at, record in enumerate(told)
    ]
    for at, finding, ours in across:
        record = of_ours(told[at], [finding], Ours.ACROSS) if ours else told[at]
        told[at] = accepted(record, [finding])
    return with_shared(told)


def _common_period(readings: Iterable[FileReading]) -> Period | None:
    """Find the round that most returns name; of several, the latest."""
    said = (
        said_period(reading.content, reading.path, reading.member)
        for reading in readings
        if reading.content is not None
    )
    rounds = Counter(period.round_name for period in said if period is not None)
    return max(rounds, key=lambda item: (rounds[item], item.last_day), default=None)


def _record(
    reading: FileReading, period: Period, roster: Roster | None, definitions: Library
) -> ReturnRecord:
    content = reading.content
    if content is None:
        outcome = reading.outcome or Outcome.UNREADABLE
        return _by_name(_settled(reading, outcome, reading.reason), period, roster)
    pack = definitions.packs.by_code[content.pack]
    recipient = pack.template.recipient
    placed = place(content, roster, reading.path, reading.member, recipient)
    dated = _own_period(pack, placed.period)
    if dated is not None and dated != content.period:
        content = replace(content, period=dated)
    findings = reading.findings
    if placed.findings:
        findings = sorted_findings((*findings, *placed.findings))
    settled = replace(
        _settled(reading, Outcome.HELD, placed.reason),
        unit=placed.unit,
        content=content,
        findings=findings,
    )
    if placed.unit is None or placed.reason:
        return _no_report(settled, content, pack)
    serving = definitions.pack_of.get(content.template)
    expected = (serving or pack).period_for(period)
    silent = content.evidence.silent
    unsaid = because("identity.silent_table", sheets=silent)
    if content.period is None:
        return replace(settled, reason=unsaid if silent else because("identity.no_period"))
    if not content.period.same_round(period) or (serving is pack and content.period != expected):
        issued = bool(content.evidence.stamp_period)  # Its cover cannot be mended: it is sealed.
        key = "identity.other_issue" if issued else "identity.other_period"
        reason = because(key, found=content.period, expected=expected or period)
        return replace(settled, reason=reason)
    if serving is not pack:
        # What is missing on a form that is not in force says nothing: another form is due.
        reason = _other_pack(pack, serving, expected or period)
        return replace(settled, reason=reason, findings=placed.findings)
    mixed = tuple(a.found for a in content.anomalies if a.kind == "mixed_packs")
    if mixed:
        reason = because("identity.mixed_packs", sheets=mixed, form=pack.legal_basis)
        return replace(settled, reason=reason, findings=placed.findings)
    if silent:
        return replace(settled, reason=unsaid)
    untold = next((a for a in content.anomalies if a.kind == "figure_columns"), None)
    if untold is not None:
        sheet = untold.cells[0].sheet
        why = because("identity.figure_columns", sheet=sheet, found=untold.found)
        return replace(settled, outcome=Outcome.REJECTED, reason=why)
    if not content.data_sets:
        return replace(settled, outcome=Outcome.REJECTED, reason=because("identity.no_data"))
    lost = why_not_received(content, pack, placed.unit.kind)
    if lost is not None:
        # Every cell of a blank form would be a finding: one sentence says it all.
        told = placed.findings if lost.key == "identity.blank" else findings
        return replace(settled, outcome=Outcome.REJECTED, reason=lost, findings=told)
    return _accepted(settled, content, definitions, roster)


def _no_report(held: ReturnRecord, content: Return, pack: Pack) -> ReturnRecord:
    """Tell a blank form that was typed anew and is nobody's from a held record."""
    typed = not content.version and held.reason == because("identity.nobody")
    if not typed or why_not_received(content, pack) != because("identity.blank"):
        return held
    reason = because("identity.blank_form")
    return replace(held, outcome=Outcome.NOT_A_REPORT, reason=reason, findings=())


def _own_period(pack: Pack, said: Period | None) -> Period | None:
    """Find the period that a return goes by: one of nine months may name the third quarter."""
    if said is None or not any(said.type in form.periods for form in pack.data_sets):
        return said
    return pack.period_for(said) or said


def _other_pack(pack: Pack, serving: Pack | None, period: Period) -> Reason:
    """Explain that a return is on a form that does not serve its period."""
    told: dict[str, str | date | Period] = {"form": pack.legal_basis, "period": period}
    if serving is None:
        return because("identity.no_pack", **told)
    key = "old_pack" if pack.serves_from < serving.serves_from else "new_pack"
    ended, begun = pack.serves_to or period.last_day, pack.serves_from
    told |= {"ended": ended, "begun": begun, "expected": serving.legal_basis}
    return because(f"identity.{key}", **told)


def _by_name(record: ReturnRecord, period: Period, roster: Roster | None) -> ReturnRecord:
    """Give a file in which nothing could be read the one unit that its name names.

    It counts for nothing; the unit is known to have sent something, unless the name says that it is
    about another round.
    """
    if roster is None:
        return record
    claim = file_claim(record.path, record.member, roster)
    if len(claim.units) != 1 or (claim.period is not None and not period.same_round(claim.period)):
        return record
    (unit,) = claim.units
    reason = because("identity.by_file_name", reason=record.reason or "", unit=unit.name)
    return replace(record, unit=unit, reason=reason)


def _settled(reading: FileReading, outcome: Outcome, reason: Reason | None) -> ReturnRecord:
    return ReturnRecord(
        path=writable_name(reading.path),
        member=writable_name(reading.member),
        sha256=reading.sha256,
        size=reading.size,
        outcome=outcome,
        reason=reason,
        content=reading.content,
        findings=reading.findings,
    )


_ABSENT = "structure.sheet_missing"


def _accepted(
    record: ReturnRecord, content: Return, library: Library, roster: Roster | None
) -> ReturnRecord:
    unit, period = record.unit, content.period
    if roster is None or unit is None or period is None:
        return accepted(record)
    owed = library.pack_of[content.template].owed(unit.kind, period)
    # Units of some kinds owe fewer tables than the template has: none of the others is missed.
    kept = [f for f in record.findings if f.rule != _ABSENT or f.data_set in owed]
    # A template made for another unit may lack what this one owes.
    told = {f.data_set for f in kept} | {item.code for item in content.data_sets}
    asked = owed if library.owes(content.template, unit, period) else ()
    had = library.of_pack(content.pack, content.round, content.definition).by_code
    lacking = (library.by_code[code] for code in asked if code not in told and code in had)
    absent = tuple(Anomaly("sheet_missing", d.code, expected=d.sheet) for d in lacking)
    kept += check_structure(replace(content, anomalies=absent), library)
    record = replace(record, findings=sorted_findings(kept))
    if library.owes(content.template, unit, period):
        return accepted(record)
    note = Finding("identity.not_expected", Severity.INFO, because("identity.not_expected"))
    return accepted(record, (note,))


def summary_name(period: Period) -> str:
    """Name the summary workbook of a period."""
    return f"{SUMMARY_STEM}{period_slug(period)}.xlsx"


def overview_name(period: Period) -> str:
    """Name the overview of a period, a page for a browser."""
    return f"{OVERVIEW_STEM}{period_slug(period)}.html"


def official_name(period: Period) -> str:
    """Name the workbook of the official tables of a period."""
    return f"{OFFICIAL_STEM}{period_slug(period)}.xlsx"


def calendar_name(period: Period) -> str:
    """Name of the calendar of tasks of a period."""
    return f"{TASKS_STEM}{period_slug(period)}.ics"


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
    from consolidate.reports.official_book import official_bytes
    from consolidate.reports.overview_html import overview_page
    from consolidate.reports.plan_sheet import plan_calendar
    from consolidate.reports.result_json import render, result_document
    from consolidate.reports.summary import write_summary
    from consolidate.xlsx.write.files import (
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
        written["period"] = folder / f"{RESULT_STEM}{result.period.code}.json"
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
    write_atomically(overview, overview_page(result, link))
    deadlines = plan_calendar(result)
    if deadlines is not None:
        written["calendar"] = folder / calendar_name(result.period)
        write_atomically(written["calendar"], deadlines)
    clear_leftovers(workbook)
    told = document if document is not None else render(result_document(result)).encode()
    latest.parent.mkdir(parents=True, exist_ok=True)
    for kind in ("period", "json"):
        if kind in written:
            write_atomically(written[kind], told)
    return written


def remember(
    request: MergeRequest,
    result: MergeResult,
    folder: Path,
    json_path: Path | None = None,
    settled: Callable[[Mapping[str, Path]], None] | None = None,
) -> tuple[dict[str, Path], RecordedRun | None]:
    """Write the results of a merge, then record it as a run; the files that came are kept first.

    Without a memory the results are written and no run is recorded. ``settled`` is called with the
    files by kind while nobody else may write results.
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
    inbox, memory = request.inbox, request.memory
    if memory is None:
        return write_results(result, folder, inbox, json_path), None
    from consolidate.merge.recording import head_of, keep_files, record_run, unlike_locked
    from consolidate.register.facts import PeriodLocked
    from consolidate.reports.result_json import render, result_document

    document = render(result_document(result)).encode()
    head = head_of(memory, result, document)
    with memory.register.exclusive():
        if memory.revision is not None and memory.revision != memory.register.revision():
            raise Overtaken
        try:
            memory.register.locked_run(head)
        except PeriodLocked as error:
            told = unlike_locked(memory, head, result)
            raise PeriodLocked((joined("", (*error.problems, *told)),)) from None
        kept = keep_files(memory, result, inbox, request.settings)
        written = write_results(result, folder, inbox, json_path, document=document)
        run = record_run(memory, head, result, kept)
        if settled is not None:
            settled(written)
        return written, run


def rule_sentence(library: Library, data_set: DataSet, rule: RuleSpec) -> str:
    """Say a rule of a data set in Vietnamese with the official numbers."""
    return sentence(rule_in_words(rule, data_set, library))
