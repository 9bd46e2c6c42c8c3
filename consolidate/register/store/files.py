"""Files and where they were seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from sqlalchemy import Connection, insert, select

from consolidate.register.store.engine import Database
from consolidate.register.store.facts import NewFile, Sighting, StoredFile
from consolidate.register.store.schema import Words, files, portions, sightings
from consolidate.register.store.vault import Vault, digest_of

FILES_AT_ONCE = 64
BYTES_AT_ONCE = 32 * 2**20
"""What one transaction registers at most: others get their turn, and little is held in memory."""


def add_files(database: Database, vault: Vault, new: Iterable[NewFile]) -> tuple[StoredFile, ...]:
    """Keep files and register them; in order, with what is on record about each.

    Bytes that are on record keep their first name and day. A file whose bytes went missing from
    the folder is kept anew.

    Raises:
        UserError: the database cannot be used.
        OSError: the bytes cannot be written.
    """
    stored: list[StoredFile] = []
    for batch in _batches(new):
        with database.write() as connection:
            stored += _add(connection, vault, batch)
    return tuple(stored)


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


def _add(connection: Connection, vault: Vault, batch: list[NewFile]) -> list[StoredFile]:
    digests = [digest_of(item.content) for item in batch]
    known = files_by_digest(connection, digests)
    fresh: dict[str, StoredFile] = {}
    missing: dict[str, bytes] = {}
    for digest, item in zip(digests, batch, strict=True):
        size = len(item.content)
        if digest in known:
            if not vault.holds(digest, size):
                missing[digest] = item.content
        elif digest not in fresh:
            fresh[digest] = StoredFile(digest, size, Words.stored(item.name), item.seen)
            missing[digest] = item.content
    vault.keep(missing.values())
    if fresh:
        rows = [
            {"sha256": file.sha256, "size": file.size, "name": file.name, "seen": file.seen}
            for file in fresh.values()
        ]
        connection.execute(insert(files), rows)
    return [known.get(digest) or fresh[digest] for digest in digests]


def files_by_digest(connection: Connection, digests: Iterable[str]) -> dict[str, StoredFile]:
    """Registered files among these digests."""
    known = {}
    for some in portions(sorted(set(digests))):
        for row in connection.execute(select(files).where(files.c.sha256.in_(some))):
            known[row.sha256] = StoredFile(*row)
    return known


def all_files(connection: Connection) -> tuple[StoredFile, ...]:
    """Every registered file, by digest."""
    return tuple(
        StoredFile(*row) for row in connection.execute(select(files).order_by(files.c.sha256))
    )


def add_sightings(connection: Connection, seen: Iterable[Sighting]) -> None:
    """Record where files were seen; the same place and day are recorded once.

    Raises:
        ValueError: a file is not registered.
    """
    wanted: dict[tuple[str, str, str, date | None], Sighting] = {}
    for sighting in seen:
        wanted.setdefault(_place(sighting), sighting)
    digests = {sighting.sha256 for sighting in wanted.values()}
    absent = digests - files_by_digest(connection, digests).keys()
    if absent:
        raise ValueError(f"not registered: {', '.join(sorted(absent))}")
    for some in portions(sorted(digests)):
        for row in connection.execute(select(sightings).where(sightings.c.sha256.in_(some))):
            wanted.pop((row.sha256, row.path, row.member, row.received), None)
    if wanted:
        connection.execute(insert(sightings), [_row(item) for item in wanted.values()])


def _place(sighting: Sighting) -> tuple[str, str, str, date | None]:
    path, member = Words.stored(sighting.path), Words.stored(sighting.member)
    return sighting.sha256, path, member, sighting.received


def _row(sighting: Sighting) -> dict[str, object]:
    return {
        "sha256": sighting.sha256,
        "path": sighting.path,
        "member": sighting.member,
        "received": sighting.received,
        "run": sighting.run,
    }


def sightings_of(connection: Connection, sha256: str) -> tuple[Sighting, ...]:
    """Where and when a file was seen, in the order in which that was recorded."""
    query = select(sightings).where(sightings.c.sha256 == sha256).order_by(sightings.c.id)
    return tuple(
        Sighting(row.sha256, row.path, row.member, row.received, row.run)
        for row in connection.execute(query)
    )
