"""The sheet "Tổng quan": who has reported, what is wrong, who is missing, links to the sheets."""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.worksheet import Worksheet

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.cells import CellRef
from consolidate.model.findings import Severity
from consolidate.model.returns import Outcome
from consolidate.model.units import Level
from consolidate.reports.captions import figure_caption, unit_caption
from consolidate.reports.own_words import where, whom, why
from consolidate.reports.plan import reach_overall, stamp_overall
from consolidate.reports.summary_book import Book, internal
from consolidate.rollup.complete import Reach, reach
from consolidate.rollup.contradictions import Contradiction
from consolidate.rollup.timeliness import percent
from consolidate.xlsx.write.form_styles import AMBER, FONT, GREEN, GREY, LIST_SIZE, RED
from consolidate.xlsx.write.measure import column_points, lines_needed, row_height

_WIDTHS = (6.0, 36.0, 11.0, 11.0, 11.0, 13.0, 11.0)
_LAST = len(_WIDTHS) - 1
_SCALE = 90
"""Per cent at which these columns fill the width of an A4 page."""
_RIGHT_LAST = 5
"""Last column of the labels of the small table at the right; its counts stand behind it."""
_ROW = 15.0
"""Height of a row by default, in points."""
_PAGE = 780.0
"""Points of rows on an A4 page at this scale, less what programs differ by."""
_FEW = 10
"""Lines of a list that leave room on their page for the next one."""


def write_overview(book: Book) -> None:
    """Fill the overview; the sheets it speaks of are already in the workbook."""
    _Overview(book).write()


