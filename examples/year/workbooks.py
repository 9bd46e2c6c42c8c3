"""Workbooks as a unit makes them: type answers into cells, save, pack, send; and read again.

Cells are written straight into the sheets of the package, in the form in which Excel saves them
(numbers as numbers, days as serial numbers, texts as shared strings): eight hundred files take
seconds, not minutes. A test holds it against openpyxl. They are read as by a program that knows
nothing of formulas: values alone.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from python_calamine import CalamineWorkbook

from examples.year.truth import Answers, Value

_NAME = re.compile(r'<definedName name="([a-z][^"]*)"[^>]*>([^<]+)</definedName>')
_SHEET = re.compile(r'<sheet name="([^"]+)" sheetId="(\d+)"')
_PLACE = re.compile(r"\$([A-Z]+)\$(\d+)")
_CODES = re.compile(r'<c r="([A-Z]+)1"[^>]*t="s"><v>(\d+)</v></c>')
_TEXT = re.compile(r"<si>(.*?)</si>", re.DOTALL)
_STRINGS = "xl/sharedStrings.xml"
_EPOCH = date(1899, 12, 30)


@dataclass(slots=True)
class _Package:
    """The parts of a workbook while it is being filled in."""

    parts: dict[str, bytes]
    added: list[str]
    known: int

    @classmethod
    def open(cls, data: bytes) -> _Package:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = {name: package.read(name) for name in package.namelist()}
        return cls(parts, [], len(_TEXT.findall(parts[_STRINGS].decode("utf-8"))))

    def cell(self, value: Value) -> str:
        """Attributes and content of a cell with a value."""
        if isinstance(value, str):
            self.added.append(value)
            return f' t="s"><v>{self.known + len(self.added) - 1}</v></c>'
        if isinstance(value, date):
            return f"><v>{(value - _EPOCH).days}</v></c>"
        return f"><v>{Decimal(value or 0).normalize():f}</v></c>"

    def type_in(self, part: str, values: Mapping[str, Value]) -> None:
        """Put values into cells of a sheet; every address must be a cell of it."""
        sheet = self.parts[part].decode("utf-8")
        left = {address: value for address, value in values.items() if value is not None}

        def filled(match: re.Match[str]) -> str:
            if match.group(1) not in left:
                return match.group()
            style = re.search(r' s="\d+"', match.group(2))
            content = self.cell(left.pop(match.group(1)))
            return f'<c r="{match.group(1)}"{style.group() if style else ""}{content}'

        sheet = re.sub(r'<c r="([A-Z]+\d+)"([^>]*?)(?:/>|>.*?</c>)', filled, sheet)
        if left:
            raise ValueError(f"{part}: no cell {', '.join(sorted(left))}")
        self.parts[part] = sheet.encode("utf-8")

    def save(self, day: date) -> bytes:
        """The bytes of the workbook as saved on a day."""
        strings = self.parts[_STRINGS].decode("utf-8")
        more = "".join(
            f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in self.added
        )
        self.parts[_STRINGS] = strings.replace("</sst>", f"{more}</sst>").encode("utf-8")
        core = self.parts["docProps/core.xml"].decode("utf-8")
        saved = rf"\g<1>{day.isoformat()}T08:00:00Z"
        core = re.sub(r"(<dcterms:modified[^>]*>)[^<]*", saved, core)
        self.parts["docProps/core.xml"] = core.encode("utf-8")
        return packed(self.parts.items(), level=1)


def fill(issued: bytes, answers: Answers, day: date) -> bytes:
    """An issued template with answers in it, as saved on a day.

    Names of cells are those of the workbook; ``cover.revision`` and the like are cells too.

    Raises:
        KeyError: the workbook has no such name.
        ValueError: a name leads to no cell, or a table has too few rows.
    """
    package = _Package.open(issued)
    book = package.parts["xl/workbook.xml"].decode("utf-8")
    sheets = {name: f"xl/worksheets/sheet{at}.xml" for name, at in _SHEET.findall(book)}
    places: dict[str, tuple[str, list[tuple[str, str]]]] = {}
    for name, target in _NAME.findall(book):
        sheet, _, area = target.replace("&apos;", "'").rpartition("!")
        places[name] = (sheets[sheet.strip("'")], _PLACE.findall(area))
    typed: dict[str, dict[str, Value]] = {}
    for name, value in answers.cells.items():
        part, ((column, row),) = places[name]
        typed.setdefault(part, {})[f"{column}{row}"] = value
    for code, rows in answers.rows.items():
        part, ((_, top), (_, bottom)) = places[f"{code}.rows"]
        if len(rows) > int(bottom) - int(top) + 1:
            raise ValueError(f"{code}: {len(rows)} rows")
        columns = _columns(package, part)
        for at, line in enumerate(rows, int(top)):
            for element, value in line.items():
                typed.setdefault(part, {})[f"{columns[element]}{at}"] = value
    for part, values in typed.items():
        package.type_in(part, values)
    return package.save(day)


def _columns(package: _Package, part: str) -> dict[str, str]:
    """Letters of the columns of an open table by the codes in its hidden first row."""
    found = _TEXT.findall(package.parts[_STRINGS].decode("utf-8"))
    texts = [re.sub(r"<[^>]+>", "", text) for text in found]
    codes = _CODES.findall(package.parts[part].decode("utf-8"))
    return {texts[int(number)]: column for column, number in codes}


def packed(files: Iterable[tuple[str, bytes]], level: int = 6) -> bytes:
    """A zip of files that does not depend on the clock."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as package:
        for name, data in files:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, data)
    return target.getvalue()


