"""Write the overview as one page for a browser: ``tong-quan-….html``, without other files.

It asks no network: its policy forbids it. What came from a unit stands in it as text, escaped by
the template; data for its script has no character that could end the script. These are every figure
of every unit with its file and cell: what most units have alike (the sheet and the cell of a
figure) is said once; what a unit has otherwise, or typed otherwise than it is used, stands beside.
"""

from __future__ import annotations

import json
import marshal
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from consolidate.definitions.catalogue import keep, kept, state, text, texts
from consolidate.model.cells import CellRef
from consolidate.model.data_values import UNKNOWN, DataValue, FigureKey, ValueStatus
from consolidate.model.reasons import Severity
from consolidate.model.text import format_number, json_number, visible, visible_lines
from consolidate.model.units import OrganisationUnit
from consolidate.reports.at_a_glance import (
    Arrived,
    KeyRow,
    answer_of,
    arrivals_of,
    asked_or_sent,
    earlier_of,
    figure_shown,
    headline,
    key_rows,
    nothing_shown,
    waiting,
)
from consolidate.reports.captions import figure_caption, figure_label
from consolidate.reports.summary_sheets import reach_overall, stamp_overall
from consolidate.rollup.comparison import Against
from consolidate.rollup.completeness import Reach
from consolidate.rollup.result import MergeResult
from consolidate.rollup.timeliness import percent
from consolidate.rollup.totals import DataSetTable, Figure, answers_to
from consolidate.xlsx.write.safe_text import clean_whole

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

Document = dict[str, Any]
Places = Mapping[FigureKey, tuple[int, int]]
"""Number of the table and of the figure in it, by data set, element and column."""
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


class Answer(NamedTuple):
    """What stands for a unit in a column: shown, sorted by, and its heat from 0 to 4."""

    said: str
    order: float | int | None = None
    heat: int = 0


def overview_parts(result: MergeResult, inbox_link: str | None) -> Iterator[bytes]:
    """Write the page part by part; equal results give equal bytes.

    ``inbox_link`` is the path of the inbox from the folder of the page, with forward slashes, for
    links to the files of units; ``None`` for no such links.
    """
    # Lists of cases and reports in words have no figures to show.
    tables = [t for t in result.tables if not t.data_set.narrative and asked_or_sent(result, t)]
    places = {
        (figure.data_set, figure.element.code, figure.column): (at, number)
        for at, table in enumerate(tables)
        for number, figure in enumerate(table.figures)
    }
    whole = texts("overview")
    said = {key.removeprefix("page."): whole[key] for key in whole if key.startswith("page.")}
    words = {name.removeprefix("script_"): said[name] for name in said if "script_" in name}
    rows = key_rows(result)
    mark = result.secrecy.label.upper()
    style, script = _own("overview.css"), _own("overview.js")
    if mark:  # Above every printed page.
        style += f'@page {{ @top-left {{ content: "{mark}"; font: 700 13pt serif; }} }}\n'
    page = _template().stream(
        said=said,
        style=style,
        script=script,
        data=_data(tables, {"inbox": inbox_link, "said": words}),
        policy=_policy(style, script),
        province=result.province or text("summary.total"),
        period=result.heading,
        stamp=stamp_overall(result),
        received=headline(result),
        cards=[
            (row, _bars(result, row), places[row.table.data_set.code, *row.key]) for row in rows
        ],
        against=[(item, text(f"summary.comparison.against.{item.value}")) for item in Against],
        levels=_levels(result),
        waiting=[
            (text(f"summary.glance.open.{kind.value}"), lines[:_MOST_LINES], len(lines))
            for kind, lines in waiting(result).items()
        ],
        rows=rows,
        units=_unit_rows(result, rows),
        once=_once(),
        tables=_tables(result, tables, places),
        most_lines=_MOST_LINES,
        mark=mark,
    )
    page.enable_buffering(_AT_ONCE)
    for part in page:
        yield clean_whole(part).encode()


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


