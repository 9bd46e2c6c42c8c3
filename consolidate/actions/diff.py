"""Compare two recorded runs of a round: what changed from the first to the second."""

from __future__ import annotations

from typing import Any

from consolidate.definitions.catalogue import sentence
from consolidate.model.datasets import Library
from consolidate.model.reasons import UserError, because
from consolidate.model.runs import Run, RunOutcome
from consolidate.model.text import json_number
from consolidate.register.register import Register
from consolidate.reports.run_diff_words import caption_of
from consolidate.rollup.run_differences import RunDiff, RunFacts, run_diff

DOCUMENT = "consolidate/run-diff/1"
"""Schema of the JSON."""


def compare_runs(register: Register, before: int, after: int) -> tuple[Run, Run, RunDiff]:
    """Compare two runs by their numbers: what changed from the first to the second.

    Raises:
        UserError: there is no such run, or the two are of different rounds.
    """
    old, new = _facts(register, before), _facts(register, after)
    first, second = old.run.head.period, new.run.head.period
    if not first.same_round(second):
        values = {"before": before, "after": after, "first": first, "second": second}
        raise UserError((because("diff.other_round", **values),), wrong_call=True)
    return old.run, new.run, run_diff(old, new)


def _facts(register: Register, number: int) -> RunFacts:
    found = register.run(number), register.outcomes(number), register.totals(number)
    return RunFacts(*found, register.baselines(number))


def diff_document(forms: Library, old: Run, new: Run, changes: RunDiff) -> dict[str, Any]:
    """Build what :func:`compare_runs` found as JSON."""
    return {
        "schema": DOCUMENT,
        "period": new.head.period.code,
        "before": old.number,
        "after": new.number,
        "same": changes.nothing,
        "inputs": list(changes.inputs),
        "bases": [period.code for period in changes.bases],
        "elsewhere": changes.elsewhere,
        "files": [
            {
                "change": item.kind.value,
                "before": _file_document(item.before),
                "after": _file_document(item.after),
            }
            for item in changes.files
        ],
        "figures": [
            {
                "data_set": item.key[0],
                "element": item.key[1],
                "column": item.key[2],
                "level": item.key[3] or None,
                "caption": caption_of(forms, item, new.head.period),
                "before": json_number(item.before),
                "after": json_number(item.after),
                "difference": json_number(item.difference),
                "units_before": item.units_before,
                "units_after": item.units_after,
            }
            for item in changes.figures
        ],
    }


def _file_document(file: RunOutcome | None) -> dict[str, Any] | None:
    if file is None:
        return None
    return {
        "file": file.path,
        "member": file.member or None,
        "sha256": file.sha256,
        "unit": file.unit or None,
        "outcome": file.outcome.value,
        "reason": sentence(file.reason),
    }
