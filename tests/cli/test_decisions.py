"""Approving, locking and taking back; what the list of runs says about it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from consolidate.cli import options
from consolidate.definitions.catalogue import text
from consolidate.model.corrections import Adjustment, Corrections, Waiver
from consolidate.model.data_values import ValueKey
from consolidate.model.period import Period
from consolidate.model.reasons import Finding, Severity
from consolidate.model.returns import Outcome
from consolidate.model.runs import EventKind
from consolidate.register.blobs import digest_of
from tests.cli.made import FIRST, NINE, QUARTER, File, LastOfSeptember, Province, record
from tests.messages import own_words

SO = File("S01", {"pctn_01.c40": 12})
OTHER = replace(SO, typed={"pctn_01.c40": 13}, outcome=Outcome.ACCEPTED_WITH_WARNINGS)
HELD = File("H01", None, Outcome.HELD, "Chưa rõ kỳ báo cáo.")


@pytest.fixture
def merged(province: Province) -> Province:
    with province.register() as register:
        record(register, [SO, HELD], day=FIRST)
        record(register, [OTHER])
    return province


def decided(province: Province) -> list[tuple[object, ...]]:
    with province.register() as register:
        return [
            (event.kind, event.period, event.author, event.on, event.document, event.run)
            for event in register.events()
        ]


STATE = (
    "Tình hình ở lần tổng hợp số 1 (tính đến 05/09/2018):\n"
    "  – Chưa nộp: 4 báo cáo của 3 đơn vị (Sở Nội vụ; UBND huyện An Đông; UBND huyện\n"
    "  Bình Tây).\n"
    "  – Tính theo danh sách đơn vị, lịch báo cáo đang có; lần tổng hợp này không\n"
    "  dùng đúng các bản đó.\n"
    "  – Giữ lại chờ xem xét: 1 tệp, số liệu không được tính.\n"
)
ONE_ROUND = (
    "2018-Q3 và 2018-9M là một đợt báo cáo, ở đây mang tên 2018-9M (9 tháng đầu năm\n"
    "2018): kết quả, thư mục, duyệt và khóa đều theo tên này.\n"
)


def test_a_round_from_approval_to_lock_and_back(merged: Province) -> None:
    signed = ("--author", "Phòng A", "--on", "10/09/2018")
    assert merged.run("approve", "2018-9M", "--yes", "--run", "1", *signed) == (
        0,
        f"{STATE}"
        "Đã duyệt 9 tháng đầu năm 2018 ở lần tổng hợp số 1 (ngày 10/09/2018, Phòng A).\n"
        "Lưu ý: lần tổng hợp mới nhất của đợt này là số 2, không phải số 1. Muốn lấy lần\n"
        "mới nhất: ghi --run 2.\n"
        'Tiếp theo: khóa số liệu: consolidate lock 2018-9M --author "…" --workspace tỉnh\n',
    )
    code, out = merged.run("lock", "2018-Q3", "--yes", "--document", "7/QĐ", *signed)
    assert code == 0
    assert out == (
        f"{STATE}"
        "Đã khóa 9 tháng đầu năm 2018 ở lần tổng hợp số 1 (ngày 10/09/2018, Phòng A). Kết\n"
        "quả khác lần này sẽ không được ghi.\n"
        "Lưu ý: lần tổng hợp mới nhất của đợt này là số 2, không phải số 1. Muốn lấy lần\n"
        "mới nhất: ghi --run 2 (mở khóa trước).\n"
        f"Tiếp theo: sao lưu, cất bản sao lưu ở máy khác:\n"
        f"  consolidate backup --workspace tỉnh\n{ONE_ROUND}"
    )
    code, out = merged.run("approve", "2018-9M", "--yes", *signed)
    assert code == 2
    assert "đang khóa ở lần tổng hợp số 1" in out
    code, out = merged.run("unlock", "2018-9M", *signed)
    assert code == 2
    assert text("cli.missing_option", name="--document", value="SỐ") in out
    assert merged.run("unlock", "2018-9M", "--document", "9/QĐ", *signed) == (
        0,
        "Đã mở khóa 9 tháng đầu năm 2018 (ngày 10/09/2018, Phòng A). Có thể tổng hợp lại.\n"
        'Tiếp theo: khóa số liệu: consolidate lock 2018-9M --author "…" --workspace tỉnh\n',
    )
    assert merged.run("withdraw", "2018-9M", *signed) == (
        0,
        "Đã rút lại việc duyệt 9 tháng đầu năm 2018 (ngày 10/09/2018, Phòng A).\n"
        "Tiếp theo: danh sách, lịch hoặc điều chỉnh đã đổi từ lần tổng hợp trước, tổng\n"
        "hợp lại:\n"
        "  consolidate merge tỉnh/inbox/2018-9M\n",
    )
    on = date(2018, 9, 10)
    assert decided(merged) == [
        (EventKind.APPROVED, NINE, "Phòng A", on, "", 1),
        (EventKind.LOCKED, NINE, "Phòng A", on, "7/QĐ", 1),
        (EventKind.UNLOCKED, NINE, "Phòng A", on, "9/QĐ", None),
        (EventKind.WITHDRAWN, NINE, "Phòng A", on, "", None),
    ]


def test_without_a_number_the_newest_run_is_meant(merged: Province) -> None:
    assert merged.run("lock", "2018-9M", "--yes", "--author", "A")[0] == 0
    assert [event[5] for event in decided(merged)] == [2]


def test_an_approval_goes_to_the_newest_run_though_another_was_approved(merged: Province) -> None:
    merged.run("approve", "2018-9M", "--yes", "--run", "1", "--author", "A")
    merged.run("approve", "2018-9M", "--yes", "--author", "A")
    assert [event[5] for event in decided(merged)] == [1, 2]


def test_a_decision_without_a_day_is_of_today(
    merged: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(options, "date", LastOfSeptember)
    merged.run("approve", "2018-9M", "--yes", "--author", "A")
    assert [event[3] for event in decided(merged)] == [date(2018, 9, 30)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("approve", "2018-9M"), "Thiếu --author"),
        (("approve", "2018-9M", "--author", " "), 'ghi thêm --author "TÊN".'),
        (("unlock", "2018-9M", "--author", "A", "--document", ""), "Thiếu --document: ghi"),
        (("approve", "tháng 9", "--author", "A"), "“tháng 9” không cho biết kỳ nào."),
        (("approve", "2017-Y", "--author", "A"), "chưa có lần tổng hợp nào của Năm 2017"),
        (("approve", "2017-Y", "--author", "A", "--run", "1"), "Lần tổng hợp số 1 là của 9 tháng"),
        (("lock", "2018-9M", "--author", "A", "--run", "7"), "Không có lần tổng hợp số 7"),
        (("unlock", "2018-9M", "--author", "A", "--document", "1"), "không bị khóa"),
        (("withdraw", "2018-9M", "--author", "A"), "chưa được duyệt"),
        (("lock", "2018-9M", "--author", "A", "--on", "31/02/2018"), "“31/02/2018” không phải"),
    ],
)
def test_what_cannot_be_decided(merged: Province, arguments: tuple[str, ...], said: str) -> None:
    code, out = merged.run(*arguments)
    assert code == 2
    assert said in " ".join(out.split())
    assert decided(merged) == []


def test_the_list_of_runs(merged: Province) -> None:
    merged.run(
        "approve", "2018-9M", "--yes", "--author", "Phòng A", "--on", "9/9/2018", "--run", "1"
    )
    merged.run(
        "lock", "2018-9M", "--yes", "--author", "B", "--on", "10/9/2018", "--document", "7/QĐ"
    )
    with merged.register() as register:
        record(register, [], period=QUARTER.last_year)
    of_2018 = (
        "9 tháng đầu năm 2018\n"
        "  Lần số 2 · ngày 07/09/2018 · phiên bản 0.1.0\n"
        "    Đã nhận, có điểm cần xử lý: 1\n"
        "  Lần số 1 · ngày 05/09/2018 · phiên bản 0.1.0\n"
        "    Đã nhận: 1 · Giữ lại chờ xem xét: 1\n"
        "    Đã duyệt 09/09/2018, Phòng A\n"
        "    Đã khóa 10/09/2018, B · 7/QĐ\n"
    )
    of_2017 = "Quý III/2017\n  Lần số 3 · ngày 07/09/2018 · phiên bản 0.1.0\n    không có tệp nào\n"
    assert merged.run("runs") == (0, of_2018 + of_2017)
    assert merged.run("runs", "2018-Q3") == (0, of_2018 + ONE_ROUND)


def test_a_decision_about_an_older_run_says_that_there_is_a_newer_one(merged: Province) -> None:
    signed = ("--author", "A")
    said = " ".join(merged.run("approve", "2018-9M", "--yes", *signed, "--run", "1")[1].split())
    assert text("runs.newer", last=2, run=1, unlock="") in said
    said = " ".join(merged.run("lock", "2018-9M", "--yes", *signed)[1].split())
    assert text("runs.newer", last=2, run=1, unlock=text("runs.unlock_first")) in said
    merged.run("unlock", "2018-9M", *signed, "--document", "8/QĐ")
    said = merged.run("approve", "2018-9M", "--yes", *signed)[1]
    assert "Lưu ý" not in said


def test_no_runs(province: Province) -> None:
    code, out = province.run("runs")
    assert (code, out.split(".")[0]) == (0, "Sổ lưu chưa có lần tổng hợp nào")
    code, out = province.run("runs", "2018-9M")
    assert "chưa có lần tổng hợp nào của 9 tháng đầu năm 2018" in " ".join(out.split())


ON = ("--author", "A", "--on")
WRONG = Finding("pctn_01.r40", Severity.ERROR, own_words("MS 40 sai."))
ANOTHER = Finding("pctn_01.r3", Severity.ERROR, own_words("MS 3 sai."))
ODD = Finding("value.above_normal", Severity.WARNING, own_words("Khác thường."))
HELD_OF_NOBODY = File("", None, Outcome.HELD, "Chưa rõ đơn vị.", path="a.xlsx")
SIX = Period.parse_code("2018-6M")
ADJUSTED = Adjustment(
    "DC-1", NINE, "S01", ValueKey("pctn_01", "c40", "value"), "21", "A", FIRST, "Đính chính"
)


def block(out: str) -> list[str]:
    """The lines of the block on how the round stands, unwrapped."""
    said = re.split("Đã (?:duyệt|khóa) ", " ".join(out.split()))[0]
    return [line.strip() for line in said.split(" – ")]


def test_a_decision_says_how_the_round_stands_in_its_run(province: Province) -> None:
    roster = province.workspace.roster_path
    calendar = digest_of(province.workspace.calendar_path.read_bytes())
    wrong = replace(SO, outcome=Outcome.ACCEPTED_WITH_WARNINGS, findings=(WRONG,) * 2 + (ODD,))
    odd = replace(wrong, unit="H01", typed={"pctn_01.c40": 5}, findings=(WRONG, ANOTHER))
    broken = File("H02", None, Outcome.UNREADABLE, "Hỏng.", template="")
    waivers = (
        Waiver("MT-1", "pctn_01.r40", "H01", None, "A", FIRST, "x"),
        # What was decided after the day of the run is not known to it.
        Waiver("MT-2", "pctn_01.r40", "S01", None, "A", date(2018, 9, 8), "x"),
    )
    other = replace(ADJUSTED, id="DC-2", period=SIX)
    with province.register() as register:
        register.add_corrections(Corrections((ADJUSTED, other), waivers))
        record(register, [wrong, odd, HELD_OF_NOBODY, broken], roster=roster, calendar=calendar)
    code, out = province.run("approve", "2018-9M", "--yes", *ON, "10/09/2018")
    assert code == 0
    assert block(out) == [
        text("runs.state.head", run=1, day="07/09/2018"),
        text("runs.state.missing", count=2, units=2, named="Sở Nội vụ; UBND huyện An Đông"),
        text("runs.state.held", count=1),
        text("runs.state.broken", count=1),
        text("runs.state.questioned", count=2),
        text("runs.state.errors", count=3, returns=2),
        text("runs.state.adjusted", count=1),
    ]


def test_a_round_with_nothing_open_is_said_to_be_so(province: Province) -> None:
    calendar = digest_of(province.workspace.calendar_path.read_bytes())
    both = [
        File(unit, {"pctn_01.c40": 1} if template == "pctn" else {}, template=template,
             path=f"{unit}-{template}.xlsx")
        for unit in ("S01", "H01", "H02")
        for template in ("pctn", "cchc")
    ]  # fmt: skip
    with province.register() as register:
        record(register, both, roster=province.workspace.roster_path, calendar=calendar)
    head = text("runs.state.head", run=1, day="07/09/2018")
    said = block(province.run("lock", "2018-Q3", "--yes", *ON, "10/09/2018")[1])
    lines = [text(f"runs.state.{key}") for key in ("all_sent", "unapproved", "clean")]
    assert said == [head, *lines]


def test_without_a_roster_nobody_knows_who_is_missing(merged: Province) -> None:
    merged.workspace.roster_path.write_bytes(b"x")
    code, out = merged.run("lock", "2018-9M", "--yes", *ON, "10/09/2018")
    head = text("runs.state.head", run=2, day="07/09/2018")
    lines = [text("runs.state.no_roster"), text("runs.state.unapproved")]
    lines.append(text("runs.state.questioned", count=1))
    assert (code, block(out)) == (0, [head, *lines])


def test_a_decision_before_one_on_record_is_refused(merged: Province) -> None:
    made: list[tuple[object, ...]] = []
    last = ""
    for name, kind in (
        ("approve", "approved"),
        ("lock", "locked"),
        ("unlock", "unlocked"),
        ("withdraw", "withdrawn"),
        ("approve", "approved"),
    ):
        yes = ("--yes",) if name in ("approve", "lock") else ()
        call = (name, "2018-Q3", *yes, "--document", "7/QĐ", *ON)
        if last:
            code, out = merged.run(*call, "09/09/2018")
            days = {"day": "09/09/2018", "last": "10/09/2018"}
            what = text(f"register.decision.{last}")
            said = text("register.decided_later", period=NINE.label, what=what, author="A", **days)
            assert (code, " ".join(out.split())) == (2, said)
            assert decided(merged) == made
        assert merged.run(*call, "10/09/2018")[0] == 0
        made, last = decided(merged), kind
    # Another round has days of its own.
    with merged.register() as register:
        record(register, [], period=SIX)
    assert merged.run("lock", "2018-6M", "--yes", *ON, "05/07/2018")[0] == 0


def test_a_decision_of_tomorrow_is_refused(
    merged: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(options, "date", LastOfSeptember)
    code, out = merged.run("lock", "2018-9M", "--yes", *ON, "1/10/2018")
    refusal = text("runs.not_yet", day="01/10/2018", today="30/09/2018")
    assert (code, refusal in " ".join(out.split()), decided(merged)) == (2, True, [])
    assert merged.run("lock", "2018-9M", "--yes", *ON, "30/9/2018")[0] == 0
