"""Turn a workbook into a Return: every value with its address, raw text and how it was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from consolidate.intake.answer_plan import learn, planned
from consolidate.intake.carried_pack import (
    carried_pack,
    foreign_sheets,
    issued_round,
    mixed_sheets,
    not_due,
    of_other_rounds,
)
from consolidate.intake.changed_template import (
    far_cells,
    issued_with,
    other_template,
)
from consolidate.intake.evidence_of_owner import (
    file_words,
    heading_lines,
    period_of,
    revision_of,
    window_of,
)
from consolidate.intake.locate_sheets import (
    find_sheet,
    is_added,
    read_stamp,
)
from consolidate.intake.read_tables import table_of
from consolidate.intake.retyped.figure_columns import KIND, NamedPeriod, untold_columns
from consolidate.intake.typed_text.legacy_cells import convert_workbook, legacy_anomalies
from consolidate.intake.typed_text.typed_numbers import settled
from consolidate.model.datasets import DataSet, Library
from consolidate.model.packs import Packs
from consolidate.model.period import Period
from consolidate.model.returns import Anomaly, DataSetReturn, Evidence, Return
from consolidate.rules.computing import with_computed
from consolidate.xlsx.calc.recalculation import recalculate
from consolidate.xlsx.read.defined_names import WITHOUT_ANSWERS
from consolidate.xlsx.read.grid import Workbook


def extract_return(book: Workbook, library: Library, name: str = "") -> Return | None:
    """Extract a return from a workbook; ``None`` when it carries none of our forms.

    Text in old encodings is read in Unicode, formulas without a value are worked out, and numbers
    that can be read in two ways are read as the file writes its others. ``name`` is that of the
    file: it may name the period of a retyped table that names none.

    Raises:
        UnknownPack: the forms are of a pack that is not installed.
        Refused: a Word document with tables of a form that is no report.
    """
    content = planned(book, library)
    is_settled = content is not None  # No plan takes a number that can be read in two ways.
    if content is None:
        as_sent, book = book, recalculate(convert_workbook(book, library), library.packs.codes)
        content = extract_as_typed(book, library, name)
        if content is None:
            return None
        learn(as_sent, library, content)
    forms = library.of_pack(content.pack, content.round, content.definition)
    if not is_settled and any(value.problem == "ambiguous" for value in content.values()):
        certain = settled(book, content, forms)
        content = content if certain is None else extract_as_typed(certain, library, name)
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
        period = period_of(table_of(library.cover, (sheet,), [])) if sheet is not None else None
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
    cover = _data_set(book, library.cover, library, anomalies)
    cover = cover or DataSetReturn(library.cover.code, "", ())
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
    told = named and period is not None
    return Return(
        template=template,
        version=stamp.get("version", ""),
        cover=cover,
        data_sets=tuple(data_sets),
        anomalies=tuple(anomalies),
        period=period,
        window=window_of(cover),
        revision=revision_of(cover),
        evidence=Evidence(
            stamp_unit=stamp.get("unit", ""),
            stamp_period=stamp.get("period", ""),
            serial=stamp.get("serial", ""),
            seal=stamp.get("seal", ""),
            # Only where the cover is silent: an ordinary return pays nothing.
            headings=() if told else heading_lines(book.sheets, library.packs.codes),
            saved=book.saved,
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
    from consolidate.intake.retyped.lines import TEXT_SHEET, joined_pages
    from consolidate.intake.retyped.retyped_forms import find_forms

    book = joined_pages(book, library.packs.forms)
    located, _ = find_sheet(book, library.cover)
    cover = DataSetReturn(library.cover.code, "", ())
    on_cover: list[Anomaly] = []
    if located is not None:
        cover = table_of(library.cover, (located,), on_cover)
    period = period_of(cover)
    said = (period.label if period is not None else "", file_words(name))
    forms = find_forms(book, library, said)
    if forms is None:
        return None
    if any(grid.name == TEXT_SHEET for grid in book.sheets):
        from consolidate.intake.word import check_document

        check_document(book, {sheet.grid.name for sheets in forms.tables for sheet in sheets})
    anomalies = [*forms.anomalies, *far_cells(book), *legacy_anomalies(book), *on_cover]
    anomalies += [Anomaly(risk.kind, found=risk.found) for risk in book.risks]
    return Return(
        template=forms.pack.family,
        version="",
        cover=cover,
        data_sets=tuple(table_of(sheets[0].data_set, sheets, anomalies) for sheets in forms.tables),
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
    codes = library.packs.codes
    targets = {target.sheet for target in book.names.ranges.values()}
    for sheet in book.sheets:
        name = sheet.name
        if name in WITHOUT_ANSWERS or name in targets or name.startswith("_"):
            continue
        if sheet.text(0, 0) in codes or is_added(sheet):
            continue
        if any(content != "" for row in sheet.rows for content in row):
            yield Anomaly("extra_sheet", found=name)


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
        return table_of(data_set, sheets, anomalies) if sheets else None
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
    return table_of(data_set, (sheet,), anomalies)
