"""Draft the reports of a round: one Word file for each pack, by the template of the province."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from consolidate.actions.merge import MergeOrder, do_merge
from consolidate.actions.what_changed import Since, since_last_merge
from consolidate.merge.read_files import Progress
from consolidate.model.datasets import Library
from consolidate.model.packs import Pack
from consolidate.model.period import Period
from consolidate.model.reasons import UserError, because
from consolidate.province.workspace import Workspace
from consolidate.reports.authority import Authority, authority_of
from consolidate.reports.report_in_word import shipped_outline, template_bytes
from consolidate.templates.file_names import OFFICIAL, official_name, period_slug, safe_name
from consolidate.xlsx.write.files import (
    WriteOutcome,
    as_sealed,
    read_bytes,
    write_unless_changed,
)

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
    since: Since | None


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
            continue  # Nobody owes it and nobody sent it.
        authority = authority_of(pack.template.recipient, province, signatories)
        own = template_path(workspace, pack)
        there = own.is_file()
        template = read_bytes(own) if there else _template(pack, authority)
        tags = Tags(result, pack, own.name)
        words = words_of(tags, calendar, authority, annex)
        try:
            made = report_bytes(template, tags, words)
        except ImportError:
            raise UserError((because("report.needs_library"),)) from None
        path = workspace.results / _name(pack, result.period)
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
        raise UserError((because("report.no_forms", period=period),), wrong_call=True)
    return packs


def _name(pack: Pack, period: Period) -> str:
    own = pack.period_for(period) or period
    return safe_name(f"{OFFICIAL}{pack.family}", ".docx", ending=period_slug(own))
