"""Short names of fields of work, as units write them in labels and in names of files."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def short_names() -> dict[str, str]:
    """Read the short names, each with its full name, in small letters."""
    import tomllib

    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    return {short: str(words) for short, words in tomllib.loads(text).items()}
