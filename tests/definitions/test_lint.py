"""The linter: every kind of mistake in a definition is refused at its file and line."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from consolidate.definitions.loader import load_library, shipped_files
from consolidate.definitions.toml_lines import DefinitionError

FILES = shipped_files()


def refused(files: Mapping[str, str]) -> tuple[str, ...]:
    with pytest.raises(DefinitionError) as caught:
        load_library(files)
    return caught.value.faults


def changed(file: str, old: str, new: str) -> tuple[dict[str, str], int]:
    """The definitions with the first ``old`` replaced, and the line on which it stood."""
    before, found, after = FILES[file].partition(old)
    assert found, f"{file} says no {old!r}"
    return {**FILES, file: before + new + after}, before.count("\n") + 1


def test_the_definitions_of_the_package_load() -> None:
    made = load_library(FILES)
    assert made.data_sets == ()
    forms = {pack.code: pack.template.data_sets for pack in made.packs.packs}
    assert forms["cchc-2018"] == ("cchc_pl3_1", "cchc_pl3_2")
    assert forms["pctn-2014"] == ("pctn_01", "pctn_02")


CASES, INDICATORS = "pctn-2014/pctn_02.toml", "pctn-2014/pctn_01.toml"
PLANS = "cchc-2018/cchc_pl3_1.toml"
MISTAKES = {
    "unknown key": (CASES, "sheet =", "shete =", 0, "unknown key shete"),
    "kind of value": (
        CASES,
        'sheet = "Biểu 02"',
        "sheet = 1",
        0,
        "sheet cannot be 1",
    ),
    "no code": (
        CASES,
        'code = "name"',
        'code = "Tên"',
        0,
        "[body] code cannot be 'Tên'",
    ),
    "type": (
        CASES,
        'type = "text"',
        'type = "txt"',
        0,
        "[body] type cannot be 'txt'",
    ),
    "list for a type": (
        CASES,
        'type = "text"',
        'type = ["text"]',
        0,
        "[body] type cannot be ['text']",
    ),
    "missing label": (
        CASES,
        'label = "Tên vụ"\n',
        "",
        -2,
        "[body] missing key label",
    ),
    "guidance of a list": (
        CASES,
        'label = "Tên vụ"',
        'guidance = "Ghi gọn"\nlabel = "Tên vụ"',
        0,
        "guidance is for rows of fixed tables",
    ),
    "kinds of a list": (
        CASES,
        'label = "Tên vụ"',
        'applies_to = ["bank"]\nlabel = "Tên vụ"',
        0,
        "applies_to is for rows of fixed tables",
    ),
    "no kinds": (
        INDICATORS,
        'code = "c1"',
        'applies_to = []\ncode = "c1"',
        0,
        "[body] applies_to cannot be []",
    ),
    "period of a row": (
        INDICATORS,
        'code = "c1"',
        'periods = ["Q2"]\ncode = "c1"',
        0,
        "pctn_01 is not returned for Q2",
    ),
    "summed mark": (
        CASES,
        'type = "text"\naggregation = "list"',
        'type = "mark"\naggregation = "sum"',
        -3,
        "name is a mark: it can only be listed",
    ),
    "blank label": (
        CASES,
        'label = "Tên vụ"',
        'label = " "',
        0,
        "[body] label cannot be ' '",
    ),
    "code twice": (
        INDICATORS,
        'code = "c2"',
        'code = "c1"',
        0,
        "c1 is already on line {first}",
    ),
    "rule twice": (
        INDICATORS,
        'id = "r7_6"',
        'id = "r40"',
        0,
        "r40 is already on line {first}",
    ),
    "rule without a source": (
        "cchc-2018/cchc_pl3_2.toml",
        'source = "Tiêu đề cột: Tổng số chia ra theo cấp hành chính"\n',
        "",
        -5,
        "[rules] missing key source",
    ),
    "absent element": (
        INDICATORS,
        "c40 == c41 + c42 + c43 + c44",
        "c40 == c41 + c99",
        0,
        "rule r40: no element c99 in pctn_01\nc40 == c41 + c99\n             ^",
    ),
    "no rule": (
        INDICATORS,
        "c7 <= c6",
        "c7 c6",
        0,
        "rule r7_6: invalid syntax\nc7 c6\n   ^",
    ),
    "absent row": (
        "cchc-2018/cchc_pl3_2.toml",
        'missing_right = "skip_if_all"',
        'rows = ["r9"]',
        -4,
        "rule levels names row r9, not defined",
    ),
    "absent column": (
        "cchc-2018/cchc_pl3_2.toml",
        '["total", "district", "note"]',
        '["total", "note", "ward"]',
        0,
        "r4 names column ward, not defined",
    ),
    "absent required": (
        "cchc-2018/cchc_pl3_2.toml",
        'required = ["district"]',
        'required = ["ward"]',
        0,
        "r4 names column ward, not defined",
    ),
    "absent key element": (
        CASES,
        'key_elements = ["name"]',
        'key_elements = ["case"]',
        0,
        "key element case is not defined",
    ),
    "absent data set": (
        "pctn-2014/pack.toml",
        '["pctn_01", "pctn_02"]',
        '["pctn_01", "pctn_02", "pctn_03"]',
        0,
        "pctn-2014 has no data set pctn_03",
    ),
    "ratio summed": (
        INDICATORS,
        'aggregation = "weighted_ratio"',
        'aggregation = "sum"',
        -6,
        "c28 is a ratio: it cannot be summed",
    ),
    "long sheet name": (
        CASES,
        'sheet = "Biểu 02"',
        f'sheet = "{"x" * 32}"',
        0,
        f"sheet cannot be '{'x' * 32}'",
    ),
    "sheet name": (
        CASES,
        'sheet = "Biểu 02"',
        'sheet = "Biểu 02/2018"',
        0,
        "sheet cannot be 'Biểu 02/2018'",
    ),
    "sheet twice": (
        CASES,
        'sheet = "Biểu 02"',
        'sheet = "BIỂU 01"',
        None,
        "pctn-2014/pack.toml:1: pctn-2014 has two sheets called BIỂU 01",
    ),
    "nobody owes it": (
        "pctn-2014/pack.toml",
        'periods = ["Q1", "6M", "9M", "Y"]\ndata_sets = ["pctn_01", "pctn_02"]',
        'periods = ["Q1", "6M", "9M", "Y"]\ndata_sets = ["pctn_01"]',
        None,
        "pctn-2014/pack.toml:15: no package asks for pctn_02",
    ),
    "summed and not": (
        "pctn-2014/pack.toml",
        "[[packages]]\n",
        '[[packages]]\nsummed = false\nperiods = ["Y"]\ndata_sets = ["pctn_01"]\n[[packages]]\n',
        4,
        "all is summed and not summed",
    ),
    "two packs on one day": (
        "pctn-2014/pack.toml",
        "serves_to = 2021-05-09",
        "serves_to = 2025-09-30",
        0,
        "pctn-2014 serves on days on which pctn-2025 serves",
    ),
    "kind of unit": (
        "pctn-2014/pack.toml",
        "[[packages]]\n",
        '[[packages]]\nkinds = ["xã"]\n',
        1,
        "[packages] kinds cannot be ['xã']",
    ),
    "file name": (
        CASES,
        'code = "pctn_02"',
        'code = "pctn_2"',
        0,
        "pctn_2 belongs into pctn_2.toml",
    ),
    "choice": (
        CASES,
        'type = "text"',
        'type = "choice"',
        -3,
        "name is a choice without choices",
    ),
    "bounds": (
        INDICATORS,
        "maximum = 100\n",
        "maximum = 100\nminimum = 200\n",
        0,
        "c28 has its minimum above its maximum",
    ),
    "no number": (
        INDICATORS,
        "maximum = 100\n",
        "maximum = nan\n",
        0,
        "[body] maximum cannot be nan",
    ),
    "days": (
        "pctn-2014/pack.toml",
        "serves_to = 2021-05-09",
        "serves_to = 2012-05-10",
        0,
        "serves_to is before serves_from",
    ),
    "parts of a period": (
        "pctn-2025/pack.toml",
        'Y = ["9M", "Q4"]',
        'Y = ["6M", "Q4"]',
        0,
        "Y is not made of 6M and Q4",
    ),
    "new and mapped": (
        "pctn-2025/pack.toml",
        '"pctn_01.c1" = "pctn_01.m1"',
        '"pctn_01.c1" = "pctn_01.m3"',
        None,
        "pctn-2025/pack.toml:56: pctn_01.m3 of pctn-2025 is named 2 times",
    ),
    "second figure": (
        "cchc-2018/cchc_pl3_2.toml",
        'second = "agencies"',
        'second = "commune"',
        0,
        "commune is a column and a second figure",
    ),
    "heading": (
        INDICATORS,
        'section = "CHÍNH SÁCH, PHÁP LUẬT"',
        'section = "A"\nsubsection = "B"',
        -1,
        "[body] section or subsection, not both",
    ),
    "code of the row of the window": (
        INDICATORS,
        'code = "c1"',
        'code = "window"',
        0,
        "window is a code of the templates themselves",
    ),
    "code of the column of numbers": (
        CASES,
        'code = "name"',
        'code = "number"',
        0,
        "number is a code of the templates themselves",
    ),
    "column numbers of a list without numbers": (
        CASES,
        "[layout]",
        '[layout]\ncolumn_numbers = "MS"',
        1,
        "column_numbers: name has no number",
    ),
    "totals of a list that has sums": (
        PLANS,
        "[layout]",
        '[layout]\ntotal_label = "Tổng số:"',
        1,
        "total_label: planned is a sum, not counted",
    ),
    "totals of a fixed table": (
        INDICATORS,
        "[layout]",
        '[layout]\ntotal_label = "Tổng số:"',
        1,
        "total_label is for open tables",
    ),
    "unknown table": (CASES, "[layout]", "[look]", 0, "unknown table look"),
    "unknown list": (
        INDICATORS,
        "[[columns]]",
        "[[column]]",
        0,
        "unknown table column",
    ),
    "nested table": (
        CASES,
        "[layout]",
        "[layout.page]",
        0,
        "unknown table layout.page",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused_at_its_line(mistake: str) -> None:
    file, old, new, offset, message = MISTAKES[mistake]
    files, line = changed(file, old, new)
    if "{first}" in message:
        first = FILES[file].partition(new)[0].count("\n") + 1
        message = message.format(first=first)
    place = f"{file}:{line + offset}: " if offset is not None else ""
    assert f"{place}{message}" in refused(files)


def test_a_file_that_is_no_toml_is_refused_at_its_line() -> None:
    files, line = changed(CASES, "sheet =", "sheet ==")
    (problem,) = refused(files)
    assert problem.startswith(f"pctn-2014/pctn_02.toml:{line}: Invalid value")


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        ("cover.toml", "cover.toml:1: there is no such file"),
        ("pctn-2014/pack.toml", "pctn-2014/pack.toml:1: there is no such file"),
    ],
)
def test_a_file_that_is_not_there(file: str, problem: str) -> None:
    files = {name: content for name, content in FILES.items() if name != file}
    assert refused(files) == (problem,)


def test_a_code_that_is_no_text_is_refused_and_not_stumbled_over() -> None:
    files, line = changed(CASES, 'code = "place"', 'code = ["place"]')
    assert refused(files) == (f"pctn-2014/pctn_02.toml:{line}: [body] code cannot be ['place']",)


def test_all_problems_of_all_files_come_at_once() -> None:
    files, line = changed(CASES, "sheet =", "shete =")
    files["cover.toml"] = files["cover.toml"].replace("title =", "titel =", 1)
    problems = refused(files)
    assert "cover.toml:3: unknown key titel" in problems
    assert f"pctn-2014/pctn_02.toml:{line}: unknown key shete" in problems
    assert "pctn-2014/pctn_02.toml:1: missing key sheet" in problems
