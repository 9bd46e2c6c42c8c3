"""What changed: in an inbox since the newest merge on record, and from one run to another."""

from __future__ import annotations

from dataclasses import dataclass

from consolidate.merge.opening import opened_register
from consolidate.model.reasons import Reason, UserError, because
from consolidate.model.returns import ReturnRecord
from consolidate.model.runs import Run, RunOutcome
from consolidate.model.text import file_key
from consolidate.province.workspace import Workspace
from consolidate.register.register import Register
from consolidate.rollup.result import MergeResult
from consolidate.rollup.run_differences import RunDiff, RunFacts, run_diff

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Since:
    """Files added, removed or changed since the newest merge on record, ``run``; sorted names.

    What goes back is of the inbox as it is, so the summary of that merge does not show all of it.
    """

    run: int
    files: tuple[str, ...]

    def note(self) -> Reason:
        """Explain it to a person."""
        shown = ", ".join(self.files[:_SHOWN])
        if len(self.files) > _SHOWN:
            shown = f"{shown}, …"
        return because("cli.return.since", run=self.run, count=len(self.files), files=shown)


def since_last_merge(workspace: Workspace, result: MergeResult) -> Since | None:
    """Compare the files of a trial with those of the newest merge on record; ``None``: the same."""
    with opened_register(workspace, trial=True) as register:
        run = register.last_run(result.period)
        if run is None:
            return None
        merged = {(item.path, item.member): item for item in register.outcomes(run.number)}
    now = {(record.path, record.member): record for record in result.records}
    names = {
        (now.get(place) or merged[place]).name
        for place in merged.keys() | now.keys()
        if _digest(merged.get(place)) != _digest(now.get(place))
    }
    return Since(run.number, tuple(sorted(names, key=file_key))) if names else None


def _digest(file: RunOutcome | ReturnRecord | None) -> str | None:
    return file.sha256 if file is not None else None


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
