"""Hand results on: reports in Word, every value of a run as a table, files with a password.

There is one report for each pack, by the template of the province. An encrypted copy opens with a
password only (ECMA-376 agile, AES-256).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from consolidate.actions.since_last_merge import since_last_merge
from consolidate.definitions.catalogue import text
from consolidate.model.datasets import Library
from consolidate.model.packs import Pack
from consolidate.model.period import Period
from consolidate.model.reasons import Reason, UserError
from consolidate.model.units import Roster
from consolidate.province.workspace import Workspace
from consolidate.reports.letterhead import Authority, authority_of
from consolidate.reports.report_in_word import shipped_outline, template_bytes
from consolidate.templates.file_names import OFFICIAL, official_name, period_slug, safe_name
from consolidate.xlsx.read.decrypt import is_locked, unlock
from consolidate.xlsx.read.package_gate import Limits
from consolidate.xlsx.write.atomic_files import (
    WriteOutcome,
    as_sealed,
    read_bytes,
    write_atomically,
    write_new,
    write_unless_changed,
)

if TYPE_CHECKING:
    from consolidate.actions.merge import MergeOrder
    from consolidate.merge.read_files import Progress
    from consolidate.model.runs import Run
    from consolidate.register.register import Register
    from consolidate.reports.values_table import TableFormat

REPORTS = "reports"
"""Folder of a workspace with the province's own templates of reports."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A report that was written, was the same, or was kept because somebody changed it.

    ``template`` is the province's own template that it follows, ``None`` for the shipped outline.
    """

    path: Path
    outcome: WriteOutcome
    template: Path | None


@dataclass(frozen=True, slots=True)
class Drafts:
    """The reports of a round; ``since`` names files that the newest merge has not seen."""

    period: Period
    drafts: tuple[Draft, ...]
    since: Reason | None


def draft_reports(
    workspace: Workspace,
    order: MergeOrder,
    progress: Progress | None = None,
    *,
    force: bool = False,
) -> Drafts:
    """Merge as a trial and write the report of every pack of the round into the results.

    Rewrite a draft unless a person changed it; keep a changed one unless ``force``.

    Raises:
        UserError: as :func:`consolidate.actions.merge.do_merge`; no pack serves the round; a
            template cannot be used; the library that fills in templates is not installed.
        OSError: a file cannot be written.
    """
    from consolidate.actions.merge import do_merge
    from consolidate.reports.report_in_word import report_bytes
    from consolidate.reports.report_tags import Tags, words_of

    result = do_merge(replace(order, workspace=workspace, trial=True), progress).result
    calendar = workspace.load().calendar
    province = result.province or workspace.province
    signatories = result.roster.signatories if result.roster is not None else ()
    annex = official_name(result.period)
    drafts = []
    asked = {
        part.template.code
        for part in result.completeness
        if part.expected or part.received or part.held
    }
    for pack in _packs(result.library, result.period):
        if asked and pack.family not in asked:
            continue  # No unit owes this form, and none returned it.
        authority = authority_of(pack.template.recipient, province, signatories)
        own = template_path(workspace, pack)
        there = own.is_file()
        template = read_bytes(own) if there else _template(pack, authority)
        tags = Tags(result, pack, own.name)
        words = words_of(tags, calendar, authority, annex)
        try:
            made = report_bytes(template, tags, words)
        except ImportError:
            raise UserError.of("report.needs_library") from None
        ending = period_slug(pack.period_for(result.period) or result.period)
        path = workspace.results / safe_name(f"{OFFICIAL}{pack.family}", ".docx", ending=ending)
        ours = path.is_file() and as_sealed(read_bytes(path))
        path.parent.mkdir(parents=True, exist_ok=True)
        outcome = write_unless_changed(path, made, force=force or ours)
        drafts.append(Draft(path, outcome, own if there else None))
    return Drafts(result.period, tuple(drafts), since_last_merge(workspace, result))


def write_templates(workspace: Workspace, period: Period) -> Iterator[Draft]:
    """Put the templates of a round into the folder of the province, to be edited in Word.

    One that is there is kept.

    Raises:
        UserError: no pack serves the round; the workspace cannot be used.
        OSError: a file cannot be written.
    """
    loaded = workspace.load()
    roster = loaded.roster
    province = (roster.province if roster is not None else "") or workspace.province
    signatories = roster.signatories if roster is not None else ()
    for pack in _packs(loaded.forms(workspace, period), period):
        path = template_path(workspace, pack)
        path.parent.mkdir(parents=True, exist_ok=True)
        outcome = WriteOutcome.KEPT
        if not path.exists():
            authority = authority_of(pack.template.recipient, province, signatories)
            outcome = write_unless_changed(path, _template(pack, authority))
        yield Draft(path, outcome, None)


def template_path(workspace: Workspace, pack: Pack) -> Path:
    """Find where the province's own template of the report of a pack lies."""
    return workspace.root / REPORTS / safe_name(f"mau bao cao {pack.code}", ".docx")


