"""What one more unit costs a merge does not grow with their number: calls are counted, no time."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from types import FrameType
from typing import Any

from consolidate.intake.inbox import Inbox
from consolidate.merge.merge_inbox import MergeRequest, merge, write_results
from consolidate.merge.read_files import check_bytes
from consolidate.model.returns import FileReading, Source
from consolidate.model.units import Level, OrganisationUnit, Roster
from tests.library_2018 import library_2018
from tests.merge.province import NINE, PCTN, blank_filled

SLACK = 200
"""Calls that texts which are made once may take beside; the square of 32 units is 1,024."""


@dataclass(frozen=True)
class Readings:
    """Readings that are known, in the place of those of an earlier merge."""

    sources: dict[str, Source]

    def known(self, inbox: Inbox) -> dict[str, Source]:
        return self.sources

    def learn(self, *_: object) -> None:
        """Nothing is to be learned."""


def of_unit(reading: FileReading, unit: OrganisationUnit, name: str, number: int) -> FileReading:
    """A reading as if another unit had sent it, with a figure of its own."""
    assert reading.content is not None
    cover, forms = reading.content.cover, reading.content.data_sets
    said = {"unit_name": unit.name, "unit_code": unit.code}
    values = tuple(
        replace(value, value=said[value.key.element], raw=said[value.key.element])
        if value.key.element in said
        else value
        for value in cover.values
    )
    told = tuple(
        replace(
            form,
            values=tuple(
                replace(value, value=Decimal(40 + number), raw=str(40 + number))
                if (value.key.data_set, value.key.element) == ("pctn_01", "c3")
                else value
                for value in form.values
            ),
        )
        for form in forms
    )
    content = replace(reading.content, cover=replace(cover, values=values), data_sets=told)
    return replace(reading, path=name, sha256=f"{number:064x}", content=content)


Calls = Counter[tuple[str, str, int]]
"""Calls by file, name and line of a function; each item that a generator gives is one."""


def calls(reading: FileReading, count: int, folder: Path) -> Calls:
    """Which calls a merge of so many returns makes, with all that is written."""
    units = [
        OrganisationUnit(f"U{at:03}", f"Đơn vị số {at:03}", Level.COMMUNE, templates=PCTN)
        for at in range(count)
    ]
    inbox = folder / "inbox"
    inbox.mkdir(parents=True)
    sources = {}
    for number, unit in enumerate(units):
        name = f"{unit.code}.xlsx"
        (inbox / name).write_bytes(b"")
        sources[name] = Source((of_unit(reading, unit, name, number),))
    kept: Any = Readings(sources)
    request = MergeRequest(library_2018(), inbox, NINE, roster=Roster.of(units), kept=kept)
    counted: Calls = Counter()

    def count_call(frame: FrameType, event: str, _argument: object) -> None:
        if event in ("call", "c_call"):
            code = frame.f_code
            counted[code.co_filename, code.co_name, code.co_firstlineno] += 1

    sys.setprofile(count_call)
    try:
        result = merge(request)
        write_results(result, folder / "results", inbox)
    finally:
        sys.setprofile(None)
    assert sum(record.outcome.counted for record in result.records) == count
    return counted


def test_a_unit_costs_the_same_among_many(tmp_path: Path) -> None:
    unit = OrganisationUnit("U999", "Đơn vị số 999", Level.COMMUNE, templates=PCTN)
    reading = check_bytes(library_2018(), "a.xlsx", blank_filled(unit, NINE))
    calls(reading, 2, tmp_path / "once")  # What is made once is made now.
    few, some, many = (calls(reading, count, tmp_path / str(count)) for count in (8, 16, 32))
    assert many.total() - some.total() < 2.2 * (some.total() - few.total())
    # A step that is small yet grows with the square is found where it is.
    steep = {
        place: (few[place], some[place], many[place])
        for place in many
        if many[place] - some[place] > 2.2 * max(0, some[place] - few[place]) + SLACK
    }
    assert not steep
