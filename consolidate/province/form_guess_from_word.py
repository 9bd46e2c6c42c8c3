"""Propose the forms of a table that somebody has in Excel or Word, for a person to finish.

The table is the circular's own: a heading of one or more rows, then numbered lines (a fixed table)
or blank ones (a list). What cannot be told from a table stays blank in the proposal: the legal
basis, the days of service, who owes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from unicodedata import normalize

from consolidate.definitions.catalogue import text
from consolidate.definitions.keys import SHEET_NAME_LIMIT
from consolidate.definitions.loader import PACK
from consolidate.definitions.toml_lines import TomlSource
from consolidate.intake.retyped.lines import TEXT_SHEET, lines_above, lines_before
from consolidate.model.cells import raw_text
from consolidate.model.datasets import VALUE_COLUMN, Aggregation, Shape, ValueType
from consolidate.model.text import name_key, plain, tidy
from consolidate.province.form_book import source_at
from consolidate.templates.columns import GOES_ON
from consolidate.xlsx.read.grid import Grid, Workbook

_NUMBERS = ("stt", "tt", "so tt", "ms", "ma", "ma so", "so thu tu")
_LABELS = ("noi dung", "chi tieu", "ten chi tieu", "danh muc", "tieu chi")
_NAMES = ("don vi", "ten don vi", "co quan", "ten co quan")
_UNITS = ("dvt", "don vi tinh", "don vi do")
_FORM = re.compile(r"(?:biểu|mẫu|phụ lục)(?:\s+số)?\s*:?\s*([\w./-]{1,20})", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+(?:[.][0-9]+)*[.)]?|[ivx]+[.)]?|[a-zđ][.)]?", re.IGNORECASE)
_COLUMN_NUMBER = re.compile(r"\(?\d{1,3}\)?(\s*=[\s\d=+]*)?")
_COLUMN_LETTER = re.compile(r"\(?[A-Z]\)?")
_BASIS = re.compile(
    r"kèm theo\s+((?:thông tư|quyết định|nghị định|nghị quyết|kế hoạch|công văn|hướng dẫn)\s[^)]+)",
    re.IGNORECASE,
)
_WORDS = ("ghi chu", "ly do", "nguyen nhan", "giai trinh", "nhan xet", "danh gia", "de xuat")
"""How the heading of a column of texts begins."""
_COUNTED = ("so ", "tong", "luot", "trong do", "ke hoach von")
"""How the heading of a column of numbers begins, in a list."""
_DAYS = ("ngay ", "thoi gian", "thoi han", "han ")
_YES_NO = ("Có", "Không")
_WHOLE = ("tong so", "tong cong", "cong")
"""How a line begins that adds up others and has no number."""
_WINDOW = re.compile(r"\(?số liệu tính từ ngày", re.IGNORECASE)
_COLUMN_NUMBERS = "MS"
_OPEN_ROWS = 15
"""Blank rows that the template of a list has."""
_FIGURE_WIDTH, _DAY_WIDTH, _TEXT_WIDTH = 8, 13, 24
"""Characters that figures, days and names take."""
_UPRIGHT = 6
"""Columns of figures that a page in upright format has room for."""
_MOST_ROWS = 2_000
"""Rows of a table that are looked at."""


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of a file: its heading rows, the columns that lead a line, those of figures."""

    grid: Grid
    heading: range
    number: int | None
    label: int | None
    unit: int | None
    figures: tuple[int, ...]

    def headings(self, column: int) -> tuple[str, ...]:
        """List texts above a column from top to bottom, those of areas on their left included."""
        found: list[str] = []
        for row in self.heading:
            if _is_numbers(self.grid, row):
                continue
            text = self._spread(row, column)
            found.append(GOES_ON if text in ("", *found[-1:]) else text)
        while found and found[-1] == GOES_ON:  # Its own heading goes on to the last row.
            found.pop()
        return tuple(found) if any(text != GOES_ON for text in found) else ()

    def _spread(self, row: int, column: int) -> str:
        """Text of a heading cell; a blank one belongs to the area on its left, or above it."""
        own = _text(self.grid, row, column)
        if own or (row == self.heading.start and column in (self.number, self.label, self.unit)):
            return own
        earlier = range(self.heading.start, row)
        if any(_text(self.grid, at, column) for at in earlier):
            return ""
        for before in range(column - 1, -1, -1):
            text = _text(self.grid, row, before)
            if text:
                # An area ends where one above it ends.
                within = all(self._spread(at, before) == self._spread(at, column) for at in earlier)
                return text if before in self.figures and within else ""
        return ""