def _template(pack: Pack, authority: Authority) -> bytes:

    return template_bytes(shipped_outline(pack), pack.title, authority)


def _packs(library: Library, period: Period) -> tuple[Pack, ...]:
    packs = tuple(library.pack_of.values())
    if not packs:
        raise UserError.of("report.no_forms", wrong_call=True, period=period)
    return packs


EXPORT_STEM = "values-"
"""Beginning of the name of an exported table; the round follows."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A written table: its path, how many values and units are in it."""

    path: Path
    values: int
    units: int


def export_path(workspace: Workspace, period: Period, kind: TableFormat) -> Path:
    """Choose where the values of a round are written when nothing else is said."""
    return workspace.results / f"{EXPORT_STEM}{period.code}{kind.ending}"


def export_values(
    workspace: Workspace,
    register: Register,
    run: Run,
    roster: Roster,
    kind: TableFormat,
    *,
    path: Path | None = None,
    lists: bool = False,
    redact: bool = False,
) -> Exported:
    """Write the values of a run into the results of a workspace, or to ``path``.

    Open tables (names of cases and persons) are left out without ``lists``. With ``redact`` words
    of units are covered wherever they stand.

    Raises:
        UserError: the library that writes this format is not installed.
        OSError: the file cannot be written.
    """
    from consolidate.merge.adjustments_and_waivers import counted_files
    from consolidate.reports.values_table import values_table, write_table
    from consolidate.xlsx.write.atomic_files import write_atomically

    period = run.head.period
    library = workspace.library.at(period)
    files = counted_files(workspace.library, register, run, roster)
    rows = values_table(files, library, period, lists=lists, redact=redact)
    try:
        content = write_table(rows, kind)
    except ImportError:
        raise UserError.of("export.needs_library", format=kind.value) from None
    target = path or export_path(workspace, period, kind)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, content)
    return Exported(target, len(rows), len({row.unit for row in rows}))


def encrypt_file(path: Path, password: str, *, force: bool = False) -> Path:
    """Write the copy with a password beside a file, and return its path.

    The copy opens again with the password before it is written. No two are the same: they are
    outside of what a merge makes and of what the register compares.

    Raises:
        UserError: it is no .xlsx or .docx file, or it has a password already; the copy is there
            and may not be written over without ``force``.
        OSError: a file cannot be read or written.
    """
    try:
        made = _encrypted(read_bytes(path), password)
    except ValueError:
        raise UserError.of("encrypt.no_office_file", file=str(path)) from None
    target = path.with_name(f"{path.stem}{text('encrypt.file_ending')}{path.suffix}")
    if force:
        write_atomically(target, made)
    elif write_new(target, made) is WriteOutcome.KEPT:
        raise UserError.of("encrypt.there", file=str(target))
    return target


def _encrypted(data: bytes, password: str) -> bytes:
    """Encrypt an .xlsx or .docx file; salts are drawn, so that no two results are the same.

    The result is opened again with the password before it is given out.

    Raises:
        ValueError: the bytes are no such file, or they are encrypted already.
    """
    # Imported late: few commands need it.
    from msoffcrypto.exceptions import EncryptionError, FileFormatError
    from msoffcrypto.format.ooxml import OOXMLFile

    target = io.BytesIO()
    try:
        OOXMLFile(io.BytesIO(data)).encrypt(password, target)
    except (EncryptionError, FileFormatError) as error:
        raise ValueError(str(error)) from None
    made = target.getvalue()
    if not is_locked(made) or unlock(made, (password,), Limits()) != data:
        raise ValueError("the encrypted file does not open again")
    return made
