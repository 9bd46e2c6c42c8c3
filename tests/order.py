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
    "cli/test_killed.py",
    "register/test_killed.py",
    "merge/test_year.py",
    "test_example_year.py",
    "xlsx/patch/test_every_recipe.py",
    "office/test_check_sheet.py",
    "addin/test_workspace_buttons.py",
    "addin/test_examples.py",
    "addin/test_hostile_office.py",
    "merge/test_merging.py",
    "recipes/test_inboxes.py",
    "cli/test_return.py",
    "merge/test_generated_provinces.py",
    "cli/test_at_once.py",
    "cli/test_exclusive_lock.py",
    "templates/test_template_cache.py",
    "merge/test_comparing.py",
    "office/test_round_trip.py",
    "addin/test_grammar.py",
    "addin/test_handlers.py",
    "merge/test_rounds_2026.py",
    "recipes/test_recipes.py",
    "merge/test_one_round.py",
    "merge/test_sealed_rounds.py",
    "office/test_other_reader.py",
    "office/test_rule_parity.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first and leave all others in their order."""
    places = {ROOT / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))
