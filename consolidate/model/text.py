"""Vietnamese text: keys to compare labels and names by; numbers and days as readers write them."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Self

_SPACE = re.compile(r"[\s\u00a0\u200b\u2007\u202f\ufeff]+")
_UNSEEN = re.compile(r"[\u00ad\u200c-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069]")
"""Signs without width that web pages and chat programs leave in copied text."""
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f]"
)
"""Signs that are not seen, or that turn, move or colour what stands around them: controls (C0, C1),
marks and overrides of direction, line separators, joiners, and halves of characters."""
_ESCAPED = re.compile(r"\\[nrtuxU\\]")
_NOT_WORD = re.compile(r"[^\w]+")
_MARKS = re.compile("[\u0300-\u036f]+")
_SHORT = 300
"""Letters of a text whose key is remembered: names and labels, not whatever a cell may hold."""
_JOINT = re.compile(r"[-–&.,:;()/]+")


CELL_LIMIT = 32_767
"""Most UTF-16 units of a text that a cell of Excel holds."""


def utf16_length(text: str) -> int:
    """Count the letters of a text as Excel does: those beyond U+FFFF are two."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def is_longer(text: str, most: int) -> bool:
    """Tell whether a text has more letters than so many, as Excel counts them."""
    return 2 * len(text) > most and utf16_length(text) > most


def tidy(text: str) -> str:
    """Bring a text into NFC, fold every kind of space to one blank and trim the ends.

    Invisible signs (joiners, direction marks, soft hyphens) are left out.
    """
    if not text:
        return ""
    if not text.isascii():
        text = _UNSEEN.sub("", text)
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()


def visible(text: str) -> str:
    """Show a name on one line with nothing hidden: ``\\x1b``, ``\\u202e`` stand for such signs.

    Two names never become one, so that the file of a name can still be found.
    """
    if not _HIDDEN.search(text) and not _ESCAPED.search(text):
        return text
    return _HIDDEN.sub(_escape, text.replace("\\", "\\\\"))


def visible_lines(text: str) -> str:
    """Show a text with nothing hidden, as :func:`visible`; lines, tabs and backslashes stay."""
    if not _HIDDEN.search(text):
        return text
    lines = text.replace("\r\n", "\n")
    return _HIDDEN.sub(lambda found: found[0] if found[0] in "\n\t" else _escape(found), lines)


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")


