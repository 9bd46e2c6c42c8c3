"""Inboxes as data: who sends which file under which name, and what becomes of each of them.

An inbox is a table of ``inboxes.toml``. Its files are returns of units of a roster, each a recipe
(``values``, ``blank``, ``steps`` as in :mod:`tests.recipes.recipe`) with what a file carries beside
its cells: ``stamp_unit``, ``stamp_period``, ``saved``. ``figures = n`` fills six indicators with n
to n + 5. ``copy_of`` is the same bytes as another file; ``raw`` is the content as it stands.
``inside`` is the archive or mail that the file is sent in, such as ``thư.eml/bao cao.zip``.
"""

from __future__ import annotations

import io
import re
import tomllib
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any

import py7zr

from consolidate.model.units import Level, OrganisationUnit, Roster
from tests.recipes.recipe import Recipe
from tests.saved import packed

SOURCE = Path(__file__).with_name("inboxes.toml")
FIGURES = ("c1", "c2", "c3", "c4", "c5", "c6")
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


@dataclass(frozen=True)
class File:
    """One file of an inbox and what must become of it.

    ``unit`` is the code of the unit whose cover it carries, ``placed`` that of the unit it must be
    counted for (the same by default, ``""`` for none). ``bad`` files change no total of the others.
    """

    name: str
    outcome: str
    reason: str = ""
    unit: str = ""
    placed: str | None = None
    template: str = "pctn"
    figures: int = 0
    values: Mapping[str, Any] | None = None
    blank: tuple[str, ...] = ()
    steps: tuple[Mapping[str, Any], ...] = ()
    revision: int = 1
    stamp_unit: str = ""
    stamp_period: str = ""
    saved: str = ""
    copy_of: str = ""
    raw: str = ""
    bad: bool = False
    findings: tuple[str, ...] = ()
    says: str = ""
    inside: str = ""

    @property
    def place(self) -> tuple[str, str]:
        """Path in the inbox, and name in the archive or mail that lies there."""
        path, _, inner = f"{self.inside}/{self.name}".strip("/").partition("/")
        return (path, inner) if self.inside else (self.name, "")

    def build(self, units: Mapping[str, OrganisationUnit]) -> bytes:
        """The bytes of the file, those of ``copy_of`` left to the inbox."""
        if self.raw:
            return self.raw.encode()
        values = dict(self.values or {})
        if self.unit:
            unit = units[self.unit]
            own = {
                "cover.unit_name": unit.name,
                "cover.unit_code": unit.code,
                "cover.level": unit.level.label,
            }
            values = own | values
        if self.figures:
            filled = {f"pctn_01.{code}": self.figures + at for at, code in enumerate(FIGURES)}
            values = filled | values
        values["cover.revision"] = self.revision
        stamp = (("unit", self.stamp_unit), ("period", self.stamp_period))
        recipe = Recipe(
            self.name,
            template=self.template,
            values=values,
            blank=self.blank,
            steps=self.steps,
            stamp={key: value for key, value in stamp if value},
        )
        data = recipe.build()
        return _saved_at(data, self.saved) if self.saved else data


@dataclass(frozen=True)
class Inbox:
    """Files with their outcomes, and some totals of the province by element of ``pctn_01``.

    ``names_matter`` says that names of files carry a claim, so that they may not be changed at all.
    ``changes_totals`` says that bad files take good ones with them (rivals, copies without proof).
    """

    name: str
    files: tuple[File, ...]
    totals: Mapping[str, int]
    roster: Roster | None
    units: Mapping[str, OrganisationUnit]
    period: str = "2018-9M"
    names_matter: bool = False
    changes_totals: bool = False

    @property
    def contents(self) -> dict[str, bytes]:
        """The bytes of every file on disk by its name."""
        return self.packed(self.files)

    def packed(self, files: Iterable[File]) -> dict[str, bytes]:
        """Some of the files as they are sent: loose, or packed into what they lie in."""
        made = _contents(self.name)
        found: dict[str, bytes] = {}
        packs: dict[str, dict[str, bytes]] = {}
        for file in files:
            place = packs.setdefault(file.inside, {}) if file.inside else found
            place[file.name] = made[file.name]
        # The innermost first: what is packed may lie in another pack.
        while packs:
            inside = max(packs, key=lambda inside: inside.count("/"))
            outer, _, name = inside.rpartition("/")
            place = packs.setdefault(outer, {}) if outer else found
            place[name] = _PACKERS[Path(name).suffix](packs.pop(inside))
        return found


@cache
def inboxes() -> tuple[Inbox, ...]:
    """All inboxes of the file."""
    tables = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    usual, province = tables["unit"], tables["province"]
    found = []
    for table in tables["inbox"]:
        own = dict(table)
        units = tuple(map(_unit, own.pop("units", usual)))
        asked = own.pop("roster", True)
        roster = Roster.of(units, province=province) if asked else None
        files = tuple(File(**{k: _frozen(v) for k, v in f.items()}) for f in own.pop("files"))
        by_code = {unit.code: unit for unit in units}
        own.setdefault("totals", {})
        found.append(Inbox(files=files, roster=roster, units=by_code, **own))
    return tuple(found)


@cache
def _contents(name: str) -> dict[str, bytes]:
    inbox = next(inbox for inbox in inboxes() if inbox.name == name)
    made = {
        file.name: _built(replace(file, name=""), tuple(inbox.units.values()))
        for file in inbox.files
        if not file.copy_of
    }
    copies = {file.name: made[file.copy_of] for file in inbox.files if file.copy_of}
    return made | copies


def _built(file: File, units: tuple[OrganisationUnit, ...]) -> bytes:
    key = repr((file, units))
    if key not in _BUILT:
        _BUILT[key] = file.build({unit.code: unit for unit in units})
    return _BUILT[key]


_BUILT: dict[str, bytes] = {}


def _unit(table: Mapping[str, Any]) -> OrganisationUnit:
    level = {"S": Level.PROVINCE, "H": Level.DISTRICT, "X": Level.COMMUNE}[table["code"][0]]
    return OrganisationUnit(
        table["code"],
        table["name"],
        level,
        tuple(table.get("aliases", ())),
        table.get("parent", ""),
        frozenset({"pctn"}),
    )


def _mail(contents: Mapping[str, bytes]) -> bytes:
    mail = EmailMessage()
    mail["Subject"] = "Gửi báo cáo"
    mail.set_content("Kính gửi Thanh tra tỉnh.")
    for name, data in contents.items():
        mail.add_attachment(data, "application", "octet-stream", filename=name)
    return mail.as_bytes()


def _seven(contents: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with py7zr.SevenZipFile(target, "w") as archive:
        for name, data in contents.items():
            archive.writef(io.BytesIO(data), name)
    return target.getvalue()


_PACKERS = {".zip": packed, ".eml": _mail, ".7z": _seven}


def _saved_at(data: bytes, time: str) -> bytes:
    """The workbook with another time of saving in its properties."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as copy:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + time.encode(), content)
            copy.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
