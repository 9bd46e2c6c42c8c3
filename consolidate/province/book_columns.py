"""The books that people keep by hand: one table of columns for each sheet, to write and to read it.

A row of headings is what a reader knows a sheet by, and what a writer puts on it; both take it from
here. Title, guidance and hints of a sheet are texts that nobody reads back: they stand in the
catalogue under ``kept.<name>`` and ``kept.<name>_hint``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from consolidate.model.deadlines import Secrecy
from consolidate.model.period import Period, PeriodType
from consolidate.model.text import name_key
from consolidate.model.units import Level, UnitKind

NOTHING = "(trống)"
"""What is written for a value that takes the unit's figure away and puts none in its place."""
RECEIVED_ON = "Ngày nhận"
"""What is written for the form where the day is adjusted on which a return came in."""
PROVINCE = "Tỉnh, thành phố"
"""Label of the cell above the roster that names the province."""
ADDED = "Biểu cộng từ các đơn vị"
"""Label of the cell above the roster with the forms of which each unit reports a part."""

CellContent = str | int | date | None
"""What a cell of a book is written with."""

_LEVELS = tuple(level.label for level in Level if level is not Level.UNKNOWN)
_MARKS = tuple(mark.label for mark in Secrecy if mark.label)
_KINDS = tuple(kind.label for kind in UnitKind if kind.label)


class ColumnContent(StrEnum):
    """What stands in the cells of a column."""

    TEXT = "text"
    DAY = "day"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class BookColumn:
    """One column: its key, its heading and its width in characters.

    ``also`` are other headings that are read as this one. ``separators`` divide the parts of a
    cell that lists several things. ``choices`` are the only answers, if they are always the same.
    A sheet is known by its ``required`` columns.
    """

    key: str
    heading: str
    width: float
    required: bool = False
    content: ColumnContent = ColumnContent.TEXT
    centred: bool = False
    separators: str = ""
    choices: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class BookTable:
    """The table of one sheet.

    ``frozen`` columns stay in sight. ``unreadable``, ``absent`` and ``merged`` are the keys of the
    reasons why a file cannot be opened, has no such table, or has cells merged across its rows.
    """

    name: str
    columns: tuple[BookColumn, ...]
    unreadable: str
    absent: str
    merged: str = ""
    frozen: int = 2

    @cached_property
    def by_key(self) -> Mapping[str, BookColumn]:
        """The columns by their keys."""
        return {column.key: column for column in self.columns}

    @cached_property
    def headings(self) -> Mapping[str, str]:
        """The key of a column by each of its headings, as :func:`name_key` gives them."""
        return {
            name_key(heading): column.key
            for column in self.columns
            for heading in (column.heading, *column.also)
        }

    @cached_property
    def required(self) -> frozenset[str]:
        """Keys of the columns by which the table is known."""
        return frozenset(column.key for column in self.columns if column.required)


def row_of(book: BookTable, item: object, **more: CellContent) -> dict[str, CellContent]:
    """Make the row of an item: its attributes by the keys of the columns, those of ``more`` first.

    A period stands by its code, a kind or level by its label, a list with separators.
    """
    return {key: more[key] if key in more else _content(getattr(item, key)) for key in book.by_key}


def _content(value: Any) -> CellContent:
    match value:
        case None:
            return ""
        case Period():
            return value.code
        case Level() | UnitKind() | Secrecy():
            return value.label
        case tuple():
            return "; ".join(value)
        case frozenset():
            return ", ".join(sorted(value))
    content: CellContent = value
    return content


def _day(key: str, heading: str, width: float = 12, *, required: bool = False) -> BookColumn:
    return BookColumn(key, heading, width, required=required, content=ColumnContent.DAY)


def _decided(reason: float, document: float, author: float) -> Iterable[BookColumn]:
    """Make the columns that say why, by which document, by whom, since when; by their widths."""
    return (
        BookColumn("reason", "Lý do", reason, required=True),
        BookColumn("document", "Số văn bản", document),
        BookColumn("author", "Người duyệt", author, required=True),
        _day("on", "Ngày", required=True),
    )


ROSTER = BookTable(
    "roster",
    (
        BookColumn("code", "Mã đơn vị", 11, required=True, centred=True),
        BookColumn("identifier", "Mã định danh", 13, also=("Mã định danh điện tử",)),
        BookColumn("name", "Tên đơn vị", 28, required=True),
        BookColumn(
            "aliases", "Tên viết tắt", 16, separators=";", also=("Tên khác", "Tên khác, viết tắt")
        ),
        BookColumn("old_names", "Tên cũ", 16, separators=";"),
        BookColumn("level", "Cấp", 10, required=True, centred=True, choices=_LEVELS),
        BookColumn("kind", "Loại đơn vị", 16, choices=_KINDS),
        BookColumn("parent", "Đơn vị cấp trên", 11, centred=True),
        BookColumn("templates", "Biểu mẫu phải nộp", 12, separators=",;"),
        BookColumn("email", "Thư điện tử", 24),
        _day("valid_from", "Hiệu lực từ"),
        _day("valid_to", "Hiệu lực đến"),
        BookColumn("predecessors", "Đơn vị tiền thân", 14, separators=",;"),
        BookColumn("provides", "Cung cấp số liệu toàn tỉnh", 13, separators=",;"),
    ),
    unreadable="roster.unreadable",
    absent="roster.no_header",
    merged="roster.merged",
    frozen=3,
)
"""Who is expected to report: one row per unit."""

