"""Names of the live engine: the named ranges of a workbook."""

from __future__ import annotations

from typing import Any

from xlwings import base_classes as base

from tests.addin.engines.live_cells import at


class Names(base.Names):
    def __init__(self, book: Any) -> None:
        self.book, self.api = book, book.api.NamedRanges

    def __len__(self):
        return self.api.Count

    def __call__(self, key):
        if isinstance(key, int):
            return Name(self.book, self.api.ElementNames[key - 1])
        for name in self.api.ElementNames:
            if name.casefold() == key.casefold():
                return Name(self.book, name)
        raise KeyError(key)

    def contains(self, key):
        return key.casefold() in (name.casefold() for name in self.api.ElementNames)


class Name(base.Name):
    def __init__(self, book: Any, name: str) -> None:
        self.book, self._name = book, name
        self.api = book.api.NamedRanges.getByName(name)

    @property
    def name(self):
        return self._name

    @property
    def refers_to_range(self):
        cells = self.api.ReferredCells
        if cells is None:
            raise KeyError(f"{self.name} is no range")
        place = cells.RangeAddress
        return at(self.book.sheets(place.Sheet + 1), place)

    def delete(self):
        self.book.api.NamedRanges.removeByName(self.name)