def _policy(*own: str) -> str:
    """What a browser may do with the page: its own style and script by their digests, no more."""
    style, script = (
        f"'sha256-{b64encode(sha256(part.encode()).digest()).decode()}'" for part in own
    )
    return (
        f"default-src 'none'; style-src {style}; script-src {script}; "
        "base-uri 'none'; form-action 'none'"
    )


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


def _bars(result: MergeResult, row: KeyRow) -> list[Document]:
    """A figure now and earlier; by level where nothing earlier is known.

    Each bar has a label, what it says, and its length in hundredths of the longest.
    """
    told = [
        (item.past.label, item.change.then, "then")
        for item in reversed(row.earlier)
        if item.change.then is not None
    ]
    if told and row.figure.total is not None:
        told.append((row.table.period.label, row.figure.total, "now"))
    else:
        levels = ((level.label, row.figure.by_level.get(level)) for level in result.levels)
        told = [(label, number, "now") for label, number in levels if number is not None]
    most = max((abs(number) for _, number, _ in told), default=Decimal(0))
    return [
        {
            "label": label,
            "said": format_number(number),
            "length": round(_BAR * abs(number) / most),
            "kind": kind,
        }
        for label, number, kind in told
        if most
    ]


def _levels(result: MergeResult) -> Iterator[tuple[str, Reach, str, dict[str, tuple[int, int]]]]:
    """Each level and all of them: how many are in, and the parts of a bar (start, length)."""
    arrived = arrivals_of(result)
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
        parts, start, counted = {}, 0, 0
        for place in Arrived:
            counted += counts[place]
            if counts[place]:
                end = round(_BAR * counted / len(codes))
                parts[place.value] = (start, end - start)
                start = end
        label = level.label if level is not None else text("summary.received.sum")
        yield label, reach, said, parts


def _unit_rows(result: MergeResult, rows: Sequence[KeyRow]) -> Iterator[Document]:
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
        yield {
            "unit": units[code],
            "arrived": arrived.get(code),
            "errors": counts[code, Severity.ERROR],
            "warnings": counts[code, Severity.WARNING],
            "answers": [column.get(code, none) for column in columns],
        }


