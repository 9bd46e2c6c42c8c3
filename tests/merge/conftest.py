"""What a merge knows of its round is what the register says of it, in every test of this folder."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from consolidate.actions import adjust_and_decide as decisions
from consolidate.merge.province_memory import Memory
from consolidate.model.runs import Run
from consolidate.province.workspace import Workspace
from consolidate.rollup.result import MergeResult


@pytest.fixture(autouse=True)
def _states_are_those_of_the_register(monkeypatch: pytest.MonkeyPatch) -> None:
    real = decisions.merged_state

    def asked(
        workspace: Workspace, memory: Memory, result: MergeResult, run: Run
    ) -> decisions.RoundState | None:
        known = real(workspace, memory, result, run)
        if known is not None:
            recorded = decisions.round_state(workspace, memory.register, run.number)
            assert _comparable(known) == _comparable(recorded)
        return known

    monkeypatch.setattr(decisions, "merged_state", asked)


def _comparable(state: decisions.RoundState) -> tuple[Any, ...]:
    """A state with what a reader is told of contradictions; the register keeps no cells of them."""
    told = [(item.name, item.row, item.open) for item in state.contradicted]
    lacks = [(item.unit.code, item.value) for item in state.undecided]
    return replace(state, contradicted=(), undecided=()), told, lacks
