"""Marks on every page, who signs, copies without names and words, copies with a password."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from docx import Document

from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.merge.merge_inbox import write_results
from consolidate.model.data_values import ValueStatus
from consolidate.model.deadlines import Calendar, CalendarRow, Deadline, Secrecy
from consolidate.model.period import Period
from consolidate.model.reasons import Finding, Severity, because
from consolidate.model.units import Level, OrganisationUnit, Roster, Signatory
from consolidate.province.roster import build_roster, read_roster
from consolidate.reports.letterhead import authority_of
from consolidate.reports.official_page_in_word import document_bytes, mark_pages, new_document
from consolidate.reports.overview_html import overview_parts
from consolidate.reports.redaction import redacted, without_words
from consolidate.reports.result_json import result_document
from consolidate.reports.summary import official_bytes, summary_bytes
from consolidate.rollup.result import MergeResult
from consolidate.xlsx.read.decrypt import is_locked, unlock
from consolidate.xlsx.read.package_gate import Limits, Refused
from tests.reports.make_result import (
    LIBRARY,
    Bad,
    Typed,
    fixed,
    opened,
    record,
    result,
)

PCTN, CASES = LIBRARY.by_code["pctn_01"], LIBRARY.by_code["pctn_02"]
ONE = OrganisationUnit("X1", "UBND xã A", Level.COMMUNE)
NAME, STORY, ASIDE = "Nguyễn Văn An", "Nhận 5 triệu đồng của bà Bình", "12 (anh Cường)"
HIDDEN = "(đã che)"
DEPUTY = Signatory(
    "Thanh tra tỉnh", "KT. Chánh Thanh tra", "Phó Chánh Thanh tra", "Lê Thị Duyên", "Trần Văn Em"
)


def with_persons(*signing: Signatory) -> MergeResult:
    """A list of cases, a figure with a remark, a text in place of a figure, findings that quote."""
    rows = [{"name": NAME, "place": "Xã A", "summary": STORY}]
    answers = {
        ("c1", "value"): 7,
        ("c2", "value"): Typed(ASIDE, Decimal(12), "one_of_several"),
        ("c3", "value"): Bad(f"hỏi {NAME}"),
    }
    sent = record(ONE, "pctn", [fixed(PCTN, answers), opened(CASES, rows)], path="a.xlsx")
    assert sent.content is not None
    cell = sent.content.data_sets[1].values[0].cell
    quoting = Finding(
        "value.not_a_number",
        Severity.WARNING,
        because("value.not_a_number", caption="MS 3", raw=f"hỏi {NAME}"),
        data_set="pctn_02",
        element="name",
        cells=(cell,),
        found=f"{STORY[:20]}…",
        expected="7",
    )
    sent = replace(sent, findings=(quoting,))
    return result([sent], Roster.of([ONE], province="Tiền Giang", signatories=signing))


def parts_of(data: bytes) -> str:
    """Everything that an Office file says."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return "\n".join(
            package.read(name).decode("utf-8", "replace") for name in package.namelist()
        )


def test_the_highest_mark_of_a_round_stands_above_every_page() -> None:
    nine, quarter = Period.parse_code("2018-9M"), Period.parse_code("2018-Q3")
    rows = (
        CalendarRow(nine, Deadline(secrecy=Secrecy.SECRET), "pctn"),
        CalendarRow(quarter, Deadline(secrecy=Secrecy.TOP_SECRET), "cchc"),
        CalendarRow(Period.parse_code("2018-Y"), Deadline(secrecy=Secrecy.MOST_SECRET)),
    )
    assert Calendar(rows).secrecy(nine) is Calendar(rows).secrecy(quarter) is Secrecy.TOP_SECRET
    assert Calendar().secrecy(nine) is Secrecy.NONE
    assert [Secrecy.parse(said) for said in ("TỐI MẬT", "mật", "", "kín")] == [
        Secrecy.TOP_SECRET,
        Secrecy.SECRET,
        Secrecy.NONE,
        None,
    ]
    plain = with_persons()
    marked = replace(plain, secrecy=Secrecy.TOP_SECRET)
    for write in (official_bytes, lambda made: summary_bytes(made, inbox_link=None)):
        for made, header in ((plain, None), (marked, "TỐI MẬT")):
            data = write(made)
            assert data is not None
            for sheet in openpyxl.load_workbook(io.BytesIO(data)).worksheets:
                assert sheet.oddHeader.left.text == header, sheet.title
    assert '<p class="mark">TỐI MẬT</p>'.encode() in b"".join(overview_parts(marked, None))
    assert b'<p class="mark">' not in b"".join(overview_parts(plain, None))
    assert result_document(marked)["secrecy"] == "top_secret"
    # A letter tells first pages from others: both have it, once however often it is asked for.
    document = new_document("Công văn", "Thanh tra tỉnh")
    mark_pages(document, "Tối mật")
    mark_pages(document, "Tối mật")
    section = Document(io.BytesIO(document_bytes(document))).sections[0]
    for header_of in (section.header, section.first_page_header):
        assert [p.text for p in header_of.paragraphs].count("TỐI MẬT") == 1


