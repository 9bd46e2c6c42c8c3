"""Adjustments, waivers and revocations: added by whole workbooks, all of it or nothing.

An officer applies the same workbook again after adding a line: what is on record already, word for
word, is passed over. The same id with other words is refused; ids of a kind are used once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Table, insert, select

from consolidate.model.corrections import (
    Adjustment,
    CorrectionKind,
    Corrections,
    Revocation,
    Waiver,
    said_by,
)
from consolidate.model.errors import UserError
from consolidate.model.period import Period
from consolidate.model.reasons import because
from consolidate.model.values import ValueKey
from consolidate.register.store.schema import Words, adjustments, revocations, waivers

_Fact = TypeVar("_Fact", Adjustment, Waiver, Revocation)


def add_corrections(connection: Connection, new: Corrections) -> int:
    """Record what is not on record yet; how many that was.

    Raises:
        UserError: an id is on record with other words, or a revocation names no correction.
    """
    known = corrections_on_record(connection)
    fresh_adjustments = _fresh(new.adjustments, known.adjustments)
    fresh_waivers = _fresh(new.waivers, known.waivers)
    ids = {(CorrectionKind.ADJUSTMENT, item.id) for item in known.adjustments + fresh_adjustments}
    ids |= {(CorrectionKind.WAIVER, item.id) for item in known.waivers + fresh_waivers}
    fresh_revocations = _fresh(new.revocations, known.revocations)
    for end in fresh_revocations:
        if (end.kind, end.id) not in ids:
            raise UserError((because("register.revokes_nothing", id=end.id),))
    _insert(connection, adjustments, [_adjustment_row(item) for item in fresh_adjustments])
    _insert(connection, waivers, [_waiver_row(item) for item in fresh_waivers])
    _insert(connection, revocations, [_revocation_row(item) for item in fresh_revocations])
    return len(fresh_adjustments) + len(fresh_waivers) + len(fresh_revocations)


def corrections_on_record(connection: Connection) -> Corrections:
    """Everything that was ever recorded, revoked and expired corrections too."""
    return Corrections(
        tuple(_adjustment_from(row) for row in _rows(connection, adjustments)),
        tuple(_waiver_from(row) for row in _rows(connection, waivers)),
        tuple(_revocation_from(row) for row in _rows(connection, revocations)),
    )


def corrections_digest(corrections: Corrections) -> str:
    """SHA-256 of corrections, in hexadecimal; ``""`` when there are none."""
    parts = [
        [said_by(item) for item in group]
        for group in (corrections.adjustments, corrections.waivers, corrections.revocations)
    ]
    if not any(parts):
        return ""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


def _fresh(new: Sequence[_Fact], known: Sequence[_Fact]) -> tuple[_Fact, ...]:
    by_id = {_id(item): item for item in known}
    fresh: list[_Fact] = []
    for item in new:
        stored = _as_stored(item)
        other = by_id.setdefault(_id(stored), stored)
        if other != stored:
            raise UserError((because("register.correction_differs", id=item.id),))
        if other is stored:
            fresh.append(stored)
    return tuple(fresh)


def _id(item: Adjustment | Waiver | Revocation) -> tuple[str, str]:
    return (item.kind.value if isinstance(item, Revocation) else ""), item.id


def _as_stored(item: _Fact) -> _Fact:
    """The fact with its texts as they will come back, so that it equals itself on record."""
    fields: dict[str, Any] = {
        name: Words.stored(value)
        for name in item.__slots__
        if type(value := getattr(item, name)) is str
    }
    return replace(item, **fields)


def _rows(connection: Connection, table: Table) -> Sequence[Row[Any]]:
    # Sorted here and not by the database, whose order of letters depends on its locale.
    found = connection.execute(select(table)).all()
    return sorted(found, key=lambda row: (row.id, row._mapping.get("kind", "")))


def _insert(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _signed(item: Adjustment | Waiver | Revocation) -> dict[str, object]:
    return {
        "id": item.id,
        "author": item.author,
        "day": item.on,
        "reason": item.reason,
        "document": item.document,
    }


def _adjustment_row(item: Adjustment) -> dict[str, object]:
    return {
        **_signed(item),
        **item.key._asdict(),
        "period": item.period.code,
        "unit": item.unit,
        "value": item.value,
        "expires": item.expires,
    }


def _adjustment_from(row: Row[Any]) -> Adjustment:
    return Adjustment(
        id=row.id,
        period=Period.parse_code(row.period),
        unit=row.unit,
        key=ValueKey(row.data_set, row.element, row.column, row.row),
        value=row.value,
        author=row.author,
        on=row.day,
        reason=row.reason,
        document=row.document,
        expires=row.expires,
    )


def _waiver_row(item: Waiver) -> dict[str, object]:
    return {
        **_signed(item),
        "rule": item.rule,
        "unit": item.unit,
        "until": item.until,
        "period": item.period.code if item.period is not None else None,
    }


def _waiver_from(row: Row[Any]) -> Waiver:
    return Waiver(
        id=row.id,
        rule=row.rule,
        unit=row.unit,
        until=row.until,
        author=row.author,
        on=row.day,
        reason=row.reason,
        document=row.document,
        period=Period.parse_code(row.period) if row.period is not None else None,
    )


def _revocation_row(item: Revocation) -> dict[str, object]:
    return {**_signed(item), "kind": item.kind.value}


def _revocation_from(row: Row[Any]) -> Revocation:
    return Revocation(
        kind=CorrectionKind(row.kind),
        id=row.id,
        author=row.author,
        on=row.day,
        reason=row.reason,
        document=row.document,
    )
