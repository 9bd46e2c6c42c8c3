"""The whole register in one file, and back.

The zip holds ``register.sqlite3`` (a copy that SQLite made of a consistent moment) and
``files/ab/ab12….bin``, in the order of their names and without dates: the same register gives the
same backup. The database of a PostgreSQL server is for ``pg_dump``; the zip then holds the files.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from consolidate.model.errors import UserError
from consolidate.model.reasons import because
from consolidate.register.blobs import BlobStore, digest_of, sync_folder
from consolidate.register.engine import Database, connect
from consolidate.register.facts import Backup, StoredFile
from consolidate.register.recorded_returns import all_files
from consolidate.register.refusals import DamagedFile
from consolidate.xlsx.write.files import ZIP_EPOCH

DATABASE = "register.sqlite3"
"""Name of the database in a backup, and by default in a workspace."""

_BYTES = re.compile(r"files/([0-9a-f]{2})/(\1[0-9a-f]{62})\.bin")
_MAKING = ".consolidate-backup-"
_OLD = 3600
"""Seconds after which what a backup was made of is taken for one that was killed."""


def backup(database: Database, blobs: BlobStore, target: Path) -> Backup:
    """Write a backup; one that is there is replaced when the new one is whole.

    Other programs may go on: what they register meanwhile is in the next backup. A damaged file
    does not stop it; the backup says which are missing in it.

    Raises:
        UserError: the database cannot be used.
        OSError: the backup cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=_MAKING, dir=target.parent) as made:
        copy = Path(made, DATABASE)
        if database.path is not None:
            copy_database(database.path, copy)
            with contextlib.closing(connect(copy)) as snapshot:
                kept = _kept(snapshot)
        else:
            kept = _kept(database)
        damaged: list[str] = []
        whole = Path(made, "backup.zip")
        whole.touch(mode=0o600)  # It holds what the register's private folder holds.
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
            for file in kept:
                try:
                    content = blobs.read(file.sha256)
                except DamagedFile:
                    damaged.append(file.sha256)
                    continue
                archive.writestr(_entry(f"files/{file.sha256[:2]}/{file.sha256}.bin"), content)
            if database.path is not None:
                entry = _entry(DATABASE)
                entry.compress_type = zipfile.ZIP_DEFLATED
                with copy.open("rb") as stream, archive.open(entry, "w", force_zip64=True) as into:
                    shutil.copyfileobj(stream, into)
        with whole.open("rb+") as stream:
            os.fsync(stream.fileno())
        whole.replace(target)
        sync_folder(target.parent)
    _clear_leftovers(target)
    return Backup(target, len(kept) - len(damaged), tuple(damaged), database.path is not None)


def _clear_leftovers(target: Path) -> None:
    """Remove copies of the register that killed programs left beside a backup made just now."""
    now = target.stat().st_mtime
    for folder in target.parent.glob(f"{_MAKING}*"):
        with contextlib.suppress(OSError):
            if now - folder.stat().st_mtime > _OLD:
                shutil.rmtree(folder)


def _kept(database: Database) -> tuple[StoredFile, ...]:
    with database.read() as connection:
        return all_files(connection)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, ZIP_EPOCH)
    entry.external_attr = 0o600 << 16
    return entry


def copy_database(source: Path, target: Path) -> None:
    """SQLite's own copy of a database that may be in use (sqlite.org/backup.html).

    Raises:
        UserError: one of the two cannot be used, as on a full disk.
    """
    uri = f"{source.resolve().as_uri()}?mode=ro"
    try:
        with (
            contextlib.closing(sqlite3.connect(uri, uri=True)) as reading,
            contextlib.closing(sqlite3.connect(target)) as writing,
        ):
            reading.backup(writing)
    except sqlite3.OperationalError as error:
        raise UserError((because("register.unusable", place=str(source)),)) from error


def restore(archive: Path, folder: Path) -> int:
    """Put a backup into an empty or new folder; returns the number of files put there.

    The database comes last: a restoration that was interrupted is no register yet, and is begun
    again in an empty folder.

    Raises:
        UserError: the archive is not a backup or is damaged, or the folder is not empty.
        OSError: something cannot be read or written.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UserError((because("register.not_empty", place=str(folder)),))
    with _opened(archive) as source:
        names = [name for name in source.namelist() if name != DATABASE]
        if len(names) == len(source.namelist()) or not all(map(_BYTES.fullmatch, names)):
            raise UserError((because("register.not_a_backup", place=str(archive)),))
        blobs = BlobStore(folder)
        blobs.prepare()
        for name in names:
            content = source.read(name)
            if f"{digest_of(content)}.bin" != Path(name).name:
                raise UserError((because("register.backup_damaged", place=str(archive)),))
            blobs.keep([content])
        made = folder / f"{DATABASE}.tmp"
        made.touch(mode=0o600)
        with source.open(DATABASE) as stream, made.open("wb") as into:
            shutil.copyfileobj(stream, into)
            into.flush()
            os.fsync(into.fileno())
        made.replace(folder / DATABASE)
        sync_folder(folder)
    return len(names)


@contextlib.contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(archive) as source:
            yield source
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError):  # The last: a password.
        raise UserError((because("register.backup_damaged", place=str(archive)),)) from None
