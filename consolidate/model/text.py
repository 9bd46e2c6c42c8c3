"""Comparable forms of Vietnamese text: labels and names are compared by key, shown as written."""

from __future__ import annotations

import re
import unicodedata

_SPACE = re.compile(r"[\s\u00a0\u200b\u2007\u202f\ufeff]+")
_UNSEEN = re.compile(r"[\u00ad\u200c-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069]")
"""Signs without width that web pages and chat programs leave in copied text."""
_NOT_WORD = re.compile(r"[^\w]+")


def tidy(text: str) -> str:
    """Text in NFC with every kind of space folded to one blank and the ends trimmed.

    Signs that nobody sees (joiners, direction marks, soft hyphens) are left out.
    """
    if not text.isascii():
        text = _UNSEEN.sub("", text)
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()


def name_key(text: str) -> str:
    """Key under which two spellings of one name meet.

    NFC or NFD, full or plain width, upper or lower case, punctuation and spaces make no
    difference, nor do the usual short forms (``UBND`` is ``Ủy ban nhân dân``, ``Uỷ`` is ``Ủy``,
    ``TP.`` is ``thành phố``).
    Diacritics do make a difference: Vĩnh Lợi and Vinh Lợi are two places.
    """
    folded = tidy(unicodedata.normalize("NFKC", text)).casefold().replace("tt&tt", "tttt")
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
