"""The catalogue: every text that a person reads, in Vietnamese, in ``messages/*.toml``.

A key is ``<file>.<name>``: ``summary.title`` is ``title`` in ``messages/summary.toml``. A file is
read when its first text is asked for, so that a command loads only what it says.

What takes long to make of TOML is kept (:func:`keep`) beside the compiled modules, in
``__pycache__``, and trusted as those are: who can write to that folder can change the program as
well. Nothing from a unit or from a province is kept there.
"""

from __future__ import annotations

import marshal
import os
import sys
import zlib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from consolidate.model.period import Period
from consolidate.model.reasons import CAPITAL, JOINED, Reason
from consolidate.model.text import format_day, format_number, visible_lines

_CODE = Path(__file__).parent.parent
_SUM = 4
_MESSAGES = Path(__file__).parent / "messages"


def text(key: str, /, **values: object) -> str:
    """The text of a key with its ``{placeholders}`` filled; as it stands when none are given.

    What fills them may come from a unit: nothing hidden in it stays hidden.

    Raises:
        KeyError: there is no such text, or a placeholder was not given.
    """
    section, _, name = key.partition(".")
    template = texts(section)[name]
    return visible_lines(template.format(**values)) if values else template


def sentence(value: object) -> str:
    """Show a reason as its Vietnamese sentence, any other value as people write it.

    Numbers are shown in Vietnamese notation, days as ``dd/mm/yyyy``, periods by their label, a
    tuple as a list with semicolons, ``None`` as ``""``.

    Raises:
        KeyError: there is no such text, or a blank has no value.
    """
    if isinstance(value, Reason):
        given = dict(value.values)
        if value.key == JOINED:
            between, parts = given["separator"], given["parts"]
            assert isinstance(between, str)
            assert isinstance(parts, tuple)
            return (text(between) if between else " ").join(map(sentence, parts))
        if value.key == CAPITAL:
            said = sentence(given["part"])
            return said[:1].upper() + said[1:]
        return text(value.key, **{blank: sentence(part) for blank, part in value.values})
    if isinstance(value, tuple):
        return "; ".join(map(sentence, value))
    if isinstance(value, Period):
        return value.label
    if isinstance(value, Decimal):
        return format_number(value)
    if isinstance(value, date):
        return format_day(value)
    return "" if value is None else visible_lines(str(value))


@cache
def texts(section: str) -> dict[str, str]:
    """All texts of one file of the catalogue, nested tables joined by dots.

    Raises:
        KeyError: there is no such file.
    """
    source = _MESSAGES / f"{section}.toml"
    if not source.is_file():
        raise KeyError(section)
    made_of = ("definitions/catalogue.py", f"definitions/messages/{section}.toml")
    stand = repr(list(state(*made_of))).encode()
    known = kept(f"messages.{section}", stand)
    if known is not None:
        flat: dict[str, str] = marshal.loads(known)
        return flat
    import tomllib  # Few texts are parsed that were not parsed before.

    flat = {}
    _flatten("", tomllib.loads(source.read_text(encoding="utf-8")), flat)
    keep(f"messages.{section}", stand, marshal.dumps(flat))
    return flat


def _flatten(prefix: str, table: dict[str, object], into: dict[str, str]) -> None:
    for key, value in table.items():
        if isinstance(value, dict):
            _flatten(f"{prefix}{key}.", value, into)
        else:
            into[f"{prefix}{key}"] = str(value)


def kept(name: str, stand: bytes) -> bytes | None:
    """What was kept under a name, if it was made from the same; ``stand`` says from what."""
    path = _path(name)
    try:
        content = path.read_bytes() if path is not None else b""
    except OSError:
        return None
    head = _head(stand)
    if not content.startswith(head):
        return None
    sum_, made = content[len(head) : len(head) + _SUM], content[len(head) + _SUM :]
    return made if sum_ == _checksum(made) else None


def keep(name: str, stand: bytes, content: bytes) -> None:
    """Keep what was made, unless Python may not keep its modules there either."""
    path = _path(name)
    if path is None or sys.dont_write_bytecode:
        return
    made = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        made.write_bytes(_head(stand) + _checksum(content) + content)
        made.replace(path)
    except OSError:
        made.unlink(missing_ok=True)


def state(*places: str) -> Iterator[tuple[str, int, int]]:
    """Size and time of files of the program, by which Python knows changed modules.

    ``places`` are files or folders of modules, relative to the package.
    """
    for place in places:
        path = _CODE / place
        for file in sorted(path.glob("*.py")) if path.is_dir() else (path,):
            at = file.stat()
            yield file.name, at.st_size, at.st_mtime_ns


def _path(name: str) -> Path | None:
    beside = __spec__.cached
    return Path(beside).with_name(f"{name}.{sys.implementation.cache_tag}.pyc") if beside else None


def _head(stand: bytes) -> bytes:
    return b"%d %b %b" % (len(stand), stand, sys.version.encode())


def _checksum(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(_SUM, "big")
