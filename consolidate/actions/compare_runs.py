"""Compare two runs of a round on record."""

from __future__ import annotations

from consolidate.model.errors import UserError
from consolidate.model.reasons import because
from consolidate.model.runs import Run
from consolidate.register.register import Register
from consolidate.rollup.run_differences import RunDiff, RunFacts, run_diff


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
    run, outcomes, totals = (
        register.run(number),
        register.outcomes(number),
        register.totals(number),
    )
    return RunFacts(run, outcomes, totals, register.baselines(number))
