"""Hold one object for what many returns of an inbox say alike: a merge keeps every return.

Returns repeat each other: most figures are blank, 0 or a small number in the same cell. Without
these a return is little more than a tuple. Worker processes send each task by itself, so that every
return would otherwise hold values of its own.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import TypeVar

from consolidate.model.cells import CellRef
from consolidate.model.data_values import DataValue, ValueKey
from consolidate.model.returns import DataSetReturn, FileReading, Return, Source

T = TypeVar("T", bound=Hashable)

_MOST = 40_000
"""Objects that are remembered: memory does not grow with returns that say nothing alike."""


class SharedParts:
    """What the returns of one inbox share."""

    def __init__(self) -> None:
        self._parts: dict[Hashable, Hashable] = {}
        self._values: dict[tuple[ValueKey, CellRef, str], DataValue] = {}
        self._held: dict[int, DataValue] = {}

    def sources(self, sources: Sequence[Source]) -> list[Source]:
        """Give files that hold the same, made of what those before them hold."""
        seen: dict[int, DataValue] = {}
        return [
            Source(tuple([self._reading(item, seen) for item in source.readings]), source.ignored)
            for source in sources
        ]

    def _reading(self, reading: FileReading, seen: dict[int, DataValue]) -> FileReading:
        content, shared = reading.content, self._shared
        if content is None:
            return reading
        content = Return(
            template=shared(content.template),
            version=shared(content.version),
            cover=self._part(content.cover, seen),
            data_sets=tuple([self._part(part, seen) for part in content.data_sets]),
            anomalies=shared(content.anomalies),
            period=shared(content.period),
            window=shared(content.window),
            revision=content.revision,
            evidence=shared(content.evidence),
            pack=shared(content.pack),
            round=content.round,
            definition=content.definition,
        )
        return replace(reading, content=content)

    def _part(self, part: DataSetReturn, seen: dict[int, DataValue]) -> DataSetReturn:
        shared = self._shared
        # What is held already is known by being the same object.
        known = list(map(self._held.get, map(id, part.values)))
        values = [
            self._value(own, seen) if value is None else value
            for value, own in zip(known, part.values, strict=True)
        ]
        code, sheet, window = shared(part.code), shared(part.sheet), shared(part.window)
        return DataSetReturn(code, sheet, tuple(values), window, part.rows)

    def _value(self, value: DataValue, seen: dict[int, DataValue]) -> DataValue:
        known = seen.get(id(value))
        if known is None:
            known = self._values.get((value.key, value.cell, value.raw))
            if known is None:
                key, cell = self._shared(value.key), self._shared(value.cell)
                same = key is value.key and cell is value.cell
                known = value if same else replace(value, key=key, cell=cell)
                if len(self._values) < _MOST:
                    self._values[key, cell, known.raw] = self._held[id(known)] = known
            # Equal numbers may be written differently: 1 and 1.0.
            elif known != value or str(known.value) != str(value.value):
                known = value
            seen[id(value)] = known
        return known

    def _shared(self, part: T) -> T:
        known = self._parts.get(part)
        if known is None and len(self._parts) < _MOST:
            self._parts[part] = known = part
        return known if isinstance(known, type(part)) else part