def guess_forms(book: Workbook, code: str, folder: str) -> dict[str, TomlSource]:
    """Propose a pack for the tables of a file, by name; no data sets where no table is found.

    Args:
        book: an Excel file, or the tables of a Word document.
        code: the code that the pack is to have.
        folder: the folder that the names begin with.
    """
    forms: dict[str, TomlSource] = {}
    for grid in book.sheets:
        table = None if grid.name == TEXT_SHEET else _find(grid)
        if table is None:
            continue
        above = [line.text for line in lines_above(grid, table.heading.start)]
        above = above or [line.text for line in lines_before(book, grid.name)]
        own = f"{code.replace('-', '_')}_{len(forms) + 1}"
        forms[f"{folder}/{own}.toml"] = _form(f"{folder}/{own}.toml", own, table, above)
    codes = [source.top.data["code"] for source in forms.values()]
    titles = [source.top.data["title"] for source in forms.values()]
    basis = _basis(book)
    top = {
        "code": code,
        "family": code.replace("-", "_"),
        **({"legal_basis": basis} if basis else {}),
        "title": titles[0] if titles else "",
        "short_title": code.upper(),
        "heading": titles[:1],
        "version": "1",
        "file_name": f"{code}.xlsx",
        "data_sets": codes,
    }
    package = {"periods": ["Q1", "6M", "9M", "Y"], "data_sets": codes}
    pack = source_at(folder, f"{folder}/{PACK}", top, packages=[package])
    return {f"{folder}/{PACK}": pack, **forms}


def _basis(book: Workbook) -> str:
    """Return the document that a table is enclosed with, as the first line that names it says."""
    for grid in book.sheets:
        for row in range(min(len(grid.rows), _MOST_ROWS)):
            for column in range(len(grid.rows[row])):
                found = _BASIS.search(_text(grid, row, column))
                if found:
                    return tidy(found[1])
    return ""


def _text(grid: Grid, row: int, column: int) -> str:
    return tidy(raw_text(grid.get(row, column)))


def _is_numbers(grid: Grid, row: int) -> bool:
    """Tell whether a row numbers the columns: MS, 1 = 2 + 3, 2; A, B, 1, 2."""
    said = [text for at in range(len(grid.rows[row])) if (text := _text(grid, row, at))]
    letters = [text.strip(" ()") for text in said if _COLUMN_LETTER.fullmatch(text)]
    if len(letters) > 1 and letters == list(ascii_uppercase[: len(letters)]):
        behind = said[len(letters) :]
        return bool(behind) and all(_COLUMN_NUMBER.fullmatch(text) for text in behind)
    return sum(_COLUMN_NUMBER.fullmatch(text) is not None for text in said) >= max(3, len(said) - 2)


def _key(text: str) -> str:
    """Return a text for comparing: without diacritics and capitals."""
    return plain(name_key(text))


