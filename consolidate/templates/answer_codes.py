"""Pack into one number per answer what is wrong, where it stands, and its status.

Helper cells of the template hold these numbers; lists, counts, colours and rules read them. From
the left: one digit for the class of the problem, three for the row and two for the column within
the table, both counted from 1, one for the problem within its class, one for the status plus one
(as in :mod:`consolidate.rules.excel_formula`). Sorted they stand in the order of the form.
"""

from __future__ import annotations

from collections.abc import Mapping

BLANK = 11
"""A required answer that is not there."""
NOT_A_MARK = 20
ERROR_VALUE, A_TEXT, NOT_A_NUMBER, NOT_WHOLE, THOUSANDS_LOST = 21, 22, 23, 24, 25
TOO_SMALL, TOO_LARGE, PERCENT_SCALE, NOT_A_DATE = 26, 27, 28, 29
UNUSUAL, TOO_MANY, SECOND_MISSING = 31, 32, 33
DOUBTS = (UNUSUAL, TOO_MANY, SECOND_MISSING)
"""Problems of figures that count all the same."""

PROBLEMS: Mapping[str, int] = {
    "required": BLANK,
    "error_value": ERROR_VALUE,
    "not_a_number": NOT_A_NUMBER,
    "not_calculated": ERROR_VALUE,
    "not_whole": NOT_WHOLE,
    "thousands_lost": THOUSANDS_LOST,
    "below_minimum": TOO_SMALL,
    "above_maximum": TOO_LARGE,
    "percent_scale": PERCENT_SCALE,
    "not_a_date": NOT_A_DATE,
    "not_a_mark": NOT_A_MARK,
    "above_normal": UNUSUAL,
    "too_many": TOO_MANY,
    "second_missing": SECOND_MISSING,
}
"""Number of each finding ``value.*`` of the merge about a number, a mark, an error
value or a blank."""
CLASSES = (1, 2, 3)
"""First digits: required and blank, unreadable (both errors), doubtful (a warning)."""
CLASS, ROW, COLUMN, REASON = 10_000_000, 10_000, 100, 10
"""What one class, one row, one column and one problem of a class count."""


def packed(problem: int) -> int:
    """Pack a problem by its place in the number."""
    return problem // 10 * CLASS + problem % 10 * REASON


def start_of(kind: int) -> int:
    """Give the least number of a class of problems."""
    return kind * CLASS


def status_formula(number: str) -> str:
    """Write the status, from a reference to the number."""
    return f"MOD({number},10)-1"


def row_formula(number: str) -> str:
    """Write the row in the table, from 1."""
    return f"MOD(INT({number}/{ROW}),1000)"


def column_formula(number: str) -> str:
    """Write the column in the table, from 1."""
    return f"MOD(INT({number}/{COLUMN}),100)"


def reason_formula(number: str) -> str:
    """Write which problem of its class it is: the second digit."""
    return f"MOD(INT({number}/{REASON}),10)"
