"""Write who has reported, by level and by form, and the outcome of files, on the overview."""

from __future__ import annotations

from collections.abc import Sequence

from consolidate.definitions.catalogue import text
from consolidate.model.reasons import Severity
from consolidate.model.returns import Outcome
from consolidate.model.units import Level
from consolidate.reports.at_a_glance import Arrived, arrivals_of
from consolidate.reports.overview_page import OverviewPage, none_mark
from consolidate.reports.summary_sheets import reach_overall, stamp_overall
from consolidate.rollup.complete import Reach, reach
from consolidate.rollup.timeliness import percent

_LABELS = 4
"""First column of the small table at the right."""
_RIGHT_LAST = 5
"""Last column of the labels of the small table at the right; its counts stand behind it."""


def write_title(page: OverviewPage) -> None:
    """Write the title: what, of whom and when; how many units are in, how many in time."""
    result = page.book.result
    page.line(text("summary.title"), "title", size=14)
    period = text("summary.period", period=result.heading)
    if result.province:
        period = text("summary.province_period", province=result.province, period=result.heading)
    page.line(period, "headline", size=13)
    page.line(stamp_overall(result), "italic", "center", "line")
    overall = reach_overall(result)
    key = "headline_open" if overall.expected is None else "headline"
    said = text(f"summary.received.{key}", received=overall.received, expected=overall.expected)
    page.line(said, "headline", size=13)
    if overall.incomplete:
        said = text("summary.received.incomplete", count=overall.incomplete)
        page.line(said, "center", "line")
    beside = {item.unit.code for table in result.tables for item in table.beside}
    if beside:
        page.line(text("summary.received.beside", count=len(beside)), "center", "line")
    in_time = sum(item is Arrived.ON_TIME for item in arrivals_of(result).values())
    if in_time:
        page.line(text("summary.received.on_time", count=in_time), "center", "line")
    if result.late:
        page.line(text("summary.received.late", count=len(result.late)), "center", "line")
    wrong = [tile.figure.data_set for _, tile in result.untiled if tile.wrong]
    if wrong:
        parts = page.book.plan.sets
        pages = [part.comparison for part in parts if part.table.data_set.code in wrong]
        said = text("summary.tile.overview", count=len(wrong), pages=", ".join(pages))
        page.line(said, "center", "line")


def write_received(page: OverviewPage) -> None:
    """Write units that are in and that are missing, by level, each counted once."""
    result = page.book.result
    page.chapter(text("summary.received.title"))
    _heads(page)
    held = dict.fromkeys(Level, 0)
    in_already = {unit.code for part in result.completeness for unit in part.received}
    for code, level in {
        (unit.code, unit.level)
        for part in result.completeness
        for unit in part.held
        if unit.code not in in_already  # Held units are some of those that are missing.
    }:
        held[level] += bool(code)
    for level in result.levels:
        _reach(page, level.label, reach_overall(result, level), held[level])
    _reach(page, text("summary.received.sum"), reach_overall(result), sum(held.values()), "bold")


def write_by_template(page: OverviewPage) -> None:
    """Write the same for each form, where there are several."""
    result = page.book.result
    if len(result.completeness) < 2:
        return
    page.chapter(text("summary.received.by_template"))
    _heads(page)
    for part in result.completeness:
        period = next(
            (t.period for t in result.tables if t.data_set.template == part.template.code),
            result.period,
        )
        name = text(
            "summary.received.template_row",
            template=part.template.short_title,
            period=period.label,
        )
        page.band(name)
        for level in result.levels:
            count = sum(unit.level is level for unit in part.held)
            _reach(page, level.label, reach(part, level), count)
        _reach(page, text("summary.received.sum"), reach(part), len(part.held), "bold")


def _heads(page: OverviewPage) -> None:
    keys = ("template", "expected", "received", "missing", "held", "share")
    titles = [text(f"summary.received.{key}") for key in keys]
    page.heads(["", *titles])
    page.stretch(page.row - 1, 0, titles[0], "head", last=1)


def _reach(page: OverviewPage, label: str, counted: Reach, held: int, *traits: str) -> None:
    look, sheet, row = page.book.look, page.sheet, page.row
    page.stretch(row, 0, label, "cell", "indent", *traits, last=1)
    number = look.of("cell", "center", "n0", *traits)
    unknown = look.of("cell", "center", *traits)
    if counted.expected is None:
        for column in (2, 4, 6):
            sheet.write_string(row, column, none_mark(), unknown)
    else:
        missing = counted.expected - counted.received
        sheet.write_number(row, 2, counted.expected, number)
        red = ("red",) if missing else ()
        sheet.write_number(row, 4, missing, look.of("cell", "center", "n0", *traits, *red))
        share = percent(counted.received, counted.expected)
        if share is not None:
            sheet.write_number(
                row, 6, float(share / 100), look.of("cell", "center", "percent", *traits)
            )
        else:
            sheet.write_string(row, 6, none_mark(), unknown)
    sheet.write_number(row, 3, counted.received, number)
    sheet.write_number(row, 5, held, number)
    page.row += 1


def write_counts(page: OverviewPage) -> None:
    """Write files by outcome and, to the right, findings by severity."""
    result, look = page.book.result, page.book.look
    page.chapter(text("summary.files.by_outcome"))
    title = text("summary.findings.by_severity")
    page.sheet.write_string(page.row - 1, _LABELS, title, look.of("chapter"))
    outcomes, severities = result.outcomes(), result.severities()
    left: list[tuple[str, int | str, Sequence[str]]] = [
        (text("summary.files.outcome"), text("summary.files.count"), ["head"])
    ]
    left += [
        (text(f"terms.outcome.{outcome.value}"), outcomes[outcome], [])
        for outcome in Outcome
        if outcomes.get(outcome)
    ]
    left.append((text("summary.received.sum"), len(result.records), ["bold"]))
    right: list[tuple[str, int | str, Sequence[str]]] = [
        (text("summary.findings.severity"), text("summary.findings.count"), ["head"])
    ]
    right += [
        (text(f"terms.severity.{item.value}"), severities.get(item, 0), [item.value])
        for item in Severity
    ]
    for first, last, pairs in ((0, 1, left), (_LABELS, _RIGHT_LAST, right)):
        for at, (label, count, traits) in enumerate(pairs, page.row):
            indent = () if "head" in traits else ("indent",)
            page.stretch(at, first, label, "cell", *indent, *traits, last=last)
            style = look.of("cell", "center", "n0", *traits)
            if isinstance(count, str):
                page.sheet.write_string(at, last + 1, count, style)
            else:
                page.sheet.write_number(at, last + 1, count, style)
    page.row += max(len(left), len(right))
    if result.ignored:
        page.line(text("summary.files.ignored", count=result.ignored), "italic", "line")
