"""Check single files, or a workbook that is open: under the limits of a merge on time and memory.

A worker process reads them; a file that outlasts it, or ends it, costs only itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from consolidate.intake.read_file import ReadSettings
from consolidate.merge import read_files
from consolidate.merge.read_files import read_alone, workers
from consolidate.model.datasets import Library
from consolidate.model.returns import FileReading, writable_name


def check_files(
    library: Library, paths: Sequence[Path], settings: ReadSettings
) -> tuple[FileReading, ...]:
    """Read each of some files, or the files in it, and ask every check that needs nothing else."""
    readings: list[FileReading] = []
    with workers(library, Path(), 1, settings) as pool:
        for path in paths:
            if pool is None:
                source = read_files.check(library, path, settings=settings)
            else:
                source = read_alone(pool, path.parent, path.name, settings)
            readings += source.readings
    return tuple(
        replace(one, path=writable_name(one.path), member=writable_name(one.member))
        for one in readings
    )


def check_bytes(library: Library, name: str, data: bytes) -> FileReading:
    """As :func:`check_files`, for the bytes of a workbook that is open in Excel."""
    settings = ReadSettings()
    with workers(library, Path(), 1, settings) as pool:
        if pool is None:
            return read_files.check_bytes(library, name, data, settings)
        return read_files.bytes_alone(pool, name, data, settings)
