"""Read numbers as officers type them, by the value type of the element (domain brief).

``03`` · ``1.819`` · ``1.556,3`` · ``969.4`` · ``1,819`` · ``1.819/134`` · ``100%`` · ``26/26`` ·
``6.150.000đ`` · ``9.280 triệu đồng`` · ``121 lượt`` · ``- 05 đã thực hiện`` · ``Không phát sinh``.
Every reading says how it came about; nothing is guessed: a text with two readings says both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from consolidate.intake.typed_text.units_of_measure import (
    AREA,
    MONEY,
    SINGLE_DONG,
    factor,
    is_counted,
    is_other_measure,
)
from consolidate.model.cells import Cell
from consolidate.model.data_values import ValueStatus, ratio
from consolidate.model.datasets import Library, ValueType
from consolidate.model.returns import Return
from consolidate.model.text import Convention, decimal_of, format_number, plain, tidy
from consolidate.xlsx.read.grid import Workbook

NOTHING = frozenset(
    {
        "không",
        "không có",
        "không phát sinh",
        "chưa phát sinh",
        "chưa có",
        "ko",
        "//",
        "/",
        "-",
        "--",
        "–",
        "—",
    }
)
"""Answers that say zero."""
NOT_APPLICABLE = frozenset({"x", "n/a", "na", "không áp dụng", "không thuộc đối tượng"})
"""Answers for "does not concern this unit"."""

_NO_TITLED = NOTHING | NOT_APPLICABLE - {"x"}  # The sheet "Kiểm tra" takes every x.
_LONGEST = 4000
"""Characters of a text that can be an answer at all."""
_SQUARE = re.compile(r"(?<=[mM])\s?²")
_MARKS = frozenset({"<super", "<sub", "<circle", "<fraction", "<compat"})
_BULLET = re.compile(r"[-–—•+*]\s+")
_DASHES = "-–—"
_NUMBER = r"[0-9](?:[0-9.,]|(?: (?=[0-9]{3}(?![0-9]))))*"
_ANSWER = re.compile(
    rf"(?P<sign>[-−]?)(?P<number>{_NUMBER})\s*(?P<words>(?:m ?2(?![0-9]))?[^0-9]*)", re.IGNORECASE
)
_PAIR = re.compile(rf"(?P<first>{_NUMBER})\s*/\s*(?P<second>{_NUMBER})")
_SEVERAL = re.compile(rf"(?P<number>{_NUMBER})\s+(?P<words>[^0-9;•\n–—]+?)(?=\s*(?:[-–—;•\n,]|$))")
_ROUGHLY = re.compile(
    rf"(?:hơn|trên|khoảng|gần|xấp xỉ|ước|chừng) (?P<number>{_NUMBER})(?: [^0-9]*)?", re.IGNORECASE
)
"""A figure told in round terms: "hơn 10 lượt"."""
_LETTERS = re.compile(r"(?=.*[0-9])[0-9OoIl]*[OoIl][0-9OoIl]*")
_AS_DIGITS = str.maketrans("OoIl", "0011")
_APOSTROPHES = re.compile(r"[0-9]{1,3}(?:['’‘′`ʼ_][0-9]{3})+")
_POWER = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,6})?[eE][+]?[0-9]{1,2}")
_TITLED = re.compile(r"(?P<title>[^\W\d_]+(?: [^\W\d_]+)*) ?:? ?(?P<rest>[0-9].*)")
_SPACES = re.compile(r"[1-9][0-9]{0,2}(?: [0-9]{3})+")
_WRITTEN = re.compile(r"(?<![\w.,/-])(?>[0-9][0-9.,]*[0-9])(?![/-])")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")
_GROUPED_DECIMAL = re.compile(r"[1-9][0-9]{0,2}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*(?!\1)([.,])[0-9]+")
_DECIMAL = re.compile(r"[0-9]+([.,])[0-9]+")
MOST_DIGITS = 15
"""Digits that Excel keeps of a number; an answer with more of them is no honest figure."""


@dataclass(frozen=True, slots=True)
class NumberReading:
    """What a cell answers. ``figures`` is empty unless ``status`` is ``REPORTED``.

    A ratio or a pair answered as ``a/b`` has more than one figure: for a percentage the percent,
    ``a`` and ``b``; for a pair ``a`` and ``b``. ``step`` names how the text was read, ``""`` as it
    stands; ``problem`` and ``readings`` are those of a
    :class:`~consolidate.model.data_values.DataValue`.
    """

    status: ValueStatus
    figures: tuple[Decimal, ...] = ()
    step: str = ""
    problem: str = ""
    readings: tuple[str, ...] = ()


_MISSING = NumberReading(ValueStatus.MISSING)


def read_number(
    cell: Cell,
    kind: ValueType,
    *,
    pair: bool = False,
    convention: Convention = Convention.NONE,
    names: str = "",
    measure: str = "",
    titled: bool = False,
) -> NumberReading:
    """Read a cell as an answer of a numeric value type; ``pair`` allows ``a/b`` for a count.

    ``convention`` is how the file writes its numbers, if it is known: it chooses between two
    readings, and both are still named. ``names`` are the unit of measure, the label and the own
    phrases of the element: only their words may stand behind a number, and no other thing that is
    counted than its ``measure`` says. A ``titled`` answer may have
    words of the label before it, too (``Lần 2``), and is never
    nothing.
    """
    if type(cell) is float and kind is ValueType.COUNT and cell.is_integer() and abs(cell) < 1e15:
        return NumberReading(ValueStatus.REPORTED, (Decimal(int(cell)),))
    if isinstance(cell, str):
        if titled:
            cell = _without_title(cell, names)
            if tidy(cell).casefold().rstrip(".") in _NO_TITLED:
                return _invalid("not_a_number")
        return (
            _MISSING
            if not cell.strip()
            else _read_text(cell, kind, convention, names, measure, pair)
        )
    if isinstance(cell, bool):
        return _invalid("not_a_number")
    if isinstance(cell, float | int):
        if not abs(cell) < 10**MOST_DIGITS:  # Infinite and NaN cells are written by no Excel.
            return _invalid("not_a_number")
        # Excel shows fifteen digits: 2,9999999999999996 is 3 to everybody.
        return _checked(decimal_of(float(f"{cell:.15g}")), kind, "", from_text=False)
    return _invalid("date_in_number")


def split_answers(text: str) -> tuple[tuple[str, str], ...]:
    """Split a text that answers several columns at once into (number, words).

    ``- 05 đã thực hiện - 16 nhiệm vụ đang thực hiện - 01 chưa thực hiện`` has three. A text with
    a number that belongs to no part has none.
    """
    if len(text) > _LONGEST:
        return ()
    folded = "\n".join(tidy(line) for line in unicodedata.normalize("NFKC", text).splitlines())
    if any(letter.isdigit() for letter in _SEVERAL.sub("", folded)):
        return ()
    return tuple(
        (match.group("number"), match.group("words").strip()) for match in _SEVERAL.finditer(folded)
    )


def _invalid(problem: str, *readings: Decimal) -> NumberReading:
    shown = tuple(format_number(reading) for reading in readings)
    return NumberReading(ValueStatus.INVALID, problem=problem, readings=shown)


def _without_title(cell: str, names: str) -> str:
    """A text less the words of a label before its number: ``Lần 2``, ``năm 2018``."""
    match = _TITLED.fullmatch(tidy(cell))
    if match is None:
        return cell
    said = plain(match["title"].casefold()).split()
    known = {*plain(names.casefold()).split(), "thu"}  # Lần thứ 2.
    return match["rest"] if known.issuperset(said) else cell


def _read_text(
    cell: str, kind: ValueType, convention: Convention, names: str, measure: str, pair: bool
) -> NumberReading:
    if len(cell) > _LONGEST:
        return _invalid("not_a_number")
    if not cell.isascii():
        cell = _SQUARE.sub("2", cell.replace("㎡", "m2"))
        if any(_hides_digits(letter) for letter in cell):
            return _invalid("not_a_number")
    text = tidy(unicodedata.normalize("NFKC", cell))
    word = text.casefold().rstrip(".")
    if word in NOTHING:
        return NumberReading(ValueStatus.REPORTED, (Decimal(0),), "nothing")
    if word in NOT_APPLICABLE:
        return NumberReading(ValueStatus.NOT_APPLICABLE, step="not_applicable")
    listed = _BULLET.match(text)
    text = text[listed.end() :] if listed else text
    both = _PAIR.fullmatch(text)
    if both is not None:
        return _read_pair(both.group("first"), both.group("second"), kind, pair=pair)
    rough = _ROUGHLY.fullmatch(text)
    core = _digits(rough["number"].rstrip(".,"), kind, convention) if rough is not None else None
    if core is not None:
        return _invalid("roughly", core[0])
    meant = _meant(text)
    if meant is not None:
        return _invalid("unclear", meant)
    match = _ANSWER.fullmatch(text)
    if match is None:
        several = len(re.findall(_NUMBER, text)) > 1
        return _invalid("several_numbers" if several else "not_a_number")
    read = _read_answer(match, kind, convention, names, measure)
    if listed and listed[0][0] in _DASHES and not match["words"] and read.figures:
        return _invalid("unclear", *read.figures)  # The dash of a list, or a minus?
    return read


def _meant(text: str) -> Decimal | None:
    """What was likely meant by letters for digits, an apostrophe or a power: 1O, 1'819, 1E3."""
    if _LETTERS.fullmatch(text):
        return Decimal(text.translate(_AS_DIGITS))
    if _APOSTROPHES.fullmatch(text):
        return Decimal(re.sub(r"[^0-9]", "", text))
    if _POWER.fullmatch(text):
        return Decimal(text.replace(",", "."))
    return None


