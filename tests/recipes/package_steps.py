"""What programs do to the parts of a saved workbook: steps on its bytes, after all others."""

from __future__ import annotations

import re
from collections.abc import Callable

_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def add_part(parts: dict[str, bytes], part: str, content: str = "") -> None:
    """Add a part that nothing points at, or replace one."""
    parts[part] = content.encode()


def relate(
    parts: dict[str, bytes], part: str, kind: str, target: str, external: bool = False
) -> None:
    """Let a part (``xl/worksheets/sheet2.xml``) point at another, or outside the package."""
    folder, _, name = part.rpartition("/")
    mode = ' TargetMode="External"' if external else ""
    line = f'<Relationship Id="x{len(parts)}" Type="{_TYPES}/{kind}" Target="{target}"{mode}/>'
    relations = f"{folder}/_rels/{name}.rels"
    head, end = "<Relationships>", "</Relationships>"
    before = parts.get(relations, (head + end).encode()).decode()
    parts[relations] = before.replace(end, line + end).encode()


def change_part(parts: dict[str, bytes], part: str, old: str, new: str) -> None:
    """Replace some text of a part, which must be there."""
    text = parts[part].decode()
    assert old in text, (part, old)
    parts[part] = text.replace(old, new).encode()


def repeat(parts: dict[str, bytes], part: str, pattern: str, to: str) -> None:
    """Put what a pattern finds once in a part there again, in this way."""
    text, count = re.subn(pattern, to, parts[part].decode(), flags=re.DOTALL)
    assert count == 1, (part, pattern, count)
    parts[part] = text.encode()


PACKAGE_STEPS: dict[str, Callable[..., None]] = {
    step.__name__: step for step in (add_part, relate, change_part, repeat)
}
