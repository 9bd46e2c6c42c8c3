"""Take members out of a container: how much may come out, and names that are safe to show."""

from __future__ import annotations

import importlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Generic, TypeVar

from consolidate.intake.inbox import is_left_behind
from consolidate.xlsx.read.package_gate import Limits, Refused, megabytes

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside a container.

    ``name`` is its path in there, safe to show and unique: ``inner.zip/a.xlsx`` for a file of an
    archive inside. Either ``data`` are its bytes, or ``refused`` says why it was not taken out.
    """

    name: str
    data: bytes = b""
    refused: Refused | None = None


@dataclass(frozen=True, slots=True)
class Container:
    """Members in the order of file names; folders are not listed.

    ``ignored`` are files that programs left behind, and the inline pictures and signatures of
    mails.
    """

    members: tuple[Member, ...]
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed(Generic[E]):
    """A file as a directory lists it: name as it stands there, sizes in bytes, its entry.

    A link, a device or the like is ``special``: nothing that has a content of its own.
    """

    name: str
    size: int
    packed: int
    entry: E
    special: bool = False


class ExtractionBudget:
    """How many files, and how many bytes of them, may still be taken out of one container.

    ``passwords`` are tried on whatever in it is encrypted.
    """

    def __init__(self, limits: Limits, passwords: Sequence[str]) -> None:
        self.limits = limits
        self.passwords = passwords
        self.members = limits.members
        self.inflated = limits.inflated

    def admit(self, files: Sequence[Listed[E]], packed: int) -> list[Refused | None]:
        """Take the files of one archive of ``packed`` bytes from the budget, by what it says.

        For every file: ``None``, or why it is not taken out.

        Raises:
            Refused: what the archive says it holds is more than the budget; none is taken.
        """
        if len(files) > self.members:
            raise Refused("archive_too_many", unreadable=True, detail=len(files))
        answers = [self._answer(file) for file in files]
        sizes = (file.size for file, answer in zip(files, answers, strict=True) if answer is None)
        inflated = sum(sizes)
        if inflated > self.inflated or self.limits.is_bomb(inflated, packed):
            raise Refused("bomb", unreadable=True, detail=megabytes(inflated))
        self.members -= len(files)
        self.inflated -= inflated
        return answers

    def _answer(self, file: Listed[E]) -> Refused | None:
        if file.size > self.limits.file_size:
            return Refused("too_large", unreadable=True, detail=megabytes(file.size))
        if self.limits.is_bomb(file.size, file.packed):
            return Refused("bomb", unreadable=True, detail=megabytes(file.size))
        return None

    def check_count(self, count: int) -> None:
        """Reject a directory longer than any that a person made.

        Raises:
            Refused: it is longer.
        """
        if count > max(self.limits.entries, self.limits.members):
            raise Refused("archive_too_many", unreadable=True, detail=count)


def take(
    listed: Sequence[Listed[E]],
    packed: int,
    budget: ExtractionBudget,
    read: Callable[[E], bytes],
    prepare: Callable[[Sequence[E]], None] | None = None,
) -> Container:
    """Take the files of an archive out one by one; one that fails costs no other.

    Archives among them are not opened, and names stay as they stand.
    ``read`` gives the bytes of one entry and never more than it says; ``prepare`` is told before
    which entries will be asked for. What is special is refused.

    Raises:
        Refused: the files need more than the budget.
    """
    special = [file.name for file in listed if file.special]
    files: list[Listed[E]] = []
    ignored: list[str] = []
    for file in listed:
        if not file.special and is_left_behind(safe_name(file.name)):
            ignored.append(file.name)
        elif not file.special:
            files.append(file)
    answers = budget.admit(files, packed)
    if prepare is not None:
        prepare([file.entry for file, no in zip(files, answers, strict=True) if no is None])
    members = [
        _member(file, read) if no is None else Member(file.name, refused=no)
        for file, no in zip(files, answers, strict=True)
    ]
    if len(special) > budget.members:
        raise Refused("archive_too_many", unreadable=True, detail=len(special))
    budget.members -= len(special)
    members += [Member(name, refused=Refused("member_link", unreadable=True)) for name in special]
    return Container(tuple(members), tuple(ignored))


def _member(file: Listed[E], read: Callable[[E], bytes]) -> Member:
    try:
        data = read(file.entry)
    except Refused as refused:
        return Member(file.name, refused=refused.bare())
    except Exception:
        # Whatever a library makes of damaged bytes: it is this file that cannot be read.
        return Member(file.name, refused=damaged_member())
    if len(data) != file.size:
        return Member(file.name, refused=damaged_member())
    return Member(file.name, data)


def damaged_member() -> Refused:
    """Refuse a file whose bytes in the archive are damaged."""
    return Refused("damaged_member", unreadable=True)


def damaged_archive() -> Refused:
    """Refuse an archive or mail in which nothing can be found."""
    return Refused("damaged_archive", unreadable=True)


def library(name: str) -> Any:
    """Load a library of the optional part ``archives``.

    Raises:
        Refused: it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        raise Refused("archive_library", unreadable=True, detail=name) from None


NAMELESS = "không tên"
"""Name of a file without a name that could be shown."""
_LONGEST = 200
"""Characters of the longest name that is shown whole."""
_DRIVE = re.compile(r"[A-Za-z]:")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that cannot be seen, or that turn what stands around them."""


def safe_name(raw: str) -> str:
    """Make a name safe to show: NFC, forward slashes, no way out of the archive.

    Nothing is ever written to a path made of it. Characters that cannot be seen, or that turn the
    direction of writing, become ``\\N{REPLACEMENT CHARACTER}``.
    """
    text = unicodedata.normalize("NFC", raw.replace("\\", "/"))
    parts = ["".join(map(_shown, part)).strip() for part in text.split("/")]
    name = "/".join(
        part for part in parts if part not in ("", ".", "..") and not _DRIVE.fullmatch(part)
    )
    if len(name) > _LONGEST:
        suffix = PurePosixPath(name).suffix[:10]
        name = name[: _LONGEST - len(suffix)] + suffix
    return name


def _shown(sign: str) -> str:
    category = unicodedata.category(sign)
    if category == "Zs":
        return " "
    return "\N{REPLACEMENT CHARACTER}" if category in _HIDDEN else sign


def unique_names(raw_names: Iterable[str]) -> Iterator[str]:
    """Make names safe to show and number those that come again: ``a.xlsx``, ``a (2).xlsx``."""
    given: set[str] = set()
    last: dict[str, int] = {}
    for raw in raw_names:
        name = safe_name(raw) or NAMELESS
        folder, slash, ending = name.rpartition("/")
        suffix = PurePosixPath(ending).suffix
        stem = ending.removesuffix(suffix)
        unique, number = name, last.get(name, 1)
        while unique in given:
            number += 1
            unique = f"{folder}{slash}{stem} ({number}){suffix}"
        last[name] = number
        given.add(unique)
        yield unique
