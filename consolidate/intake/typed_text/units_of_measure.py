"""Read words behind a number: units of measure, and which of them an element takes."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from consolidate.model.datasets import DataElement, ValueType
from consolidate.model.text import name_key, plain, tidy

MONEY = {
    "đ": Decimal("0.000001"),
    "đồng": Decimal("0.000001"),
    "vnđ": Decimal("0.000001"),
    "vnd": Decimal("0.000001"),
    "nghìn đồng": Decimal("0.001"),
    "ngàn đồng": Decimal("0.001"),
    "triệu đồng": Decimal(1),
    "triệu": Decimal(1),
    "trđ": Decimal(1),
    "tr.đ": Decimal(1),
    "tỷ đồng": Decimal(1000),
    "tỉ đồng": Decimal(1000),
    "tỷ": Decimal(1000),
    "tỉ": Decimal(1000),
}
"""Words of money and what one of them is in triệu đồng, the unit of measure of the forms."""
SINGLE_DONG = Decimal("0.000001")
"""One đồng in triệu đồng; there is no smaller coin, so amounts in đồng are whole."""
MULTIPLIERS = frozenset({"k", "chục", "trăm", "nghìn", "ngàn", "vạn", "triệu", "tr", "tỷ", "tỉ"})
"""Words that make the number before them another number, wherever they are no unit of measure."""
AREA = {"m2": Decimal(1), "m 2": Decimal(1), "mét vuông": Decimal(1), "ha": Decimal(10000)}
"""Words of area and what one of them is in m²."""
_COUNTED = tuple(
    frozenset(plain(word) for word in kind.split(", "))
    for kind in (
        "người, lượt người, lượt, cá nhân, đối tượng, cán bộ, công chức, viên chức, đồng chí, "
        "bị can, bị cáo, học viên, đại biểu, trường hợp",
        "vụ, vụ việc, vụ án, việc, trường hợp",
        "cơ quan, đơn vị, tổ chức, tập thể, huyện, xã, phường, đặc khu, sở, trường, cq, tc, đv",
        "văn bản, tài liệu, quyết định, kế hoạch, thủ tục, tthc, hồ sơ, đơn, cuốn, tờ, bản",
        "cuộc, lớp, buổi, hội nghị, đợt, lần",
        "nhiệm vụ",
    )
)
"""Words for what the forms count: people, cases, bodies, papers, events, tasks; no diacritics."""
_WORD = re.compile(r"\w+")
_CLOSING = re.compile(r"[\s.,;()]*")


def factor(words: str, units: dict[str, Decimal]) -> Decimal | None:
    """Convert a written unit to the form's own; ``None`` for a word that is no such unit."""
    return units.get(words) if words else Decimal(1)


def is_other_measure(words: str) -> bool:
    """Tell whether words behind a count make it an amount, an area or a multiple."""
    return words in MONEY or words in AREA or words.split(" ", 1)[0] in MULTIPLIERS


def is_counted(words: str, names: str, measure: str = "") -> bool | None:
    """Tell whether words behind a count say what the element counts.

    ``names`` are its label and its own phrases with ``measure``, its unit of measure (``Lượt
    người``); without any, every word for what is counted will do. ``None`` when the words name
    another thing that is counted: ``12 vụ`` where people are asked for, and ``12 lớp`` where the
    label speaks of people in classes.
    """
    said, asked = _WORD.findall(plain(words)), _WORD.findall(plain(names.casefold()))
    if _CLOSING.fullmatch(_WORD.sub("", words)) is None:
        return False
    whole = " ".join(said)
    measures = [
        kind for kind in _COUNTED if _any_in(kind, _WORD.findall(plain(measure.casefold())))
    ]
    if measures and any(whole in kind for kind in _COUNTED):
        return True if any(whole in kind for kind in measures) else None
    kinds = [kind for kind in _COUNTED if not asked or _any_in(kind, asked)]
    known = {word for kind in kinds for phrase in kind for word in phrase.split()}
    if set(said) <= known.union(asked):
        return True
    return None if any(whole in kind for kind in _COUNTED) else False


def _any_in(kind: frozenset[str], asked: list[str]) -> bool:
    """Whether one of the words of a kind stands among others, word by word."""
    line = f" {' '.join(asked)} "
    return any(f" {word} " in line for word in kind)


def other_unit(element: DataElement, typed: str, *, own: bool) -> bool:
    """Tell whether the typed unit of measure differs from the element's.

    ``own`` says that it is typed in the row of the element; a unit of the whole table concerns
    only the elements that it can measure.
    """
    unit = tidy(unicodedata.normalize("NFKC", typed)).casefold().strip(" .")
    if element.type is ValueType.MONEY and unit in MONEY:
        return MONEY[unit] != 1
    if element.type is ValueType.AREA and unit in AREA:
        return AREA[unit] != 1
    if element.type is ValueType.COUNT and unit.partition(" ")[0] in MULTIPLIERS:
        return unit not in MONEY or own
    if not own:
        return False
    if element.type is ValueType.PERCENTAGE:
        return "%" not in unit
    asked, said = name_key(element.unit).split(), name_key(typed).split()
    if asked == said or not asked:
        return False
    # "CQ, TC, ĐV" and "Cơ quan, tổ chức, đơn vị" are one.
    return _initials(asked) != "".join(said) and _initials(said) != "".join(asked)


def _initials(words: list[str]) -> str:
    return "".join(word[0] for word in words)
