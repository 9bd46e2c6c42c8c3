"""Read TOML with the line numbers of its tables and keys."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from consolidate.model.reasons import Reason, UserError, because

_HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.]+)\s*\]\]?\s*(#.*)?$")
_LINE = re.compile(r"at line (\d+)")
_KEY = re.compile(r"^\s*\"?([\w.-]+)\"?\s*=")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a definition, and where: ``file:line``, or a cell of a form book."""

    place: str
    reason: Reason


class DefinitionError(UserError):
    """A definition that cannot be used, with every fault of it."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(
            tuple(because("forms.fault", place=item.place, fault=item.reason) for item in faults)
        )
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Entry:
    """One table of a definition: its keys, the place of the table and of each key."""

    table: str
    data: dict[str, Any]
    place: str
    places: dict[str, str] = field(default_factory=dict)

    def place_of(self, key: str) -> str:
        """Place of a key, or of the table when the key is not written."""
        return self.places.get(key, self.place)

    def fault(self, key: str, reason: str, /, **values: object) -> Fault:
        """Make a fault (a key of ``lint``) at the place of a key, ``""`` for the whole table."""
        return Fault(self.place_of(key), because(f"lint.{reason}", **values))


@dataclass(frozen=True, slots=True)
class TomlSource:
    """A definition split into its top keys, its tables and its arrays of tables.

    ``file`` is its name: ``<folder>/<code>.toml``.
    """

    file: str
    top: Entry
    tables: dict[str, Entry]
    arrays: dict[str, tuple[Entry, ...]]


def read_sources(texts: Mapping[str, str]) -> dict[str, TomlSource]:
    """Parse definitions by name and remember lines.

    Raises:
        DefinitionError: some are not TOML; the message carries the line of each.
    """
    sources: dict[str, TomlSource] = {}
    faults: list[Fault] = []
    for file, text in sorted(texts.items()):
        try:
            data = tomllib.loads(text)
        except (ValueError, RecursionError) as error:  # Digits without end are a ValueError too.
            told = _LINE.search(str(error))
            place = told.group(1) if told is not None else str(text.count("\n") + 1)
            faults.append(Fault(f"{file}:{place}", because("lint.no_toml")))
        else:
            sources[file] = _source(file, text, data)
    if faults:
        raise DefinitionError(tuple(faults))
    return sources


def _source(file: str, text: str, data: dict[str, Any]) -> TomlSource:
    top = entry = Entry("", {}, f"{file}:1")
    tables: dict[str, Entry] = {}
    arrays: dict[str, list[Entry]] = {}
    whole: list[tuple[Entry, Any]] = [(top, data)]
    in_string = False
    for number, line in enumerate(text.splitlines(), 1):
        place = f"{file}:{number}"
        header = None if in_string else _HEADER.match(line)
        key = None if in_string else _KEY.match(line)
        if header is not None:
            name = header.group(2)
            found: Any = data
            for part in name.split("."):
                found = found[part] if isinstance(found, dict) else {}
            if header.group(1) == "[[" and isinstance(found, list):
                before = arrays.setdefault(name, [])
                entry = Entry(name, found[len(before)], place)
                before.append(entry)
            else:
                entry = tables[name] = Entry(name, {}, place)
                whole.append((entry, found))
        elif key is not None:
            entry.places.setdefault(key.group(1), place)
        in_string ^= line.count('"""') % 2 == 1
    for entry, found in whole:  # What stands in a table of its own is no part of this one.
        entry.data.update({key: value for key, value in found.items() if key in entry.places})
    return TomlSource(file, top, tables, {name: tuple(found) for name, found in arrays.items()})
