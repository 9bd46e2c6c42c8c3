"""Guard standard output and error that may be closed, full or gone: work goes on.

What a command writes to its streams says what it did; the work itself goes to files. So an error of
a stream is never taken for one of the disk that results are written to.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO, cast


class _Told:
    """A stream that forgets what cannot be written, and remembers that it did."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.lost = False
        self._silent = False

    def write(self, words: str) -> int:
        """Write a text; raises no error of the device."""
        self._try(lambda: self.stream.write(words))
        return len(words)

    def writelines(self, lines: list[str]) -> None:
        """Write texts."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Write what waits to be written."""
        self._try(self.stream.flush)

    def end(self) -> None:
        """Leave nothing that the end of the program would try to write again."""
        self.flush()
        if self._silent:
            with contextlib.suppress(OSError, ValueError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self.stream.fileno())
                os.close(nowhere)

    def _try(self, action: Callable[[], object]) -> None:
        if self._silent:
            return
        try:
            action()
        except OSError as error:
            self._silent = True
            # Who closed a pipe has read enough.
            self.lost = error.errno not in (errno.EPIPE, errno.EBADF)
        except ValueError:  # It is closed.
            self._silent = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@contextlib.contextmanager
def told_streams() -> Iterator[Callable[[], bool]]:
    """Take the streams of the program in hand; tells whether output was lost on the way."""
    _open_closed()
    before = sys.stdout, sys.stderr
    told = []
    for name, stream in zip(("stdout", "stderr"), before, strict=True):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
        kept = _Told(stream)
        told.append(kept)
        setattr(sys, name, cast(TextIO, kept))

    def lost() -> bool:
        told[0].flush()
        return told[0].lost

    try:
        yield lost
    finally:
        for stream in told:
            stream.end()
        sys.stdout, sys.stderr = before


def _open_closed() -> None:
    """Give the three standard numbers to nothing where they are free.

    Else the next file that is opened, such as the register, would be taken for the output of this
    program by whatever writes there. Worker processes are given the same.
    """
    for number in (0, 1, 2):
        with contextlib.suppress(OSError):
            try:
                os.fstat(number)
            except OSError:
                os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - It stays open until the process ends.
            setattr(sys, name, nowhere)
