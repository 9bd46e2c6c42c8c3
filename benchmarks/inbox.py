"""Filled returns to merge: the project's own template, filled by the generator of the examples."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from openpyxl import load_workbook

from consolidate.definitions.loader import shipped_library
from consolidate.model.period import Period
from consolidate.model.units import Level
from consolidate.templates.template_build import build_template
from consolidate.xlsx.write.files import zip_entry
from examples.sample import Unit, pctn_return

ROUND = Period.parse_code("2018-9M")
BUILT_UP_TO = 208
"""Returns that are built each by itself; more are copies with names and a figure of their own."""
_PATTERNS = 12
"""Different returns of a level that copies are made of."""
_C3 = 9_876_543
"""MS 3 of what copies are made of: no other cell holds this number."""


def units(count: int) -> list[Unit]:
    """Units in the proportions of Tiền Giang: 24 of the province, 11 districts, 173 communes."""
    made = []
    for index in range(count):
        share = index * 208 // count
        level = Level.PROVINCE if share < 24 else Level.DISTRICT if share < 35 else Level.COMMUNE
        made.append(Unit(f"U{index:05}", f"Đơn vị số {index:05}", level, ("pctn",)))
    return made


def make_inbox(folder: Path, count: int, *, patterns: int = 0) -> int:
    """Write ``count`` returns of the PCTN workbook; gives the number of bytes written.

    Every third one is as openpyxl saves it: texts in the cells, formulas without a value. Many
    returns, or any number with ``patterns``, are copies of so many built ones of a level.
    """
    patterns = patterns or (_PATTERNS if count > BUILT_UP_TO else 0)
    size = 0
    for number, unit in enumerate(units(count)):
        saved_again = number % 3 == 2
        if patterns:
            data = _copied(unit, number % patterns, str(40 + number), saved_again=saved_again)
        else:
            data = build_template(shipped_library().at(ROUND), "pctn", pctn_return(unit))
            data = _saved_again(data) if saved_again else data
        (folder / f"{unit.code}.xlsx").write_bytes(data)
        size += len(data)
    return size


def _copied(unit: Unit, number: int, figure: str, *, saved_again: bool) -> bytes:
    """A return with the name, code and MS 3 of a unit put into one that was built."""
    of, pattern = _pattern(unit.level, number, saved_again)
    own = {of.code: unit.code, of.name: unit.name, str(_C3): figure}
    own[of.name.upper()] = unit.name.upper()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compresslevel=6) as package:
        for name, part in pattern.items():
            copied = part
            for old, new in own.items():
                copied = copied.replace(old.encode(), new.encode())
            package.writestr(zip_entry(name), copied)
    return target.getvalue()


@cache
def _pattern(level: Level, number: int, saved_again: bool) -> tuple[Unit, dict[str, bytes]]:
    unit = Unit(f"U99{number:03}", f"Đơn vị số 99{number:03}", level, ("pctn",))
    filled = pctn_return(unit)
    filled = replace(filled, values={**filled.values, "pctn_01.c3": _C3})
    data = build_template(shipped_library().at(ROUND), "pctn", filled)
    with zipfile.ZipFile(io.BytesIO(_saved_again(data) if saved_again else data)) as package:
        return unit, {name: package.read(name) for name in package.namelist()}


def _saved_again(data: bytes) -> bytes:
    target = io.BytesIO()
    load_workbook(io.BytesIO(data)).save(target)
    return target.getvalue()
