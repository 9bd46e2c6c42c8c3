"""Where a round is and what comes next, state by state, as the bare command says it."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest

from consolidate.cli import options, terminal
from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.model.deadlines import Calendar
from consolidate.model.returns import Outcome
from consolidate.model.units import Roster
from tests.cli.made import File, record
from tests.merge.province import NINE, UNITS, Province, filled

TWO = Roster.of(UNITS[:2], province="Tỉnh Sông Tiền")
NAME = "9 tháng đầu năm 2018"


class Day(date):
    """The clock of the tests."""

    now = (2018, 8, 30)

    @classmethod
    def today(cls) -> date:
        return date(*cls.now)


@pytest.fixture
def province(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Province:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(options, "date", Day)
    monkeypatch.setattr(Day, "now", (2018, 8, 30))
    province = Province.make(tmp_path / "tinh", TWO)
    monkeypatch.chdir(province.workspace.root)
    return province


def says(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    capsys.readouterr()
    code = main(list(command))
    captured = capsys.readouterr()
    said = f"{captured.out}{captured.err}"
    assert code in (0, 1), said
    # A command to be typed stays in one piece.
    assert all(
        len(line) <= 80 or " " not in line.strip() or line.startswith("  consolidate ")
        for line in said.splitlines()
    )
    return f"{' '.join(said.split())} "


def state(capsys: pytest.CaptureFixture[str]) -> str:
    said = says(capsys)
    head = f"Thư mục làm việc: {Path.cwd()} (Tỉnh Sông Tiền) "
    assert said.startswith(head)
    return said.removeprefix(head)


def test_a_round_from_nothing_to_its_backup(
    province: Province, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = province.workspace.root
    step = "Tiếp theo: phát hành biểu mẫu cho từng đơn vị: consolidate issue 2018-9M "
    assert state(capsys) == f"{NAME}: chưa phát hành (2 đơn vị phải báo cáo). {step}"
    send = (
        "Tiếp theo: gửi các tệp trong outbox/2018-9M cho đơn vị, chép báo cáo nhận được "
        "vào inbox/2018-9M, rồi tổng hợp: "
        "consolidate merge inbox/2018-9M "
    )
    assert says(capsys, "issue") == (
        "Đã ghi 2 tệp vào outbox/2018-9M "
        f"Báo cáo nhận được của đợt này thì chép vào inbox/2018-9M {send}Đợt: {NAME}. "
    )
    assert (root / "inbox" / "2018-9M").is_dir()
    issued = f"{NAME}: đã phát hành 2/2 đơn vị"
    assert state(capsys) == f"{issued}. {send}"

    forms = province.issue(NINE)
    broken = filled(forms["S1"], c3=5, c40=3, c41=1, c42=1, c43=0, c44=0)
    province.send(NINE, "s1.xlsx", broken)
    merge = "Tiếp theo: tổng hợp các tệp mới: consolidate merge inbox/2018-9M "
    assert state(capsys) == (f"{issued}; 1 tệp trong hộp thư đến, chưa tổng hợp. {merge}")
    said = says(capsys, "merge", "--jobs", "0")
    give = (
        "Tiếp theo: lập tệp đánh dấu chỗ sai và công văn gửi lại đơn vị: "
        "consolidate return inbox/2018-9M "
    )
    assert give in said
    assert f"Hộp thư đến: inbox/2018-9M ({NAME}). " in said
    one = (
        f"{issued}; đã nhận đủ của 1/2 đơn vị (lần tổng hợp số 1); 1 lỗi ở 1 báo cáo; "
        "số toàn tỉnh trái 1 phép kiểm tra. "
    )
    assert state(capsys) == f"{one}{give}"
    wait = (
        "Tiếp theo: chờ đơn vị nộp (hạn 05/09/2018), chép vào inbox/2018-9M, rồi tổng hợp "
        "lại: consolidate merge inbox/2018-9M "
    )
    assert says(capsys, "return", "--jobs", "0").endswith(
        wait + f"Hộp thư đến: inbox/2018-9M ({NAME}). Đã đọc xong 1 tệp trong hộp thư đến. "
    )
    assert state(capsys) == f"{one}{wait}"
    monkeypatch.setattr(Day, "now", (2018, 9, 6))
    chase = (
        "Tiếp theo: lập công văn đôn đốc đơn vị chưa nộp: "
        "consolidate status 2018-9M --letters outbox/letters/2018-9M "
    )
    assert state(capsys) == f"{one}{chase}"
    main(["status", "--letters", "outbox/letters/2018-9M"])
    look = (
        "Tiếp theo: chép báo cáo đơn vị gửi lại vào inbox/2018-9M rồi tổng hợp lại; hết "
        "chờ thì duyệt (lệnh sẽ hỏi lại): "
        'consolidate approve 2018-9M --author "…" '
    )
    assert state(capsys) == f"{one}{look}"

    good = filled(forms["S1"], c3=5, c40=3, c41=1, c42=1, c43=1, c44=0, revision=2)
    province.send(NINE, "s1 lần 2.xlsx", good)
    province.send(NINE, "h1.xlsx", filled(forms["H1"], c3=2))
    waiting = one.removesuffix(". ") + "; 2 tệp mới, chưa tổng hợp. "
    assert state(capsys) == f"{waiting}{merge}"
    approve = 'Tiếp theo: duyệt số liệu: consolidate approve 2018-9M --author "…" '
    assert says(capsys, "merge", "--jobs", "0").count(approve) == 1
    both = f"{issued}; đã nhận đủ của 2/2 đơn vị (lần tổng hợp số 2)"
    assert state(capsys) == f"{both}. {approve}"
    signed = ("--author", "A", "--yes")
    lock = 'Tiếp theo: khóa số liệu: consolidate lock 2018-9M --author "…" '
    assert lock in says(capsys, "approve", *signed)
    approved = f"{both}; đã duyệt lần số 2 ngày 06/09/2018"
    assert state(capsys) == f"{approved}. {lock}"
    backup = "Tiếp theo: sao lưu, cất bản sao lưu ở máy khác: consolidate backup "
    assert backup in says(capsys, "lock", *signed)
    locked = f"{approved}; đã khóa lần số 2 ngày 06/09/2018. {backup}"
    assert state(capsys) == locked
    year = (
        "Năm 2018: chưa phát hành (2 đơn vị phải báo cáo). "
        "Tiếp theo: phát hành biểu mẫu cho từng đơn vị: consolidate issue 2018-Y "
    )
    assert says(capsys, "backup").endswith(year.partition(". ")[2])
    assert state(capsys) == year
    assert f"Đợt: {NAME}. " in says(capsys, "unlock", "--author", "A", "--document", "1")
    assert f"Đợt: {NAME}. " in says(capsys, "withdraw", "--author", "A")


def test_outside_of_a_working_folder_it_says_how_to_begin(
    province: Province, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(province.workspace.root.parent)
    begin = (
        "Làm cho cả tỉnh, nhiều đợt: tạo thư mục làm việc (thay tên tỉnh, năm). "
        'consolidate init tinh --province "Quảng Ngãi" --year 2018 '
        "Chỉ tổng hợp một thư mục báo cáo: consolidate merge THƯ_MỤC "
        "Xem mọi lệnh: consolidate --help "
    )
    none = "Chưa ở trong thư mục làm việc nào. "
    here = 'Có thư mục làm việc ngay dưới đây, chuyển vào đó: cd "tinh" '
    assert says(capsys) == none + here + begin
    Path("trống").mkdir()
    monkeypatch.chdir("trống")
    assert says(capsys) == none + begin


def test_without_units_or_rounds_it_says_what_to_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(options, "date", Day)
    root = Province.make(tmp_path / "a", TWO).workspace.root
    monkeypatch.chdir(root)
    (root / "roster.xlsx").unlink()
    assert state(capsys) == f"Tiếp theo: {text('next.list_units')}: consolidate init . "
    root = Province.make(tmp_path / "b", TWO, Calendar()).workspace.root
    monkeypatch.chdir(root)
    year = f"consolidate init . --year {Day.today().year}"
    assert state(capsys) == f"Tiếp theo: {text('next.fill_calendar')}: {year} "
    assert main(["status"]) == 2
    assert text("next.no_round") in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["mrege"], "Không có lệnh mrege. Có phải là: merge?"),
        (["iss"], "Không có lệnh iss. Có phải là: issue?"),
        (["un"], "Không có lệnh un. Có phải là: unlock?"),
        (["tổnghợp"], "Không có lệnh tổnghợp."),
        (["template", "biuld"], "Không có lệnh biuld. Có phải là: build?"),
        (["merge", "--perod", "x"], "Không có tùy chọn --perod. Có phải là: --period?"),
        (["merge", "--xyz"], "Không có tùy chọn --xyz."),
    ],
)
def test_what_may_be_meant_by_a_mistyped_word(
    typed: list[str], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(typed) == 2
    assert capsys.readouterr().err.splitlines()[0] == meant


class Terminal(io.StringIO):
    """Standard input at which somebody sits."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ("c\n", 0, "Đã khóa"),
        ("Có\n", 0, "Đã khóa"),
        ("\n", 1, "Không ghi gì."),
        ("k\n", 1, "Không ghi gì."),
        ("", 1, "Không ghi gì."),
        (None, 2, "Chưa khóa: còn các điểm nêu trên mà không có ai trả lời"),
    ],
)
def test_an_open_round_is_locked_only_when_somebody_says_so(
    answer: str | None,
    code: int,
    said: str,
    province: Province,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with province.register() as register:
        record(register, [File("S1", None, Outcome.HELD, "Chưa rõ kỳ báo cáo.")])
    if answer is not None:
        monkeypatch.setattr("sys.stdin", Terminal(answer))
        monkeypatch.setattr(terminal, "interactive", lambda: True)
    monkeypatch.setattr(Day, "now", (2018, 9, 8))
    assert main(["lock", "2018-9M", "--author", "A"]) == code
    captured = capsys.readouterr()
    out = " ".join(f"{captured.out} {captured.err}".split())
    assert "Lần tổng hợp này chưa duyệt. – Giữ lại chờ xem xét: 1 tệp" in out
    assert said in out
    assert (f"Vẫn khóa {NAME}? [c = có, Enter = không]" in out) is (answer is not None)
    with province.register() as register:
        assert len(register.events()) == (code == 0)
    if code == 2:
        assert main(["lock", "2018-9M", "--author", "A", "--yes"]) == 0
