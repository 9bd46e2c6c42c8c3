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
_MARK = "shared:"
_HOOK = "_xml_formula_element"


class SharedFormulas:
    """Writes groups of like formulas to one XlsxWriter sheet.

    XlsxWriter has no call for shared formulas, so the method that writes the element of a formula
    is replaced for this sheet. A version without that method gets every formula in full.
    """

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self._heads: dict[str, tuple[str, int]] = {}
        self._write = getattr(sheet, _HOOK, None)
        if self._write is not None:
            setattr(sheet, _HOOK, self._element)

    def fill(
        self,
        cells: Sequence[tuple[int, int]],
        formula_of: Callable[[int, int], str],
        value_of: Callable[[int, int], Cached],
    ) -> None:
        """Write into cells of one column, topmost first, what ``formula_of`` gives for the first.

        The formulas of the others must be that one moved: rows relative, the rest absolute.
        """
        if not cells:
            return
        head = formula_of(*cells[0])
        if self._write is None or len(cells) == 1 or head in self._heads:
            for row, column in cells:
                self._one(row, column, formula_of(row, column), value_of(row, column))
            return
        (top, column), (bottom, _) = cells[0], cells[-1]
        letters = column_letters(column)
        self._heads[head] = (f"{letters}{top + 1}:{letters}{bottom + 1}", len(self._heads))
        number = self._heads[head][1]
        self._one(top, column, head, value_of(top, column))
        for row, _ in cells[1:]:
            self._one(row, column, f"{_MARK}{number}", value_of(row, column))

    def _one(self, row: int, column: int, formula: str, value: Cached) -> None:
        self._sheet.write_formula(row, column, f"={formula}", None, value)

    def _element(self, formula: str, result: object, attributes: Sequence[Any] = ()) -> None:
        sheet = self._sheet
        if formula.startswith(_MARK):
            tag, body = f' t="shared" si="{formula.removeprefix(_MARK)}"', ""
        elif formula in self._heads:
            area, number = self._heads[formula]
            tag, body = f' t="shared" ref="{area}" si="{number}"', sheet._escape_data(formula)
        else:
            assert self._write is not None
            self._write(formula, result, attributes)
            return
        given = "".join(f' {key}="{value}"' for key, value in attributes)
        content = f"<f{tag}>{body}</f>" if body else f"<f{tag}/>"
        sheet.fh.write(f"<c{given}>{content}<v>{sheet._escape_data(result)}</v></c>")
