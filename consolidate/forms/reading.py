"""Formulas of Excel that read one input cell as ``intake.typed_text.numbers`` reads it.

They live in helper cells of a hidden sheet, one row per input cell, so that the sheet "Kiểm tra"
judges a template while it is being filled in as the merge will judge the return. No formula depends
on the language of the office program: digits are taken apart and put together by hand, never given
to ``VALUE`` with a separator. Only functions that Excel 2010 has are used: ABS, AND, CELL, CHAR,
FIND, IF, INT, ISBLANK, ISERROR, ISLOGICAL, ISNUMBER, ISTEXT, LEFT, LEN, LOWER, MAX, MID, NOT, OR,
REPT, RIGHT, ROUND, SUBSTITUTE, SUM, SUMPRODUCT, TRIM, VALUE.

**Guaranteed to agree** with ``read_number`` and the bounds of the element:

- blank cells, numbers of at most 15 digits, true and false, error values;
- texts of at most 255 characters in NFC, with blanks, no-break spaces, tabs and line breaks
  anywhere: words for nothing and for "not applicable" (also in NFD or as code page 1258 gives
  them, in capitals, with dots behind), digits with leading zeros, grouped by dots, commas or
  blanks, with decimals, with a sign or a bullet before and words or a percent sign behind, two
  figures ``a/b``, amounts with words of money, areas with words of area.

**Read as invalid here** although Python may read them: more than one dot or comma behind the digits
(``5..``), a dot before the words (``5 .lượt``) or more than one behind them, more than 15 digits
with leading zeros, decimals or more than nine digits in a ratio ``a/b``, texts of more than 255
characters, and one text that answers several columns of an open table (``- 05 đã thực hiện - 16
đang thực hiện``).

**Not guaranteed**: a date in a cell of numbers, known by the format that ``CELL`` names (all usual
ones in Excel, few in LibreOffice) and a plain number otherwise; characters that NFKC replaces other
than blanks, ``¹``, ``²``, ``³``, ``½`` and ``㎡`` (fullwidth digits, the ellipsis); zero-width
characters; words of money or area in spellings other than the three above; joiners, direction
marks and soft hyphens.

**Not read here at all**: text in TCVN3 or VNI (the merge converts it), and the other numbers of the
file: a text that can be read in two ways counts in the Vietnamese way until the file is merged.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from consolidate.intake.typed_text.numbers import (
    AREA,
    MONEY,
    MOST_DIGITS,
    MULTIPLIERS,
    NOT_APPLICABLE,
    NOTHING,
)
from consolidate.model.datasets import ValueType

TEXT = "text"
WORD = "word"
VALUE = "value"
STATUS = "status"
SOMETHING = "something"
SECOND_VALUE = "second_value"
SECOND_STATUS = "second_status"
"""Names of the helper cells that others read; :class:`Reading` says what each holds."""

LONGEST = 255
"""Characters of the longest text that is read."""
LITERAL_LIMIT = 255
"""Characters that Excel takes in one text of a formula."""
_PAIR_DIGITS = 9
_SQUARE = "m²"
"""How square metres are written in ``text``, so that their 2 is no digit of an answer."""
_GROUPED = tuple(f"{'0' * head}{'.000' * count}" for count in (1, 2, 3, 4) for head in (1, 2, 3))
"""Shapes of whole numbers in groups of three, of at most 15 digits."""
_NO_BREAK = "\u00a0\u2007\u202f"
_TONES = "\u0300\u0301\u0303\u0309\u0323"


@dataclass(frozen=True, slots=True)
class Reading:
    """The helper cells that read one input cell, in the order in which they build on each other.

    ======================  ==================================================================
    ``value``               the number; 0 when nothing is reported
    ``status``              1 reported, 0 missing or not applicable, -1 invalid
    ``second_value``        of an ``a/b`` answer the second figure, for pairs only
    ``second_status``       likewise its status
    ``something``           1 when the cell makes its row of an open table count, else 0
    ======================  ==================================================================

    The other cells are steps between. ``templates`` are formulas without a leading ``=`` in which
    ``{cell}`` stands for the input cell and ``{name}`` for another helper cell.
    """

    cell: str
    templates: tuple[tuple[str, str], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the helper cells, in order."""
        return tuple(name for name, _ in self.templates)

    def formulas(self, address: Callable[[str], str]) -> dict[str, str]:
        """The formula of every helper cell, by name; ``address`` tells where each will stand."""
        addresses = {name: address(name) for name in self.columns}
        return {
            name: template.format(cell=self.cell, **addresses) for name, template in self.templates
        }


