"""What officers do by hand: rows typed under the headings of a workbook, commands, a log."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from openpyxl import load_workbook

from consolidate.cli.main import main
from examples.year.province import LEVELS, NAME, ROUNDS, YEAR, Round, Unit

Content = str | int | date | None
_PERIODS = {
    "Q1": "Quý I", "Q2": "Quý II", "Q3": "Quý III", "Q4": "Quý IV",
    "6M": "6 tháng đầu năm", "9M": "9 tháng đầu năm", "Y": "Cả năm",
}  # fmt: skip


@dataclass(slots=True)
class Desk:
    """The folder of the province, a log of all that was said, the CPU seconds of every command."""

    root: Path
    log: io.StringIO = field(default_factory=io.StringIO)
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def run(self, *call: str) -> tuple[int, str]:
        """Exit code of a command in the province's folder and all that it said."""
        said = io.StringIO()
        began = _cpu()
        arguments = list(call) if call[0] == "init" else [*call, "--workspace", str(self.root)]
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = main(arguments)
        self.seconds.setdefault(call[0], []).append(_cpu() - began)
        shown = said.getvalue()
        if "--json" in call:
            shown = f"({len(shown.splitlines())} dòng JSON)\n"
        entry = f"$ consolidate {shlex.join(call)}\n{shown}[{code}]\n\n"
        self.log.write(entry.replace(str(self.root), "."))
        return code, said.getvalue()

    def json(self, *call: str) -> str:
        """What a command prints with ``--json``: notes around it are left out."""
        _, said = self.run(*call, "--json")
        return said[said.index("{") : said.rindex("}") + 1]


def _cpu() -> float:
    """Seconds that this process and its workers have worked so far."""
    return sum(os.times()[:4])


def type_rows(path: Path, sheet: str, rows: Iterable[Mapping[str, Content]]) -> None:
    """Type rows under the headings of a kept workbook, below those that are there.

    Raises:
        KeyError: there is no such heading.
    """
    book = load_workbook(path)
    table = book[sheet]
    wanted = list(rows)
    heads = next(
        line for line in table.iter_rows() if set(wanted[0]) <= {cell.value for cell in line}
    )
    columns = {str(cell.value): cell.column for cell in heads if cell.value}
    first = (heads[0].row or 0) + 1
    while any(table.cell(first, column).value is not None for column in columns.values()):
        first += 1
    for at, row in enumerate(wanted, first):
        for heading, value in row.items():
            table.cell(at, columns[heading]).value = value
    book.save(path)
    book.close()


def type_roster(path: Path, units: Iterable[Unit]) -> None:
    """The roster of the province: who reports, since when, and what it was before."""
    book = load_workbook(path)
    for line in book["Danh sách đơn vị"].iter_rows(max_row=4, max_col=2):
        if line[0].value == "Tỉnh, thành phố":
            line[1].value = NAME
        if line[0].value == "Biểu cộng từ các đơn vị":  # Each unit counts what is its own.
            line[1].value = "cchc_pl3_2"
    book.save(path)
    rows = (
        {
            "Mã đơn vị": unit.code,
            "Tên đơn vị": unit.name,
            "Cấp": LEVELS[unit.level],
            "Loại đơn vị": unit.kind,
            "Đơn vị cấp trên": unit.parent or None,
            "Biểu mẫu phải nộp": ", ".join(unit.templates),
            "Thư điện tử": unit.email,
            "Hiệu lực từ": unit.valid_from,
            "Hiệu lực đến": unit.valid_to,
            "Đơn vị tiền thân": "; ".join(unit.heir_of) or None,
        }
        for unit in units
    )
    type_rows(path, "Danh sách đơn vị", rows)


def type_calendar(path: Path) -> None:
    """The calendar: windows, due and final dates of both templates in the four rounds."""
    lines = [_line(when, template) for when in ROUNDS for template in ("pctn", "cchc")]
    type_rows(path, "Lịch báo cáo", lines)


def _line(when: Round, template: str) -> dict[str, Content]:
    kind = when.pctn if template == "pctn" else when.cchc
    start, end = when.window if template == "pctn" else when.quarter
    return {
        "Năm": YEAR,
        "Kỳ báo cáo": _PERIODS[kind],
        "Biểu mẫu": template,
        "Số liệu từ ngày": start,
        "Số liệu đến ngày": end,
        "Hạn nộp": when.due,
        "Ngày cuối cùng nhận": when.final,
        "Số văn bản": when.letter,
    }
