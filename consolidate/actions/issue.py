"""Issue a round: plan who gets which template, fill in what counted before, write the outbox."""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from consolidate.actions.workspaces import loaded_with_roster
from consolidate.model.datasets import Library
from consolidate.model.deadlines import Calendar, deadline_for
from consolidate.model.packs import Unserved
from consolidate.model.period import DataWindow, Period
from consolidate.model.reasons import Reason, UserError, because
from consolidate.model.runs import FormsIssued
from consolidate.model.text import file_key, name_key
from consolidate.model.units import OrganisationUnit, Roster, UnitKind
from consolidate.province.calendar import lacking_days, later_days
from consolidate.province.own_forms import keep_issued, own_packs
from consolidate.province.roster import notes_of
from consolidate.province.workspace import Loaded, Workspace
from consolidate.templates.file_names import Names, period_slug, safe_name
from consolidate.templates.issued import Issue, TemplateCache, issued_template
from consolidate.templates.live_formulas import Value
from consolidate.xlsx.write.atomic_files import FilesWritten, clear_leftovers, zip_entry

if TYPE_CHECKING:
    from consolidate.merge.earlier_periods import Past

Progress = Callable[[int, int], None]
"""Told after every template: made so far, to make in all."""


@dataclass(frozen=True, slots=True)
class IssuePlan:
    """What will be issued on a day: the files, and the key that seals them.

    ``notes`` say what of roster and calendar a person may want to mend first.
    """

    workspace: Workspace = field(repr=False)
    period: Period
    day: date
    files: tuple[IssuedFile, ...]
    key: bytes
    library: Library = field(repr=False)
    notes: tuple[Reason, ...] = ()

    @property
    def folder(self) -> Path:
        """The folder that the files go to."""
        return self.workspace.outbox / self.period.code

    @property
    def units(self) -> int:
        """How many units get a file of their own."""
        return len({file.issues[0].unit.code for file in self.files if not file.members})


def plan_round(
    workspace: Workspace, period: Period, day: date, codes: Sequence[str] = ()
) -> IssuePlan:
    """Plan the files of a round; ``codes`` narrow them to some units. Nothing is written.

    Any period of the round names it; the plan has the one that the round goes by.

    Raises:
        UserError: roster, calendar, key or register cannot be used; a code is unknown; nobody
            reports in the period; a file would have no data window or no due date.
    """
    loaded, roster = loaded_with_roster(workspace)
    if loaded.key is None:
        raise UserError.of("issue.no_key", wrong_call=True, file=str(workspace.key_path))
    library = loaded.forms(workspace, period)
    unserved = library.packs.unserved(period, loaded.calendar.last_days(period))
    if not library.templates:
        raise UserError(tuple(_no_forms(item, period) for item in unserved), wrong_call=True)
    name = period.round_name
    with _past(workspace, loaded, library, roster, name, day) as past:
        files = plan_issue(library, roster, loaded.calendar, name, codes=codes, past=past)
    issues = {(issue.unit.code, issue.template): issue for file in files for issue in file.issues}
    lacking = lacking_days(library, loaded.calendar, issues.values(), workspace.calendar_path)
    if lacking:
        raise UserError(lacking, wrong_call=True)
    notes = (
        *(_no_forms(item, period) for item in unserved),
        *_owing_nothing(library, roster.for_period(name), name),
        *(() if codes else _owed_by_nobody(workspace, loaded.calendar, library, issues, name)),
        *later_days(library, loaded.calendar, issues.values()),
        *notes_of(roster.for_period(name), library),
    )
    return IssuePlan(workspace, name, day, files, loaded.key, library, notes)


def _owing_nothing(library: Library, present: Roster, period: Period) -> Iterator[Reason]:
    """Name units that are in no package of the packs in force: nothing is made for them."""
    for unit in present.units:
        if not library.owed(unit.kind, period).templates:
            kind = unit.kind.label or "–"
            yield because("issue.no_package", name=unit.name, code=unit.code, kind=kind)


def _owed_by_nobody(
    workspace: Workspace,
    calendar: Calendar,
    library: Library,
    issued: Iterable[tuple[str, str]],
    period: Period,
) -> Iterator[Reason]:
    """Name templates that the province wants and no unit of its roster owes.

    It wants what it has in its own forms, and what a row of its calendar names.
    """
    dated = {row.template for row in calendar.rows if row.period.round_name == period}
    templates, own = {template for _, template in issued}, own_packs(workspace.root)
    for template, pack in library.pack_of.items():
        wanted = template in dated or pack.code in own
        if wanted and template not in templates and any(pack.owed(k, period) for k in UnitKind):
            title = library.template_by_code[template].short_title
            yield because("issue.owed_by_nobody", title=title, template=template)


