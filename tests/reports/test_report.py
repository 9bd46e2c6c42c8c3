"""The draft of a report: what its tags say, of how many units, nothing executed, what is kept."""

from __future__ import annotations

import io
import re
import tomllib
import zipfile
from pathlib import Path

import pytest
from docx import Document

from consolidate.cli.main import main
from consolidate.definitions.catalogue import sentence, text
from consolidate.definitions.loader import (
    PACK,
    offered_files,
    offered_packs,
    shipped_library,
)
from consolidate.model.deadlines import Calendar
from consolidate.model.packs import Pack
from consolidate.model.period import Period
from consolidate.model.reasons import UserError
from consolidate.model.units import Roster
from consolidate.reports.letterhead import authority_of
from consolidate.reports.report_in_word import report_bytes, shipped_outline, template_bytes
from consolidate.reports.report_tags import Tags, words_of
from consolidate.rollup.result import MergeResult
from consolidate.xlsx.write.atomic_files import as_sealed
from examples.forms import library_of
from tests.merge.province import NINE, SIX, Province, blank_filled
from tests.merge.province import UNITS as PROVINCE_UNITS
from tests.small_library import KINDS, NARRATIVE, UNITS, merged, returned, small_library

AUTHORITY = authority_of("Thanh tra tỉnh", "Tỉnh Sông Tiền")
EVIL = "{{ so('x') }} {% for a in b %} =1+1 <b>&amp;</b>"


def paragraphs(data: bytes) -> list[str]:
    return [p.text for p in Document(io.BytesIO(data)).paragraphs if p.text.strip()]


def filled_in(outline: str, result: MergeResult, pack: Pack) -> list[str]:
    """The lines of a report below its head."""
    tags = Tags(result, pack, "mau.docx")
    words = words_of(tags, Calendar(), AUTHORITY, "bao-cao.xlsx")
    template = template_bytes(outline, "Báo cáo", AUTHORITY)
    data = report_bytes(template, tags, words)
    assert data == report_bytes(template, tags, words)
    assert as_sealed(data)
    return paragraphs(data)


def test_figures_and_words_of_units(tmp_path: Path) -> None:
    library = small_library(KINDS, NARRATIVE)
    pack = library.packs.by_code["thu"]
    said = {
        "S1": {"tm.i2a": EVIL, "tm.i2b": "Không có.", "kinds.m36": 2},
        "S2": {"tm.i2a": "Một\nHai", "tm.i2b": "Không phát sinh"},
        "X1": {"tm.i2a": "một\nhai.", "tm.i2b": "Đã làm", "kinds.m36": 0},
    }
    units = {unit.code: unit for unit in UNITS}
    result = merged(
        library,
        tmp_path,
        {code: returned(library, units[code], values=values) for code, values in said.items()},
    )
    outline = """
# BÁO CÁO {{ ky }}

= {{ so_lieu_tu }}

{{ co_quan }}, {{ tinh }}, căn cứ {{ can_cu }}

{{ nguon_so_lieu }}

## Mục I

- {{ chi_tieu("kinds.m36") }};

{{ so("kinds.m38") }}{{ so_sanh("kinds.m38") }}

{{ thuyet_minh("tm.i2a") }}

{{ thuyet_minh("tm.i2b") }}

{%p if bao_cao_quy %}

{{ thuyet_minh("tm.iv2d") }}

{%p endif %}

Kèm theo {{ kem_theo }}
"""
    assert filled_in(outline, result, pack) == [
        "BÁO CÁO năm 2026",
        "(Số liệu tính từ ngày ……/……/……… đến ngày ……/……/………)",
        "Thanh tra tỉnh, Sông Tiền, căn cứ Thông tư số 06/2025/TT-TTCP",
        "Số liệu toàn tỉnh tổng hợp từ 3/4 đơn vị. "
        "Chưa có số liệu của 1 đơn vị: UBND xã Bình Minh.",
        "Mục I",
        f"- {library.by_code['kinds'].by_code['m36'].label}: 2 người (số liệu của 2/4 đơn vị);",
        text("report.shown.not_asked"),
        f"Sở Nội vụ: {EVIL}",
        "2 đơn vị (Sở Tư pháp; UBND xã An Tây): Một",
        "Hai",
        "UBND xã An Tây: Đã làm",
        "Không có nội dung phải báo cáo: 2 đơn vị (Sở Nội vụ; Sở Tư pháp).",
        "Kèm theo bao-cao.xlsx",
    ]


def test_wrong_names_are_told_together(tmp_path: Path) -> None:
    library = small_library(NARRATIVE)
    pack = library.packs.by_code["thu"]
    result = merged(library, tmp_path, {})
    for outline, expected in (
        (
            '{{ so("tm.x") }} {{ chi_tieu("tm.i2a") }}\n\n{{ thuyet_minh("x") }}',
            [
                text("report.bad_name", file="mau.docx", name="tm.x", example="tm.i2a"),
                text("report.not_number", file="mau.docx", name="tm.i2a"),
                text("report.bad_name", file="mau.docx", name="x", example="tm.i2a"),
            ],
        ),
        ("{{ sox }}", ["Mẫu mau.docx: thẻ “sox” không có."]),
        ("{%p if ky %}\n\nMột", ["Mẫu mau.docx: thẻ viết sai"]),
        ("{{ ().__class__.__base__ }}", ["Mẫu mau.docx: thẻ viết sai"]),
    ):
        with pytest.raises(UserError) as caught:
            filled_in(f"# BÁO CÁO\n\n{outline}\n\nHết", result, pack)
        found = [sentence(problem) for problem in caught.value.problems]
        assert all(map(str.startswith, found, expected)), found
        assert len(found) == len(expected)


