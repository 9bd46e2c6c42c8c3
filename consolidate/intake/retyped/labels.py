"""Compare typed labels with the official ones: likeness of wordings, official numbers.

Two labels that differ in a digit, a Roman numeral or a negation are never alike, however alike
their letters are: "Mức độ 1" and "Mức độ 2" ask for two figures.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from consolidate.model.cells import Cell, raw_text
from consolidate.model.datasets import DataElement, DataSet, Heading
from consolidate.model.text import SHORT_NAMES, name_key

AGREES = 80.0
"""Score from which a label confirms the official number beside it."""
ALONE = 90.0
"""Score from which a label without a number may be enough."""
MARGIN = 5.0
"""How far the best label must be above the second one then, unless it is word for word."""
SHORTENED = 85.0
"""Score of a label of four words or more that only leaves words of the official one out."""
_FEWEST = 4
_LONGEST = 600
"""Characters of the longest text that is compared at all."""
_BRACKETS = re.compile(r"\([^()]*\)")
_OPENED = re.compile(r"\(.*$", re.DOTALL)
_ROMAN = frozenset(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"])
_NEGATIONS = frozenset({"không", "chưa", "chẳng", "ko"})
_NUMBER = re.compile(
    r"\s*(?:(?:ms|stt|tt|mã số|số)[\s.:]*)?\(?(?P<number>\d{1,3}(?:[.,]\d{1,3}){0,3})[\s.,):/-]*",
    re.IGNORECASE,
)
_LEADING = re.compile(_NUMBER.pattern + r"(?P<label>[^\W\d].*|[+(].*)", re.IGNORECASE | re.DOTALL)


class Wording(NamedTuple):
    """A text in its comparable form, and what of it must be equal: digits, numerals, negations."""

    key: str
    marks: tuple[str, ...]


def wordings(text: str) -> tuple[Wording, ...]:
    """Make the comparable forms of a label: whole, and without its text in brackets."""
    folded = unicodedata.normalize("NFKC", text[:_LONGEST])
    bare = folded
    while _BRACKETS.search(bare):
        bare = _BRACKETS.sub(" ", bare)
    bare = _OPENED.sub(" ", bare)
    found = (_wording(folded), _wording(bare))
    return tuple(dict.fromkeys(wording for wording in found if wording.key))


@lru_cache(maxsize=65_536)
def whole(text: str) -> Wording:
    """Make the comparable form of a text, brackets included."""
    return _wording(unicodedata.normalize("NFKC", text[:_LONGEST]))


def _wording(text: str) -> Wording:
    words = " ".join(SHORT_NAMES.get(word, word) for word in name_key(text).split())
    marks = sorted(
        word
        for word in words.split()
        if word in _ROMAN or word in _NEGATIONS or any(letter.isdigit() for letter in word)
    )
    return Wording(words, tuple(marks))


def likeness(typed: tuple[Wording, ...], official: tuple[Wording, ...]) -> float:
    """Tell how alike two labels are, 0 to 100, letter by letter."""
    from rapidfuzz import fuzz  # Few labels need it: not at the start.

    pairs = ((one, other) for one in typed for other in official if one.marks == other.marks)
    return max((fuzz.ratio(a.key, b.key, score_cutoff=AGREES) for a, b in pairs), default=0.0)


class OfficialTexts(NamedTuple):
    """Official texts that share their marks: comparable forms, their words, their codes."""

    keys: list[str]
    words: list[frozenset[str]]
    codes: list[str]


def by_marks(said: Iterable[tuple[str, Wording]]) -> Mapping[tuple[str, ...], OfficialTexts]:
    """Collect official texts, each with its code, by the marks that a typed one must share."""
    found: dict[tuple[str, ...], OfficialTexts] = {}
    for code, wording in said:
        known = found.setdefault(wording.marks, OfficialTexts([], [], []))
        known.keys.append(wording.key)
        known.words.append(frozenset(wording.key.split()))
        known.codes.append(code)
    return found


def alike(
    official: Mapping[tuple[str, ...], OfficialTexts], typed: Wording, cutoff: float
) -> dict[str, float]:
    """Score the codes of the texts that a typed one may be, the best first, from a score up.

    All are compared in one call: every text of a foreign workbook comes here.
    """
    known = official.get(typed.marks)
    if known is None or not typed.key:
        return {}
    from rapidfuzz import fuzz, process  # Few texts need it: not at the start.

    best: dict[str, float] = {}
    for _, score, at in process.extract(
        typed.key, known.keys, scorer=fuzz.ratio, score_cutoff=cutoff, limit=None
    ):
        best.setdefault(known.codes[at], score)
    return best


@lru_cache(maxsize=64)
def _official(data_set: DataSet) -> Mapping[tuple[str, ...], OfficialTexts]:
    return by_marks((e.code, wording) for e in data_set.elements for wording in wordings(e.label))


@lru_cache(maxsize=16_384)
def scores(data_set: DataSet, label: str) -> Mapping[str, float]:
    """Score the elements of a fixed table that a label may be, from ``AGREES`` up.

    One that leaves words out has ``SHORTENED``.
    """
    best: dict[str, float] = {}
    official = _official(data_set)
    for typed in wordings(label):
        found = alike(official, typed, AGREES)
        words = frozenset(typed.key.split())
        if typed.marks in official and len(typed.key.split()) >= _FEWEST:
            known = official[typed.marks]
            for code, all_words in zip(known.codes, known.words, strict=True):
                if words <= all_words:
                    found[code] = max(found.get(code, 0.0), SHORTENED)
        best |= {code: max(best.get(code, 0.0), score) for code, score in found.items()}
    return {code: best[code] for code in data_set.by_code if code in best}


@lru_cache(maxsize=64)
def _headings(data_set: DataSet) -> tuple[tuple[Wording, ...], ...]:
    return tuple(wordings(item.label) for item in data_set.body if isinstance(item, Heading))


def heading_score(data_set: DataSet, label: str) -> float:
    """Tell how alike a label is to the heading of a section of the form, 0 to 100."""
    typed = wordings(label)
    alike = (likeness(typed, official) for official in _headings(data_set))
    return max(alike, default=0.0)


def alone(found: Mapping[str, float]) -> str:
    """Find the one element that a label says without any number; ``""`` when it is not certain."""
    ranked = sorted(found, key=lambda code: found[code], reverse=True)
    if not ranked or found[ranked[0]] < ALONE:
        return ""
    second = found[ranked[1]] if len(ranked) > 1 else 0.0
    certain = found[ranked[0]] == 100 > second or found[ranked[0]] - second >= MARGIN
    return ranked[0] if certain else ""


def numbered(data_set: DataSet, cell: Cell) -> frozenset[str] | None:
    """Find elements whose official number a cell shows; ``None`` when it shows no number.

    Excel makes 5.1 of 5.10 and a day of 5.1: every element that the cell may mean is given, the
    label decides.
    """
    if isinstance(cell, date):
        shown = [f"{cell.day}.{cell.month}", f"{cell.month}.{cell.day}"]
        return frozenset(e.code for e in data_set.elements if e.number in shown)
    match = _NUMBER.fullmatch(raw_text(cell))
    if match is None:
        return None
    exact, loose = _parts(match.group("number"))
    same = {e.code for e in data_set.elements if e.number and _parts(e.number)[0] == exact}
    if not same or not isinstance(cell, str):
        same |= {e.code for e in data_set.elements if e.number and _parts(e.number)[1] == loose}
    return frozenset(same)


@lru_cache(maxsize=1024)
def _parts(number: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Components of an official number, and the same with trailing zeros of the last one lost."""
    parts = [part.lstrip("0") or "0" for part in number.replace(",", ".").split(".")]
    loose = parts if len(parts) == 1 else [*parts[:-1], parts[-1].rstrip("0")]
    return tuple(parts), tuple(part for part in loose if part)


def split_number(data_set: DataSet, text: str) -> tuple[frozenset[str], str] | None:
    """Split a cell into number and label: ``5.1 Mức độ 1``, ``MS 40. Số đối tượng …``.

    ``None`` when the text does not begin with an official number.
    """
    match = _LEADING.fullmatch(text)
    if match is None:
        return None
    found = numbered(data_set, match.group("number"))
    return (found, match.group("label")) if found else None


def caption(data_set: DataSet, element: DataElement) -> str:
    """Official number and the beginning of the label, for a person to tell rows apart."""
    short = element.label if len(element.label) <= 60 else f"{element.label[:59]}…"
    number = data_set.caption(element)
    return f"{number} {short}" if element.number else short