class _Overview:
    """Writes block after block; ``_row`` is the first free row."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._sheet: Worksheet = book.sheets[book.plan.overview]
        self._row = 0
        self._heights: dict[int, float] = {}

    def write(self) -> None:
        """All blocks in reading order."""
        for column, width in enumerate(_WIDTHS):
            self._sheet.set_column(column, column, width)
        self._title()
        levels = self._received()
        severities = self._counts()
        self._charts(levels, severities)
        contents = self._row
        self._contents()
        self._legend()
        waiting = self._row
        decide = self._decide()
        self._own()
        keeping = self._row
        held = self._held()
        absent = self._row
        self._missing()
        breaks = [contents]
        if self._points(contents) > _PAGE:
            # What waits for a person starts a page, and each list behind one that is long.
            breaks.append(waiting)
            breaks += [keeping] if decide > _FEW else []
            breaks += [absent] if held > _FEW else []
        self._book.paper(self._sheet, landscape=False)
        # Excel passes over page breaks when it fits a sheet to a width: the scale is given.
        self._sheet.set_print_scale(_SCALE)
        self._sheet.set_h_pagebreaks(breaks)
        self._sheet.center_horizontally()
        self._sheet.print_area(0, 0, self._row, _LAST)

    def _high(self, row: int, points: float) -> None:
        self._heights[row] = points
        self._sheet.set_row(row, points)

    def _points(self, first: int) -> float:
        """Height of the rows from one to the last that is written."""
        return sum(self._heights.get(row, _ROW) for row in range(first, self._row))

    def _line(self, value: str, *traits: str, size: float = LIST_SIZE, first: int = 0) -> None:
        """One line over the columns from ``first`` on, as high as it needs."""
        look = self._book.look.of(*traits)
        self._sheet.merge_range(self._row, first, self._row, _LAST, "", look)
        self._book.put(self._sheet, self._row, first, value, look)
        lines = lines_needed(value, _room(first, _LAST), size, bold="bold" in traits)
        self._high(self._row, row_height(lines, size))
        self._row += 1

    def _chapter(self, title: str) -> None:
        self._row += 1
        self._book.put(self._sheet, self._row, 0, title, self._book.look.of("chapter"))
        self._high(self._row, 20)
        self._row += 1

    def _heads(self, titles: Sequence[str], *, first: int = 0) -> None:
        lines = 1
        for column, title in enumerate(titles, first):
            self._book.put(self._sheet, self._row, column, title, self._book.look.of("head"))
            lines = max(lines, lines_needed(title, _room(column, column), LIST_SIZE, bold=True))
        self._high(self._row, row_height(lines, LIST_SIZE, padding=6))
        self._row += 1

    def _title(self) -> None:
        result = self._book.result
        self._line(text("summary.title"), "title", size=14)
        period = text("summary.period", period=result.heading)
        if result.province:
            period = text(
                "summary.province_period", province=result.province, period=result.heading
            )
        self._line(period, "headline", size=13)
        self._line(stamp_overall(result), "italic", "center", "line")
        overall = reach_overall(result)
        self._row += 1
        key = "headline_open" if overall.expected is None else "headline"
        said = text(f"summary.received.{key}", received=overall.received, expected=overall.expected)
        self._line(said, "headline", size=13)
        if overall.incomplete:
            said = text("summary.received.incomplete", count=overall.incomplete)
            self._line(said, "center", "line")
        beside = {item.unit.code for table in result.tables for item in table.beside}
        if beside:
            self._line(text("summary.received.beside", count=len(beside)), "center", "line")
        if result.late:
            self._line(text("summary.received.late", count=len(result.late)), "center", "line")
        wrong = [tile.figure.data_set for _, tile in result.untiled if tile.wrong]
        if wrong:
            parts = self._book.plan.sets
            pages = [part.comparison for part in parts if part.table.data_set.code in wrong]
            said = text("summary.tile.overview", count=len(wrong), pages=", ".join(pages))
            self._line(said, "center", "line")

        for key, count in (("overview", len(self._open())), ("undecided", len(result.undecided))):
            if count:
                self._line(text(f"summary.decide.{key}", count=count), "center", "line")

    def _open(self) -> list[Contradiction]:
        return [item for item in self._book.result.contradicted if item.open]

    def _received(self) -> tuple[int, int]:
        """Table of received returns; returns the first and last row of the overall levels."""
        result = self._book.result
        self._chapter(text("summary.received.title"))
        keys = ("template", "expected", "received", "missing", "held", "share")
        titles = [text(f"summary.received.{key}") for key in keys]
        self._heads(["", *titles])
        self._sheet.merge_range(
            self._row - 1, 0, self._row - 1, 1, titles[0], self._book.look.of("head")
        )
        held = dict.fromkeys(Level, 0)
        in_already = {unit.code for part in result.completeness for unit in part.received}
        for code, level in {
            (unit.code, unit.level)
            for part in result.completeness
            for unit in part.held
            if unit.code not in in_already  # Held units are some of those that are missing.
        }:
            held[level] += bool(code)
        self._band(text("summary.received.all"))
        first = self._row
        for level in result.levels:
            self._reach(level.label, reach_overall(result, level), held[level])
        last = self._row - 1
        total = sum(held.values())
        self._reach(text("summary.received.sum"), reach_overall(result), total, "bold")
        for part in result.completeness if len(result.completeness) > 1 else ():
            period = next(
                (t.period for t in result.tables if t.data_set.template == part.template.code),
                result.period,
            )
            name = text(
                "summary.received.template_row",
                template=part.template.short_title,
                period=period.label,
            )
            self._band(name)
            for level in result.levels:
                count = sum(unit.level is level for unit in part.held)
                self._reach(level.label, reach(part, level), count)
            self._reach(text("summary.received.sum"), reach(part), len(part.held), "bold")
        return first, last

    def _band(self, title: str) -> None:
        look = self._book.look.of("cell", "section")
        self._sheet.merge_range(self._row, 0, self._row, _LAST, title, look)
        self._row += 1

    def _reach(self, label: str, counted: Reach, held: int, *traits: str) -> None:
        look, sheet, row = self._book.look, self._sheet, self._row
        sheet.merge_range(row, 0, row, 1, label, look.of("cell", "indent", *traits))
        number = look.of("cell", "center", "n0", *traits)
        unknown = look.of("cell", "center", *traits)
        if counted.expected is None:
            for column in (2, 4, 6):
                sheet.write_string(row, column, text("summary.missing_mark"), unknown)
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
                sheet.write_string(row, 6, text("summary.missing_mark"), unknown)
        sheet.write_number(row, 3, counted.received, number)
        sheet.write_number(row, 5, held, number)
        self._row += 1

    def _counts(self) -> tuple[int, int]:
        """Files by outcome and, to the right, findings by severity; returns the latter's rows."""
        result, look = self._book.result, self._book.look
        self._chapter(text("summary.files.by_outcome"))
        title = text("summary.findings.by_severity")
        self._sheet.write_string(self._row - 1, LABELS, title, look.of("chapter"))
        top = self._row
        outcomes = result.outcomes()
        self._pair(0, text("summary.files.outcome"), text("summary.files.count"), "head")
        for outcome in Outcome:
            if outcomes.get(outcome):
                self._pair(0, text(f"terms.outcome.{outcome.value}"), outcomes[outcome])
        self._pair(0, text("summary.received.sum"), len(result.records), "bold")
        bottom, self._row = self._row, top
        severities = result.severities()
        titles = [text(f"summary.findings.{key}") for key in ("severity", "count")]
        self._pair(LABELS, titles[0], titles[1], "head")
        for severity in Severity:
            label = text(f"terms.severity.{severity.value}")
            self._pair(LABELS, label, severities.get(severity, 0), severity.value)
        last = self._row - 1
        self._row = max(bottom, self._row)
        if result.ignored:
            self._line(text("summary.files.ignored", count=result.ignored), "italic", "line")
        return top + 1, last

    def _pair(self, first: int, label: str, count: int | str, *traits: str) -> None:
        """One line of a small table: a label over merged columns, and a count or its title."""
        look, at = self._book.look, self._row
        last = _RIGHT_LAST if first == LABELS else first + 1
        indent = () if "head" in traits else ("indent",)
        self._sheet.merge_range(at, first, at, last, label, look.of("cell", *indent, *traits))
        style = look.of("cell", "center", "n0", *traits)
        if isinstance(count, str):
            self._sheet.write_string(at, last + 1, count, style)
        else:
            self._sheet.write_number(at, last + 1, count, style)
        self._row += 1

    def _charts(self, levels: tuple[int, int], severities: tuple[int, int]) -> None:
        self._row += 1
        _write_charts(self._book, self._row, _room(0, _LAST), levels, severities)
        for row in range(self._row, self._row + CHART_HEIGHT):
            self._high(row, _ROW)
        self._row += CHART_HEIGHT

    def _contents(self) -> None:
        book = self._book
        self._chapter(text("summary.contents.title"))
        self._heads([text(f"summary.contents.{key}") for key in ("number", "sheet", "about")])
        self._stretch(self._row - 1, 2, text("summary.contents.about"), "head")
        about = _about(book)
        for number, name in enumerate(list(book.plan.names())[1:], 1):
            self._sheet.write_number(self._row, 0, number, book.look.of("cell", "center"))
            target = internal(CellRef(name, 0, 0))
            book.link(self._sheet, self._row, 1, target, name, "cell")
            self._stretch(self._row, 2, about[name], "cell")
            lines = lines_needed(about[name], _room(2, _LAST), LIST_SIZE)
            self._high(self._row, max(17.25, row_height(lines, LIST_SIZE)))
            self._row += 1

    def _stretch(self, row: int, first: int, value: str, *traits: str) -> None:
        look = self._book.look.of(*traits)
        self._sheet.merge_range(row, first, row, _LAST, "", look)
        self._book.put(self._sheet, row, first, value, look)

    def _legend(self) -> None:
        self._chapter(text("summary.legend.title"))
        for key in ("flow", "trace", "counted", "beside", "ratio", "colours"):
            self._line(f"– {text(f'summary.legend.{key}')}", "line")

    def _decide(self) -> int:
        """What the province has to decide on before its figures are signed; returns how much."""
        book = self._book
        found = [(item.told, item.figures[0], item.severity) for item in self._open()]
        found += [(item.told, item.figure, Severity.ERROR) for item in book.result.undecided]
        if not found:
            return 0
        self._chapter(text("summary.decide.title"))
        self._heads([text(f"summary.decide.{key}") for key in ("number", "figure")])
        self._stretch(self._row - 1, 2, text("summary.decide.about"), "head")
        for number, (told, (code, element, column), severity) in enumerate(found, 1):
            said = sentence(told)
            data_set = book.library.by_code[code]
            name = figure_caption(data_set, data_set.by_code[element], column)
            place = text("summary.decide.place", sheet=data_set.sheet, caption=name)
            look = book.look.of("cell", "center", severity.value)
            self._sheet.write_number(self._row, 0, number, look)
            shown = book.figures.get((code, element, column))
            target = internal(shown) if shown is not None else None
            book.link(self._sheet, self._row, 1, target, place, "cell")
            self._stretch(self._row, 2, said, "cell")
            self._fit((place, 1, 1), (said, 2, _LAST))
        return len(found)

    def _own(self) -> None:
        """What the province has to settle, each once; nothing where there is nothing."""
        book, faults = self._book, self._book.result.own_faults
        if not faults:
            return
        self._chapter(text("summary.own.title"))
        self._heads([text("summary.held.number"), text("summary.own.where")])
        titles = [text(f"summary.own.{key}") for key in ("whom", "why")]
        self._halves(self._row - 1, titles, "head")
        for number, fault in enumerate(faults, 1):
            place = where(fault, book.result.library)
            told = whom(fault, book.result), why(fault)
            self._sheet.write_number(self._row, 0, number, book.look.of("cell", "center"))
            book.put(self._sheet, self._row, 1, place, book.look.of("cell", "small"))
            self._halves(self._row, told, "cell", "small")
            self._fit((place, 1, 1), (told[0], 2, 3), (told[1], 4, _LAST))

    def _held(self) -> int:
        """Files that wait for a person; returns how many."""
        book = self._book
        self._chapter(text("summary.held.title"))
        held = [record for record in book.result.records if record.outcome is Outcome.HELD]
        if not held:
            self._line(text("summary.held.none"), "italic", "line")
            return 0
        keys = ("number", "file", "unit")
        self._heads([text(f"summary.held.{key}") for key in keys])
        titles = [text(f"summary.held.{key}") for key in ("unit", "reason")]
        self._halves(self._row - 1, titles, "head")
        for number, record in enumerate(held, 1):
            self._sheet.write_number(self._row, 0, number, book.look.of("cell", "center"))
            book.put(self._sheet, self._row, 1, record.name, book.look.of("cell", "small"))
            unit = record.unit.name if record.unit is not None else text("summary.no_unit")
            reason = sentence(record.reason)
            self._halves(self._row, [unit, reason], "cell")
            self._fit((record.name, 1, 1), (unit, 2, 3), (reason, 4, _LAST))
        return len(held)

    def _halves(self, row: int, values: Sequence[str], *traits: str) -> None:
        look = self._book.look.of(*traits)
        for value, first, last in zip(values, (2, 4), (3, _LAST), strict=True):
            self._sheet.merge_range(row, first, row, last, "", look)
            self._book.put(self._sheet, row, first, value, look)

    def _fit(self, *texts: tuple[str, int, int]) -> None:
        """Close a row that is as high as the longest of its texts (text, columns) needs."""
        lines = max(
            lines_needed(value, _room(first, last), LIST_SIZE) for value, first, last in texts
        )
        self._high(self._row, max(17.25, row_height(lines, LIST_SIZE)))
        self._row += 1

    def _missing(self) -> None:
        book = self._book
        self._chapter(text("summary.missing.title"))
        parts = book.result.completeness
        if any(part.expected is None for part in parts):
            self._line(text("summary.missing.no_roster"), "italic", "line")
            return
        templates: dict[str, list[str]] = {}
        units = {unit.code: unit for part in parts for unit in part.missing}
        for part in parts:
            for unit in part.missing:
                templates.setdefault(unit.code, []).append(part.template.short_title)
        if not units:
            self._line(text("summary.missing.none"), "italic", "line")
            return
        self._heads([text(f"summary.missing.{key}") for key in ("number", "unit", "level")])
        titles = [text(f"summary.missing.{key}") for key in ("level", "templates")]
        self._halves(self._row - 1, titles, "head")
        roster = book.result.roster
        order = {unit.code: i for i, unit in enumerate(roster.units)} if roster else {}
        for number, code in enumerate(sorted(units, key=lambda code: order.get(code, 0)), 1):
            unit = units[code]
            self._sheet.write_number(self._row, 0, number, book.look.of("cell", "center"))
            said = unit_caption(unit.name, unit.code)
            book.put(self._sheet, self._row, 1, said, book.look.of("cell"))
            self._halves(self._row, [unit.level.label, ", ".join(templates[code])], "cell")
            self._fit((said, 1, 1))


