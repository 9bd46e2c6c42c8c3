"""Write the overview as one page for a browser: ``tong-quan-….html``, without other files.

It asks no network: its policy forbids it. What came from a unit stands in it as text, escaped by
the template; data for its script has no character that could end the script.
"""

from __future__ import annotations

import marshal
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import TYPE_CHECKING, Any

from consolidate.definitions.catalogue import keep, kept, state, text, texts
from consolidate.model.data_values import ValueStatus
from consolidate.model.reasons import Severity
from consolidate.model.text import format_number, json_number
from consolidate.model.units import OrganisationUnit
from consolidate.reports.at_a_glance import (
    Arrived,
    KeyBefore,
    KeyRow,
    answer_of,
    arrivals_of,
    asked_or_sent,
    earlier_of,
    figure_shown,
    key_rows,
    nothing_shown,
    waiting,
)
from consolidate.reports.captions import figure_caption, figure_label
from consolidate.reports.drill_data import Places, drill_parts, drill_places
from consolidate.reports.summary_sheets import reach_overall, stamp_overall
from consolidate.rollup.comparison import Against
from consolidate.rollup.complete import Reach, Shown
from consolidate.rollup.result import MergeResult
from consolidate.rollup.timeliness import percent
from consolidate.xlsx.write.safe_text import clean_whole

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

_MOST_LINES = 200
"""Lines of what waits for a person; the workbook has all."""
_HEATS = 4
"""Steps of heat: the quarters of what units reported, 0 left out."""
_BAR = 100
"""Length of the longest bar of a chart, in units of its own."""
_KEPT = 4_096
"""Cells of units that are kept for others that say the same."""
_AT_ONCE = 256
"""Pieces of the page that are handed on together."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart: what it is of, what it says, its length in hundredths of the longest."""

    label: str
    said: str
    length: int
    kind: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands for a unit in a column: shown, sorted by, and its heat from 0 to 4."""

    said: str
    order: float | int | None = None
    heat: int = 0


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit: where it is, its findings, its key figures."""

    unit: OrganisationUnit
    arrived: Arrived | None
    errors: int
    warnings: int
    answers: tuple[Answer, ...]


def overview_page(result: MergeResult, inbox_link: str | None) -> bytes:
    """Write the page whole."""
    return b"".join(overview_parts(result, inbox_link))


def overview_parts(result: MergeResult, inbox_link: str | None) -> Iterator[bytes]:
    """Write the page part by part; equal results give equal bytes.

    Args:
        result: the merge to show.
        inbox_link: path of the inbox from the folder of the page, with forward slashes, for links
            to the files of units; ``None`` for no such links.
    """
    places = drill_places(result)
    said = _said()
    words = {name.removeprefix("script_"): said[name] for name in said if "script_" in name}
    rows = key_rows(result)
    mark = result.secrecy.label.upper()
    style, script = _own("overview.css") + _marked_paper(mark), _own("overview.js")
    page = _template().stream(
        said=said,
        style=style,
        script=script,
        data=drill_parts(result, {"inbox": inbox_link, "said": words}),
        policy=_policy(style, script),
        province=result.province or text("summary.total"),
        period=result.heading,
        stamp=stamp_overall(result),
        received=_headline(result),
        cards=[(row, _bars(result, row), _place(places, row)) for row in rows],
        against=[(item, text(f"summary.comparison.against.{item.value}")) for item in Against],
        levels=_levels(result),
        waiting=[
            (text(f"summary.glance.open.{kind.value}"), lines[:_MOST_LINES], len(lines))
            for kind, lines in waiting(result).items()
        ],
        rows=rows,
        units=_unit_rows(result, rows),
        once=_once(),
        tables=_tables(result, places),
        most_lines=_MOST_LINES,
        mark=mark,
    )
    page.enable_buffering(_AT_ONCE)
    for part in page:
        yield clean_whole(part).encode()


def _marked_paper(mark: str) -> str:
    """The rule that puts a mark of confidentiality above every printed page, ``""`` for none."""
    if not mark:
        return ""
    return f'@page {{ @top-left {{ content: "{mark}"; font: 700 13pt serif; }} }}\n'


def _said() -> dict[str, str]:
    """The words of the page by their names."""
    whole = texts("overview")
    return {name.removeprefix("page."): whole[name] for name in whole if name.startswith("page.")}


@cache
def _template() -> Template:
    """The page without its contents; compiled once for this program."""
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    source = _own("overview.html")
    made_from = (jinja2.__version__, source, *state("reports/overview_html.py"))
    stand = sha256(repr(made_from).encode()).digest()
    known = kept("overview_page", stand)
    code = marshal.loads(known) if known is not None else environment.compile(source)
    if known is None:
        keep("overview_page", stand, marshal.dumps(code))
    return jinja2.Template.from_code(environment, code, environment.make_globals(None))


