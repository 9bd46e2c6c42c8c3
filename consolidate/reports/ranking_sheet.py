"""Write the ranking of units by their points, and the points of each criterion behind it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from consolidate.definitions.catalogue import text
from consolidate.model.text import format_number
from consolidate.reports.captions import cell_note
from consolidate.reports.plain_lists import FlatCell, FlatColumn, Linked, Marked, write_flat
from consolidate.reports.summary_book import Book
from consolidate.reports.summary_sheets import SetSheets
from consolidate.rollup.not_added_up import Judged, Placing, Ranked, ranking

_RANKING = (
    FlatColumn("rank", 7, ("center", "bold")),
    FlatColumn("unit", 44),
    FlatColumn("own", 14, ("center",)),
    FlatColumn("review", 14, ("center", "bold")),
    FlatColumn("difference", 13, ("center",)),
    FlatColumn("note", 34),
)
_REVIEWS = (
    FlatColumn("unit", 22),
    FlatColumn("number", 9, ("center",)),
    FlatColumn("label", 40),
    FlatColumn("maximum", 9, ("center",)),
    FlatColumn("typed", 9, ("center",)),
    FlatColumn("proofs", 9, ("center",)),
    FlatColumn("own", 9, ("center",)),
    FlatColumn("review", 9, ("center", "bold")),
    FlatColumn("reason", 34),
    FlatColumn("note", 24, ("small",)),
)


def write_ranking(book: Book, part: SetSheets) -> None:
    """Fill the two sheets of an assessment; the one to publish has no reasons."""
    lines = ranking(book.result, part.table)
    waiting = sum(line.standing is Placing.WAITING for line in lines)
    said = {"form": part.table.data_set.title, "period": part.table.period.label}
    write_flat(
        book,
        part.ranking,
        "ranking",
        _RANKING,
        map(_line, lines),
        hint=text("summary.ranking.hint"),
        stamp=text(f"summary.ranking.{'waiting' if waiting else 'stamp'}", count=waiting, **said),
    )
    write_flat(
        book,
        part.reviews,
        "reviews",
        _REVIEWS,
        (
            row
            for line in sorted(lines, key=lambda line: line.unit.code)
            for row in _criteria(book, part, line)
        ),
        hint=text("summary.reviews.hint"),
        stamp=text("summary.ranking.stamp", **said),
    )


def _line(line: Ranked) -> tuple[FlatCell, ...]:
    note = text(f"summary.ranking.is.{line.standing.value}")
    part = line.judged[0].scoring.late if line.judged else Decimal(0)
    if line.standing is Placing.LATE and part:
        note = text("summary.ranking.late_part", part=format_number(100 * part))
    gone = line.standing in (Placing.LATE, Placing.ABSENT)
    return (
        line.rank if line.rank is not None else text("summary.missing_mark"),
        line.unit.name,
        format_number(line.own),
        _shown(line.review),
        _shown(line.review - line.own if line.review is not None else None),
        Marked(note, "warning") if gone else note,
    )


def _criteria(book: Book, part: SetSheets, line: Ranked) -> Iterator[tuple[FlatCell, ...]]:
    files = {item.unit.code: item.record for item in part.table.contributions}
    for each in line.judged:
        typed: FlatCell = ""
        if each.typed is not None:
            target = book.file_target(files[line.unit.code], each.typed.cell)
            typed = Linked(each.typed.raw or cell_note(each.typed.cell), target)
        yield (
            line.unit.name,
            each.element.number,
            each.element.label,
            _shown(each.element.maximum),
            typed,
            each.proofs,
            format_number(each.own),
            _shown(each.counted),
            each.review.reason if each.review is not None else "",
            _note(each),
        )


def _note(each: Judged) -> FlatCell:
    if not each.proofs and each.typed is not None and each.typed.number:
        return Marked(text("summary.reviews.no_proof"), "error")
    if not each.far:
        return ""
    part = format_number(100 * each.scoring.far)
    return Marked(text("summary.reviews.far", part=part), "warning")


def _shown(number: Decimal | None) -> str:
    return format_number(number) if number is not None else text("summary.missing_mark")
