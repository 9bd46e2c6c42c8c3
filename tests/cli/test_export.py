"""``consolidate export``: every value of a run as a table that other programs read alike."""

from __future__ import annotations

import io
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from pysdmx.io import read_sdmx

from consolidate.model.corrections import Adjustment, Corrections
from consolidate.model.data_values import ValueKey
from consolidate.reports.values_table import TableFormat
from tests.cli.made import FIRST, NINE, File, Province, a_province, record

FORMULA = '=cmd|" /c calc"!A0'
SO = File("S01", {"pctn_01.c40": "012", "pctn_01.c15": "1.556,3", "pctn_01.c41": ""})
AN_DONG = File(
    "H01", {"pctn_01.c40": 10, "pctn_01.c41": FORMULA}, path="thư.zip", member="H01.xlsx"
)
BINH_TAY = File("H02", {"pctn_01.c40": "x", "pctn_01.c3": 0})
LISTS = File(
    "H01",
    {
        "cchc_pl3_2.r5_1.total": 3,
        "cchc_pl3_1.plan.1": FORMULA,
        "cchc_pl3_1.done.1": 4,
    },
    path="cchc.xlsx",
    template="cchc",
)
Key = tuple[str, str, str]


@pytest.fixture
def province(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Province:
    return a_province(tmp_path / "tỉnh", capsys)


@pytest.fixture
def exported(province: Province) -> Province:
    with province.register() as register:
        assert record(register, [SO, AN_DONG, BINH_TAY, LISTS]) == 1
    return province


def written(province: Province, kind: TableFormat, *more: str) -> Path:
    code, said = province.run("export", "--format", kind.value, *more)
    path = province.workspace.results / f"values-2018-9M{kind.ending}"
    assert code == 0, said
    assert said.startswith("Đã xuất ")
    assert path.is_file()
    return path


def frame_of(path: Path, kind: TableFormat) -> pd.DataFrame:
    """The table as its reader has it, under the names of our columns."""
    match kind:
        case TableFormat.CSV:
            return pd.read_csv(path)
        case TableFormat.XLSX:
            return pd.read_excel(path, engine="calamine")
        case TableFormat.PARQUET:
            return pd.read_parquet(path)
        case _:
            flows = read_sdmx(path, validate=False).data
            frame = pd.concat([flow.data for flow in flows]).rename(columns=str.lower)
            frame["value"] = pd.to_numeric(frame["obs_value"]).astype("float64")
            frame["column"] = frame["column"].replace("_Z", "")
            frame["unit"], frame["added"] = frame["org_unit"], frame["added"].str.lower() == "true"
            return frame


def sums(frame: pd.DataFrame) -> dict[Key, Decimal]:
    """Totals of the figures by form, element and column."""
    found: dict[Key, Decimal] = defaultdict(Decimal)
    for item in frame[frame.added & frame.value.notna()].itertuples():
        column = "" if pd.isna(item.column) else str(item.column)
        found[str(item.data_set), str(item.element), column] += Decimal(str(item.value))
    return dict(found)


@pytest.mark.parametrize("kind", list(TableFormat))
def test_totals_are_those_on_record(exported: Province, kind: TableFormat) -> None:
    with exported.register() as register:
        province = {
            (item.data_set, item.element, item.column): item.total
            for item in register.totals(1)
            if not item.level and not item.data_set.endswith("_1")
        }
    frame = frame_of(written(exported, kind), kind)
    found = {key: value for key, value in sums(frame).items() if key in province}
    assert found == {key: value for key, value in province.items() if key[0] != "cchc_pl3_1"}
    again = written(exported, kind).read_bytes()
    assert again == written(exported, kind).read_bytes()


def test_a_row_says_whose_what_and_where(exported: Province) -> None:
    frame = frame_of(written(exported, TableFormat.CSV), TableFormat.CSV).set_index(
        ["element", "unit"]
    )
    row = frame.loc[("c15", "S01")]
    assert (row.value, row.raw, row.status, row.cell) == (1556.3, "1.556,3", "reported", "F12")
    assert (row.period, row.level, row.unit_name) == ("2018-9M", "province", "Sở Nội vụ")
    assert frame.loc[("c40", "H01")].file == "thư.zip › H01.xlsx"
    told = {unit: frame.loc[("c40", unit)].status for unit in ("S01", "H02")}
    assert told == {"S01": "reported", "H02": "not_applicable"}
    assert frame.loc[("c3", "H02")].value == 0  # Zero is an answer, and no blank.
    assert pd.isna(frame.loc[("c41", "S01")].value)


def test_what_was_decided_stands_beside_what_was_sent(exported: Province) -> None:
    key = ValueKey("pctn_01", "c40", "value")
    change = Adjustment("DC-1", NINE, "S01", key, "7", "Phòng A", FIRST, "Đếm hai lần", "12/CV")
    with exported.register() as register:
        register.add_corrections(Corrections((change,)))
    frame = frame_of(written(exported, TableFormat.CSV), TableFormat.CSV)
    row = frame[(frame.element == "c40") & (frame.unit == "S01")].iloc[0]
    assert (row.value, str(row.raw), bool(row.adjusted)) == (7, "012", True)


def test_lists_are_left_out_unless_they_are_asked_for(exported: Province) -> None:
    kind = TableFormat.CSV
    assert "cchc_pl3_1" not in set(frame_of(written(exported, kind), kind).data_set)
    whole = frame_of(written(exported, kind, "--lists"), kind)
    plan = whole[(whole.data_set == "cchc_pl3_1") & (whole.element == "plan")].iloc[0]
    assert (plan.row, plan.text) == (1, f"'{FORMULA}")


def test_covered_tables_keep_their_figures(exported: Province) -> None:
    kind = TableFormat.CSV
    plain = frame_of(written(exported, kind, "--lists"), kind)
    covered = frame_of(written(exported, kind, "--lists", "--redact"), kind)
    assert FORMULA not in written(exported, kind, "--lists", "--redact").read_text("utf-8-sig")
    assert covered.value.equals(plain.value)
    raw = {str(said) for said in covered.raw.dropna()}
    assert raw == {"012", "1.556,3", "10", "x", "0", "3", "4", "(đã che)"}


def test_nothing_that_a_unit_typed_is_a_formula(exported: Province) -> None:
    book = openpyxl.load_workbook(written(exported, TableFormat.XLSX, "--lists"))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert FORMULA in [cell.value for cell in cells]
    assert {cell.data_type for cell in cells} <= {"s", "n", "b"}
    text = written(exported, TableFormat.CSV, "--lists").read_text("utf-8-sig")
    table = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    assert not [cell for cell in table.to_numpy().ravel() if cell[:1] in "=+@" and cell]


def test_without_the_library_of_a_format(
    exported: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    code, said = exported.run("export", "--format", "parquet")
    assert code == 2
    assert 'pip install "consolidate[parquet]"' in said


def test_nothing_on_record(province: Province) -> None:
    assert province.run("export")[0] == 2
