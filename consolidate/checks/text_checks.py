"""Do the words of a return agree with its figures and its data window: reports, notes, plans?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from consolidate.model.data_values import DataValue
from consolidate.model.datasets import DataElement, DataSet, Library, Role, Shape, ValueType
from consolidate.model.period import DataWindow
from consolidate.model.planned_tasks import PlannedTask, is_plan, planned_task
from consolidate.model.reasons import Finding, Severity, because, cell_finding
from consolidate.model.returns import Return
from consolidate.model.text import format_day, format_number

_LONGEST = 5000
"""Letters of a text or a note that are read."""
_ANSWER = 80
"""Letters of the longest text that says none as a whole."""
_NONE = r"(?:không|chưa) (?:có|phát hiện|phát sinh|xảy ra|để xảy ra)\b"
_SAYS_NONE = re.compile(rf"(?:0|không|{_NONE}[^\d;\n]*)")
_MENTIONS_NONE = re.compile(_NONE)
_DAY = r"(\d{1,2})/(\d{1,2})/(\d{4})"
_WINDOW = re.compile(
    rf"số liệu (?:được )?(?:tính )?từ (?:ngày )?{_DAY} đến (?:hết )?(?:ngày )?{_DAY}"
)
"""A window of figures told in a text; other spans of days are about something else. One within that
of the report is a part of it."""

Figures = Mapping[str, DataValue]
"""Figures of a return by the name of their cell (``pctn_01.m50``)."""


def check_narratives(content: Return, library: Library) -> list[Finding]:
    """Warn on texts that say none beside figures above zero, or tell of none at all.

    Others on a text that tells of figures of another data window, and on one that tells too little.
    Of figures are asked the items with ``counted_by``, where all of these are numbers. A text that
    mentions somewhere that there was nothing may stand beside zeros.
    """
    if not any(library.data_set(part.code).narrative for part in content.data_sets):
        return []
    named = {name for form in library.data_sets for e in form.elements for name in e.counted_by}
    figures = {
        f"{part.code}.{value.key.element}": value
        for part in content.data_sets
        if part.code != content.cover.code
        for value in part.values
        if f"{part.code}.{value.key.element}" in named
    }
    findings: list[Finding] = []
    for part in content.data_sets:
        data_set = library.data_set(part.code)
        for value in part.values if data_set.narrative else ():
            element = data_set.by_code.get(value.key.element)
            if element is not None and isinstance(value.value, str):
                words = _plain(value.value)
                findings += _of_item(words, value, data_set, element, figures, library)
                findings += _of_window(words, value, data_set, element, content.window)
    return findings


def _of_window(
    words: str, value: DataValue, data_set: DataSet, element: DataElement, asked: DataWindow | None
) -> Iterator[Finding]:
    rule = "narrative.other_window"
    if asked is None:
        return
    for told in _WINDOW.finditer(words):
        window = _window(*map(int, told.groups()))
        if window is not None and not (asked.start <= window.start and window.end <= asked.end):
            shown = {"found": window.label, "expected": asked.label}
            message = because(rule, caption=data_set.caption(element), **shown)
            yield cell_finding(rule, Severity.WARNING, message, value, **shown)


def _window(*numbers: int) -> DataWindow | None:
    """The window of two days told as day, month, year; ``None`` if one of them is no day."""
    try:
        start, end = (date(year, month, day) for day, month, year in (numbers[:3], numbers[3:]))
    except ValueError:
        return None
    return DataWindow(start, end)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text[:_LONGEST]).casefold().split())


def _of_item(
    words: str,
    value: DataValue,
    data_set: DataSet,
    element: DataElement,
    figures: Figures,
    library: Library,
) -> Iterator[Finding]:
    none, caption, least = says_none(str(value.value)), data_set.caption(element), element.shortest
    if len(words) < least and not none:
        rule = "narrative.too_short"
        message = because(rule, caption=caption, found=len(words), least=least)
        shown = {"found": value.raw, "expected": f"≥ {least}"}
        yield cell_finding(rule, Severity.WARNING, message, value, **shown)
    if not element.counted_by:
        return
    counted = [figures[name] for name in element.counted_by if name in figures]
    above = [figure for figure in counted if figure.number]
    zeros = len(counted) == len(element.counted_by) and all(f.number == 0 for f in counted)
    asked: list[tuple[str, list[DataValue]]] = []
    if none and above:
        asked.append(("narrative.none_but_counted", above))
    if not none and zeros and not _MENTIONS_NONE.search(words):
        asked.append(("narrative.told_but_zero", counted))
    for rule, others in asked:
        names = []
        for figure in others:
            form = library.data_set(figure.key.data_set)
            number = form.by_code[figure.key.element].number
            names.append(f"{form.layout.number_header} {number}")
        message = because(rule, caption=caption, figures=tuple(names))
        yield cell_finding(rule, Severity.WARNING, message, value, *others, found=value.raw)


def says_none(text: str) -> bool:
    """Whether a text as a whole says that there was nothing: ``Không có.``, ``//``, ``0``."""
    bare = _plain(text).strip(" .-/")
    return not bare or (len(bare) <= _ANSWER and _SAYS_NONE.fullmatch(bare) is not None)


