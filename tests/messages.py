"""Messages replaced by their keys, so that a test that reads a sentence fails.

``CONSOLIDATE_MESSAGES=keys pytest tests/checks …`` proves that nothing the tests ask about depends
on how a message is worded. Tests of the wording itself pass over their comparison then.
"""

from __future__ import annotations

import os

from consolidate.definitions import catalogue
from consolidate.definitions.catalogue import sentence
from consolidate.model.reasons import Reason, because

KEYS = os.environ.get("CONSOLIDATE_MESSAGES") == "keys"
"""Whether this run shows keys instead of sentences."""
_FORMS = ("template", "terms")
"""Sections that stay: words of our own forms, which intake looks for."""


def show_keys() -> None:
    """Let every message say its key and nothing else."""
    sentences = catalogue.texts

    def keys(section: str) -> dict[str, str]:
        found = sentences(section)
        return found if section in _FORMS else {name: f"{section}.{name}" for name in found}

    catalogue.texts = keys  # type: ignore[assignment]


def says(told: str | Reason, fragment: str) -> bool:
    """Whether a message holds a fragment; always where only keys are shown."""
    return KEYS or fragment in sentence(told)


def own_words(said: str) -> Reason:
    """A message that says what a test wants it to say."""
    return because("rules.in_own_words", message=said)
