"""Cells as people type them, and a workbook in which formulas read every one of them."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from consolidate.forms.reading import reading_formulas
from consolidate.intake.typed_text.numbers import NOT_APPLICABLE, NOTHING, read_number
from consolidate.model.cells import CellRef, column_letters
from consolidate.model.datasets import ValueType
from consolidate.model.raw import Cell
from consolidate.model.values import DataValue, ValueKey, ValueStatus

WRONG = -77
"""Cached value of every formula we write: seeing it again means that nothing was recalculated."""

SEEDS: tuple[Cell, ...] = (
    "", " ", "\u00a0", 0, 1, 3, -1, -5, 1819, 1.819, 0.5, 0.1, 0.2, 0.3, 100, 99.99, 100.5, 1e12,
    123456789012345.0, True, False, date(2018, 12, 5), "03", "01", "0", "00", "1.819", "1,819",
    "1 819", "1\u00a0819", "1.556,3", "1,556.3", "969.4", "969,4", "0,819", "0.819", "01.819",
    "1.819.000", "1,819,000", "1 819 000", "1.819,000", "12.34.567", "1.8191", "1..5", "1 81",
    "12 34", "1.819/134", "26/26", "26 / 26", "37/41", "1/3", "2/3", "1/32", "3/32", "5/0", "0/5",
    "26./26", "/3", "3/", "5/3/2", "1,5/3", "100%", "100 %", "99,5%", "0,5%", "150%", "%", "-5",
    "−5", "- 5", "-- 5", "+5", "+ 5", "• 5", "- 05 đã thực hiện", "121 lượt", "5 lượt 3 vụ",
    "khoảng 5", "5.", "5,", "5. lượt", "5 lượt.", "5 .lượt", "5 (năm)", "5-", "6.150.000đ",
    "6.150.000 đồng", "9.280 triệu đồng", "9,28 tỷ", "9.28 TỶ ĐỒNG", "500 nghìn đồng", "12 tr.đ",
    "12 tr.đ.", "3 vnđ", "5 ha", "1,5 ha", "20 mét vuông", "20 m²", "20 m2", "20 m 2",
    "20 M² đất", "5 km2", "5 km²", "5²", "5³", "m²", "5 m25", "20 m2 m2", "5 triệu lượt",
    "3 nghìn", "2 chục vụ", "5 nghìnvụ", "0.5 điểm", "1 %", "0,9", "1", 1e15,
    123456789012345678.0, "x", "X", "n/a", "N/A.", "không áp dụng", "Không áp dụng.",
    "chưa báo cáo", "abc", "5abc", "5a555", "1|819", "|", "*", "?", "~", "=1+1", "'5", '"',
    "Không", "KHÔNG CÓ", "không phát sinh.", " Không ", "không|có", "..", ".", "0.0", "00.",
    "5..", "1.000.000.000.000", "1234567890123456", "5\n", "5\tlượt", "-0", "5 đồng", "5 triệu",
    "quý III/2018", "28/8/2018", "1e5", "0x1F", "½", "TRUE",
)  # fmt: skip

_WORDS = ("lượt", "vụ", "người", "%", "đ", "đồng", "triệu đồng", "tỷ", "ha", "m²", "cuộc", "tr.đ")
_PIECES = "0123456789.,/ -%đ"


@dataclass(frozen=True, slots=True)
class Question:
    """How a cell is asked: the value type and the bounds of the element, pairs or not."""

    kind: ValueType
    minimum: Decimal | None = Decimal(0)
    maximum: Decimal | None = None
    pair: bool = False


def typed_texts(count: int, seed: int) -> Iterator[str]:
    """Texts near what people type, from likely to odd; the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        shape = chance.randrange(6)
        number = _number(chance)
        if shape == 0:
            text = number
        elif shape == 1:
            text = number + chance.choice(("", " ", ".")) + chance.choice(_WORDS)
        elif shape == 2:
            text = f"{number}{chance.choice(('/', ' / ', '/ '))}{_number(chance)}"
        elif shape == 3:
            text = chance.choice(("-", "- ", "−", "• ", "+ ")) + number
        elif shape == 4:
            word = chance.choice(sorted(NOTHING | NOT_APPLICABLE))
            word = chance.choice((str, str.upper, str.capitalize))(word)
            form = chance.choice(("NFC", "NFD"))
            text = unicodedata.normalize(form, word) + chance.choice(("", ".", " .", "..", "!"))
        else:
            text = "".join(chance.choices(_PIECES, k=chance.randint(1, 9)))
        yield chance.choice(("", "", " ", "\u00a0")) + text + chance.choice(("", "", " ", "\n"))


