"""Calendars that provinces have set in writing, as examples: ``<name>.toml`` in this folder.

They say what their sources say; what a source leaves open is left out.
"""

from __future__ import annotations

import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from consolidate.model.deadlines import Calendar, CalendarRow, Deadline
from consolidate.model.period import DataWindow, Period
from consolidate.model.units import Level, UnitKind

_HERE = Path(__file__).parent


@cache
def examples() -> dict[str, str]:
    """Names of the examples and what they are (``tien-giang``: ``Tiền Giang, 2018``), sorted."""
    return {path.stem: _read(path)["title"] for path in sorted(_HERE.glob("*.toml"))}


def example(name: str) -> Calendar:
    """The calendar of an example.

    Raises:
        KeyError: there is no such example.
    """
    if name not in examples():
        raise KeyError(name)
    return Calendar(tuple(map(_row, _read(_HERE / f"{name}.toml")["rows"])))


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _row(entry: dict[str, Any]) -> CalendarRow:
    window = DataWindow(entry["from"], entry["to"]) if "from" in entry else None
    before = "before" in entry  # "Trước ngày": the day itself is too late.
    due = entry["before"] - timedelta(days=1) if before else entry.get("due")
    return CalendarRow(
        period=Period.parse_code(entry["period"]),
        deadline=Deadline(
            window,
            due,
            entry.get("final"),
            entry.get("letter", ""),
            entry.get("note", ""),
            before,
        ),
        template=entry.get("template", ""),
        level=Level(entry["level"]) if "level" in entry else None,
        kind=UnitKind(entry["kind"]) if "kind" in entry else None,
    )
