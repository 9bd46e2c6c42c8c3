"""Check single files, or a workbook that is open: under the limits of a merge on time and memory.

A worker process reads them; a file that outlasts it, or ends it, costs only itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from consolidate.intake.read_file import ReadSettings
from consolidate.merge.read_files import bytes_alone, read_alone, start_workers
from consolidate.model.datasets import Library
from consolidate.model.returns import FileReading, writable_name


def check_files(
    library: Library, paths: Sequence[Path], settings: ReadSettings
) -> tuple[FileReading, ...]:
    """Read each of some files, or the files in it, and ask every check that needs nothing else."""
    readings: list[FileReading] = []
    with start_workers(library, settings) as worker:
        for path in paths:
            readings += read_alone(worker, path.parent, path.name, settings).readings
    return tuple(
        replace(one, path=writable_name(one.path), member=writable_name(one.member))
        for one in readings
    )


def check_bytes(library: Library, name: str, data: bytes) -> FileReading:
    """Check the bytes of a workbook that is open in Excel (:func:`check_files`)."""
    settings = ReadSettings()
    with start_workers(library, settings) as worker:
        return bytes_alone(worker, name, data, settings)
