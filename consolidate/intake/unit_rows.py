"""Read a table with a row for each unit and a column for each figure: each row is a return.

Provinces that collect with a web form or a shared sheet have such tables. A column is named by the
official number (``43.1``, ``MS 43.1``), by form and number (``P01_43_1``), by the code of the
element (``m43_1``, ``pctn_01.m43_1``) or by number and label. Columns named like a field of the
cover ("Mã đơn vị", "Lần gửi") are that field.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import islice

from consolidate.intake.answers import read_answer, read_answers
from consolidate.intake.changed_template import view_changed
from consolidate.intake.evidence_of_owner import file_words, period_of, revision_of, window_of
from consolidate.intake.list_rows import ends_list
from consolidate.intake.locate_sheets import LocatedSheet, is_added
from consolidate.intake.retyped.labels import scores, split_number
from consolidate.intake.retyped.lines import lines_above
from consolidate.intake.retyped.retyped_forms import period_told
from consolidate.intake.typed_text.legacy_cells import convert_workbook, legacy_anomalies
from consolidate.intake.typed_text.typed_numbers import settled
from consolidate.model.cells import CellRef, raw_text
from consolidate.model.data_values import DataValue, ValueKey
from consolidate.model.datasets import DataSet, InputCell, Library, Shape
from consolidate.model.packs import Pack
from consolidate.model.period import Period, PeriodType
from consolidate.model.returns import Anomaly, DataSetReturn, Evidence, Return
from consolidate.model.text import name_key
from consolidate.xlsx.calc.recalculation import recalculate
from consolidate.xlsx.read.defined_names import DefinedNames
from consolidate.xlsx.read.grid import Grid, Workbook
from consolidate.xlsx.read.package_gate import Refused

_TOP = 30
"""Rows at the top of a sheet in which the names of the columns stand."""
_ABOVE = 3
"""Rows above the numbers in which "Tên đơn vị" may stand."""
_FEWEST = 3
"""Figures that make a table."""
_UNIT = frozenset(
    {"đơn vị", "tên đơn vị", "đơn vị báo cáo", "tên đơn vị báo cáo", "cơ quan", "tên cơ quan"}
    | {"cơ quan đơn vị", "tên cơ quan đơn vị"}
)
"""Names of the column of units, as ``name_key`` gives them."""
_CODE = "mã đơn vị"
"""Name of the column of their codes, which may stand alone."""
_TIME = frozenset({"dấu thời gian", "timestamp", "thời gian gửi", "thời gian nộp"})
"""Names of the column in which a web form writes when a row was sent."""
_RUNNING = re.compile(r"\(?(?:[A-Za-z]|\d{1,3})\)?")
"""A number or letter of a column under its name."""
_SIGNS = re.compile(r"[\s_.:\-–]+")
_BRACKETS = re.compile(r"\([^()]*\)")
"""A unit of measure or a remark in a name: ``MS 43.1 (vụ)``."""
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class UnitRow:
    """The return in one row. ``data`` are its names and answers as CSV, the file that is kept."""

    name: str
    data: bytes
    content: Return


@dataclass(frozen=True, slots=True)
class _Table:
    """A table found on a sheet: the row of its names, and what each of its columns answers."""

    grid: Grid
    pack: Pack
    number: int
    header: int
    unit: int
    figures: Mapping[tuple[str, str, str], int]
    fields: Mapping[str, int]
    time: int | None
    dated: bool
    coded: bool


def unit_rows(book: Workbook, library: Library, name: str, most: int) -> tuple[UnitRow, ...]:
    """Read all rows of units of a workbook that carries none of our forms.

    ``name`` is that of the file, which may name the period. Empty without such a table.

    Raises:
        Refused: there are more than ``most`` rows.
    """
    if not any(True for grid in book.sheets for _ in _headers(grid)):
        return ()
    book = recalculate(convert_workbook(book, library), library.packs.codes)
    found = _rows_of(book, library, name, most)
    if not found:
        return ()
    packs = {row.content.pack for row in found}
    values = tuple(value for row in found for value in row.content.values())
    unsure = any(value.problem == "ambiguous" for value in values)
    for pack in packs if unsure and len(packs) == 1 else ():
        # A convention shows in the answers of all units: one program wrote the file.
        whole = replace(found[0].content, data_sets=(DataSetReturn("", "", values),))
        certain = settled(book, whole, library.of_pack(pack))
        found = found if certain is None else _rows_of(certain, library, name, most)
    return tuple(found)


def _rows_of(book: Workbook, library: Library, name: str, most: int) -> list[UnitRow]:
    tables = (_table(grid, library, name) for grid in book.sheets if not is_added(grid))
    rows = (
        UnitRow(*_kept(table, row), _return(book, table, row, library))
        for table in tables
        if table is not None
        for row in _body(table)
    )
    found = list(islice(rows, most + 1))
    if len(found) > most:
        raise Refused("too_many_units", unreadable=True, most=most)
    return found


def _headers(grid: Grid) -> Iterator[tuple[int, int]]:
    """Rows at the top of a sheet that name several numbers, each with its column of units.

    Few sheets have one.
    """
    for row, cells in enumerate(grid.rows[:_TOP]):
        if sum(any(sign.isdigit() for sign in raw_text(cell)) for cell in cells) >= _FEWEST:
            unit = _unit_column(grid, row)
            if unit is not None:
                yield row, unit


def _unit_column(grid: Grid, row: int) -> int | None:
    """The column of units of a header, whose name stands in its row or right above."""
    cells = [
        (name_key(cell), at, column)
        for at in _head(row)
        for column, cell in enumerate(grid.rows[at])
        if isinstance(cell, str)
    ]
    numbered = all(_RUNNING.fullmatch(raw_text(cell)) for cell in grid.rows[row] if cell != "")
    for names in (_UNIT, {_CODE}):
        for key, at, column in cells:
            # Below a name, 1, 2, 3 … number the columns.
            if key in names and (at == row or not numbered):
                under = [grid.text(between, column) for between in range(at + 1, row + 1)]
                if not any(name_key(text) for text in under if not _RUNNING.fullmatch(text)):
                    return column
    return None


def _head(row: int) -> range:
    """Rows of a header, the one with the numbers first."""
    return range(row, max(row - _ABOVE, 0) - 1, -1)


def _table(grid: Grid, library: Library, name: str) -> _Table | None:
    """The table of units of a sheet; of several packs the one whose forms it asks most fully."""
    best: tuple[float, int, date] | None = None
    chosen: _Table | None = None
    for header, unit in _headers(grid):
        lines = [line.text for line in lines_above(grid, header)]
        for pack in library.packs.packs:
            told = period_told([*lines, grid.name, file_words(name)], (pack,)).kinds
            kind = next(iter(told)) if len(told) == 1 else None
            number = kind.round if kind is not None else 0
            forms = _forms(pack, kind)
            figures = _figures(grid, header, unit, forms)
            shares = (
                sum(1 for key in figures if key[0] == form.code) / len(form.inputs)
                for form in forms
            )
            share = max(shares, default=0.0)
            score = (share, len(figures), pack.serves_from)
            if len(figures) < _FEWEST or (best is not None and score <= best):
                continue
            if share < 0.5 and not _speaks(grid, header, figures.values()):
                continue  # Bare numbers of a few columns may number anything.
            best = score
            fields, time = _fields(grid, header, library.cover, {unit, *figures.values()})
            dated = kind is not None or not any(form.quarter for form in pack.forms(0))
            coded = _CODE in {name_key(grid.text(at, unit)) for at in _head(header)}
            chosen = _Table(grid, pack, number, header, unit, figures, fields, time, dated, coded)
    return chosen


def _forms(pack: Pack, kind: PeriodType | None) -> list[DataSet]:
    """Forms of figures that a period asks for; without one those of the whole year so far."""
    fixed = [
        form
        for form in pack.forms(kind.round if kind is not None else 0)
        if form.shape is Shape.FIXED and not form.narrative
    ]
    if kind is None:
        return [form for form in fixed if not form.quarter]
    return [form for form in fixed if kind in form.periods]


def _speaks(grid: Grid, header: int, columns: Iterable[int]) -> bool:
    """Whether most names of columns are more than bare numbers."""
    names = [raw_text(grid.get(header, column)) for column in columns]
    return 2 * sum(any(sign.isalpha() for sign in name) for name in names) > len(names)


def _figures(
    grid: Grid, header: int, unit: int, forms: Sequence[DataSet]
) -> dict[tuple[str, str, str], int]:
    """Columns by form, element and column of the form; a name that means several means none."""
    found: dict[tuple[str, str, str], list[int]] = {}
    for column, cell in enumerate(grid.rows[header]):
        meant = {key for form in forms for key in _meant(form, raw_text(cell))}
        if column != unit and len(meant) == 1:
            found.setdefault(meant.pop(), []).append(column)
    return {key: columns[0] for key, columns in found.items() if len(columns) == 1}


def _meant(form: DataSet, name: str) -> Iterator[tuple[str, str, str]]:
    """The figure that a name of a column means in a form."""
    short = _BRACKETS.sub("", name)
    item = _names(form).get(_dotted(short)) if len(short) <= _LONGEST_NAME else None
    if item is None and form.single and any(sign.isalpha() for sign in name):
        split = split_number(form, name)
        agreed = split[0] & scores(form, split[1]).keys() if split is not None else frozenset()
        if len(agreed) == 1:
            item = next(each for each in form.inputs if each.element.code in agreed)
    if item is not None:
        yield form.code, item.element.code, item.column


@lru_cache(maxsize=64)
def _names(form: DataSet) -> Mapping[str, InputCell]:
    """Names of the figures of a form in small letters, their parts joined by dots."""
    digits = re.search(r"_(\d+)(?:_q)?$", form.code)
    prefixes = ["", "ms", _dotted(form.layout.number_header), _dotted(form.code)]
    if digits is not None:
        prefixes += [f"p{digits[1]}", f"b{digits[1]}", f"biểu.{digits[1]}"]
    found: dict[str, InputCell] = {}
    twice: set[str] = set()
    for item in form.inputs:
        named = {
            ".".join(part for part in (prefix, own) if part)
            for prefix in prefixes
            for own in (_dotted(item.element.number), _dotted(item.element.code))
            if own
        }
        if not form.single:
            column = form.column_by_code[item.column]
            endings = (_dotted(column.code), _dotted(column.label))
            named = {f"{one}.{ending}" for one in named for ending in endings}
        for one in named:
            if found.setdefault(one, item) is not item:
                twice.add(one)
    return {name: item for name, item in found.items() if name not in twice}


def _dotted(name: str) -> str:
    return _SIGNS.sub(".", name.casefold()).strip(".")


def _fields(
    grid: Grid, header: int, cover: DataSet, taken: set[int]
) -> tuple[dict[str, int], int | None]:
    """Columns by the field of the cover that they are named like, and that of the time."""
    labels = {name_key(element.label): element.code for element in cover.elements}
    fields: dict[str, int] = {}
    time = None
    for column, cell in enumerate(grid.rows[header]):
        key = name_key(raw_text(cell)) if column not in taken and isinstance(cell, str) else ""
        if key in labels:
            fields.setdefault(labels[key], column)
        elif key in _TIME and time is None:
            time = column
    return fields, time


def _body(table: _Table) -> Iterator[int]:
    """Rows of units: from the first that names one, without blank rows and rows of totals."""
    grid, begun = table.grid, False
    for row in range(table.header + 1, len(grid.rows)):
        named = raw_text(grid.get(row, table.unit)).strip()
        begun = begun or (bool(named) and not _RUNNING.fullmatch(named))
        answered = any(grid.get(row, column) != "" for column in table.figures.values())
        if begun and (named or answered) and not ends_list(grid.rows[row], None):
            yield row


def _kept(table: _Table, row: int) -> tuple[str, bytes]:
    """The name of a row as a file, ``<sheet>!<row>``, and its bytes: names, then answers."""
    grid = table.grid
    text = io.StringIO()
    rows = (grid.rows[table.header], grid.rows[row])
    csv.writer(text).writerows([raw_text(cell) for cell in cells] for cells in rows)
    return f"{grid.name.replace('/', '_')}!{row + 1}", text.getvalue().encode("utf-8-sig")


def _return(book: Workbook, table: _Table, row: int, library: Library) -> Return:
    grid, cover = table.grid, library.cover
    fields = {"unit_code" if table.coded else "unit_name": table.unit, **table.fields}
    said = [
        read_answer(
            grid,
            grid.get(row, column),
            CellRef(grid.name, row, column),
            ValueKey(cover.code, code, cover.columns[0].code),
            cover.by_code[code],
            cover.by_code[code].type,
        )[0]
        for code, column in fields.items()
    ]
    front = DataSetReturn(cover.code, grid.name, tuple(said))
    period = period_of(front)
    number = period.type.round if period is not None else table.number
    anomalies = [Anomaly(risk.kind, found=risk.found) for risk in book.risks]
    anomalies += legacy_anomalies(book)
    tables = []
    for form in table.pack.forms(number):
        values = tuple(_values(table, form, row, anomalies))
        if values:
            tables.append(DataSetReturn(form.code, grid.name, values))
        elif not form.quarter:
            anomalies.append(Anomaly("sheet_missing", form.code, expected=form.sheet))
    lines = [line.text for line in lines_above(grid, table.header)]
    sent = grid.get(row, table.time) if table.time is not None else ""
    return Return(
        template=table.pack.family,
        version="",
        cover=front,
        data_sets=tuple(tables),
        anomalies=tuple(anomalies),
        period=period,
        window=window_of(front),
        revision=revision_of(front),
        evidence=Evidence(
            headings=tuple(lines),
            saved=sent.isoformat() if isinstance(sent, date) else book.saved,
            silent=() if _is_dated(table, period) else (grid.name,),
        ),
        pack=table.pack.code,
        round=number,
    )


def _is_dated(table: _Table, period: Period | None) -> bool:
    """Whether it is told of which period the figures are, where a round asks for two tables."""
    if table.dated or period is None:
        return table.dated
    return not any(form.quarter and period.type in form.periods for form in table.pack.forms(0))


def _values(
    table: _Table, form: DataSet, row: int, anomalies: list[Anomaly]
) -> Iterator[DataValue]:
    """Answers of a row to a form; figures without a column are noticed where others have one."""
    own = {key[1:]: column for key, column in table.figures.items() if key[0] == form.code}
    if not own:
        return
    sheet = LocatedSheet(table.grid, form, {}, {}, DefinedNames(), retyped=True)
    anomalies += view_changed(sheet, ((row, column) for column in own.values()))
    for item in form.inputs:
        column = own.get((item.element.code, item.column))
        if column is not None:
            cell = sheet.cell(row, column)
            yield from read_answers(table.grid, table.grid.get(row, column), cell, item)
        elif not item.element.added_later:
            said = form.caption(item.element, item.column)
            anomalies.append(Anomaly("cell_missing", form.code, item.element.code, found=said))
