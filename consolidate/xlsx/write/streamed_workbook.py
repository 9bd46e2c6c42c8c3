"""Workbooks whose parts are compressed while they are written: no part is ever whole in memory.

XlsxWriter makes every part as one text, or as a file that a killed program leaves behind. It has no
public way past that, so names of its own are used here, as in :mod:`.linked_sheet`. Parts stand in
the same order and with the same bytes.
"""

from __future__ import annotations

from io import BytesIO, StringIO, TextIOWrapper
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from xlsxwriter.packager import Packager
from xlsxwriter.sharedstrings import SharedStringTable
from xlsxwriter.workbook import Workbook

_EPOCH = (1980, 1, 1, 0, 0, 0)


class StreamedWorkbook(Workbook):  # type: ignore[misc]  # XlsxWriter has no types.
    """A workbook of XlsxWriter that writes each part straight into the package."""

    def __init__(
        self,
        target: IO[bytes],
        options: dict[str, Any],
        *,
        locked: bool = False,
        level: int | None = None,
    ) -> None:
        """Make an empty workbook.

        Args:
            target: where the bytes go when it is closed; it must be seekable.
            options: those of XlsxWriter.
            locked: whether its structure is, without a password (XlsxWriter locks sheets only).
            level: how hard it is compressed, 1 to 9; ``None`` for as hard as XlsxWriter does it.
        """
        super().__init__(BytesIO(), {**options, "in_memory": True})
        self._target = target
        self._locked = locked
        self._level = level
        self.str_table = _Texts()

    def _write_workbook_pr(self) -> None:
        super()._write_workbook_pr()
        if self._locked:  # ECMA-376 part 1, 18.2.29.
            self._xml_empty_tag("workbookProtection", [("lockStructure", 1)])

    def _get_packager(self) -> Packager:
        return _Packager(self._target, self._level)


class _Texts(SharedStringTable):  # type: ignore[misc]  # XlsxWriter has no types.
    """Shared texts that may grow while sheets are written."""

    def _sort_string_data(self) -> None:
        """List the texts, which stand in the order of their numbers; more may come."""
        self.string_array = list(self.string_table)


class StreamedPart(StringIO):
    """A part that is written; XlsxWriter takes it for a text in memory."""

    def __init__(self, stream: TextIOWrapper) -> None:
        super().__init__()
        self._stream = stream
        self.write = stream.write  # type: ignore[method-assign]  # One call less for each piece.
        self.writelines = stream.writelines  # type: ignore[method-assign]  # As above.

    def write_bytes(self, made: bytes) -> None:
        """Write what is encoded already, behind all that was written."""
        self._stream.flush()
        self._stream.buffer.write(made)


class _Packager(Packager):  # type: ignore[misc]  # XlsxWriter has no types.
    """Writes one part after the other: each is begun when the one before it is done."""

    def __init__(self, target: IO[bytes], level: int | None) -> None:
        super().__init__()
        self._package = ZipFile(target, "w", ZIP_DEFLATED, compresslevel=level)
        self._stream: TextIOWrapper | None = None

    def _filename(self, xml_filename: str) -> StreamedPart:
        self._end_part()
        part = self._package.open(xml_filename, "w")  # Without a time: that of the epoch.
        self._stream = TextIOWrapper(part, "utf-8", newline="")
        return StreamedPart(self._stream)

    def _end_part(self) -> None:
        if self._stream is not None:
            self._stream.close()

    def _write_shared_strings_file(self) -> None:
        self.workbook.str_table._sort_string_data()
        super()._write_shared_strings_file()

    def _create_package(self) -> list[Any]:
        """Write the package whole; nothing is left for XlsxWriter to put into one."""
        pictures = super()._create_package()
        self._end_part()
        for data, name, _ in pictures:
            self._package.writestr(ZipInfo(name, _EPOCH), data.getvalue(), ZIP_DEFLATED)
        self._package.close()
        return []
