"""The buttons "Lỗi trước" and "Lỗi sau": through the findings of the checked workbook."""

from __future__ import annotations

from addin.listing import FIRST_ROW, find_listing, mark_row, read_listing
from addin.session import Session
from consolidate.definitions.catalogue import text
from consolidate.model.errors import UserError
from consolidate.model.reasons import because


def next_finding(session: Session) -> str | None:
    """Go to the finding after the current one; after the last comes the first."""
    return _walk(session, 1)


def previous_finding(session: Session) -> str | None:
    """Go to the finding before the current one; before the first comes the last."""
    return _walk(session, -1)


def _walk(session: Session, step: int) -> str | None:
    book = session.book()
    listing = find_listing(book)
    if listing is None:
        raise UserError((because("addin.walk.not_checked"),))
    rows = read_listing(listing)
    if not rows:
        raise UserError((because("addin.walk.none"),))
    current = next((index for index, row in enumerate(rows) if row.current), None)
    if current is None:
        current = -1 if step > 0 else len(rows)
    index = (current + step) % len(rows)
    mark_row(listing, index, len(rows))
    row = rows[index]
    try:
        sheet = book.sheets[row.sheet]
        target = sheet.range(row.first)
        sheet.activate()
        target.select()
    except Exception:  # about the whole file, or a sheet that is gone: show the list instead
        listing.activate()
        listing.range((FIRST_ROW + index, 1)).select()
    return text(
        "addin.walk.at",
        number=index + 1,
        count=len(rows),
        severity=row.severity,
        message=row.message,
    )