def test_who_signs_is_kept_by_the_roster_for_tables_and_letters(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    made = Roster.of([ONE], province="Tiền Giang", signatories=(DEPUTY, Signatory(title="Phó")))
    path.write_bytes(build_roster(made))
    assert read_roster(path, {"pctn"}).signatories == made.signatories
    authority = authority_of("Thanh tra tỉnh", "Tiền Giang", made.signatories)
    assert authority.chief == "KT. CHÁNH THANH TRA\nPHÓ CHÁNH THANH TRA"
    assert (authority.signatory, authority.officer) == ("Lê Thị Duyên", "Trần Văn Em")
    assert authority.place == authority.province == "Tiền Giang"
    other = authority_of("Sở Nội vụ", "Tiền Giang", made.signatories)
    assert (other.chief, other.signatory) == ("PHÓ", "")
    assert authority_of("Sở Nội vụ", "", (DEPUTY,)).chief == "GIÁM ĐỐC"
    data = official_bytes(with_persons(DEPUTY))
    assert data is not None
    sheet = openpyxl.load_workbook(io.BytesIO(data))[PCTN.sheet]
    said = [cell.value for row in sheet.iter_rows() for cell in row if cell.value]
    for line in (authority.chief, "Lê Thị Duyên", "Trần Văn Em"):
        assert said.count(line) == 1


def test_a_redacted_merge_says_its_figures_and_nobody(tmp_path: Path) -> None:
    whole = with_persons(DEPUTY)
    covered = redacted(whole)
    for made, folder in ((whole, tmp_path / "a"), (covered, tmp_path / "b")):
        write_results(made, folder, None)
    told = {path.name: path.read_bytes() for path in sorted((tmp_path / "b").iterdir())}
    assert len(told) == 4
    for name, data in told.items():
        said = parts_of(data) if name.endswith(".xlsx") else data.decode()
        for secret in (NAME, STORY, STORY[:20], "Cường", "Duyên", "Văn Em"):
            assert secret not in said, (name, secret)
    assert NAME in parts_of((tmp_path / "a" / "tong-hop-9-thang-2018.xlsx").read_bytes())
    one, other = (json.loads((tmp_path / name / "result.json").read_bytes()) for name in ("a", "b"))
    assert one["totals"] == other["totals"]
    assert [row["values"]["name"]["value"] for row in other["lists"]] == [HIDDEN]
    (finding,) = covered.records[0].findings
    assert (finding.found, finding.expected) == (HIDDEN, "7")
    values = {v.key[1]: v for v in covered.tables[0].contributions[0].content.values}
    assert (values["c1"].raw, values["c1"].number) == ("7", 7)
    assert (values["c2"].raw, values["c2"].number) == (HIDDEN, 12)
    assert (values["c3"].raw, values["c3"].status) == (HIDDEN, ValueStatus.INVALID)
    assert redacted(covered) == covered or without_words(values["c1"], PCTN) == values["c1"]


def test_a_copy_with_a_password_opens_with_it_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, secret = tmp_path / "bao-cao.xlsx", tmp_path / "mk.txt"
    data = official_bytes(with_persons())
    assert data is not None
    file.write_bytes(data)
    secret.write_text("mật khẩu 1\nkhác\n", encoding="utf-8")
    asked = ["encrypt", str(file), "--password-file", str(secret)]
    assert main(asked) == 0
    copy = tmp_path / "bao-cao (mat khau).xlsx"
    locked = copy.read_bytes()
    assert is_locked(locked)
    assert unlock(locked, ("mật khẩu 1",), Limits()) == data == file.read_bytes()
    with pytest.raises(Refused):
        unlock(locked, ("khác",), Limits())
    assert main(asked) == 2  # The copy is there.
    assert copy.read_bytes() == locked
    assert main([*asked, "--force"]) == 0
    assert main(["encrypt", str(copy), "--password-file", str(secret)]) == 2
    assert main(["encrypt", str(secret), "--password-file", str(secret)]) == 2
    secret.write_text("", encoding="utf-8")
    assert main(asked) == 2
    said = capsys.readouterr()
    assert "mật khẩu 1" not in said.out + said.err
    assert text("encrypt.tell_apart") in " ".join(said.out.split())