def reading_formulas(
    cell: str,
    kind: ValueType,
    minimum: Decimal | None,
    maximum: Decimal | None,
    *,
    pair: bool = False,
) -> Reading:
    """Formulas that read ``cell``, a reference to one cell (an address, a name or ``INDEX(…)``).

    ``kind``, ``minimum`` and ``maximum`` are those of the element; ``pair`` allows ``a/b`` for a
    count. A text, choice or date is only asked whether it is there (status 1 or 0, -1 for an error
    value); its ``value`` is 0.
    """
    return Reading(cell, _templates(kind, minimum, maximum, pair))


@cache
def _templates(
    kind: ValueType, minimum: Decimal | None, maximum: Decimal | None, pair: bool
) -> tuple[tuple[str, str], ...]:
    steps = _text_steps()
    if kind.numeric:
        steps |= _token_steps(kind)
        if pair or kind is ValueType.PERCENTAGE:
            steps |= _second_token_steps()
        steps |= _answer_steps(kind, minimum, maximum, pair=pair)
    else:
        steps[VALUE] = "0"
        blank = 'IF(ISTEXT({cell}),{text}="",ISBLANK({cell}))'
        steps[STATUS] = f"IF(ISERROR({{cell}}),-1,IF({blank},0,1))"
    nothing = f'OR(SUBSTITUTE({{word}},"0","")="||",{_listed("{word}", NOTHING)})'
    steps[SOMETHING] = (
        "IF(OR(ISERROR({cell}),ISLOGICAL({cell})),1,IF(ISNUMBER({cell}),IF({cell}=0,0,1),"
        f"IF({nothing},0,1)))"
    )
    return tuple(steps.items())


def series_formulas(values: str, statuses: str, rows: str) -> tuple[str, str]:
    """Value and status of the sum of a column of an open table over the rows that say something.

    ``values``, ``statuses`` and ``rows`` are ranges of one shape; ``rows`` holds 1 for a row in
    which any cell says ``something``, else 0. The count of rows is the sum of ``rows``.
    """
    value = f"SUMPRODUCT({values}*({rows}>0))"
    status = (
        f"IF(SUMPRODUCT(({statuses}<0)*({rows}>0))>0,-1,"
        f"IF(OR(SUM({rows})=0,SUMPRODUCT(({statuses}>0)*({rows}>0))>0),1,0))"
    )
    return value, status


def _text_steps() -> dict[str, str]:
    """``text``: the text of the cell in small letters with plain blanks; ``word``: between bars."""
    text = "{cell}"
    for blank in _NO_BREAK:
        text = f'SUBSTITUTE({text},"{blank}"," ")'
    for code in (9, 10, 13):
        text = f'SUBSTITUTE({text},CHAR({code})," ")'
    text = f'LOWER(TRIM(SUBSTITUTE({text},"|","¦")))'
    for old in ("m 2", "m2", "m ²", "㎡"):
        text = f'SUBSTITUTE({text},"{old}","{_SQUARE}")'
    for old in ("¹", "³", "½"):
        text = f'SUBSTITUTE({text},"{old}","²²")'
    return {
        TEXT: f'IF(ISTEXT({{cell}}),{text},"")',
        # All dots cut from the end if they stand there; a dot elsewhere matches no word anyway.
        WORD: '"|"&LEFT({text},LEN(SUBSTITUTE({text},".","")))&"|"',
    }


def _token_steps(kind: ValueType) -> dict[str, str]:
    """From ``core`` (no bullet) to ``number``, the number that the text has, ``""`` for none.

    ``mask`` is ``core`` with every digit a 0, so that ``0.000`` is the shape of all like 1.819.
    """
    mask = "{core}"
    for digit in "123456789":
        mask = f'SUBSTITUTE({mask},"{digit}","0")'
    zeros = 'LEN({mask})-LEN(SUBSTITUTE({mask},"0",""))'
    inside = "MID({%s},(3-{sign})/2,MAX(0,{last}-(1-{sign})/2))"
    thousands = "" if kind is ValueType.COUNT else ',OR({slash}>0,{marks}<>",")'
    return {
        "core": (
            'IF(AND(ISNUMBER(FIND(LEFT({text},1),"-–—•+*")),MID({text},2,1)=" "),'
            "MID({text},3,LEN({text})),{text})"
        ),
        "sign": 'IF(OR(LEFT({core},1)="-",LEFT({core},1)="−"),-1,1)',
        "mask": mask,
        "last": (
            f'IF(ISNUMBER(FIND("0",{{mask}})),FIND("|",SUBSTITUTE({{mask}},"0","|",{zeros})),0)'
        ),
        "slash": 'IF(ISNUMBER(FIND("/",LEFT({core},{last}))),FIND("/",{core}),0)',
        "token": f"IF({{slash}}>0,TRIM(LEFT({{core}},{{slash}}-1)),{inside % 'core'})",
        "shape": f"IF({{slash}}>0,TRIM(LEFT({{mask}},{{slash}}-1)),{inside % 'mask'})",
        **_number_steps("", thousands),
    }


