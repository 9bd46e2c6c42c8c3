"""The linter: every kind of mistake in a definition is refused at its file and line."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from consolidate.definitions.loader import load_library, shipped_files
from consolidate.definitions.toml_lines import DefinitionError
from consolidate.model.reasons import Reason

FILES = shipped_files()


def refused(files: Mapping[str, str]) -> tuple[str, ...]:
    with pytest.raises(DefinitionError) as caught:
        load_library(files)
    return tuple(f"{fault.place}: {told(fault.reason)}" for fault in caught.value.faults)


def told(reason: Reason) -> str:
    """A fault by its key and values; of a reason within it the key, of what is wanted nothing."""
    values = (
        f"{blank}={value.key if isinstance(value, Reason) else value}"
        for blank, value in reason.values
        if blank != "wanted"
    )
    return " ".join((reason.key.removeprefix("lint."), *values))


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
    "unknown key": (CASES, "sheet =", "shete =", 0, "unknown_key key=shete"),
    "kind of value": (CASES, 'sheet = "Biểu 02"', "sheet = 1", 0, "wrong_value found=1 key=sheet"),
    "no code": (CASES, 'code = "name"', 'code = "Tên"', 0, "wrong_value found='Tên' key=code"),
    "type": (CASES, 'type = "text"', 'type = "txt"', 0, "wrong_value found='txt' key=type"),
    "list for a type": (
        CASES,
        'type = "text"',
        'type = ["text"]',
        0,
        "wrong_value found=['text'] key=type",
    ),
    "missing label": (CASES, 'label = "Tên vụ"\n', "", -2, "missing_key key=label"),
    "guidance of a list": (
        CASES,
        'label = "Tên vụ"',
        'guidance = "Ghi gọn"\nlabel = "Tên vụ"',
        0,
        "of_fixed code=name key=guidance",
    ),
    "kinds of a list": (
        CASES,
        'label = "Tên vụ"',
        'applies_to = ["bank"]\nlabel = "Tên vụ"',
        0,
        "of_fixed code=name key=applies_to",
    ),
    "no kinds": (
        INDICATORS,
        'code = "c1"',
        'applies_to = []\ncode = "c1"',
        0,
        "wrong_value found=[] key=applies_to",
    ),
    "period of a row": (
        INDICATORS,
        'code = "c1"',
        'periods = ["Q2"]\ncode = "c1"',
        0,
        "not_returned code=c1 period=Q2",
    ),
    "summed mark": (
        CASES,
        'type = "text"\naggregation = "list"',
        'type = "mark"\naggregation = "sum"',
        -3,
        "mark_summed code=name",
    ),
    "blank label": (CASES, 'label = "Tên vụ"', 'label = " "', 0, "wrong_value found=' ' key=label"),
    "code twice": (
        INDICATORS,
        'code = "c2"',
        'code = "c1"',
        0,
        "repeated code=c1 first=pctn-2014/pctn_01.toml:{first}",
    ),
    "rule twice": (
        INDICATORS,
        'id = "r7_6"',
        'id = "r40"',
        0,
        "repeated code=r40 first=pctn-2014/pctn_01.toml:{first}",
    ),
    "rule without a source": (
        "cchc-2018/cchc_pl3_2.toml",
        'source = "Tiêu đề cột: Tổng số chia ra theo cấp hành chính"\n',
        "",
        -5,
        "missing_key key=source",
    ),
    "absent element": (
        INDICATORS,
        "c40 == c41 + c42 + c43 + c44",
        "c40 == c41 + c99",
        0,
        "rule fault=syntax.no_element pointer=c40 == c41 + c99\n             ^ rule=r40",
    ),
    "no rule": (
        INDICATORS,
        "c7 <= c6",
        "c7 c6",
        0,
        "rule fault=syntax.unreadable pointer=c7 c6\n   ^ rule=r7_6",
    ),
    "absent row": (
        "cchc-2018/cchc_pl3_2.toml",
        'missing_right = "skip_if_all"',
        'rows = ["r9"]',
        -4,
        "no_row code=r9 rule=levels",
    ),
    "absent column": (
        "cchc-2018/cchc_pl3_2.toml",
        '["total", "district", "note"]',
        '["total", "note", "ward"]',
        0,
        "no_column code=r4 column=ward",
    ),
    "absent required": (
        "cchc-2018/cchc_pl3_2.toml",
        'required = ["district"]',
        'required = ["ward"]',
        0,
        "no_column code=r4 column=ward",
    ),
    "absent key element": (
        CASES,
        'key_elements = ["name"]',
        'key_elements = ["case"]',
        0,
        "no_key_element code=case",
    ),
    "absent data set": (
        "pctn-2014/pack.toml",
        '["pctn_01", "pctn_02"]',
        '["pctn_01", "pctn_02", "pctn_03"]',
        0,
        "no_data_set code=pctn_03",
    ),
    "ratio summed": (
        INDICATORS,
        'aggregation = "weighted_ratio"',
        'aggregation = "sum"',
        -6,
        "ratio_summed code=c28",
    ),
    "long sheet name": (
        CASES,
        'sheet = "Biểu 02"',
        f'sheet = "{"x" * 32}"',
        0,
        f"wrong_value found='{'x' * 32}' key=sheet",
    ),
    "sheet name": (
        CASES,
        'sheet = "Biểu 02"',
        'sheet = "Biểu 02/2018"',
        0,
        "wrong_value found='Biểu 02/2018' key=sheet",
    ),
    "sheet twice": (
        CASES,
        'sheet = "Biểu 02"',
        'sheet = "BIỂU 01"',
        None,
        "pctn-2014/pack.toml:1: two_sheets sheet=BIỂU 01",
    ),
    "nobody owes it": (
        "pctn-2014/pack.toml",
        'periods = ["Q1", "6M", "9M", "Y"]\ndata_sets = ["pctn_01", "pctn_02"]',
        'periods = ["Q1", "6M", "9M", "Y"]\ndata_sets = ["pctn_01"]',
        None,
        "pctn-2014/pack.toml:16: nobody_owes code=pctn_02",
    ),
    "summed and not": (
        "pctn-2014/pack.toml",
        "[[packages]]\n",
        '[[packages]]\nsummed = false\nperiods = ["Y"]\ndata_sets = ["pctn_01"]\n[[packages]]\n',
        4,
        "summed_and_not kind=",
    ),
    "two packs on one day": (
        "pctn-2014/pack.toml",
        "serves_to = 2021-05-09",
        "serves_to = 2025-09-30",
        0,
        "two_packs other=pctn-2025 pack=pctn-2014",
    ),
    "kind of unit": (
        "pctn-2014/pack.toml",
        "[[packages]]\n",
        '[[packages]]\nkinds = ["xã"]\n',
        1,
        "wrong_value found=['xã'] key=kinds",
    ),
    "file name": (CASES, 'code = "pctn_02"', 'code = "pctn_2"', 0, "other_file code=pctn_2"),
    "choice": (CASES, 'type = "text"', 'type = "choice"', -3, "no_choices code=name"),
    "choices": (
        CASES,
        'type = "text"',
        'type = "choice"\nchoices = ["Đã trình, chậm", "Chưa"]',
        1,
        "choices code=name most=255",
    ),
    "bounds": (
        INDICATORS,
        "maximum = 100\n",
        "maximum = 100\nminimum = 200\n",
        0,
        "bounds code=c28",
    ),
    "no number": (
        INDICATORS,
        "maximum = 100\n",
        "maximum = nan\n",
        0,
        "wrong_value found=nan key=maximum",
    ),
    "days": (
        "pctn-2014/pack.toml",
        "serves_to = 2021-05-09",
        "serves_to = 2012-05-10",
        0,
        "ends_before",
    ),
    "parts of a period": (
        "pctn-2025/pack.toml",
        'Y = ["9M", "Q4"]',
        'Y = ["6M", "Q4"]',
        0,
        "tiles first=6M second=Q4 whole=Y",
    ),
    "key figure of no form": (
        "pctn-2014/pack.toml",
        '"pctn_01.c29: ',
        '"pctn_01.c290: ',
        -1,
        "no_key_figure name=pctn_01.c290.value pack=pctn-2014",
    ),
    "key figure in words": (
        "pctn-2014/pack.toml",
        '"pctn_01.c29: ',
        '"pctn_02.summary: ',
        -1,
        "no_key_figure name=pctn_02.summary pack=pctn-2014",
    ),
    "key figure without a name": (
        "cchc-2018/pack.toml",
        '"cchc_pl3_1.done: Nhiệm vụ đã thực hiện",',
        '"cchc_pl3_1.done",',
        -2,
        "wrong_value found=['cchc_pl3_1.planned: Nhiệm vụ trong các kế hoạch', 'cchc_pl3_1.done', "
        "'cchc_pl3_2.r5.total: Thủ tục có dịch vụ trực tuyến'] "
        "key=key_figures",
    ),
    "new and mapped": (
        "pctn-2025/pack.toml",
        '"pctn_01.c1" = "pctn_01.m1"',
        '"pctn_01.c1" = "pctn_01.m3"',
        None,
        "pctn-2025/pack.toml:64: mapped count=2 name=pctn_01.m3 pack=pctn-2025",
    ),
    "parent that is no row": (
        INDICATORS,
        'code = "c2"',
        'code = "c2"\nparent = "c99"',
        1,
        "parent code=c2",
    ),
    "names of rows of no form": (
        CASES,
        'code = "name"',
        'code = "name"\nnames = "pctn_9"',
        1,
        "names code=name",
    ),
    "second figure": (
        "cchc-2018/cchc_pl3_2.toml",
        'second = "agencies"',
        'second = "commune"',
        0,
        "second_is_column code=r5 column=commune",
    ),
    "heading": (
        INDICATORS,
        'section = "CHÍNH SÁCH, PHÁP LUẬT"',
        'section = "A"\nsubsection = "B"',
        -1,
        "two_headings",
    ),
    "code of the row of the window": (
        INDICATORS,
        'code = "c1"',
        'code = "window"',
        0,
        "reserved code=window",
    ),
    "code of the column of numbers": (
        CASES,
        'code = "name"',
        'code = "number"',
        0,
        "reserved code=number",
    ),
    "column numbers of a list without numbers": (
        CASES,
        "[layout]",
        '[layout]\ncolumn_numbers = "MS"',
        1,
        "column_without_number code=name",
    ),
    "totals of a list that has sums": (
        PLANS,
        "[layout]",
        '[layout]\ntotal_label = "Tổng số:"',
        1,
        "total_of_sums code=planned",
    ),
    "totals of a fixed table": (
        INDICATORS,
        "[layout]",
        '[layout]\ntotal_label = "Tổng số:"',
        1,
        "of_open key=total_label",
    ),
    "unknown table": (CASES, "[layout]", "[look]", 0, "unknown_table name=look"),
    "unknown list": (INDICATORS, "[[columns]]", "[[column]]", 0, "unknown_table name=column"),
    "nested table": (CASES, "[layout]", "[layout.page]", 0, "unknown_table name=layout.page"),
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
    assert problem == f"pctn-2014/pctn_02.toml:{line}: no_toml"


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        ("cover.toml", "cover.toml:1: no_file"),
        ("pctn-2014/pack.toml", "pctn-2014/pack.toml:1: no_file"),
    ],
)
def test_a_file_that_is_not_there(file: str, problem: str) -> None:
    files = {name: content for name, content in FILES.items() if name != file}
    assert refused(files) == (problem,)


def test_a_code_that_is_no_text_is_refused_and_not_stumbled_over() -> None:
    files, line = changed(CASES, 'code = "place"', 'code = ["place"]')
    assert refused(files) == (
        f"pctn-2014/pctn_02.toml:{line}: wrong_value found=['place'] key=code",
    )


def test_all_problems_of_all_files_come_at_once() -> None:
    files, line = changed(CASES, "sheet =", "shete =")
    files["cover.toml"] = files["cover.toml"].replace("title =", "titel =", 1)
    problems = refused(files)
    assert "cover.toml:3: unknown_key key=titel" in problems
    assert f"pctn-2014/pctn_02.toml:{line}: unknown_key key=shete" in problems
    assert "pctn-2014/pctn_02.toml:1: missing_key key=sheet" in problems
