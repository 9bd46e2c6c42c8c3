"""What workbooks said: one row per workbook, version of the program and unit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from consolidate.model.period import DataWindow, Period
from consolidate.register.store.encoding import (
    figures_from_json,
    figures_to_json,
    findings_from_json,
    findings_to_json,
)
from consolidate.register.store.facts import StoredReturn
from consolidate.register.store.files import files_by_digest
from consolidate.register.store.schema import Words, portions, returns

ReturnKey = tuple[str, str, str]
"""SHA-256 of the workbook, version of the program, code of the unit."""


def add_returns(connection: Connection, new: Iterable[StoredReturn]) -> int:
    """Record returns; one that is on record stays as it is. Returns how many were added.

    The same version reads the same bytes alike, so there is nothing to compare.

    Raises:
        ValueError: a file is not registered.
    """
    wanted: dict[ReturnKey, StoredReturn] = {}
    for item in new:
        wanted.setdefault(_key(item), item)
    digests = {sha256 for sha256, _, _ in wanted}
    absent = digests - files_by_digest(connection, digests).keys()
    if absent:
        raise ValueError(f"not registered: {', '.join(sorted(absent))}")
    for key in ids_of(connection, digests):
        wanted.pop(key, None)
    if wanted:
        connection.execute(insert(returns), [_row(item) for item in wanted.values()])
    return len(wanted)


def ids_of(connection: Connection, digests: Iterable[str]) -> dict[ReturnKey, int]:
    """Row numbers of the returns of these workbooks."""
    columns = (returns.c.sha256, returns.c.reader, returns.c.unit, returns.c.id)
    found: dict[ReturnKey, int] = {}
    for some in portions(sorted(set(digests))):
        query = select(*columns).where(returns.c.sha256.in_(some))
        for sha256, reader, unit, number in connection.execute(query):
            found[sha256, reader, unit] = number
    return found


def returns_of(connection: Connection, sha256: str) -> tuple[StoredReturn, ...]:
    """Everything that was ever read in a workbook, in the order in which it was recorded."""
    query = select(returns).where(returns.c.sha256 == sha256).order_by(returns.c.id)
    return tuple(return_from(row) for row in connection.execute(query))


def return_from(row: Row[Any], data_set: str | None = None) -> StoredReturn:
    """A row of the table as a fact, with the values of all data sets or of one."""
    whole = row.window_start is not None and row.window_end is not None
    return StoredReturn(
        sha256=row.sha256,
        reader=row.reader,
        unit=row.unit,
        template=row.template,
        version=row.version,
        period=Period.parse_code(row.period) if row.period is not None else None,
        revision=row.revision,
        window=DataWindow(row.window_start, row.window_end) if whole else None,
        values=figures_from_json(row.figures, data_set),
        findings=findings_from_json(row.findings),
    )


def _key(item: StoredReturn) -> ReturnKey:
    return item.sha256, Words.stored(item.reader), Words.stored(item.unit)


def _row(item: StoredReturn) -> dict[str, object]:
    return {
        "sha256": item.sha256,
        "reader": item.reader,
        "unit": item.unit,
        "template": item.template,
        "version": item.version,
        "period": item.period.code if item.period is not None else None,
        "revision": item.revision,
        "window_start": item.window.start if item.window is not None else None,
        "window_end": item.window.end if item.window is not None else None,
        "figures": figures_to_json(item.values),
        "findings": findings_to_json(item.findings),
    }
