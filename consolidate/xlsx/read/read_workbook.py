"""Read a workbook of any format into grids: the values of every sheet by absolute address."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TypeVar
from zipfile import ZipFile

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from consolidate.xlsx.read.compound import OLE
from consolidate.xlsx.read.defined_names import DefinedNames
from consolidate.xlsx.read.grid import ERROR_TEXT, Grid, Workbook, without_crossed
from consolidate.xlsx.read.known_sheets import look_at
from consolidate.xlsx.read.libreoffice_reader import NAME, converted
from consolidate.xlsx.read.old_workbook import check_old_workbook
from consolidate.xlsx.read.package_facts import (
    PackageFacts,
    SheetFacts,
    fonts_in,
    read_package,
    risks_of,
)
from consolidate.xlsx.read.package_gate import (
    BROKEN,
    Limits,
    PlainPackage,
    Refused,
    open_package,
    open_plain,
    open_zip,
)
from consolidate.xlsx.read.relations import parts_by_name, repacked
from consolidate.xlsx.read.risks import Risk

T = TypeVar("T")


def read_workbook(
    data: bytes,
    limits: Limits,
    is_ours: Callable[[str, DefinedNames], bool] | None = None,
    package: PlainPackage | None = None,
) -> Workbook:
    """Read the bytes of a returned file into grids.

    ``is_ours`` tells of a sheet, by its name and the defined names, that it is one of a template
    which no unit answers on; it is neither inflated nor parsed, and empty in the result.
    ``package`` is that of the file, where it was opened before.

    What the reader fails on is given to LibreOffice
    (:mod:`consolidate.xlsx.read.libreoffice_reader`).

    Raises:
        Refused: the file is no workbook, locked, damaged, or too large to be an honest return.
    """
    package = open_plain(data, limits) if package is None else package
    look = look_at(package, limits, is_ours) if package is not None else None
    known = look.recall() if look is not None else None
    if known is not None:
        return known
    made = None
    try:
        book = read_whole(data, limits, is_ours, is_plain=package is not None)
    except Refused as refused:
        made = converted(data, limits) if refused.reason.key == "intake.damaged" else None
        if made is None:
            raise
    if made is not None:
        book = read_whole(made, limits, is_ours)
        risks = (*_carried(data, limits), Risk("other_reader", NAME))
        book = replace(book, risks=risks, saved="")
    return book if look is None else look.learn(book)


def _carried(data: bytes, limits: Limits) -> tuple[Risk, ...]:
    """What a workbook carries beside values that only another reader can read, as far as known."""
    with contextlib.suppress(*BROKEN, KeyError, Refused):
        if data.startswith(OLE):
            return check_old_workbook(data, limits)[0]
        with open_zip(data, limits) as package:
            return risks_of(package, parts_by_name(package))
    return ()


def read_whole(
    data: bytes,
    limits: Limits,
    is_ours: Callable[[str, DefinedNames], bool] | None = None,
    *,
    is_plain: bool = False,
) -> Workbook:
    """Read a workbook of which nothing is known, by the reader alone (:func:`read_workbook`).

    ``is_plain`` tells that its package was opened by
    :func:`~consolidate.xlsx.read.package_gate.open_plain`.
    """
    with _opened(data, limits, is_ours, is_plain) as (book, facts):
        sheets = [
            Grid(
                meta.name,
                []
                if meta.name in facts.unread
                else book.get_sheet_by_name(meta.name).to_python(skip_empty_area=False),
                meta.visible is SheetVisibleEnum.Visible,
                facts.sheets.get(meta.name, SheetFacts()),
            )
            for meta in book.sheets_metadata
            if meta.typ is SheetTypeEnum.WorkSheet
        ]
    for at, sheet in enumerate(sheets):
        for row, column in sheet.facts.errors:
            _mark_error(sheet, row, column)
        if sheet.facts.crossed.left:
            sheets[at] = without_crossed(sheet)
    fonts = partial(fonts_in, facts.styles)
    return Workbook(tuple(sheets), facts.names, facts.risks, fonts, facts.saved)


def open_checked(data: bytes, limits: Limits, take: Callable[[CalamineWorkbook], T]) -> T:
    """What is taken out of a workbook that went through the gate, its cells as the reader has them.

    Raises:
        Refused: as :func:`read_workbook`.
    """
    with _opened(data, limits) as (book, _):
        return take(book)


@contextlib.contextmanager
def _opened(
    data: bytes,
    limits: Limits,
    is_ours: Callable[[str, DefinedNames], bool] | None = None,
    is_plain: bool = False,
) -> Iterator[tuple[CalamineWorkbook, PackageFacts]]:
    """Open a workbook that the gate lets in, and find its facts; one without a package is an .xls.

    Refuses one that the reader fails on, now or later, as damaged.
    """
    package = ZipFile(io.BytesIO(data)) if is_plain else open_package(data, limits)
    if package is None:
        risks, old = check_old_workbook(data, limits)
        facts = PackageFacts(sheets=dict(old), risks=risks)
    else:
        facts = read_package(package, limits, is_ours)
    try:
        if package is not None and (facts.changed or facts.renamed):
            data = repacked(package, facts.changed)
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for meta in book.sheets_metadata if facts.complete else ():
            known = meta.name in facts.sheets or meta.name in facts.unread
            if meta.typ is SheetTypeEnum.WorkSheet and not known:
                raise Refused("damaged", unreadable=True)  # A sheet that was not measured.
        yield book, facts
    except (CalamineError, OSError, OverflowError, ValueError):  # The third: hours past any day.
        raise Refused("damaged", unreadable=True) from None
    except BaseException as error:
        # A panic inside the reader is a RuntimeError-like BaseException: this file's outcome only.
        if type(error).__name__ != "PanicException":
            raise
        raise Refused("damaged", unreadable=True) from None


def _mark_error(sheet: Grid, row: int, column: int) -> None:
    while len(sheet.rows) <= row:
        sheet.rows.append([])
    cells = sheet.rows[row]
    cells.extend([""] * (column + 1 - len(cells)))
    cells[column] = ERROR_TEXT
