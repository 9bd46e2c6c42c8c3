"""Comparable forms of Vietnamese text: labels and names are compared by key, shown as written."""

from __future__ import annotations

import re
import unicodedata

_SPACE = re.compile(r"[\s\u00a0\u200b\u2007\u202f\ufeff]+")
_NOT_WORD = re.compile(r"[^\w]+")


def tidy(text: str) -> str:
    """Text in NFC with every kind of space folded to one blank and the ends trimmed."""
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()


def name_key(text: str) -> str:
    """Key under which two spellings of one name meet.

    NFC or NFD, upper or lower case, punctuation and spaces make no difference, nor do the usual
    short forms (``UBND`` is ``Ủy ban nhân dân``, ``Uỷ`` is ``Ủy``, ``TP.`` is ``thành phố``).
    Diacritics do make a difference: Vĩnh Lợi and Vinh Lợi are two places.
    """
    folded = tidy(text).casefold().replace("tt&tt", "tttt")
    words = _NOT_WORD.sub(" ", folded).split()
    return " ".join(_SHORT_FORMS.get(word, word) for word in words)


_SHORT_FORMS = {
    "ubnd": "ủy ban nhân dân",
    "uỷ": "ủy",
    "hđnd": "hội đồng nhân dân",
    "tp": "thành phố",
    "tx": "thị xã",
    "tt": "thị trấn",
    "tttt": "thông tin và truyền thông",
    "hoà": "hòa",
    "hoá": "hóa",
    "thuỷ": "thủy",
}


def file_key(text: str) -> str:
    """Order of file names that does not depend on the operating system or Unicode form."""
    return tidy(text).casefold()
