"""Does the return agree with what the unit reported before? Asked once its past is known."""

from __future__ import annotations

from collections.abc import Iterator

from consolidate.checks.rule_checks import check_rules
from consolidate.model.data_values import DataValue, FigureKey, History, PastFigures
from consolidate.model.datasets import Library
from consolidate.model.reasons import Finding, Severity, because
from consolidate.model.returns import Return
from consolidate.model.text import format_number

SUBSTANCE = 6
"""Figures other than 0 from which two equal returns are more than a coincidence."""


def check_history(content: Return, history: History, library: Library) -> list[Finding]:
    """Findings of a return beside what counted for its unit before."""
    typed = content.as_typed()
    findings = check_rules(typed, library, history)
    past = history.previous
    if past is not None and past.comparable:
        findings += _drops(typed, past, library)
        findings += _unchanged(content, past)
    elif history.before_gap is not None and history.before_gap.comparable:
        findings += _drops(typed, history.before_gap, library)
    return findings


def figures_of(content: Return) -> Iterator[tuple[FigureKey, DataValue]]:
    """List figures of the fixed tables of a return that are reported numbers."""
    for part in content.data_sets:
        for value in part.values:
            if not value.key.row and value.number is not None:
                yield (value.key.data_set, value.key.element, value.key.column), value


def _drops(content: Return, past: PastFigures, library: Library) -> Iterator[Finding]:
    """Flows add up within a year: nine months are never less than six (domain: periods)."""
    period = content.period
    if period is None or not period.cumulative or past.period.year != period.year:
        return
    for key, value in figures_of(content):
        data_set = library.data_set(key[0])
        before = past.values.get(key)
        element = data_set.by_code[key[1]]
        if before is None or value.number is None or not data_set.accumulates(element, key[2]):
            continue
        if value.number < before:
            # The unit knows what it reported then, not what the province made of it.
            told = "cumulative_drop_adjusted" if key in past.adjusted else "cumulative_drop"
            yield Finding(
                rule="history.cumulative_drop",
                severity=Severity.ERROR,
                message=because(
                    f"history.{told}",
                    caption=data_set.caption(element, key[2]),
                    now=value.number,
                    then=before,
                    period=period,
                    past=past.period,
                ),
                data_set=key[0],
                element=key[1],
                sheet=value.cell.sheet,
                cells=(value.cell,),
                found=format_number(value.number),
                expected=f"≥ {format_number(before)}",
            )


def _unchanged(content: Return, past: PastFigures) -> Iterator[Finding]:
    """Every figure as it was: the file of the last period with a new date."""
    now = {key: value.number for key, value in figures_of(content)}
    substance = sum(1 for number in now.values() if number)
    if substance >= SUBSTANCE and now == dict(past.values):
        yield Finding(
            rule="history.unchanged",
            severity=Severity.WARNING,
            message=because("history.unchanged", count=len(now), past=past.period),
        )
