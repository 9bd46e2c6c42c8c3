"""Read TOML with the line numbers of its tables and keys."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from consolidate.model.errors import UserError
from consolidate.model.reasons import Reason, because

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


@dataclass(frozen=True, slots=True)
class TomlSource:
    """A definition split into its top keys, its tables and its arrays of tables.

    ``file`` is its name: ``<folder>/<code>.toml``.
    """

    file: str
    top: Entry
    tables: dict[str, Entry]
    arrays: dict[str, tuple[Entry, ...]]


def read_source(file: str, text: str) -> TomlSource:
    """Parse TOML and remember lines.

    Raises:
        DefinitionError: the text is not TOML; the message carries the line.
    """
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # Digits without end are a ValueError too.
        told = _LINE.search(str(error))
        place = told.group(1) if told is not None else str(text.count("\n") + 1)
        raise DefinitionError((Fault(f"{file}:{place}", because("lint.no_toml")),)) from None
    blocks = _blocks(text)
    counts: dict[str, int] = {}
    tables: dict[str, Entry] = {}
    arrays: dict[str, list[Entry]] = {}

    def placed(lines: Mapping[str, int]) -> dict[str, str]:
        return {key: f"{file}:{line}" for key, line in lines.items()}

    top = Entry("", {}, f"{file}:1", placed(blocks[0][3]))
    for name, is_array, line, lines in blocks[1:]:
        found = data
        for part in name.split("."):
            found = found[part] if isinstance(found, dict) else {}
        if is_array and isinstance(found, list):
            index = counts.get(name, 0)
            counts[name] = index + 1
            arrays.setdefault(name, []).append(
                Entry(name, found[index], f"{file}:{line}", placed(lines))
            )
        else:
            own = {key: value for key, value in found.items() if key in lines}
            tables[name] = Entry(name, own, f"{file}:{line}", placed(lines))
    top.data.update({key: value for key, value in data.items() if key in blocks[0][3]})
    return TomlSource(file, top, tables, {name: tuple(found) for name, found in arrays.items()})


def _blocks(text: str) -> list[tuple[str, bool, int, dict[str, int]]]:
    """Headers of a TOML text in order with their lines and the lines of their keys."""
    blocks: list[tuple[str, bool, int, dict[str, int]]] = [("", False, 1, {})]
    in_string = False
    for number, line in enumerate(text.splitlines(), 1):
        if not in_string:
            header = _HEADER.match(line)
            key = _KEY.match(line)
            if header is not None:
                blocks.append((header.group(2), header.group(1) == "[[", number, {}))
            elif key is not None:
                blocks[-1][3].setdefault(key.group(1), number)
        if line.count('"""') % 2:
            in_string = not in_string
    return blocks
