"""Workbooks of one shape are built once for all tests that issue, not once for each order.

An order of issuing builds the first two workbooks of a shape whole and fills the others, and tests
issue to few units each. What is filled is the workbook that would be built, byte for byte: that is
asked in ``tests/templates/test_template_cache.py``, which has caches of its own.
"""

from __future__ import annotations

from functools import lru_cache
from unittest import mock

from consolidate.templates.issued import TemplateCache

FORMS = 64
"""Sets of forms whose workbooks are kept: rounds, kinds of unit, forms of a test's own."""


def settle() -> None:
    """Give every order of issuing the cache that the orders of the same forms before it filled."""
    mock.patch("consolidate.actions.issue.TemplateCache", lru_cache(FORMS)(TemplateCache)).start()
