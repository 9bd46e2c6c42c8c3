"""Make a template as it is issued to one unit: prefilled, stamped, sealed; always the same."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256

from consolidate.definitions.catalogue import text
from consolidate.identity.seals import seal
from consolidate.model.anchors import definition_digest
from consolidate.model.datasets import Library, Shape
from consolidate.model.deadlines import Deadline
from consolidate.model.period import DataWindow, Period
from consolidate.model.text import format_day
from consolidate.model.units import OrganisationUnit
from consolidate.templates.check_sheet.live import Value, quarter_line
from consolidate.templates.prefill import Earlier, Prefill
from consolidate.templates.template_build import build_template, stamp_values
from consolidate.templates.template_cache import TemplateCache

_SERIAL_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Issue:
    """One workbook to issue: whom to, which template, its own period, what the calendar says.

    ``previous`` and ``last_year`` are answers of the period before and of the same period last
    year, by defined name; empty: nothing is shown beside the form. ``windows`` are those of the
    tables of a quarter, by data set: the cover has that of the cumulative ones. ``rows`` stand in
    lists already, by data set.
    """

    unit: OrganisationUnit
    template: str
    period: Period
    deadline: Deadline | None = None
    previous: tuple[Period, Mapping[str, Value]] | None = None
    last_year: tuple[Period, Mapping[str, Value]] | None = None
    windows: Mapping[str, DataWindow] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Mapping[str, Value]]] = field(default_factory=dict)


def issued_template(
    library: Library, issue: Issue, key: bytes, cache: TemplateCache | None = None
) -> bytes:
    """Make the workbook of an issue, sealed with the key of the workspace.

    The same issue and key give the same bytes, with or without ``cache``, which make many of them
    sooner.

    Raises:
        KeyError: there is no such template.
        ValueError: earlier answers name what the template does not have; the key is empty.
    """
    filled = issued_prefill(library, issue)
    stamp = stamp_values(library, issue.template, filled)
    sealed = replace(filled, seal=seal(key, stamp))
    if cache is not None:
        return cache.workbook(issue.template, sealed)
    return build_template(library, issue.template, sealed)


def issued_prefill(library: Library, issue: Issue) -> Prefill:
    """Collect what an issued template is filled with, serial included, not yet sealed."""
    cover, unit, period = library.cover, issue.unit, issue.period
    values: dict[str, Value] = {
        "unit_name": unit.name,
        "unit_code": unit.code,
        "period_type": period.type.label,
        "period_year": period.year,
        "revision": 1,
    }
    if unit.level.label in cover.by_code["level"].choices:
        values["level"] = unit.level.label
    window = issue.deadline.window if issue.deadline is not None else None
    if window is not None:
        values |= {"window_from": window.start, "window_to": window.end}
    filled = Prefill(
        values={cover.name_of(element): value for element, value in values.items()},
        rows=issue.rows,
        unit=unit.code,
        period=period.code,
        notice=_notice(issue.deadline),
        previous=_earlier("previous", issue.previous),
        same_period_last_year=_earlier("last_year", issue.last_year),
        windows={
            data_set.code: quarter_line(issue.windows.get(data_set.code))
            for data_set in library.sets_of(issue.template)
            if data_set.quarter and data_set.layout.window
        },
        not_applicable=frozenset(
            data_set.name_of(item.element.code, item.column)
            for data_set in library.sets_of(issue.template)
            if data_set.shape is Shape.FIXED
            for item in data_set.inputs
            if item.element.applies_to and unit.kind.value not in item.element.applies_to
        ),
    )
    return replace(filled, serial=_serial(library, issue.template, filled))


def _notice(deadline: Deadline | None) -> str:
    """What the cover says of the due date; nothing that the calendar does not say."""
    if deadline is None:
        return ""
    parts = []
    if deadline.due is not None:
        parts.append(text("issue.cover.due", day=format_day(deadline.due)))
    if deadline.final is not None:
        parts.append(text("issue.cover.final", day=format_day(deadline.final)))
    if parts and deadline.letter:
        parts.append(text("issue.cover.letter", letter=deadline.letter))
    return " ".join(parts)


def _earlier(kind: str, given: tuple[Period, Mapping[str, Value]] | None) -> Earlier | None:
    if given is None or not given[1]:
        return None
    return Earlier(text(f"issue.earlier.{kind}", period=given[0].label), given[1])


def _serial(library: Library, template: str, filled: Prefill) -> str:
    """A number that follows from everything in the issue: another content, another number."""
    content = {
        "definition": definition_digest(library, template),
        "prefill": dataclasses.asdict(filled),
    }
    canonical = json.dumps(content, ensure_ascii=True, sort_keys=True, default=_plain)
    return sha256(canonical.encode("ascii")).hexdigest()[:_SERIAL_LENGTH].upper()


def _plain(value: object) -> str | list[str]:
    # The text of a set differs from run to run.
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, date) else str(value)
