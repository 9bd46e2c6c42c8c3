"""Small libraries of forms that the package does not ship: marks, narratives, kinds of unit."""

from __future__ import annotations

from collections.abc import Mapping
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

_PACK = """
code = "thu"
family = "thu"
title = "Báo cáo thử"
heading = ["BÁO CÁO THỬ"]
short_title = "Báo cáo thử"
file_name = "thu.xlsx"
version = "1"
legal_basis = "Thông tư số 06/2025/TT-TTCP"
serves_from = 2025-09-30
recipient = "Thanh tra tỉnh"
data_sets = [{data_sets}]

[[packages]]
periods = ["Q1", "6M", "9M", "Y"]
data_sets = [{data_sets}]
"""
_TOP = """
code = "{code}"
title = "{title}"
short_title = "{title}"
sheet = "{sheet}"
shape = "{shape}"
periods = ["Q1", "6M", "9M", "Y"]
"""
MARKS = (
    _TOP.format(code="marks", title="Kết quả khắc phục văn bản", sheet="03-PCTN", shape="open")
    + """
key_elements = ["name"]

[layout]
title = ["KẾT QUẢ PHÁT HIỆN, KHẮC PHỤC CÁC VĂN BẢN CÒN SƠ HỞ"]
form_code = "Biểu số: 03/PCTN"
landscape = true
number_header = "TT"
number_width = 6
open_rows = 5

[[body]]
code = "name"
label = "Tên, số, ngày, tháng, năm"
type = "text"
width = 26
required = ["value"]

[[body]]
code = "issuer"
label = "Cơ quan ban hành văn bản"
type = "text"
width = 22

[[body]]
code = "fixed"
label = "Đã được khắc phục theo thẩm quyền"
group = "Kết quả khắc phục"
type = "mark"
width = 14

[[body]]
code = "pending"
label = "Chưa khắc phục xong"
group = "Kết quả khắc phục"
type = "mark"
width = 14

[[body]]
code = "cause"
label = "Nguyên nhân của việc chưa khắc phục xong"
group = "Kết quả khắc phục"
type = "text"
width = 24

[[body]]
code = "note"
label = "Ghi chú"
type = "text"
width = 18

[[rules]]
id = "one_of_4_5"
expression = "exactly_one(filled(fixed), filled(pending))"
severity = "error"
scope = "row"
source = "Biểu 03/PCTN, cột 4 và 5"

[[rules]]
id = "cause_iff_5"
expression = "iff(filled(cause), filled(pending))"
severity = "error"
scope = "row"
source = "Biểu 03/PCTN, cột 6"
"""
)
"""Biểu 03/PCTN of Thông tư 06/2025/TT-TTCP in short: an open table with two columns of marks."""

NARRATIVE = (
    _TOP.format(code="tm", title="Báo cáo nội dung", sheet="Mẫu 03", shape="fixed")
    + """
[layout]
title = ["BÁO CÁO", "Nội dung về công tác phòng, chống tham nhũng"]
window = true
number_header = "TT"
label_header = "Nội dung theo đề cương"
number_width = 7
label_width = 34

[[columns]]
code = "value"
label = "Nội dung báo cáo"
type = "text"
width = 62

[[body]]
section = "I. KẾT QUẢ CÔNG TÁC PHÒNG, CHỐNG THAM NHŨNG, LÃNG PHÍ, TIÊU CỰC"

[[body]]
subsection = "2. Kết quả thực hiện các biện pháp phòng ngừa tham nhũng"

[[body]]
code = "i2a"
number = "I.2.a"
label = "Kết quả thực hiện công khai, minh bạch về tổ chức và hoạt động"
type = "text"
required = ["value"]

[[body]]
code = "i2b"
number = "I.2.b"
label = "Kết quả xây dựng và thực hiện định mức, tiêu chuẩn, chế độ"
type = "text"
required = ["value"]

[[body]]
subsection = "3. Kết quả phát hiện, xử lý tham nhũng, lãng phí, tiêu cực"

[[body]]
code = "i3e"
number = "I.3.e"
label = "Kết quả xử lý tài sản tham nhũng, lãng phí, tiêu cực"
guidance = "- Tổng số tiền, tài sản phát hiện được;\\n- Kết quả thu hồi bằng biện pháp hành chính."
type = "text"
required = ["value"]

[[body]]
section = "II. ĐÁNH GIÁ TÌNH HÌNH THAM NHŨNG, LÃNG PHÍ, TIÊU CỰC"

[[body]]
code = "ii1a"
number = "II.1.a"
label = "Đánh giá tình hình tham nhũng, lãng phí, tiêu cực và nguyên nhân"
type = "text"
periods = ["6M", "9M", "Y"]
required = ["value"]

[[body]]
code = "iv2d"
number = "IV.2.d"
label = "Các nội dung cụ thể khác cần kiến nghị, đề xuất"
type = "text"
"""
)
"""Mẫu số 03 of Thông tư 06/2025/TT-TTCP in short: one column of texts, the last one optional."""

