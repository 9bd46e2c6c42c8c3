"""Find cells of an old ``.xls`` that show another number than they hold ([MS-XLS])."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from consolidate.xlsx.read.number_formats import ShownCell, shows_whole_numbers
from consolidate.xlsx.read.shown import BUILT_IN, Cells, of_number

_BEGIN, _PRESENT = 0x0809, b"\x00\x06"
_CODE, _FORMAT = 0x041E, 0x00E0
_FORMULA, _NUMBER, _SHORT, _SEVERAL = 0x0006, 0x0203, 0x027E, 0x00BD

Record = tuple[int, bytes]


class OldNumberFormats:
    """The number formats of the cells of an ``.xls``.

    Raises:
        struct.error, IndexError, ValueError: the file is damaged; here and from the method.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        own: dict[int, str] = {}
        numbers: list[int] = []
        for kind, content in records:
            if kind == _BEGIN and content[:2] != _PRESENT:
                break  # Before Excel 97 the records are others.
            if kind == _CODE:
                number, length, options = struct.unpack_from("<HHB", content)
                raw = content[5 : 5 + length * (1 + (options & 1))]
                own[number] = raw.decode("utf-16-le" if options & 1 else "latin-1")
            elif kind == _FORMAT:
                numbers.append(struct.unpack_from("<2xH", content)[0])
        self._codes = [own.get(number, BUILT_IN.get(number, "")) for number in numbers]

    def of_sheet(self, records: Iterable[Record]) -> Cells:
        """What cells show whose format changes their number or hides it."""
        found: dict[tuple[int, int], ShownCell] = {}
        for row, column, form, value in _numbers(records):
            code = self._codes[form] if form < len(self._codes) else ""
            if value.is_integer() and (not code or shows_whole_numbers(code)):
                continue
            shown = of_number(code, value)
            if shown is not None:
                found[row, column] = shown
        return found


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
