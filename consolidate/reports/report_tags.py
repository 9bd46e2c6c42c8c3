"""Fill the tags of a report: figures, changes, words of units, named as in the forms.

A name is ``form.element`` or ``form.element.column`` (``pctn_01.m44``,
``cchc_pl3_2.r1.total``). A figure says of how many units it is unless it is of all; blank and
unreadable are never zero. Wrong names are gathered (:attr:`Tags.problems`), so that all of them are
told at once. Texts of units are values, never templates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from consolidate.checks.text_checks import says_none
from consolidate.definitions.catalogue import text
from consolidate.model.datasets import Aggregation, DataElement, DataSet, Shape
from consolidate.model.deadlines import Calendar, deadline_for
from consolidate.model.packs import Pack
from consolidate.model.reasons import Reason, because
from consolidate.model.text import format_day, format_number, paragraphs
from consolidate.reports.captions import figure_label, in_sentence
from consolidate.reports.letterhead import Authority
from consolidate.rollup.comparison import Change, Compared, Comparison
from consolidate.rollup.completeness import Shown, answered, reach_of_table
from consolidate.rollup.result import MergeResult
from consolidate.rollup.texts_by_item import ItemTexts, texts_by_item
from consolidate.rollup.totals import Contribution, DataSetTable, Figure
from consolidate.xlsx.write.safe_text import clean_whole

_MOST_NAMES = 30
"""Units that are named in one line; the summary workbook has them all."""


@dataclass(slots=True)
class Tags:
    """The tags of one report: the figures of ``result`` that the forms of ``pack`` hold.

    ``template`` is the name of the template, for problems.
    """

    result: MergeResult
    pack: Pack
    template: str
    problems: list[Reason] = field(default_factory=list)
    _items: dict[str, tuple[ItemTexts, ...]] = field(default_factory=dict)

    def so(self, name: str) -> str:
        """Say a figure with its unit of measure, and of how many units it is if not of all."""
        found = self._figure(name)
        if found is None:
            return ""
        table, figure = found
        if table is None or figure is None:
            return text("report.shown.blank")
        return _said(table, figure)

    def so_sanh(self, name: str) -> str:
        """Say how a figure changed since the period before and the same one of last year."""
        found = self._figure(name)
        figure = found[1] if found is not None else None
        if figure is None:
            return ""
        return "".join(
            _change(beside, item)
            for beside in self.result.comparisons_of(figure.data_set)
            for item in beside.figures
            if (item.element.code, item.column) == (figure.element.code, figure.column)
        )

    def chi_tieu(self, name: str) -> str:
        """Say a figure behind what it is called on its form, and how it changed."""
        named = self._named(name)
        if named is None:
            return ""
        data_set, element, _ = named
        label = element.label if data_set.shape is Shape.OPEN else figure_label(*named)
        said = text("report.labelled", label=label.lstrip("-+ ").rstrip(" ;:."), said=self.so(name))
        return f"{said}{self.so_sanh(name)}"

    def thuyet_minh(self, name: str) -> tuple[str, ...]:
        """Gather what units say to an item, a paragraph each; units that say the same together."""
        named = self._named(name, words=True)
        if named is None:
            return ()
        data_set, element, _ = named
        table = self._table(data_set.code)
        if data_set.code not in self._items:
            self._items[data_set.code] = tuple(texts_by_item(table)) if table is not None else ()
        items = (item for item in self._items[data_set.code] if item.element.code == element.code)
        return tuple(line for item in items for line in _told(item)) or (text("report.nobody"),)

    def _table(self, code: str) -> DataSetTable | None:
        return next((each for each in self.result.tables if each.data_set.code == code), None)

    def _figure(self, name: str) -> tuple[DataSetTable | None, Figure | None] | None:
        named = self._named(name)
        if named is None:
            return None
        data_set, element, column = named
        table = self._table(data_set.code)
        return table, table.figure(element.code, column) if table is not None else None

    def _named(self, name: str, *, words: bool = False) -> tuple[DataSet, DataElement, str] | None:
        """The figure or item of a name; a wrong name becomes a problem."""
        form, _, rest = str(name).partition(".")
        code, _, column = rest.partition(".")
        forms = {data_set.code: data_set for data_set in self.pack.forms(0)}
        data_set = forms.get(form)
        # A row that this round does not ask for has no figure, but its name is right.
        element = data_set.by_code.get(code) if data_set is not None else None
        if data_set is None or element is None:
            own = (each for each in self.pack.data_sets if each.elements)
            some = (f"{each.code}.{each.elements[0].code}" for each in own)
            self._wrong("bad_name", name, example=next(some, ""))
            return None
        if data_set.narrative != words:
            self._wrong("not_words" if words else "not_number", name)
            return None
        columns = [c for c in element.columns if data_set.type_of(element, c).numeric]
        if data_set.shape is Shape.OPEN or words:
            columns = [""]
        if not column and len(columns) == 1:
            column = columns[0]
        if column not in columns:
            key = "bad_column" if column else "no_column"
            self._wrong(key, name, columns=", ".join(columns))
            return None
        if not words and not data_set.type_of(element, column).numeric:
            self._wrong("not_number", name)
            return None
        return data_set, element, column

    def _wrong(self, key: str, name: str, **values: str) -> None:
        problem = because(f"report.{key}", file=self.template, name=str(name), **values)
        if problem not in self.problems:
            self.problems.append(problem)


def words_of(tags: Tags, calendar: Calendar, authority: Authority, annex: str) -> dict[str, str]:
    """Collect the words that a template may name beside figures: period, days, basis, who is in."""
    result, pack = tags.result, tags.pack
    period = pack.period_for(result.period) or result.period
    return {
        "ky": in_sentence(period),
        "nam": str(period.year),
        "tinh": authority.province,
        "co_quan": authority.name,
        "can_cu": pack.citation or "…………",
        "so_lieu_tu": _window(result, pack, calendar),
        "nguon_so_lieu": _sources(result, pack),
        "kem_theo": annex,
        # What Jinja takes for untrue is empty.
        "bao_cao_quy": "x" if period.type.value.startswith("Q") else "",
    }


def _window(result: MergeResult, pack: Pack, calendar: Calendar) -> str:
    period = pack.period_for(result.period) or result.period
    window = pack.window(period)
    for unit in result.roster.units if result.roster is not None else ():
        if result.library.owes(pack.family, unit, result.period):
            deadline = deadline_for(result.library, calendar, unit, pack.family, period)
            window = deadline.window if deadline is not None and deadline.window else window
            break
    days = (window.start, window.end) if window is not None else (None, None)
    start, end = (format_day(day) or "……/……/………" for day in days)
    return text("report.window", start=start, end=end)


def _sources(result: MergeResult, pack: Pack) -> str:
    """Say how many units are in the figures, who is not, what the figures are compared with."""
    own = {data_set.code for data_set in pack.data_sets}
    table = next((item for item in result.tables if item.data_set.code in own), None)
    if table is None:
        return ""
    counted = reach_of_table(table)
    numbers = {"received": counted.received, "expected": counted.expected}
    known = counted.expected is not None
    received = text("report.received_of", **numbers) if known else str(counted.received)
    there = {item.unit.code for item in table.summed}
    absent = [unit.name for unit in table.owing or () if unit.code not in there]
    beside = [item.unit.name for item in table.beside]
    absentees = {"count": len(absent), "units": _names(absent)}
    # The periods that figures are compared with, and those of which nothing is on record.
    periods: dict[str, bool] = {}
    for item in result.comparisons:
        if item.table.data_set.code in own:
            label = in_sentence(item.past)
            periods[label] = periods.get(label, False) or item.known
    said = (
        label if known else text("report.not_compared", period=label)
        for label, known in periods.items()
    )
    return text(
        "report.sources",
        received=received,
        missing=text("report.missing", **absentees) if absent else "",
        beside=text("report.beside", units=_names(beside)) if beside else "",
        compared=text("report.compared", periods="; ".join(said)) if periods else "",
    )


def _said(table: DataSetTable, figure: Figure) -> str:
    counted = answered(table, figure)
    if counted.shown is not Shown.NUMBER:
        count = counted.unreadable
        return text(f"report.shown.{counted.shown.value}", count=count)
    if figure.total is None and figure.aggregation is not Aggregation.RATIO:
        return text("report.shown.several")
    if figure.total is None:
        low, high = (format_number(n) if n is not None else "…" for n in (figure.low, figure.high))
        said = text("report.range", low=low, high=high)
    else:
        said = _measured(figure.total, figure.element.unit)
    notes, numbers = [], {"reported": counted.reported, "expected": counted.expected}
    if counted.expected is None:
        notes.append(text("report.of_some", reported=counted.reported))
    elif counted.reported + counted.crossed < counted.expected:
        notes.append(text("report.of_units", **numbers))
    if counted.erring:
        notes.append(text("report.erring", count=counted.erring))
    return text("report.noted", said=said, notes="; ".join(notes)) if notes else said


def _measured(number: Decimal, unit: str) -> str:
    """A number with its unit of measure as a sentence has it: ``5 vụ``, ``12,5%``, ``3 CQ``."""
    if unit[1:2].islower():
        unit = f"{unit[0].lower()}{unit[1:]}"
    return f"{format_number(number)}{'' if unit in ('', '%') else ' '}{unit}"


def _change(beside: Comparison, item: Compared) -> str:
    total = item.total
    if total.difference is None or total.then is None:
        return ""
    then = f"{format_number(total.then)}{'%' if total.points else ''}"
    change, period = f"{_moved(total)}{_like_with_like(item)}", in_sentence(beside.past)
    return text("report.change", period=period, then=then, change=change)


def _moved(total: Change) -> str:
    if not total.difference:
        return text("report.same")
    moved, percent = format_number(abs(total.difference)), ""
    if total.percent:
        percent = text("report.percent", percent=format_number(abs(total.percent)))
    if total.points:
        moved = text("report.points", difference=moved)
    key = "report.more" if total.difference > 0 else "report.less"
    return text(key, difference=moved, percent=percent)


def _like_with_like(item: Compared) -> str:
    """Say the change over the units that reported both times, where others are in a total."""
    both = item.both
    if both is None or (both.now, both.then) == (item.total.now, item.total.then):
        return ""
    order = (both.now > both.then) - (both.now < both.then)
    key = {1: "report.both", -1: "report.both_down", 0: "report.both_same"}[order]
    now, then = format_number(both.now), format_number(both.then)
    return text(key, count=len(both.units), now=now, then=then)


def _told(item: ItemTexts) -> Iterator[str]:
    """What is said to an item: texts, then who says that there was nothing, who left it blank.

    Nothing where all left it blank.
    """
    if not item.said and not item.unread:
        return
    nothing: list[Contribution] = []
    for said in item.said:
        if says_none(said.text):
            nothing += said.items
            continue
        units = _units(said.items)
        first, *rest = clean_whole(paragraphs(said.text)).split("\n")
        yield text("report.unit_says", unit=units, text=first)
        yield from rest
    for key, items in (("none", nothing), ("blank", item.blank), ("unread", item.unread)):
        if items:
            yield text(f"report.{key}", units=_units(items))


def _units(items: Sequence[Contribution]) -> str:
    names = [item.unit.name for item in items]
    several = len(names) > 1
    return text("report.units", count=len(names), names=_names(names)) if several else names[0]


def _names(names: Sequence[str]) -> str:
    shown = "; ".join(names[:_MOST_NAMES])
    if len(names) > _MOST_NAMES:
        return text("report.units_more", names=shown, count=len(names) - _MOST_NAMES)
    return shown
