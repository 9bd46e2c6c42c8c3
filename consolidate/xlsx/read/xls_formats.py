"""Find text struck out, raised or lowered in an old ``.xls``, and numbers it shows otherwise."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping

from consolidate.xlsx.read.cell_styles import BUILT_IN
from consolidate.xlsx.read.crossed import Crossed, TextRun, text_left
from consolidate.xlsx.read.shown_numbers import (
    Cells,
    ShownCell,
    of_number,
    shows_whole_numbers,
)

_BEGIN, _PRESENT = 0x0809, b"\x00\x06"
_FONT, _FORMAT, _TEXTS, _MORE = 0x0031, 0x00E0, 0x00FC, 0x003C
_CODE = 0x041E
_FORMULA, _NUMBER, _SHORT = 0x0006, 0x0203, 0x027E
_SHARED_TEXT = 0x00FD
_VALUES = frozenset({0x0006, 0x0203, 0x0204, 0x0205, 0x027E})
"""Records of one cell: row, column and format come first."""
_SEVERAL = 0x00BD
_STRUCK = 0x0008
_NO_FONT = 4
"""The number that no font has: the fifth is called 5."""

Record = tuple[int, bytes]
Font = tuple[bool, bool]


class OldFormats:
    """What an ``.xls`` says of struck, raised and lowered text and of the formats of its numbers.

    Raises:
        struct.error, IndexError, ValueError: the file is damaged; here and from the methods.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        fonts: list[Font] = []
        formats: list[int] = []
        parts: list[bytes] = []
        own: dict[int, str] = {}
        numbers: list[int] = []
        present = True
        last = 0
        for kind, content in records:
            # Before Excel 97 the records of formats are others.
            present = present and (kind != _BEGIN or content[:2] == _PRESENT)
            if kind == _CODE and present:
                number, length, options = struct.unpack_from("<HHB", content)
                raw = content[5 : 5 + length * (1 + (options & 1))]
                own[number] = raw.decode("utf-16-le" if options & 1 else "latin-1")
            elif kind == _FONT:
                options, off_line = struct.unpack_from("<2xH4xH", content)
                fonts.append((bool(options & _STRUCK), off_line in (1, 2)))
            elif kind == _FORMAT:
                font, number = struct.unpack_from("<HH", content)
                formats.append(font)
                numbers += [number] if present else []
            elif kind == _TEXTS or (kind == _MORE and last == _TEXTS):
                parts.append(content)
                last = _TEXTS
                continue
            last = kind
        self._fonts = [*fonts[:_NO_FONT], (False, False), *fonts[_NO_FONT:]]
        struck = {at for at, font in enumerate(self._fonts) if font[0]}
        self._formats = frozenset(at for at, font in enumerate(formats) if font in struck)
        marked = any(any(font) for font in fonts)
        self._texts = self._runs(parts) if marked and parts else {}
        self._codes = [own.get(number, BUILT_IN.get(number, "")) for number in numbers]

    def shown(self, records: Iterable[Record]) -> Cells:
        """Tell what cells of a sheet show whose format changes their number or hides it."""
        found: dict[tuple[int, int], ShownCell] = {}
        for row, column, form, value in _numbers(records):
            code = self._codes[form] if form < len(self._codes) else ""
            if value.is_integer() and (not code or shows_whole_numbers(code)):
                continue
            shown = of_number(code, value)
            if shown is not None:
                found[row, column] = shown
        return found

    def crossed(self, records: Iterable[Record]) -> Crossed:
        """Return the cells of a sheet with text struck out, raised or lowered."""
        found: set[tuple[int, int]] = set()
        left: dict[tuple[int, int], str] = {}
        if not self._formats and not self._texts:
            return Crossed()
        for kind, content in records:
            if kind in _VALUES:
                row, column, form = struct.unpack_from("<HHH", content)
                if form in self._formats:
                    found.add((row, column))
            elif kind == _SEVERAL:
                row, first = struct.unpack_from("<HH", content)
                for at in range((len(content) - 6) // 6):
                    if struct.unpack_from("<H", content, 4 + 6 * at)[0] in self._formats:
                        found.add((row, first + at))
            elif kind == _SHARED_TEXT:
                row, column, form, number = struct.unpack_from("<HHHI", content)
                runs = self._texts.get(number, ())
                kept = _whole(text_left(runs, struck=form in self._formats))
                full = _whole("".join(run.text for run in runs)).strip()
                if kept and kept != full:
                    left[row, column] = kept
                elif not kept and (full or form in self._formats):
                    found.add((row, column))
        return Crossed(frozenset(found), left)

    def _runs(self, parts: list[bytes]) -> Mapping[int, tuple[TextRun, ...]]:
        """Shared texts with such runs, by number."""
        found = {}
        for number, (text, changes) in enumerate(_shared(parts)):
            places = [0, *(place for place, _ in changes), len(text)]
            fonts = [None, *(font for _, font in changes)]
            runs = []
            for font, start, end in zip(fonts, places[:-1], places[1:], strict=True):
                struck, off_line = self._fonts[font] if font is not None else (False, False)
                runs.append(TextRun(text[start:end], struck, off_line, own=font is not None))
            if any(run.struck or run.raised for run in runs):
                found[number] = tuple(runs)
        return found


def _whole(text: str) -> str:
    """A text whose letters beyond U+FFFF are two, as one letter each."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _shared(parts: list[bytes]) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Every shared text, with the places at which another font begins."""
    (count,) = struct.unpack_from("<I", parts[0], 4)
    reader = _Reader(parts)
    reader.skip(8)
    for _ in range(count):
        length, options = reader.numbers("<HB")
        (runs,) = reader.numbers("<H") if options & 0x08 else (0,)
        (more,) = reader.numbers("<I") if options & 0x04 else (0,)
        text = reader.text(length, wide=bool(options & 1))
        changes = [reader.numbers("<HH") for _ in range(runs)]
        reader.skip(more)
        yield text, [(place, font) for place, font in changes]


class _Reader:
    """Bytes of a record that goes on in others; a text that is cut says anew how wide it is."""

    def __init__(self, parts: list[bytes]) -> None:
        self._parts, self._part, self._at = parts, 0, 0

    def skip(self, count: int) -> None:
        while count:
            step = min(count, self._room())
            self._at += step
            count -= step

    def numbers(self, form: str) -> tuple[int, ...]:
        size, taken = struct.calcsize(form), b""
        while len(taken) < size:
            step = min(size - len(taken), self._room())
            taken += self._parts[self._part][self._at : self._at + step]
            self._at += step
        return struct.unpack(form, taken)

    def text(self, length: int, *, wide: bool) -> str:
        made = ""
        while len(made) < length:
            if self._at >= len(self._parts[self._part]):
                self._next()
                wide = bool(self._parts[self._part][0] & 1)
                self._at = 1
            width = 2 if wide else 1
            step = min((length - len(made)) * width, len(self._parts[self._part]) - self._at)
            if step < width:
                raise ValueError("text cut inside a letter")
            raw = self._parts[self._part][self._at : self._at + step // width * width]
            # One unit of UTF-16 counts as one letter here, as the places of runs do.
            made += "".join(map(chr, memoryview(raw).cast("H"))) if wide else raw.decode("latin-1")
            self._at += len(raw)
        return made

    def _room(self) -> int:
        """How many bytes of this part are left; the next part when there are none."""
        if self._at >= len(self._parts[self._part]):
            self._next()
        return len(self._parts[self._part]) - self._at

    def _next(self) -> None:
        self._part += 1
        self._at = 0
        if self._part >= len(self._parts) or not self._parts[self._part]:
            raise ValueError("texts that end early")


def _numbers(records: Iterable[Record]) -> Iterator[tuple[int, int, int, float]]:
    """Row, column, number of the format and value of every cell with a number."""
    for kind, content in records:
        if kind == _NUMBER or (kind == _FORMULA and content[12:14] != b"\xff\xff"):
            yield struct.unpack_from("<HHHd", content)
        elif kind == _SHORT:
            row, column, form, value = struct.unpack_from("<HHHI", content)
            yield row, column, form, _short(value)
        elif kind == _SEVERAL:
            row, first = struct.unpack_from("<HH", content)
            for at in range((len(content) - 6) // 6):
                form, value = struct.unpack_from("<HI", content, 4 + 6 * at)
                yield row, first + at, form, _short(value)


def _short(value: int) -> float:
    """A number in four bytes: a whole one or the first half of a double, perhaps of a hundredth."""
    if value & 2:
        number = float((value >> 2) - ((value >> 31) << 30))
    else:
        (number,) = struct.unpack("<d", struct.pack("<II", 0, value & 0xFFFFFFFC))
    return number / 100 if value & 1 else number
