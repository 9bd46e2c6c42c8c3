"""Word what reports share: figures, cells, states of returns, corrections, comparisons, faults.

Where a figure came from is noted in one notation, written and read here only: ``Sheet!A1``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.cells import CellRef, parse_a1
from consolidate.model.corrections import Adjustment, Waiver
from consolidate.model.data_values import DENOMINATOR, NUMERATOR, Scalar
from consolidate.model.datasets import DataElement, DataSet, Library
from consolidate.model.period import Period
from consolidate.model.reasons import Ours
from consolidate.model.returns import ReturnRecord
from consolidate.model.text import format_day, format_number
from consolidate.province.book_columns import NOTHING, RECEIVED_ON
from consolidate.province.corrections_plan import CorrectionsPlan, Ending
from consolidate.rollup.comparison import Compared, Comparison
from consolidate.rollup.periods_that_add_up import Tile
from consolidate.rollup.province_faults import OwnFault
from consolidate.rollup.result import MergeResult
from consolidate.rollup.timeliness import ReturnState, ReturnStatus

MOST_NAMES = 30
"""Units that are named in one line; the list of units has them all."""
_MOST_IN_CELL = 4
"""Units that are named for one reason in a note beside a figure; result.json has them all."""
_MOST_OF_FAULT = 5
"""Units of a fault that are named; result.json has them all."""


def caption(library: Library, data_set: str, element: str, column: str = "") -> str:
    """Name a figure by its official number, ``""`` when the definitions do not know it."""
    found: DataSet | None = (
        library.cover if data_set == library.cover.code else library.by_code.get(data_set)
    )
    if found is None or element not in found.by_code:
        return ""
    return figure_caption(found, found.by_code[element], column)


def figure_caption(data_set: DataSet, element: DataElement, column: str = "") -> str:
    """Name a figure by its official number: ``MS 40``, ``STT 5.1, Tổng số``."""
    if column and column == element.second:
        return f"{data_set.caption(element)}, {element.second_label}"
    if column in (NUMERATOR, DENOMINATOR):
        return text(f"summary.caption.{column}", caption=data_set.caption(element))
    return data_set.caption(element, column)


def figure_label(data_set: DataSet, element: DataElement, column: str) -> str:
    """Name a figure as its form does, with its column where there are several."""
    second = bool(element.second) and column == element.second
    if not second and (data_set.single or not data_set.columns):
        return element.label
    more = element.second_label if second else data_set.column_by_code[column].label
    return text("summary.changes.figure", label=element.label, column=more)


def forms_of(record: ReturnRecord, library: Library) -> Library:
    """Find the forms that a file was read by; those of the round for an unread file."""
    content = record.content
    if content is None:
        return library
    return library.of_pack(content.pack, content.round, content.definition)


def unit_caption(name: str, code: str) -> str:
    """Write the name and code of a unit."""
    return text("summary.unit_ending", name=name, code=code)


def say(value: Scalar | None) -> str:
    """Write a value as Vietnamese readers do: ``1.819``, ``28/08/2018``, or the text itself."""
    if isinstance(value, Decimal):
        return format_number(value)
    if isinstance(value, date):
        return format_day(value)
    return value or ""


def status_text(status: ReturnStatus) -> str:
    """Word the state and its days: ``Chưa nộp, quá hạn 5 ngày``, ``Nộp trễ 2 ngày``."""
    said, days = text(f"progress.state.{status.state.value}"), status.days
    if days is not None and status.state not in (ReturnState.ON_TIME, ReturnState.RECEIVED):
        key = "overdue" if days > 0 else "left" if days else "due"
        key = {ReturnState.LATE: "late_plain", ReturnState.TOO_LATE: "late"}.get(status.state, key)
        said = text(f"progress.days.{key}", state=said, days=abs(days))
    if status.redated and status.received is not None:
        day = format_day(status.received)
        said = text("progress.redated", state=said, day=day, id=status.redated)
    return said


def in_sentence(period: Period) -> str:
    """Write a period inside a sentence: ``quý III/2018``, ``năm 2018``."""
    return f"{period.label[0].lower()}{period.label[1:]}"


def reports_of(found: Iterable[ReturnStatus]) -> tuple[tuple[str, Period], ...]:
    """List short titles of the templates of some returns, with their periods, each once."""
    return tuple(dict.fromkeys((status.template.short_title, status.period) for status in found))


def cell_note(cell: CellRef) -> str:
    """Note the cell of a figure."""
    return f"{cell.sheet}!{cell.a1}"


def cell_noted(note: str) -> tuple[str, str] | None:
    """Read sheet and cell of a note, ``None`` if it names no cell."""
    sheet, mark, cell = note.rpartition("!")
    return (sheet, cell) if mark and sheet and parse_a1(cell) is not None else None


def place_words(path: str, member: str, cell: CellRef) -> str:
    """Say where a figure stands in a file of which a link opens no cell."""
    row, column = cell.row + 1, cell.column + 1
    places = {"sheet": cell.sheet, "cell": cell.a1, "row": row, "column": column}
    name = (member or path).casefold()
    kind = "in_word" if name.endswith(_WORD) else "in_csv" if name.endswith(_TEXT) else "in_sheet"
    said = text(f"summary.trace.{kind}", **places)
    return text("summary.trace.in_file", file=path, member=member, place=said) if member else said


_WORD, _TEXT = (".docx", ".docm", ".doc", ".rtf", ".odt"), (".csv", ".txt", ".tsv")


def decision(item: Adjustment) -> str:
    """Tell who decided an adjustment, when, why and by which document."""
    who = text("trace.decided", author=item.author, day=format_day(item.on))
    parts = (text("trace.adjusted_by", id=item.id), who, item.reason, item.document)
    return " · ".join(part for part in parts if part)


def adjusted_row(library: Library, item: Adjustment) -> str:
    """Name the row of the workbook of corrections that an adjustment is from."""
    row, sheet = _words(library, item), text("kept.adjustments.sheet")
    return text("summary.trace.row", sheet=sheet, row=row)


def ending_of(path: Path, author: str, on: date, reason: str = "", document: str = "") -> Ending:
    """Say who answers for corrections whose rows are gone from a workbook, and why they end.

    Without a ``reason`` it is that their rows are gone.
    """
    why = reason or text("corrections.gone", file=path.name)
    return Ending(author, on, why, document, text("corrections.replaced"))


def lines_of(library: Library, plan: CorrectionsPlan) -> list[str]:
    """Say what a plan records, a line each: ``+`` for what is added, ``-`` for what ends."""
    added = [f"+ {item.id} · {_words(library, item)}" for item in plan.new.items]
    return added + [f"- {end.id} · {end.reason}" for end in plan.new.revocations]


def _words(library: Library, item: Adjustment | Waiver) -> str:
    if isinstance(item, Waiver):
        parts = [item.rule, item.unit]
        if item.period is not None:
            parts.append(text("corrections.only", period=item.period.code))
        elif item.until is None:
            parts.append(text("corrections.endless"))
        return " · ".join(parts)
    key = item.key
    if item.day is not None:
        form = library.families[key.element].short_title if key.element in library.families else ""
        return f"{item.period.code} · {item.unit} · {RECEIVED_ON} {form} = {item.value}"
    library = library.at(item.period)
    figure = caption(library, key.data_set, key.element, key.column)
    row = f" · {text('corrections.of_row', row=key.row)}" if key.row else ""
    form = library.by_code[key.data_set].sheet
    return f"{item.period.code} · {item.unit} · {form} {figure}{row} = {item.value or NOTHING}"


def units_named(beside: Comparison, codes: Sequence[str], most: int = MOST_NAMES) -> str:
    """Name units by name and code, the first of many."""
    return _first([unit_caption(beside.name(code), code) for code in codes], most)


def _first(units: Sequence[str], most: int) -> str:
    """Name the first of many units, and count the others."""
    shown, more = ", ".join(units[:most]), len(units) - most
    return text("summary.comparison.more", units=shown, count=more) if more > 0 else shown


def both_note(beside: Comparison, item: Compared) -> Iterator[str]:
    """Name units whose returns came both times and that have this figure in one of the two."""
    both = item.both
    if both is None or not (both.only_now or both.only_then):
        return
    yield text("summary.comparison.fewer", count=len(both.units))
    for key, codes in (("only_now", both.only_now), ("only_then", both.only_then)):
        if codes:
            units = units_named(beside, codes, _MOST_IN_CELL)
            yield text(f"summary.comparison.{key}", units=units)


def tile_note(beside: Comparison, tile: Tile) -> Iterator[str]:
    """Say of a total that is not the earlier one and the quarter's: by how much, whom to ask.

    Nothing where the three agree.
    """
    if not tile.gap:
        return
    gap, now = format_number(tile.gap), format_number(tile.now)
    expected = format_number(tile.then + tile.quarter)
    yield text("summary.tile.gap", gap=gap, now=now, expected=expected, units=tile.units)
    if tile.broken:
        units = units_named(beside, tile.broken, _MOST_IN_CELL)
        yield text("summary.tile.broken", units=units)
    elif not tile.explained:
        yield text("summary.tile.nobody", period=beside.past.label)
    reasons = [
        text(f"summary.tile.{why.value}", units=units_named(beside, codes, _MOST_IN_CELL))
        for why, codes in tile.explained.items()
    ]
    if reasons:
        said = "; ".join(reason.removesuffix(": ") for reason in reasons)
        yield text("summary.tile.explained", reasons=said)


def fault_place(fault: OwnFault, library: Library) -> str:
    """Name the form and the figure as the form does; count further figures that are alike."""
    finding, forms = fault.finding, forms_of(fault.record, library)
    content = fault.record.content
    assert content is not None
    form = forms.by_code.get(finding.data_set)
    template = library.packs.by_code[content.pack].template.short_title
    sheet = form.sheet if form is not None else ""
    figure = caption(forms, finding.data_set, finding.element) if finding.element else ""
    place = " · ".join(filter(None, (template, sheet, figure)))
    more = len(fault.elements) - 1
    return text("summary.own.alike", place=place, count=more) if more else place


def fault_units(fault: OwnFault, result: MergeResult) -> str:
    """Count the units of a fault and name the first of them."""
    names = {record.unit.code: record.unit.name for record in result.records if record.unit}
    units = _first([unit_caption(names[code], code) for code in fault.units], _MOST_OF_FAULT)
    return text("summary.own.units", count=len(fault.units), units=units)


def fault_told(fault: OwnFault) -> str:
    """Tell what the province is to do, with what the first unit's return says as an example."""
    count = {"count": len(fault.units), "answered": fault.answered}
    told = count if fault.ours is Ours.SHARED else {}
    cause = text(f"summary.own.{fault.ours.value}", **told)
    unit = fault.record.unit.name if fault.record.unit is not None else ""
    example = sentence(fault.finding.message)
    return f"{cause} {text('summary.own.example', unit=unit, message=example)}"