@pytest.mark.parametrize(
    ("code", "period", "parts"),
    [
        ("pctn-2014", "2018-9M", ["I", "II", "III", "IV"]),
        ("pctn-2025", "2026-9M", ["I", "II", "III", "IV"]),
        ("pctn-2025", "2026-Q1", ["I", "III", "IV"]),
        (
            "cchc-2018",
            "2018-Q3",
            ["A", "I", "II", "III", "IV", "V", "B", "I", "II", "III", "IV", "V"],
        ),
    ],
)
def test_shipped_outlines_name_what_there_is(code: str, period: str, parts: list[str]) -> None:
    asked = Period.parse_code(period)
    library = shipped_library().of_pack(code, asked.type.round)
    pack = library.packs.by_code[code]
    said = filled_in(shipped_outline(pack), MergeResult(asked, (), (), (), library=library), pack)
    assert [found[1] for line in said if (found := re.match(r"([ABIV]+)\. ", line))] == parts
    assert not [line for line in said if "{" in line or "}" in line]
    figures = [line for line in said if line.endswith(f"{text('report.shown.blank')};")]
    counted = {"pctn-2014": 61, "pctn-2025": 123, "cchc-2018": 6}[code]
    assert len(figures) == counted
    assert not [line for line in said if ": 0 " in line]


def test_a_pack_without_an_outline_gets_one_of_its_forms(tmp_path: Path) -> None:
    library = small_library(KINDS, NARRATIVE)
    pack = library.packs.by_code["thu"]
    said = filled_in(shipped_outline(pack), merged(library, tmp_path, {}), pack)
    for form in pack.data_sets:
        for item in form.elements:
            assert any(item.label.rstrip(".") in line for line in said) is (
                form.narrative or item.type.numeric
            )


@pytest.mark.parametrize("name", offered_packs())
def test_offered_packs_have_the_outline_of_their_report_in_words(name: str) -> None:
    library = library_of(name)
    code = tomllib.loads(offered_files(name)[PACK])["code"]
    pack = library.packs.by_code[code]
    period = Period(2024, pack.periods[-1])
    library = library.of_pack(pack.code, period.type.round)
    said = filled_in(shipped_outline(pack), MergeResult(period, (), (), (), library=library), pack)
    words = [form for form in pack.data_sets if form.narrative]
    assert shipped_outline(pack).startswith("// ") is bool(words)
    assert said.count(text("report.nobody")) == sum(len(form.elements) for form in words)
    assert not [line for line in said if "{" in line or "}" in line]


def test_drafts_are_made_anew_until_somebody_changes_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unit, other = PROVINCE_UNITS[0], PROVINCE_UNITS[6]
    province = Province.make(tmp_path / "tinh", Roster.of([unit, other], province="Tỉnh Sông Tiền"))
    root = province.workspace.root
    call = ["report", "2018-9M", "--workspace", str(root), "--jobs", "0", "--as-of", "2018-09-10"]
    path = root / "results" / "bao-cao-pctn-9-thang-2018.docx"
    province.send(SIX, "a.xlsx", blank_filled(unit, SIX, c3=3))
    province.merge(SIX, "2018-06-10")
    province.send(NINE, "a.xlsx", blank_filled(unit, NINE, c3=5))
    assert main(call) == 0
    line = "pháp luật về PCTN: {} lượt người{}; 6 tháng đầu năm 2018: 3, tăng {};"
    half = " (số liệu của 1/2 đơn vị)"
    said = paragraphs(path.read_bytes())
    assert any(one.endswith(line.format(5, half, "2 (66,7%)")) for one in said)
    assert said[4] == (
        "Số liệu toàn tỉnh tổng hợp từ 1/2 đơn vị. Chưa có số liệu của 1 đơn vị: UBND xã Bình Minh."
        " Kỳ so sánh: 6 tháng đầu năm 2018; 9 tháng đầu năm 2017 (chưa có số liệu trong sổ lưu)."
    )
    first = path.read_bytes()
    assert main(call) == 0
    assert path.read_bytes() == first
    province.send(NINE, "b.xlsx", blank_filled(other, NINE, c3=4))
    assert main(call) == 0
    both = "6 (200%) (riêng 1 đơn vị có số liệu cả hai kỳ: 3 lên 5)"
    said = paragraphs(path.read_bytes())
    assert any(one.endswith(line.format(9, "", both)) for one in said)

    document = Document(str(path))
    document.paragraphs[0].add_run(" sửa tay")
    document.save(str(path))
    edited = path.read_bytes()
    capsys.readouterr()
    assert main(call) == 1
    assert "bao-cao-pctn-9-thang-2018.docx đã có người sửa" in " ".join(
        capsys.readouterr().out.split()
    )
    assert path.read_bytes() == edited

    own = root / "reports" / "mau-bao-cao-pctn-2014.docx"
    assert main([*call[:4], "--template"]) == 0
    template = Document(str(own))
    template.paragraphs[-1].add_run(" Lời của tỉnh, {{ ky }}.")
    template.save(str(own))
    assert main([*call[:4], "--template"]) == 0
    assert main([*call, "--force"]) == 0
    assert paragraphs(path.read_bytes())[-1].endswith("./. Lời của tỉnh, 9 tháng đầu năm 2018.")
    own.write_bytes(b"PK no document")
    capsys.readouterr()
    assert main(call) == 2
    assert "không phải tệp Word" in capsys.readouterr().err
    with zipfile.ZipFile(io.BytesIO(first)) as package:
        assert "DỰ THẢO" in package.read("word/header1.xml").decode()
