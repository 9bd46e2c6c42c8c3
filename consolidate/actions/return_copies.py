"""Make what each unit gets back after a merge: marked copies, lists, letters."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import partial
from pathlib import Path

from consolidate.definitions.catalogue import sentence, text
from consolidate.identity.selection import WITH_WAY_OUT
from consolidate.intake.containers import open_container
from consolidate.intake.inbox import scan
from consolidate.intake.plain_files import read_plain
from consolidate.intake.read_file import ReadSettings, read_file
from consolidate.merge.read_files import in_worker
from consolidate.merge.worker_processes import LOST
from consolidate.model.datasets import Library, TemplateSpec
from consolidate.model.deadlines import Calendar, deadline_for
from consolidate.model.period import Period
from consolidate.model.reasons import Finding, Reason, Severity, because
from consolidate.model.returns import Outcome, ReturnRecord, writable_name
from consolidate.model.text import file_key, name_key
from consolidate.model.units import OrganisationUnit
from consolidate.reports.authority import authority_of
from consolidate.reports.captions import in_sentence
from consolidate.reports.correction_letter import (
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
from consolidate.xlsx.read.gate import Refused
from consolidate.xlsx.write.files import WriteOutcome, write_unless_changed

Bytes = Callable[[], bytes | None]
"""Gives the bytes of a file as they were read (picklable); ``None``: they are no longer there."""
BytesOf = Callable[[ReturnRecord], Bytes]
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


def unit_files(
    result: MergeResult,
    bytes_of: BytesOf,
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
        result: a merge (:func:`consolidate.merge.merge_inbox.merge`).
        bytes_of: gives the bytes of a file (:func:`inbox_bytes`).
        codes: codes of the only units to look at.
        only_errors: leave warnings and notes out.
        calendar: sets the day until which a letter asks for the corrected return.
        as_of: days of the calendar before this one are not asked for any more.
        province: name of the province, that of the roster by default.
        agency: signs every letter; by default whoever gets a return signs the letter about it.
        settings: how the files were read.
        executor: worker processes of :func:`consolidate.merge.read_files.workers`, which make the
            copies under its limits; without one they are made here.
    """
    settings = settings or ReadSettings()
    names = Names()
    task = partial(_copy, result.library, settings=settings)
    if executor is not None:
        task = partial(_copied_apart, executor, settings=settings)
    for records in returns_to_send(result, codes=codes, only_errors=only_errors):
        letters: dict[str, list[tuple[ReturnRecord, ToCorrect]]] = {}
        for record in records:
            template = _template(record, result)
            findings = for_unit(record, only_errors)
            if record.reason is not None and record.reason.key in _ON_OTHER_FORM:
                findings = ()
            file = None
            if findings:
                file = _file(record, template, findings, bytes_of(record), names, task)
                yield file
            reason = sentence(told_to_unit(record))
            report = _report(record, template)
            enclosed = file.name if file is not None else ""
            marked = file is not None and file.kind is CopyKind.COPY
            sent_as = (record.member or record.path).rpartition("/")[2]  # Without our folders.
            lines = lines_of(findings)
            item = ToCorrect(report, sent_as, reason, lines, enclosed, marked=marked)
            letters.setdefault(agency or template.recipient, []).append((record, item))
        for signing, items in letters.items():
            yield _letter(signing, items, result, names, calendar, as_of, province)


def returns_to_send(
    result: MergeResult,
    *,
    codes: Collection[str] = (),
    only_errors: bool = False,
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


def inbox_bytes(inbox: Path, settings: ReadSettings | None = None) -> BytesOf:
    """Give access to the bytes of an inbox's files, those in archives and mails too."""
    settings = settings or ReadSettings()
    paths = {writable_name(name): inbox / name for name in scan(inbox).files}

    def bytes_of(record: ReturnRecord) -> Bytes:
        path = paths.get(record.path)
        return partial(_bytes_at, path, record.sha256, settings, inside=bool(record.member))

    return bytes_of


def _bytes_at(
    path: Path | None, sha256: str, settings: ReadSettings, *, inside: bool
) -> bytes | None:
    """Return the bytes of a digest: those of a file, or of one ``inside`` it."""
    if path is None:
        return None
    try:
        data = read_plain(path, settings.limits.container_size)
        container = open_container(data, settings.limits, settings.passwords) if inside else None
    except Refused:
        return None
    found = [item.data for item in container.members] if container is not None else [data]
    return next((one for one in found if hashlib.sha256(one).hexdigest() == sha256), None)


def write_unit_files(
    items: Iterable[UnitFile], folder: Path, *, force: bool = False
) -> WrittenCopies:
    """Write files into a folder, each whole or not at all; it is made when there is one to write.

    A file that is there with another content is kept unless ``force``.

    Raises:
        OSError: the folder cannot be written.
    """
    files: dict[WriteOutcome, list[UnitFile]] = {outcome: [] for outcome in WriteOutcome}
    for item in items:
        folder.mkdir(parents=True, exist_ok=True)
        files[write_unless_changed(folder / item.name, item.data, force=force)].append(item)
    return WrittenCopies(
        tuple(files[WriteOutcome.WRITTEN]),
        tuple(files[WriteOutcome.UNCHANGED]),
        tuple(files[WriteOutcome.KEPT]),
    )


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
    return (
        record.unit_code,
        record.content.template if record.content is not None else "",
    )


def _report(record: ReturnRecord, template: TemplateSpec) -> str:
    period = _period(record)
    return f"{template.short_title} {in_sentence(period)}" if period else template.short_title


def _file(
    record: ReturnRecord,
    template: TemplateSpec,
    findings: Sequence[Finding],
    data_of: Bytes,
    names: Names,
    copy: Callable[[str, Sequence[Finding], ListHeading, Bytes], bytes | str],
) -> UnitFile:
    unit = record.unit
    assert unit is not None
    period = _period(record)
    ending = text(
        "correction.copy_ending",
        template=template.code,
        period=period_slug(period) if period is not None else "",
    )
    stem = f"{unit.code} {unit.name}"
    name = names.take(safe_name(stem, ".xlsx", ending=ending))
    reason = sentence(told_to_unit(record))
    heading = ListHeading(f"{unit.name} ({unit.code})", _report(record, template), reason)
    data = copy(record.path, findings, heading, data_of)
    if isinstance(data, str):
        why = text(f"annotate.why.{data}")
        made = list_workbook(findings, heading)
        return UnitFile(CopyKind.LIST, name, made, unit, record.name, why)
    return UnitFile(CopyKind.COPY, name, data, unit, record.name)


def _copied_apart(
    executor: Executor,
    name: str,
    findings: Sequence[Finding],
    heading: ListHeading,
    data_of: Bytes,
    settings: ReadSettings,
) -> bytes | str:
    """As :func:`_copy`, in a worker process: a file that ends it gets a list."""
    try:
        task = executor.submit(
            in_worker, _copy, name, findings, heading, data_of, settings=settings
        )
        return task.result()
    except LOST:
        return "strange"


def _copy(
    library: Library,
    name: str,
    findings: Sequence[Finding],
    heading: ListHeading,
    data_of: Bytes,
    settings: ReadSettings,
) -> bytes | str:
    """Make a copy with the findings; return the reason where it does not read back the same."""
    data = data_of()
    if data is None:
        return "changed"
    data = without_head(data)
    if is_locked(data):
        return "locked"
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
    record: ReturnRecord,
    result: MergeResult,
    calendar: Calendar | None,
    as_of: date | None,
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
