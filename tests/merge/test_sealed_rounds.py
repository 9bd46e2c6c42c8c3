"""A round that was issued with seals: what has none never replaces or holds what has one."""

from __future__ import annotations

import io
import shutil
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from consolidate.definitions.catalogue import sentence
from consolidate.model.corrections import UNSEALED, Corrections, Waiver
from consolidate.model.reasons import Reason, because
from consolidate.model.units import Roster
from tests.merge.province import NINE, SIX, UNITS, Province, blank_filled, filled
from tests.recipes.inbox import FIGURES
from tests.saved import saved

TWO = Roster.of(UNITS[:2], province="Tỉnh Sông Tiền")
DAY = "2018-09-01"
UNSEALED_H1 = ("H1", "memory.unsealed", "warning", "", "", "")


@pytest.fixture
def province(tmp_path: Path, database: str) -> Province:
    return Province.make(tmp_path / "tỉnh", TWO, database=database)


def stamped(data: bytes, **stamp: str | None) -> bytes:
    """A workbook with other values in its stamp; ``None`` takes the key away."""
    book = load_workbook(io.BytesIO(data))
    sheet = book["_stamp"]
    for row in sheet.iter_rows():
        if row[0].value in stamp:
            row[1].value = stamp[row[0].value]
            if row[1].value is None:
                row[0].value = None
    return saved(book)


def renamed(data: bytes, code: str, name: str) -> bytes:
    """A workbook whose cover names another unit."""
    book = load_workbook(io.BytesIO(data))
    for element, value in (("unit_code", code), ("unit_name", name)):
        ((sheet, address),) = book.defined_names[f"cover.{element}"].destinations
        book[sheet][address] = value
    return saved(book)


def rival(other: str) -> Reason:
    way_out = because("memory.waive", rule=UNSEALED, unit="H1", period=NINE.code)
    reason = because("identity.unsealed_rival", other=other)
    return because("memory.held", reason=reason, way_out=way_out)


@pytest.mark.parametrize("source", ["stamp", "blank"])
def test_a_file_without_a_seal_never_replaces_one_that_has_it(
    province: Province, source: str
) -> None:
    issued = province.issue(NINE)
    province.send(NINE, "H1.xlsx", filled(issued["H1"], c3=7))
    bare = {
        # The template of another unit, the name on its stamp and cover changed, its seal gone.
        "stamp": stamped(
            renamed(filled(issued["S1"], c3=99, revision=99), "H1", UNITS[1].name),
            unit="H1",
            seal=None,
        ),
        "blank": blank_filled(UNITS[1], NINE, c3=99, revision=99),
    }[source]
    province.send(NINE, "mới nhất.xlsx", bare)
    merged = province.merge(NINE, DAY)
    assert merged.outcomes() == {"H1.xlsx": "accepted_with_warnings", "mới nhất.xlsx": "held"}
    assert merged.total("c3") == 7
    assert province.reasons(NINE, "mới nhất.xlsx") == [rival("H1.xlsx")]
    later = ("H1", "identity.later_held", "warning", "", "mới nhất.xlsx", "")
    assert later in merged.findings()
    waiver = Waiver("M1", UNSEALED, "H1", None, "TTT", date(2018, 9, 2), "Đã hỏi", "7/CV")
    with province.register() as register:
        register.add_corrections(Corrections((), (waiver,)))
    then = province.merge(NINE, "2018-09-02")
    assert then.outcomes() == {"H1.xlsx": "superseded", "mới nhất.xlsx": "accepted"}
    assert then.total("c3") == 99


def test_a_later_sealed_return_replaces_an_earlier_one(province: Province) -> None:
    issued = province.issue(NINE)
    province.send(NINE, "H1.xlsx", filled(issued["H1"], c3=7))
    province.send(NINE, "H1 lần 2.xlsx", filled(issued["H1"], c3=8, revision=2))
    # The same figures saved again without the seal are one more copy of them.
    same = stamped(filled(issued["H1"], c3=8, revision=2), seal=None)
    province.send(NINE, "H1 lần 2 lưu lại.xlsx", same)
    # The outbox may be emptied: the seals that came back tell what was issued.
    shutil.rmtree(province.workspace.outbox)
    merged = province.merge(NINE, DAY)
    assert merged.outcomes() == {
        "H1.xlsx": "superseded",
        "H1 lần 2.xlsx": "accepted",
        "H1 lần 2 lưu lại.xlsx": "duplicate",
    }
    assert (merged.total("c3"), merged.findings()) == (8, [UNSEALED_H1])


