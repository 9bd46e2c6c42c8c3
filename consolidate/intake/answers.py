"""Turn cells into values: what was typed, how it was read, and what is wrong with it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from consolidate.intake.typed_text.dates_and_marks import read_date, read_mark
from consolidate.intake.typed_text.typed_numbers import read_number, split_answers
from consolidate.model.anchors import COVER
from consolidate.model.cells import Cell, CellRef, raw_text
from consolidate.model.data_values import (
    CROSSED,
    DENOMINATOR,
    NUMERATOR,
    UNKNOWN,
    DataValue,
    ValueKey,
    ValueStatus,
)
from consolidate.model.datasets import (
    DataElement,
    DataSet,
    InputCell,
    Shape,
    ValueType,
)
from consolidate.model.text import (
    CELL_LIMIT,
    decimal_of,
    format_number,
    is_longer,
    paragraphs,
    tidy,
)
from consolidate.xlsx.read.grid import ERROR_TEXT, CellOrigin, Grid
from consolidate.xlsx.read.shown_numbers import ShownCell

_NOWHERE = Grid("", [])


_answers: dict[tuple[Cell, CellRef, InputCell], tuple[DataValue, ...]] = {}
_MOST, _LONGEST = 16_384, 200
"""How many answers are remembered, and letters of the longest."""
_ALIKE = (str, float, date)
"""Types of contents of which equal ones are read alike, as 1 and True are not."""


def read_answers(
    grid: Grid, content: Cell, cell: CellRef, item: InputCell, *, usual: bool = False
) -> tuple[DataValue, ...]:
    """Read a cell, and the further figures of an ``a/b`` answer under their own keys.

    Of a ``usual`` cell nothing is to be said but what it holds: what that says is remembered, for
    most are blank, or hold what they hold in other returns, too.
    """
    asked = content, cell, item
    usual = usual and type(content) in _ALIKE and str(content) != "-0.0"
    known = _answers.get(asked) if usual else None
    if known is not None:
        return known
    key, element = item.key, item.element
    value, figures = read_answer(
        grid,
        content,
        cell,
        key,
        element,
        item.type,
        pair=item.pair,
        in_lines=item.paragraphs,
    )
    values = [value]
    if item.pair:
        second = figures[1] if len(figures) > 1 else None
        status = ValueStatus.MISSING if second is None else ValueStatus.REPORTED
        if value.status is ValueStatus.NOT_APPLICABLE:
            status = value.status
        other = ValueKey(key.data_set, key.element, element.second)
        raw = value.raw if second is not None else ""
        how = ("pair",) if second is not None else ()
        values.append(DataValue(other, second, status, raw, cell, how))
    elif len(figures) == 3:
        for name, figure in ((NUMERATOR, figures[1]), (DENOMINATOR, figures[2])):
            other = ValueKey(key.data_set, key.element, name)
            values.append(
                DataValue(other, figure, ValueStatus.REPORTED, value.raw, cell, ("ratio",))
            )
    if usual and (not isinstance(content, str) or len(content) <= _LONGEST):
        if len(_answers) >= _MOST:
            _answers.clear()
        _answers[asked] = tuple(values)
    return tuple(values)


def read_answer(
    grid: Grid,
    content: Cell,
    cell: CellRef,
    key: ValueKey,
    element: DataElement,
    kind: ValueType,
    *,
    pair: bool = False,
    in_lines: bool = False,
) -> tuple[DataValue, tuple[Decimal, ...]]:
    """Read one cell: its value, and all its figures (an ``a/b`` answer has several).

    A text is one line, or keeps its lines with ``in_lines``.
    Where intake changed the cell, the value keeps what the file holds there.
    """
    origin = grid.origins.get((cell.row, cell.column))
    if origin is not None:
        plain = replace(grid, origins={})
        read, figures = read_answer(
            plain, content, cell, key, element, kind, pair=pair, in_lines=in_lines
        )
        return traced(read, origin), figures
    shown = grid.facts.shown.get((cell.row, cell.column))
    if shown is not None and content != "":
        plain = replace(grid, facts=replace(grid.facts, shown={}))
        if shown.percent and kind.numeric and isinstance(content, float | int):
            return _percent(plain, content, cell, key, element, kind, shown)
        read, figures = read_answer(
            plain, content, cell, key, element, kind, pair=pair, in_lines=in_lines
        )
        return _compared(read, shown, element, kind), figures
    raw, at, facts, problem = raw_text(content), (cell.row, cell.column), grid.facts, ""
    if at in facts.twice:
        problem = "cell_twice"
    elif content == "":
        # A computed cell shows nothing until it has its parts.
        problem = "not_calculated" if at in facts.no_value and not element.computed else ""
    elif at in facts.features.covered:
        problem = "under_merge"
    elif at in facts.crossed.struck:
        problem = "struck_out"
    elif content == ERROR_TEXT and at in facts.errors:
        raw, problem = "", "error_value"
    elif at in facts.unsound and (kind.numeric or kind is ValueType.DATE):
        problem = f"formula_{facts.unsound[at]}"
    if problem:
        return DataValue(key, None, ValueStatus.INVALID, raw, cell, problem=problem), ()
    if content == CROSSED and element.applies_to:
        return DataValue(key, None, ValueStatus.NOT_APPLICABLE, raw, cell), ()
    if kind.numeric:
        number = read_number(
            content,
            kind,
            pair=pair,
            convention=grid.convention,
            names=_names(element) if isinstance(content, str) else "",
            measure=element.unit,
            titled=key.data_set == COVER,
        )
        used = number.figures[0] if number.figures else None
        status, problem = number.status, number.problem
        if used is not None and element.minimum is not None and used < element.minimum:
            used, status, problem = None, ValueStatus.INVALID, "below_minimum"
        if used is not None and element.maximum is not None and used > element.maximum:
            used, status, problem = None, ValueStatus.INVALID, "above_maximum"
        figures = number.figures if used is not None else ()
        readings = number.readings
        if used is not None and element.normal_maximum is not None and not problem:
            problem, readings = _unusual(used, element.normal_maximum)
            if problem:
                status = ValueStatus.HELD
        how = (number.step,) if number.step else ()
        return DataValue(key, used, status, raw, cell, how, problem, readings), figures
    if kind in (ValueType.DATE, ValueType.MARK):
        if kind is ValueType.MARK:
            said = read_mark(content)
        else:
            said = read_date(content, from_1904=grid.facts.from_1904)
        how = (said.step,) if said.step else ()
        problem, readings = said.problem, said.readings
        return DataValue(key, said.answer, said.status, raw, cell, how, problem, readings), ()
    words = paragraphs(raw) if in_lines else tidy(raw)
    status = ValueStatus.REPORTED if words else ValueStatus.MISSING
    problem = "too_long" if is_longer(raw, CELL_LIMIT) else ""
    return DataValue(key, words or None, status, raw, cell, problem=problem), ()


@lru_cache(maxsize=4096)
def _names(element: DataElement) -> str:
    """Join the words that may be typed beside a number: unit of measure, label and phrases."""
    return " ".join((element.unit, element.label, element.second_unit, *element.phrases))


def traced(value: DataValue, origin: CellOrigin) -> DataValue:
    """Put back what the file holds into a value read from a cell that intake changed."""
    if value.status in UNKNOWN:
        return replace(value, raw=origin.raw)
    how = (origin.how, *value.normalisation) if origin.how else value.normalisation
    graver = origin.problem == "formula_differs" or not value.problem
    problem = origin.problem if graver else value.problem
    return replace(value, raw=origin.raw, normalisation=how, problem=problem)


def _percent(
    grid: Grid,
    content: float,
    cell: CellRef,
    key: ValueKey,
    element: DataElement,
    kind: ValueType,
    shown: ShownCell,
) -> tuple[DataValue, tuple[Decimal, ...]]:
    """Read a number in a cell that shows percents: what it shows is what was meant."""
    if kind is not ValueType.PERCENTAGE:
        problem = "unexpected_percent"
        return DataValue(key, None, ValueStatus.INVALID, shown.text, cell, problem=problem), ()
    meant = float(decimal_of(content) * 100)
    read, figures = read_answer(grid, meant, cell, key, element, kind)
    if read.problem == "percent_scale":  # The cell says that it is a percent: 0,5 % is one half.
        used = decimal_of(meant)
        read = replace(read, value=used, status=ValueStatus.REPORTED, problem="", readings=())
        figures = (used,)
    how = ("percent_cell", *read.normalisation)
    read = replace(read, raw=raw_text(content), normalisation=how)
    return _compared(read, shown, element, kind), figures


def _compared(
    value: DataValue, shown: ShownCell, element: DataElement, kind: ValueType
) -> DataValue:
    """A value with what is to be said when its cell shows another one; a hidden zero is one."""
    if value.problem or value.status is ValueStatus.MISSING or value.status in UNKNOWN:
        return value
    if not shown.text:
        return value if value.number == 0 else replace(value, problem="shown_nothing")
    if value.number is None or (shown.number == value.number and not shown.words):
        return value
    number = shown.number
    if shown.words:  # What a person makes of it, as if the words had been typed.
        seen = read_number(shown.text, kind, names=_names(element), measure=element.unit)
        number = seen.figures[0] if seen.figures else None
    problem = "shown_differs"
    if number is not None:
        apart = abs(number - value.number)
        if apart < _UNSEEN:
            return value
        if apart <= Decimal(5).scaleb(-shown.places - 1):
            problem = "shown_rounded"
    return replace(value, problem=problem, readings=(shown.text,))


_UNSEEN = Decimal("0.0005")
"""Less than the formats of our templates show of a number."""


def _unusual(used: Decimal, normal: Decimal) -> tuple[str, tuple[str, ...]]:
    """Whether an amount is beyond the normal, and what it is if typed in đồng or nghìn đồng."""
    if used <= normal:
        return "", ()
    smaller = (used / 1000, used / 1_000_000)
    return "above_normal", tuple(format_number(value) for value in smaller if value <= normal)


def read_typed(data_set: DataSet, key: ValueKey, content: Cell) -> tuple[DataValue, ...]:
    """Read an answer typed outside of a form, as the cell of the form would be read.

    Who types it answers for it: an amount is what it says, however large it is. Further figures of
    an ``a/b`` answer have their own keys. ``cell`` of the values is a dummy.
    ``key.row`` tells the row of an open table.

    Raises:
        KeyError: the form has no such cell.
    """
    cell = CellRef("", 0, 0)
    if data_set.shape is Shape.OPEN:
        element = replace(data_set.by_code[key.element], normal_maximum=None)
        return (read_answer(_NOWHERE, content, cell, key, element, element.type)[0],)
    for item in data_set.inputs:
        if (item.key.element, item.key.column) == (key.element, key.column):
            sure = replace(item.element, normal_maximum=None)
            return read_answers(_NOWHERE, content, cell, replace(item, element=sure))
    raise KeyError(key)


def spread_answers(
    columns: Sequence[tuple[DataElement, int]], contents: Sequence[Cell]
) -> dict[str, tuple[int, str, str]]:
    """Split one text that answers several columns: element to (column, number, text).

    ``05 đã thực hiện - 16 đang làm`` answers two.

    Only when every part of the text names one of the columns by its phrases, no two the same, and
    the other columns are blank; otherwise nothing is spread and the text stays one answer.
    """
    asked = [(element, index) for element, index in columns if element.phrases]
    if len(asked) < 2:
        return {}
    given = {
        index: content
        for (element, index), content in zip(columns, contents, strict=True)
        if element.phrases and content != ""
    }
    if len(given) != 1:
        return {}
    source, content = next(iter(given.items()))
    if not isinstance(content, str):
        return {}
    parts = split_answers(content)
    found: dict[str, tuple[int, str, str]] = {}
    for digits, words in parts:
        matching = [
            element.code
            for element, _ in asked
            if any(_says(words.casefold(), phrase) for phrase in element.phrases)
        ]
        if len(matching) != 1 or matching[0] in found:
            return {}
        found[matching[0]] = (source, digits, content)
    return found if len(found) > 1 else {}


def _says(words: str, phrase: str) -> bool:
    """Whether the words say the phrase, and not its contrary (``chưa hoàn thành``)."""
    return re.search(rf"(?<!chưa )(?<!không ){re.escape(phrase)}", words) is not None


def shared_columns(columns: Sequence[tuple[DataElement, int]]) -> frozenset[int]:
    """List the columns of a retyped table that hold several elements."""
    counts = Counter(index for _, index in columns)
    return frozenset(index for index, count in counts.items() if count > 1)
