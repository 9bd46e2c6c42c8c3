"""Write the whole register, and the folder that it belongs to, into one file; put it back.

The zip holds ``register.sqlite3`` (a copy that SQLite made of a consistent moment) and
``files/ab/ab12….bin``, in the order of their names and without dates: the same register gives the
same backup. Of a working folder these lie in its own folder ``register``, beside all other files.
The database of a PostgreSQL server is for ``pg_dump``; the zip then holds the files.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import sqlite3
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from consolidate.model.reasons import Reason, UserError, because
from consolidate.register.blobs import BlobStore, sync_folder
from consolidate.register.engine import Database, connect
from consolidate.register.facts import Backup, DamagedFile, StoredFile
from consolidate.register.migrate_and_check import bring_up_to_date, must_be_sound, must_be_whole
from consolidate.register.recorded_runs import all_files
from consolidate.xlsx.write.atomic_files import ZIP_EPOCH, patiently

DATABASE = "register.sqlite3"
"""Name of the database in a backup, and by default in a workspace."""

_BYTES = re.compile(r"files/([0-9a-f]{2})/(\1[0-9a-f]{62})\.bin")
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"\\|?*]')
_RESERVED = re.compile(r"(?i)con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]")
"""What Windows refuses in names, and names that it keeps for devices."""
_MAKING = ".consolidate-backup-"
_PLAIN = (0, stat.S_IFREG)
"""Kinds of entries that are neither links nor folders; other programs write none at all."""
ENTRIES = 2_000_000
"""Entries of the largest backup that is opened."""
_RATIO, _SMALL = 100, 16 * 2**20
"""How much larger than deflated a database may be; below some bytes it does not matter. Registers
of text are deflated to a tenth or a twentieth."""
_OLD = 3600
"""Seconds after which what a backup was made of is taken for one that was killed."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What a backup of a whole folder holds beside the register.

    ``place`` is the folder of the register in it (``register``). ``files`` are paths below
    ``root`` with forward slashes, none of them in ``place``, in the order in which they are kept.
    """

    root: Path
    place: str
    files: tuple[str, ...]


def backup(
    database: Database, blobs: BlobStore, target: Path, beside: Beside | None = None
) -> Backup:
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
            with contextlib.closing(connect(copy)) as snapshot, snapshot.look() as connection:
                must_be_sound(connection, database.shown)
                kept = _kept(connection)
        else:
            with database.read() as connection:
                kept = _kept(connection)
        damaged: list[str] = []
        whole = Path(made, "backup.zip")
        whole.touch(mode=0o600)  # It holds what the register's private folder holds.
        within = f"{beside.place}/" if beside is not None else ""
        gone: list[str] = []
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
            for name in beside.files if beside is not None else ():
                assert beside is not None
                if not _stored(archive, name, beside.root / name):
                    gone.append(name)
            for file in kept:
                try:
                    content = blobs.read(file.sha256)
                except DamagedFile:
                    damaged.append(file.sha256)
                    continue
                archive.writestr(
                    _entry(f"{within}files/{file.sha256[:2]}/{file.sha256}.bin"), content
                )
            if database.path is not None:
                entry = _entry(f"{within}{DATABASE}")
                entry.compress_type = zipfile.ZIP_DEFLATED
                with copy.open("rb") as stream, archive.open(entry, "w", force_zip64=True) as into:
                    shutil.copyfileobj(stream, into)
        with whole.open("rb+") as stream:
            os.fsync(stream.fileno())
        patiently(lambda: whole.replace(target))
        sync_folder(target.parent)
    _clear_leftovers(target)
    whole_database = database.path is not None
    others = len(beside.files) - len(gone) if beside is not None else 0
    return Backup(
        target, len(kept) - len(damaged), tuple(damaged), whole_database, tuple(gone), others
    )


def _stored(archive: zipfile.ZipFile, name: str, path: Path) -> bool:
    """Put a file into a backup a part at a time; whether it could be opened."""
    try:
        stream = patiently(lambda: path.open("rb"))
    except OSError:
        return False
    with stream, archive.open(_entry(name), "w", force_zip64=True) as into:
        shutil.copyfileobj(stream, into)
    return True


def _clear_leftovers(target: Path) -> None:
    """Remove copies of the register that killed programs left beside a backup made just now."""
    now = target.stat().st_mtime
    for folder in target.parent.glob(f"{_MAKING}*"):
        with contextlib.suppress(OSError):
            if now - folder.stat().st_mtime > _OLD:
                shutil.rmtree(folder)


def _kept(connection: Connection) -> tuple[StoredFile, ...]:
    """Every kept file, of a register no row of which is damaged."""
    must_be_whole(connection)
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
        raise UserError.of("register.unusable", place=str(source)) from error
    except sqlite3.DatabaseError as error:
        raise UserError.of("register.broken", place=str(source)) from error


def restore(archive: Path, folder: Path, place: str = "", needed: str = "") -> int:
    """Put a backup into an empty or new folder; returns the number of kept files put there.

    ``place`` is the folder of the register in it, for a backup of a whole folder: then all other
    files are put back too, ``needed`` must be one of them, and there may be no database, which is
    then on a server.

    Sizes, names and kinds of everything in the archive are asked of its directory first. Nothing is
    held in memory whole. The database is asked for its tables and every row before it gets its
    name, last of all: a restoration that was interrupted is no register yet, and is begun again in
    an empty folder. One that is refused leaves nothing in the folder.

    Raises:
        UserError: the archive is not a backup, is damaged or was altered, or the folder is not
            empty.
        OSError: something cannot be read or written.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UserError.of("register.not_empty", place=str(folder))
    with _opened(archive) as source:
        names, others = _checked(source, archive, place)
        if needed and needed not in others:
            raise UserError.of("register.not_a_backup", place=str(archive))
        home = folder / place
        blobs = BlobStore(home)
        new = not folder.exists()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name in others:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                with source.open(name) as stream, (folder / name).open("xb") as into:
                    shutil.copyfileobj(stream, into)
            blobs.prepare()
            for name in names:
                with source.open(name) as stream:
                    blobs.receive(stream, Path(name).stem)
            if _database_in(place) in source.namelist():
                made = home / f"{DATABASE}.tmp"
                made.touch(mode=0o600)
                with source.open(_database_in(place)) as stream, made.open("wb") as into:
                    shutil.copyfileobj(stream, into)
                    into.flush()
                    os.fsync(into.fileno())
                _must_be_of(made, {Path(name).stem for name in names}, archive)
                patiently(lambda: made.replace(home / DATABASE))
            sync_folder(home)
        except BaseException:
            _take_away(folder, folder_too=new)
            raise
    return len(names)


