"""Check each answer: type, whole number, sign, range, size, required, doubtful, rows twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from consolidate.model.data_values import DataValue, ValueKey, ValueStatus
from consolidate.model.datasets import DataElement, DataSet, Library, Shape, ValueType
from consolidate.model.reasons import Finding, Severity, because, cell_finding, joined
from consolidate.model.returns import DataSetReturn, Return
from consolidate.model.text import CELL_LIMIT, format_number, name_key, utf16_length
from consolidate.model.units import Level

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
    """Make findings about single cells: unreadable, doubtful, converted, missing, too large.

    Too large is what no unit of its level can have (:data:`BOUNDS`), without any history.
    """
    findings: list[Finding] = []
    level = _level_of(content)
    for part in (content.cover, *content.data_sets):
        data_set = library.data_set(part.code)
        noted = noteworthy(part, data_set)
        alone = without_second(part, data_set) if noted else frozenset()
        for value in noted:
            element = data_set.by_code[value.key.element]
            told: list[tuple[str, Severity]] = []
            if value.key in alone:
                told.append(("second_missing", Severity.WARNING))
            if value.problem:
                severity = SEVERITIES.get(value.problem, Severity.WARNING)
                if value.status is ValueStatus.INVALID and value.problem != "roughly":
                    severity = Severity.ERROR
                told.append((value.problem, severity))
            elif "money_unit" in value.normalisation:
                told.append(("money_unit", Severity.WARNING))
            elif element.names and _names_nothing(value, element):
                told.append(("no_such_row", Severity.ERROR))
            elif value.status is ValueStatus.MISSING and _required(value, data_set, element):
                told.append(
                    ("required", Severity.WARNING if data_set.narrative else Severity.ERROR)
                )
            findings += [_finding(value, *each, data_set, element, library) for each in told]
            number = value.number
            if number is None or value.problem or value.key in alone or part is content.cover:
                continue
            measure, most = _most(data_set, element, value.key, level)
            if most is None or number <= most:
                continue
            shown = {"found": format_number(number), "expected": f"≤ {format_number(most)}"}
            said = {"now": number, "unit": measure.lower(), "most": format_number(most)}
            caption = data_set.caption(element, value.key.column)
            message = because("value.too_many", caption=caption, **said)
            findings.append(
                cell_finding("value.too_many", Severity.WARNING, message, value, **shown)
            )
    return findings


@dataclass(frozen=True, slots=True)
class Most:
    """The most that one unit can have of something: by its level, and whatever its level."""

    code: str
    by_level: Mapping[Level, int]
    anybody: int

    def of(self, level: Level) -> int:
        """The bound for a unit of a level."""
        return self.by_level.get(level, self.anybody)


PEOPLE = Most("people", {Level.COMMUNE: 100_000, Level.DISTRICT: 300_000}, 1_000_000)
CASES = Most("cases", {Level.COMMUNE: 10_000, Level.DISTRICT: 30_000}, 100_000)
LAND = Most("land", {Level.COMMUNE: 1_000_000_000, Level.DISTRICT: 3_000_000_000}, 20_000_000_000)
BOUNDS = (PEOPLE, CASES, LAND)
_MOST: Mapping[str, Most] = {
    **dict.fromkeys(("người", "lượt người", "đối tượng", "tài liệu"), PEOPLE),
    **dict.fromkeys(
        ("vụ", "vụ việc", "đơn", "cuộc", "lớp", "văn bản", "nhiệm vụ", "thủ tục"), CASES
    ),
    **dict.fromkeys(
        ("cơ quan, đơn vị", "cq, tc, đv", "đơn vị", "huyện", "tổ chức", "tập thể"), CASES
    ),
    **dict.fromkeys(("m²", "m2"), LAND),
}
"""Bounds by unit of measure.