def _second_token_steps() -> dict[str, str]:
    """``second_number``: the number behind the slash of an ``a/b`` answer, ``""`` for none."""
    return {
        "second_token": 'IF({slash}>0,TRIM(MID({core},{slash}+1,LEN({core}))),"")',
        "second_shape": 'IF({slash}>0,TRIM(MID({mask},{slash}+1,LEN({mask}))),"")',
        **_number_steps("second_", ""),
    }


def _number_steps(prefix: str, thousands: str) -> dict[str, str]:
    """``number`` from ``token`` and its ``shape``; ``marks`` are the separators between digits."""
    grouped = _listed('"|"&SUBSTITUTE({shape},LEFT({marks},1),".")&"|"', _GROUPED)
    point = "FIND(RIGHT({marks},1),{shape})"
    whole_part = _listed(
        f'"|"&SUBSTITUTE(LEFT({{shape}},{point}-1),LEFT({{marks}},1),".")&"|"', _GROUPED
    )
    steps = {
        "marks": 'SUBSTITUTE({shape},"0","")',
        "digits": 'SUBSTITUTE(SUBSTITUTE(SUBSTITUTE({token}," ",""),".",""),",","")',
        "number": (
            'IF(OR(LEFT({shape},1)<>"0",RIGHT({shape},1)<>"0",'
            f'LEN({{digits}})>{MOST_DIGITS}),"",'
            'IF({marks}="",VALUE({digits}),'
            'IF(AND(LEFT({token},1)<>"0",ISNUMBER(FIND(LEFT({marks},1)," .,")),'
            f"{{marks}}=REPT(LEFT({{marks}},1),LEN({{marks}})),{grouped}{thousands}),VALUE({{digits}}),"
            'IF(OR({marks}=".",{marks}=",",AND(LEN({marks})>1,LEFT({token},1)<>"0",'
            'OR({marks}=REPT(".",LEN({marks})-1)&",",{marks}=REPT(",",LEN({marks})-1)&"."),'
            f"{whole_part})),VALUE({{digits}})/10^(LEN({{shape}})-{point}),"
            '""))))'
        ),
    }
    for name in ("token", "shape", "marks", "digits"):
        steps = {
            key: text.replace(f"{{{name}}}", f"{{{prefix}{name}}}") for key, text in steps.items()
        }
    return {f"{prefix}{name}": text for name, text in steps.items()}


def _answer_steps(
    kind: ValueType, minimum: Decimal | None, maximum: Decimal | None, *, pair: bool
) -> dict[str, str]:
    """``tail`` and ``words`` behind the number, ``factor`` of a unit, ``answer``, results."""
    single = 'IF(OR({number}="",{factor}=""),"",{sign}*{number}*{factor})'
    steps = {
        "tail": _without_mark("MID({core},{last}+1,LEN({core}))"),
        "words": (
            'IF(RIGHT(TRIM({tail}),1)=".",'
            "TRIM(LEFT(TRIM({tail}),LEN(TRIM({tail}))-1)),TRIM({tail}))"
        ),
        "factor": _factor(kind),
    }
    both = '""'
    if kind is ValueType.PERCENTAGE:
        numbers = 'OR({number}="",{second_number}="",{second_number}=0,'
        numbers += f"LEN({{digits}})>{_PAIR_DIGITS},LEN({{second_digits}})>{_PAIR_DIGITS})"
        steps["whole"] = f"IF({numbers},FALSE,AND({{number}}=INT({{number}}),"
        steps["whole"] += "{second_number}=INT({second_number})))"
        steps["halves"] = "IF({whole},INT(20000*{number}/{second_number}),0)"
        # Half a hundredth goes to the even neighbour, as decimals are rounded.
        tie = "{halves}*{second_number}=20000*{number},{halves}<>2*INT({halves}/2)"
        both = (
            f"IF({{whole}},IF(AND({tie}),2*ROUND({{halves}}/4,0)/100,"
            'ROUND(100*{number}/{second_number},2)),"")'
        )
    elif pair:
        both = 'IF(OR({number}="",{second_number}=""),"",'
        both += 'IF({second_number}=INT({second_number}),{number},""))'
    nothing = _listed("{word}", NOTHING)
    steps["answer"] = (
        f"IF(ISNUMBER({{cell}}),{{cell}},IF({nothing},0,"
        f'IF(LEN({{text}})>{LONGEST},"",IF({{slash}}>0,{both},{single}))))'
    )
    steps[STATUS] = (
        f"IF(OR(ISERROR({{cell}}),ISLOGICAL({{cell}})),-1,"
        f'IF(AND(NOT(ISNUMBER({{cell}})),OR({{text}}="",{_listed("{word}", NOT_APPLICABLE)})),0,'
        f'IF({{answer}}="",-1,IF(AND({",".join(_checks(kind, minimum, maximum))}),1,-1))))'
    )
    steps[VALUE] = "IF({status}=1,{answer},0)"
    if pair:
        steps[SECOND_STATUS] = "IF(AND({status}=1,ISTEXT({cell}),{slash}>0),1,0)"
        steps[SECOND_VALUE] = "IF({second_status}=1,{second_number},0)"
    return steps