def _no_forms(item: Unserved, period: Period) -> Reason:
    """Explain that nothing is in force for a period, and what serves other days."""
    served = tuple(
        because("issue.serves", form=pack.legal_basis, first=pack.serves_from, last=pack.serves_to)
        if pack.serves_to is not None
        else because("issue.serves_since", form=pack.legal_basis, first=pack.serves_from)
        for pack in item.packs
    )
    return because("issue.no_forms", title=item.short_title, period=period, packs=served)


def issue_round(
    plan: IssuePlan, *, force: bool = False, progress: Progress | None = None
) -> FilesWritten:
    """Write what was planned; a file that is there with another content is kept unless ``force``.

    Record in the register first that the round has seals, so that it stays known without the files.

    Raises:
        UserError: the register cannot be used.
        OSError: the folder cannot be written.
    """
    from consolidate.merge.open_province_memory import opened_register

    families = sorted({issue.template for file in plan.files for issue in file.issues})
    forms = [FormsIssued(plan.period, family, plan.day) for family in families]
    with opened_register(plan.workspace, trial=False) as register:
        register.add_issued(forms)
    packs = (plan.library.pack_of[family].code for family in families)
    keep_issued(plan.workspace.root, plan.period, packs)
    return write_issue(
        plan.files, plan.library, plan.key, plan.folder, force=force, progress=progress
    )


@contextlib.contextmanager
def _past(
    workspace: Workspace, loaded: Loaded, library: Library, roster: Roster, name: Period, day: date
) -> Iterator[Past | None]:
    """Look up what counted before the round of a name; ``None`` without a register."""
    if not workspace.has_register:
        yield None
        return
    from consolidate.merge.earlier_periods import Past
    from consolidate.merge.open_province_memory import open_memory

    with open_memory(workspace, loaded, day) as memory:
        known = (memory.register, library, roster, memory.corrections, name)
        yield Past(*known, calendar=memory.calendar)


@dataclass(frozen=True, slots=True)
class IssuedFile:
    """A file of the outbox: its name and what to make it of (several issues: a zip of them)."""

    name: str
    issues: tuple[Issue, ...]
    members: tuple[str, ...] = ()


def plan_issue(
    library: Library,
    roster: Roster,
    calendar: Calendar,
    period: Period,
    *,
    codes: Sequence[str] = (),
    past: Past | None = None,
) -> tuple[IssuedFile, ...]:
    """Plan the files of a period: one per unit and template that it owes, then the zips.

    ``period`` names the reporting round: each template is issued for its own period of it. A zip
    holds the files of the units below one parent unit. ``codes`` narrow the files to some units;
    the zips are then those that hold a file of theirs, as whole as always. ``past`` tells what
    the templates are filled in with.

    Raises:
        UserError: a code is unknown or its unit is not there in the period; nobody reports.
    """
    present = roster.for_period(period)
    chosen = _chosen(roster, present, period, codes)
    names = Names()
    single: list[IssuedFile] = []
    groups: dict[str, list[IssuedFile]] = {}
    wanted: set[str] = set()
    for unit in present.units:
        for template in library.owed(unit.kind, period).template_by_code:
            own = library.period_for(template, period)
            if own is None or not unit.expects(template):
                continue
            issue = _issue(library, calendar, unit, template, own, past)
            ending = f"{template} {period_slug(own)}"
            named = safe_name(f"{unit.code} {unit.name}", ".xlsx", ending=ending)
            file = IssuedFile(names.take(named), (issue,))
            if unit.code in chosen:
                single.append(file)
            parent = _parent_name(roster, present, unit.parent)
            if parent:
                groups.setdefault(parent, []).append(file)
                if unit.code in chosen:
                    wanted.add(parent)
    if not single:
        raise UserError.of("issue.nobody", wrong_call=True, period=period)
    zips = []
    for parent in sorted(groups, key=file_key):
        name = names.take(safe_name(parent, ".zip"))
        if parent in wanted:
            files = groups[parent]
            issues = tuple(issue for file in files for issue in file.issues)
            zips.append(IssuedFile(name, issues, tuple(file.name for file in files)))
    return (*single, *zips)