def _database_in(place: str) -> str:
    return f"{place}/{DATABASE}" if place else DATABASE


def _checked(source: zipfile.ZipFile, archive: Path, place: str) -> tuple[list[str], list[str]]:
    """The names in a backup that may be unpacked: of kept files, and of files beside the register.

    Files are stored as they are and lie one behind the other, so that all of them together are no
    larger than the archive; only the database is deflated, and no more than databases are.

    Raises:
        UserError: it is not as :func:`backup` writes it.
    """
    entries = source.infolist()
    within, database = f"{place}/" if place else "", _database_in(place)
    names = [entry.filename for entry in entries if entry.filename != database]
    kept = [name for name in names if name.startswith(within)]
    others = [name for name in names if not name.startswith(within)]
    if (
        len(entries) - len(names) > 1
        or (len(entries) == len(names) and not others)
        or len({name.casefold() for name in names}) != len(names)
        or not all(_BYTES.fullmatch(name, len(within)) for name in kept)
        or not all(map(may_be_put_back, others))
        or any(stat.S_IFMT(entry.external_attr >> 16) not in _PLAIN for entry in entries)
    ):
        raise UserError.of("register.not_a_backup", place=str(archive))
    inflated = [entry for entry in entries if entry.filename == database]
    stored = [entry for entry in entries if entry.compress_type == zipfile.ZIP_STORED]
    deflated = [entry for entry in entries if entry.compress_type != zipfile.ZIP_STORED]
    if (
        deflated not in ([], inflated)
        or any(entry.compress_type != zipfile.ZIP_DEFLATED for entry in deflated)
        or any(entry.compress_size != entry.file_size for entry in stored)
        or sum(entry.compress_size for entry in entries) > archive.stat().st_size
        or any(entry.file_size > max(_SMALL, _RATIO * entry.compress_size) for entry in inflated)
    ):
        raise UserError.of("register.backup_size", place=str(archive))
    return kept, others