@cache
def _own(name: str) -> str:
    """A file of this package."""
    return (resources.files("consolidate.reports") / "html" / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """What a browser may do with the page: its own style and script by their digests, no more."""

    def digest(part: str) -> str:
        return f"'sha256-{b64encode(sha256(part.encode()).digest()).decode()}'"

    return (
        f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _place(places: Places, row: KeyRow) -> tuple[int, int]:
    return places[row.figure.data_set, row.figure.element.code, row.figure.column]


def _once() -> Callable[[Callable[[object], str], Iterable[Hashable]], Markup]:
    """What a macro of the page makes of some things, one after the other; of equals, once."""
    from markupsafe import Markup

    known: dict[tuple[int, Hashable], str] = {}

    def once(macro: Callable[[object], str], things: Iterable[Hashable]) -> Markup:
        made = []
        for thing in things:
            told = known.get((id(macro), thing))
            if told is None:
                told = macro(thing)
                if len(known) < _KEPT:
                    known[id(macro), thing] = told
            made.append(told)
        return Markup("".join(made))

    return once


def _headline(result: MergeResult) -> str:
    overall = reach_overall(result)
    key = "headline_open" if overall.expected is None else "headline"
    return text(f"summary.received.{key}", received=overall.received, expected=overall.expected)


def _bars(result: MergeResult, row: KeyRow) -> tuple[Bar, ...]:
    """A figure now and earlier; by level where nothing earlier is known."""
    told: list[tuple[str, Decimal, str]] = []
    for item in reversed(row.earlier):
        if item.change.then is not None:
            told.append((item.past.label, item.change.then, "then"))
    if told and row.figure.total is not None:
        told.append((row.table.period.label, row.figure.total, "now"))
    else:
        levels = ((level.label, row.figure.by_level.get(level)) for level in result.levels)
        told = [(label, number, "now") for label, number in levels if number is not None]
    most = max((abs(number) for _, number, _ in told), default=Decimal(0))
    return tuple(
        Bar(label, format_number(number), round(_BAR * abs(number) / most), kind)
        for label, number, kind in told
        if most
    )


def _levels(result: MergeResult) -> list[tuple[str, Reach, str, dict[str, tuple[int, int]]]]:
    """Each level and all of them: how many are in, and the parts of a bar (start, length)."""
    arrived = arrivals_of(result)
    found = []
    for level in (*result.levels, None):
        reach = reach_overall(result, level)
        share = percent(reach.received, reach.expected) if reach.expected else None
        said = text("overview.share", share=format_number(share)) if share is not None else ""
        codes = {
            unit.code
            for part in result.completeness
            for unit in (part.received if part.expected is None else part.expected)
            if level in (None, unit.level)
        }
        counts = Counter(arrived[code] for code in codes if code in arrived)
        parts, start = {}, 0
        for arrived_as in Arrived:
            if counts[arrived_as]:
                end = round(
                    _BAR * sum(counts[s] for s in list(Arrived)[: _at(arrived_as) + 1]) / len(codes)
                )
                parts[arrived_as.value] = (start, end - start)
                start = end
        label = level.label if level is not None else text("summary.received.sum")
        found.append((label, reach, said, parts))
    return found


def _at(state: Arrived) -> int:
    return list(Arrived).index(state)


def _unit_rows(result: MergeResult, rows: Sequence[KeyRow]) -> Iterator[UnitLine]:
    """Every unit that owes or sent something, in the order of the roster, others behind."""
    units: dict[str, OrganisationUnit] = {}
    for part in result.completeness:
        for unit in (*(part.expected or ()), *part.received, *part.held):
            units.setdefault(unit.code, unit)
    arrived = arrivals_of(result)
    counts = Counter(
        (record.unit.code, finding.severity)
        for record, finding in result.findings()
        if record.unit is not None
    )
    columns = [_column(row) for row in rows]
    none = Answer(text("summary.missing_mark"))
    order = {unit.code: at for at, unit in enumerate(result.roster.units)} if result.roster else {}
    for code in sorted(units, key=lambda code: (order.get(code, len(order)), code)):
        found = counts[code, Severity.ERROR], counts[code, Severity.WARNING]
        answers = tuple([column.get(code, none) for column in columns])
        yield UnitLine(units[code], arrived.get(code), *found, answers)


def _column(row: KeyRow) -> Mapping[str, Answer]:
    """What stands for each unit in the column of a key figure."""
    found = [(item.unit.code, *answer_of(item, row.figure)) for item in row.table.contributions]
    ranked = sorted({number for _, _, number in found if number is not None and number > 0})
    heats = {number: 1 + _HEATS * at // len(ranked) for at, number in enumerate(ranked)}
    made = {
        number: Answer(format_number(number), json_number(number), heats.get(number, 0))
        for number in {number for _, _, number in found if number is not None}
    }
    nothing = {status: Answer(_nothing(status)) for status in (*ValueStatus, None)}
    return {
        code: made[number] if number is not None else nothing[status]
        for code, status, number in found
    }


_SHOWN = {
    ValueStatus.NOT_APPLICABLE: Shown.CROSSED,
    ValueStatus.INVALID: Shown.UNREADABLE,
    ValueStatus.HELD: Shown.HELD,
}


def _nothing(status: ValueStatus | None) -> str:
    if status is ValueStatus.MISSING:
        return text("overview.blank")
    return nothing_shown(_SHOWN.get(status, Shown.BLANK) if status else Shown.BLANK)


_TableRow = tuple[str, str, str, str, dict[Against, KeyBefore], tuple[int, int]]
"""Number, label, unit of measure, total, earlier periods, and where its units stand in the data."""


def _tables(result: MergeResult, places: Places) -> list[dict[str, Any]]:
    """All figures of every form, with what they were."""
    found = []
    for table in result.tables:
        if table.data_set.narrative or not asked_or_sent(result, table):
            continue
        earlier = earlier_of(result, table.data_set.code)
        rows: list[_TableRow] = []
        for figure in table.figures:
            element, column = figure.element, figure.column
            rows.append(
                (
                    figure_caption(table.data_set, element, column),
                    figure_label(table.data_set, element, column),
                    element.unit,
                    figure_shown(table, figure),
                    {item.against: item for item in earlier[element.code, column]},
                    places[figure.data_set, element.code, column],
                )
            )
        compared = any(row[4] for row in rows)
        if rows:
            title = text(
                "overview.table", title=table.data_set.short_title, period=table.period.label
            )
            found.append({"title": title, "rows": rows, "compared": compared})
    return found
