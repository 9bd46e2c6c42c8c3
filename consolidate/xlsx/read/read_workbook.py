"""Read a workbook of any format into grids: the values of every sheet by absolute address."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar
from zipfile import ZipFile

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from consolidate.xlsx.read.compound import OLE
from consolidate.xlsx.read.defined_names import DefinedNames
from consolidate.xlsx.read.dialect import parts_by_name, repacked
from consolidate.xlsx.read.gate import BROKEN, Limits, Refused, open_package, open_zip
from consolidate.xlsx.read.grid import ERROR_TEXT, Grid, Workbook, without_crossed
from consolidate.xlsx.read.known_sheets import look_at
from consolidate.xlsx.read.old_workbook import check_old_workbook
from consolidate.xlsx.read.other_reader import NAME, converted
from consolidate.xlsx.read.package_facts import (
    PackageFacts,
    SheetFacts,
    read_fonts,
    read_package,
    risks_of,
)
from consolidate.xlsx.read.plain_zip import ZipPart
from consolidate.xlsx.read.risks import Risk

T = TypeVar("T")


def read_workbook(
    data: bytes,
    limits: Limits,
    is_ours: Callable[[str, DefinedNames], bool] | None = None,
    parts: Mapping[str, ZipPart] | None = None,
) -> Workbook:
    """Read the bytes of a returned file into grids.

    ``is_ours`` tells of a sheet, by its name and the defined names, that it is one of a template
    which no unit answers on; it is neither inflated nor parsed, and empty in the result.
    ``parts`` are those of the package, where its directory was read before.

    What the reader fails on is given to another one (:mod:`consolidate.xlsx.read.other_reader`).

    Raises:
        Refused: the file is no workbook, locked, damaged, or too large to be an honest return.
    """
    look = look_at(data, limits, is_ours, parts)
    known = look.recall() if look is not None else None
    if known is not None:
        return known
    book = read_whole(data, limits, is_ours)
    return book if look is None else look.learn(book)


def read_whole(
    data: bytes, limits: Limits, is_ours: Callable[[str, DefinedNames], bool] | None
) -> Workbook:
    """Read a workbook that nothing is known of."""
    try:
        return _read(data, limits, is_ours)
    except Refused as refused:
        if refused.reason.key != "intake.damaged":
            raise
        made = converted(data, limits)
        if made is None:
            raise
    book = _read(made, limits, is_ours)
    return replace(book, risks=(*_carried(data, limits), Risk("other_reader", NAME)), saved="")


def _carried(data: bytes, limits: Limits) -> tuple[Risk, ...]:
    """What a workbook carries beside values that only another reader can read, as far as known."""
    with contextlib.suppress(*BROKEN, KeyError, Refused):
        if data.startswith(OLE):
            return check_old_workbook(data, limits)[0]
        with open_zip(data, limits) as package:
            return risks_of(package, parts_by_name(package))
    return ()


def _read(
    data: bytes, limits: Limits, is_ours: Callable[[str, DefinedNames], bool] | None
) -> Workbook:
    package, facts = _measured(data, limits, is_ours)
    with _damaged():
        book = _opened(data, package, facts)
        sheets = tuple(
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
        )
    for sheet in sheets:
        for row, column in sheet.facts.errors:
            _mark_error(sheet, row, column)
    sheets = tuple(map(without_crossed, sheets))
    fonts = tuple if package is None else partial(read_fonts, package)
    return Workbook(sheets, facts.names, facts.risks, fonts, facts.saved)


def open_checked(data: bytes, limits: Limits, take: Callable[[CalamineWorkbook], T]) -> T:
    """What is taken out of a workbook that went through the gate, its cells as the reader has them.

    Raises:
        Refused: as :func:`read_workbook`.
    """
    package, facts = _measured(data, limits, None)
    with _damaged():
        return take(_opened(data, package, facts))


def _measured(
    data: bytes, limits: Limits, is_ours: Callable[[str, DefinedNames], bool] | None
) -> tuple[ZipFile | None, PackageFacts]:
    package = open_package(data, limits)
    if package is None:
        risks, old = check_old_workbook(data, limits)
        return None, PackageFacts(sheets=dict(old), risks=risks)
    return package, read_package(package, limits, is_ours)


def _opened(data: bytes, package: ZipFile | None, facts: PackageFacts) -> CalamineWorkbook:
    if package is not None and (facts.changed or facts.renamed):
        data = repacked(package, facts.changed)
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    if facts.complete:
        _check_known(book, facts)
    return book


@contextlib.contextmanager
def _damaged() -> Iterator[None]:
    """Refuse a file that the reader fails on, as damaged."""
    try:
        yield
    except (CalamineError, OSError, OverflowError, ValueError):  # The third: hours past any day.
        raise Refused("damaged", unreadable=True) from None
    except BaseException as error:
        # A panic inside the reader is a RuntimeError-like BaseException: this file's outcome only.
        if type(error).__name__ != "PanicException":
            raise
        raise Refused("damaged", unreadable=True) from None


def _check_known(book: CalamineWorkbook, facts: PackageFacts) -> None:
    """Refuse a workbook with a sheet that was not measured."""
    for meta in book.sheets_metadata:
        known = meta.name in facts.sheets or meta.name in facts.unread
        if meta.typ is SheetTypeEnum.WorkSheet and not known:
            raise Refused("damaged", unreadable=True)


def _mark_error(sheet: Grid, row: int, column: int) -> None:
    while len(sheet.rows) <= row:
        sheet.rows.append([])
    cells = sheet.rows[row]
    cells.extend([""] * (column + 1 - len(cells)))
    cells[column] = ERROR_TEXT
