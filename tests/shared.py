"""What the workers of one run share: bytes that take long to make are made by one of them.

``python -m tests`` makes the folder and removes it at the end; without it each process makes its
own.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

FOLDER = "CONSOLIDATE_TESTS_SHARED"
"""Environment variable that names the folder."""


def shared(name: str, make: Callable[[], bytes]) -> bytes:
    """The bytes that ``make`` gives, from whichever worker needs them first."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return make()
    path = Path(folder, hashlib.sha256(name.encode()).hexdigest())
    try:
        return path.read_bytes()
    except FileNotFoundError:
        data = make()
    making = path.with_suffix(f".{os.getpid()}")
    making.write_bytes(data)
    making.replace(path)
    return data
