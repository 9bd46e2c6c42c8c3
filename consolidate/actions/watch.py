"""Merge an inbox again whenever files came to it, once they lie still and are whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from consolidate.intake.inbox import scan
from consolidate.xlsx.read.file_kinds import ZIP

State = frozenset[tuple[str, int, int]]
"""Name, size and time of every file: what copying changes until it is done."""

PATIENCE = 30
"""Looks at files that lie still and are not whole, before they are told as what they are."""
REST = 10
"""Looks between two tries where a merge is refused, for example by a result open in Excel."""

_LOOK_MS = 1_000
_END, _END_LENGTH = b"PK\x05\x06", 22 + 0xFFFF
"""What a ZIP file, such as a workbook, ends with, and the bytes in which that begins."""


def state_of(inbox: Path) -> State:
    """List the files of an inbox as they lie there now."""
    found = []
    for name in scan(inbox).files if inbox.is_dir() else ():
        try:
            at = (inbox / name).lstat()
        except OSError:  # It went away meanwhile.
            continue
        found.append((name, at.st_size, at.st_mtime_ns))
    return frozenset(found)


def follow(
    inbox: Path,
    merged: State,
    looks: Iterable[Collection[object]],
    refresh: Callable[[], bool],
) -> None:
    """Refresh when files of an inbox changed and nothing changed between two looks.

    Args:
        inbox: the folder that is watched.
        merged: its files as they were before they were merged.
        looks: what happened since the look before; nothing where only time went by.
        refresh: merges; whether it did. If not, it is asked again after ``REST`` looks, or when
            something happens.
    """
    seen: State = frozenset()
    patience, rest = PATIENCE, 0
    for happened in looks:
        rest = 0 if happened else max(0, rest - 1)
        if rest or (not happened and seen == merged):
            continue
        now = state_of(inbox)
        if now != seen:
            seen, patience = now, PATIENCE
            if now != merged:
                continue
        if now == merged:
            continue
        if patience and any(_is_partial(inbox / name) for name, *_ in now - merged):
            patience -= 1
        elif refresh():
            merged = now
        else:
            rest = REST


def looks_at(inbox: Path) -> Iterator[Collection[object]]:
    """Tell once a second what happens in a folder, until Ctrl+C (``KeyboardInterrupt``).

    Raises:
        ImportError: watchfiles is not installed.
    """
    from watchfiles import watch

    events: Iterator[Collection[object]] = watch(
        inbox,
        watch_filter=None,
        rust_timeout=_LOOK_MS,
        yield_on_timeout=True,
        raise_interrupt=True,
    )
    return events


def _is_partial(path: Path) -> bool:
    """Tell whether a file is still being written: empty, locked, or a ZIP file without its end.

    Some programs that copy set the length of a file first: what is not written yet is zero.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4)
            if not head.startswith(ZIP):
                return not head.strip(b"\0")
            file.seek(max(0, path.stat().st_size - _END_LENGTH))
            return _END not in file.read()
    except FileNotFoundError:
        return False
    except OSError:
        return True