def _find(grid: Grid) -> _Table | None:
    """Find the heading of a table: the first row that names what stands in its lines."""
    for row in range(min(len(grid.rows), _MOST_ROWS)):
        width = len(grid.rows[row])
        words = {column: _key(_text(grid, row, column)) for column in range(width)}
        # "TT" is no short word here.
        short = {column: plain(_text(grid, row, column).casefold()) for column in range(width)}
        number = next((at for at, word in short.items() if word.strip(" .") in _NUMBERS), None)
        label = next(
            (at for at, word in words.items() if word in _NAMES or word.startswith(_LABELS)), None
        )
        unit = next((at for at, word in words.items() if word in _UNITS), None)
        named = [at for at, word in words.items() if word]
        if len(named) < 2 or (number is None and label is None):
            continue
        if label is None and number is not None:
            label = next((at for at in named if at > number and at != unit), None)
        return _whole(grid, row, number, label, unit)
    return None


def _whole(
    grid: Grid, first: int, number: int | None, label: int | None, unit: int | None
) -> _Table:
    leading = [at for at in (number, label, unit) if at is not None]
    last = first
    for row in range(first + 1, min(len(grid.rows), first + 10)):
        cells = grid.rows[row]
        said = [at for at in range(len(cells)) if _text(grid, row, at)]
        if _is_numbers(grid, row) or (said and not set(said) & set(leading)):
            last = row
            continue
        break
    heading = range(first, last + 1)
    width = max(len(grid.rows[row]) for row in heading)
    figures = tuple(
        at
        for at in range(width)
        if at not in leading and any(_text(grid, row, at) for row in heading)
    )
    return _Table(grid, heading, number, label, unit, figures)


def _lines(table: _Table) -> Iterator[tuple[str, str, str]]:
    """Number, label and unit of measure of each line below the heading, to the first blank one."""
    for row in range(table.heading.stop, min(len(table.grid.rows), _MOST_ROWS)):
        number, label, unit = (
            _text(table.grid, row, at) if at is not None else ""
            for at in (table.number, table.label, table.unit)
        )
        if not label and number and not _NUMBER.fullmatch(number):
            number, label = "", number  # A heading over the whole width stands in the first cell.
        if not label:
            if not number:
                return
            continue
        yield number, label, unit


def _form(file: str, code: str, table: _Table, above: Sequence[str]) -> TomlSource:
    lines = list(_lines(table))
    is_list = len(lines) < 2
    told = next((match for line in above if (match := _FORM.search(line))), None)
    titles = _titles(above)
    title = " ".join(titles) or table.grid.name
    name = told.group(1) if told else table.grid.name
    top = {
        "code": code,
        "title": title,
        "short_title": title,
        "sheet": re.sub(r"[\[\]:*?/\\']", "-", name)[:SHEET_NAME_LIMIT],
        "shape": (Shape.OPEN if is_list else Shape.FIXED).value,
        "periods": ["Q1", "6M", "9M", "Y"],
    }
    said: dict[str, object] = {"title": titles or [title]}
    if told is not None:
        said["form_code"] = tidy(told.group(0))
    if table.number is not None:
        said["number_header"] = _text(table.grid, table.heading.start, table.number)
    for key, at in (("label_header", table.label), ("unit_header", table.unit)):
        if at is not None and not is_list:
            said[key] = _text(table.grid, table.heading.start, at)
    if is_list:
        said["open_rows"] = _OPEN_ROWS
    if len(table.figures) > _UPRIGHT:
        said["landscape"] = True
    if any(_WINDOW.match(line) for line in above):
        said["window"] = True
    numbers = _numbers_row(table)
    if is_list and numbers is not None:
        said["column_numbers"] = _text(table.grid, numbers, _first(table)) or _COLUMN_NUMBERS
    arrays = _list_parts(table) if is_list else _fixed_parts(table, lines)
    return source_at(file, file, top, said, **arrays)


