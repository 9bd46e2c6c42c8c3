"""Read the shared texts of a workbook that are written in the plain way of every office program."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress, count
from operator import ne

from consolidate.xlsx.read.kept import Kept

ENCODING = re.compile(rb"<\?xml\b(?![^<>]*\bencoding=[\"'](?i:utf-8)[\"'])[^<>]*\bencoding\b")
"""The declaration of a part in another encoding than UTF-8."""
_REFERENCE = re.compile(r"&(?:(lt|gt|quot|apos|amp)|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));")
_ENTITIES = {"lt": "<", "gt": ">", "quot": '"', "apos": "'", "amp": "&"}
_STRINGS = re.compile(rb"(?:<\?xml [^<>]*\?>\s*)?<sst(?: [^<>]*[^<>/])?>(.*)</sst>\s*", re.DOTALL)
_TEXT = rb'<t( xml:space="preserve")?>([^<]+)</t>'
_FORMAT = rb'(?:<rPr>(?:<[A-Za-z]+(?: [A-Za-z]+="[^"<>&]*")*/>)*</rPr>)?'
_ITEM = re.compile(rb"<si>" + _TEXT)
_RUN = re.compile(rb"<r>" + _FORMAT + _TEXT + rb"</r>")
_RUNS = re.compile(rb"<si>((?:%b)+)" % _RUN.pattern)
_NO_TEXT = (b"<si><t/>", b"<si><t></t>", b'<si><t xml:space="preserve"></t>')


@dataclass(frozen=True, slots=True)
class Shared:
    """The shared texts of a workbook by number, and the numbers of blank ones."""

    texts: Mapping[bytes, str] = field(default_factory=dict)
    blank: frozenset[bytes] = frozenset()


def shared_texts(xml: bytes) -> Shared | None:
    """Return the shared texts of a workbook; ``None`` where one is written in an unusual way."""
    whole = _STRINGS.fullmatch(xml)
    if whole is None or ENCODING.match(xml) is not None:
        return None
    items = whole.group(1).split(b"</si>")
    if items.pop():
        return None
    for new in range(len(_NUMBERS), len(items)):
        _NUMBERS.append(str(new).encode())
    # Most texts are labels: the same, in the same places, as in another return of the template.
    before, shared = _LAST.get(len(items)) or ((), Shared())
    texts, blank = dict(shared.texts), set(shared.blank)
    changed = compress(count(), map(ne, items, before)) if before else range(len(items))
    for at in changed:
        text, number = _ITEMS.get(items[at]), _NUMBERS[at]
        if text is None:
            text = _remembered(items[at])
        if text is None:
            return None
        texts[number] = text
        blank.discard(number)
        if not text:
            blank.add(number)
    shared = Shared(texts, frozenset(blank))
    _LAST.keep(len(items), (items, shared))
    return shared


_LAST: Kept[int, tuple[Sequence[bytes], Shared]] = Kept(16)
"""The last shared texts, as they are written and as they are read, by how many there are."""
_NUMBERS: list[bytes] = []
"""Numbers of shared texts as cells have them."""


_ITEMS: dict[bytes, str] = {}
"""Texts by how they are written, without those of which nothing is known."""
_MOST_ITEMS = 16_384


def _remembered(item: bytes) -> str | None:
    text = _item(item)
    if text is not None and len(_ITEMS) < _MOST_ITEMS:
        _ITEMS[item] = text
    return text


def _item(item: bytes) -> str | None:
    if b"strike" in item or b"vertAlign" in item:
        return None
    match = _ITEM.fullmatch(item)
    if match is not None:
        return text_of_value(match.group(2), spaces=match.group(1) is not None)
    if item in _NO_TEXT:
        return ""
    runs = _RUN.findall(item) if _RUNS.fullmatch(item) is not None else ()
    texts = [text_of_value(text, spaces=bool(spaces)) for spaces, text in runs]
    whole = "".join(text for text in texts if text is not None)
    return whole if texts and None not in texts else None


def text_of_value(value: bytes, *, spaces: bool) -> str | None:
    """Resolve references in a text; ``spaces`` says that those at its ends belong to it."""
    if b"\r" in value or b"_x" in value:
        return None
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return None
    resolved = _resolved(text) if "&" in text else text
    if resolved is None or not (spaces or resolved == resolved.strip()):
        return None
    return resolved


def _resolved(text: str) -> str | None:
    """A text with a character for each reference; ``None`` for one that no reader has to know."""
    plain = _REFERENCE.sub(_character, text)
    unusual = text.count("&") != len(_REFERENCE.findall(text)) or "\0" in plain
    return None if unusual else plain


def _character(match: re.Match[str]) -> str:
    name, decimal, hexadecimal = match.groups()
    if name:
        return _ENTITIES[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    usual = code in (9, 10) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE
    return chr(code) if usual or 0x10000 <= code < 0x110000 else "\0"
