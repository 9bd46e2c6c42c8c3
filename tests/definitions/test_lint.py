"""The linter: every kind of mistake in a definition is refused at its file and line."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources

import pytest

from consolidate.definitions.loader import load_library
from consolidate.definitions.toml_lines import DefinitionError

FILES = {
    item.name: item.read_text(encoding="utf-8")
    for item in resources.files("consolidate.definitions").iterdir()
    if item.name.endswith(".toml")
}


def refused(files: Mapping[str, str]) -> tuple[str, ...]:
    with pytest.raises(DefinitionError) as caught:
        load_library(files)
    return caught.value.problems


def changed(file: str, old: str, new: str) -> tuple[dict[str, str], int]:
    """The definitions with the first ``old`` replaced, and the line on which it stood."""
    before, found, after = FILES[file].partition(old)
    assert found, f"{file} says no {old!r}"
    return {**FILES, file: before + new + after}, before.count("\n") + 1


def test_the_definitions_of_the_package_load() -> None:
    made = load_library(FILES)
    assert [data_set.code for data_set in made.data_sets] == [
        "cchc_pl3_1",
        "cchc_pl3_2",
        "pctn_01",
        "pctn_02",
    ]


MISTAKES = {
    "unknown key": ("pctn_02.toml", "version =", "versoin =", 0, "unknown key versoin"),
    "kind of value": (
        "pctn_02.toml",
        'version = "2018.1"',
        "version = 1",
        0,
        "version cannot be 1",
    ),
    "no code": ("pctn_02.toml", 'code = "name"', 'code = "Tên"', 0, "[body] code cannot be 'Tên'"),
    "type": ("pctn_02.toml", 'type = "text"', 'type = "txt"', 0, "[body] type cannot be 'txt'"),
    "guidance of a list": (
        "pctn_02.toml",
        'label = "Tên vụ"',
        'guidance = "Ghi gọn"\nlabel = "Tên vụ"',
        0,
        "guidance is for rows of fixed tables",
    ),
    "kinds of a list": (
        "pctn_02.toml",
        'label = "Tên vụ"',
        'applies_to = ["bank"]\nlabel = "Tên vụ"',
        0,
        "applies_to is for rows of fixed tables",
    ),
    "no kinds": (
        "pctn_01.toml",
        'code = "c1"',
        'applies_to = []\ncode = "c1"',
        0,
        "[body] applies_to cannot be []",
    ),
    "period of a row": (
        "pctn_01.toml",
        'code = "c1"',
        'periods = ["Q2"]\ncode = "c1"',
        0,
        "pctn_01 is not returned for Q2",
    ),
    "summed mark": (
        "pctn_02.toml",
        'type = "text"\naggregation = "list"',
        'type = "mark"\naggregation = "sum"',
        -3,
        "name is a mark: it can only be listed",
    ),
    "missing label": ("pctn_02.toml", 'label = "Tên vụ"\n', "", -2, "[body] missing key label"),
    "blank label": (
        "pctn_02.toml",
        'label = "Tên vụ"',
        'label = " "',
        0,
        "[body] label cannot be ' '",
    ),
    "code twice": (
        "pctn_01.toml",
        'code = "c2"',
        'code = "c1"',
        0,
        "c1 is already on line {first}",
    ),
    "rule twice": (
        "pctn_01.toml",
        'id = "r7_6"',
        'id = "r40"',
        0,
        "r40 is already on line {first}",
    ),
    "rule without a source": (
        "cchc_pl3_2.toml",
        'source = "Tiêu đề cột: Tổng số chia ra theo cấp hành chính"\n',
        "",
        -5,
        "[rules] missing key source",
    ),
    "absent element": (
        "pctn_01.toml",
        "c40 == c41 + c42 + c43 + c44",
        "c40 == c41 + c99",
        0,
        "rule r40: no element c99 in pctn_01\nc40 == c41 + c99\n             ^",
    ),
    "no rule": (
        "pctn_01.toml",
        "c7 <= c6",
        "c7 c6",
        0,
        "rule r7_6: invalid syntax\nc7 c6\n   ^",
    ),
    "absent row": (
        "cchc_pl3_2.toml",
        'missing_right = "skip_if_all"',
        'rows = ["r9"]',
        -4,
        "rule levels names row r9, not defined",
    ),
    "absent column": (
        "cchc_pl3_2.toml",
        '["total", "district", "note"]',
        '["total", "note", "ward"]',
        0,
        "r4 names column ward, not defined",
    ),
    "absent required": (
        "cchc_pl3_2.toml",
        'required = ["district"]',
        'required = ["ward"]',
        0,
        "r4 names column ward, not defined",
    ),
    "absent key element": (
        "pctn_02.toml",
        'key_elements = ["name"]',
        'key_elements = ["case"]',
        0,
        "key element case is not defined",
    ),
    "absent template": (
        "templates.toml",
        '["pctn_01", "pctn_02"]',
        '["pctn_01", "pctn_02", "pctn_03"]',
        0,
        "pctn has no data set pctn_03",
    ),
    "ratio summed": (
        "pctn_01.toml",
        'aggregation = "weighted_ratio"',
        'aggregation = "sum"',
        -6,
        "c28 is a ratio: it cannot be summed",
    ),
    "long sheet name": (
        "pctn_02.toml",
        'sheet = "Biểu 02"',
        f'sheet = "{"x" * 32}"',
        0,
        f"sheet cannot be '{'x' * 32}'",
    ),
    "sheet name": (
        "pctn_02.toml",
        'sheet = "Biểu 02"',
        'sheet = "Biểu 02/2018"',
        0,
        "sheet cannot be 'Biểu 02/2018'",
    ),
    "sheet twice": (
        "pctn_02.toml",
        'sheet = "Biểu 02"',
        'sheet = "BIỂU 01"',
        0,
        "pctn has two sheets called BIỂU 01",
    ),
    "periods": (
        "pctn_02.toml",
        'periods = ["Q1", "6M", "9M", "Y"]',
        'periods = ["Q1"]',
        0,
        "the data sets of pctn have different periods",
    ),
    "file name": (
        "pctn_02.toml",
        'code = "pctn_02"',
        'code = "pctn_2"',
        0,
        "pctn_2 belongs into pctn_2.toml",
    ),
    "choice": (
        "pctn_02.toml",
        'type = "text"',
        'type = "choice"',
        -3,
        "name is a choice without choices",
    ),
    "bounds": (
        "pctn_01.toml",
        "maximum = 100\n",
        "maximum = 100\nminimum = 200\n",
        0,
        "c28 has its minimum above its maximum",
    ),
    "no number": (
        "pctn_01.toml",
        "maximum = 100\n",
        "maximum = nan\n",
        0,
        "[body] maximum cannot be nan",
    ),
    "days": (
        "pctn_02.toml",
        "serves_to = 2021-05-10",
        "serves_to = 2012-05-10",
        0,
        "serves_to is before serves_from",
    ),
    "second figure": (
        "cchc_pl3_2.toml",
        'second = "agencies"',
        'second = "commune"',
        0,
        "commune is a column and a second figure",
    ),
    "heading": (
        "pctn_01.toml",
        'section = "CHÍNH SÁCH, PHÁP LUẬT"',
        'section = "A"\nsubsection = "B"',
        -1,
        "[body] section or subsection, not both",
    ),
    "code of the row of the window": (
        "pctn_01.toml",
        'code = "c1"',
        'code = "window"',
        0,
        "window is a code of the templates themselves",
    ),
    "code of the column of numbers": (
        "pctn_02.toml",
        'code = "name"',
        'code = "number"',
        0,
        "number is a code of the templates themselves",
    ),
    "unknown table": ("pctn_02.toml", "[layout]", "[look]", 0, "unknown table look"),
    "unknown list": ("pctn_01.toml", "[[columns]]", "[[column]]", 0, "unknown table column"),
    "nested table": ("pctn_02.toml", "[layout]", "[layout.page]", 0, "unknown table layout.page"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused_at_its_line(mistake: str) -> None:
    file, old, new, offset, message = MISTAKES[mistake]
    files, line = changed(file, old, new)
    if "{first}" in message:
        first = FILES[file].partition(new)[0].count("\n") + 1
        message = message.format(first=first)
    assert f"{file}:{line + offset}: {message}" in refused(files)


def test_a_file_that_is_no_toml_is_refused_at_its_line() -> None:
    files, line = changed("pctn_02.toml", "version =", "version ==")
    (problem,) = refused(files)
    assert problem.startswith(f"pctn_02.toml:{line}: Invalid value")


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        ("cover.toml", "cover.toml:1: there is no such file"),
        ("templates.toml", "templates.toml:1: there is no such file"),
    ],
)
def test_a_file_that_is_not_there(file: str, problem: str) -> None:
    files = {name: content for name, content in FILES.items() if name != file}
    assert refused(files) == (problem,)


def test_a_code_that_is_no_text_is_refused_and_not_stumbled_over() -> None:
    files, line = changed("pctn_02.toml", 'code = "place"', 'code = ["place"]')
    assert refused(files) == (f"pctn_02.toml:{line}: [body] code cannot be ['place']",)


def test_all_problems_of_all_files_come_at_once() -> None:
    files, line = changed("pctn_02.toml", "version =", "versoin =")
    files["cover.toml"] = files["cover.toml"].replace("title =", "titel =", 1)
    problems = refused(files)
    assert "cover.toml:3: unknown key titel" in problems
    assert f"pctn_02.toml:{line}: unknown key versoin" in problems
    assert "pctn_02.toml:1: missing key version" in problems
