"""What a definition says of a form beside its figures: its look, what its columns are about."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

NO_PART_OF_FORM = {"form": False}
"""Marks a field that makes no other form to fill in: it is not in the digest of a template."""


class Role(StrEnum):
    """What a column of a list says of a task that is followed up, or of the file of evidence."""

    TASK = "task"
    LEAD = "lead"
    TIME = "time"
    DUE = "due"
    STATUS = "status"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Layout:
    """How the form looks: page, header words, widths in characters, blank rows of an open table.

    ``window`` says whether the form carries the line "Số liệu tính từ ngày … đến ngày …". Of an
    open table, ``column_numbers`` is the first word of the row that numbers the columns under the
    headings ("MS"), ``total_label`` that of the row below the list which counts its rows and marks
    ("Tổng số:"); ``""`` where the form has no such row. ``appendix`` is the title of the appendix
    that the form is a part of, above its own.
    """

    landscape: bool = False
    window: bool = False
    title: tuple[str, ...] = ()
    number_header: str = ""
    label_header: str = ""
    unit_header: str = ""
    number_width: int = 6
    label_width: int = 60
    unit_width: int = 12
    open_rows: int = 0
    form_code: str = ""
    appendix: str = field(default="", metadata=NO_PART_OF_FORM)
    column_numbers: str = ""
    total_label: str = ""