def _checks(kind: ValueType, minimum: Decimal | None, maximum: Decimal | None) -> Iterable[str]:
    """What an answer must be: not a date, whole, within bounds, no percentage on a scale of 1."""
    yield 'OR(ISTEXT({cell}),LEFT(CELL("format",{cell}),1)<>"D")'
    yield f"OR(ISTEXT({{cell}}),ABS({{answer}})<{10**MOST_DIGITS})"
    if kind is ValueType.COUNT:
        yield "{answer}=INT({answer})"
    if kind is ValueType.PERCENTAGE:
        marked = 'AND(ISTEXT({cell}),OR({slash}>0,{words}<>""))'
        yield f"OR({marked},{{answer}}<=0,{{answer}}>1)"
    if minimum is not None:
        yield f"{{answer}}>={format(minimum, 'f')}"
    if maximum is not None:
        yield f"{{answer}}<={format(maximum, 'f')}"


def _without_mark(text: str) -> str:
    """A text without one dot or comma at its start."""
    return f'IF(OR(LEFT({text},1)=".",LEFT({text},1)=","),MID({text},2,LEN({text})),{text})'


def _factor(kind: ValueType) -> str:
    """What one of the written unit is in the form's unit; ``""`` for a unit of another kind."""
    words = '"|"&{words}&"|"'
    odd = (
        'OR(LEFT({tail},1)=".",LEFT({tail},1)=",",LEFT({words},1)=".",RIGHT({words},1)=".",'
        f'ISNUMBER(FIND("²",MID({{words}},IF(LEFT({{words}},2)="{_SQUARE}",3,1),LEN({{text}})))))'
    )
    if kind in (ValueType.MONEY, ValueType.AREA):
        units = MONEY if kind is ValueType.MONEY else AREA
        chosen = '""'
        for factor in sorted(set(units.values())):
            names = [word for word, value in units.items() if value == factor]
            chosen = f"IF({_listed(words, names)},{format(factor, 'f')},{chosen})"
        return f'IF({odd},"",IF({{words}}="",1,{chosen}))'
    bare, percent = "{words}", 'LEFT({words},1)="%",'
    if kind is ValueType.PERCENTAGE:
        bare, percent = 'IF(LEFT({words},1)="%",TRIM(MID({words},2,LEN({words}))),{words})', ""
    first = f'"|"&LEFT({bare}&" ",FIND(" ",{bare}&" ")-1)&"|"'
    foreign = _listed(f'"|"&{bare}&"|"', [*MONEY, *AREA])
    return f'IF(OR({odd},{percent}{foreign},{_listed(first, MULTIPLIERS)}),"",1)'


def _listed(text: str, words: Iterable[str]) -> str:
    """Whether a text between bars is one of the words."""
    lists = [""]
    for word in _spellings(words):
        if len(lists[-1]) + len(word) + 2 > LITERAL_LIMIT:
            lists.append("")
        lists[-1] += f"|{word}"
    tests = [f'ISNUMBER(FIND({text},"{known}|"))' for known in lists]
    return tests[0] if len(tests) == 1 else f"OR({','.join(tests)})"


def _spellings(words: Iterable[str]) -> list[str]:
    """Every word in NFC, in NFD, and with its tones apart as code page 1258 writes them."""
    found: dict[str, None] = {}
    for word in (re.sub("m ?2", _SQUARE, word) for word in sorted(words)):
        for spelt in (word, unicodedata.normalize("NFD", word), _tones_apart(word)):
            found[spelt] = None
    return list(found)


def _tones_apart(word: str) -> str:
    spelt = ""
    for letter in word:
        parts = unicodedata.normalize("NFD", letter)
        tones = "".join(mark for mark in parts if mark in _TONES)
        base = "".join(mark for mark in parts if mark not in _TONES)
        spelt += unicodedata.normalize("NFC", base) + tones
    return spelt
