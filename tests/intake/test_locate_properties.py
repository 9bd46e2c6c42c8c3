"""Whatever happens to rows, columns and names: a figure is read right or reported, never wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.intake.edits import (
    KINDS,
    NAMES,
    TEMPLATES,
    Edit,
    answer_sheets,
    edited,
    filled,
    is_open,
    typed,
    wrong_values,
)

LINES = st.integers(min_value=0, max_value=80)


@st.composite
def tampered(draw: st.DrawFn) -> tuple[str, int, list[Edit]]:
    """A template, one of its sheets, and up to four edits of that.

    Rows of an open table are put in and taken out; a row that a person moves into the table is an
    answer.
    """
    template = draw(st.sampled_from(TEMPLATES))
    sheet = draw(st.sampled_from(answer_sheets(template)))
    edits = []
    for _ in range(draw(st.integers(1, 4))):
        axis = draw(st.integers(0, 1))
        kinds = KINDS[:2] if axis == 0 and is_open(template, sheet) else KINDS
        kind, names = draw(st.sampled_from(kinds)), draw(st.sampled_from(NAMES))
        edits.append(Edit(kind, axis, draw(LINES), draw(LINES), names))
    return template, sheet, edits


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_answer_of_an_untouched_template_is_another_one(template: str) -> None:
    raws = [value.raw for value in typed(template).values() if value.raw]
    assert len(raws) == len(set(raws)) > 50
    assert typed(template).anomalies == ()
    assert wrong_values(template, filled(template)) == []


@pytest.mark.parametrize("row", [9, 10, 12])
@pytest.mark.parametrize("gone", range(1, 6))
def test_the_line_of_the_signature_is_no_case(row: int, gone: int) -> None:
    """Codes moved from their column, rows deleted, and the name of the body left behind."""
    (sheet,) = (at for at in answer_sheets("pctn") if is_open("pctn", at))
    edits = [Edit("insert", 1, 0, 0, "follow"), *[Edit("delete", 0, row, 0, "stay")] * gone]
    assert wrong_values("pctn", edited(filled("pctn"), sheet, edits)) == []


@settings(max_examples=250, deadline=None)
@given(tampered())
def test_a_figure_is_read_right_or_reported(tampering: tuple[str, int, list[Edit]]) -> None:
    template, sheet, edits = tampering
    assert wrong_values(template, edited(filled(template), sheet, edits)) == []
