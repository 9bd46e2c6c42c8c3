"""Words of a report beside the figures that count the same, both ways; silence says nothing."""

from __future__ import annotations

import pytest

from consolidate.checks.text_checks import check_narratives
from consolidate.definitions.loader import library_with, shipped_files, shipped_library
from consolidate.definitions.toml_lines import DefinitionError, Fault
from consolidate.merge.read_files import check_bytes
from consolidate.model.period import Period
from consolidate.model.reasons import Severity, because
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template

Q1 = Period.parse_code("2026-Q1")
LIBRARY = shipped_library().at(Q1)
LONG = "Đã tự kiểm tra 5 cuộc tại các phòng chuyên môn."


@pytest.mark.parametrize(
    ("words", "figure", "rule"),
    [
        ("Không", 2, "none_but_counted"),
        ("Không có.", 2, "none_but_counted"),
        ("Chưa phát hiện vụ việc tham nhũng nào", 2, "none_but_counted"),
        ("Không", 0, ""),
        ("0", 0, ""),
        ("0", 2, "none_but_counted"),
        (LONG, 0, "told_but_zero"),
        (LONG, 2, ""),
        (f"{LONG} Qua kiểm tra chưa phát hiện tham nhũng.", 0, ""),
        ("Không phát hiện qua kiểm tra; qua tố cáo phát hiện 2 vụ", 2, ""),
        (LONG, None, ""),
        ("Không", None, ""),
        (None, 2, ""),
    ],
)
def test_words_and_figures(words: str | None, figure: int | None, rule: str) -> None:
    counted = LIBRARY.by_code["pctn_tm"].by_code["i3a"].counted_by
    values: dict[str, str | int] = {} if figure is None else dict.fromkeys(counted, 0)
    if figure is not None:
        values["pctn_01.m50"] = figure
    if words is not None:
        values["pctn_tm.i3a"] = words
    values |= {"cover.period_type": "Quý I", "cover.period_year": 2026}
    content = check_bytes(
        shipped_library(), "x.xlsx", build_template(LIBRARY, "pctn", Prefill(values=values))
    ).content
    assert content is not None
    found = check_narratives(content, shipped_library().of_pack("pctn-2025", 1))
    told = [(f.rule, f.element, f.severity, len(f.cells)) for f in found]
    cells = 2 if rule == "none_but_counted" else 1 + len(counted)
    assert told == ([(f"narrative.{rule}", "i3a", Severity.WARNING, cells)] if rule else [])


def test_a_figure_that_is_not_there_is_a_fault_of_the_form() -> None:
    own = {
        f"forms/x/{name.partition('/')[2]}": text
        for name, text in shipped_files().items()
        if name.startswith("pctn-2025/")
    }
    outline = own["forms/x/pctn_tm.toml"]
    own["forms/x/pctn_tm.toml"] = outline.replace('"pctn_01.m70"', '"pctn_01.m170"')
    line = outline[: outline.index('"pctn_01.m70"')].count("\n") + 1
    with pytest.raises(DefinitionError) as caught:
        library_with(own)
    told = because("lint.counted_by_none", name="pctn_01.m170")
    assert caught.value.faults == (Fault(f"forms/x/pctn_tm.toml:{line}", told),)
