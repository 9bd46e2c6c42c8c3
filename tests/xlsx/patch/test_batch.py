"""Inboxes of damaged returns given back: units get something whole, nothing stops the rest."""

from __future__ import annotations

import io
import random
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import openpyxl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from python_calamine import CalamineError, CalamineWorkbook

from consolidate.actions.return_files import CopyKind, UnitFile, unit_files
from consolidate.definitions.catalogue import texts
from consolidate.merge.merge_inbox import MergeRequest, merge
from consolidate.merge.read_files import check_bytes
from consolidate.model.anchors import RETURN_SHEET
from consolidate.model.period import Period
from consolidate.xlsx.patch.annotate_copy import annotate
from tests.fuzz.packages import mutate
from tests.fuzz.targets import _not_whole
from tests.library_2018 import library_2018
from tests.recipes.recipe import Recipe
from tests.saved import saved
from tests.xlsx.patch.test_copy import FORM, HEADING

NINE = Period.parse_code("2018-9M")
REASONS = {said for key, said in texts("annotate").items() if key.startswith("why.")}


@cache
def returns() -> tuple[bytes, ...]:
    """Returns with errors: as issued, with marks of the unit's own, marked by us before."""
    found = []
    for number, template in enumerate(("pctn", "pctn", "cchc")):
        wrong = "cchc_pl3_2.r1.total" if template == "cchc" else "pctn_01.c3"
        whose = {"cover.unit_name": f"Sở thử {number}", "cover.unit_code": f"Z{number}"}
        data = Recipe("x", template=template, values={**whose, wrong: "nhiều"}).build()
        found += [
            data,
            annotate(data, check_bytes(library_2018(), "t.xlsx", data).findings, HEADING),
        ]
    for data in found[:2]:
        book = openpyxl.load_workbook(io.BytesIO(data))
        book[FORM]["F14"].comment = Comment("Đã hỏi lại", "đơn vị")
        book[FORM]["F14"].fill = PatternFill("solid", fgColor="FFFF00FF")
        found.append(saved(book))
    return tuple(found)


def damaged(data: bytes, dice: random.Random) -> bytes:
    """The package with damage inside its parts or, now and then, in its own bytes."""
    if dice.random() < 0.85:
        return mutate(data, dice.randrange(2**32))
    changed = bytearray(data)
    for _ in range(dice.randint(1, 6)):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def grids(data: bytes) -> dict[str, list[list[object]]] | None:
    """What another reader sees on the sheets that are not ours; ``None`` if it cannot read them.

    It takes a sheet in UTF-16, which a copy has in UTF-8, for an empty one.
    """
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        own = RETURN_SHEET
        names = [name for name in book.sheet_names if not name.startswith(own)]
        return {name: book.get_sheet_by_name(name).to_python() for name in names}
    except CalamineError:
        return None


def check_given(item: UnitFile, source: bytes | None) -> None:
    if item.kind is not CopyKind.COPY:
        assert item.why in (REASONS if item.kind is CopyKind.LIST else {""})
        with zipfile.ZipFile(io.BytesIO(item.data)) as package:
            assert package.testzip() is None
        return
    assert source is not None
    before, after = (
        check_bytes(library_2018(), "t.xlsx", source),
        check_bytes(library_2018(), "t.xlsx", item.data),
    )
    assert (after.content, after.findings) == (before.content, before.findings)
    assert not _not_whole(item.data) - _not_whole(source)
    seen = grids(source)
    told = grids(item.data)
    if seen is not None:
        assert told is not None
        assert told.keys() == seen.keys()
        assert {name: rows for name, rows in told.items() if seen[name]} == {
            name: rows for name, rows in seen.items() if rows
        }


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_whatever_is_damaged_every_unit_gets_something_whole(seed: int) -> None:
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as made:
        inbox = Path(made)
        sources = {}
        for number in range(dice.randint(1, 3)):
            data = damaged(dice.choice(returns()), dice)
            sources[f"t{number}.xlsx"] = data
            (inbox / f"t{number}.xlsx").write_bytes(data)
        result = merge(MergeRequest(library_2018(), inbox, NINE))
        given_back = list(unit_files(result, inbox))
    for item in given_back:
        check_given(item, sources.get(item.source))
