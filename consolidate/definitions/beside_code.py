"""What was made of the definitions, kept beside the compiled modules and trusted as those are.

Python keeps compiled modules in ``__pycache__``, where it may. What takes long to make of TOML is
kept in the same folder. Who can write to that folder can change the program as well. Nothing from a
unit or from a province is kept there.
"""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

_CODE = Path(__file__).parent.parent
_SUM = 4


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
    return made if sum_ == _sum(made) else None


def keep(name: str, stand: bytes, content: bytes) -> None:
    """Keep what was made, unless Python may not keep its modules there either."""
    path = _path(name)
    if path is None or sys.dont_write_bytecode:
        return
    made = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        made.write_bytes(_head(stand) + _sum(content) + content)
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


def _sum(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(_SUM, "big")
