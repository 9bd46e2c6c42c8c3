"""Formulas that read a day out of a text as :mod:`consolidate.intake.typed_text.dates` reads it.

Day, month and year of four digits, parted by ``/``, ``.`` or ``-`` (blanks around allowed) or by
the words *tháng* and *năm*. A number in a cell of days is a day, whatever its format: formulas
cannot tell in every office program how a cell shows it.

**Read as invalid here** although the merge reads them: years of two digits (``28/8/18``), the year
first (``2018-08-28``), digits and marks in full width.

Only functions of Excel 2010: AND, CHAR, DATE, DAY, FIND, IF, IFERROR, INT, ISERROR, ISNUMBER,
ISTEXT, LEFT, LEN, LOWER, MID, MIN, MONTH, OR, SUBSTITUTE, TRIM, VALUE.
"""

from __future__ import annotations

import re

_NEVER = 999
"""Place of a day that a text does not have."""
_FORMS = ("0/0/0000", "0/00/0000")
"""Shapes of a day from the last digit of the day on; a month has one digit or two."""

_SEPARATORS = (
    (" tháng ", "/"),
    (" năm ", "/"),
    (".", "/"),
    ("-", "/"),
    (" /", "/"),
    ("/ ", "/"),
)
_TWO_MONTH = 'IF(MID({shape},{at}+3,1)="0",1,0)'
_TWO_DAY = 'IF(MID("x"&{shape},{at},1)="0",1,0)'
_YEAR_AT = f"({{at}}+4+{_TWO_MONTH})"
_BEHIND = f"({{at}}+8+{_TWO_MONTH})"
_DAY = f"VALUE(MID({{day}},{{at}}-{_TWO_DAY},1+{_TWO_DAY}))"
_MONTH = f"VALUE(MID({{day}},{{at}}+2,1+{_TWO_MONTH}))"
_YEAR = f"VALUE(MID({{day}},{_YEAR_AT},4))"


def day_steps(*, only: bool) -> dict[str, str]:
    """Helper cells ``day``, ``shape``, ``at``, ``serial`` and ``answer`` of a cell with a day.

    ``answer`` is the serial number of the day, ``""`` for a text without one; with ``only`` a text
    with two days has none.
    """
    day = "{cell}"
    for blank in ("CHAR(9)", "CHAR(10)", "CHAR(13)", '"\u00a0"'):
        day = f'SUBSTITUTE({day},{blank}," ")'
    day = f"LOWER(TRIM({day}))"
    for old, new in _SEPARATORS:
        day = f'SUBSTITUTE({day},"{old}","{new}")'
    shape = "{day}"
    for digit in "123456789":
        shape = f'SUBSTITUTE({shape},"{digit}","0")'
    found = ",".join(f'IFERROR(FIND("{form}",{{shape}}),{_NEVER})' for form in _FORMS)
    wrong = [
        f"{{at}}={_NEVER}",
        'MID("xx"&{shape},{at},2)="00"',
        f'MID({{shape}},{_BEHIND},1)="0"',
        f"{_YEAR}<1900",
        f"DAY({{serial}})<>{_DAY}",
        f"MONTH({{serial}})<>{_MONTH}",
    ]
    if only:
        wrong += [f'ISNUMBER(FIND("{form}",{{shape}},{_BEHIND}))' for form in _FORMS]
    answer = f'IFERROR(IF(OR({",".join(wrong)}),"",{{serial}}),"")'
    return {
        "day": f"IF(ISTEXT({{cell}}),{day},0)",
        "shape": f"IF(ISTEXT({{cell}}),{shape},0)",
        "at": f"IF(ISTEXT({{cell}}),MIN({found}),0)",
        "serial": f"IF(ISTEXT({{cell}}),IFERROR(DATE({_YEAR},{_MONTH},{_DAY}),0),0)",
        "answer": f"IF(ISTEXT({{cell}}),{answer},IF(ISNUMBER({{cell}}),INT({{cell}}),0))",
    }


def rest_of_text() -> str:
    """What stands behind the day in its text."""
    return f'IF({{at}}={_NEVER},"",MID({{day}},{_BEHIND},999))'


def line_values(line: str) -> list[float | str]:
    """The helper cells of a line with two days as they are: first day, rest, second day.

    What depends on the calendar is left ``""``; a line without any text has zeros.
    """
    if not line:
        return [0, 0, 0, 0, 0, "", 0, 0, 0, 0, 0]
    made: list[float | str] = []
    rest = line
    for turn in range(2):
        day = " ".join(rest.split()).casefold()
        for old, new in _SEPARATORS:
            day = day.replace(old, new)
        shape = re.sub("[0-9]", "0", day)
        places = [shape.find(form) + 1 for form in _FORMS if form in shape]
        at = min(places, default=_NEVER)
        found = re.match(r"([0-9]/)([0-9]{1,2})/([0-9]{4})", day[at - 1 :])
        made += [day, shape, at, "" if found else 0, ""]
        rest = day[at - 1 + len(found[0]) :] if found else ""
        made += [] if turn else [rest]
    return made


def says_no_day() -> str:
    """Whether the text is nothing but dots, dashes and blanks to write on."""
    left = "{day}"
    for mark in ("/", "–", "…", "_", " "):
        left = f'SUBSTITUTE({left},"{mark}","")'
    return f'{left}=""'
