"""One unit's return for each offered pack, with figures of real reports as they were typed.

``<name>.toml`` names the pack and the period; ``values`` are by defined name, ``rows`` those of
lists; ``only`` are the forms that the unit owes, if not all. No person is named. Where a report
gave no figures they are made up, and the file says so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from consolidate.definitions.loader import PACK, library_with, offered_files
from consolidate.model.datasets import Library
from consolidate.model.packs import Pack
from consolidate.model.period import Period
from consolidate.templates.live_formulas import Value
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template

UNIT = "Sở Thông tin và Truyền thông"
"""Who reports where a file names no unit."""
FOLDER = Path(__file__).parent


def examples() -> tuple[str, ...]:
    """Names of the example returns."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def told(name: str) -> Mapping[str, Any]:
    """What the file of an example says."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def library_of(pack: str) -> Library:
    """The library of a province that takes an offered pack."""
    texts = {f"forms/{pack}/{file}": said for file, said in offered_files(pack).items()}
    return library_with(texts)


def pack_of(name: str) -> Pack:
    """The pack of an example."""
    offered = told(name)["pack"]
    code = tomllib.loads(offered_files(offered)[PACK])["code"]
    return library_of(offered).packs.by_code[code]


def form_return(name: str, changes: Mapping[str, Value | None] | None = None) -> bytes:
    """The workbook that the unit returns.

    ``changes`` are answers by defined name, or by ``form.number.element`` for the rows of a list;
    ``None`` leaves one out.
    """
    said, pack = told(name), pack_of(name)
    period = Period.parse_code(said["period"])
    library = library_of(said["pack"]).of_pack(pack.code, period.type.round)
    library = library.only(said.get("only", library.by_code))
    first, last = said["window"]
    values: dict[str, Value] = {
        "cover.unit_name": said.get("unit", UNIT),
        "cover.level": said.get("level", "Cấp tỉnh"),
        "cover.period_type": period.type.label,
        "cover.period_year": period.year,
        "cover.window_from": first,
        "cover.window_to": last,
        "cover.revision": 1,
    }
    for code in said.get("zero", ()):
        for cell in library.by_code[code].inputs:
            if cell.element.number and cell.type.numeric:
                values[library.by_code[code].name_of(cell.element.code, cell.column)] = 0
    values |= said.get("values", {})
    rows = {code: [dict(row) for row in listed] for code, listed in said.get("rows", {}).items()}
    for place, value in (changes or {}).items():
        form, *where = place.split(".")
        into: dict[str, Any] = values
        key = place
        if form in rows:
            into, key = rows[form][int(where[0]) - 1], where[1]
        if value is None:
            into.pop(key, None)
        else:
            into[key] = value
    prefill = Prefill(values=values, rows=rows, windows=said.get("windows", {}))
    return build_template(library, pack.family, prefill)