def _hides_digits(letter: str) -> bool:
    """Whether NFKC makes a digit of a footnote mark, an index, a fraction or a circled number."""
    kind = unicodedata.decomposition(letter).partition(">")[0]
    return kind in _MARKS and any(map(str.isdigit, unicodedata.normalize("NFKC", letter)))


def _read_answer(
    match: re.Match[str], kind: ValueType, convention: Convention, names: str, measure: str
) -> NumberReading:
    words = match.group("words").casefold().strip(" .,;")
    digits = match.group("number").rstrip(".,")
    in_dong = kind is ValueType.MONEY and _begun(words, kind) == SINGLE_DONG
    core = _digits(digits, ValueType.COUNT if in_dong else kind, convention)
    if core is None:
        return _invalid("not_a_number")
    number, how, alternatives = core
    if match.group("sign"):
        number, alternatives = -number, tuple(-other for other in alternatives)
    percent = words.startswith("%")
    if percent:
        if kind is not ValueType.PERCENTAGE:
            return _invalid("unexpected_percent")
        words, how = words.removeprefix("%").strip(), "percent"
    scale = _scale(words, kind, names, measure)
    if isinstance(scale, str):
        return _invalid(scale, number * _begun(words, kind))
    if words:
        how = "money_unit" if scale != 1 else "words"
    reading = _checked(number * scale, kind, how, from_text=True, scaled=percent or bool(words))
    if reading.status is ValueStatus.REPORTED and alternatives:
        both = tuple(format_number(other * scale) for other in (number, *alternatives))
        problem = "by_convention" if convention else "ambiguous"
        return NumberReading(reading.status, reading.figures, how, problem, both)
    return reading