def mailed(name: str, data: bytes, sender: str, day: date) -> bytes:
    """An e-mail with a workbook attached."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, "thanhtra@songtien.example"
    mail["Subject"] = "Gửi báo cáo"
    mail["Date"] = format_datetime(datetime(day.year, day.month, day.day, 8, tzinfo=UTC))
    mail.set_content("Kính gửi Thanh tra tỉnh báo cáo của đơn vị.\n")
    mail.add_attachment(
        data,
        maintype="application",
        subtype="vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        filename=name,
    )
    mail.set_boundary("=_songtien")
    return mail.as_bytes()


def shown(value: Value) -> str:
    """A value as a Vietnamese officer writes it."""
    return str(value).replace(".", ",") if isinstance(value, Decimal) else str(value)


class Cell(NamedTuple):
    """What a cell shows, ``None`` for a blank one, and the number of its column from 1."""

    value: str | float | bool | date | None
    column: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet from its first row and column on, all rows equally long."""

    title: str
    rows: Sequence[tuple[Cell, ...]]

    def iter_rows(self, min_row: int = 1) -> Iterator[tuple[Cell, ...]]:
        """Go through the rows from a row on, counted from 1."""
        return iter(self.rows[min_row - 1 :])


def read_book(path: Path) -> Mapping[str, Sheet]:
    """Read every sheet of a workbook, in their order."""
    book = CalamineWorkbook.from_path(str(path))
    found = {}
    for name in book.sheet_names:
        lines = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        rows = [
            tuple(Cell(_plain(value), column) for column, value in enumerate(line, 1))
            for line in lines
        ]
        found[name] = Sheet(name, rows)
    return found


def _plain(value: object) -> str | float | bool | date | None:
    if isinstance(value, str | float | bool | date):
        return None if value == "" else value
    return float(value) if isinstance(value, int) else str(value)


def formulas_in(path: Path) -> int:
    """Count the formulas of a workbook."""
    with zipfile.ZipFile(path) as package:
        parts = (name for name in package.namelist() if name.startswith("xl/worksheets/sheet"))
        return sum(len(re.findall(rb"<f[ >]", package.read(name))) for name in parts)
