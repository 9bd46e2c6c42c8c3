"""The year in its order: issued, filled in, merged, chased, corrected, approved, locked.

Everything the province does is a command of ``consolidate``; what units and officers do by hand is
in ``fill`` and ``desk``. Every result is held against the recount at once.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from examples.year import workbooks
from examples.year.compare import (
    Findings,
    compare_diff,
    compare_merge,
    compare_status,
    compare_trace,
)
from examples.year.desk import Content, Desk, type_calendar, type_roster, type_rows
from examples.year.events import AFTER_LOCK, EVENTS, Correction, happens
from examples.year.plan import Expected, Letter, Plan
from examples.year.province import ROUNDS, Round, Unit, reporting, units
from examples.year.recalculated import compare_cells, recalculated
from examples.year.sheets import Ended, compare_books, compare_document
from examples.year.truth import Truth

Say = Callable[[str], None]
_AUTHOR = "Phòng Tổng hợp"
_SCAN = b"%PDF-1.4\n% The signed paper, scanned: no figures can be read from it.\n%%EOF\n"
_MARKS = {"c41": "MS 41", "c3": "MS 3", "c49": "MS 49"}


@dataclass(slots=True)
class Story:
    """A year under way."""

    desk: Desk
    plan: Plan
    say: Say
    jobs: str = ""
    found: Findings = field(default_factory=Findings)
    issued: dict[tuple[int, str, str], bytes] = field(default_factory=dict)
    ended: list[Ended] = field(default_factory=list)
    runs: int = 0

    def hold(self, what: str, must: object, found: object) -> None:
        """Compare one thing that a command did."""
        self.found.hold("kết quả của lệnh", what, must, found)

    def tell(self, when: Round, stage: str, findings: Findings) -> None:
        """Take over what was compared and say it in one line."""
        self.found.add(findings, f"{when.label}, {stage}")
        counts = ", ".join(f"{_dotted(n)} {what}" for what, n in findings.compared.items())
        wrong = len(findings.differences)
        verdict = "khớp cả" if not wrong else f"KHÁC {wrong}"
        for line in _wrapped(f"{stage}: {counts or 'không có gì'}; {verdict}"):
            self.say(line)


def run_year(
    folder: Path,
    *,
    size: str = "full",
    seed: int = 2018,
    jobs: str = "",
    say: Say = print,
    rounds: int = len(ROUNDS),
    office: bool = False,
) -> Story:
    """Run the year (or its first rounds) in a new folder and return what was found.

    With ``office`` every workbook is compared again as LibreOffice calculates it.

    Raises:
        FileExistsError: the folder is there and not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(folder)
    everyone = units(size, seed)
    plan = Plan(everyone, Truth(everyone, seed))
    story = Story(Desk(folder), plan, say, jobs)
    try:
        _open_office(story)
        for when in ROUNDS[:rounds]:
            _round(story, when)
        if office:
            _in_libreoffice(story)
        if rounds == len(ROUNDS):
            _after_the_lock(story)
    finally:
        (folder / "nhat-ky.txt").write_text(story.desk.log.getvalue(), encoding="utf-8")
    return story


def _open_office(story: Story) -> None:
    """``init``, then the officer types the roster and the calendar."""
    root = story.desk.root
    code, _ = story.desk.run("init", str(root))
    story.hold("init", 0, code)
    type_roster(root / "roster.xlsx", story.plan.everyone)
    type_calendar(root / "calendar.xlsx")
    code, _ = story.desk.run("adjust")
    story.hold("adjust", 0, code)
    first = reporting(story.plan.everyone, ROUNDS[0])
    counts = [sum(unit.level == level for unit in first) for level in ("province", "district")]
    story.say(
        f"Tỉnh mô phỏng: {len(first)} đơn vị = {counts[0]} cấp tỉnh + {counts[1]} cấp huyện"
        f" + {len(first) - sum(counts)} cấp xã."
    )


def _round(story: Story, when: Round) -> None:
    desk, plan = story.desk, story.plan
    present = reporting(plan.everyone, when)
    story.say("")
    story.say(f"{when.label.upper()} ({when.code}): {len(present)} đơn vị")
    _announce(story, when, present)
    _issue(story, when, present)
    letters = plan.letters(when)
    inbox = desk.root / "inbox" / when.code
    before: Expected | None = None
    for stage, day in enumerate(when.days, 1):
        _send(story, when, [letter for letter in letters if letter.sent.stage == stage], inbox)
        _correct(story, when, stage, day)
        expected = plan.expected(when, stage)
        _merge(story, when, stage, expected)
        _status(story, when, stage, expected)
        if before is not None:
            shown = desk.json("diff", str(story.runs - 1), str(story.runs))
            name = f"diff {story.runs - 1} {story.runs}"
            story.tell(when, name, compare_diff(json.loads(shown), before, expected))
        before = expected
    assert before is not None
    for mark, name in (("MS 3", "pctn_01.c3"), ("MS 40", "pctn_01.c40")):
        traced = json.loads(desk.json("trace", mark, "--period", when.code))
        story.tell(when, f"trace “{mark}”", compare_trace(traced, before, name))
    _decide(story, when)


