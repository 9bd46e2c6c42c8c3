"""Write what waits for a person on the overview: five counts, then the lists behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.cells import CellRef
from consolidate.reports.at_a_glance import (
    Open,
    OpenLine,
    held_files,
    missing_units,
    place_of,
    to_decide,
)
from consolidate.reports.captions import fault_place, fault_told, fault_units, unit_caption
from consolidate.reports.overview_page import LAST, OverviewPage
from consolidate.xlsx.write.safe_text import internal

Waiting = Mapping[Open, Sequence[OpenLine]]
Places = Mapping[Open, CellRef]
"""Where the list behind a count stands."""


def write_open(page: OverviewPage, lines: Waiting) -> Callable[[Places], None]:
    """Count what waits for a decision; call what is returned once its lists have been written."""
    page.chapter(text("summary.glance.open.title"))
    rows = {kind: page.row + at for at, kind in enumerate(Open)}
    page.row += len(Open)

    def link(places: Places) -> None:
        findings = CellRef(page.book.plan.findings, 0, 0)
        for kind, row in rows.items():
            count = len(lines[kind])
            red = ("red", "bold") if count and kind is not Open.LET_OFF else ()
            look = page.book.look.of("cell", "center", "n0", *red)
            page.sheet.write_number(row, 0, count, look)
            page.stretch(row, 1, text(f"summary.glance.open.{kind.value}"), "cell", last=LAST - 2)
            target = places.get(kind, findings)
            there = page.book.look.of("cell", "small")
            page.sheet.merge_range(row, LAST - 1, row, LAST, "", there)
            if count:
                said = text("summary.glance.open.below")
                if target.sheet != page.sheet.name:
                    said = text("summary.glance.open.see", sheet=target.sheet)
                page.book.link(page.sheet, row, LAST - 1, internal(target), said, "cell", "small")

    return link


def write_waiting(page: OverviewPage, lines: Waiting) -> Places:
    """Write all lists; return where each stands."""
    sheet = page.book.plan.overview
    places = {}
    for kind, write in (
        (Open.CONTRADICTED, _decide),
        (None, _own),
        (Open.HELD, _held),
        (Open.MISSING, _missing),
    ):
        before = page.row
        page.block()
        write(page)
        if kind is not None and lines[kind]:
            places[kind] = CellRef(sheet, before + 1, 0)
    return places


def _decide(page: OverviewPage) -> None:
    """What the province has to decide on before its figures are signed."""
    book, found = page.book, to_decide(page.book.result)
    if not found:
        return
    page.chapter(text("summary.decide.title"))
    page.heads([text(f"summary.decide.{key}") for key in ("number", "figure")])
    page.stretch(page.row - 1, 2, text("summary.decide.about"), "head")
    for number, item in enumerate(found, 1):
        said, place = sentence(item.told), place_of(item, book.result)
        look = book.look.of("cell", "center", item.severity.value)
        page.sheet.write_number(page.row, 0, number, look)
        shown = book.figures.get(item.figure)
        target = internal(shown) if shown is not None else None
        book.link(page.sheet, page.row, 1, target, place, "cell")
        page.stretch(page.row, 2, said, "cell")
        page.fit((place, 1, 1), (said, 2, LAST))


def _own(page: OverviewPage) -> None:
    """What the province has to settle, each once; nothing where there is nothing."""
    book, faults = page.book, page.book.result.own_faults
    if not faults:
        return
    page.chapter(text("summary.own.title"))
    page.heads([text("summary.held.number"), text("summary.own.where")])
    page.halves(page.row - 1, [text(f"summary.own.{key}") for key in ("whom", "why")], "head")
    for number, fault in enumerate(faults, 1):
        place = fault_place(fault, book.result.library)
        told = fault_units(fault, book.result), fault_told(fault)
        page.sheet.write_number(page.row, 0, number, book.look.of("cell", "center"))
        book.put(page.sheet, page.row, 1, place, book.look.of("cell", "small"))
        page.halves(page.row, told, "cell", "small")
        page.fit((place, 1, 1), (told[0], 2, 3), (told[1], 4, LAST))


def _held(page: OverviewPage) -> None:
    """Files that wait for a person."""
    book, held = page.book, held_files(page.book.result)
    page.chapter(text("summary.held.title"))
    if not held:
        page.line(text("summary.held.none"), "italic", "line")
        return
    page.heads([text(f"summary.held.{key}") for key in ("number", "file", "unit")])
    page.halves(page.row - 1, [text(f"summary.held.{key}") for key in ("unit", "reason")], "head")
    for number, record in enumerate(held, 1):
        page.sheet.write_number(page.row, 0, number, book.look.of("cell", "center"))
        book.put(page.sheet, page.row, 1, record.name, book.look.of("cell", "small"))
        unit = record.unit.name if record.unit is not None else text("summary.no_unit")
        reason = sentence(record.reason)
        page.halves(page.row, [unit, reason], "cell")
        page.fit((record.name, 1, 1), (unit, 2, 3), (reason, 4, LAST))


def _missing(page: OverviewPage) -> None:
    book = page.book
    page.chapter(text("summary.missing.title"))
    if any(part.expected is None for part in book.result.completeness):
        page.line(text("summary.missing.no_roster"), "italic", "line")
        return
    missing = tuple(missing_units(book.result))
    if not missing:
        page.line(text("summary.missing.none"), "italic", "line")
        return
    page.heads([text(f"summary.missing.{key}") for key in ("number", "unit", "level")])
    titles = [text(f"summary.missing.{key}") for key in ("level", "templates")]
    page.halves(page.row - 1, titles, "head")
    for number, (unit, forms) in enumerate(missing, 1):
        page.sheet.write_number(page.row, 0, number, book.look.of("cell", "center"))
        said = unit_caption(unit.name, unit.code)
        book.put(page.sheet, page.row, 1, said, book.look.of("cell"))
        page.halves(page.row, [unit.level.label, forms], "cell")
        page.fit((said, 1, 1))
