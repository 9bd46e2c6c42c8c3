"""The catalogue: every text that a person reads, in Vietnamese, in ``messages/*.toml``.

A key is ``<file>.<name>``: ``summary.title`` is ``title`` in ``messages/summary.toml``. A file is
read when its first text is asked for, so that a command loads only what it says.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from importlib import resources

Text = Callable[..., str]
"""A catalogue as rooms without I/O take it: ``text(key, **values)``."""


def text(key: str, /, **values: object) -> str:
    """The text of a key with its ``{placeholders}`` filled; as it stands when none are given.

    Raises:
        KeyError: there is no such text, or a placeholder was not given.
    """
    section, _, name = key.partition(".")
    template = texts(section)[name]
    return template.format(**values) if values else template


@cache
def texts(section: str) -> dict[str, str]:
    """All texts of one file of the catalogue, nested tables joined by dots.

    Raises:
        KeyError: there is no such file.
    """
    source = resources.files("consolidate.definitions") / "messages" / f"{section}.toml"
    if not source.is_file():
        raise KeyError(section)
    flat: dict[str, str] = {}
    _flatten("", tomllib.loads(source.read_text(encoding="utf-8")), flat)
    return flat


def _flatten(prefix: str, table: dict[str, object], into: dict[str, str]) -> None:
    for key, value in table.items():
        if isinstance(value, dict):
            _flatten(f"{prefix}{key}.", value, into)
        else:
            into[f"{prefix}{key}"] = str(value)