KINDS = (
    _TOP.format(code="kinds", title="Biểu thử", sheet="01-PCTN", shape="fixed")
    + """
[layout]
title = ["BIỂU THỬ"]
number_header = "MS"
label_header = "NỘI DUNG"
unit_header = "ĐVT"

[[columns]]
code = "value"
label = "SỐ LIỆU"

[[body]]
code = "m36"
number = "36"
label = "Số người bị kiểm tra"
unit = "Người"
type = "count"
required = ["value"]

[[body]]
code = "m38"
number = "38"
label = "Số tài khoản được trả lương"
unit = "Tài khoản"
type = "count"
applies_to = ["bank"]
required = ["value"]

[[body]]
code = "m39"
number = "39"
label = "Tỷ lệ giao dịch không dùng tiền mặt"
unit = "%"
type = "percentage"
aggregation = "none"
maximum = 100
applies_to = ["bank"]
required = ["value"]

[[body]]
code = "m40"
number = "40"
label = "Nhận xét của ngân hàng"
type = "text"
applies_to = ["bank"]
required = ["value"]

[[rules]]
id = "r38_36"
expression = "m38 <= m36"
severity = "error"
source = "thử"
missing = "zero"
"""
)
"""Rows as MS 38 and 39 of Biểu 01/PCTN, which concern the banks only."""

TASKS = (
    _TOP.format(code="tasks", title="Nhiệm vụ", sheet="Nhiệm vụ", shape="open")
    + """
key_elements = ["task"]

[layout]
title = ["NHIỆM VỤ"]
landscape = true
number_header = "TT"
open_rows = 6

[[body]]
code = "task"
label = "Nội dung"
type = "text"
width = 26

[[body]]
code = "due"
label = "Hạn"
type = "date"
width = 14

[[body]]
code = "sent"
label = "Ngày trình"
type = "date"
width = 14

[[body]]
code = "status"
label = "Tiến độ"
type = "choice"
choices = ["Đã trình", "Chưa thực hiện"]
width = 18

[[body]]
code = "plan"
label = "Kế hoạch vốn"
type = "money"
width = 14

[[rules]]
id = "sent"
expression = 'implies(status == "Đã trình", filled(sent))'
severity = "error"
scope = "row"
source = "thử"

[[rules]]
id = "late"
expression = "sent <= due"
severity = "warning"
scope = "row"
source = "thử"

[[rules]]
id = "outside"
expression = "sent <= window_to"
severity = "warning"
scope = "row"
source = "thử"

[[rules]]
id = "soon"
expression = 'status != "Chưa thực hiện" or due - window_to > 15'
severity = "info"
scope = "row"
source = "thử"
"""
)
"""Tasks with days and a choice."""
COUNTED = (
    _TOP.format(code="counted", title="Số chung", sheet="Số chung", shape="fixed")
    + """
[layout]
title = ["SỐ CHUNG"]
number_header = "MS"
label_header = "NỘI DUNG"
unit_header = "ĐVT"

[[columns]]
code = "value"
label = "SỐ LIỆU"
"""
    + "".join(
        f"""
[[body]]
code = "{code}"
number = "{number}"
label = "{label}"
type = "{kind}"
"""
        for number, (code, label, kind) in enumerate(
            (("n", "Số nhiệm vụ", "count"), ("s", "Đã trình", "count"), ("v", "Vốn", "money")), 1
        )
    )
    + """
[[rules]]
id = "all"
expression = "n == count(tasks)"
severity = "error"
source = "thử"

[[rules]]
id = "submitted"
expression = 's == count(tasks, status == "Đã trình" and sent <= due)'
severity = "error"
source = "thử"

[[rules]]
id = "money"
expression = "implies(count(tasks, plan > 0) == count(tasks), v == sum(plan, due < window_to))"
severity = "error"
source = "thử"

[[rules]]
id = "summer"
expression = "implies(window_to >= day(6, 30), sum(tasks.plan, due < day(12, 31)) >= 0.5 * v)"
severity = "warning"
source = "thử"
"""
).replace("sum(plan,", "sum(tasks.plan,")
"""Figures that count tasks and add up money of some of them."""


@cache
def small_library(*texts: str) -> Library:
    """The shipped cover and a pack "thu" with these data sets, in this order."""
    codes = [text.partition('code = "')[2].partition('"')[0] for text in texts]
    return load_library(
        {
            "cover.toml": shipped_files()["cover.toml"],
            "thu/pack.toml": _PACK.format(data_sets=", ".join(f'"{c}"' for c in codes)),
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
