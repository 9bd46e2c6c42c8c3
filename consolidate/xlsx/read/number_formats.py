"""Show a number as a number format of a workbook shows it ([ECMA-376] 18.8.31).

Only what changes which number a person reads is worked out; formats of days, fractions and powers
are left to others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from consolidate.model.data_values import rounded

_PART = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.|\[\$(?P<currency>[^\]-]*)[^\]]*\]'
    r"|\[(?P<bracket>[^\]]*)\]|(?P<general>General)|(?P<mark>[0#?.,%@])|(?P<plain>.)",
    re.DOTALL | re.IGNORECASE,
)
_SECTION = re.compile(r'(?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[]|["\\\[])*')
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9]+(?:\.[0-9]+)?)")
_NOT_NUMBERS = frozenset("dmyhsbeg/")
"""Letters, outside of quotes, of formats that show days, powers or fractions."""
_PROBES = tuple(map(Decimal, (1, 12, -5, 1_234_567)))
_BESIDE = tuple("0123456789.,/")
"""Letters that make another number of the digits that they stand beside."""
_WORDS = re.compile(r"[^\s()+-]")
"""What a format adds to a number that is more than space or a sign."""
_WHITE = frozenset({"white", "color2", "color 2"})
"""Colours of a format that nobody sees on paper."""
_MOST = 200
"""Characters of a format that is looked at; Excel allows 255."""


@dataclass(frozen=True, slots=True)
class ShownCell:
    """What a cell shows: its text, and the number in it, ``None`` if the text says none.

    ``percent`` says that the number is one of a hundred; ``places`` are the decimals that the
    format leaves room for. ``words`` says that the format adds letters, signs or figures of its
    own, so that the text may be read as another number (``12 nghìn``, ``<12``).
    """

    text: str
    number: Decimal | None = None
    percent: bool = False
    places: int = 0
    words: bool = False


@lru_cache(maxsize=512)
def shows_whole_numbers(code: str) -> bool:
    """Whether every whole number, and every text, is shown as it is; a zero may be left out."""
    parts = _sections(code)
    if any(_CONDITION.match(m["bracket"] or "") for m in _PART.finditer(code)):
        return False
    if len(parts) > 3 and "@" not in parts[3]:
        return False
    for number in _PROBES:
        shown = shown_as(code, number)
        if shown is not None and (shown.percent or shown.words or shown.number != number):
            return False
    return True


def shown_as(code: str, number: Decimal) -> ShownCell | None:
    """Tell what a format shows of a number; ``None`` where that is not worked out."""
    if len(code) > _MOST:
        return None
    parts = _sections(code)
    section, signed = _of_number(parts, number)
    return _shown(section, abs(number), minus=signed and number < 0)


def hides_text(code: str) -> bool:
    """Whether a format shows nothing of a text: its fourth section is there and has no ``@``."""
    parts = _sections(code)
    return len(parts) > 3 and "@" not in parts[3] and "general" not in parts[3].casefold()


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[str, ...]:
    found, at = [], 0
    while True:
        match = _SECTION.match(code, at)
        found.append(match.group() if match is not None else "")
        at = match.end() if match is not None else len(code)
        if at >= len(code):
            return tuple(found)
        at += 1


def _of_number(parts: tuple[str, ...], number: Decimal) -> tuple[str, bool]:
    """The section for a number, and whether a minus is put before it."""
    conditions = [_condition(part) for part in parts[:2]]
    if any(conditions):
        for part, condition in zip(parts, conditions, strict=False):
            if condition is not None and _holds(number, *condition):
                return part, True
        left = [p for p, c in zip(parts, conditions, strict=False) if c is None]
        return (parts[2] if len(parts) > 2 else left[0] if left else "General"), True
    if number < 0 and len(parts) > 1:
        return parts[1], False
    if number == 0 and len(parts) > 2:
        return parts[2], False
    return parts[0], True


def _condition(section: str) -> tuple[str, Decimal] | None:
    for part in _PART.finditer(section):
        match = _CONDITION.fullmatch(part["bracket"] or "")
        if match is not None:
            return match[1], Decimal(match[2])
    return None


def _holds(number: Decimal, sign: str, bound: Decimal) -> bool:
    smaller, equal = number < bound, number == bound
    return {
        "<": smaller,
        "<=": smaller or equal,
        ">": not smaller and not equal,
        ">=": not smaller,
        "=": equal,
        "<>": not equal,
    }[sign]


def _shown(section: str, number: Decimal, *, minus: bool) -> ShownCell | None:
    parts: list[tuple[str, str]] = []
    for match in _PART.finditer(section):
        if match["mark"] == "@":
            return ShownCell(str(-number if minus else number), -number if minus else number)
        if match["general"]:
            parts.append(("general", ""))
        elif match["mark"]:
            parts.append(("mark", match["mark"]))
        elif match["plain"]:
            if match["plain"].casefold() in _NOT_NUMBERS:
                return None
            parts.append(("text", match["plain"]))
        elif match["bracket"] is not None and match["bracket"].casefold().strip("hms") == "":
            return None  # Hours that go on beyond a day.
        elif (match["bracket"] or "").casefold() in _WHITE:
            return ShownCell("")
        else:
            text = match["quoted"] or match["escaped"] or match["currency"] or ""
            parts += [("text", letter) for letter in text]
    if ("general", "") in parts:
        return _general(parts, -number if minus else number)
    digits = [at for at, part in enumerate(parts) if part[0] == "mark" and part[1] in "0#?"]
    if not digits:
        text = "".join(text for kind, text in parts if kind == "text").strip()
        return ShownCell(f"-{text}" if minus and text else text)
    return _filled(parts, digits, number, minus=minus)


def _general(parts: list[tuple[str, str]], number: Decimal) -> ShownCell:
    """A number as it is, between the texts of a format."""
    at = parts.index(("general", ""))
    before, after = ("".join(text for _, text in some) for some in (parts[:at], parts[at + 1 :]))
    written = f"{number:f}".replace(".", ",")
    words = _WORDS.search(before + after) is not None
    return ShownCell(f"{before}{written}{after}".strip(), number, words=words)


def _filled(
    parts: list[tuple[str, str]], digits: list[int], number: Decimal, *, minus: bool
) -> ShownCell:
    """Put the digits of a number into the places of a format."""
    point = next((at for at, part in enumerate(parts) if part == ("mark", ".")), len(parts))
    whole = [at for at in digits if at < point]
    decimals = [at for at in digits if at > point]
    commas = [at for at, part in enumerate(parts) if part == ("mark", ",")]
    grouped = any(whole and whole[0] < at < whole[-1] for at in commas)
    scaled = sum(at > digits[0] and not (whole and at < whole[-1]) for at in commas)
    percents = sum(part == ("mark", "%") for part in parts)
    scale = Decimal(10) ** (2 * percents - 3 * scaled)
    value = rounded(number * scale, len(decimals))
    before = "".join(text for kind, text in parts[: digits[0]] if kind == "text")
    after = "".join(text for kind, text in parts[digits[-1] :] if kind == "text")
    inside = any(kind == "text" for kind, _ in parts[digits[0] : digits[-1]])
    written = f"{value:,f}" if grouped else f"{value:f}"
    written = written.translate({44: ".", 46: ","})
    negative = minus or "-" in before or ("(" in before and ")" in after)
    # Digits of the format beside those of the number are read as one number with them.
    own = before[-1:] in _BESIDE or after[:1] in _BESIDE
    if inside:
        written = _woven(parts[digits[0] : digits[-1] + 1], f"{value:f}".replace(".", ""))
    text = f"{'-' if minus else ''}{before}{written}{after}{'%' * percents}".strip()
    if inside or own:
        return ShownCell(text, None, bool(percents), words=True)
    words = _WORDS.search(before + after) is not None
    return ShownCell(text, -value if negative else value, bool(percents), len(decimals), words)


def _woven(parts: list[tuple[str, str]], digits: str) -> str:
    """Digits with the letters that a format puts between them, filled from the right."""
    made = ""
    for at in range(len(parts) - 1, -1, -1):
        kind, text = parts[at]
        if kind == "text":
            made = text + made
        elif text in "0#?":
            digit, digits = digits[-1:], digits[:-1]
            made = (digit or ("0" if text == "0" else "")) + made
        elif text == ".":
            made = "," + made
    return digits + made