@pytest.mark.parametrize("how", ["unit", "period", "cover"])
def test_a_stamp_that_was_changed_is_held_and_one_without_a_seal_is_said(
    province: Province, how: str
) -> None:
    issued = province.issue(NINE)
    whole = filled(issued["S1"], c3=5)
    province.send(NINE, "S1.xlsx", whole)
    changed = {
        "unit": stamped(renamed(whole, "H1", UNITS[1].name), unit="H1"),
        "period": stamped(whole, period=SIX.code),
        # The stamp is of one unit, the cover of the other.
        "cover": stamped(renamed(whole, "H1", UNITS[1].name), seal=None),
    }[how]
    province.send(NINE, "tệp.xlsx", changed)
    merged = province.merge(NINE, DAY)
    assert merged.outcomes() == {"S1.xlsx": "accepted", "tệp.xlsx": "held"}
    assert merged.total("c3") == 5
    # Alone and with nothing else wrong: counted, and said.
    bare = stamped(filled(issued["H1"], c3=2), seal=None)
    province.send(NINE, "tệp.xlsx", bare)
    merged = province.merge(NINE, DAY)
    assert merged.outcomes() == {"S1.xlsx": "accepted", "tệp.xlsx": "accepted_with_warnings"}
    assert (merged.total("c3"), merged.findings()) == (7, [UNSEALED_H1])


def test_the_same_figures_without_a_seal_hold_no_sealed_return(province: Province) -> None:
    issued = province.issue(NINE)
    figures = {code: 10 + at for at, code in enumerate(FIGURES)}
    province.send(NINE, "H1.xlsx", filled(issued["H1"], **figures))
    # Under the name of the other unit, and under an earlier round of the same unit.
    bare = stamped(filled(issued["S1"], **figures), seal=None)
    province.send(NINE, "Sở Nội vụ.xlsx", bare)
    province.send(NINE, "kỳ trước.xlsx", blank_filled(UNITS[1], SIX, **figures))
    merged = province.merge(NINE, DAY)
    assert merged.outcomes() == {
        "H1.xlsx": "accepted",
        "Sở Nội vụ.xlsx": "held",
        "kỳ trước.xlsx": "held",
    }
    assert merged.total("c3") == figures["c3"]


def test_what_was_issued_is_known_when_nothing_of_it_is_left(province: Province) -> None:
    province.issue(NINE)
    shutil.rmtree(province.workspace.outbox)
    province.send(NINE, "H1.xlsx", blank_filled(UNITS[1], NINE, c3=7))
    province.send(SIX, "H1.xlsx", blank_filled(UNITS[1], SIX, c3=6))
    merged = province.merge(NINE, DAY)
    assert (merged.outcomes(), merged.findings()) == (
        {"H1.xlsx": "accepted_with_warnings"},
        [UNSEALED_H1],
    )
    assert province.merge(SIX, DAY).findings() == []
    with province.register() as register:
        first = register.issued()
        assert [(item.period, item.template) for item in first] == [(NINE, "pctn")]
    province.issue(NINE)
    with province.register() as register:
        assert register.issued() == first
    # Without the key nobody can tell whose seal a file has: nothing is counted as if it had none.
    key = province.workspace.key_path
    key.rename(key.with_name("cất riêng"))
    merged = province.merge(NINE, DAY)
    told = sentence(because("workspace.key_gone", file=str(key)))
    assert (merged.code, " ".join(told.split()) in merged.said) == (2, True)
    key.with_name("cất riêng").rename(key)
    assert province.merge(NINE, DAY).findings() == [UNSEALED_H1]


def test_where_nothing_was_issued_nothing_changes(province: Province) -> None:
    province.send(NINE, "H1.xlsx", blank_filled(UNITS[1], NINE, c3=7))
    first = province.merge(NINE, DAY)
    assert (first.outcomes(), first.findings()) == ({"H1.xlsx": "accepted"}, [])
    province.send(NINE, "H1 lần 2.xlsx", blank_filled(UNITS[1], NINE, c3=8, revision=2))
    merged = province.merge(NINE, DAY)
    assert merged.outcomes() == {"H1.xlsx": "superseded", "H1 lần 2.xlsx": "accepted"}
    assert (merged.total("c3"), merged.findings()) == (8, [])
