"""Apply adjustments and waivers: the figure used instead, the finding that is let off.

An adjustment gives the figure that is used instead, with what the unit sent beside it; a waiver
turns a finding of a return into a note.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from consolidate.intake.answers import read_typed
from consolidate.model.corrections import ADJUSTED, Adjustment, Waiver
from consolidate.model.data_values import DataValue, ValueKey, ValueStatus
from consolidate.model.datasets import Library, Shape
from consolidate.model.reasons import Finding, Severity, because
from consolidate.model.returns import Return, full_name
from consolidate.model.runs import Run
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.rollup.figure_trace import CountedFile
from consolidate.rules.computing import computed_values

if TYPE_CHECKING:
    from consolidate.register.register import Register


def waived(finding: Finding, waiver: Waiver) -> Finding:
    """Turn a finding into a note that names the document of its waiver."""
    document = waiver.document or "–"
    said = {"message": finding.message, "id": waiver.id, "document": document}
    if waiver.period is None:
        message = because("memory.waived", **said)
    else:
        message = because("memory.waived_period", period=waiver.period, **said)
    return replace(finding, severity=Severity.INFO, message=message)


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Values after adjustments; ``lost`` are those that have no place here or cannot be read.

    ``applied`` are adjustments with the value that each of them gave. ``instead`` has every figure
    that is another one now, with what is used for it: a numerator that went with its answer is
    missing.
    """

    values: tuple[DataValue, ...]
    applied: tuple[tuple[Adjustment, DataValue], ...] = ()
    lost: tuple[Adjustment, ...] = ()
    instead: Mapping[ValueKey, tuple[Adjustment, DataValue]] = field(default_factory=dict)


def adjusted_values(
    values: tuple[DataValue, ...], adjustments: Sequence[Adjustment], library: Library
) -> Adjusted:
    """Replace adjusted figures; ``raw`` and ``cell`` stay those of the unit.

    The text of an adjustment is read as one that the unit could have typed: ``26/26`` gives the
    percent, the numerator and the denominator. A blank takes the figure out. A computed cell that
    said what its parts gave says what they give now.
    """
    applied: list[tuple[Adjustment, DataValue]] = []
    lost: list[Adjustment] = []
    instead: dict[ValueKey, tuple[Adjustment, DataValue]] = {}
    before = values
    for adjustment in adjustments:
        changed = _replaced(values, adjustment, library)
        if changed is None:
            lost.append(adjustment)
            continue
        values, gone, made = changed
        applied.append((adjustment, made[0]))
        instead |= {value.key: (adjustment, _missing(value)) for value in gone}
        instead |= {value.key: (adjustment, value) for value in made}
    if applied:
        follow = computed_values(values, library, before)
        by_form = {adjustment.key.data_set: adjustment for adjustment, _ in applied}
        follow = {
            key: value
            for key, value in follow.items()
            if key.data_set in by_form and key not in instead
        }
        values = tuple(follow.get(value.key, value) for value in values)
        instead |= {key: (by_form[key.data_set], value) for key, value in follow.items()}
    return Adjusted(values, tuple(applied), tuple(lost), instead)


def adjusted_return(
    content: Return, adjustments: Sequence[Adjustment], library: Library
) -> tuple[Return, Adjusted]:
    """Make a return with its adjusted figures."""
    done = adjusted_values(tuple(content.values()), adjustments, library)
    by_set: dict[str, list[DataValue]] = {part.code: [] for part in content.data_sets}
    for value in done.values:
        by_set[value.key.data_set].append(value)
    parts = tuple(replace(part, values=tuple(by_set[part.code])) for part in content.data_sets)
    return replace(content, data_sets=parts), done


def counted_files(
    forms: Library, register: Register, run: Run, roster: Roster
) -> list[CountedFile]:
    """List the returns in the totals of a run, in its order, as sent and as adjusted."""
    units = {unit.code: unit for unit in roster.units}
    library = forms.at(run.head.period)
    in_force = register.corrections().in_force(run.head.as_of).figures
    found = []
    for item in register.counted(run.number):
        content = item.content
        own = [
            adjustment
            for adjustment in in_force
            if (adjustment.unit, adjustment.period) == (content.unit, content.period)
        ]
        unit = units.get(content.unit) or OrganisationUnit(content.unit, "", Level.UNKNOWN)
        instead = adjusted_values(content.values, own, library).instead
        summed = content.template not in library.pack_of or library.summed(content.template, unit)
        name = full_name(item.path, item.member)
        found.append(CountedFile(unit, name, content.values, instead, summed))
    return found


def _replaced(
    values: tuple[DataValue, ...], adjustment: Adjustment, library: Library
) -> tuple[tuple[DataValue, ...], list[DataValue], tuple[DataValue, ...]] | None:
    """All values as adjusted, those that are gone, and those in their place."""
    key, form = adjustment.key, library.by_code.get(adjustment.key.data_set)
    if form is not None and form.shape is not Shape.OPEN and not key.column and form.single:
        key = key._replace(column=form.columns[0].code)  # The only one need not be named.
    at = next((index for index, value in enumerate(values) if value.key == key), None)
    if at is None:
        return None
    old = values[at]
    try:
        read = read_typed(library.by_code[key.data_set], key, adjustment.value)
    except KeyError:
        return None
    if any(value.status is ValueStatus.INVALID for value in read):
        return None
    made = tuple(
        replace(
            value, raw=old.raw, cell=old.cell, normalisation=(ADJUSTED,), problem="", readings=()
        )
        for value in read
    )
    # The numerator and denominator of the answer that is replaced go with it.
    group = [
        index
        for index, value in enumerate(values)
        if (value.cell, value.key.element, value.key.row) == (old.cell, key.element, key.row)
    ]
    kept = [value for index, value in enumerate(values) if index not in group]
    place = group[0]
    gone = [values[index] for index in group]
    return (*kept[:place], *made, *kept[place:]), gone, made


def _missing(value: DataValue) -> DataValue:
    status = ValueStatus.MISSING
    return replace(
        value, value=None, status=status, normalisation=(ADJUSTED,), problem="", readings=()
    )
