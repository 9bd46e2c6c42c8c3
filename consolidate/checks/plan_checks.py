"""Does a task of a plan say one deadline, and in the place that is for it?"""

from __future__ import annotations

from collections.abc import Iterator

from consolidate.model.datasets import DataSet, Library, Role
from consolidate.model.planned_tasks import PlannedTask, is_plan, planned_task
from consolidate.model.reasons import Finding, Severity, because
from consolidate.model.returns import Return
from consolidate.model.text import format_day


def check_plans(content: Return, library: Library) -> list[Finding]:
    """A warning on a task that names different deadlines, or names its deadline in its text only.

    Days without a year are those of the period of the return; without one nothing is asked.
    """
    if content.period is None:
        return []
    found: list[Finding] = []
    for part in content.data_sets:
        data_set = library.data_set(part.code)
        if is_plan(data_set):
            for row in part.listed():
                task = planned_task(row, data_set, content.period.year)
                found += _findings(task, data_set)
    return found


def _findings(task: PlannedTask, data_set: DataSet) -> Iterator[Finding]:
    sources = [
        (set(days), value.cell)
        for days, value in (
            (task.within, task.cells.get(Role.TASK)),
            (task.said, task.cells.get(Role.TIME)),
            (task.typed, next((v for v in task.due if v.value is not None), None)),
        )
        if days and value is not None
    ]
    # One place may name fewer of the days than another; both must not name days of their own.
    different = [
        (days, cell)
        for days, cell in sources
        if any(days - others and others - days for others, _ in sources)
    ]
    if not different and (task.deadlines or not sources):
        return
    key = "plan.two_deadlines" if different else "plan.only_in_text"
    shown = different or sources
    told = tuple(dict.fromkeys(", ".join(map(format_day, sorted(days))) for days, _ in shown))
    cells = tuple(sorted({cell for _, cell in shown}))
    time = next(element for element in data_set.elements if element.role is Role.TIME)
    yield Finding(
        rule=key,
        severity=Severity.WARNING,
        message=because(key, days=told),
        data_set=data_set.code,
        element=time.code,
        sheet=cells[0].sheet,
        cells=cells,
        found=task.raw(Role.TIME),
    )
