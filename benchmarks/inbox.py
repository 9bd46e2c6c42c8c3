"""Filled returns to merge: the project's own template, filled by the generator of the examples."""

from __future__ import annotations

import io
from pathlib import Path

from openpyxl import load_workbook

from consolidate.definitions.loader import shipped_library
from consolidate.model.period import Period
from consolidate.model.units import Level
from consolidate.templates.template_build import build_template
from examples.sample import Unit, pctn_return

ROUND = Period.parse_code("2018-9M")


def units(count: int) -> list[Unit]:
    """Units in the proportions of Tiền Giang: 24 of the province, 11 districts, 173 communes."""
    made = []
    for index in range(count):
        share = index * 208 // count
        level = Level.PROVINCE if share < 24 else Level.DISTRICT if share < 35 else Level.COMMUNE
        made.append(Unit(f"U{index:05}", f"Đơn vị số {index}", level, ("pctn",)))
    return made


def make_inbox(folder: Path, count: int) -> int:
    """Write ``count`` returns of the PCTN workbook; gives the number of bytes written.

    Every third one is as openpyxl saves it: texts in the cells, formulas without a value.
    """
    size = 0
    for number, unit in enumerate(units(count)):
        data = build_template(shipped_library().at(ROUND), "pctn", pctn_return(unit))
        if number % 3 == 2:
            data = _saved_again(data)
        (folder / f"{unit.code}.xlsx").write_bytes(data)
        size += len(data)
    return size


def _saved_again(data: bytes) -> bytes:
    target = io.BytesIO()
    load_workbook(io.BytesIO(data)).save(target)
    return target.getvalue()
