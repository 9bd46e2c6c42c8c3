"""Units ranked by their points: what they gave themselves, what assessors gave, what counts.

Points never count above the maximum of a criterion, nor without a piece of evidence; a section is
the sum of its parts, whatever was typed for it. Who sent nothing that counts stands in the ranking
with 0; who sent it late with the part of its points that the pack says (:class:`Scoring`), which is
none where it says nothing (plan of Đắk Lắk, seed 003: "coi như không thực hiện nhiệm vụ").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from consolidate.model.cells import CellRef
from consolidate.model.corrections import Review
from consolidate.model.data_values import DataValue
from consolidate.model.datasets import DataElement, DataSet, Library, Role
from consolidate.model.packs import Scoring
from consolidate.model.reasons import Finding, Reason, Severity, because
from consolidate.model.returns import Return, ReturnRecord
from consolidate.model.units import OrganisationUnit
from consolidate.rollup.result import MergeResult
from consolidate.rollup.totals import Contribution, DataSetTable
from consolidate.rollup.units_in_totals import Told


class Placing(StrEnum):
    """How a unit stands in a ranking."""

    REVIEWED = "reviewed"
    WAITING = "waiting"
    LATE = "late"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Judged:
    """One criterion of a unit: its own points as they count, the review, pieces of evidence."""

    element: DataElement
    typed: DataValue | None
    own: Decimal
    proofs: int
    review: Review | None
    scoring: Scoring

    @property
    def counted(self) -> Decimal | None:
        """The points of the assessors as they count; ``None`` without a review."""
        if self.review is None:
            return None
        return _counted(self.element, self.review.points, self.proofs)

    @property
    def far(self) -> bool:
        """Whether review and own points differ by more of the maximum than the pack takes."""
        if self.review is None or not self.element.maximum:
            return False
        return abs(self.review.points - self.own) > self.element.maximum * self.scoring.far


@dataclass(frozen=True, slots=True)
class Ranked:
    """A line of a ranking.

    ``review`` is ``None`` while criteria of the unit wait for one, ``rank`` while any unit does.
    """

    unit: OrganisationUnit
    standing: Placing
    own: Decimal
    review: Decimal | None
    rank: int | None
    judged: tuple[Judged, ...] = ()


def is_assessment(data_set: DataSet) -> bool:
    """Whether units give themselves points by the criteria of a form."""
    return bool(data_set.tree)


def leaves(data_set: DataSet) -> tuple[DataElement, ...]:
    """The criteria that points are given for: those without parts."""
    return tuple(element for element in data_set.elements if element.code not in data_set.tree)


def judged(result: MergeResult, table: DataSetTable, item: Contribution) -> tuple[Judged, ...]:
    """Every criterion of a unit with its points, evidence and review."""
    data_set = table.data_set
    proofs = _proofs(item, data_set, result.library)
    scoring = result.library.pack_of[data_set.template].scoring
    found = []
    for element in leaves(data_set):
        value = item.value(element.code, element.columns[0])
        number = value.number if value is not None else None
        count = proofs[element.number]
        own = _counted(element, number or Decimal(0), count)
        key = (result.period.code, item.unit.code, data_set.code, element.number)
        found.append(Judged(element, value, own, count, result.reviews.get(key), scoring))
    return tuple(found)


def _counted(element: DataElement, points: Decimal, proofs: int) -> Decimal:
    most = element.maximum if element.maximum is not None else points
    return max(Decimal(0), min(points, most)) if proofs else Decimal(0)


def _proofs(item: Contribution, data_set: DataSet, library: Library) -> Counter[str]:
    """Pieces of evidence of a return by the number of their criterion in a form."""
    counts: Counter[str] = Counter()
    content = item.record.content
    for part in content.data_sets if content is not None else ():
        for element in library.by_code[part.code].elements if part.code in library.by_code else ():
            if element.names == data_set.code:
                told = (row.get(element.code) for row in part.listed())
                counts.update(str(value.value) for value in told if value and value.value)
    return counts


def ranking(result: MergeResult, table: DataSetTable) -> tuple[Ranked, ...]:
    """The units that owe or sent an assessment, the best first; equal points share a rank.

    Nobody has a rank while a unit waits for its review: it would change.
    """
    lines = []
    for item in table.contributions:
        found = judged(result, table, item)
        late = result.library.pack_of[table.data_set.template].scoring.late
        if item.record.days_late and not late:
            lines.append(Ranked(item.unit, Placing.LATE, Decimal(0), Decimal(0), None, found))
            continue
        part = late if item.record.days_late else Decimal(1)
        counted = [each.counted for each in found if each.counted is not None]
        review = sum(counted, Decimal(0)) * part if len(counted) == len(found) else None
        standing = Placing.LATE if item.record.days_late else Placing.REVIEWED
        standing = Placing.WAITING if review is None else standing
        own = sum((each.own for each in found), Decimal(0)) * part
        lines.append(Ranked(item.unit, standing, own, review, None, found))
    present = {line.unit.code for line in lines}
    (complete,) = (
        part for part in result.completeness if part.template.code == table.data_set.template
    )
    absent = {unit.code: unit for unit in (*complete.missing, *complete.held)}
    lines += [
        Ranked(unit, Placing.ABSENT, Decimal(0), Decimal(0), None)
        for code, unit in absent.items()
        if code not in present
    ]
    lines.sort(key=_place)
    if any(line.review is None for line in lines):
        return tuple(lines)
    ranked: list[Ranked] = []
    for number, line in enumerate(lines, 1):
        same = bool(ranked) and ranked[-1].review == line.review
        ranked.append(replace(line, rank=ranked[-1].rank if same else number))
    return tuple(ranked)


def _place(line: Ranked) -> tuple[bool, bool, Decimal, str]:
    """Reviewed units, then those that wait, then those with 0; the best of each first."""
    gone = line.standing in (Placing.LATE, Placing.ABSENT) and not line.own
    points = line.own if line.review is None else line.review
    return gone, line.review is None, -points, line.unit.code


def proofs(
    records: Sequence[ReturnRecord], library: Library
) -> tuple[dict[int, Reason], list[Told]]:
    """Compare the files that a list of evidence names with those that came in the same archive.

    A return that came by itself is asked nothing: its evidence may follow.

    Returns:
        by place what files that are listed say so with; and a warning on a return for each file
        that is named and did not come, and for each that came and that none of its lists names.
    """
    told: dict[int, Reason] = {}
    found: list[Told] = []
    unread: dict[str, dict[str, int]] = {}
    for at, record in enumerate(records):
        if record.member and record.content is None:
            unread.setdefault(record.path, {})[_file(record.member)] = at
    for at, record in enumerate(records):
        if record.content is None or not record.member or not record.outcome.counted:
            continue
        came = unread.get(record.path, {})
        lists = tuple(_lists_of_files(record.content, library))
        for place, named in lists:
            for value in (named[name] for name in sorted(named.keys() - came.keys())):
                finding = _of_file("proof.file_absent", place, (value.cell,), value.raw)
                found.append((at, finding, None))
        listed = {name for _, named in lists for name in named}
        for name in sorted(came.keys() - listed) if lists else ():
            first, _ = lists[0]
            found.append((at, _of_file("proof.file_unlisted", first, (), name), None))
        reason = because("proof.listed", unit=record.unit.name if record.unit else "")
        told |= {came[name]: reason for name in listed & came.keys()}
    return told, found


def _lists_of_files(
    content: Return, library: Library
) -> Iterator[tuple[tuple[str, str, str], dict[str, DataValue]]]:
    """The lists of evidence of a return: data set, element and sheet; cells by name of the file."""
    for part in content.data_sets:
        data_set = library.by_code.get(part.code)
        elements = data_set.elements if data_set is not None else ()
        element = next((item for item in elements if item.role is Role.FILE), None)
        if element is not None:
            rows = [value for row in part.listed() if (value := row.get(element.code))]
            named = {_file(str(value.value)): value for value in rows if value.value}
            yield (part.code, element.code, part.sheet), named


def _of_file(
    rule: str, place: tuple[str, str, str], cells: tuple[CellRef, ...], file: str
) -> Finding:
    return Finding(rule, Severity.WARNING, because(rule, file=file), *place, cells, file)


def _file(name: str) -> str:
    """The name of a file without its folders, as systems that ignore case compare it."""
    return name.replace("\\", "/").rpartition("/")[2].casefold().strip()
