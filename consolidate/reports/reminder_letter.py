"""Write the reminder letter (công văn đôn đốc) as a Word document in the official layout.

Nghị định 30/2020/NĐ-CP, Phụ lục I and sample 1.5: authority beside the name of the nation, number
and subject, place and date, addressee, body, a table of what is not in, recipients and signature.
Number, place and day of signing are left to be filled in by hand.
"""

from __future__ import annotations

from datetime import date

from docx.document import Document as WordDocument

from consolidate.definitions.catalogue import text
from consolidate.model.text import format_day
from consolidate.reports.authority import Authority
from consolidate.reports.captions import in_sentence, reports_of, status_text
from consolidate.reports.letter_plan import Letter
from consolidate.reports.official_page import begin_letter, body, end_letter, listed
from consolidate.rollup.timeliness import ReturnState, ReturnStatus

_COLUMNS = {"number": 11.0, "unit": 48.0, "report": 36.0, "due": 28.0, "state": 42.0}
_COLUMNS_UNITS = {"number": 11.0, "unit": 66.0, "due": 30.0, "state": 58.0}
"""Of a branch of which one report is asked."""
_COLUMNS_ONE = {"number": 11.0, "report": 66.0, "due": 30.0, "state": 58.0}
"""Of one unit."""
_CENTRED = ("number", "due")
_NOT_USED = (ReturnState.REJECTED, ReturnState.UNREADABLE)


def letter_bytes(letter: Letter, authority: Authority, as_of: date, mark: str = "") -> bytes:
    """Write a letter as a .docx file; the same letter gives the same bytes.

    Args:
        letter: from whom to whom about what (:func:`consolidate.reports.letter_plan.plan_letters`).
        authority: the agency of the letter as its head and signature name it.
        as_of: the day that the states of the returns are of.
        mark: of confidentiality, for every page; ``""`` for none.
    """
    agency = authority.name
    # The returns in few words: PCTN 9 tháng đầu năm 2018 và CCHC quý III/2018.
    reports = text("letter.and").join(
        f"{title} {in_sentence(period)}" for title, period in reports_of(letter.returns)
    )
    about = text("letter.about", reports=reports)
    document = begin_letter(text("letter.title"), about, letter.recipient, authority, mark)
    body(document, _opening(letter, agency, as_of), keep=True)
    _table(document, letter)
    *first, last = _requests(letter, agency)
    for line in first:
        body(document, line)
    return end_letter(document, last, authority)


def _opening(letter: Letter, agency: str, as_of: date) -> str:
    numbers = dict.fromkeys(
        status.deadline.letter for status in letter.returns if status.deadline is not None
    )
    # A calendar often holds the bare number of a document: 123/TTT.
    cited = [
        text("letter.numbered", number=number) if number[0].isdigit() else number
        for number in numbers
        if number and number not in letter.bases
    ]
    basis = text("letter.bases", bases="; ".join(letter.bases)) if letter.bases else ""
    basis += text("letter.basis", letters=text("letter.and").join(cited)) if cited else ""
    titles = dict.fromkeys(
        text(
            "letter.report",
            title=" ".join(status.template.title).lower(),
            period=in_sentence(status.period),
        )
        for status in letter.returns
    )
    opening = text(
        "letter.opening_one" if letter.unit is not None else "letter.opening",
        basis=basis,
        reports=text("letter.and").join(titles),
        agency=agency,
        unit=letter.recipient,
        day=format_day(as_of),
    )
    return f"{opening[0].upper()}{opening[1:]}"


def _requests(letter: Letter, agency: str) -> list[str]:
    key = "letter.request_one" if letter.unit is not None else "letter.request"
    lines = [text(key, agency=agency, unit=letter.recipient, urgency=_urgency(letter))]
    if any(status.state in _NOT_USED for status in letter.returns):
        lines.append(text("letter.again"))
    finals = _finals(letter)
    if len(finals) == 1 and None not in finals:
        (final,) = finals
        lines.append(text("letter.final", day=format_day(final)))
    elif finals - {None}:
        lines.append(text("letter.finals"))
    return lines


def _urgency(letter: Letter) -> str:
    """By when: at once, by the days in the table, or by a day that is left to be filled in."""
    if any(status.overdue for status in letter.returns):
        return text("letter.at_once")
    known = any(status.due is not None for status in letter.returns)
    return text("letter.in_time" if known else "letter.until_blank")


def _finals(letter: Letter) -> set[date | None]:
    return {s.deadline.final if s.deadline is not None else None for s in letter.returns}


def _table(document: WordDocument, letter: Letter) -> None:
    """What is not in, a row per return, below a heading that every page repeats."""
    columns = _COLUMNS if len(reports_of(letter.returns)) > 1 else _COLUMNS_UNITS
    if letter.unit is not None:
        columns = _COLUMNS_ONE
    apart = len(_finals(letter)) > 1
    rows = [
        [_content(status, number, name, apart=apart) for name in columns]
        for number, status in enumerate(letter.returns, 1)
    ]
    titles = {name: text(f"letter.column.{name}") for name in columns}
    listed(document, columns, titles, rows, centred=_CENTRED)


def _content(status: ReturnStatus, number: int, name: str, *, apart: bool) -> tuple[str, ...]:
    """The lines of a cell; ``apart`` says that final dates differ and stand below due dates."""
    match name:
        case "number":
            return (str(number),)
        case "unit":
            return (status.unit.name,)
        case "report":
            return (f"{status.template.short_title} {in_sentence(status.period)}",)
        case "due":
            final = status.deadline.final if status.deadline is not None else None
            shown = format_day(status.due) or "–"
            if apart and final is not None and final != status.due:
                return (shown, text("letter.column.final", day=format_day(final)))
            return (shown,)
        case _:
            return (status_text(status),)
