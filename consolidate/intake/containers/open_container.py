"""Open containers, and containers inside them, by content and under common limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from consolidate.intake.containers.members import (
    Container,
    ExtractionBudget,
    Member,
    damaged_archive,
    damaged_member,
    unique_names,
)
from consolidate.intake.containers.rars_and_7z import take_7z, take_rar
from consolidate.intake.containers.zips_and_tars import take_packed, take_tar, take_zip
from consolidate.model.text import file_key
from consolidate.xlsx.read.compound import OLE
from consolidate.xlsx.read.file_kinds import (
    BZIP2,
    EMPTY_ZIP,
    GZIP,
    RAR,
    SEVEN_ZIP,
    SPLIT_ZIP,
    XZ,
    ZIP,
    is_mail,
    is_tar,
    without_head,
)
from consolidate.xlsx.read.package_gate import (
    Limits,
    Refused,
    check_size,
    directory,
    old_kind,
    records,
)

_Take = Callable[[bytes, ExtractionBudget], Container]
_DEEPEST = 8
"""Containers inside each other, mails counted: as far as anything is followed."""
_DOCUMENT = frozenset({b"[content_types].xml", b"mimetype", b"meta-inf/manifest.xml"})
_FOLDERS, _PARTS = (b"xl/", b"word/", b"ppt/"), (b".xml", b".rels", b".bin")


def open_container(data: bytes, limits: Limits, passwords: Sequence[str] = ()) -> Container | None:
    """List the files of an archive or a mail, those of archives and mails inside it included.

    ``None`` when the bytes are no container: a workbook, a Word file, anything else. Archives may
    lie inside each other as deep as ``limits.depth``; a mail is no archive and does not count. The
    number of files and of bytes are limited for all of them together. What cannot be taken out is
    a member that says why.

    Raises:
        Refused: the bytes are a container, and nothing in it can be reached.
    """
    data = without_head(data)
    take = _kind(data)
    if take is None:
        return None
    check_size(data, limits)
    members, ignored = _open(data, take, ExtractionBudget(limits, passwords), (0, 0))
    unique = _renamed(members)
    return Container(
        tuple(sorted(unique, key=lambda one: (file_key(one.name), one.name))),
        tuple(sorted(unique_names(ignored))),
    )


def _renamed(members: Sequence[Member]) -> list[Member]:
    """Members with names that are safe to show, each another."""
    names = unique_names(one.name for one in members)
    return [Member(name, one.data, one.refused) for name, one in zip(names, members, strict=True)]


def _take_mail(data: bytes, budget: ExtractionBudget) -> Container:
    from consolidate.intake.containers.mails import take_mail  # Few files are: not at the start.

    return take_mail(data, budget)


def _kind(data: bytes) -> _Take | None:
    """Choose what opens these bytes; ``None`` for anything but a container."""
    if data.startswith(ZIP):
        if any(map(_is_document, directory(data))):
            return None
        return take_zip if any(True for _ in records(data)) else None
    for signature, take in _SIGNATURES.items():
        if data.startswith(signature):
            return take
    if data.startswith(OLE):
        return _take_mail if old_kind(data) == "mail" else None
    if is_tar(data):
        return take_tar
    return _take_mail if is_mail(data) else None


def _is_document(name: bytes) -> bool:
    """A part by which a ZIP file is a document and no archive."""
    folded = name.lower()
    return (
        folded in _DOCUMENT
        or folded.endswith(b".iwa")
        or (folded.startswith(_FOLDERS) and folded.endswith(_PARTS))
    )


_SIGNATURES: dict[bytes, _Take] = {
    EMPTY_ZIP: take_zip,
    SPLIT_ZIP: take_zip,
    SEVEN_ZIP: take_7z,
    RAR: take_rar,
    GZIP: take_packed,
    BZIP2: take_packed,
    XZ: take_packed,
}


def _open(
    data: bytes, take: _Take, budget: ExtractionBudget, depth: tuple[int, int]
) -> tuple[list[Member], list[str]]:
    """Members and ignored names of a container; ``depth`` counts archives, and all containers."""
    is_letter = take is _take_mail
    deeper = (depth[0] + (not is_letter), depth[1] + 1)
    if deeper[0] > budget.limits.depth or deeper[1] > _DEEPEST:
        raise Refused("archive_too_deep", unreadable=True)
    try:
        taken = take(data, budget)
    except Refused:
        raise
    except Exception:
        # Whatever a library makes of damaged bytes: what it should have said is that.
        raise damaged_archive() from None
    if not taken.members:
        raise Refused("mail_empty" if is_letter else "archive_empty", unreadable=False)
    if all(one.refused == damaged_member() for one in taken.members):
        raise damaged_archive()
    members: list[Member] = []
    ignored = list(taken.ignored)
    for member in _renamed(taken.members):
        inner, left_out = _expand(member, budget, deeper)
        members += inner
        ignored += left_out
    return members, ignored


def _expand(
    member: Member, budget: ExtractionBudget, depth: tuple[int, int]
) -> tuple[list[Member], list[str]]:
    """A member, or what it holds when it is a container itself."""
    data = without_head(member.data)
    take = _kind(data)
    if take is None:
        return [member], []
    # What is opened does not count itself, only what it holds.
    budget.members += 1
    try:
        members, ignored = _open(data, take, budget, depth)
    except Refused as refused:
        budget.members -= 1
        return [Member(member.name, refused=refused.bare())], []
    prefix = f"{member.name}/"
    return (
        [Member(prefix + one.name, one.data, one.refused) for one in members],
        [prefix + name for name in ignored],
    )