def _column(row: KeyRow) -> Mapping[str, Answer]:
    """What stands for each unit in the column of a key figure."""
    found = [(item.unit.code, *answer_of(item, row.figure)) for item in row.table.contributions]
    ranked = sorted({number for _, _, number in found if number is not None and number > 0})
    heats = {number: 1 + _HEATS * at // len(ranked) for at, number in enumerate(ranked)}
    made = {
        number: Answer(format_number(number), json_number(number), heats.get(number, 0))
        for number in {number for _, _, number in found if number is not None}
    }
    nothing = {status: Answer(nothing_shown(status)) for status in (*ValueStatus, None)}
    nothing[ValueStatus.MISSING] = Answer(text("overview.blank"))
    return {
        code: made[number] if number is not None else nothing[status]
        for code, status, number in found
    }


def _tables(
    result: MergeResult, tables: Iterable[DataSetTable], places: Places
) -> Iterator[Document]:
    """All figures of every form, with what they were."""
    for table in tables:
        data_set = table.data_set
        earlier = earlier_of(result, data_set.code)
        rows = [
            (
                figure_caption(data_set, figure.element, figure.column),
                figure_label(data_set, figure.element, figure.column),
                figure.element.unit,
                figure_shown(table, figure),
                {item.against: item for item in earlier[figure.element.code, figure.column]},
                places[figure.data_set, figure.element.code, figure.column],
            )
            for figure in table.figures
        ]
        if rows:
            title = text("overview.table", title=data_set.short_title, period=table.period.label)
            yield {"title": title, "rows": rows, "compared": any(row[4] for row in rows)}


_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
"""Characters that could end a script or a line of it; JSON takes their escapes as well."""
_ESCAPED = re.compile("[<>&\u2028\u2029]")
_MOST = 300
"""Letters of what a unit typed; the file has the whole."""
_STATES = {
    ValueStatus.MISSING: "",
    ValueStatus.NOT_APPLICABLE: "x",
    ValueStatus.INVALID: "?",
    ValueStatus.HELD: "!",
    None: None,
}
"""What stands for an answer without a number; ``None`` where the return has no such cell."""


def _data(tables: Sequence[DataSetTable], more: Document) -> Iterator[str]:
    """Write all figures of all units as JSON for the script, figure by figure, and ``more``."""
    units: dict[str, int] = {}
    names: list[tuple[str, str, str]] = []
    files: dict[tuple[str, str], int] = {}
    for item in (item for table in tables for item in table.contributions):
        unit = item.unit
        if unit.code not in units:
            units[unit.code] = len(units)
            names.append((unit.code, visible(unit.name), unit.level.label))
        files.setdefault((item.record.path, item.record.member), len(files))
    shown = [(visible(path), visible(member)) for path, member in files]
    yield f'{{"units":{_json(names)},"files":{_json(shown)},"sets":['
    for number, table in enumerate(tables):
        items = table.contributions
        head = {
            "sheet": table.data_set.sheet,
            "period": table.period.label,
            "units": [units[item.unit.code] for item in items],
            "files": [files[item.record.path, item.record.member] for item in items],
            "beside": sum(not item.summed for item in items),
        }
        yield f'{"," if number else ""}{_json(head)[:-1]},"figures":['
        for at, figure in enumerate(table.figures):
            yield f"{',' if at else ''}{_json(_figure(table, figure))}"
        yield "]}"
    yield f"],{_json(more)[1:]}"


_encoded = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def _json(value: object) -> str:
    made = _encoded(value)
    return made.translate(_ESCAPES) if _ESCAPED.search(made) else made


def _figure(table: DataSetTable, figure: Figure) -> Document:
    """Name, total, usual cell and answers of a figure, in the order of the contributions.

    Of an answer that many units share, one object, what stands for it is made once.
    """
    data_set, element, items = table.data_set, figure.element, table.contributions
    values = answers_to(items, element.code, figure.column)
    known = {id(value): value for value in values if value is not None}
    usual: Counter[CellRef] = Counter()
    for one, count in Counter(map(id, values)).items():
        if one in known:
            usual[known[one].cell] += count
    place = min(usual, key=lambda place: (-usual[place], place), default=None)
    said = {one: _plain(value.status, value.number) for one, value in known.items()}
    odd = {one: told for one, value in known.items() if (told := _otherwise(value, place))}
    others = {}
    for at, (item, value) in enumerate(zip(items, values, strict=True)):
        if value is not None and (item.questioned or odd):
            told = dict(odd.get(id(value), {}))
            if value.cell in item.questioned:
                told["error"] = 1
            if told:
                others[at] = told
    return {
        "name": figure_caption(data_set, element, figure.column),
        "label": figure_label(data_set, element, figure.column),
        "unit": element.unit,
        "total": json_number(figure.total),
        "cell": _said(place) if place is not None else "",
        "values": [
            said[id(value)] if value is not None else _plain(*answer_of(item, figure))
            for item, value in zip(items, values, strict=True)
        ],
        **({"others": others} if others else {}),
    }


def _said(cell: CellRef) -> str:
    return f"{visible(cell.sheet)}!{cell.a1}"


def _plain(status: ValueStatus | None, number: Decimal | None) -> float | str | None:
    return json_number(number) if number is not None else _STATES.get(status, "")


def _otherwise(value: DataValue, place: CellRef | None) -> Document:
    """What of an answer is not as usual: its cell, the text as typed."""
    told: Document = {}
    if value.cell != place:
        told["cell"] = _said(value.cell)
    if value.normalisation or value.status in UNKNOWN:
        told["raw"] = visible_lines(value.raw)[:_MOST]
    return told
