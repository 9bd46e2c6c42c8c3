"""Hold one object for what many returns of an inbox say alike: a merge keeps every return.

Most figures of most units are blank, 0 or a small number in the same cell; beside them a return is
little more than a tuple. Worker processes send each task by itself, so without this every return
would hold values of its own.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import TypeVar

from consolidate.model.cells import CellRef
from consolidate.model.data_values import DataValue, ValueKey
from consolidate.model.returns import DataSetReturn, FileReading, Source

T = TypeVar("T", bound=Hashable)

_MOST = 40_000
"""Objects that are remembered: memory does not grow with returns that say nothing alike."""


class SharedParts:
    """What the returns of one inbox share."""

    def __init__(self) -> None:
        self._parts: dict[Hashable, Hashable] = {}
        self._values: dict[tuple[ValueKey, CellRef, str], DataValue] = {}

    def sources(self, sources: Sequence[Source]) -> list[Source]:
        """Give files that hold the same, made of what those before them hold."""
        seen: dict[int, DataValue] = {}
        return [
            Source(tuple([self._reading(item, seen) for item in source.readings]), source.ignored)
            for source in sources
        ]

    def _reading(self, reading: FileReading, seen: dict[int, DataValue]) -> FileReading:
        content = reading.content
        if content is None:
            return reading
        content = replace(
            content,
            template=self._shared(content.template),
            version=self._shared(content.version),
            cover=self._part(content.cover, seen),
            data_sets=tuple([self._part(part, seen) for part in content.data_sets]),
            anomalies=self._shared(content.anomalies),
            period=self._shared(content.period),
            window=self._shared(content.window),
            evidence=self._shared(content.evidence),
            pack=self._shared(content.pack),
        )
        return replace(reading, content=content)

    def _part(self, part: DataSetReturn, seen: dict[int, DataValue]) -> DataSetReturn:
        shared, values = self._shared, []
        for value in part.values:
            known = seen.get(id(value))
            if known is None:
                place = value.key, value.cell, value.raw
                known = self._values.get(place)
                if known is None:
                    key: ValueKey = shared(value.key)
                    known = replace(value, key=key, cell=shared(value.cell))
                    if len(self._values) < _MOST:
                        self._values[key, known.cell, known.raw] = known
                # Equal numbers may be written differently: 1 and 1.0.
                elif known != value or str(known.value) != str(value.value):
                    known = value
                seen[id(value)] = known
            values.append(known)
        code, sheet, window = shared(part.code), shared(part.sheet), shared(part.window)
        return DataSetReturn(code, sheet, tuple(values), window, part.rows)

    def _shared(self, part: T) -> T:
        known = self._parts.get(part)
        if known is None and len(self._parts) < _MOST:
            self._parts[part] = known = part
        return known if isinstance(known, type(part)) else part