def may_be_put_back(name: str) -> bool:
    """Tell whether a name leads to a file inside the folder, on every system."""
    parts = name.split("/")
    return all(
        part not in ("", ".", "..")
        and not _FORBIDDEN.search(part)
        and not part.endswith((" ", "."))
        and not _RESERVED.fullmatch(part.partition(".")[0].strip())
        for part in parts
    )


def _must_be_of(made: Path, digests: Set[str], archive: Path) -> None:
    """Refuse a database that is not whole and our own, or does not know files that came with it.

    Raises:
        UserError: as said, in words about the backup.
    """
    try:
        with contextlib.closing(connect(made, make=False)) as database:
            bring_up_to_date(database)
            with database.look() as connection:
                known = {file.sha256 for file in all_files(connection)}
                must_be_whole(connection, read=True)
    except UserError as error:
        told = (_of_backup(reason, archive) for reason in error.problems)
        raise UserError(tuple(told)) from error
    if digests - known:
        raise UserError.of("register.not_a_backup", place=str(archive))


def _of_backup(reason: Reason, archive: Path) -> Reason:
    """What is wrong with the database of a backup, said of the backup."""
    match reason.key:
        case "register.altered":
            names = dict(reason.values)["names"]
            return because("register.backup_altered", place=str(archive), names=names)
        case "register.newer":
            return because("register.newer", place=str(archive))
        case _:
            return because("register.backup_damaged", place=str(archive))


def _take_away(folder: Path, *, folder_too: bool) -> None:
    """Remove what a restoration put into a folder that was empty or new."""
    for path in folder.iterdir() if folder.is_dir() else ():
        with contextlib.suppress(OSError):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()
    if folder_too:
        with contextlib.suppress(OSError):
            folder.rmdir()


@contextlib.contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile]:
    damaged = UserError.of("register.backup_damaged", place=str(archive))
    try:
        if _entries_said(archive) > ENTRIES:
            raise UserError.of("register.backup_size", place=str(archive))
        with zipfile.ZipFile(archive) as source:
            yield source
    # RuntimeError is a password, NotImplementedError a method that nobody here uses.
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError):
        raise damaged from None
    except OSError as error:
        if error.errno == errno.EINVAL:  # A place before the beginning of the file.
            raise damaged from None
        raise


def _entries_said(archive: Path) -> int:
    """How many entries the directory of an archive has room for, 46 bytes for each.

    Asked before the directory is read, which takes memory for each of them.
    """
    with archive.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(-min(size, 1 << 17), os.SEEK_END)
        tail = stream.read()
        end = tail.rfind(b"PK\x05\x06")
        if end < 0 or len(tail) < end + 22:
            return 0
        (said,) = struct.unpack_from("<L", tail, end + 12)
        if end >= 20 and tail.startswith(b"PK\x06\x07", end - 20):  # The wide form says more.
            (place,) = struct.unpack_from("<Q", tail, end - 12)
            stream.seek(min(place, size))
            (said,) = struct.unpack_from("<Q", stream.read(56).ljust(56, b"\xff"), 40)
    return int(min(said, size)) // 46
