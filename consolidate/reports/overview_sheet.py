"""Write the sheet "Tổng quan": a page that is read in a minute, then what is behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.cells import CellRef
from consolidate.model.reasons import Severity
from consolidate.model.returns import Outcome
from consolidate.reports.at_a_glance import (
    Arrived,
    Open,
    OpenLine,
    arrivals_of,
    headline,
    held_files,
    key_rows,
    missing_units,
    place_of,
    to_decide,
    waiting,
)
from consolidate.reports.captions import fault_place, fault_told, fault_units, unit_caption
from consolidate.reports.overview_sheet_top import (
    LAST,
    OverviewPage,
    Spans,
    write_charts,
    write_key_figures,
)
from consolidate.reports.plan_and_ranking_sheets import plan_stamp
from consolidate.reports.summary_book import Book
from consolidate.reports.summary_sheets import reach_overall, stamp_overall
from consolidate.rollup.completeness import Reach, reach
from consolidate.rollup.timeliness import percent
from consolidate.xlsx.write.safe_text import internal

_WIDE: Spans = ((0, 0), (1, 1), (2, LAST))
_HALVES: Spans = ((0, 0), (1, 1), (2, 3), (4, LAST))
"""Cells of the lists: number, name, and what is told of it in one cell or in two."""
_RIGHT = 4
"""First column of the small table at the right; its counts stand in the last one."""


def write_overview(book: Book) -> None:
    """Fill the overview; the sheets it speaks of are already in the workbook."""
    page, rows, lines = OverviewPage(book), key_rows(book.result), waiting(book.result)
    page.block()
    _title(page)
    write_key_figures(page, rows)
    _received(page)
    page.chapter(text("summary.glance.open.title"))
    opened = page.row
    page.row += len(Open)
    write_charts(page, rows)
    page.block()
    _contents(page)
    page.chapter(text("summary.legend.title"))
    for key in ("flow", "trace", "counted", "beside", "ratio", "colours"):
        page.line(f"– {text(f'summary.legend.{key}')}", "line")
    page.block()
    _received_by_template(page)
    _counts(page)
    _open(page, opened, lines, _lists(page, lines))
    page.close()


def _title(page: OverviewPage) -> None:
    """What, of whom and when; how many units are in, how many in time."""
    result = page.book.result
    page.line(text("summary.title"), "title", size=14)
    period = text("summary.period", period=result.heading)
    if result.province:
        period = text("summary.province_period", province=result.province, period=result.heading)
    page.line(period, "headline", size=13)
    page.line(stamp_overall(result), "italic", "center", "line")
    page.line(headline(result), "headline", size=13)
    for key, count in (
        ("incomplete", reach_overall(result).incomplete),
        ("beside", len({item.unit.code for table in result.tables for item in table.beside})),
        ("on_time", list(arrivals_of(result).values()).count(Arrived.ON_TIME)),
        ("late", len(result.late)),
    ):
        if count:
            page.line(text(f"summary.received.{key}", count=count), "center", "line")
    wrong = [tile.figure.data_set for _, tile in result.untiled if tile.wrong]
    if wrong:
        parts = page.book.plan.sets
        pages = [part.comparison for part in parts if part.table.data_set.code in wrong]
        said = text("summary.tile.overview", count=len(wrong), pages=", ".join(pages))
        page.line(said, "center", "line")


def _received(page: OverviewPage) -> None:
    """Units that are in and that are missing, by level, each counted once."""
    result = page.book.result
    page.chapter(text("summary.received.title"))
    _received_heads(page)
    # Held units are some of those that are missing.
    in_already = {unit.code for part in result.completeness for unit in part.received}
    held = {unit.code: unit.level for part in result.completeness for unit in part.held}
    waiting = [level for code, level in held.items() if code not in in_already]
    for level in result.levels:
        _reach(page, level.label, reach_overall(result, level), waiting.count(level))
    _reach(page, text("summary.received.sum"), reach_overall(result), len(waiting), "bold")


def _received_by_template(page: OverviewPage) -> None:
    """The same for each form, where there are several."""
    result = page.book.result
    if len(result.completeness) < 2:
        return
    page.chapter(text("summary.received.by_template"))
    _received_heads(page)
    for part in result.completeness:
        tables = (t for t in result.tables if t.data_set.template == part.template.code)
        period = next((table.period for table in tables), result.period)
        title = part.template.short_title
        name = text("summary.received.template_row", template=title, period=period.label)
        page.stretch(page.row, 0, name, "cell", "section")
        page.row += 1
        held = [unit.level for unit in part.held]
        for level in result.levels:
            _reach(page, level.label, reach(part, level), held.count(level))
        _reach(page, text("summary.received.sum"), reach(part), len(held), "bold")


def _received_heads(page: OverviewPage) -> None:
    keys = ("template", "expected", "received", "missing", "held", "share")
    titles = [text(f"summary.received.{key}") for key in keys]
    page.heads(["", *titles], [(titles[0], 0, 1)])


def _reach(page: OverviewPage, label: str, counted: Reach, held: int, *traits: str) -> None:
    page.stretch(page.row, 0, label, "cell", "indent", *traits, last=1)
    missing = share = None
    if counted.expected is not None:
        missing = counted.expected - counted.received
        share = percent(counted.received, counted.expected)
    for column, number, more in (
        (2, counted.expected, ("n0",)),
        (3, counted.received, ("n0",)),
        (4, missing, ("n0", "red") if missing else ("n0",)),
        (5, held, ("n0",)),
        (6, float(share / 100) if share is not None else None, ("percent",)),
    ):
        if number is None:
            unknown = page.book.look.of("cell", "center", *traits)
            page.sheet.write_string(page.row, column, text("summary.missing_mark"), unknown)
        else:
            look = page.book.look.of("cell", "center", *more, *traits)
            page.sheet.write_number(page.row, column, number, look)
    page.row += 1


def _counts(page: OverviewPage) -> None:
    """Files by outcome and, to the right, findings by severity."""
    result, look = page.book.result, page.book.look
    page.chapter(text("summary.files.by_outcome"))
    title = text("summary.findings.by_severity")
    page.sheet.write_string(page.row - 1, _RIGHT, title, look.of("chapter"))
    outcomes, severities = result.outcomes(), result.severities()
    left: list[tuple[str, int | str, Sequence[str]]] = [
        (text("summary.files.outcome"), text("summary.files.count"), ["head"]),
        *(
            (text(f"terms.outcome.{outcome.value}"), outcomes[outcome], ["indent"])
            for outcome in Outcome
            if outcomes.get(outcome)
        ),
        (text("summary.received.sum"), len(result.records), ["indent", "bold"]),
    ]
    right: list[tuple[str, int | str, Sequence[str]]] = [
        (text("summary.findings.severity"), text("summary.findings.count"), ["head"]),
        *(
            (text(f"terms.severity.{item.value}"), severities.get(item, 0), ["indent", item.value])
            for item in Severity
        ),
    ]
    for first, last, pairs in ((0, 1, left), (_RIGHT, LAST - 1, right)):
        for at, (label, count, traits) in enumerate(pairs, page.row):
            page.stretch(at, first, label, "cell", *traits, last=last)
            style = look.of("cell", "center", "n0", *(t for t in traits if t != "indent"))
            page.sheet.write(at, last + 1, count, style)
    page.row += max(len(left), len(right))
    if result.ignored:
        page.line(text("summary.files.ignored", count=result.ignored), "italic", "line")


def _contents(page: OverviewPage) -> None:
    book = page.book
    page.chapter(text("summary.contents.title"))
    heads = [text(f"summary.contents.{key}") for key in ("number", "sheet", "about")]
    page.heads(heads, [(heads[-1], 2, LAST)])
    about = _about(book)
    for number, name in enumerate(list(book.plan.names())[1:], 1):
        page.sheet.write_number(page.row, 0, number, book.look.of("cell", "center"))
        book.link(page.sheet, page.row, 1, internal(CellRef(name, 0, 0)), name, "cell")
        page.stretch(page.row, 2, about[name], "cell")
        page.fit([about[name]], [(2, LAST)])


def _about(book: Book) -> dict[str, str]:
    """What each sheet is for, by its name."""
    plan = book.plan
    own = ("findings", "files", "normalised", "changes")
    about = {getattr(plan, key): text(f"summary.contents.{key}") for key in own}
    about[plan.tasks] = plan_stamp(book.result) if plan.tasks else ""
    for part in plan.sets:
        title = part.table.data_set.short_title
        kind = "province" if part.by_unit else "list"
        if part.table.data_set.narrative:
            kind = "narrative"
        about[part.province] = text(f"summary.contents.{kind}", title=title)
        for key in ("by_unit", "comparison", "trace", "notes", "ranking", "reviews"):
            about[getattr(part, key)] = text(f"summary.contents.{key}", title=title)
    for name, note in book.on_screen.items():
        about[name] = text("summary.on_screen.contents", about=about[name], note=note)
    return about


def _open(
    page: OverviewPage,
    first: int,
    lines: Mapping[Open, Sequence[OpenLine]],
    places: Mapping[Open, CellRef],
) -> None:
    """Counts of what waits for a decision, each with a link to the list behind it."""
    book, sheet = page.book, page.sheet
    for row, kind in enumerate(Open, first):
        count = len(lines[kind])
        red = ("red", "bold") if count and kind is not Open.LET_OFF else ()
        sheet.write_number(row, 0, count, book.look.of("cell", "center", "n0", *red))
        page.stretch(row, 1, text(f"summary.glance.open.{kind.value}"), "cell", last=LAST - 2)
        page.stretch(row, LAST - 1, "", "cell", "small")
        if count:
            target = places.get(kind, CellRef(book.plan.findings, 0, 0))
            said = text("summary.glance.open.below")
            if target.sheet != sheet.name:
                said = text("summary.glance.open.see", sheet=target.sheet)
            book.link(sheet, row, LAST - 1, internal(target), said, "cell", "small")


_Row = tuple[str, str | None, Sequence[str]]
"""Trait of the number of a row (or none), what its first text links to, its texts."""


def _lists(page: OverviewPage, lines: Mapping[Open, Sequence[OpenLine]]) -> dict[Open, CellRef]:
    """The lists behind the counts, and what the province has to settle; where each stands."""
    result, places = page.book.result, dict[Open, CellRef]()

    def begin(section: str, kind: Open | None = None) -> None:
        page.block()
        if kind is not None and lines[kind]:
            places[kind] = CellRef(page.sheet.name, page.row + 1, 0)
        page.chapter(text(f"summary.{section}.title"))

    decide: list[_Row] = []
    for item in to_decide(result):
        shown = page.book.figures.get(item.figure)
        target = internal(shown) if shown is not None else None
        decide.append((item.severity.value, target, (place_of(item, result), sentence(item.told))))
    if decide:
        begin("decide", Open.CONTRADICTED)
        heads = [text(f"summary.decide.{key}") for key in ("number", "figure", "about")]
        _list(page, heads, _WIDE, decide)
    own: list[_Row] = [
        ("", None, (fault_place(f, result.library), fault_units(f, result), fault_told(f)))
        for f in result.own_faults
    ]
    if own:
        begin("own")
        heads = [text(f"summary.own.{key}") for key in ("where", "whom", "why")]
        _list(page, [text("summary.held.number"), *heads], _HALVES, own, small=3)
    held: list[_Row] = []
    for record in held_files(result):
        unit = record.unit.name if record.unit is not None else text("summary.no_unit")
        held.append(("", None, (record.name, unit, sentence(record.reason))))
    begin("held", Open.HELD)
    if held:
        heads = [text(f"summary.held.{key}") for key in ("number", "file", "unit", "reason")]
        _list(page, heads, _HALVES, held, small=1, narrow=3)
    else:
        page.line(text("summary.held.none"), "italic", "line")
    missing: list[_Row] = [
        ("", None, (unit_caption(unit.name, unit.code), unit.level.label, forms))
        for unit, forms in missing_units(result)
    ]
    begin("missing", Open.MISSING)
    if any(part.expected is None for part in result.completeness):
        page.line(text("summary.missing.no_roster"), "italic", "line")
    elif missing:
        keys = ("number", "unit", "level", "templates")
        heads = [text(f"summary.missing.{key}") for key in keys]
        _list(page, heads, _HALVES, missing, narrow=3, measured=1)
    else:
        page.line(text("summary.missing.none"), "italic", "line")
    return places


def _list(
    page: OverviewPage,
    heads: Sequence[str],
    spans: Spans,
    rows: Sequence[_Row],
    *,
    small: int = 0,
    narrow: int = 2,
    measured: int = 3,
) -> None:
    """Write rows with numbers: ``small`` texts in small letters, as high as ``measured`` need.

    The first ``narrow`` headings make the row of headings as high as a column needs for them.
    """
    page.heads(
        heads[:narrow], [(title, *span) for title, span in zip(heads, spans, strict=True)][2:]
    )
    for number, (trait, target, values) in enumerate(rows, 1):
        look = page.book.look.of("cell", "center", *filter(None, [trait]))
        page.sheet.write_number(page.row, 0, number, look)
        traits = [("cell", "small") if at < small else ("cell",) for at in range(len(values))]
        page.book.link(page.sheet, page.row, 1, target, values[0], *traits[0])
        for value, (first, last), looks in zip(values[1:], spans[2:], traits[1:], strict=True):
            page.stretch(page.row, first, value, *looks, last=last)
        page.fit(values[:measured], spans[1 : len(values[:measured]) + 1])
