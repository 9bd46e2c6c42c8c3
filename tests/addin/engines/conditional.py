"""Conditional compilation of VBA, decided before LibreOffice, which takes little of it, sees it."""

from __future__ import annotations

import re
from collections.abc import Mapping

_DIRECTIVE = re.compile(
    r"\s*#(If|ElseIf|Else|End If|Const)\b\s*(.*?)(?:\s+Then)?\s*(?:'.*)?$", re.IGNORECASE
)


def resolved(source: str, constants: Mapping[str, bool]) -> str:
    """The lines that a platform compiles; names that are not given are false."""
    kept: list[str] = []
    stack: list[list[bool]] = []
    for line in source.split("\n"):
        match = _DIRECTIVE.match(line)
        if match is None:
            if all(active for _, active in stack):
                kept.append(line)
            continue
        word = match.group(1).casefold()
        if word == "if":
            value = _true(match.group(2), constants)
            stack.append([value, value])
        elif word == "elseif":
            value = not stack[-1][0] and _true(match.group(2), constants)
            stack[-1] = [stack[-1][0] or value, value]
        elif word == "else":
            stack[-1] = [True, not stack[-1][0]]
        elif word == "end if":
            stack.pop()
    assert not stack
    return "\n".join(kept)


def _true(condition: str, constants: Mapping[str, bool]) -> bool:
    """A condition of the forms that xlwings uses."""
    application = re.fullmatch(r'App = "(.*)"', condition)
    if application:
        return application.group(1) == "Microsoft Excel"
    negated = condition.startswith("Not ")
    return constants.get(condition.removeprefix("Not "), False) is not negated
