"""Turn a workbook into a Return: every value with its address, raw text and how it was read."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from consolidate.intake.answers import (
    is_usual,
    read_answer,
    read_answers,
    shared_columns,
    spread_answers,
    traced,
    usual_answers,
)
from consolidate.intake.carried_pack import (
    carried_pack,
    foreign_sheets,
    issued_round,
    mixed_sheets,
    not_due,
    of_other_rounds,
)
from consolidate.intake.changes import (
    OTHER_MEASURE,
    far_cells,
    headers_changed,
    issued_with,
    other_template,
    view_changed,
)
from consolidate.intake.document_kind import check_document
from consolidate.intake.evidence import (
    evidence_of,
    file_words,
    period_of,
    revision_of,
    window_of,
)
from consolidate.intake.list_rows import entries_of, unread_below
from consolidate.intake.locate_sheets import (
    LocatedSheet,
    find_sheet,
    is_added,
    numbers_columns,
    open_body,
    read_stamp,
    recover_columns,
    window_cell,
)
from consolidate.intake.locate_values import unread_cells
from consolidate.intake.retyped.figure_columns import KIND, untold_columns
from consolidate.intake.retyped.heading_words import NamedPeriod
from consolidate.intake.surroundings import located_answers
from consolidate.intake.typed_text.convention import settled
from consolidate.intake.typed_text.legacy_cells import convert_workbook, legacy_anomalies
from consolidate.intake.typed_text.typed_dates import read_window
from consolidate.intake.typed_text.typed_numbers import NOTHING
from consolidate.model.cells import Cell, raw_text
from consolidate.model.data_values import (
    DataValue,
    ValueKey,
    ValueStatus,
)
from consolidate.model.datasets import DataElement, DataSet, Library, Shape
from consolidate.model.packs import Packs
from consolidate.model.period import Period
from consolidate.model.returns import Anomaly, DataSetReturn, Evidence, Return, WindowLine
from consolidate.model.text import tidy
from consolidate.rules.computing import with_computed
from consolidate.xlsx.calc.recalculation import recalculate
from consolidate.xlsx.read.defined_names import WITHOUT_ANSWERS
from consolidate.xlsx.read.features import merged_answers
from consolidate.xlsx.read.grid import Grid, Workbook

MOST_ROWS = 5_000
"""Rows of an open table that are read; no unit has as many cases or plans."""


def extract_return(book: Workbook, library: Library, name: str = "") -> Return | None:
    """Extract a return from a workbook; ``None`` when it carries none of our forms.

    Text in old encodings is read in Unicode, formulas without a value are worked out, and numbers
    that can be read in two ways are read as the file writes its others. ``name`` is that of the
    file: it may name the period of a retyped table that names none.

    Raises:
        UnknownPack: the forms are of a pack that is not installed.
        Refused: a Word document with tables of a form that is no report.
    """
    book = recalculate(convert_workbook(book, library), library.known_codes)
    content = extract_as_typed(book, library, name)
    if content is None:
        return None
    forms = library.of_pack(content.pack, content.round, content.definition)
    certain = settled(book, content, forms)
    if certain is not None:
        content = extract_as_typed(certain, library, name)
    return content if content is None else with_computed(content, forms)


def extract_as_typed(book: Workbook, library: Library, name: str = "") -> Return | None:
    """Extract a return from the cells as they are; ``None`` without any of our forms.

    The live sheet of a template reads its cells in this way.
    """
    stamp = read_stamp(book)
    pack = carried_pack(book, stamp, library)
    if pack is None:
        return _retyped_return(book, library, name)
    template, number = pack.family, issued_round(stamp)
    if not number:
        sheet, _ = find_sheet(book, library.cover)
        period = period_of(_content(library.cover, (sheet,), [])) if sheet is not None else None
        number = period.type.round if period is not None else 0
    views = _views(book, stamp, library.packs, pack.code, number)
    definition = issued_with(
        stamp,
        {"": views}
        | {
            former.digest: _views(book, stamp, former, pack.code, number)
            for former in library.packs.former.get(pack.code, ())
        },
        template,
    )
    if definition:
        former = library.packs.as_issued(pack.code, definition)
        pack = former.by_code[pack.code]
        views = _views(book, stamp, former, pack.code, number)
    whole, asked, library, made = views
    anomalies: list[Anomaly] = []
    if not stamp:
        anomalies.append(Anomaly("stamp_missing"))
    else:
        anomalies += other_template(stamp, (library, made), template)
    anomalies += [
        Anomaly("foreign_sheet", found=sheet.name) for sheet in foreign_sheets(book, pack, library)
    ]
    mixed = mixed_sheets(book, pack, library)
    anomalies += [Anomaly("mixed_packs", found=sheet.name) for sheet in mixed]
    if mixed:
        book = replace(book, sheets=tuple(sheet for sheet in book.sheets if sheet not in mixed))
    anomalies += _extra_sheets(book, library)
    anomalies += far_cells(book)
    anomalies += [Anomaly(risk.kind, found=risk.found) for risk in book.risks]
    anomalies += legacy_anomalies(book)
    cover = _cover(book, library, anomalies)
    period = period_of(cover)
    data_sets = []
    for data_set in library.sets_of(template):
        content = _data_set(book, data_set, library, anomalies, period)
        if content is not None:
            data_sets.append(content)
    anomalies = [*of_other_rounds(anomalies, whole, asked), *not_due(book, whole, asked)]
    read = {content.sheet for content in data_sets}
    read |= {a.cells[0].sheet for a in anomalies if a.kind == KIND}
    anomalies = [a for a in anomalies if a.kind != "extra_sheet" or a.found not in read]
    named = any(v.value for v in cover.values if v.key.element in ("unit_name", "unit_code"))
    return Return(
        template=template,
        version=stamp.get("version", ""),
        cover=cover,
        data_sets=tuple(data_sets),
        anomalies=tuple(anomalies),
        period=period,
        window=window_of(cover),
        revision=revision_of(cover),
        evidence=evidence_of(
            book,
            stamp,
            codes=library.known_codes,
            silent=not named or period is None,
        ),
        pack=pack.code,
        round=number,
        definition=definition,
    )


def _views(
    book: Workbook, stamp: Mapping[str, str], packs: Packs, code: str, number: int
) -> tuple[Library, Library, Library, Library]:
    """Show a pack whole, in its round, as a workbook holds it there, and as it was made whole."""
    pack = packs.by_code[code]
    whole, asked = packs.view((pack,), 0), packs.view((pack,), number)
    given = frozenset(stamp.get("data_sets", "").split(","))
    made = whole.only(given) if given & whole.by_code.keys() else whole
    held = asked
    if given & asked.by_code.keys():  # A template may hold only what its unit owes.
        present = {grid.text(0, 0) for grid in book.sheets}
        held = asked.only(given | (present & asked.by_code.keys()))
    return whole, asked, held, made


def _retyped_return(book: Workbook, library: Library, name: str) -> Return | None:
    """Extract a return from retyped forms; ``None`` when the file carries none of them."""
    # Few files need these: not at the start.
    from consolidate.intake.retyped.lines import joined_pages
    from consolidate.intake.retyped.retyped_forms import find_forms

    book = joined_pages(book, library.known_forms)
    located, _ = find_sheet(book, library.cover)
    cover = DataSetReturn(library.cover.code, "", ())
    on_cover: list[Anomaly] = []
    if located is not None:
        cover = _content(library.cover, (located,), on_cover)
    period = period_of(cover)
    said = (period.label if period is not None else "", file_words(name))
    forms = find_forms(book, library, said)
    if forms is None:
        return None
    check_document(book, {sheet.grid.name for sheets in forms.tables for sheet in sheets})
    anomalies = [*forms.anomalies, *far_cells(book), *legacy_anomalies(book), *on_cover]
    anomalies += [Anomaly(risk.kind, found=risk.found) for risk in book.risks]
    return Return(
        template=forms.pack.family,
        version="",
        cover=cover,
        data_sets=tuple(_content(sheets[0].data_set, sheets, anomalies) for sheets in forms.tables),
        anomalies=tuple(anomalies),
        period=period,
        window=window_of(cover),
        revision=revision_of(cover),
        evidence=Evidence(
            headings=forms.headings,
            saved=book.saved,
            windows=forms.dated.periods,
            silent=forms.dated.silent,
        ),
        pack=forms.pack.code,
        round=forms.dated.number,
    )


def _extra_sheets(book: Workbook, library: Library) -> Iterator[Anomaly]:
    """Note sheets that a person added; their content is not read."""
    codes = library.known_codes
    targets = {target.sheet for target in book.names.ranges.values()}
    for sheet in book.sheets:
        name = sheet.name
        if name in WITHOUT_ANSWERS or name in targets or name.startswith("_"):
            continue
        if sheet.text(0, 0) in codes or is_added(sheet):
            continue
        if any(content != "" for row in sheet.rows for content in row):
            yield Anomaly("extra_sheet", found=name)


def _cover(book: Workbook, library: Library, anomalies: list[Anomaly]) -> DataSetReturn:
    found = _data_set(book, library.cover, library, anomalies)
    return found if found is not None else DataSetReturn(library.cover.code, "", ())


def _data_set(
    book: Workbook,
    data_set: DataSet,
    library: Library,
    anomalies: list[Anomaly],
    period: Period | None = None,
) -> DataSetReturn | None:
    """Read a data set of a template; ``period`` is the one on its cover."""
    sheet, noticed = find_sheet(book, data_set)
    anomalies += noticed
    if sheet is None and not noticed:
        from consolidate.intake.retyped.retyped_forms import retyped_sheets

        said = period.label if period is not None else ""
        sheets, noticed = retyped_sheets(book, data_set, library, (said,))
        anomalies += noticed
        if not noticed:
            anomalies.append(Anomaly("sheet_missing", data_set.code, expected=data_set.sheet))
        return _content(data_set, sheets, anomalies) if sheets else None
    if sheet is None:
        return None
    asked = NamedPeriod() if period is None else NamedPeriod(period.year, frozenset({period.type}))
    untold = untold_columns(sheet, asked) if data_set.template else None
    if untold is not None:
        anomalies.append(untold)
        return None
    anomalies += [
        Anomaly("code_twice", data_set.code, code if code in data_set.by_code else "", found=code)
        for code in sheet.repeated
    ]
    return _content(data_set, (sheet,), anomalies)


def _content(
    data_set: DataSet, sheets: Sequence[LocatedSheet], anomalies: list[Anomaly]
) -> DataSetReturn:
    """Read the values of a data set; a retyped table may go on in a second one."""
    values: list[DataValue] = []
    rows = 0
    for sheet in sheets:
        if data_set.shape is Shape.FIXED:
            values += _fixed_values(sheet, anomalies)
        else:
            found, rows = _open_values(sheet, anomalies, rows)
            values += found
    lines = (_window_line(sheet) for sheet in sheets if data_set.layout.window)
    window = next((line for line in lines if line is not None), None)
    return DataSetReturn(data_set.code, sheets[0].grid.name, tuple(values), window, rows)


def _window_line(sheet: LocatedSheet) -> WindowLine | None:
    cell = None if sheet.retyped else window_cell(sheet)
    if cell is None:
        return sheet.line
    text = sheet.grid.text(cell.row, cell.column)
    return WindowLine(text, read_window(text), cell)


def _fixed_values(sheet: LocatedSheet, anomalies: list[Anomaly]) -> tuple[DataValue, ...]:
    located, changed = located_answers(sheet)
    anomalies += located.anomalies
    anomalies += changed
    other = frozenset(item.element for item in changed if item.kind == OTHER_MEASURE)
    anomalies += view_changed(sheet, ((c.row, c.column) for c in located.cells.values()))
    values: list[DataValue] = []
    facts = sheet.grid.facts
    special = sheet.grid.origins.keys() | facts.special | facts.no_value
    for item in sheet.data_set.inputs:
        cell = located.cells.get(item.key)
        if cell is None:
            continue
        content = sheet.grid.get(cell.row, cell.column)
        known = not special or (cell.row, cell.column) not in special
        if known and is_usual(content, item):
            values += usual_answers(content, cell, item)
        else:
            values += read_answers(sheet.grid, content, cell, item)
    return tuple(values) if not other else tuple(_doubted(value, other) for value in values)


def _doubted(value: DataValue, elements: Collection[str]) -> DataValue:
    """A number of an element whose row names another unit of measure, held until it is decided."""
    if value.number is None or value.key.element not in elements:
        return value
    return replace(value, status=ValueStatus.HELD)


def _open_values(
    sheet: LocatedSheet, anomalies: list[Anomaly], count: int
) -> tuple[tuple[DataValue, ...], int]:
    """Values of the rows that say something, and how many such rows there are after ``count``."""
    body, noticed = open_body(sheet)
    anomalies += noticed
    formulas = (row + 1 for row, _ in sheet.grid.facts.no_value)
    whole = body
    body = range(body.start, min(body.stop, max(len(sheet.grid.rows), *formulas, 0)))
    if not sheet.retyped:
        anomalies += unread_cells(sheet, body)
        if body:
            numbers = numbers_columns(sheet, body.start - 1)
            anomalies += headers_changed(sheet, body.start - 1 if numbers else body.start)
    data_set = sheet.data_set
    lost = [element for element in data_set.elements if element.code not in sheet.columns]
    if lost and body:
        sheet, noticed = recover_columns(sheet, body, lost)
        anomalies += noticed
    columns = [
        (element, sheet.columns[element.code])
        for element in data_set.elements
        if element.code in sheet.columns
    ]
    anomalies += [
        Anomaly("column_missing", data_set.code, element.code, found=element.label)
        for element in data_set.elements
        if element.code not in sheet.columns and not sheet.retyped
    ]
    if not sheet.retyped and whole:
        anomalies += unread_below(sheet, whole)
    entries = entries_of(sheet, columns, [r for r in body if _is_filled(sheet.grid, r, columns)])
    rows, anomalies[len(anomalies) :] = entries.rows, entries.anomalies
    if len(rows) > MOST_ROWS:
        left = (sheet.cell(rows[MOST_ROWS], columns[0][1]),)
        found, most = str(len(rows)), str(MOST_ROWS)
        anomalies.append(Anomaly("too_many_rows", data_set.code, "", left, found, most))
        rows = rows[:MOST_ROWS]
        body = range(body.start, rows[-1] + 1)
    asked = [(row, index) for row in body for _, index in columns]
    anomalies += view_changed(sheet, asked)
    taken_in = merged_answers(sheet.grid.facts.features.merged, asked)
    if taken_in.areas:
        anomalies.append(taken_in.anomaly(data_set.code, sheet.grid.name))
    values: list[DataValue] = []
    for number, row in enumerate(rows, count + 1):
        contents = [sheet.grid.get(row, index) for _, index in columns]
        values += _row_values(sheet, columns, contents, row, number)
    return tuple(values), count + len(rows)


def _is_filled(grid: Grid, row: int, columns: Sequence[tuple[DataElement, int]]) -> bool:
    """Whether a row of an open table says anything, or will once its formulas are calculated."""
    return any(
        not _says_nothing(grid.get(row, index))
        or ((row, index) in grid.facts.no_value and not element.computed)
        for element, index in columns
    )


def _says_nothing(content: Cell) -> bool:
    """Whether a cell of an open table is blank, zero or a word for nothing (form pctn_02)."""
    if content == "":
        return True
    if isinstance(content, str):
        word = tidy(unicodedata.normalize("NFKC", content)).casefold().rstrip(".")
        return not word or word in NOTHING or not word.strip("0")
    return content == 0 and not isinstance(content, bool)


def _row_values(
    sheet: LocatedSheet,
    columns: Sequence[tuple[DataElement, int]],
    contents: Sequence[Cell],
    row: int,
    number: int,
) -> list[DataValue]:
    code = sheet.data_set.code
    spread = spread_answers(columns, contents)
    shared = shared_columns(columns) if sheet.retyped else ()
    values = []
    for (element, index), content in zip(columns, contents, strict=True):
        key = ValueKey(code, element.code, "", number)
        cell = sheet.cell(row, index)
        if element.code in spread:
            source, digits, text = spread[element.code]
            part, _ = read_answer(sheet.grid, digits, cell, key, element, element.type)
            given = sheet.cell(row, source)
            part = replace(
                part, raw=text, cell=given, normalisation=("one_of_several",), readings=()
            )
            origin = sheet.grid.origins.get((row, source))
            values.append(part if origin is None else traced(part, origin))
        elif index in shared and (spread or not _says_nothing(content)):
            # One answer to several columns: to which of them it belongs cannot be told.
            status = ValueStatus.MISSING if spread else ValueStatus.INVALID
            raw, problem = ("", "") if spread else (raw_text(content), "shared")
            values.append(DataValue(key, None, status, raw, cell, problem=problem))
        else:
            values.append(read_answer(sheet.grid, content, cell, key, element, element.type)[0])
    return values