def _fixed_parts(
    table: _Table, lines: Sequence[tuple[str, str, str]]
) -> dict[str, list[dict[str, object]]]:
    """List rows and columns of a fixed table."""
    body: list[dict[str, object]] = []
    taken: set[str] = set()
    columns: list[dict[str, object]] = []
    for at in table.figures:
        *groups, label = table.headings(at) or ("",)
        code = "value" if len(table.figures) == 1 else f"v{len(columns) + 1}"
        columns.append({"code": code, "label": label, "width": 13})
        kind = _column_type(label)
        if kind:
            columns[-1]["type"] = kind
        if groups:
            columns[-1]["group"] = "\n".join(groups)
    columns = columns or [{"code": "value", "label": text("forms.figures")}]
    held = [column["code"] for column in columns]
    asked = [column["code"] for column in columns if column.get("type") != ValueType.TEXT.value]
    for number, label, unit in lines:
        whole = _key(label).startswith(_WHOLE)
        if not whole and (label.isupper() or (not number and not unit)):
            key = "section" if label.isupper() else "subsection"
            body.append({key: f"{number} {label}".strip()})
            continue
        code = _free(f"m{plain(number.casefold()).rstrip('.)').replace('.', '_')}", taken)
        kind = _type(unit or label)
        row: dict[str, object] = {"code": code, "label": label, "type": kind}
        body.append({"code": code, **({"number": number.rstrip(".)")} if number else {}), **row})
        if unit:
            body[-1]["unit"] = unit
        if kind == ValueType.PERCENTAGE.value:
            body[-1]["aggregation"] = Aggregation.NONE.value
        if kind == ValueType.CHOICE.value:
            body[-1]["choices"] = list(_YES_NO)
        if len(held) > 1:
            body[-1]["columns"] = held
        if asked:
            body[-1]["required"] = asked
        indent = _indent(number, label)
        if indent:
            body[-1]["indent"] = indent
    return {"body": body, "columns": columns, "rules": _sums_of_columns(table, held)}


def _sums_of_columns(table: _Table, columns: Sequence[object]) -> list[dict[str, object]]:
    """Rules of rows from the row of column numbers of a fixed table: ``(3) = (4) + (5)``.

    ``columns`` are the codes of its columns of figures.
    """
    numbers = _numbers_row(table)
    if numbers is None:
        return []
    codes = dict(zip(table.figures, map(str, columns), strict=False))
    told = {at: _text(table.grid, numbers, at).split("=") for at in table.figures}
    named = {said[0].strip(" ()"): codes[at] for at, said in told.items() if at in codes}
    rules: list[dict[str, object]] = []
    for at, (first, *sums) in told.items():
        for place, parts in enumerate(sums, 1):
            asked = re.findall(r"\d+", parts)
            if at in codes and len(asked) > 1 and set(asked) <= named.keys():
                number = first.strip(" ()")
                added = " + ".join(named[part] for part in asked)
                rules.append(_sum(number, parts, place) | {"expression": f"{codes[at]} == {added}"})
    return rules


def _indent(number: str, label: str) -> int:
    """Tell how far a line stands in: 2.1 is a part of 2, a line with a dash of the one above it."""
    if label.startswith(("-", "+", "–")):
        return 1
    parts = number.strip(".)").split(".")
    return len(parts) - 1 if all(part.isdigit() for part in parts) else int(parts[0].islower())


def _list_parts(table: _Table) -> dict[str, list[dict[str, object]]]:
    """Columns of a list as its elements, and what the row of column numbers says of their sums."""
    body: list[dict[str, object]] = []
    rules: list[dict[str, object]] = []
    numbers = _numbers_row(table)
    columns = [at for at in (table.label, *table.figures) if at is not None]
    # A line for each unit holds figures; a line for each case holds words, too.
    by_unit = _key("".join(table.headings(columns[0])[-1:])) in _NAMES
    for at in columns:
        *groups, label = table.headings(at) or ("",)
        told = _text(table.grid, numbers, at) if numbers is not None else ""
        if numbers is not None and not told and at != table.label:
            continue  # A column without a number is the rest of the one on its left.
        number, *sums = [part.strip(" ()") for part in told.split("=")]
        kind = ValueType.TEXT.value
        if at != table.label:
            kind = _type(label) if by_unit else _list_type(label)
        known = number.isdigit()
        code = f"c{number}" if known else f"k{len(body) + 1}"
        body.append({"code": code, "label": label, "type": kind, "width": _width(label, kind)})
        if at == table.label:
            body[-1]["required"] = [VALUE_COLUMN]
        if known:
            body[-1]["number"] = tidy(told)
        if groups:
            body[-1]["group"] = "\n".join(groups)
        if kind == ValueType.PERCENTAGE.value:
            body[-1]["aggregation"] = Aggregation.NONE.value
        rules += [_sum(number, part, at) for at, part in enumerate(sums, 1) if known]
    codes = {row["code"] for row in body}
    kept = [rule for rule in rules if set(re.findall(r"c\d+", str(rule["expression"]))) <= codes]
    return {"body": body, "rules": kept}