def check_notes(content: Return, library: Library) -> list[Finding]:
    """Note each figure that a text of the same row counts otherwise.

    Asked are the columns with ``phrases``: ``- 15 nhiệm vụ đang thực hiện`` beside a 16. A text
    that names fewer than two of them, or one of them twice, counts something else.
    """
    findings: list[Finding] = []
    for part in content.data_sets:
        data_set = library.data_set(part.code)
        counted = {element.code: element for element in data_set.elements if element.phrases}
        if data_set.shape is not Shape.OPEN or not counted:
            continue
        texts = [
            element.code
            for element in data_set.elements
            if element.type is ValueType.TEXT and element.code not in data_set.key_elements
        ]
        for row in part.listed():
            for note in (row[text] for text in texts if text in row):
                told = _counts(note.value, counted) if isinstance(note.value, str) else {}
                for code, count in told.items():
                    figure = row[code].number if code in row else None
                    if figure is not None and figure != count:
                        findings.append(_differs(data_set, row[code], note, count))
    return findings


def _counts(note: str, counted: dict[str, DataElement]) -> dict[str, Decimal]:
    """The figures that a note gives for columns, by element; none unless it gives several."""
    words = unicodedata.normalize("NFC", note[:_LONGEST]).casefold()
    found: dict[str, Decimal] = {}
    for code, element in counted.items():
        phrases = "|".join(map(re.escape, element.phrases))
        unit = rf"(?:{re.escape(element.unit.casefold())}\s+)?" if element.unit else ""
        pattern = rf"(?<![\w.,/])(\d{{1,3}}(?:\.\d{{3}})+|\d{{1,9}})\s+{unit}(?:{phrases})"
        counts = re.findall(pattern, words)
        if len(counts) > 1:
            return {}
        if counts:
            found[code] = Decimal(counts[0].replace(".", ""))
    return found if len(found) > 1 else {}


def _differs(data_set: DataSet, figure: DataValue, note: DataValue, count: Decimal) -> Finding:
    rule, used = "value.note_differs", figure.number or Decimal(0)
    message = because(
        rule,
        place=because("rules.row", number=figure.key.row),
        caption=data_set.caption(data_set.by_code[figure.key.element]),
        note=data_set.caption(data_set.by_code[note.key.element]),
        used=used,
        count=count,
    )
    shown = {"found": format_number(used), "expected": format_number(count)}
    return cell_finding(rule, Severity.INFO, message, figure, note, **shown)


def check_plans(content: Return, library: Library) -> list[Finding]:
    """A warning on a task that names different deadlines, or names its deadline in its text only.

    Days without a year are those of the period of the return; without one nothing is asked.
    """
    if content.period is None:
        return []
    found: list[Finding] = []
    for part in content.data_sets:
        data_set = library.data_set(part.code)
        if is_plan(data_set):
            for row in part.listed():
                task = planned_task(row, data_set, content.period.year)
                found += _of_task(task, data_set)
    return found


def _of_task(task: PlannedTask, data_set: DataSet) -> Iterator[Finding]:
    sources = [
        (set(days), value.cell)
        for days, value in (
            (task.within, task.cells.get(Role.TASK)),
            (task.said, task.cells.get(Role.TIME)),
            (task.typed, next((v for v in task.due if v.value is not None), None)),
        )
        if days and value is not None
    ]
    # One place may name fewer of the days than another; both must not name days of their own.
    different = [
        (days, cell)
        for days, cell in sources
        if any(days - others and others - days for others, _ in sources)
    ]
    if not different and (task.deadlines or not sources):
        return
    key = "plan.two_deadlines" if different else "plan.only_in_text"
    shown = different or sources
    told = tuple(dict.fromkeys(", ".join(map(format_day, sorted(days))) for days, _ in shown))
    cells = tuple(sorted({cell for _, cell in shown}))
    time = next(element for element in data_set.elements if element.role is Role.TIME)
    said, place = because(key, days=told), (data_set.code, time.code, cells[0].sheet, cells)
    yield Finding(key, Severity.WARNING, said, *place, found=task.raw(Role.TIME))
