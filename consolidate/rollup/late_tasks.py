"""Tasks of the plans of all units beside one day: overdue, due soon, without a day to go by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from consolidate.model.datasets import DataSet
from consolidate.model.planned_tasks import PlannedTask, is_plan, planned_task
from consolidate.rollup.result import MergeResult
from consolidate.rollup.totals import Contribution

SOON = 15
"""Days before a deadline from which a task is due soon (plan of Quảng Ngãi, seed 004)."""


class TaskState(StrEnum):
    """Where a task is on a day, in the order of its weight; ``OPEN`` is due later.

    ``UNDATED``: its time means no day, such as ``Thường xuyên``.
    """

    OVERDUE = "overdue"
    SOON = "soon"
    OPEN = "open"
    UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class Followed:
    """A deadline of a task that is not done, or a task without one.

    ``left`` are the days until it, below zero once it has passed; ``None`` where there is no day to
    count from or to.
    """

    state: TaskState
    item: Contribution
    data_set: DataSet
    task: PlannedTask
    deadline: date | None = None
    left: int | None = None


def followed(result: MergeResult) -> tuple[Followed, ...]:
    """Tasks that are not done: overdue ones by how long, those due soon, later, without a day.

    A task with two deadlines stands for each of them. Without a day of the merge no deadline has
    passed: all of them are open.
    """
    found: list[Followed] = []
    for table in result.tables:
        data_set = table.data_set
        if not is_plan(data_set):
            continue
        tasks = (
            (item, planned_task(row, data_set, table.period.year))
            for item in table.contributions
            for row in item.rows()
        )
        for item, task in tasks:
            if task.done:
                continue
            if not task.deadlines:
                found.append(Followed(TaskState.UNDATED, item, data_set, task))
            for deadline in task.deadlines:
                left = (deadline - result.day).days if result.day is not None else None
                found.append(Followed(_state(left), item, data_set, task, deadline, left))
    order = list(TaskState)
    found.sort(key=lambda line: (order.index(line.state), line.deadline or date.min))
    return tuple(found)


def _state(left: int | None) -> TaskState:
    if left is None or left > SOON:
        return TaskState.OPEN
    return TaskState.OVERDUE if left < 0 else TaskState.SOON


def has_plan(result: MergeResult) -> bool:
    """Whether anybody returned a plan."""
    return any(is_plan(table.data_set) and table.contributions for table in result.tables)