def paragraphs(text: str) -> str:
    """Make each line of a text tidy, and leave out empty ones."""
    lines = (tidy(line) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def name_key(text: str) -> str:
    """Make the key under which two spellings of one name meet.

    NFC or NFD, full or plain width, upper or lower case, punctuation and spaces make no
    difference, nor do the place of the tone mark (``Uỷ`` is ``Ủy``, ``hoà`` is ``hòa``), ``&`` for
    ``và`` and the usual short forms (``UBND`` is ``Ủy ban nhân dân``, ``TP.`` is ``thành phố``,
    ``LĐ-TB&XH``).
    Diacritics do make a difference: Vĩnh Lợi and Vinh Lợi are two places.
    """
    return _key(text) if len(text) <= _SHORT else _key.__wrapped__(text)


@lru_cache(maxsize=16_384)
def _key(text: str) -> str:
    words: list[str] = []
    for chunk in tidy(unicodedata.normalize("NFKC", text)).casefold().split():
        # A short form may be divided by hyphens and ampersands: KH-CN, LĐ-TB&XH, T.P.
        joined = _JOINT.sub("", chunk)
        if joined in _SHORT_FORMS:
            words.append(_SHORT_FORMS[joined])
            continue
        for word in _NOT_WORD.sub(" ", chunk.replace("&", " và ")).split():
            # A tone mark goes to its older place: hoà and thuỷ to hòa, thủy.
            toned = word[:-2] + _TONES.get(word[-2:], word[-2:])
            words.append(_SHORT_FORMS.get(word) or toned)
    return " ".join(words)


def plain(text: str) -> str:
    """Take the diacritics off a text, case kept: ``Sở Nội vụ`` becomes ``So Noi vu``."""
    return _plain(text) if len(text) <= _SHORT else _plain.__wrapped__(text)


@lru_cache(maxsize=16_384)
def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return _MARKS.sub("", letters)


_TONES = {
    first + toned: marked + last
    for first, last, marks in (("o", "a", "òóỏõọ"), ("o", "e", "òóỏõọ"), ("u", "y", "ùúủũụ"))
    for toned, marked in zip({"a": "àáảãạ", "e": "èéẻẽẹ", "y": "ỳýỷỹỵ"}[last], marks, strict=True)
}
"""Open syllables in which both places of the tone mark are in use, newer place to older."""

_SHORT_FORMS = {
    "ubnd": "ủy ban nhân dân",
    "hđnd": "hội đồng nhân dân",
    "tp": "thành phố",
    "tx": "thị xã",
    "tt": "thị trấn",
    "ttr": "thanh tra",
    "bql": "ban quản lý",
    "bhxh": "bảo hiểm xã hội",
    "gdđt": "giáo dục và đào tạo",
    "gtvt": "giao thông vận tải",
    "kbnn": "kho bạc nhà nước",
    "khcn": "khoa học và công nghệ",
    "khđt": "kế hoạch và đầu tư",
    "ktxh": "kinh tế xã hội",
    "lđtbxh": "lao động thương binh và xã hội",
    "mttq": "mặt trận tổ quốc",
    "ubmttq": "ủy ban mặt trận tổ quốc",
    "nnptnt": "nông nghiệp và phát triển nông thôn",
    "tand": "tòa án nhân dân",
    "thads": "thi hành án dân sự",
    "tnmt": "tài nguyên và môi trường",
    "tttt": "thông tin và truyền thông",
    "vhttdl": "văn hóa thể thao và du lịch",
    "vksnd": "viện kiểm sát nhân dân",
}
_SHORT_FORMS |= {plain(short): long for short, long in _SHORT_FORMS.items()}

SHORT_NAMES = {"pctn": "phòng chống tham nhũng", "cchc": "cải cách hành chính"}
"""Short names of fields of work, as units write them in labels and in names of files."""


def file_key(text: str) -> str:
    """Make the key that sorts file names alike on every operating system."""
    return tidy(text).casefold()


_VIETNAMESE = str.maketrans(",.", ".,")
"""Points between groups of three digits and a comma before decimals."""


class Labelled(StrEnum):
    """An enumeration of codes with Vietnamese names: ``label``, as documents bear it."""

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:
        one = str.__new__(cls, code)
        one._value_, one.label = code, label
        return one


class Convention(StrEnum):
    """The decimal mark that one file uses; its other mark parts thousands."""

    NONE = ""
    DOT = "."
    COMMA = ","


def decimal_of(number: float) -> Decimal:
    """Take the decimal of the shortest form of a double: 969.4 is 969.4, not 969.39999…"""
    return Decimal(int(number)) if float(number).is_integer() else Decimal(repr(float(number)))


def format_number(number: Decimal) -> str:
    """Write a number in Vietnamese notation: ``1.819``, ``1.556,3``, ``-5``."""
    return format(number.normalize() + 0, ",f").translate(_VIETNAMESE)


def format_day(day: date | None) -> str:
    """Write a day as Vietnamese readers do: ``28/08/2018``; ``""`` for none."""
    return f"{day:%d/%m/%Y}" if day is not None else ""


def json_number(number: Decimal | None) -> int | float | None:
    """Make a number of JSON: whole when it is whole, else the nearest double."""
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else float(number)


def shortest(number: float) -> str:
    """Write a double as the text that reads back to it, without a trailing ``.0``."""
    whole = float(number).is_integer() and abs(number) < 1e16
    return str(int(number)) if whole else repr(float(number))