def _read_pair(first: str, second: str, kind: ValueType, *, pair: bool) -> NumberReading:
    read = [_digits(part, ValueType.COUNT) for part in (first, second)]
    if read[0] is None or read[1] is None:
        return _invalid("not_a_number")
    over, under = read[0][0], read[1][0]
    if kind is ValueType.PERCENTAGE:
        if under == 0:
            return _invalid("zero_denominator")
        percent = ratio(over, under)
        checked = _checked(percent, kind, "ratio", from_text=True, scaled=True)
        if checked.status is not ValueStatus.REPORTED:
            return checked
        return NumberReading(ValueStatus.REPORTED, (percent, over, under), "ratio")
    if not pair:
        return _invalid("two_figures", over, under)
    if over != int(over) or under != int(under):
        return _invalid("not_whole", over, under)
    return NumberReading(ValueStatus.REPORTED, (over, under), "pair")


def _begun(words: str, kind: ValueType) -> Decimal:
    """What one of the unit is that the words begin with: 300.000 đồng/người."""
    units = {ValueType.MONEY: MONEY, ValueType.AREA: AREA}.get(kind, {})
    known = [unit for unit in units if re.match(rf"{re.escape(unit)}(?!\w)", words)]
    return units[max(known, key=len)] if known else Decimal(1)


def _scale(words: str, kind: ValueType, names: str, measure: str) -> Decimal | str:
    """What one of the written unit is in the form's unit; else what is wrong with the words."""
    if kind in (ValueType.MONEY, ValueType.AREA):
        units = MONEY if kind is ValueType.MONEY else AREA
        found = factor(words, units)
        if found is not None:
            return found
        return "unit_mismatch" if is_other_measure(words) or is_counted(words, "") else "unclear"
    if not words:
        return Decimal(1)
    if is_other_measure(words):
        return "unit_mismatch"
    counted = is_counted(words, names, measure)
    if counted is None:
        return "unit_mismatch"
    return Decimal(1) if counted else "unclear"


