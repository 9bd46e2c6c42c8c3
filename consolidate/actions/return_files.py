"""Return files to units: merge as a trial, make marked copies, lists and letters, write them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

from consolidate.actions.merge import MergeOrder, do_merge
from consolidate.actions.since_last_merge import since_last_merge
from consolidate.definitions.catalogue import sentence, text
from consolidate.identity.selection_and_duplicates import WITH_WAY_OUT
from consolidate.intake.containers import open_container
from consolidate.intake.inbox import scan
from consolidate.intake.plain_files import read_plain
from consolidate.intake.read_file import ReadSettings, read_file
from consolidate.merge.read_files import Progress, in_worker, workers
from consolidate.merge.worker_processes import LOST
from consolidate.model.datasets import Library, TemplateSpec
from consolidate.model.deadlines import Calendar, deadline_for
from consolidate.model.period import Period
from consolidate.model.reasons import Finding, Reason, Severity, UserError, because
from consolidate.model.returns import Outcome, ReturnRecord, writable_name
from consolidate.model.text import file_key, name_key
from consolidate.model.units import OrganisationUnit
from consolidate.province.workspace import GIVEN_BACK, with_passwords
from consolidate.reports.captions import in_sentence
from consolidate.reports.letterhead import authority_of
from consolidate.reports.letters import (
    CorrectionLetter,
    ToCorrect,
    correction_letter_bytes,
    list_workbook,
)
from consolidate.rollup.result import MergeResult
from consolidate.templates.file_names import Names, period_slug, safe_name
from consolidate.xlsx.patch.annotate_copy import CARRIES, annotate
from consolidate.xlsx.patch.correction_lines import ListHeading, lines_of
from consolidate.xlsx.patch.xml_places import NotPatched
from consolidate.xlsx.read.decrypt import is_locked
from consolidate.xlsx.read.file_kinds import without_head
from consolidate.xlsx.read.package_gate import Refused
from consolidate.xlsx.write.atomic_files import WriteOutcome, write_unless_changed

_GIVEN = (Outcome.ACCEPTED, Outcome.ACCEPTED_WITH_WARNINGS, Outcome.HELD, Outcome.REJECTED)
_NOT_COUNTED = (Outcome.HELD, Outcome.REJECTED)
_OURS = ("memory.", "identity.copied_by", "identity.later_")
"""Rules of findings that say nothing a unit could correct in its file."""
_OUR_NOTES = ("memory.", "identity.")
_IN_OTHER_WORDS = (
    "rivals", "other_period", "other_issue", "copy_undecided", "no_period", "headings_period",
    "no_pack", "part", "part_of_run", "unsealed_rival",
)  # fmt: skip
"""Reasons of ``identity`` that tell the officer what to do with our inbox; a unit hears others."""

_ON_OTHER_FORM = tuple(f"identity.{name}_pack" for name in ("old", "new", "no"))
"""Reasons of files that no correction helps: another form is due."""

_Source = tuple[Path | None, str, str, bool]
"""Where a file lies, its name in reports, its digest, and whether it is inside the one there."""


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
    since: Reason | None = None


class CopyKind(StrEnum):
    """What a unit gets: its workbook with marks, a list of findings alone, a letter."""

    COPY = "copy"
    LIST = "list"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class UnitFile:
    """One file for a unit. ``source`` is the returned file it is about, ``""`` for a letter.

    ``why`` says in Vietnamese why there is a list instead of a copy. Of a letter ``agency`` signs
    it, ``about`` are the reports that it is about, each with the name of the file that goes with
    it (``""`` for none), and ``bases`` the legal bases of their forms.
    """

    kind: CopyKind
    name: str
    data: bytes = field(repr=False)
    unit: OrganisationUnit
    source: str = ""
    why: str = ""
    agency: str = ""
    about: tuple[tuple[str, str], ...] = ()
    bases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WrittenCopies:
    """What became of the files in a folder, by kind; ``kept`` were there with other content."""

    written: tuple[UnitFile, ...]
    unchanged: tuple[UnitFile, ...]
    kept: tuple[UnitFile, ...]

    @property
    def everything(self) -> tuple[UnitFile, ...]:
        """All of them, whatever became of each."""
        return (*self.written, *self.unchanged, *self.kept)

    def count(self, period: Period, folder: str) -> Reason:
        """Count what was written for a period into a folder, by kind."""
        kinds = [item.kind for item in self.written]
        return because(
            "cli.return.written",
            period=period,
            copies=kinds.count(CopyKind.COPY),
            lists=kinds.count(CopyKind.LIST),
            letters=kinds.count(CopyKind.LETTER),
            folder=folder,
        )


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
    """Make and write what was planned, each file whole or not at all.

    A file that is there with another content is kept unless ``force``. ``progress`` is told at
    which unit the work is, counted from 1, and how many there are.

    Raises:
        OSError: the folder cannot be written.
    """
    order, result = plan.order, plan.result
    settings = with_passwords(order.settings, order.workspace)
    province = order.workspace.province if order.workspace is not None else ""
    jobs = 1 if plan.units and order.jobs != 0 else 0
    files: dict[WriteOutcome, list[UnitFile]] = {outcome: [] for outcome in WriteOutcome}
    with workers(result.library, order.inbox, jobs, settings) as executor:
        count, last = 0, None
        for item in unit_files(
            result,
            order.inbox,
            codes=plan.codes,
            only_errors=order.only_errors,
            calendar=plan.calendar,
            as_of=order.day,
            province=province if not result.province else "",
            agency=order.agency,
            settings=settings,
            executor=executor,
        ):
            if progress is not None and item.unit != last:
                count, last = count + 1, item.unit
                progress(count, plan.units)
            plan.folder.mkdir(parents=True, exist_ok=True)
            done = write_unless_changed(plan.folder / item.name, item.data, force=force)
            files[done].append(item)
    return WrittenCopies(
        tuple(files[WriteOutcome.WRITTEN]),
        tuple(files[WriteOutcome.UNCHANGED]),
        tuple(files[WriteOutcome.KEPT]),
    )


def _codes(order: ReturnOrder, result: MergeResult) -> tuple[str, ...]:
    """Resolve the codes of the units to return to; empty means all units.

    Raises:
        UserError: a code or the name of a file is that of no return.
    """
    known = [record for record in result.records if record.content is not None]
    there = {name_key(record.unit.code) for record in known if record.unit is not None}
    of_file = {record.name: record.unit.code for record in known if record.unit is not None}
    codes = [code for code in order.codes if name_key(code) not in there]
    problems = [because("cli.return.unknown_unit", code=code) for code in codes]
    names = [name for name in order.files if name not in of_file]
    problems += [because("cli.return.unknown_file", code=name) for name in names]
    if problems:
        raise UserError(tuple(problems), wrong_call=True)
    return tuple(dict.fromkeys((*order.codes, *(of_file[name] for name in order.files))))


def unit_files(
    result: MergeResult,
    inbox: Path,
    *,
    codes: Collection[str] = (),
    only_errors: bool = False,
    calendar: Calendar | None = None,
    as_of: date | None = None,
    province: str = "",
    agency: str = "",
    settings: ReadSettings | None = None,
    executor: Executor | None = None,
) -> Iterator[UnitFile]:
    """Make what goes back to the units of a merge, unit by unit, the letter after the files.

    A return with errors or warnings goes back as a copy with its findings in it, or as a list
    of them when no copy can be made; a return that is held or rejected gets a letter even if there
    is nothing to list. Units without either get nothing, nor does one whose return of this period
    counts hear of a file of another period that lies in the same inbox. Every copy was read again
    and says what the file itself says.

    Args:
        result: a merge of the inbox; of a file that changed since no copy is made.
        codes: codes of the only units to look at.
        only_errors: leave warnings and notes out.
        calendar: sets the day until which a letter asks for the corrected return.
        as_of: days of the calendar before this one are not asked for any more.
        province: name of the province, that of the roster by default.
        agency: signs all letters; by default each is signed by the agency that gets the return.
        executor: worker processes of :func:`consolidate.merge.read_files.workers`, which make the
            copies under its limits; without one they are made here.
    """
    settings = settings or ReadSettings()
    names = Names()
    paths = {writable_name(name): inbox / name for name in scan(inbox).files}
    for records in returns_to_send(result, codes=codes, only_errors=only_errors):
        letters: dict[str, list[tuple[ReturnRecord, ToCorrect]]] = {}
        for record in records:
            template = _template(record, result)
            findings = for_unit(record, only_errors)
            if record.reason is not None and record.reason.key in _ON_OTHER_FORM:
                findings = ()
            report, reason = _report(record, template), sentence(told_to_unit(record))
            file = None
            if findings:
                assert record.unit is not None
                period = period_slug(found) if (found := _period(record)) is not None else ""
                ending = text("correction.copy_ending", template=template.code, period=period)
                stem = f"{record.unit.code} {record.unit.name}"
                name = names.take(safe_name(stem, ".xlsx", ending=ending))
                heading = ListHeading(f"{record.unit.name} ({record.unit.code})", report, reason)
                source = (paths.get(record.path), record.path, record.sha256, bool(record.member))
                data = _copied(result.library, source, findings, heading, settings, executor)
                kind, why = CopyKind.COPY, ""
                if isinstance(data, str):
                    kind, why = CopyKind.LIST, text(f"annotate.why.{data}")
                    data = list_workbook(findings, heading)
                file = UnitFile(kind, name, data, record.unit, record.name, why)
                yield file
            enclosed = file.name if file is not None else ""
            marked = file is not None and file.kind is CopyKind.COPY
            sent_as = (record.member or record.path).rpartition("/")[2]  # Without our folders.
            item = ToCorrect(report, sent_as, reason, lines_of(findings), enclosed, marked=marked)
            letters.setdefault(agency or template.recipient, []).append((record, item))
        for signing, items in letters.items():
            yield _letter(signing, items, result, names, calendar, as_of, province)


def returns_to_send(
    result: MergeResult, *, codes: Collection[str] = (), only_errors: bool = False
) -> tuple[tuple[ReturnRecord, ...], ...]:
    """List the returns that go back, a unit's together, in the order of units' codes.

    Arguments are those of :func:`unit_files`.
    """
    wanted = {name_key(code) for code in codes}
    counted = {_key(record) for record in result.records if record.outcome.counted}
    by_unit: dict[str, list[ReturnRecord]] = {}
    for record in result.records:
        if record.unit is None or record.content is None or record.outcome not in _GIVEN:
            continue
        if wanted and name_key(record.unit.code) not in wanted:
            continue
        found, expected = _period(record), _expected(record, result)
        other_round = None not in (found, expected) and found != expected
        if other_round and _key(record) in counted:
            continue
        told = for_unit(record, only_errors)
        serious = any(finding.severity is not Severity.INFO for finding in told)
        if record.outcome in _NOT_COUNTED or serious:
            by_unit.setdefault(f"{record.unit.code} {record.unit.name}", []).append(record)
    return tuple(tuple(by_unit[key]) for key in sorted(by_unit, key=file_key))


def for_unit(record: ReturnRecord, only_errors: bool = False) -> tuple[Finding, ...]:
    """Keep the findings that a unit is told of: none about other files or our own records.

    Nor those that the province has to settle.
    """
    return tuple(
        finding
        for finding in record.findings
        if finding not in record.ours
        and not finding.rule.startswith(_OURS)
        and not (finding.severity is Severity.INFO and finding.rule.startswith(_OUR_NOTES))
        and (not only_errors or finding.severity is Severity.ERROR)
    )


def told_to_unit(record: ReturnRecord) -> Reason | None:
    """Tell a unit why its return does not count; ``None`` when it counts.

    What the province may do about it (a waiver, merging again) is no business of a letter.
    """
    reason = record.reason
    if reason is None or record.outcome not in _NOT_COUNTED:
        return None
    if reason.key == WITH_WAY_OUT:
        why = reason.value("reason")
        assert isinstance(why, Reason)
        reason = why
    room, _, name = reason.key.partition(".")
    if room == "identity" and name in _IN_OTHER_WORDS:
        return replace(reason, key=f"correction.{name}")
    return reason


def _copied(
    library: Library,
    source: _Source,
    findings: Sequence[Finding],
    heading: ListHeading,
    settings: ReadSettings,
    executor: Executor | None,
) -> bytes | str:
    """Make a copy, in a worker process if there is one: a file that ends it gets a list."""
    if executor is None:
        return _copy(library, source, findings, heading, settings)
    try:
        return executor.submit(in_worker, _copy, source, findings, heading, settings).result()
    except LOST:
        return "strange"


def _copy(
    library: Library,
    source: _Source,
    findings: Sequence[Finding],
    heading: ListHeading,
    settings: ReadSettings,
) -> bytes | str:
    """Make a copy with the findings; return the reason where it does not read back the same."""
    data = _bytes_of(source, settings)
    if data is None:
        return "changed"
    data = without_head(data)
    if is_locked(data):
        return "locked"
    name = source[1]
    before = read_file(name, data, library, settings).content
    # Read from the file: the unit is not told of everything that it carries.
    if before is None or any(anomaly.kind in CARRIES for anomaly in before.anomalies):
        return "carries" if before is not None else "strange"
    try:
        copy = annotate(data, findings, heading, settings.limits)
    except NotPatched as problem:
        return problem.reason
    after = read_file(name, copy, library, settings).content
    return copy if before == after else "strange"


def _bytes_of(source: _Source, settings: ReadSettings) -> bytes | None:
    """Read the bytes of a file that was merged; ``None``: they are no longer there."""
    path, _, sha256, inside = source
    if path is None:
        return None
    try:
        data = read_plain(path, settings.limits.container_size)
        container = open_container(data, settings.limits, settings.passwords) if inside else None
    except Refused:
        return None
    found = [item.data for item in container.members] if container is not None else [data]
    return next((one for one in found if hashlib.sha256(one).hexdigest() == sha256), None)


def _template(record: ReturnRecord, result: MergeResult) -> TemplateSpec:
    assert record.content is not None
    return result.library.packs.by_code[record.content.pack].template


def _period(record: ReturnRecord) -> Period | None:
    return record.content.period if record.content is not None else None


def _expected(record: ReturnRecord, result: MergeResult) -> Period | None:
    """Return the period that a return of its forms has in the round of a merge."""
    if record.content is None:
        return None
    return result.library.packs.by_code[record.content.pack].period_for(result.period)


def _key(record: ReturnRecord) -> tuple[str, str]:
    return record.unit_code, record.content.template if record.content is not None else ""


def _report(record: ReturnRecord, template: TemplateSpec) -> str:
    period = _period(record)
    return f"{template.short_title} {in_sentence(period)}" if period else template.short_title


def _letter(
    agency: str,
    items: Sequence[tuple[ReturnRecord, ToCorrect]],
    result: MergeResult,
    names: Names,
    calendar: Calendar | None,
    as_of: date | None,
    province: str,
) -> UnitFile:
    unit = items[0][0].unit
    assert unit is not None
    codes = dict.fromkeys(_template(record, result).code for record, _ in items)
    periods = {_expected(record, result) or result.period for record, _ in items}
    named = periods.pop() if len(periods) == 1 else result.period
    ending = text("correction.file_ending", templates=" ".join(codes), period=period_slug(named))
    stem = f"{unit.code} {unit.name}"
    name = names.take(safe_name(stem, ".docx", ending=ending))
    days = [day for record, _ in items if (day := _due(record, result, calendar, as_of))]
    due = min(days, default=None)
    cited = dict.fromkeys(_basis(record, result) for record, _ in items)
    bases = tuple(basis for basis in cited if basis)
    letter = CorrectionLetter(unit.name, tuple(item for _, item in items), due, bases)
    signatories = result.roster.signatories if result.roster is not None else ()
    authority = authority_of(agency, province or result.province, signatories)
    data = correction_letter_bytes(letter, authority, result.secrecy.label)
    about = tuple((item.report, item.enclosed) for _, item in items)
    signing = authority.name
    return UnitFile(CopyKind.LETTER, name, data, unit, agency=signing, about=about, bases=bases)


def _basis(record: ReturnRecord, result: MergeResult) -> str:
    """Tell what asks for a return: the pack of the round, else the one that the file carries."""
    serving = result.library.pack_of.get(_template(record, result).code)
    assert record.content is not None
    return (serving or result.library.packs.by_code[record.content.pack]).citation


def _due(
    record: ReturnRecord, result: MergeResult, calendar: Calendar | None, as_of: date | None
) -> date | None:
    """Return the first day of the calendar about a return that has not gone by: due, else final.

    A return of another period is to come again for the round of the merge.
    """
    period = _expected(record, result) or _period(record)
    if calendar is None or period is None or record.unit is None:
        return None
    template = _template(record, result).code
    deadline = deadline_for(result.library, calendar, record.unit, template, period)
    days = (deadline.due, deadline.final) if deadline is not None else ()
    return next((day for day in days if day and (as_of is None or day >= as_of)), None)
