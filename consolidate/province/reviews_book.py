"""The book of points that assessors give (``reviews.xlsx``): read by a merge, made anew by it.

People write the columns of review and reason; all others show what the unit said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from consolidate.model.corrections import Review, ReviewKey, Reviews
from consolidate.model.reasons import Reason, UserError, because
from consolidate.model.text import format_number
from consolidate.province.book_columns import REVIEWS
from consolidate.province.kept_fields import read_table
from consolidate.province.kept_table import book_table, write_kept_tables
from consolidate.rollup.assessment import (
    Judged,
    Placing,
    Ranked,
    is_assessment,
    ranking,
)
from consolidate.rollup.result import MergeResult
from consolidate.xlsx.write.atomic_files import write_unless_changed


def read_reviews(path: Path) -> Reviews:
    """Read the points of assessors; rows without any are left out.

    Raises:
        UserError: the book cannot be read; points of some rows are no number.
    """
    made: dict[ReviewKey, Review] = {}
    problems: list[Reason] = []
    for row in read_table(path, REVIEWS).rows:
        shown = row.text("review")
        if not shown:
            continue
        points = row.points("review")
        if points is None:
            row.problem("reviews.points", found=shown)
            problems += row.problems
            continue
        key = (row.text("period"), row.text("unit"), row.text("form"), row.text("number"))
        made[key] = Review(points, row.text("reason"))
    if problems:
        raise UserError(tuple(problems))
    return made


def faults_of(result: MergeResult) -> tuple[Reason, ...]:
    """Tell what is wrong with reviews beside what units said: above the maximum, no reason."""
    return tuple(
        reason for line, _, each in _judged(result) for reason in _faults(line.unit.name, each)
    )


def _faults(unit: str, each: Judged) -> Iterator[Reason]:
    if each.review is None:
        return
    points, most = each.review.points, each.element.maximum
    said = {"unit": unit, "number": each.element.number, "found": format_number(points)}
    if most is not None and points > most:
        yield because("reviews.above", maximum=format_number(most), **said)
    elif points != each.own and not each.review.reason:
        yield because("reviews.no_reason", own=format_number(each.own), **said)


def _judged(result: MergeResult) -> Iterator[tuple[Ranked, str, Judged]]:
    """Yield unit, form and each criterion of what came in time, or counts although it is late."""
    for table in result.tables:
        if is_assessment(table.data_set):
            lines = ranking(result, table)
            for line in sorted(lines, key=lambda line: line.unit.code):
                for each in line.judged:
                    if line.standing is not Placing.LATE or each.scoring.late:
                        yield line, table.data_set.code, each


def write_reviews(path: Path, result: MergeResult) -> bool:
    """Write the book for the units of a round, with all that was typed in it before.

    Returns:
        whether the round has an assessment; without one nothing is written.

    Raises:
        UserError: the book that is there cannot be read.
        OSError: it cannot be written, for example because it is open in Excel.
    """
    rows = [
        {
            "period": result.period.code,
            "unit": line.unit.code,
            "name": line.unit.name,
            "form": form,
            "number": each.element.number,
            "label": each.element.label,
            "maximum": _shown(each.element.maximum),
            "proofs": str(each.proofs),
            "self": _shown(each.own),
            "review": _shown(each.review.points) if each.review is not None else "",
            "reason": each.review.reason if each.review is not None else "",
        }
        for line, form, each in _judged(result)
    ]
    if not rows:
        return False
    there = {tuple(row[key] for key in _KEY) for row in rows}
    kept = read_table(path, REVIEWS).rows if path.is_file() else ()
    keys = [column.key for column in REVIEWS.columns]
    rows += [
        {key: row.text(key) for key in keys}
        for row in kept
        if row.text("review") and tuple(map(row.text, _KEY)) not in there
    ]
    book = write_kept_tables(replace(book_table(REVIEWS, rows), blanks=0))
    write_unless_changed(path, book, force=True)
    return True


_KEY = ("period", "unit", "form", "number")
"""Columns that say which points a row has."""


def _shown(number: Decimal | None) -> str:
    return format_number(number) if number is not None else ""
