"""Is each answer an answer? Type, whole number, sign, range, required; doubtful readings."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from consolidate.model.data_values import DataValue, ValueKey, ValueStatus
from consolidate.model.datasets import DataElement, DataSet, Library, Shape, ValueType
from consolidate.model.findings import Finding, Severity
from consolidate.model.reasons import because, joined
from consolidate.model.returns import DataSetReturn, Return
from consolidate.model.text import format_number

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
    "not_a_number": "value.not_a_number_on_cover",
    "several_numbers": "value.not_a_number_on_cover",
}
"""Problems of year and number of sending, which are never 0 or x and have no column of notes."""


def check_values(content: Return, library: Library) -> list[Finding]:
    """Findings about single cells: unreadable, doubtful, converted or missing answers."""
    findings: list[Finding] = []
    for part in (content.cover, *content.data_sets):
        data_set = library.data_set(part.code)
        findings += _part(part, data_set, library)
    return findings


def _part(part: DataSetReturn, data_set: DataSet, library: Library) -> Iterator[Finding]:
    alone = without_second(part, data_set)
    for value in part.values:
        element = data_set.by_code[value.key.element]
        if value.key in alone:
            yield _finding(value, "second_missing", Severity.WARNING, data_set, element, library)
        if value.problem:
            severity = SEVERITIES.get(value.problem, Severity.WARNING)
            if value.status is ValueStatus.INVALID:
                severity = Severity.ERROR
            yield _finding(value, value.problem, severity, data_set, element, library)
        elif "money_unit" in value.normalisation:
            yield _finding(value, "money_unit", Severity.WARNING, data_set, element, library)
        elif value.status is ValueStatus.MISSING and _required(value, data_set, element):
            severity = Severity.WARNING if data_set.narrative else Severity.ERROR
            yield _finding(value, "required", severity, data_set, element, library)


def without_second(part: DataSetReturn, data_set: DataSet) -> frozenset[ValueKey]:
    """Answers ``a/b`` of which only the first figure was given; of 0 there is no second."""
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
    expected = _expected(value, problem, element)
    words = f"value.{problem}"
    if problem == "required":
        kind = data_set.type_of(element, value.key.column)
        # The year of the cover is no figure either: it is never 0 and never x.
        words = _ASKED.get(ValueType.TEXT if _of_cover(data_set, kind, library) else kind, words)
        if data_set.narrative:
            words = "value.required_narrative"
    elif problem in _SAID_OF_COVER and data_set.code == library.cover.code:
        words = _SAID_OF_COVER[problem]
    return Finding(
        rule=f"value.{problem}",
        severity=severity,
        message=because(
            words,
            caption=data_set.caption(element, value.key.column),
            raw=_raw(value, problem),
            unit=element.unit.lower(),
            second=element.second_label,
            used=value.number if value.number is not None else "",
            readings=joined("value.or", value.readings),
            minimum=element.minimum if element.minimum is not None else "",
            maximum=element.maximum if element.maximum is not None else "",
        ),
        data_set=value.key.data_set,
        element=value.key.element,
        sheet=value.cell.sheet,
        cells=(value.cell,),
        found=value.raw.strip(),
        expected=expected,
    )


def _raw(value: DataValue, problem: str) -> str:
    """Show what the cell holds; a number that lost its thousands is shown with a decimal comma."""
    raw = value.raw.strip()
    return raw.replace(".", ",") if problem == "thousands_lost" else raw


def _expected(value: DataValue, problem: str, element: DataElement) -> str:
    if problem == "below_minimum":
        return f"≥ {_bound(element.minimum)}"
    if problem == "above_maximum":
        return f"≤ {_bound(element.maximum)}"
    if problem == "formula_differs" and value.number is not None:
        return format_number(value.number)
    return value.readings[0] if problem in _WITH_READING else ""


def _bound(bound: Decimal | None) -> str:
    return format_number(bound) if bound is not None else ""
