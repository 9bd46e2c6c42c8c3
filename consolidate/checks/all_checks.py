"""All checks that need nothing but the return, in their stated order, all findings at once."""

from __future__ import annotations

from collections.abc import Callable

from consolidate.checks.rule_checks import check_rules
from consolidate.checks.sheet_checks import check_structure, check_windows
from consolidate.checks.text_checks import check_narratives, check_notes, check_plans
from consolidate.checks.value_checks import check_lists, check_values
from consolidate.model.data_values import ValueStatus
from consolidate.model.datasets import Library
from consolidate.model.reasons import Finding, Severity, because, sorted_findings
from consolidate.model.returns import Return

Check = Callable[[Return, Library], list[Finding]]

CHECKS: tuple[Check, ...] = (
    check_structure,
    check_values,
    check_windows,
    check_lists,
    check_notes,
    check_narratives,
    check_plans,
    check_rules,
)
"""The checks of a single return, in the order in which they are asked."""


def check_return(
    content: Return, library: Library, checks: tuple[Check, ...] = CHECKS
) -> tuple[Finding, ...]:
    """Ask every check; one that crashes becomes a finding on this file and the others go on.

    A number that is held out of the totals is one like any other here: what a unit is told is what
    the sheet of its form shows.
    """
    held = ValueStatus.HELD
    if any(value.status is held for part in content.data_sets for value in part.values):
        content = content.as_typed()
    findings: list[Finding] = []
    for check in checks:
        try:
            findings += check(content, library)
        except Exception as error:
            said = {"check": check.__name__, "error": type(error).__name__}
            message = because("checks.crashed", **said)
            findings.append(Finding("internal.check_crashed", Severity.ERROR, message))
    return sorted_findings(findings)
