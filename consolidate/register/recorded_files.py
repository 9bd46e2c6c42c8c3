"""Files: their bytes in the blob store, their names and days in the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, select

from consolidate.register.blobs import BlobStore, digest_of
from consolidate.register.engine import Database
from consolidate.register.facts import NewFile, StoredFile
from consolidate.register.rows import add_rows, fact_of, row_of
from consolidate.register.schema import Words, files, portions

FILES_AT_ONCE = 64
BYTES_AT_ONCE = 32 * 2**20
"""What one transaction registers at most: others get their turn, and little is held in memory."""


def add_files(database: Database, blobs: BlobStore, new: Iterable[NewFile]) -> list[StoredFile]:
    """Keep files and register them, in several transactions; in order, what is on record of each.

    Bytes that are on record keep their first name and day. A file whose bytes went missing from
    the folder is kept anew.
    """
    stored: list[StoredFile] = []
    for batch in _batches(new):
        with database.write() as connection:
            stored += _add(connection, blobs, batch)
    return stored


def _batches(new: Iterable[NewFile]) -> Iterator[list[NewFile]]:
    batch: list[NewFile] = []
    size = 0
    for item in new:
        batch.append(item)
        size += len(item.content)
        if len(batch) == FILES_AT_ONCE or size >= BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _add(connection: Connection, blobs: BlobStore, batch: list[NewFile]) -> list[StoredFile]:
    digests = [digest_of(item.content) for item in batch]
    known = files_by_digest(connection, digests)
    fresh: dict[str, StoredFile] = {}
    missing: dict[str, bytes] = {}
    for digest, item in zip(digests, batch, strict=True):
        size = len(item.content)
        if digest not in known:
            name = Words.stored(item.name)
            fresh.setdefault(digest, StoredFile(digest, size, name, item.seen))
        if digest in fresh or not blobs.holds(digest, size):
            missing[digest] = item.content
    blobs.keep(missing.values())
    add_rows(connection, files, (row_of(file, files) for file in fresh.values()))
    return [known.get(digest) or fresh[digest] for digest in digests]


def files_by_digest(connection: Connection, digests: Iterable[str]) -> dict[str, StoredFile]:
    """Find registered files among these digests."""
    known = {}
    for some in portions(sorted(set(digests))):
        for row in connection.execute(select(files).where(files.c.sha256.in_(some))):
            known[row.sha256] = fact_of(StoredFile, row._mapping)
    return known


def all_files(connection: Connection) -> tuple[StoredFile, ...]:
    """List every registered file, by digest."""
    rows = connection.execute(select(files).order_by(files.c.sha256)).mappings()
    return tuple(fact_of(StoredFile, row) for row in rows)