def _about(book: Book) -> dict[str, str]:
    """What each sheet is for, by its name."""
    about = {
        book.plan.findings: text("summary.contents.findings"),
        book.plan.files: text("summary.contents.files"),
        book.plan.normalised: text("summary.contents.normalised"),
    }
    if book.plan.changes:
        about[book.plan.changes] = text("summary.contents.changes")
    for part in book.plan.sets:
        title = part.table.data_set.short_title
        kind = "province" if part.by_unit else "list"
        if part.table.data_set.narrative:
            kind = "narrative"
        about[part.province] = text(f"summary.contents.{kind}", title=title)
        for key, name in (
            ("by_unit", part.by_unit),
            ("comparison", part.comparison),
            ("trace", part.trace),
            ("notes", part.notes),
        ):
            if name:
                about[name] = text(f"summary.contents.{key}", title=title)
    for name, note in book.on_screen.items():
        about[name] = text("summary.on_screen.contents", about=about[name], note=note)
    return about


def _room(first: int, last: int) -> float:
    """Width in points of some columns of the overview."""
    return sum(column_points(width) for width in _WIDTHS[first : last + 1])


CHART_HEIGHT = 13
"""Rows of 15 points that the charts take."""
RECEIVED, MISSING = 3, 4
"""Columns of what is in and of what is missing; the labels stand in the first column."""
LABELS, COUNTS = 4, 6
"""Columns of the severities and of how many findings each has."""
_CHART_FONT = {"name": FONT, "size": 10}
_PIXEL = 0.75
_GAP = 8


