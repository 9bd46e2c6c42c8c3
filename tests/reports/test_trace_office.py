"""The way from figures of a summary to the cells of files and back, as LibreOffice goes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.inbox import make_inbox
from consolidate.definitions.loader import shipped_library
from consolidate.merge.merge_inbox import MergeRequest, merge, write_results
from tests.office.bridge import OpenOffice
from tests.office.clicks import walks

NAMES = ("cấp xã/UBND xã Tân Hội.xlsx", "a'b #1 50% [x] %41.xlsx", "chấm. phẩy;&+= {2}.xlsx")
FIGURES = 8
"""``python -m tests.office.clicks`` walks from a hundred in a summary of any size."""


@pytest.mark.office
def test_figures_lead_to_their_cells_and_back(tmp_path: Path, bridge: OpenOffice) -> None:
    inbox = tmp_path / "hộp thư đến #2"
    inbox.mkdir()
    make_inbox(inbox, len(NAMES), office=False)
    for path, name in zip(sorted(inbox.iterdir()), NAMES, strict=True):
        (inbox / name).parent.mkdir(exist_ok=True)
        path.rename(inbox / name)
    result = merge(MergeRequest(shipped_library(), inbox))
    summary = write_results(result, tmp_path / "kết quả", inbox)["workbook"]
    found = walks(bridge, summary, FIGURES)
    assert [walk for walk in found if walk.wrong] == []
    assert len(found) == FIGURES
    # The opposite: a file that is taken away is missed.
    for name in NAMES:
        (inbox / name).unlink()
    assert all("no such file" in walk.wrong for walk in walks(bridge, summary, 2))
