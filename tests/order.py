"""Files of tests that take longest come first, so that no core is left alone with one at the end.

A plugin that ``python -m tests`` loads (``-p tests.order``); xdist takes files in this order when
it does not reorder them by the number of their tests.
"""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parent
LONGEST = (
    "office/test_agreement.py",
    "addin/test_agreement.py",
    "test_example_year.py",
    "cli/test_killed.py",
    "addin/test_examples.py",
    "cli/test_at_once.py",
    "addin/test_workspace_buttons.py",
    "xlsx/patch/test_every_recipe.py",
    "merge/test_year.py",
    "addin/test_handlers.py",
    "recipes/test_recipes.py",
    "recipes/test_inboxes.py",
    "addin/test_grammar.py",
    "office/test_check_sheet.py",
    "addin/test_returning.py",
    "templates/test_template_cache.py",
    "cli/test_return.py",
    "merge/test_merging.py",
    "merge/test_sealed_rounds.py",
    "merge/test_comparing.py",
    "merge/test_rounds_2026.py",
    "addin/test_correcting.py",
    "merge/test_generated_provinces.py",
    "merge/test_one_round.py",
    "office/test_failing_formulas.py",
    "reports/test_comparison_sheets.py",
    "register/test_runs.py",
    "register/test_soundness.py",
    "addin/test_tracing_workspace.py",
    "addin/test_tracing.py",
    "cli/test_exclusive_lock.py",
    "register/test_killed.py",
    "cli/test_cli.py",
    "xlsx/test_gate.py",
    "office/test_rule_parity.py",
    "office/test_round_trip.py",
    "addin/test_deciding.py",
    "reports/test_summary_sheets.py",
    "reports/test_report.py",
    "office/test_other_reader.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first and leave all others in their order."""
    places = {ROOT / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))
