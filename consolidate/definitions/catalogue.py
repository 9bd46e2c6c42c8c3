"""The catalogue: every text that a person reads, in Vietnamese, in ``messages/*.toml``.

A key is ``<file>.<name>``: ``summary.title`` is ``title`` in ``messages/summary.toml``. A file is
read when its first text is asked for, so that a command loads only what it says.
"""

from __future__ import annotations

import marshal
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from consolidate.definitions import beside_code
from consolidate.model.period import Period
from consolidate.model.reasons import CAPITAL, JOINED, Reason
from consolidate.model.text import format_day, format_number, visible_lines

_MESSAGES = Path(__file__).parent / "messages"


def text(key: str, /, **values: object) -> str:
    """The text of a key with its ``{placeholders}`` filled; as it stands when none are given.

    What fills them may come from a unit: nothing hidden in it stays hidden.

    Raises:
        KeyError: there is no such text, or a placeholder was not given.
    """
    section, _, name = key.partition(".")
    template = texts(section)[name]
    return visible_lines(template.format(**values)) if values else template


def sentence(value: object) -> str:
    """Show a reason as its Vietnamese sentence, any other value as people write it.

    Numbers are shown in Vietnamese notation, days as ``dd/mm/yyyy``, periods by their label, a
    tuple as a list with semicolons, ``None`` as ``""``.

    Raises:
        KeyError: there is no such text, or a blank has no value.
    """
    if isinstance(value, Reason):
        given = dict(value.values)
        if value.key == JOINED:
            between, parts = given["separator"], given["parts"]
            assert isinstance(between, str)
            assert isinstance(parts, tuple)
            return (text(between) if between else " ").join(map(sentence, parts))
        if value.key == CAPITAL:
            said = sentence(given["part"])
            return said[:1].upper() + said[1:]
        return text(value.key, **{blank: sentence(part) for blank, part in value.values})
    if isinstance(value, tuple):
        return "; ".join(map(sentence, value))
    if isinstance(value, Period):
        return value.label
    if isinstance(value, Decimal):
        return format_number(value)
    if isinstance(value, date):
        return format_day(value)
    return "" if value is None else visible_lines(str(value))


@cache
def texts(section: str) -> dict[str, str]:
    """All texts of one file of the catalogue, nested tables joined by dots.

    Raises:
        KeyError: there is no such file.
    """
    source = _MESSAGES / f"{section}.toml"
    if not source.is_file():
        raise KeyError(section)
    made_of = ("definitions/catalogue.py", f"definitions/messages/{section}.toml")
    stand = repr(list(beside_code.state(*made_of))).encode()
    known = beside_code.kept(f"messages.{section}", stand)
    if known is not None:
        flat: dict[str, str] = marshal.loads(known)
        return flat
    import tomllib  # Few texts are parsed that were not parsed before.

    flat = {}
    _flatten("", tomllib.loads(source.read_text(encoding="utf-8")), flat)
    beside_code.keep(f"messages.{section}", stand, marshal.dumps(flat))
    return flat


def _flatten(prefix: str, table: dict[str, object], into: dict[str, str]) -> None:
    for key, value in table.items():
        if isinstance(value, dict):
            _flatten(f"{prefix}{key}.", value, into)
        else:
            into[f"{prefix}{key}"] = str(value)
