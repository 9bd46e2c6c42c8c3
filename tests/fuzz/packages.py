"""Packages changed inside their parts and zipped again, so that damage is found behind the zip."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable

from tests.saved import packed

_TAG = re.compile(rb"<[^<>]*>")
_NUMBER = re.compile(rb"[0-9]+")
_ATTRIBUTE = re.compile(rb'\s[\w:.-]+="[^"<>]*"')
_NUMBERS = (
    *(b"0", b"-1", b"1", b"2", b"255", b"256", b"16384", b"16385", b"65536", b"1048576"),
    *(b"1048577", b"2147483648", b"4294967296", b"99999999999999999999", b"1E999", b"nan"),
)
_MARKUP = (
    *(b'<!DOCTYPE a [<!ENTITY b "c">]>', b"&b;", b"<!-- -->", b"<![CDATA[1]]>", b"<?a?>"),
    *(b"&#0;", b"&#x110000;", b"<a" + b' b="c"' * 500 + b"/>", b"<a>" * 500, b"\0", b"\xff\xfe"),
)


def mutate(data: bytes, seed: int) -> bytes:
    """The package with one or a few changes; what is no package stays as it is."""
    dice = random.Random(seed)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = package.namelist()[:100]
            parts: dict[str, str | bytes] = {name: package.read(name) for name in names}
    except Exception:
        return data
    for _ in range(dice.randint(1, 3)):
        if not parts:
            break
        _change_parts(parts, dice)
    return packed(parts)


def _change_parts(parts: dict[str, str | bytes], dice: random.Random) -> None:
    name = dice.choice(list(parts))
    content = parts[name]
    assert isinstance(content, bytes)
    match dice.randrange(12):
        case 0:
            del parts[name]
        case 1:
            other = dice.choice(list(parts))
            parts[name], parts[other] = parts[other], parts[name]
        case 2:
            parts[f"{name[:-1]}{dice.choice('xX0/')}"] = content
        case _:
            parts[name] = dice.choice(CHANGES)(content, dice)


def flip(content: bytes, dice: random.Random) -> bytes:
    """A few bytes are others."""
    changed = bytearray(content)
    for _ in range(dice.randint(1, 4) if changed else 0):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def cut(content: bytes, dice: random.Random) -> bytes:
    """A piece is gone."""
    start = dice.randrange(len(content) + 1)
    return content[:start] + content[start + dice.randint(1, 200) :]


def delete_tag(content: bytes, dice: random.Random) -> bytes:
    """A tag is gone."""
    return _swap(_TAG, content, dice, lambda _: b"")


def repeat_tag(content: bytes, dice: random.Random) -> bytes:
    """A tag stands many times."""
    return _swap(_TAG, content, dice, lambda found: found * dice.choice((2, 3, 300)))


def move_piece(content: bytes, dice: random.Random) -> bytes:
    """A piece between two tags stands elsewhere."""
    tags = [match.start() for match in _TAG.finditer(content)]
    if len(tags) < 3:
        return content
    start, end, target = sorted(dice.sample(tags, 3))
    return content[:start] + content[end:target] + content[start:end] + content[target:]


def set_number(content: bytes, dice: random.Random) -> bytes:
    """A number is one that makes trouble."""
    return _swap(_NUMBER, content, dice, lambda _: dice.choice(_NUMBERS))


def delete_attribute(content: bytes, dice: random.Random) -> bytes:
    """An attribute is gone."""
    return _swap(_ATTRIBUTE, content, dice, lambda _: b"")


def repeat_attribute(content: bytes, dice: random.Random) -> bytes:
    """An attribute stands many times."""
    return _swap(_ATTRIBUTE, content, dice, lambda found: found * dice.choice((2, 500)))


def add_markup(content: bytes, dice: random.Random) -> bytes:
    """Markup that a workbook has no use for stands somewhere."""
    at = dice.randrange(len(content) + 1)
    return content[:at] + dice.choice(_MARKUP) + content[at:]


def encode(content: bytes, dice: random.Random) -> bytes:
    """The part is written in another encoding."""
    return content.decode("utf-8", "replace").encode(dice.choice(("utf-16", "utf-16-be", "utf-7")))


CHANGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    flip,
    cut,
    delete_tag,
    repeat_tag,
    move_piece,
    set_number,
    delete_attribute,
    repeat_attribute,
    add_markup,
    encode,
)


def _swap(
    pattern: re.Pattern[bytes],
    content: bytes,
    dice: random.Random,
    change: Callable[[bytes], bytes],
) -> bytes:
    found = list(pattern.finditer(content))
    if not found:
        return content
    match = dice.choice(found)
    return content[: match.start()] + change(match.group()) + content[match.end() :]
