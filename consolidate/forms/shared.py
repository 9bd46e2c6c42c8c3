"""Formulas that Excel keeps once and repeats by reference, as it does when one is filled down.

The helper cells of a template hold long formulas. Written out in every cell they would make each
workbook twenty times larger to read; as shared formulas (ECMA-376, 18.3.1.40) they stand in the
file once per column.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from consolidate.model.cells import column_letters

Cached = float | str | bool
"""Value of a formula; ``""`` stands for a text that the office program computes when it loads."""
_HOOK, _PREPARE = "_xml_formula_element", "_prepare_formula"
_MARK = "formula:"
"""Start of a stand-in for a formula."""


def as_they_are(sheet: Any) -> None:
    """Let XlsxWriter take formulas as they are.

    It looks through each of them for two hundred functions that are newer than Excel 2010, which
    takes longer than all the rest of a template; a test says that we use none.
    """
    if hasattr(sheet, _PREPARE):
        setattr(sheet, _PREPARE, _bare)


def _bare(formula: str, *_: object) -> str:
    return formula.removeprefix("=")


class Formulas:
    """Writes formulas, alone and shared, to one XlsxWriter sheet.

    XlsxWriter has no call for shared formulas. It is given stand-ins; the method that writes the
    element of a formula is replaced for this sheet and puts the real ones in. A version without
    that method gets every formula in full.
    """

    def __init__(self, sheet: Any) -> None:
        as_they_are(sheet)
        self._sheet = sheet
        self._elements: list[str] = []
        self._shared = 0
        self._write = getattr(sheet, _HOOK, None)
        if self._write is not None:
            setattr(sheet, _HOOK, self._element)

    def write(self, row: int, column: int, formula: str, style: Any, value: Cached) -> None:
        """Write one formula (without its ``=``) and its value."""
        if self._write is None:
            self._sheet.write_formula(row, column, f"={formula}", style, value)
        else:
            self._stand_in(row, column, f"<f>{self._escaped(formula)}</f>", style, value)

    def fill(
        self,
        cells: Sequence[tuple[int, int]],
        formula_of: Callable[[int, int], str],
        value_of: Callable[[int, int], Cached],
    ) -> None:
        """Write into cells of one column, topmost first, what ``formula_of`` gives for the first.

        The formulas of the others must be that one moved: rows relative, the rest absolute. They
        may name neither other sheets nor defined names, which Excel keeps out of shared formulas.
        """
        if self._write is None or len(cells) < 2:
            for row, column in cells:
                self.write(row, column, formula_of(row, column), None, value_of(row, column))
            return
        (top, column), (bottom, _) = cells[0], cells[-1]
        letters, number = column_letters(column), self._shared
        self._shared += 1
        area = f"{letters}{top + 1}:{letters}{bottom + 1}"
        text = self._escaped(formula_of(top, column))
        head = f'<f t="shared" ref="{area}" si="{number}">{text}</f>'
        self._stand_in(top, column, head, None, value_of(top, column))
        again = self._remember(f'<f t="shared" si="{number}"/>')
        for row, _ in cells[1:]:
            self._sheet.write_formula(row, column, again, None, value_of(row, column))

    def _escaped(self, text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    def _remember(self, element: str) -> str:
        self._elements.append(element)
        return f"={_MARK}{len(self._elements) - 1}"

    def _stand_in(self, row: int, column: int, element: str, style: Any, value: Cached) -> None:
        self._sheet.write_formula(row, column, self._remember(element), style, value)

    def _element(self, formula: str, result: Any, attributes: Sequence[Any] = ()) -> None:
        if not formula.startswith(_MARK):
            assert self._write is not None
            self._write(formula, result, attributes)
            return
        element = self._elements[int(formula.removeprefix(_MARK))]
        given = "".join(f' {key}="{value}"' for key, value in attributes)
        shown = self._escaped(result) if isinstance(result, str) else result
        self._sheet.fh.write(f"<c{given}>{element}<v>{shown}</v></c>")
