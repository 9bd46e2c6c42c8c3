"""Small libraries of forms that the package does not ship: marks, narratives, kinds of unit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from consolidate.definitions.loader import load_library, shipped_files
from consolidate.merge.merge_inbox import MergeRequest, merge
from consolidate.model.datasets import Library
from consolidate.model.period import Period
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.rollup.result import MergeResult
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template

ROUNDS = ("Q1", "6M", "9M", "Y")


def table(kind: str, /, **fields: Any) -> str:
    """A table of a TOML file; texts, numbers and lists are written there as in JSON."""
    lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in fields.items())
    return f"\n{kind}\n{''.join(lines)}"


def pack(code: str, title: str, forms: Sequence[str], periods: Sequence[str]) -> str:
    """A pack of forms that asks for all of them in the same periods."""
    fields = {
        "code": code,
        "family": code,
        "title": title,
        "short_title": title,
        "heading": [title.upper()],
        "file_name": f"{code}.xlsx",
        "version": "1",
        "legal_basis": "Thông tư số 06/2025/TT-TTCP",
        "recipient": "Thanh tra tỉnh",
        "data_sets": forms,
    }
    served = "serves_from = 2025-09-30\n"  # A day is no text.
    return table("", **fields) + served + table("[[packages]]", periods=periods, data_sets=forms)


def form(code: str, title: str, sheet: str, shape: str, *parts: str, **more: Any) -> str:
    """A data set of tables that :func:`item`, :func:`rule` and the like make."""
    named = {"code": code, "title": title, "short_title": title, "sheet": sheet, "shape": shape}
    return table("", **named, **{"periods": ROUNDS, **more}) + "".join(parts)


def item(code: str, label: str, kind: str, **more: Any) -> str:
    """An element of a form."""
    return table("[[body]]", code=code, label=label, type=kind, **more)


def heading(kind: str, label: str) -> str:
    """A heading among the elements, of a kind."""
    return table("[[body]]", **{kind: label})


def rule(code: str, expression: str, severity: str, source: str = "thử", **more: Any) -> str:
    """A rule of a form."""
    fields = {"id": code, "expression": expression, "severity": severity, "source": source}
    return table("[[rules]]", **fields, **more)


_NEEDED = ["value"]
MARKS = form(
    "marks", "Kết quả khắc phục văn bản", "03-PCTN", "open",
    table(
        "[layout]",
        title=["KẾT QUẢ PHÁT HIỆN, KHẮC PHỤC CÁC VĂN BẢN CÒN SƠ HỞ"],
        form_code="Biểu số: 03/PCTN",
        landscape=True,
        number_header="TT",
        number_width=6,
        open_rows=5,
    ),
    item("name", "Tên, số, ngày, tháng, năm", "text", width=26, required=_NEEDED),
    item("issuer", "Cơ quan ban hành văn bản", "text", width=22),
    *(
        item(code, label, "mark", group="Kết quả khắc phục", width=14)
        for code, label in (
            ("fixed", "Đã được khắc phục theo thẩm quyền"), ("pending", "Chưa khắc phục xong"),
        )
    ),
    item(
        "cause", "Nguyên nhân của việc chưa khắc phục xong", "text",
        group="Kết quả khắc phục", width=24,
    ),
    item("note", "Ghi chú", "text", width=18),
    rule("one_of_4_5", "exactly_one(filled(fixed), filled(pending))", "error",
          "Biểu 03/PCTN, cột 4 và 5", scope="row"),
    rule("cause_iff_5", "iff(filled(cause), filled(pending))", "error",
          "Biểu 03/PCTN, cột 6", scope="row"),
    key_elements=["name"],
)  # fmt: skip
"""Biểu 03/PCTN of Thông tư 06/2025/TT-TTCP in short: an open table with two columns of marks."""

NARRATIVE = form(
    "tm", "Báo cáo nội dung", "Mẫu 03", "fixed",
    table(
        "[layout]",
        title=["BÁO CÁO", "Nội dung về công tác phòng, chống tham nhũng"],
        window=True,
        number_header="TT",
        label_header="Nội dung theo đề cương",
        number_width=7,
        label_width=34,
    ),
    table("[[columns]]", code="value", label="Nội dung báo cáo", type="text", width=62),
    heading("section", "I. KẾT QUẢ CÔNG TÁC PHÒNG, CHỐNG THAM NHŨNG, LÃNG PHÍ, TIÊU CỰC"),
    heading("subsection", "2. Kết quả thực hiện các biện pháp phòng ngừa tham nhũng"),
    item("i2a", "Kết quả thực hiện công khai, minh bạch về tổ chức và hoạt động", "text",
          number="I.2.a", required=_NEEDED),
    item("i2b", "Kết quả xây dựng và thực hiện định mức, tiêu chuẩn, chế độ", "text",
          number="I.2.b", required=_NEEDED),
    heading("subsection", "3. Kết quả phát hiện, xử lý tham nhũng, lãng phí, tiêu cực"),
    item(
        "i3e", "Kết quả xử lý tài sản tham nhũng, lãng phí, tiêu cực", "text", number="I.3.e",
        guidance="- Tổng số tiền, tài sản phát hiện được;\n"
        "- Kết quả thu hồi bằng biện pháp hành chính.",
        required=_NEEDED,
    ),
    heading("section", "II. ĐÁNH GIÁ TÌNH HÌNH THAM NHŨNG, LÃNG PHÍ, TIÊU CỰC"),
    item("ii1a", "Đánh giá tình hình tham nhũng, lãng phí, tiêu cực và nguyên nhân", "text",
          number="II.1.a", periods=["6M", "9M", "Y"], required=_NEEDED),
    item("iv2d", "Các nội dung cụ thể khác cần kiến nghị, đề xuất", "text", number="IV.2.d"),
)  # fmt: skip
"""Mẫu số 03 of Thông tư 06/2025/TT-TTCP in short: one column of texts, the last one optional."""

_FIGURES = table("[[columns]]", code="value", label="SỐ LIỆU")
_BANK: dict[str, Any] = {"applies_to": ["bank"], "required": _NEEDED}


def _layout(title: str) -> str:
    heads = {"number_header": "MS", "label_header": "NỘI DUNG", "unit_header": "ĐVT"}
    return table("[layout]", title=[title], **heads)


KINDS = form(
    "kinds", "Biểu thử", "01-PCTN", "fixed",
    _layout("BIỂU THỬ"),
    _FIGURES,
    item("m36", "Số người bị kiểm tra", "count", number="36", unit="Người", required=_NEEDED),
    item("m38", "Số tài khoản được trả lương", "count", number="38", unit="Tài khoản", **_BANK),
    item("m39", "Tỷ lệ giao dịch không dùng tiền mặt", "percentage", number="39", unit="%",
          aggregation="none", maximum=100, **_BANK),
    item("m40", "Nhận xét của ngân hàng", "text", number="40", **_BANK),
    rule("r38_36", "m38 <= m36", "error", missing="zero"),
)  # fmt: skip
"""Rows as MS 38 and 39 of Biểu 01/PCTN, which concern the banks only."""

TASKS = form(
    "tasks", "Nhiệm vụ", "Nhiệm vụ", "open",
    table("[layout]", title=["NHIỆM VỤ"], landscape=True, number_header="TT", open_rows=6),
    item("task", "Nội dung", "text", width=26),
    item("due", "Hạn", "date", width=14),
    item("sent", "Ngày trình", "date", width=14),
    item("status", "Tiến độ", "choice", choices=["Đã trình", "Chưa thực hiện"], width=18),
    item("plan", "Kế hoạch vốn", "money", width=14),
    rule("sent", 'implies(status == "Đã trình", filled(sent))', "error", scope="row"),
    rule("late", "sent <= due", "warning", scope="row"),
    rule("outside", "sent <= window_to", "warning", scope="row"),
    rule("soon", 'status != "Chưa thực hiện" or due - window_to > 15', "info", scope="row"),
    key_elements=["task"],
)  # fmt: skip
"""Tasks with days and a choice."""
COUNTED = form(
    "counted", "Số chung", "Số chung", "fixed",
    _layout("SỐ CHUNG"),
    _FIGURES,
    item("n", "Số nhiệm vụ", "count", number="1"),
    item("s", "Đã trình", "count", number="2"),
    item("v", "Vốn", "money", number="3"),
    rule("all", "n == count(tasks)", "error"),
    rule("submitted", 's == count(tasks, status == "Đã trình" and sent <= due)', "error"),
    rule(
        "money",
        "implies(count(tasks, plan > 0) == count(tasks), v == sum(tasks.plan, due < window_to))",
        "error",
    ),
    rule(
        "summer",
        "implies(window_to >= day(6, 30), sum(tasks.plan, due < day(12, 31)) >= 0.5 * v)",
        "warning",
    ),
)  # fmt: skip
"""Figures that count tasks and add up money of some of them."""


@cache
def small_library(*texts: str) -> Library:
    """The shipped cover and a pack "thu" with these data sets, in this order."""
    codes = [text.partition('code = "')[2].partition('"')[0] for text in texts]
    return load_library(
        {
            "cover.toml": shipped_files()["cover.toml"],
            "thu/pack.toml": pack("thu", "Báo cáo thử", codes, ROUNDS),
            **{f"thu/{code}.toml": text for code, text in zip(codes, texts, strict=True)},
        }
    ).of_pack("thu")


COVER = {
    "cover.level": "Cấp tỉnh",
    "cover.period_type": "Năm",
    "cover.period_year": 2026,
    "cover.window_from": date(2025, 12, 15),
    "cover.window_to": date(2026, 12, 14),
    "cover.revision": 1,
}
"""The cover of a return of 2026-Y without its unit."""
UNITS = (
    OrganisationUnit("S1", "Sở Nội vụ", Level.PROVINCE, templates=frozenset({"thu"})),
    OrganisationUnit("S2", "Sở Tư pháp", Level.PROVINCE, templates=frozenset({"thu"})),
    OrganisationUnit("X1", "UBND xã An Tây", Level.COMMUNE, templates=frozenset({"thu"})),
    OrganisationUnit("X2", "UBND xã Bình Minh", Level.COMMUNE, templates=frozenset({"thu"})),
)
ROSTER = Roster.of(UNITS, province="Tỉnh Sông Tiền")


def returned(library: Library, unit: OrganisationUnit, **filled: Any) -> bytes:
    """The template as a unit returns it; ``filled`` are fields of a :class:`Prefill`."""
    own = {"cover.unit_name": unit.name, "cover.unit_code": unit.code}
    values = COVER | own | filled.pop("values", {})
    return build_template(library, "thu", Prefill(values=values, **filled))


def merged(library: Library, folder: Path, returns: Mapping[str, bytes]) -> MergeResult:
    """What a merge of these files, by unit, makes of the year 2026."""
    for code, data in returns.items():
        (folder / f"{code}.xlsx").write_bytes(data)
    return merge(MergeRequest(library, folder, Period.parse_code("2026-Y"), ROSTER))
