"""Formulas that judge one input cell as the merge does: read it, then say what is wrong with it.

:mod:`consolidate.forms.reading` has the steps of reading. Here steps that are used little or are
short go into the formulas that use them, so that an answer needs eight helper cells and not twenty.
A cell without text needs no steps: they are 0 then, and the number itself is the answer.

All of them read a copy of the input cell on their own sheet. Excel shares formulas between cells
only when they name no other sheet; the copy is the one formula that does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from consolidate.forms.codes import (
    A_DATE,
    AMBIGUOUS,
    BLANK,
    CONVERTED,
    ERROR_VALUE,
    NOT_A_DATE,
    NOT_A_NUMBER,
    NOT_WHOLE,
    PERCENT_SCALE,
    THOUSANDS_LOST,
    TOO_LARGE,
    TOO_SMALL,
    UNUSUAL,
    packed,
)
from consolidate.forms.day_steps import day_steps, says_no_day
from consolidate.forms.reading import (
    SECOND_STATUS,
    SECOND_VALUE,
    SOMETHING,
    STATUS,
    TEXT,
    WORD,
    reading_formulas,
)
from consolidate.intake.typed_text.numbers import MOST_DIGITS
from consolidate.model.datasets import ValueType

RAW = "raw"
CODE = "code"
ANSWER = "answer"
"""Helper cells beside the steps: a copy of the input, what is wrong with it, its number."""
_STEPS = (
    TEXT, "core", "last", "shape", "number", "words",
    "second_shape", "second_digits", "second_number", "whole",
)  # fmt: skip
_IF_TEXT, _ELSE = "IF(ISTEXT({cell}),", ',"")'
_NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Question:
    """What a cell is asked: all that its formulas depend on besides where it stands.

    ``second`` asks for the second figure of a pair too; ``listed`` says that the cell belongs to
    an open table, where blank rows count for nothing.
    """

    kind: ValueType
    required: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    normal: Decimal | None = None
    pair: bool = False
    second: bool = False
    listed: bool = False

    @property
    def doubtful(self) -> bool:
        """Whether an answer can be read and still be doubtful."""
        return self.kind in (ValueType.MONEY, ValueType.AREA, ValueType.PERCENTAGE)


ERROR, LOGICAL, DATED = "#ERROR", "#LOGICAL", "#DATE"
"""What the copy shows for an error value, true or false, and a date in a cell of numbers."""
_OF_COPY = (
    ('LEFT(CELL("format",{cell}),1)<>"D"', "TRUE"),
    ("ISTEXT({cell})", '({cell}>"")'),
    ("ISBLANK({cell})", '({cell}="")'),
    ("ISERROR({cell})", f'({{cell}}="{ERROR}")'),
    ("ISLOGICAL({cell})", f'({{cell}}="{LOGICAL}")'),
)
"""Questions about the input cell, as the copy answers them; a text is more than no text."""


def raw_formula(cell: str, kind: ValueType) -> str:
    """A copy of an input cell: a blank as no text, what is no answer as one of the words above."""
    copy = cell
    if kind.numeric:
        copy = f'IF(AND(ISNUMBER({cell}),LEFT(CELL("format",{cell}),1)="D"),"{DATED}",{cell})'
    copy = f'IF(ISBLANK({cell}),"",IF(ISLOGICAL({cell}),"{LOGICAL}",{copy}))'
    return f'IF(ISERROR({cell}),"{ERROR}",{copy})'


@cache
def judging(question: Question) -> dict[str, str]:
    """Formulas without ``=`` by name of helper cell, the code last.

    ``{cell}`` stands for the copy of the input cell, ``{name}`` for another helper cell. The code
    lacks the place of the answer. A text or choice has nothing but a code.
    """
    if question.kind.numeric:
        made = _judging_number(question)
    elif question.kind is ValueType.DATE:
        made = _judging_day(question)
    else:
        made = _judging_text(question)
    return {name: _of_copy(template) for name, template in made.items()}


def _of_copy(template: str) -> str:
    for old, new in _OF_COPY:
        template = template.replace(old, new)
    return template


def _judging_text(question: Question) -> dict[str, str]:
    steps = {TEXT: _step(_text())} if question.listed else {}
    text = "{text}" if question.listed else _text()
    gone = f'IF(ISTEXT({{cell}}),{text}="",ISBLANK({{cell}}))'
    code = f"IF(ISERROR({{cell}}),{_problem(ERROR_VALUE)},IF({gone},{_blank(question)},2))"
    return {**steps, CODE: code}


@cache
def saying(kind: ValueType) -> str:
    """Whether a cell makes its row of an open table count, 1 or 0, from its ``text``."""
    templates = dict(reading_formulas("", kind, None, None).templates)
    return _of_copy(templates[SOMETHING].replace("{word}", templates[WORD]))


def _text() -> str:
    return dict(reading_formulas("", ValueType.TEXT, None, None).templates)[TEXT]


def _step(template: str) -> str:
    """A step that is 0 for a cell without text."""
    if template.startswith(_IF_TEXT) and template.endswith(_ELSE):
        template = template[len(_IF_TEXT) : -len(_ELSE)]
    return f"{_IF_TEXT}{template},0)"


def _problem(problem: int) -> str:
    return str(packed(problem))


def _blank(question: Question) -> str:
    return str(packed(BLANK) + 1 if question.required else 1)


def _judging_number(question: Question) -> dict[str, str]:
    kind, minimum, maximum = question.kind, question.minimum, question.maximum
    templates = dict(reading_formulas("", kind, minimum, maximum, pair=question.pair).templates)
    made: dict[str, str] = {}
    inlined: dict[str, str] = {}
    for name, template in templates.items():
        text = _NAME.sub(lambda match: inlined.get(match[1], match[0]), template)
        if name in _STEPS:
            made[name] = _step(text)
        elif name == ANSWER:
            made[name] = f"IF(ISTEXT({{cell}}),{text},IF(ISNUMBER({{cell}}),{{cell}},0))"
        else:
            inlined[name] = f"({text})" if name == WORD else text
    if question.second:
        made[SECOND_STATUS] = (
            f"IF(AND(MOD({{code}},10)=2,ISTEXT({{cell}}),{inlined['slash']}>0),1,0)"
        )
        made[SECOND_VALUE] = f"IF({{{SECOND_STATUS}}}=1,{{second_number}},0)"
    missing = f'IF({{text}}="",{_blank(question)},1)'
    made[CODE] = (
        f"IF(ISBLANK({{cell}}),{_blank(question)},CHOOSE({inlined[STATUS]}+2,"
        f"{_reason(question)},{missing},{_doubt(question, inlined)}+2))"
    )
    return made


def _reason(question: Question) -> str:
    """Which problem an unreadable answer has, in the order in which it is read."""
    bounds = _problem(PERCENT_SCALE if question.kind is ValueType.PERCENTAGE else NOT_A_NUMBER)
    if question.maximum is not None:
        bounds = f"IF({{answer}}>{format(question.maximum, 'f')},{packed(TOO_LARGE)},{bounds})"
    if question.minimum is not None:
        bounds = f"IF({{answer}}<{format(question.minimum, 'f')},{packed(TOO_SMALL)},{bounds})"
    if question.kind is ValueType.COUNT:
        lost = "AND(ISNUMBER({cell}),ROUND({answer},3)={answer},ROUND({answer},2)<>{answer})"
        lost = f"IF({lost},{packed(THOUSANDS_LOST)},{packed(NOT_WHOLE)})"
        bounds = f"IF({{answer}}<>INT({{answer}}),{lost},{bounds})"
    dated = f'{{cell}}="{DATED}"'
    return (
        f"IF(ISERROR({{cell}}),{packed(ERROR_VALUE)},IF({dated},{packed(A_DATE)},"
        f'IF(OR(ISLOGICAL({{cell}}),{{answer}}=""),{packed(NOT_A_NUMBER)},'
        f"IF(ABS({{answer}})>={10**MOST_DIGITS},{packed(NOT_A_NUMBER)},{bounds}))))"
    )


def _doubt(question: Question, inlined: dict[str, str]) -> str:
    """What makes an answer that was read doubtful, 0 for nothing."""
    if question.kind is ValueType.COUNT:
        return "0"
    unusual = "0"
    if question.normal is not None:
        unusual = f"IF({{answer}}>{format(question.normal, 'f')},{packed(UNUSUAL)},0)"
    # One group of three behind one separator: thousands or decimals.
    groups = '"|"&SUBSTITUTE({shape},",",".")&"|"'
    both = (
        f'AND({inlined["slash"]}=0,ISNUMBER(FIND({groups},"|0.000|00.000|000.000|")),'
        f'LEFT({inlined["token"]},1)<>"0")'
    )
    converted = unusual
    if question.kind in (ValueType.MONEY, ValueType.AREA):
        factor = f'IF({{number}}="",1,{inlined["factor"]})'
        converted = f"IF({factor}<>1,{packed(CONVERTED)},0)"
        if question.normal is not None:
            converted = (
                f"IF({{answer}}>{format(question.normal, 'f')},{packed(UNUSUAL)},{converted})"
            )
    return f"IF(ISTEXT({{cell}}),IF({both},{packed(AMBIGUOUS)},{converted}),{unusual})"


def _judging_day(question: Question) -> dict[str, str]:
    steps = {TEXT: _step(_text())} if question.listed else {}
    steps |= day_steps(only=True)
    wrong, blank = _problem(NOT_A_DATE), _blank(question)
    steps[CODE] = (
        f"IF(ISBLANK({{cell}}),{blank},IF(ISERROR({{cell}}),{_problem(ERROR_VALUE)},"
        f'IF(ISTEXT({{cell}}),IF({says_no_day()},{blank},IF({{answer}}="",{wrong},2)),'
        f"IF(ISNUMBER({{cell}}),IF(OR({{cell}}<1,{{cell}}>=2958466),{wrong},2),{wrong}))))"
    )
    return steps
