"""A pack of forms as a workbook, in the manner of XLSForm: one sheet for each kind of part.

Its headings are the keys of a definition (:mod:`consolidate.definitions.keys`): what a person
writes here is what stands in the TOML files. One table of sheets writes the workbook and reads it.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from consolidate.definitions.catalogue import text
from consolidate.definitions.keys import (
    COLUMN,
    ELEMENT,
    FLAG,
    HEADING,
    LAYOUT,
    PACK,
    PACKAGE,
    RULE,
    SIZE,
    TEXT,
    TEXTS,
    TOP,
    Content,
    Key,
)
from consolidate.definitions.loader import PACK as PACK_FILE
from consolidate.definitions.toml_lines import DefinitionError, Entry, Fault, TomlSource
from consolidate.model.cells import Cell, CellRef, raw_text
from consolidate.model.reasons import because
from consolidate.model.text import tidy
from consolidate.xlsx.read.grid import Grid
from consolidate.xlsx.read.package_gate import Limits
from consolidate.xlsx.read.read_workbook import read_workbook
from consolidate.xlsx.write.atomic_files import CREATED
from consolidate.xlsx.write.form_styles import (
    DATE_FORMAT,
    HEADER_FILL,
    HIGHEST,
    LIST_SIZE,
    TEXT_FORMAT,
    open_workbook,
)
from consolidate.xlsx.write.text_sizes import column_points, lines_needed, row_height

FORM = "form"
"""Heading of the column that says which form a row belongs to: its code."""
_REPLACES, _LAYOUT, _ELEMENTS = "replaces", "layout.", "replaces.elements"
PACK_SHEET = "bo_bieu"
"""Sheet of what is said of a pack as a whole; a workbook of forms has it."""
_FORMS, _PACKAGES, _CALENDAR, _MAPPING = "bieu", "phan_cong", "lich", "ke_thua"
_ARRAYS = {"chi_tieu": "body", "cot": "columns", "rang_buoc": "rules"}
SHEETS: Mapping[str, Mapping[str, Key]] = {
    PACK_SHEET: {"key": TEXT, "value": TEXT, "meaning": TEXT},
    _FORMS: {**TOP, **{f"{_LAYOUT}{key}": known for key, known in LAYOUT.items()}},
    "chi_tieu": {FORM: TEXT, **HEADING, **ELEMENT},
    "cot": {FORM: TEXT, **COLUMN},
    "rang_buoc": {FORM: TEXT, **RULE},
    _PACKAGES: PACKAGE,
    _CALENDAR: {
        "table": TEXT,
        "key": TEXT,
        "from": TEXT,
        "to": TEXT,
        "day": SIZE,
        "strictly_before": FLAG,
        "parts": TEXTS,
    },
    _MAPPING: {"old": TEXT, "new": TEXT},
}
"""The headings of every sheet, with what may stand below them."""
_TABLE_OF = {
    _FORMS: "top",
    "chi_tieu": "element",
    "cot": "column",
    "rang_buoc": "rule",
    _PACKAGES: "package",
}
_YES, _NO = ("true", "có", "x", "1", "đúng"), ("false", "không", "0", "sai")
_WIDE, _NARROW = 48, 14
_WORDY = ("title", "label", "section", "subsection", "expression", "source", "message", "meaning")
_LAST_ROW = 4_999
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_Row = dict[str, Any]


def write_form_book(sources: Mapping[str, TomlSource]) -> bytes:
    """Write the definitions of one pack as a workbook; the same pack gives the same bytes.

    Args:
        sources: the files of the pack by name (``…/pack.toml`` and its data sets).
    """
    target = io.BytesIO()
    workbook = open_workbook(target)
    workbook.set_properties({"created": CREATED})
    own = {"font_size": LIST_SIZE, "valign": "top", "align": "left"}
    head = workbook.add_format({**own, "bold": True, "bg_color": HEADER_FILL, "border": 1})
    plain = workbook.add_format({**own, "text_wrap": True, "num_format": TEXT_FORMAT})
    day = workbook.add_format({**own, "num_format": DATE_FORMAT})
    count = workbook.add_format(own)
    rows = _rows(sources)
    for name, keys in SHEETS.items():
        sheet = workbook.add_worksheet(name)
        sheet.freeze_panes(1, 2)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        for column, (heading, key) in enumerate(keys.items()):
            sheet.write_string(0, column, heading, head)
            sheet.write_comment(0, column, meaning(name, heading), {"x_scale": 2, "author": ""})
            sheet.set_column(column, column, _width(name, heading), plain)
            if key.choices and key.content is Content.TEXT:
                sheet.data_validation(
                    1,
                    column,
                    _LAST_ROW,
                    column,
                    {"validate": "list", "source": list(key.choices), "error_type": "warning"},
                )
        for number, row in enumerate(rows[name], 1):
            lines = 1
            for column, heading in enumerate(keys):
                value = row.get(heading)
                if isinstance(value, date):
                    sheet.write_datetime(number, column, datetime(*value.timetuple()[:3]), day)
                elif isinstance(value, int | float) and not isinstance(value, bool):
                    sheet.write_number(number, column, value, count)
                elif value is not None:
                    words = _words(value)
                    sheet.write_string(number, column, words, plain)
                    room = column_points(_width(name, heading))
                    lines = max(lines, lines_needed(words, room, LIST_SIZE))
            sheet.set_row(number, min(row_height(lines, LIST_SIZE), HIGHEST))
    workbook.close()
    return target.getvalue()


def _width(sheet: str, heading: str) -> int:
    """Width of a column in characters."""
    wide = heading in _WORDY or (sheet, heading) == (PACK_SHEET, "value")
    return _WIDE if wide else _NARROW


def meaning(sheet: str, heading: str) -> str:
    """Say in Vietnamese what stands below a heading."""
    if heading == FORM:
        return text("keys.book.form")
    if heading.startswith(_LAYOUT):
        return text(f"keys.layout.{heading.removeprefix(_LAYOUT)}")
    if heading in HEADING:
        return text(f"keys.heading.{heading}")
    return text(f"keys.{_TABLE_OF.get(sheet, 'book')}.{heading}")


def _words(value: object) -> str:
    """Return a value as a cell holds it: parts of a list on lines of their own."""
    if isinstance(value, bool):
        return str(value).lower()
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


def _rows(sources: Mapping[str, TomlSource]) -> dict[str, list[_Row]]:
    """Return the rows of every sheet."""
    pack = next(source for name, source in sources.items() if name.endswith(PACK_FILE))
    forms = [source for name, source in sorted(sources.items()) if source is not pack]
    replaces = pack.tables[_REPLACES].data if _REPLACES in pack.tables else {}
    said = {**pack.top.data, _REPLACES: replaces.get("pack")}
    found: dict[str, list[_Row]] = {
        PACK_SHEET: [
            {"key": key, "value": said.get(key), "meaning": text(f"keys.pack.{key}")}
            for key in (*PACK, _REPLACES)
        ],
        _FORMS: [_form_row(source) for source in forms],
        _PACKAGES: [dict(entry.data) for entry in pack.arrays["packages"]],
        _CALENDAR: list(_calendar_rows(pack)),
        _MAPPING: [
            *({"old": name} for name in replaces.get("ended", ())),
            *({"new": name} for name in replaces.get("new", ())),
            *(
                {"old": old, "new": new}
                for old, new in (
                    pack.tables[_ELEMENTS].data if _ELEMENTS in pack.tables else {}
                ).items()
            ),
        ],
    }
    for sheet, array in _ARRAYS.items():
        found[sheet] = [
            {FORM: source.top.data["code"], **entry.data}
            for source in forms
            for entry in source.arrays.get(array, ())
        ]
    return found


def _form_row(source: TomlSource) -> _Row:
    layout = source.tables["layout"].data if "layout" in source.tables else {}
    return {**source.top.data, **{f"{_LAYOUT}{key}": value for key, value in layout.items()}}


def _calendar_rows(pack: TomlSource) -> Iterator[_Row]:
    for table in ("windows", "due", "tiles"):
        data = pack.tables[table].data if table in pack.tables else {}
        for key, value in data.items():
            more = value if isinstance(value, dict) else {"parts": value}
            yield {"table": table, "key": key, **more}


def source_at(
    where: str, file: str, top: _Row, layout: _Row | None = None, **arrays: Sequence[_Row]
) -> TomlSource:
    """Make a definition all parts of which have one place; arrays without rows are left out."""
    return TomlSource(
        file,
        Entry("", top, where),
        {"layout": Entry("layout", layout, where)} if layout is not None else {},
        {
            name: tuple(Entry(name, row, where) for row in rows)
            for name, rows in arrays.items()
            if rows
        },
    )


@dataclass(frozen=True, slots=True)
class _Read:
    """A row of a sheet: what it says by heading, and where."""

    data: _Row
    place: str
    places: dict[str, str]

    def entry(self, table: str, *without: str) -> Entry:
        data = {key: value for key, value in self.data.items() if key not in without}
        return Entry(table, data, self.place, self.places)


def read_form_book(data: bytes, folder: str) -> dict[str, TomlSource]:
    """Read a workbook of forms into the definitions of a pack, by name (``<folder>/<code>.toml``).

    :func:`consolidate.definitions.building.build_library` says what is wrong with them; the place
    of a fault is a cell.

    Raises:
        Refused: the file is no workbook, or too large for one.
        DefinitionError: a sheet is not there, or has a heading that is no key.
    """
    grids = {grid.name: grid for grid in read_workbook(data, Limits()).sheets}
    faults: list[Fault] = []
    rows: dict[str, list[_Read]] = {}
    for name in SHEETS:
        if name not in grids:
            faults.append(Fault(name, because("lint.no_sheet", name=name)))
            continue
        rows[name] = _read(grids[name], faults)
    if faults:
        raise DefinitionError(tuple(faults))
    sources: dict[str, TomlSource] = {}
    for row in rows[_FORMS]:
        code = str(row.data.get("code", ""))
        sources[f"{folder}/{code}.toml"] = _form(f"{folder}/{code}.toml", row, rows, code)
    codes = {row.data.get("code") for row in rows[_FORMS]}
    for name in _ARRAYS:
        faults += [
            Fault(row.places.get(FORM, row.place), because("lint.row_of_no_form", sheet=_FORMS))
            for row in rows[name]
            if row.data.get(FORM) not in codes
        ]
    if faults:
        raise DefinitionError(tuple(faults))
    sources[f"{folder}/{PACK_FILE}"] = _pack(f"{folder}/{PACK_FILE}", rows)
    return sources


def _read(grid: Grid, faults: list[Fault]) -> list[_Read]:
    """Read the rows of a sheet below its headings; blank rows and cells say nothing."""
    keys = SHEETS[grid.name]
    width = max(map(len, grid.rows), default=0)
    headings = {at: grid.text(0, at) for at in range(width) if grid.text(0, at)}
    for at, heading in headings.items():
        if heading not in keys:
            place = CellRef(grid.name, 0, at).quoted
            faults.append(Fault(place, because("lint.unknown_key", key=heading)))
    found = []
    for number in range(1, len(grid.rows)):
        said: _Row = {}
        places: dict[str, str] = {}
        for at, heading in headings.items():
            cell = grid.get(number, at)
            if heading in keys and raw_text(cell).strip():
                key = keys[heading]
                if (grid.name, heading) == (PACK_SHEET, "value"):
                    key = {**PACK, _REPLACES: TEXT}.get(grid.text(number, 0), TEXT)
                said[heading] = _value(cell, key)
                places[heading] = CellRef(grid.name, number, at).quoted
        if said:
            found.append(_Read(said, CellRef(grid.name, number, 0).quoted, places))
    return found


def _value(cell: Cell, key: Key) -> object:
    """Tell what a cell says for a key; as it stands where that cannot be told, for the linter."""
    words = raw_text(cell).strip()
    match key.content:
        case Content.TEXTS:
            return _parts(words)
        case Content.FLAG:
            said = words.casefold()
            return True if said in _YES else False if said in _NO else words
        case Content.NUMBER:
            return _number(cell, words)
        case Content.DAY:
            return _day(cell, words)
        case _:
            return words


def _parts(words: str) -> list[str]:
    """Split a list into lines; codes in one line may have semicolons or commas between them."""
    codes = [part.strip() for part in re.split("[;,]", words)]
    if "\n" in words or any(" " in part for part in codes):
        codes = words.split("\n")
    return [tidy(part) for part in codes if part.strip()]


def _number(cell: Cell, words: str) -> object:
    try:
        number = float(cell) if isinstance(cell, int | float) else float(words.replace(",", "."))
    except ValueError:
        return words
    return int(number) if number.is_integer() else number


def _day(cell: Cell, words: str) -> object:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(words, form).date()
        except ValueError:
            continue
    return words


def _form(file: str, row: _Read, rows: Mapping[str, list[_Read]], code: str) -> TomlSource:
    layout = {
        key.removeprefix(_LAYOUT): value
        for key, value in row.data.items()
        if key.startswith(_LAYOUT)
    }
    places = {key.removeprefix(_LAYOUT): place for key, place in row.places.items()}
    top = {key: value for key, value in row.data.items() if not key.startswith(_LAYOUT)}
    arrays = {
        array: tuple(item.entry(array, FORM) for item in rows[sheet] if item.data.get(FORM) == code)
        for sheet, array in _ARRAYS.items()
    }
    return TomlSource(
        file,
        Entry("", top, row.place, places),
        {"layout": Entry("layout", layout, row.place, places)} if layout else {},
        {array: entries for array, entries in arrays.items() if entries},
    )


def _pack(file: str, rows: Mapping[str, list[_Read]]) -> TomlSource:
    said = {str(row.data.get("key")): row for row in rows[PACK_SHEET] if "value" in row.data}
    first = CellRef(PACK_SHEET, 0, 0).quoted
    places = {key: row.places["value"] for key, row in said.items()}
    top = {key: row.data["value"] for key, row in said.items() if key != _REPLACES}
    tables: dict[str, Entry] = {}
    for row in rows[_CALENDAR]:
        table = str(row.data.get("table", ""))
        entry = tables.setdefault(table, Entry(table, {}, row.place, {}))
        more = {key: value for key, value in row.data.items() if key not in ("table", "key")}
        key = str(row.data.get("key", ""))
        entry.data[key] = more.get("parts", more) if table == "tiles" else more
        entry.places[key] = row.place
    if _REPLACES in said:
        mapped = rows[_MAPPING]
        where = {str(row.data.get("old", "")): row.place for row in mapped}
        replaced = {
            "pack": said[_REPLACES].data["value"],
            "ended": [row.data["old"] for row in mapped if "new" not in row.data],
            "new": [row.data["new"] for row in mapped if "old" not in row.data],
        }
        elements = {row.data["old"]: row.data["new"] for row in mapped if len(row.data) == 2}
        place = CellRef(_MAPPING, 0, 0).quoted
        tables[_REPLACES] = Entry(_REPLACES, replaced, place, {"pack": places[_REPLACES]})
        tables[_ELEMENTS] = Entry(_ELEMENTS, elements, place, where)
    packages = tuple(row.entry("packages") for row in rows[_PACKAGES])
    arrays = {"packages": packages} if packages else {}
    return TomlSource(file, Entry("", top, first, places), tables, arrays)


def toml_of(source: TomlSource) -> str:
    """Write a definition as TOML: the keys of the file, its tables, its arrays of tables."""
    blocks = [("", source.top)]
    blocks += [(f"[{name}]", entry) for name, entry in source.tables.items()]
    for name, entries in source.arrays.items():
        blocks += [(f"[[{name}]]", entry) for entry in entries]
    return "\n".join(
        "\n".join((*filter(None, (head,)), *map(_line, entry.data.items()), ""))
        for head, entry in blocks
    )


def _line(item: tuple[str, Any]) -> str:
    key = item[0] if _BARE.fullmatch(item[0]) else json.dumps(item[0], ensure_ascii=False)
    return f"{key} = {_toml(item[1])}"


def _toml(value: Any) -> str:
    """Return a value in TOML; its strings are written as those of JSON."""
    if isinstance(value, dict):
        return "{ " + ", ".join(map(_line, value.items())) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return value.isoformat() if isinstance(value, date) else json.dumps(value)
