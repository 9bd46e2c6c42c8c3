"""Is a figure far from what the unit, or units like it, usually report? A warning, never more.

Distances are robust: the median of the other figures, and the median distance from it, on a
logarithmic scale, so that a unit ten times as large as its peers is as far off as one a tenth as
large (Iglewicz and Hoaglin, *How to Detect and Handle Outliers*, 1993: modified z-score).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import log

from consolidate.checks.past_checks import figures_of
from consolidate.checks.sizes import Sizes
from consolidate.checks.value_checks import without_second
from consolidate.model.data_values import DataValue, FigureKey, History
from consolidate.model.datasets import Aggregation, DataElement, DataSet, Library, ValueType
from consolidate.model.reasons import Finding, Severity, because
from consolidate.model.returns import Return
from consolidate.model.text import format_number
from consolidate.model.units import Level

LEAST_PAST = 4
"""Earlier figures of a unit from which its own usual range can be told."""
LEAST_PEERS = 10
"""Peers with a figure other than 0 from which theirs can be told."""
FAR = 6.0
"""Modified z-score from which a figure is far off."""
_NARROWEST = 0.3
"""Least spread on the logarithmic scale: figures within a third of each other are alike."""
_SMALL = 20
"""Figures below this are too small to be far from anything."""


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


def most_of(element: DataElement, kind: ValueType, *, second: bool = False) -> Most | None:
    """Find the bound of a figure of an element, ``None`` when no size is too large.

    ``second`` asks for the second figure of an ``a/b`` answer, which is a count.
    """
    if element.normal_maximum is not None:
        return None
    measure = element.second_unit if second else element.unit
    asked = (ValueType.COUNT, ValueType.AREA)
    return _MOST.get(measure.casefold()) if kind in asked else None


Peers = Mapping[FigureKey, Sizes]
"""Figures that units of the same level reported for the same period."""


def check_sizes(content: Return, library: Library) -> list[Finding]:
    """Warn of each figure that no unit of its level can have, without any history."""
    level = _level_of(content)
    never_too_many = min(bound.of(level) for bound in BOUNDS)
    findings = []
    for part in content.data_sets:
        data_set = library.data_set(part.code)
        alone = without_second(part, data_set)
        for value in part.values:
            number = value.number
            if number is None or number <= never_too_many or value.problem or value.key in alone:
                continue
            element = data_set.by_code[value.key.element]
            bound = _bound(data_set, element, value.key.column, is_row=bool(value.key.row))
            if bound is not None and number > bound.of(level):
                caption = data_set.caption(element, value.key.column)
                is_second = bool(element.second) and value.key.column == element.second
                measure = element.second_unit if is_second else element.unit
                findings.append(_too_many(value, caption, measure, bound.of(level)))
    return findings


def _bound(data_set: DataSet, element: DataElement, column: str, *, is_row: bool) -> Most | None:
    """The bound of the figures of an element in a column; ``is_row`` if of a row of a list."""
    if element.second and column == element.second:
        return most_of(element, element.type, second=True)
    return most_of(element, data_set.type_of(element, "" if is_row else column))


def _level_of(content: Return) -> Level:
    said = next((v.value for v in content.cover.values if v.key.element == "level"), None)
    return (Level.parse(said) if isinstance(said, str) else None) or Level.UNKNOWN


def _too_many(value: DataValue, caption: object, measure: str, most: int) -> Finding:
    return Finding(
        rule="value.too_many",
        severity=Severity.WARNING,
        message=because(
            "value.too_many",
            caption=caption,
            now=value.number,
            unit=measure.lower(),
            most=format_number(Decimal(most)),
        ),
        data_set=value.key.data_set,
        element=value.key.element,
        sheet=value.cell.sheet,
        cells=(value.cell,),
        found=format_number(value.number) if value.number is not None else "",
        expected=f"≤ {format_number(Decimal(most))}",
    )


def check_outliers(
    content: Return, history: History, peers: Peers, library: Library
) -> list[Finding]:
    """Warn of each summed figure that is far from the unit's past, or from its peers."""
    findings = []
    for key, value in figures_of(content):
        data_set = library.data_set(key[0])
        element = data_set.by_code[key[1]]
        if not value.number or key[2] not in data_set.column_by_code:
            continue  # Nothing that is not there, and no 0, is ever far off.
        aggregation = data_set.aggregation_of(element, key[2])
        if aggregation not in (Aggregation.SUM, Aggregation.SINGLE):
            continue
        for kind, others in _known(key, history, peers):
            usual = far_from(value.number, others)
            if usual is None:
                continue
            findings.append(
                Finding(
                    rule=f"history.outlier_{kind}",
                    severity=Severity.WARNING,
                    message=because(
                        f"history.outlier_{kind}",
                        caption=data_set.caption(element, key[2]),
                        now=value.number,
                        usual=usual,
                        count=len(others),
                    ),
                    data_set=key[0],
                    element=key[1],
                    sheet=value.cell.sheet,
                    cells=(value.cell,),
                    found=format_number(value.number),
                    expected=f"≈ {format_number(usual)}",
                )
            )
            break
    return findings


def far_from(number: Decimal, others: Sizes) -> Decimal | None:
    """The median of the others when the number is far from it, else ``None``.

    A number of 0 is never far.
    """
    if not others or number <= 0 or max(number, usual := others.usual) < _SMALL:
        return None
    spread = max(1.4826 * others.spread, _NARROWEST)
    return usual if abs(log(number) - others.middle) / spread > FAR else None


def _known(key: FigureKey, history: History, peers: Peers) -> Iterator[tuple[str, Sizes]]:
    """The unit's own figures where there are enough of them, else those of its peers."""
    past = [item.values[key] for item in history.earlier if item.comparable and key in item.values]
    own = Sizes.of(past)
    if len(own) >= LEAST_PAST:
        yield "past", own
        return
    alike = peers.get(key)
    if alike is not None and len(alike) >= LEAST_PEERS:
        yield "peers", alike
