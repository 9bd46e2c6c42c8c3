"""A small made-up province as the merge hands it to the reports, without any file."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from consolidate.model.cells import CellRef
from consolidate.model.data_values import DataValue, Scalar, ValueKey, ValueStatus
from consolidate.model.datasets import Aggregation, DataSet, Shape
from consolidate.model.period import DataWindow, Period
from consolidate.model.reasons import Finding, Severity, joined, sorted_findings
from consolidate.model.returns import DataSetReturn, Outcome, Return, ReturnRecord, WindowLine
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.rollup.completeness import completeness, owing
from consolidate.rollup.contradictions import contradictions
from consolidate.rollup.result import MergeResult
from consolidate.rollup.totals import roll_up
from consolidate.rollup.units_in_totals import groups_of
from tests.library_2018 import library_2018
from tests.messages import own_words

LIBRARY = library_2018()
ROUND = Period.parse_code("2018-9M")
WINDOW = DataWindow(date(2017, 11, 6), date(2018, 8, 28))
MISSING = None
NOT_APPLICABLE = "x"


@dataclass(frozen=True)
class Bad:
    """An answer that cannot be read."""

    raw: str


@dataclass(frozen=True)
class Typed:
    """An answer that was understood otherwise than typed."""

    raw: str
    used: Scalar
    kind: str = "thousands"


Answer = Scalar | int | Bad | Typed | None


def value(data_set: str, element: str, column: str, row: int, cell: CellRef, answer: Answer):
    """One value from the short form of an answer."""
    key = ValueKey(data_set, element, column, row)
    if answer is None:
        return DataValue(key, None, ValueStatus.MISSING, "", cell)
    if isinstance(answer, Bad):
        return DataValue(key, None, ValueStatus.INVALID, answer.raw, cell, problem="not_a_number")
    if isinstance(answer, Typed):
        return DataValue(key, answer.used, ValueStatus.REPORTED, answer.raw, cell, (answer.kind,))
    if answer == NOT_APPLICABLE:
        return DataValue(key, None, ValueStatus.NOT_APPLICABLE, "x", cell)
    if isinstance(answer, int):
        answer = Decimal(answer)
    return DataValue(key, answer, ValueStatus.REPORTED, str(answer), cell)


def cell_of(data_set: DataSet, element: str, column: str) -> CellRef:
    """Where the template has a figure of a fixed table."""
    found = data_set.by_code[element]
    row = 8 + data_set.body.index(found)
    columns = [item.code for item in data_set.columns]
    at = columns.index(column) if column in columns else 0
    return CellRef(data_set.sheet, row, 4 + at)


def fixed(data_set: DataSet, answers: Mapping[tuple[str, str], Answer]) -> DataSetReturn:
    """A return of a fixed table; figures that are not given are blank."""
    figures = [(element.code, column) for element, column in data_set.figures()]
    more = [key for key in answers if key not in figures]
    return DataSetReturn(
        data_set.code,
        data_set.sheet,
        tuple(
            value(data_set.code, *key, 0, cell_of(data_set, *key), answers.get(key))
            for key in (*figures, *more)
        ),
        WindowLine("", WINDOW, CellRef(data_set.sheet, 5, 1)),
    )


def opened(data_set: DataSet, rows: Sequence[Mapping[str, Answer]]) -> DataSetReturn:
    """A return of an open table."""
    values = tuple(
        value(
            data_set.code,
            element.code,
            "",
            number,
            CellRef(data_set.sheet, 8 + number, 2 + index),
            row.get(element.code),
        )
        for number, row in enumerate(rows, 1)
        for index, element in enumerate(data_set.elements)
    )
    return DataSetReturn(data_set.code, data_set.sheet, values, rows=len(rows))


def record(
    unit: OrganisationUnit | None,
    template: str,
    contents: Sequence[DataSetReturn],
    *,
    path: str,
    outcome: Outcome = Outcome.ACCEPTED,
    reason: str = "",
    findings: Sequence[Finding] = (),
) -> ReturnRecord:
    """A file that was read as a return."""
    return ReturnRecord(
        path,
        hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest(),
        20_000 + len(path),
        outcome,
        joined("", (reason,)),
        unit,
        Return(
            template,
            "2018.1",
            DataSetReturn("cover", "Bìa", ()),
            tuple(contents),
            period=LIBRARY.period_for(template, ROUND),
            window=WINDOW,
            pack=LIBRARY.pack_of[template].code,
        ),
        sorted_findings(findings),
    )


def result(
    records: Sequence[ReturnRecord], roster: Roster | None = None, *, ignored: int = 0
) -> MergeResult:
    """Total the records as the pipeline does."""
    order = {unit.code: i for i, unit in enumerate(roster.units)} if roster is not None else {}
    tables = []
    for data_set in LIBRARY.data_sets:
        part = completeness(LIBRARY.template_by_code[data_set.template], records, roster)
        owed_by = owing(LIBRARY, data_set, part, ROUND)
        period = LIBRARY.period_for(data_set.template, ROUND)
        groups = groups_of(LIBRARY, data_set.template, roster)
        tables.append(roll_up(data_set, period, records, order=order, owing=owed_by, groups=groups))
    return MergeResult(
        ROUND,
        tuple(records),
        tuple(tables),
        tuple(completeness(template, records, roster) for template in LIBRARY.templates),
        roster,
        ignored,
        library=LIBRARY,
        contradictions=contradictions(tables, LIBRARY),
    )


_PLACES = ("Cái Bè", "Cai Lậy", "Châu Thành", "Chợ Gạo", "Gò Công Đông", "Tân Phước", "Mỹ Tho")
_BOARDS = ("Nội vụ", "Tư pháp", "Thông tin và Truyền thông", "Kế hoạch và Đầu tư", "Y tế")


def province(count: int = 14, *, seed: int = 1, sent: float = 0.85) -> MergeResult:
    """A province of ``count`` units that answers in every way; the same seed gives the same."""
    chance = random.Random(seed)
    units = []
    for index in range(count):
        if index < max(2, count // 6):
            name = f"Sở {_BOARDS[index % 5]}" + (f" {index}" if index >= 5 else "")
            level = Level.PROVINCE
        elif index < max(5, count // 4):
            name, level = f"Ủy ban nhân dân huyện {_PLACES[index % 7]}", Level.DISTRICT
        else:
            name, level = f"Ủy ban nhân dân xã {_PLACES[index % 7]} {index}", Level.COMMUNE
        above = f"D{2 + index % 3:03d}" if level is Level.COMMUNE else ""
        code = f"{level.value[0].upper()}{index:03d}"
        units.append(OrganisationUnit(code, name, level, parent=above))
    roster = Roster.of(units, province="Tỉnh Tiền Giang")
    records = []
    for unit in units:
        for template in LIBRARY.templates:
            if chance.random() < sent:
                records.append(_return(unit, template.code, chance))
    if count:
        records.append(_held(units[0]))
        records.append(_noise())
    return result(sorted(records, key=lambda item: item.path), roster, ignored=1)


def _return(unit: OrganisationUnit, template: str, chance: random.Random) -> ReturnRecord:
    contents = []
    findings = []
    for data_set in LIBRARY.sets_of(template):
        if data_set.shape is Shape.OPEN:
            rows = [_row(data_set, chance) for _ in range(chance.randrange(4))]
            contents.append(opened(data_set, rows))
            continue
        answers = {
            (element.code, column): _answer(data_set, element.code, column, chance)
            for element, column in data_set.figures()
        }
        contents.append(fixed(data_set, answers))
        for item in contents[-1].values:
            if chance.random() < 0.02:
                findings.append(_finding(data_set, item, chance))
    outcome = Outcome.ACCEPTED_WITH_WARNINGS if findings else Outcome.ACCEPTED
    path = f"{template}/{unit.code} {unit.name}.xlsx"
    return record(
        unit, template, contents, path=path, outcome=outcome, reason="", findings=findings
    )


def _answer(data_set: DataSet, element: str, column: str, chance: random.Random) -> Answer:
    found = data_set.by_code[element]
    kind = data_set.type_of(found, column)
    dice = chance.random()
    if not kind.numeric:
        return "Đã triển khai đầy đủ" if dice < 0.05 else None
    if dice < 0.05:
        return None
    if dice < 0.08:
        return "x"
    if dice < 0.10:
        return Bad("khoảng 10 người")
    if data_set.aggregation_of(found, column) is Aggregation.RATIO:
        return Decimal(chance.randrange(80, 101))
    if kind.value in ("money", "area"):
        return Decimal(chance.randrange(1_000_000)) / 10
    number = chance.randrange(3000) if dice < 0.3 else chance.randrange(30)
    if number > 999:
        return Typed(f"{number // 1000}.{number % 1000:03d}", Decimal(number))
    return number


def _row(data_set: DataSet, chance: random.Random) -> dict[str, Answer]:
    if data_set.code == "cchc_pl3_1":
        done, doing, late = (chance.randrange(12) for _ in range(3))
        return {
            "plan": "Kế hoạch kiểm soát thủ tục hành chính năm 2018",
            "issued": date(2017, 12, 28),
            "planned": done + doing + late,
            "done": Typed(f"- {done:02d} đã thực hiện", Decimal(done), "words"),
            "doing": doing,
            "not_done": late if late else None,
            "note": "Đang tiếp tục thực hiện theo tiến độ" if late > 6 else None,
        }
    return {
        "name": "Vụ tham ô tài sản tại Quỹ tín dụng nhân dân",
        "place": "Quỹ tín dụng nhân dân xã",
        "handler": "Cơ quan Cảnh sát điều tra",
        "summary": "Lợi dụng chức vụ được giao, lập khống hồ sơ vay vốn để chiếm đoạt tiền. " * 3,
    }


def _finding(data_set: DataSet, item: DataValue, chance: random.Random) -> Finding:
    severity = chance.choice(list(Severity))
    return Finding(
        "r_test",
        severity,
        own_words("Số liệu không khớp với các chỉ tiêu thành phần; kiểm tra lại và sửa ở ô này."),
        data_set.code,
        item.key.element,
        item.cell.sheet,
        (item.cell,),
        found=item.raw or "để trống",
        expected="1.816",
    )


def _held(unit: OrganisationUnit) -> ReturnRecord:
    held = record(
        unit,
        "pctn",
        (),
        path="giữ lại/báo cáo 6 tháng.xlsx",
        outcome=Outcome.HELD,
        reason="Tệp ghi kỳ 6 tháng đầu năm 2018, đang tổng hợp 9 tháng đầu năm 2018.",
    )
    return replace(held, unit=None)


def _noise() -> ReturnRecord:
    return ReturnRecord(
        "ảnh.jpg", "ab" * 32, 100, Outcome.NOT_A_REPORT, joined("", ("Không phải bảng tính.",))
    )