SIGNATORIES = BookTable(
    "signatories",
    (
        BookColumn("agency", "Cơ quan", 28, required=True),
        BookColumn("instead", "Ký thay, thừa lệnh", 28),
        BookColumn("title", "Chức vụ người ký", 28, required=True),
        BookColumn("name", "Người ký", 26, required=True),
        BookColumn("officer", "Người lập biểu", 26),
        BookColumn("place", "Nơi ký", 18),
    ),
    unreadable="roster.unreadable",
    absent="roster.no_header",
    frozen=1,
)
"""Who signs what goes out and up: one row per agency, on a sheet of the roster."""

CALENDAR = BookTable(
    "calendar",
    (
        BookColumn("year", "Năm", 8, required=True, content=ColumnContent.YEAR),
        BookColumn(
            "type",
            "Kỳ báo cáo",
            18,
            required=True,
            choices=tuple(kind.label for kind in PeriodType),
            also=("Kỳ",),
        ),
        BookColumn("template", "Biểu mẫu", 11, centred=True),
        BookColumn("level", "Cấp", 11, centred=True, choices=_LEVELS),
        BookColumn("kind", "Loại đơn vị", 19, choices=_KINDS),
        _day("start", "Số liệu từ ngày"),
        _day("end", "Số liệu đến ngày"),
        _day("due", "Hạn nộp"),
        _day("final", "Ngày cuối cùng nhận", 13),
        BookColumn("letter", "Số văn bản", 20),
        BookColumn("secrecy", "Độ mật", 11, centred=True, choices=_MARKS),
        BookColumn("note", "Ghi chú", 34),
    ),
    unreadable="calendar.unreadable",
    absent="calendar.no_header",
    merged="calendar.merged",
)
"""Until when: one row per deadline."""

ADJUSTMENTS = BookTable(
    "adjustments",
    (
        BookColumn("period", "Kỳ", 10, required=True, centred=True),
        BookColumn("unit", "Mã đơn vị", 11.5, required=True, centred=True),
        BookColumn("data_set", "Biểu", 10, required=True, centred=True),
        BookColumn("element", "Chỉ tiêu", 13, required=True),
        BookColumn("column", "Cột", 13),
        BookColumn("row", "Dòng", 8, centred=True),
        BookColumn("value", "Giá trị mới", 14, required=True),
        *_decided(32, 18, 18),
        _day("expires", "Hết hiệu lực"),
    ),
    unreadable="corrections.unreadable",
    absent="corrections.no_sheet",
)
"""Figures that are used in place of those of the units: one row each."""

CRITERIA = BookTable(
    "criteria",
    (
        BookColumn("number", "Mã tiêu chí", 12, required=True, also=("Mã", "STT", "TT", "Mục")),
        BookColumn("parent", "Thuộc mục", 12),
        BookColumn(
            "label",
            "Tiêu chí",
            60,
            required=True,
            also=("Nội dung", "Tiêu chí đánh giá", "Chỉ số", "Nội dung tiêu chí", "Tên tiêu chí"),
        ),
        BookColumn("maximum", "Điểm tối đa", 12, required=True, also=("Điểm chuẩn", "Thang điểm")),
        BookColumn("guidance", "Hướng dẫn chấm điểm", 40, also=("Hướng dẫn", "Cách chấm điểm")),
        BookColumn(
            "proof",
            "Tài liệu minh chứng",
            40,
            also=("Minh chứng", "Hồ sơ, tài liệu minh chứng", "Tài liệu kiểm chứng"),
        ),
    ),
    unreadable="criteria.unreadable",
    absent="criteria.no_table",
)
"""What units assess themselves by: one row per criterion, of a tree of them."""

REVIEWS = BookTable(
    "reviews",
    (
        BookColumn("period", "Kỳ", 9, required=True, centred=True),
        BookColumn("unit", "Mã đơn vị", 10, required=True, centred=True),
        BookColumn("name", "Tên đơn vị", 26),
        BookColumn("form", "Biểu", 19, required=True, centred=True),
        BookColumn("number", "Tiêu chí", 9, required=True, centred=True),
        BookColumn("label", "Nội dung", 40),
        BookColumn("maximum", "Điểm tối đa", 8, centred=True),
        BookColumn("proofs", "Số minh chứng", 8, centred=True),
        BookColumn("self", "Điểm tự chấm", 8, centred=True),
        BookColumn("review", "Điểm thẩm định", 9, required=True, centred=True),
        BookColumn("reason", "Lý do chênh lệch", 34, required=True),
    ),
    unreadable="reviews.unreadable",
    absent="reviews.no_table",
    frozen=5,
)
"""Points that assessors give: one row per unit and criterion."""

WAIVERS = BookTable(
    "waivers",
    (
        BookColumn("rule", "Mã phép kiểm tra", 26, required=True),
        BookColumn("unit", "Mã đơn vị", 11.5, required=True, centred=True),
        BookColumn("period", "Kỳ", 12, centred=True),
        _day("until", "Đến ngày"),
        *_decided(40, 22, 22),
    ),
    unreadable="corrections.unreadable",
    absent="corrections.no_sheet",
)
"""Rules that are not asked of a unit: one row each."""
