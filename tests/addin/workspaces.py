"""A province's workspace with a part of the example inbox, for the tests of the buttons."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import xlwings as xw
from openpyxl.utils import get_column_letter

from addin.session import cells, last_column
from addin.settings import Settings, save_settings
from consolidate.model.deadlines import Calendar, CalendarRow, Deadline
from consolidate.model.period import DataWindow, Period, PeriodType
from consolidate.province.roster import read_roster
from consolidate.province.workspace import Workspace, create
from consolidate.reports.matrix import CODE_ROW
from consolidate.templates.file_names import summary_name
from tests.addin.conftest import EXAMPLES, PCTN
from tests.library_2018 import library_2018

NINE = Period.parse_code("2018-9M")
DAY = date(2018, 9, 20)
LATE_COMER = "cap-xa/X01 UBND xã Tân An Đông - PCTN.xlsx"
"""A unit whose column comes after the one of ``PCTN`` in a summary."""
OTHER = "cap-tinh/S02 Sở Nội vụ - PCTN.xlsx"

CALENDAR = Calendar(
    tuple(
        CalendarRow(
            Period(2018, kind), Deadline(DataWindow(date(2018, 1, 1), end), due, letter="1/CV")
        )
        for kinds, end, due in (
            (("6M", "Q2"), date(2018, 5, 31), date(2018, 6, 5)),
            (("9M", "Q3"), date(2018, 8, 31), date(2018, 9, 5)),
        )
        for kind in map(PeriodType, kinds)
    )
)


def made_workspace(root: Path, *names: str) -> Workspace:
    """A workspace with the roster of the examples and some of their returns in its inbox."""
    roster = read_roster(EXAMPLES / "roster.xlsx", library_2018().template_by_code)
    for _ in create(root, roster, CALENDAR, library_2018().families):
        pass
    workspace = Workspace.at(library_2018(), root)
    for name in names or (PCTN,):
        put(workspace, name)
    return workspace


def put(workspace: Workspace, name: str) -> None:
    """Copy a return of the examples into the inbox."""
    target = workspace.inbox / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(EXAMPLES / "inbox" / name, target)


def use(workspace: Workspace, author: str = "", agency: str = "") -> None:
    """Settings as the buttons of the group "Thiết lập" leave them."""
    save_settings(Settings(str(workspace.root), author, agency))


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file below a folder; of an open workbook LibreOffice keeps a lock beside it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".~lock.")
    }


def summary_path(workspace: Workspace) -> Path:
    """The summary of ``NINE``."""
    return workspace.results / summary_name(NINE)


def column_of(sheet: xw.Sheet, unit: str) -> str:
    """Letters of the column of a unit on a by-unit sheet."""
    (codes,) = cells(sheet, CODE_ROW + 1, 1, CODE_ROW + 1, last_column(sheet))
    return get_column_letter(codes.index(unit) + 1)