A large commune has fewer than 100,000 people, a district fewer than 300,000; who trains or rewards
more of them in a year has counted something else. No commune has 1,000 km² of land, no district
3,000, no province 20,000. Amounts have their own ``normal_maximum``.
"""


def most_of(element: DataElement, kind: ValueType, measure: str) -> Most | None:
    """Find the bound of a figure of an element in a measure, ``None`` when no size is too large."""
    if element.normal_maximum is not None or kind not in (ValueType.COUNT, ValueType.AREA):
        return None
    return _MOST.get(measure.casefold())


def _most(
    data_set: DataSet, element: DataElement, key: ValueKey, level: Level
) -> tuple[str, Decimal | None]:
    """The measure of an answer, and the most that a unit of a level has of it."""
    second = bool(element.second) and key.column == element.second  # Of a pair it is a count.
    measure = element.second_unit if second else element.unit
    kind = element.type if second else data_set.type_of(element, "" if key.row else key.column)
    bound = most_of(element, kind, measure)
    return measure, Decimal(bound.of(level)) if bound is not None else None


def _level_of(content: Return) -> Level:
    said = next((v.value for v in content.cover.values if v.key.element == "level"), None)
    return (Level.parse(said) if isinstance(said, str) else None) or Level.UNKNOWN


SMALL = 10_000
"""A figure up to this is never too large for a unit, whatever it counts."""
_MOST_PLAIN = 8_192


def noteworthy(part: DataSetReturn, data_set: DataSet) -> Sequence[DataValue]:
    """List the values of which something may be said alone or for their size, in their order.

    Left out are those of which it is known that nothing is. Returns that say the same in the same
    cell share one object, so that all values of most of them are known by a look at each.
    """
    known = _plain_values(data_set)
    if all(map(known.__contains__, map(id, part.values))):
        return ()
    noted: list[DataValue] = []
    plain: list[DataValue] = []
    for value in part.values:
        if id(value) in known:
            continue
        element, number = data_set.by_code[value.key.element], value.number
        if value.problem or "money_unit" in value.normalisation:
            nothing = False
        elif element.names or (element.second and number):
            nothing = False  # It is held against another answer.
        elif value.status is ValueStatus.MISSING:
            nothing = not _required(value, data_set, element)
        else:
            nothing = value.status is ValueStatus.REPORTED and (number is None or number <= SMALL)
        (plain if nothing else noted).append(value)
    if len(known) >= _MOST_PLAIN:
        known.clear()
    known.update(zip(map(id, plain), plain, strict=True))
    return noted


@lru_cache(maxsize=256)
def _plain_values(data_set: DataSet) -> dict[int, DataValue]:
    """Values of a form, by their identity, of which nothing is to be said; they are kept with it,
    so that none of these numbers is ever that of another object.
    """
    del data_set
    return {}


@lru_cache(maxsize=256)
def _has_pairs(data_set: DataSet) -> bool:
    return any(element.second for element in data_set.elements)


def without_second(part: DataSetReturn, data_set: DataSet) -> frozenset[ValueKey]:
    """List answers ``a/b`` of which only the first figure was given; 0 has no second."""
    if not _has_pairs(data_set):
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


def _finding(
    value: DataValue,
    problem: str,
    severity: Severity,
    data_set: DataSet,
    element: DataElement,
    library: Library,
) -> Finding:
    words, of_cover = f"value.{problem}", data_set.code == library.cover.code
    if problem == "required":
        kind = data_set.type_of(element, value.key.column)
        # The year of the cover is no figure either: it is never 0 and never x.
        words = _ASKED.get(ValueType.TEXT if of_cover and kind.numeric else kind, words)
        if data_set.narrative:
            words = "value.required_narrative"
    elif of_cover:
        words = _SAID_OF_COVER.get(problem, words)
    caption = data_set.caption(element, value.key.column)
    if problem == "too_long":
        length, most = (format_number(Decimal(n)) for n in (utf16_length(value.raw), CELL_LIMIT))
        message = because(words, caption=caption, used=length, maximum=most)
        shown = {"found": length, "expected": f"≤ {most}"}
        return cell_finding("value.too_long", Severity.WARNING, message, value, **shown)
    number, readings, raw = value.number, value.readings, value.raw.strip()
    used = number if number is not None else ""
    if problem in _UNGROUPED:
        used = _ungrouped(number) if number is not None else ""
        readings = tuple(reading.replace(".", "") for reading in readings)
    if problem == "thousands_lost":  # It is shown with a decimal comma.
        raw = raw.replace(".", ",")
    # The bound of a year has no separator.
    shown_as = _ungrouped if words in _SAID_OF_COVER.values() else format_number
    low, high = (
        "" if bound is None else shown_as(bound) for bound in (element.minimum, element.maximum)
    )
    message = because(
        words,
        caption=caption,
        raw=raw,
        unit=element.unit.lower(),
        second=element.second_label,
        used=used,
        readings=joined("value.or", readings),
        minimum=low,
        maximum=high,
    )
    expected = {"below_minimum": f"≥ {low}", "above_maximum": f"≤ {high}"}.get(problem, "")
    if problem == "formula_differs" and number is not None:
        expected = format_number(number)
    elif problem in _WITH_READING:
        expected = readings[0]
    return cell_finding(f"value.{problem}", severity, message, value, found=raw, expected=expected)


def _ungrouped(number: Decimal) -> str:
    return format_number(number).replace(".", "")


_Row = dict[str, DataValue]


def check_lists(content: Return, library: Library) -> list[Finding]:
    """Warn on each row of a list that is named as an earlier one (``key_elements``).

    Rows whose other texts differ are two: cases of one kind at two places.
    """
    findings: list[Finding] = []
    for part in content.data_sets:
        data_set = library.data_set(part.code)
        if data_set.shape is not Shape.OPEN or not data_set.key_elements:
            continue
        texts = [e.code for e in data_set.elements if e.type is ValueType.TEXT]
        first_key = data_set.key_elements[0]
        named: dict[tuple[str, ...], list[_Row]] = {}
        for row in part.listed():
            name = tuple(_said(row, code) for code in data_set.key_elements)
            if not all(name):
                continue
            earlier = named.setdefault(name, [])
            first = next((one for one in earlier if _alike(one, row, texts)), None)
            if first is None:
                earlier.append(row)
                continue
            one, other = first[first_key], row[first_key]
            message = because(
                "value.row_twice",
                caption=data_set.caption(data_set.by_code[first_key]),
                raw=other.raw.strip(),
                first=because("rules.row", number=one.key.row),
                second=because("rules.row", number=other.key.row),
            )
            found = other.raw.strip()
            findings.append(
                cell_finding("value.row_twice", Severity.WARNING, message, one, other, found=found)
            )
    return findings


def _said(row: _Row, code: str) -> str:
    value = row[code].value if code in row else None
    return name_key(value) if isinstance(value, str) else ""


def _alike(one: _Row, other: _Row, texts: list[str]) -> bool:
    pairs = ((_said(one, code), _said(other, code)) for code in texts)
    return all(first == second or not first or not second for first, second in pairs)