def _number(chance: random.Random) -> str:
    digits = str(chance.randrange(10 ** chance.randint(1, 7)))
    style = chance.randrange(7)
    if style == 0:
        return "0" * chance.randrange(3) + digits
    if style in (1, 2, 3) and len(digits) > 3:
        return f"{int(digits):,}".replace(",", ".,\u00a0"[style - 1])
    if style == 4:
        return f"{digits}{chance.choice('.,')}{chance.randrange(1000)}"
    if style == 5:
        return f"{int(digits):,}.{chance.randrange(100)}".translate(str.maketrans(".,", ",."))
    return digits


def answer_of(cell: Cell, question: Question) -> tuple[DataValue, DataValue]:
    """What Python reads: the value and, of a pair, the second figure (as extraction does)."""
    key = ValueKey("", "")
    read = read_number(cell, question.kind, pair=question.pair)
    used = read.figures[0] if read.figures else None
    status = read.status
    if used is not None and (
        (question.minimum is not None and used < question.minimum)
        or (question.maximum is not None and used > question.maximum)
    ):
        used, status = None, ValueStatus.INVALID
    second = read.figures[1] if used is not None and question.pair and read.figures[1:] else None
    at = CellRef("", 0, 0)
    return (
        DataValue(key, used, status, "", at),
        DataValue(
            key, second, ValueStatus.MISSING if second is None else ValueStatus.REPORTED, "", at
        ),
    )


def status_number(value: DataValue) -> int:
    """Status as formulas have it: 1 reported, 0 missing or not applicable, -1 invalid."""
    return {ValueStatus.REPORTED: 1, ValueStatus.INVALID: -1}.get(value.status, 0)


@dataclass(frozen=True, slots=True)
class ReadingSheet:
    """A sheet with one typed cell per row (column A) and its helper cells to the right."""

    name: str
    question: Question
    cells: tuple[Cell, ...]
    columns: tuple[str, ...]

    def at(self, row: int, column: str) -> str:
        """Address of a helper cell from other sheets; rows count from 0."""
        return f"{self.name}!${column_letters(1 + self.columns.index(column))}${row + 1}"

    def span(self, first: int, last: int, column: str) -> str:
        """Range of a helper column over rows, both inclusive."""
        letters = column_letters(1 + self.columns.index(column))
        return f"{self.name}!${letters}${first + 1}:${letters}${last + 1}"


def write_readings(book: Any, name: str, question: Question, cells: Sequence[Cell]) -> ReadingSheet:
    """Add a sheet that reads ``cells`` as answers to ``question``."""
    sheet = book.add_worksheet(name)
    date_format = book.add_format({"num_format": "[$-42A]dd/mm/yyyy"})
    columns: tuple[str, ...] = ()
    for row, cell in enumerate(cells):
        if isinstance(cell, bool):
            sheet.write_boolean(row, 0, cell)
        elif isinstance(cell, date):
            sheet.write_datetime(row, 0, cell, date_format)
        elif isinstance(cell, str):
            sheet.write_string(row, 0, cell)
        elif isinstance(cell, int | float):
            sheet.write_number(row, 0, cell)
        reading = reading_formulas(
            f"$A${row + 1}",
            question.kind,
            question.minimum,
            question.maximum,
            pair=question.pair,
        )
        columns = reading.columns
        places = {column: index for index, column in enumerate(columns, 1)}
        formulas = reading.formulas(lambda c, r=row, p=places: f"${column_letters(p[c])}${r + 1}")
        for column, formula in formulas.items():
            sheet.write_formula(row, places[column], f"={formula}", None, WRONG)
    return ReadingSheet(name, question, tuple(cells), columns)
