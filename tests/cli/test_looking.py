"""Commands that only look: they make no register, change none, and say what compared otherwise."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from consolidate.actions.adjust_and_decide import apply_corrections
from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.model.corrections import TOO_LATE
from consolidate.model.data_values import Baseline
from consolidate.model.period import Period
from consolidate.model.runs import EventKind, PeriodEvent
from consolidate.province.corrections_plan import Ending
from consolidate.register.engine import connect
from consolidate.register.migrate_and_check import schema_revision
from consolidate.register.schema import metadata
from consolidate.rollup.run_differences import RunFacts, run_diff
from tests.cli.made import NINE, SECOND, File, Province, record
from tests.cli.test_adjust import GOOD, WAIVER, changed, write
from tests.databases import ON_BOTH

LOOKS = (
    ["runs"],
    ["diff", "1", "2"],
    ["status", NINE.code],
    ["trace", "pctn_01.c3", "--period", NINE.code],
)
SIX, YEAR = Period.parse_code("2018-6M"), Period.parse_code("2017-Y")


@pytest.mark.parametrize("call", LOOKS, ids=lambda call: call[0])
def test_what_only_shows_makes_no_register(call: list[str], province: Province) -> None:
    before = sorted(province.root.rglob("*"))
    province.run(*call)
    assert sorted(province.root.rglob("*")) == before


def state(province: Province) -> dict[str, Any]:
    """Everything in the database and every file of the workspace."""
    with closing(connect(province.workspace.database_url)) as opened, opened.read() as connection:
        tables = {
            name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for name, table in metadata.tables.items()
        }
        revision = schema_revision(connection)
    files = {p: p.read_bytes() for p in province.root.rglob("*") if p.is_file()}
    return {"tables": tables, "revision": revision, "files": files}


@pytest.fixture
def kept(province: Province) -> Province:
    """A province with two runs and a lock."""
    with province.register() as register:
        for result in ("a", "b"):
            record(register, [File("S01", {"pctn_01.c3": 5})], result=result)
        register.add_event(PeriodEvent(EventKind.LOCKED, NINE, "Phòng A", SECOND, "7/QĐ", 1))
    return province


@ON_BOTH
def test_what_only_looks_leaves_a_register_as_it_is(kept: Province, tmp_path: Path) -> None:
    path = write(kept.root / "corrections.xlsx", [GOOD], [WAIVER])
    before = state(kept)
    trials = (["adjust", "--dry-run"], ["adjust"], ["backup", str(tmp_path / "a.zip")])
    codes = [kept.run(*call)[0] for call in (*LOOKS, *trials)]
    assert state(kept) == before
    on_server = "postgresql" in kept.workspace.database_url
    # The runs differ, units are missing, the round is locked; of a server only files are kept.
    assert codes == [0, 1, 1, 0, 1, 1, int(on_server)]
    write(path, [], [changed(WAIVER, rule=TOO_LATE), WAIVER])
    before = state(kept)
    plan = apply_corrections(kept.workspace, path, Ending("A", SECOND, "Bỏ"), lambda _: False)
    assert [item.rule for item in plan.new.waivers] == [TOO_LATE, "pctn_01.r40"]
    assert state(kept) == before


@ON_BOTH
def test_a_register_of_another_program_is_refused_and_left_as_it_is(kept: Province) -> None:
    write(kept.root / "corrections.xlsx", [GOOD], [WAIVER])
    with closing(connect(kept.workspace.database_url)) as opened, opened.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = state(kept)
    target = kept.root.parent / "a.zip"
    trials = (["adjust", "--dry-run"], ["adjust"], ["backup", str(target)])
    for call in (*LOOKS, *trials):
        code, said = kept.run(*call)
        assert (code, "phiên bản mới hơn" in " ".join(said.split())) == (2, True)
    assert state(kept) == before
    assert not target.exists()


def test_without_a_register_a_dry_run_and_a_backup_make_none(
    province: Province, tmp_path: Path
) -> None:
    path = write(province.root / "corrections.xlsx", [GOOD], [WAIVER])
    before = sorted(province.root.rglob("*"))
    code, said = province.run("adjust", "--dry-run")
    assert (code, said.count("  + ")) == (0, 2)
    write(path, [changed(GOOD, unit="S99")])
    assert province.run("adjust")[0] == 1
    assert province.run("backup", str(tmp_path / "a.zip"))[0] == 0
    assert sorted(province.root.rglob("*")) == before
    assert main(["restore", str(tmp_path / "a.zip"), str(tmp_path / "mới")]) == 0


def test_other_figures_of_earlier_periods_are_named(province: Province) -> None:
    files = [File("S01", {"pctn_01.c3": 5})]
    with province.register() as register:
        first, second = (record(register, files, result=name) for name in ("a", "b"))
        old, new = (
            RunFacts(register.run(number), register.outcomes(number), register.totals(number))
            for number in (first, second)
        )
    same, other = Baseline(SIX, 1), Baseline(SIX, 1, ("DC-1",))
    assert run_diff(old, new).elsewhere
    found = run_diff(
        RunFacts(old.run, old.outcomes, old.totals, (same, Baseline(YEAR, 2))),
        RunFacts(new.run, new.outcomes, new.totals, (other, Baseline(YEAR, 2))),
    )
    assert (found.bases, found.elsewhere, found.nothing) == ((SIX,), False, False)
    # The same result: what it was compared with shows nowhere.
    assert run_diff(
        RunFacts(old.run, old.outcomes, old.totals, (same,)),
        RunFacts(old.run, old.outcomes, old.totals, (other,)),
    ).nothing
    code, said = province.run("diff", str(first), str(second))
    assert (code, text("diff.elsewhere") in " ".join(said.split())) == (1, True)
