"""Export every value of a run on record as one flat table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from consolidate.model.reasons import UserError, because
from consolidate.model.units import Roster
from consolidate.province.workspace import Workspace

if TYPE_CHECKING:
    from consolidate.model.period import Period
    from consolidate.model.runs import Run
    from consolidate.register.register import Register
    from consolidate.reports.values_table import TableFormat

EXPORT_STEM = "values-"
"""Beginning of the name of an exported table; the round follows."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A written table: its path, how many values and units are in it."""

    path: Path
    values: int
    units: int


def export_path(workspace: Workspace, period: Period, kind: TableFormat) -> Path:
    """Choose where the values of a round are written when nothing else is said."""
    return workspace.results / f"{EXPORT_STEM}{period.code}{kind.ending}"


def export_values(
    workspace: Workspace,
    register: Register,
    run: Run,
    roster: Roster,
    kind: TableFormat,
    *,
    path: Path | None = None,
    lists: bool = False,
    redact: bool = False,
) -> Exported:
    """Write the values of a run into the results of a workspace, or to ``path``.

    Open tables (names of cases and persons) are left out without ``lists``. With ``redact`` words
    of units are covered wherever they stand.

    Raises:
        UserError: the library that writes this format is not installed.
        OSError: the file cannot be written.
    """
    from consolidate.merge.adjusting import counted_files
    from consolidate.reports.values_table import values_table, write_table
    from consolidate.xlsx.write.files import write_atomically

    period = run.head.period
    library = workspace.library.at(period)
    files = counted_files(workspace.library, register, run, roster)
    rows = values_table(files, library, period, lists=lists, redact=redact)
    try:
        content = write_table(rows, kind)
    except ImportError:
        raise UserError((because("export.needs_library", format=kind.value),)) from None
    target = path or export_path(workspace, period, kind)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, content)
    return Exported(target, len(rows), len({row.unit for row in rows}))
