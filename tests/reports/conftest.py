"""What the tests of the reports share: a province, its summary, ways to read a workbook back."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from consolidate.reports.summary import write_summary
from consolidate.rollup.result import MergeResult
from tests.reports.make_result import province


@pytest.fixture(scope="session")
def made() -> MergeResult:
    """A province of 14 units that answer in every way."""
    return province(14)


@pytest.fixture(scope="session")
def summary(made: MergeResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The summary of that province as a file."""
    path = tmp_path_factory.mktemp("summary") / "tong-hop.xlsx"
    write_summary(made, path, inbox_link="../inbox")
    return path


@pytest.fixture(scope="session")
def formulas(summary: Path) -> openpyxl.Workbook:
    """The summary as it stands, formulas as formulas."""
    return openpyxl.load_workbook(summary)


@pytest.fixture(scope="session")
def cached(summary: Path) -> openpyxl.Workbook:
    """The summary with the cached values of its formulas."""
    return openpyxl.load_workbook(summary, data_only=True)