def _write_charts(
    book: Book, row: int, width: float, levels: tuple[int, int], severities: tuple[int, int]
) -> None:
    """Two charts side by side from a row on.

    Args:
        row: zero-based row of their upper edge.
        width: points that both take together.
        levels: first and last row of the levels in the table of received returns.
        severities: first and last row of the severities.
    """
    workbook, name = book.workbook, book.plan.overview
    received = workbook.add_chart({"type": "bar", "subtype": "stacked"})
    for column, key, colour in ((RECEIVED, "received", GREEN), (MISSING, "missing", RED)):
        received.add_series(
            {
                "name": text(f"summary.received.{key}"),
                "categories": [name, levels[0], 0, levels[1], 0],
                "values": [name, levels[0], column, levels[1], column],
                "fill": {"color": colour},
                "data_labels": {
                    "value": True,
                    "font": {**_CHART_FONT, "color": "#FFFFFF"},
                    "num_format": "#,##0;;",
                },
                "gap": 60,
            }
        )
    found = workbook.add_chart({"type": "bar"})
    found.add_series(
        {
            "name": text("summary.findings.count"),
            "categories": [name, severities[0], LABELS, severities[1], LABELS],
            "values": [name, severities[0], COUNTS, severities[1], COUNTS],
            "points": [{"fill": {"color": colour}} for colour in (RED, AMBER, GREY)],
            "data_labels": {"value": True, "font": _CHART_FONT},
            "gap": 60,
        }
    )
    half = round(width / _PIXEL / 2) - _GAP // 2
    for index, (chart, key) in enumerate(((received, "received"), (found, "findings"))):
        chart.set_title(
            {
                "name": text(f"summary.chart.{key}"),
                "name_font": {**_CHART_FONT, "size": 11, "bold": True},
                "overlay": False,
            }
        )
        chart.set_y_axis({"reverse": True, "num_font": _CHART_FONT, "line": {"color": GREY}})
        chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
        if index:
            chart.set_legend({"none": True})
        else:
            chart.set_legend({"position": "bottom", "font": _CHART_FONT})
        chart.set_chartarea({"border": {"color": "#BFBFBF"}})
        chart.set_size({"width": half, "height": CHART_HEIGHT * 20 - _GAP})
        offset = {"x_offset": index * (half + _GAP), "object_position": 2}
        book.sheets[name].insert_chart(row, 0, chart, offset)