def _announce(story: Story, when: Round, present: Iterable[Unit]) -> None:
    """The events of the round, as a reader of the story wants to know them."""
    named = [event for event in EVENTS if event.round == when.number]
    for event in named:
        story.say(f"  · {event.unit} {event.what}")
    happening = {unit.code for unit in present if happens(when.number, unit.code) is not None}
    more = len(happening - {event.unit for event in named})
    if more:
        story.say(f"  · {more} xã khác nộp trễ hoặc không nộp")


def _issue(story: Story, when: Round, present: Iterable[Unit]) -> None:
    """Issue, and see that everybody who reports has its workbooks."""
    desk = story.desk
    code, _ = desk.run("issue", when.code)
    story.hold(f"issue {when.code}", 0, code)
    outbox = desk.root / "outbox" / when.code
    files = {path.name: path for path in outbox.glob("*.xlsx")}
    wanted = {(unit.code, template) for unit in present for template in unit.templates}
    for name, path in files.items():
        template = "cchc" if "-cchc-" in name else "pctn"
        story.issued[when.number, name.split("-")[0].upper(), template] = path.read_bytes()
    there = {(unit, kind) for number, unit, kind in story.issued if number == when.number}
    story.hold(f"issue {when.code}: đơn vị, biểu mẫu", wanted, there)
    zips = len(list(outbox.glob("*.zip")))
    story.say(f"  issue: {len(files)} biểu mẫu, {zips} tệp .zip cho đơn vị cấp trên")


