"""Check each answer: type, whole number, sign, range, required, doubtful readings, rows twice."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from consolidate.model.data_values import DataValue, ValueKey, ValueStatus
from consolidate.model.datasets import DataElement, DataSet, Library, Shape, ValueType
from consolidate.model.reasons import Finding, Severity, because, joined
from consolidate.model.returns import DataSetReturn, Return
from consolidate.model.text import CELL_LIMIT, format_number, name_key, utf16_length

SEVERITIES = {
    "by_convention": Severity.INFO,
    "formula_differs": Severity.ERROR,
    "recalculated": Severity.INFO,
    "shown_rounded": Severity.INFO,
}
"""How much a problem of a value that is used all the same matters, where it is no warning."""


_ASKED = {
    ValueType.TEXT: "value.required_text",
    ValueType.CHOICE: "value.required_choice",
    ValueType.MARK: "value.required_choice",
}
"""How an answer is asked for that is missing; figures are 0 or x when there is nothing to say."""


_WITH_READING = ("thousands_lost", "month_first", "shown_differs", "shown_rounded")
"""Problems whose first reading is what a person would expect."""


_SAID_OF_COVER = {
    "above_maximum": "value.above_maximum_on_cover",
    "below_minimum": "value.below_minimum_on_cover",
    "thousands_lost": "value.unclear_on_cover",
    "unclear": "value.unclear_on_cover",
    **dict.fromkeys(
        (
            *("not_a_number", "several_numbers", "date_in_number", "not_whole"),
            *("two_figures", "unexpected_percent", "unit_mismatch", "roughly"),
        ),
        "value.not_a_number_on_cover",
    ),
}
"""Problems of year and number of sending: never 0 or x, without unit of measure, sum or notes."""
_UNGROUPED = ("ambiguous", "by_convention", "thousands_lost", "unclear")
"""Problems of separators: what is meant is said without any ("1.819" may be 1819 or 1,819)."""


def check_values(content: Return, library: Library) -> list[Finding]:
    """Make findings about single cells: unreadable, doubtful, converted or missing answers."""
    findings: list[Finding] = []
    for part in (content.cover, *content.data_sets):
        data_set = library.data_set(part.code)
        findings += _part(part, data_set, library)
    return findings


def _part(part: DataSetReturn, data_set: DataSet, library: Library) -> Iterator[Finding]:
    alone = without_second(part, data_set)
    looks_further = _looks_further(data_set)
    for value in part.values:
        usual = value.status is ValueStatus.REPORTED and not value.problem
        if usual and not value.normalisation and not looks_further:
            continue
        element = data_set.by_code[value.key.element]
        if value.key in alone:
            yield _finding(value, "second_missing", Severity.WARNING, data_set, element, library)
        if value.problem:
            severity = SEVERITIES.get(value.problem, Severity.WARNING)
            if value.status is ValueStatus.INVALID and value.problem != "roughly":
                severity = Severity.ERROR
            yield _finding(value, value.problem, severity, data_set, element, library)
        elif "money_unit" in value.normalisation:
            yield _finding(value, "money_unit", Severity.WARNING, data_set, element, library)
        elif element.names and _names_nothing(value, element):
            yield _finding(value, "no_such_row", Severity.ERROR, data_set, element, library)
        elif value.status is ValueStatus.MISSING and _required(value, data_set, element):
            severity = Severity.WARNING if data_set.narrative else Severity.ERROR
            yield _finding(value, "required", severity, data_set, element, library)


@lru_cache(maxsize=1024)
def _looks_further(data_set: DataSet) -> bool:
    """Whether some answers are held against others: ``a/b``, or the number of a row elsewhere."""
    return any(element.second or element.names for element in data_set.elements)


def without_second(part: DataSetReturn, data_set: DataSet) -> frozenset[ValueKey]:
    """List answers ``a/b`` of which only the first figure was given; 0 has no second."""
    if not _looks_further(data_set):
        return frozenset()
    pairs = {
        value.key: value for value in part.values if data_set.by_code[value.key.element].second
    }
    return frozenset(
        key
        for key, value in pairs.items()
        if key.column == data_set.by_code[key.element].columns[0]
        and not value.problem
        and value.number
        and (second := pairs.get(key._replace(column=data_set.by_code[key.element].second)))
        and second.status is ValueStatus.MISSING
    )


def _names_nothing(value: DataValue, element: DataElement) -> bool:
    """Whether an answer is the number of no row of the form that its column names."""
    said = str(value.value or "").strip().casefold()
    return bool(said) and said not in map(str.casefold, element.choices)


def _required(value: DataValue, data_set: DataSet, element: DataElement) -> bool:
    if data_set.shape is Shape.OPEN:
        return bool(element.required)
    return value.key.column in element.required


def _of_cover(data_set: DataSet, kind: ValueType, library: Library) -> bool:
    return kind.numeric and data_set.code == library.cover.code


def _finding(
    value: DataValue,
    problem: str,
    severity: Severity,
    data_set: DataSet,
    element: DataElement,
    library: Library,
) -> Finding:
    words = f"value.{problem}"
    if problem == "required":
        kind = data_set.type_of(element, value.key.column)
        # The year of the cover is no figure either: it is never 0 and never x.
        words = _ASKED.get(ValueType.TEXT if _of_cover(data_set, kind, library) else kind, words)
        if data_set.narrative:
            words = "value.required_narrative"
    elif problem in _SAID_OF_COVER and data_set.code == library.cover.code:
        words = _SAID_OF_COVER[problem]
    if problem == "too_long":
        return _too_long(value, data_set, element)
    low, high = _limit(element.minimum, words), _limit(element.maximum, words)
    return Finding(
        rule=f"value.{problem}",
        severity=severity,
        message=because(
            words,
            caption=data_set.caption(element, value.key.column),
            raw=_raw(value, problem),
            unit=element.unit.lower(),
            second=element.second_label,
            used=_used(value, problem),
            readings=joined("value.or", _readings(value, problem)),
            minimum=low,
            maximum=high,
        ),
        data_set=value.key.data_set,
        element=value.key.element,
        sheet=value.cell.sheet,
        cells=(value.cell,),
        found=_raw(value, problem),
        expected=_expected(value, problem, low, high),
    )


def _too_long(value: DataValue, data_set: DataSet, element: DataElement) -> Finding:
    length, most = (format_number(Decimal(n)) for n in (utf16_length(value.raw), CELL_LIMIT))
    caption = data_set.caption(element, value.key.column)
    return Finding(
        rule="value.too_long",
        severity=Severity.WARNING,
        message=because("value.too_long", caption=caption, used=length, maximum=most),
        data_set=value.key.data_set,
        element=value.key.element,
        sheet=value.cell.sheet,
        cells=(value.cell,),
        found=length,
        expected=f"≤ {most}",
    )


def _used(value: DataValue, problem: str) -> Decimal | str:
    if value.number is None:
        return ""
    return _ungrouped(value.number) if problem in _UNGROUPED else value.number


def _readings(value: DataValue, problem: str) -> tuple[str, ...]:
    if problem not in _UNGROUPED:
        return value.readings
    return tuple(reading.replace(".", "") for reading in value.readings)


def _limit(bound: Decimal | None, words: str) -> str:
    """Show a bound; that of a year has no separator."""
    if bound is None:
        return ""
    return _ungrouped(bound) if words in _SAID_OF_COVER.values() else format_number(bound)


def _ungrouped(number: Decimal) -> str:
    return format_number(number).replace(".", "")


def _raw(value: DataValue, problem: str) -> str:
    """Show what the cell holds; a number that lost its thousands is shown with a decimal comma."""
    raw = value.raw.strip()
    return raw.replace(".", ",") if problem == "thousands_lost" else raw


def _expected(value: DataValue, problem: str, low: str, high: str) -> str:
    if problem == "below_minimum":
        return f"≥ {low}"
    if problem == "above_maximum":
        return f"≤ {high}"
    if problem == "formula_differs" and value.number is not None:
        return format_number(value.number)
    return _readings(value, problem)[0] if problem in _WITH_READING else ""


_Row = dict[str, DataValue]


def check_lists(content: Return, library: Library) -> list[Finding]:
    """Warn on each row of a list that is named as an earlier one (``key_elements``).

    Rows whose other texts differ are two: cases of one kind at two places.
    """
    findings: list[Finding] = []
    for part in content.data_sets:
        data_set = library.data_set(part.code)
        if data_set.shape is Shape.OPEN and data_set.key_elements:
            findings += _rows_twice(part, data_set)
    return findings


def _rows_twice(part: DataSetReturn, data_set: DataSet) -> Iterator[Finding]:
    rows: dict[int, _Row] = {}
    for value in part.values:
        rows.setdefault(value.key.row, {})[value.key.element] = value
    named: dict[tuple[str, ...], list[int]] = {}
    texts = [e.code for e in data_set.elements if e.type is ValueType.TEXT]
    for number, row in rows.items():
        name = tuple(_said(row, code) for code in data_set.key_elements)
        if not all(name):
            continue
        earlier = named.setdefault(name, [])
        first = next((n for n in earlier if _alike(rows[n], row, texts)), None)
        if first is None:
            earlier.append(number)
        else:
            yield _row_twice(data_set, first, number, rows[first], row)


def _said(row: _Row, code: str) -> str:
    value = row[code].value if code in row else None
    return name_key(value) if isinstance(value, str) else ""


def _alike(one: _Row, other: _Row, texts: list[str]) -> bool:
    pairs = ((_said(one, code), _said(other, code)) for code in texts)
    return all(first == second or not first or not second for first, second in pairs)


def _row_twice(data_set: DataSet, first: int, second: int, one: _Row, other: _Row) -> Finding:
    element = data_set.key_elements[0]
    value = other[element]
    return Finding(
        rule="value.row_twice",
        severity=Severity.WARNING,
        message=because(
            "value.row_twice",
            caption=data_set.caption(data_set.by_code[element]),
            raw=value.raw.strip(),
            first=because("rules.row", number=first),
            second=because("rules.row", number=second),
        ),
        data_set=data_set.code,
        element=element,
        sheet=value.cell.sheet,
        cells=(one[element].cell, value.cell),
        found=value.raw.strip(),
    )
