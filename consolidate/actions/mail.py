"""Make mail drafts beside what was written for units: one for each unit and authority.

What goes with a mail is read from the folder, so that a letter that somebody has numbered, dated or
signed there goes out as it is. Drafts are rewritten unless a person changed them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from consolidate.actions.issue import IssuePlan
from consolidate.actions.return_files import CopyKind, WrittenCopies
from consolidate.definitions.catalogue import text
from consolidate.model.datasets import Library
from consolidate.model.text import format_day
from consolidate.model.units import OrganisationUnit
from consolidate.reports.captions import in_sentence, reports_of, status_text
from consolidate.reports.letter_plan import Letter
from consolidate.reports.letterhead import authority_of
from consolidate.reports.mail_drafts import (
    MailDraft,
    as_made,
    letter_lines,
    mail_bytes,
    usable_address,
)
from consolidate.templates.file_names import Names, period_slug, safe_name
from consolidate.templates.issued import Issue
from consolidate.xlsx.write.atomic_files import FilesWritten, read_bytes

MAIL = "mail"
"""Folder of the drafts, in the folder of what goes with them."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to a unit before its files are read: ``enclosed`` are their names in the folder."""

    file_name: str
    unit: OrganisationUnit
    subject: str
    lines: tuple[str, ...]
    enclosed: tuple[str, ...]


@dataclass(slots=True)
class MailsWritten(FilesWritten):
    """What became of drafts; ``unaddressed`` are units without an address for a mail, by code."""

    unaddressed: dict[str, OrganisationUnit] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Whether every mail is there as planned."""
        return not (self.kept or self.unaddressed)


def mails_of_issue(plan: IssuePlan) -> tuple[Mail, ...]:
    """Draft mails that hand units their templates, one for each unit and authority."""
    groups: dict[tuple[str, str], list[tuple[str, Issue]]] = {}
    for file in plan.files:
        if not file.members:
            (issue,) = file.issues
            recipient = plan.library.template_by_code[issue.template].recipient
            groups.setdefault((issue.unit.code, recipient), []).append((file.name, issue))
    names, province = Names(), plan.workspace.province
    return tuple(
        _issued(authority_of(recipient, province).name, items, plan.library, names)
        for (_, recipient), items in groups.items()
    )


def _issued(
    agency: str, items: Sequence[tuple[str, Issue]], library: Library, names: Names
) -> Mail:
    unit = items[0][1].unit
    lines, reports = [], []
    for name, issue in items:
        template = library.template_by_code[issue.template]
        report = f"{template.short_title} {in_sentence(issue.period)}"
        deadline = issue.deadline
        window = deadline.window if deadline is not None else None
        due = deadline.due if deadline is not None else None
        span = {"start": format_day(window.start), "end": format_day(window.end)} if window else {}
        said = {
            "report": report,
            "file": name,
            "window": text("mail.issue.window", **span) if window is not None else "",
            "due": text("mail.issue.due", day=format_day(due)) if due is not None else "",
        }
        lines.append(text("mail.issue.form", **said))
        reports.append(report)
    cited = (library.pack_of[issue.template].citation for _, issue in items)
    codes = " ".join(issue.template for _, issue in items)
    period = period_slug(items[0][1].period)
    ending = text("mail.issue.file_ending", templates=codes, period=period)
    return _mail(
        "issue",
        names.take(safe_name(f"{unit.code} {unit.name}", ".eml", ending=ending)),
        agency,
        unit,
        reports,
        lines,
        tuple(filter(None, dict.fromkeys(cited))),
        [name for name, _ in items],
    )


def mails_of_letters(letters: Iterable[Letter], province: str) -> tuple[tuple[Mail, ...], int]:
    """Draft mails for reminder letters; count the letters to several units, which have none."""
    mails, several = [], 0
    for letter in letters:
        if letter.to is None:
            several += 1
            continue
        reports = [f"{title} {in_sentence(period)}" for title, period in reports_of(letter.returns)]
        lines = []
        for status in letter.returns:
            due = format_day(status.due)
            said = {
                "unit": status.unit.name,
                "report": f"{status.template.short_title} {in_sentence(status.period)}",
                "due": text("mail.issue.due", day=due) if due else "",
                "state": status_text(status),
            }
            lines.append(text("mail.chase.report", **said))
        mails.append(
            _mail(
                "chase",
                _eml(letter.file_name),
                authority_of(letter.agency, province).name,
                letter.to,
                reports,
                lines,
                letter.bases,
                [letter.file_name],
            )
        )
    return tuple(mails), several


def mails_of_returns(done: WrittenCopies) -> tuple[Mail, ...]:
    """Draft mails for letters about corrections, each with the files that it names."""
    mails = []
    kinds = {item.name: item.kind for item in done.everything}
    for item in done.everything:
        if item.kind is not CopyKind.LETTER:
            continue
        lines = []
        for report, name in item.about:
            key = kinds[name].value if name else "alone"
            lines.append(text(f"mail.return.{key}", report=report, file=name))
        mails.append(
            _mail(
                "return",
                _eml(item.name),
                item.agency,
                item.unit,
                list(dict.fromkeys(report for report, _ in item.about)),
                lines,
                item.bases,
                [item.name, *(name for _, name in item.about if name)],
            )
        )
    return tuple(mails)


def write_mails(mails: Iterable[Mail], folder: Path, *, force: bool = False) -> MailsWritten:
    """Write drafts into the folder ``mail`` of a folder, with the files that lie there.

    Units without a usable address get none and are named.

    Raises:
        OSError: a file cannot be read or written.
    """
    target = folder / MAIL
    written = MailsWritten(target)
    for mail in mails:
        if usable_address(mail.unit.email):
            target.mkdir(parents=True, exist_ok=True)
            enclosed = tuple((name, read_bytes(folder / name)) for name in mail.enclosed)
            draft = MailDraft(mail.unit.name, mail.unit.email, mail.subject, mail.lines, enclosed)
            path = target / mail.file_name
            ours = path.is_file() and as_made(read_bytes(path))
            written.write(mail.file_name, mail_bytes(draft), force=force or ours)
        else:
            written.unaddressed.setdefault(mail.unit.code, mail.unit)
    return written


def _eml(letter: str) -> str:
    return f"{PurePath(letter).stem}.eml"


def _mail(
    kind: str,
    file_name: str,
    agency: str,
    unit: OrganisationUnit,
    reports: Sequence[str],
    lines: Sequence[str],
    bases: Sequence[str],
    enclosed: Sequence[str],
) -> Mail:
    """Lay out a mail of a kind (issue, chase, return) from what it says of each report."""
    said: Mapping[str, str] = {
        "agency": agency,
        "unit": unit.name,
        "reports": text("letter.and").join(reports),
        "file": enclosed[0],
    }
    told = [text(f"mail.{kind}.opening", **said), *lines, text(f"mail.{kind}.request", **said)]
    return Mail(
        file_name,
        unit,
        text(f"mail.{kind}.subject", **said),
        letter_lines(agency, unit.name, told, bases),
        tuple(dict.fromkeys(enclosed)),
    )
