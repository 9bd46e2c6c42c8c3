"""What hypothesis draws: the same in every ordinary run, anything at all when asked.

A gate that draws anew each time fails on one day and passes on the next one. So each property has a
seed of its own, made from its source, and no store of earlier examples. To search for defects:

    python -m pytest --hypothesis-profile=free tests/intake

The draws change with the version of hypothesis, and with the property itself.
"""

from __future__ import annotations

from hypothesis import settings
from hypothesis.internal.conjecture import providers

ORDINARY, FREE = "ordinary", "free"

_of_loaded_modules = providers._get_local_constants


def _constants() -> providers.Constants:
    """No constants of loaded modules: which ones are loaded differs from worker to worker."""
    if settings.get_current_profile_name() == ORDINARY:
        return providers.Constants()
    return _of_loaded_modules()


def settle() -> None:
    """Make both profiles and load the ordinary one; hypothesis' own option may load the other."""
    # A machine that is busy is no defect: no property is asked how long it took.
    settings.register_profile(ORDINARY, derandomize=True, database=None, deadline=None)
    settings.register_profile(FREE, derandomize=False, deadline=None)
    settings.load_profile(ORDINARY)
    # Hypothesis has no setting for it; tests/test_harness.py tells when this no longer works.
    providers._get_local_constants = _constants