def write_issue(
    files: Sequence[IssuedFile],
    library: Library,
    key: bytes,
    folder: Path,
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> FilesWritten:
    """Write planned files into a folder, each whole or not at all.

    A file that is there with another content is kept unless ``force``. The same plan and key give
    the same files.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    done = FilesWritten(folder)
    for name, data in _made(files, library, key, progress):
        done.write(name, data, force=force)
    order = {file.name: at for at, file in enumerate(files)}
    for names in (done.written, done.unchanged, done.kept):
        names.sort(key=order.__getitem__)
    if done.written:
        clear_leftovers(folder / done.written[-1])
    return done


def _chosen(
    roster: Roster, present: Roster, period: Period, codes: Sequence[str]
) -> frozenset[str]:
    if not codes:
        return frozenset(unit.code for unit in present.units)
    everyone = {name_key(unit.code): unit for unit in roster.units}
    now = {unit.code for unit in present.units}
    problems: list[Reason] = []
    chosen: list[str] = []
    for code in codes:
        unit = everyone.get(name_key(code))
        if unit is None:
            problems.append(because("issue.unknown_unit", code=code))
        elif unit.code not in now:
            problems.append(
                because("issue.not_then", name=unit.name, code=unit.code, period=period)
            )
        else:
            chosen.append(unit.code)
    if problems:
        raise UserError(tuple(problems), wrong_call=True)
    return frozenset(chosen)


def _issue(
    library: Library,
    calendar: Calendar,
    unit: OrganisationUnit,
    template: str,
    period: Period,
    past: Past | None,
) -> Issue:
    issue = Issue(
        unit,
        template,
        period,
        deadline_for(library, calendar, unit, template, period),
        windows=_windows(library, calendar, unit, template, period),
    )
    if past is None:
        return issue
    before, last_year = period.before(library.pack_of[template].periods), period.last_year
    return replace(
        issue,
        previous=(before, past.answers(unit, template, before)),
        last_year=(last_year, past.answers(unit, template, last_year)),
        rows=_earlier_rows(library, issue, past),
    )


def _earlier_rows(
    library: Library, issue: Issue, past: Past
) -> Mapping[str, Sequence[Mapping[str, Value]]]:
    """List what cumulative lists begin with: rows that the unit gave earlier in the year."""
    owed = library.owed(issue.unit.kind, issue.period).sets_of(issue.template)
    quarters = {form.form for form in owed if form.quarter}
    before = issue.period.before(library.pack_of[issue.template].periods)
    if before.year != issue.period.year or not quarters:
        return {}
    told = past.lists(issue.unit, issue.template, before)
    return {form.code: told[form.code] for form in owed if form.code in quarters & told.keys()}


def _windows(
    library: Library, calendar: Calendar, unit: OrganisationUnit, template: str, period: Period
) -> dict[str, DataWindow]:
    """Data windows of the tables of a quarter: those of the calendar, else the statutory ones."""
    found = {}
    for data_set in library.sets_of(template):
        if data_set.quarter:
            own = data_set.period_in(period)
            deadline = deadline_for(library, calendar, unit, template, own)
            window = deadline.window if deadline is not None else None
            if window is not None:
                found[data_set.code] = window
    return found


def _parent_name(roster: Roster, present: Roster, parent: str) -> str:
    """Name the zip of a parent unit: by code and name, or by what the roster says of it."""
    found = present.find(parent) or roster.find(parent) if parent else ()
    return f"{found[0].code} {found[0].name}" if len(found) == 1 else parent


def _made(
    files: Sequence[IssuedFile], library: Library, key: bytes, progress: Progress | None
) -> Iterator[tuple[str, bytes]]:
    """Make the files, each template once: zip by zip, the single files of a zip before the zip.

    No more is held at a time than one zip and what is in it.
    """
    alone = {_named(file.issues[0]): file.name for file in files if not file.members}
    zips = [file for file in files if file.members]
    packed = {_named(issue) for file in zips for issue in file.issues}
    total, done = len(packed | alone.keys()), 0
    caches: dict[Library, TemplateCache] = {}

    def made(issue: Issue) -> bytes:
        nonlocal done
        owed = library.owed(issue.unit.kind, issue.period)
        data = issued_template(owed, issue, key, caches.setdefault(owed, TemplateCache(owed)))
        done += 1
        if progress is not None:
            progress(done, total)
        return data

    for file in zips:
        parts = []
        for issue in file.issues:
            parts.append(made(issue))
            if (name := alone.get(_named(issue))) is not None:
                yield name, parts[-1]
        yield file.name, _zipped(file.members, parts)
    for file in files:
        if not file.members and _named(file.issues[0]) not in packed:
            yield file.name, made(file.issues[0])


def _named(issue: Issue) -> tuple[str, str]:
    return issue.unit.code, issue.template


def _zipped(names: Sequence[str], parts: Sequence[bytes]) -> bytes:
    """Make a zip that is independent of clock, system and compressor."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as package:
        for name, data in sorted(zip(names, parts, strict=True), key=lambda item: item[0]):
            package.writestr(zip_entry(name, zipfile.ZIP_STORED), data)
    return target.getvalue()