def _digits(
    text: str, kind: ValueType, convention: Convention = Convention.NONE
) -> tuple[Decimal, str, tuple[Decimal, ...]] | None:
    """Read digits with separators: the number, how it was read, other possible readings.

    A count is whole, so a group of three after any separator is a thousand. For other types
    ``1.819`` and ``1,819`` can be both; the reading of the file's convention, else the Vietnamese
    one (dot for thousands, comma for decimals), is used and the other one named.
    """
    if len(re.sub("[^0-9]", "", text).lstrip("0")) > MOST_DIGITS:
        return None
    if text.isdigit():
        zeros = len(text) > 1 and text.startswith("0")
        return Decimal(text), "leading_zeros" if zeros else "typed_as_text", ()
    if _SPACES.fullmatch(text):
        return Decimal(text.replace(" ", "")), "thousands", ()
    fraction = text.replace(",", ".")
    if groups := _GROUPED.fullmatch(text):
        separator = groups[1]
        whole = Decimal(text.replace(separator, ""))
        if kind is ValueType.COUNT or text.count(separator) > 1:
            return whole, "thousands", ()
        if (separator == ".") == (convention is not Convention.DOT):
            return whole, "thousands", (Decimal(fraction),)
        return Decimal(fraction), "decimals", (whole,)
    if both := _GROUPED_DECIMAL.fullmatch(text):
        fraction = text.replace(both[1], "").replace(both[2], ".")
    elif _DECIMAL.fullmatch(text) is None:
        return None
    return Decimal(fraction), "decimals", ()


def _checked(
    number: Decimal, kind: ValueType, how: str, *, from_text: bool, scaled: bool = False
) -> NumberReading:
    """Whether the number can be an answer of the type at all; bounds come from the element.

    ``scaled`` says that a percentage carries its sign or its two figures.
    """
    if kind is ValueType.COUNT and number != int(number):
        exponent = number.normalize().as_tuple().exponent
        if not from_text and exponent == -3:
            return _invalid("thousands_lost", number * 1000)
        return _invalid("not_whole")
    if kind is ValueType.PERCENTAGE and not scaled and 0 < number <= 1:
        return _invalid("percent_scale", number, number * 100)
    return NumberReading(ValueStatus.REPORTED, (number,), how)


def convention_of(answers: Iterable[tuple[str, ValueType]]) -> Convention:
    """Tell the convention of a file from its typed answers and their value types.

    ``1.819`` alone is 1819 or 1,819. Beside ``6.150.000`` and ``1.556,3`` in the same file it is
    1819; beside ``969.4`` and ``1,819.5`` it is 1,819. Files with no such answer, or with both
    kinds, have no convention.
    """
    found = {mark for text, kind in answers for mark in _marks(text, kind)}
    return found.pop() if len(found) == 1 else Convention.NONE


def _marks(text: str, kind: ValueType) -> Iterable[Convention]:
    """Decimal marks that the numbers of one answer show beyond doubt."""
    if len(text) > _LONGEST or kind in (ValueType.DATE, ValueType.CHOICE, ValueType.MARK):
        return
    # In running text 5.1 may be the number of a section; a count has no decimals.
    decimals = kind.numeric and kind is not ValueType.COUNT
    for match in _WRITTEN.finditer(text):
        number = match.group()
        if both := _GROUPED_DECIMAL.fullmatch(number):
            yield Convention(both.group(2))
        elif groups := _GROUPED.fullmatch(number):
            # One group is a thousand only where the answer must be whole.
            if number.count(groups.group(1)) > 1 or kind is ValueType.COUNT:
                yield Convention.COMMA if groups.group(1) == "." else Convention.DOT
        elif decimals and (decimal := _DECIMAL.fullmatch(number)):
            yield Convention(decimal.group(1))


def settled(book: Workbook, content: Return, library: Library) -> Workbook | None:
    """Set the convention of a workbook with ambiguous answers; ``None`` when nothing settles it.

    ``content`` is what the workbook said without a convention.
    """
    convention = convention_of(_typed(book, content, library))
    if convention is Convention.NONE:
        return None
    return replace(
        book, sheets=tuple(replace(sheet, convention=convention) for sheet in book.sheets)
    )


def _typed(book: Workbook, content: Return, library: Library) -> Iterator[tuple[str, ValueType]]:
    """Answers that are text, with the value types of their cells."""
    sheets = {sheet.name: sheet for sheet in book.sheets}
    for value in content.values():
        typed = sheets[value.cell.sheet].get(value.cell.row, value.cell.column)
        if isinstance(typed, str):
            data_set = library.by_code[value.key.data_set]
            element = data_set.by_code[value.key.element]
            yield typed, data_set.type_of(element, value.key.column)