def _send(story: Story, when: Round, letters: Iterable[Letter], inbox: Path) -> None:
    """Units fill in what they were issued, pack it and send it."""
    day = when.days[0]
    packages: dict[str, list[tuple[str, bytes]]] = {}
    for letter in letters:
        sent = letter.sent
        issued_to = sent.issued_to or letter.unit.code
        issued = story.issued[sent.issued_for or when.number, issued_to, sent.template]
        outer, _, inner = letter.name.rpartition("/")
        data = workbooks.fill(issued, letter.answers, when.days[sent.stage - 1])
        if sent.packed == "pdf":
            data = _SCAN
        elif sent.packed == "torn":
            data = data[: len(data) // 2]
        packages.setdefault(outer or letter.name, []).append((inner, data))
        day = when.days[sent.stage - 1]
    inbox.mkdir(parents=True, exist_ok=True)
    for name, files in packages.items():
        data = files[0][1]
        if name.endswith(".zip"):
            data = workbooks.packed(files)
        elif name.endswith(".eml"):
            data = workbooks.mailed(*files[0], "vanthu@songtien.example", day)
        (inbox / name).write_bytes(data)


def _correct(story: Story, when: Round, stage: int, day: date) -> None:
    """The officer types corrections into ``corrections.xlsx`` and enters them."""
    found = story.plan.corrections(when, stage)
    if not found:
        return
    book = story.desk.root / "corrections.xlsx"
    adjustments, waivers = [], []
    for unit, event in found:
        correction = event.correction
        assert correction is not None
        row = _correction(correction, unit, day)
        if correction.rule:
            row = {**row, "Mã phép kiểm tra": correction.rule, "Kỳ": when.code}
            waivers.append(row)
            continue
        true = story.plan.truth.of(unit, "pctn", when.number)
        value = true.cells[f"pctn_01.{correction.element}"]
        place = {"Kỳ": when.code, "Biểu": "Biểu 01", "Chỉ tiêu": _MARKS[correction.element]}
        adjustments.append({**place, "Giá trị mới": workbooks.shown(value), **row})
    if adjustments:
        type_rows(book, "Điều chỉnh số liệu", adjustments)
    if waivers:
        type_rows(book, "Miễn trừ phép kiểm tra", waivers)
    code, _ = story.desk.run("adjust", "--on", day.isoformat())
    story.hold(f"adjust {when.code}", 0, code)
    story.say(f"  adjust: {len(adjustments)} điều chỉnh, {len(waivers)} miễn trừ")


def _correction(correction: Correction, unit: Unit, day: date) -> dict[str, Content]:
    return {
        "Mã đơn vị": unit.code,
        "Lý do": correction.reason,
        "Số văn bản": correction.document,
        "Người duyệt": "Thanh tra tỉnh",
        "Ngày": day,
    }


def _merge(story: Story, when: Round, stage: int, expected: Expected) -> None:
    desk, day = story.desk, when.days[stage - 1]
    inbox = desk.root / "inbox" / when.code
    call = ["merge", str(inbox), "--period", when.code, "--as-of", day.isoformat()]
    code, _ = desk.run(*call, *(("--jobs", story.jobs) if story.jobs else ()))
    clean = not expected.missing and set(expected.outcomes.values()) == {"accepted"}
    story.hold(f"merge {day}", 0 if clean else 1, code)
    story.runs += 1
    results = desk.root / "results"
    document = json.loads((results / "result.json").read_text(encoding="utf-8"))
    name = f"merge {day:%d/%m}"
    story.tell(when, name, compare_merge(document, expected))
    if stage == len(when.days):
        present = reporting(story.plan.everyone, when)
        ended = Ended.of(when, present, expected, story.plan.ended(when.number - 1))
        story.ended.append(ended)
        story.tell(when, "so với kỳ trước", compare_document(document, ended))
        story.tell(when, "sổ tổng hợp, biểu để ký", compare_books(results, ended))


def _status(story: Story, when: Round, stage: int, expected: Expected) -> None:
    """Who is in; after the first merge the chase list and the letters."""
    desk, day = story.desk, when.days[stage - 1]
    call = ["status", when.code, "--as-of", day.isoformat()]
    document = json.loads(desk.json(*call))
    story.tell(when, f"status {day:%d/%m}", compare_status(document, expected))
    if stage > 1:
        return
    folder = desk.root / "outbox" / "letters" / when.code
    folder.mkdir(parents=True)
    chase = ("--chase", str(folder / "don-doc.xlsx"), "--letters", str(folder), "--by", "parent")
    code, _ = desk.run(*call, *chase)
    story.hold(f"status {day}", 1, code)
    letters = len(list(folder.glob("*.docx")))
    story.hold(f"status {day}: có công văn đôn đốc", True, letters > 0)
    story.say(f"  đôn đốc: don-doc.xlsx, {letters} công văn")


def _decide(story: Story, when: Round) -> None:
    day = when.days[-1].isoformat()
    for command, document in (("approve", "TTr"), ("lock", "QĐ")):
        paper = f"{when.number}/{document}-TTT"
        call = (command, when.code, "--author", _AUTHOR, "--document", paper, "--on", day, "--yes")
        code, _ = story.desk.run(*call)
        story.hold(f"{command} {when.code}", 0, code)
    story.say("  approve, lock: đã duyệt, đã khóa")


def _in_libreoffice(story: Story) -> None:
    """Every workbook once more, calculated anew."""
    story.say("")
    story.say("MỞ BẰNG LIBREOFFICE, TÍNH LẠI MỌI CÔNG THỨC")
    results = story.desk.root / "results"
    books = [
        results / f"{kind}-{ended.when.slug}.xlsx"
        for ended in story.ended
        for kind in ("tong-hop", "bao-cao")
    ]
    with TemporaryDirectory() as folder:
        made = recalculated(books, Path(folder))
        for book in books:
            found = compare_cells(book, made / book.name)
            story.found.add(found, book.name)
        for ended in story.ended:
            story.tell(ended.when, "tính lại", compare_books(made, ended))


def _after_the_lock(story: Story) -> None:
    """The locked year takes its own result, and refuses any other."""
    desk, when = story.desk, ROUNDS[-1]
    results, inbox = desk.root / "results", desk.root / "inbox" / when.code
    day = when.days[-1].isoformat()
    call = ["merge", str(inbox), "--period", when.code, "--as-of", day]
    call += ["--jobs", story.jobs] if story.jobs else []

    def files() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(results.iterdir())}

    kept = files()
    shutil.copytree(results, desk.root / "locked")
    code, _ = desk.run(*call)
    story.hold("merge sau khi khóa, không có gì mới", 1, code)
    story.hold("kết quả sau khi khóa, không có gì mới", True, files() == kept)
    unit = next(item for item in story.plan.everyone if item.code == AFTER_LOCK.unit)
    late = story.plan.letter(when, unit, AFTER_LOCK.sent[0])
    _send(story, when, [late], inbox)
    code, said = desk.run(*call)
    story.hold("merge sau khi khóa, có tệp mới", 2, code)
    story.hold("kết quả sau khi bị từ chối", True, files() == kept)
    story.say("")
    story.say("Sau khi khóa: tổng hợp lại cho đúng kết quả đã khóa; có tệp mới thì từ chối:")
    for line in _wrapped(" ".join(re.split(r"Đã đọc [^.]*\.", said)[-1].split())):
        story.say(line)


def closing(story: Story) -> list[str]:
    """The last lines: everything that was compared, and every difference."""
    found = story.found
    counts = [f"{_dotted(count)} {what}" for what, count in found.compared.items()]
    lines = ["", f"{story.runs} lần tổng hợp. Đã so:"]
    lines += _wrapped(", ".join(counts))
    if not found.differences:
        return [*lines, "Mọi số đều khớp với kết quả tính lại độc lập."]
    lines.append(f"CÓ {len(found.differences)} CHỖ KHÁC:")
    return [*lines, *(f"  ✗ {line}" for line in found.differences)]


def _dotted(count: int) -> str:
    return f"{count:,}".replace(",", ".")


def _wrapped(line: str, width: int = 78) -> list[str]:
    found, current = [], " "
    for word in line.split():
        if len(current) + len(word) + 1 > width:
            found.append(current)
            current = "   "
        current = f"{current} {word}"
    return [*found, current]
