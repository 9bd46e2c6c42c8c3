"""Returns that another program saved say the same: LibreOffice as .xlsx, .ods and .xls."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from consolidate.merge.read_files import check
from consolidate.model.data_values import ValueKey, ValueStatus
from tests.library_2018 import library_2018
from tests.office.office import Office

pytestmark = pytest.mark.office

INBOX = Path(__file__).parents[2] / "examples" / "inbox"
TELLING = ("Sở TTTT", "H01", "S03 Sở Tài chính - PCTN", "S04 Sở Xây dựng - PCTN", "X04")
"""Returns with typed text, mistakes, cases, money in đồng; the others are like one of them."""
Answer = tuple[ValueStatus, object]


def said(path: Path) -> tuple[dict[ValueKey, Answer], list[tuple[str, str, str]]]:
    """Answers and findings of a return; the cells of both are part of what must not change."""
    (reading,) = check(library_2018(), path).readings
    assert reading.content is not None, reading.reason
    answers = {value.key: (value.status, value.value) for value in reading.content.values()}
    findings = [(finding.rule, finding.sheet, finding.address) for finding in reading.findings]
    return answers, findings


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_saving_in_libreoffice_changes_no_answer(kind: str, office: Office, tmp_path: Path) -> None:
    originals = []
    for index, path in enumerate(sorted(INBOX.rglob("*.xlsx"))):
        if any(part in path.as_posix() for part in TELLING):
            original = tmp_path / f"{index}.xlsx"
            shutil.copyfile(path, original)
            originals.append(original)
    saved = office.saved_as(originals, kind, tmp_path / kind)
    assert len(saved) == 7
    for original, copy in zip(originals, saved, strict=True):
        assert said(copy) == said(original)