def _numbers_row(table: _Table) -> int | None:
    """Return the row of the heading that numbers the columns."""
    return next((row for row in table.heading if _is_numbers(table.grid, row)), None)


def _first(table: _Table) -> int:
    """Return the column that leads a line."""
    return min(at for at in (table.number, table.label) if at is not None)


def _width(label: str, kind: str) -> int:
    """Characters of the widest word of a heading, with some room; those of a name for a text."""
    if kind == ValueType.TEXT.value:
        return _TEXT_WIDTH
    if kind == ValueType.DATE.value:
        return _DAY_WIDTH
    return min(_TEXT_WIDTH, max(_FIGURE_WIDTH, *(len(word) + 2 for word in label.split())))


def _sum(number: str, parts: str, at: int) -> dict[str, object]:
    """Return a rule of rows from the row of column numbers: ``8 = 10 + 16``."""
    return {
        "id": f"sum{number}_{at}",
        "expression": f"c{number} == "
        + " + ".join(f"c{part}" for part in re.findall(r"\d+", parts)),
        "severity": "error",
        "scope": "row",
        "source": text("forms.column_numbers", sum=f"{number} = {parts}"),
    }


def _free(code: str, taken: set[str]) -> str:
    """Return a code that is not taken yet."""
    own = code if re.fullmatch(r"[a-z][a-z0-9_]*", code) and len(code) > 1 else "r1"
    number = 1
    made = own
    while made in taken:
        number += 1
        made = f"{own}_{number}"
    taken.add(made)
    return made


def _titles(above: Sequence[str]) -> list[str]:
    """Find the title of a table: the last lines above it in capitals, else the last of words."""
    lines = [line for line in above if len(line) > 5 and not _FORM.match(line)]
    capitals = [line for line in lines if line.isupper()]
    others = [line for line in lines if not (_BASIS.search(line) or line.startswith("("))]
    return capitals[-2:] or others[-1:]


def _column_type(label: str) -> str:
    """Return the kind of answer that the heading of a column asks for; ``""``: that of each row."""
    key = _key(label)
    if key.startswith(_WORDS):
        return ValueType.TEXT.value
    kind = _type(label)
    return "" if kind == ValueType.COUNT.value else kind


def _list_type(label: str) -> str:
    """Return the kind of answer that the heading of a column of a list asks for."""
    key, kind = _key(label), _type(label)
    if kind != ValueType.COUNT.value:
        return kind
    if key.startswith(_DAYS):
        return ValueType.DATE.value if key.startswith("ngay ") else ValueType.TEXT.value
    return kind if key.startswith(_COUNTED) else ValueType.TEXT.value


def _type(words: str) -> str:
    """Return the kind of answer that a unit of measure or a label asks for."""
    key = _key(words)
    if re.fullmatch(r"co\W*khong", key):
        return ValueType.CHOICE.value
    if re.search(r"\bđồng\b", normalize("NFC", words).casefold()):
        return ValueType.MONEY.value
    if re.search(r"\b(m2|m²|ha)\b", words.casefold()):
        return ValueType.AREA.value
    if "%" in words or "ty le" in key:
        return ValueType.PERCENTAGE.value
    return ValueType.COUNT.value
