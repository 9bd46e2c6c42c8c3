"""A workbook whose skeletons are known is read as it would be read in whole, or is not known."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from consolidate.intake.containers import open_container
from consolidate.xlsx.read import known_sheets
from consolidate.xlsx.read.defined_names import carries_no_answers
from consolidate.xlsx.read.grid import Workbook
from consolidate.xlsx.read.known_sheets import look_at
from consolidate.xlsx.read.package_gate import Limits, Refused, is_word, open_plain
from consolidate.xlsx.read.read_workbook import read_whole, read_workbook
from tests.saved import packed, parts_of, saved

LIMITS = Limits()
INBOX = Path(__file__).parents[2] / "examples" / "inbox"
RETURNS = ("S02*PCTN*.xlsx", "S02*CCHC*.xlsx")


def facts(book: Workbook) -> object:
    """All that a workbook says; two objects of equal features or names are equal."""
    sheets = [
        (
            *(sheet.name, repr(sheet.rows), sheet.visible, sheet.origins, sheet.convention),
            *(sheet.facts.errors, sheet.facts.no_value, sheet.facts.far, sheet.facts.twice),
            *(sheet.facts.crossed, sheet.facts.shown, sheet.facts.formulas, sheet.facts.unsound),
            *(sheet.facts.features.merged, sheet.facts.features.hidden_rows),
            *(sheet.facts.features.hidden_columns, sheet.facts.features.filtered),
            sheet.facts.from_1904,
        )
        for sheet in book.sheets
    ]
    return sheets, book.names.ranges, book.risks, book.fonts(), book.saved


def in_whole(data: bytes) -> object:
    try:
        return facts(read_whole(data, LIMITS, carries_no_answers))
    except Refused as refused:
        return refused


def as_read(data: bytes) -> object:
    try:
        return facts(read_workbook(data, LIMITS, carries_no_answers))
    except Refused as refused:
        return refused


def learn(data: bytes) -> None:
    """Read a workbook as often as it takes to know it."""
    as_read(data)
    as_read(data)


def is_known(data: bytes) -> bool:
    package = open_plain(data, LIMITS)
    look = look_at(package, LIMITS, carries_no_answers) if package is not None else None
    return look is not None and look.recall() is not None


@cache
def samples() -> tuple[tuple[str, bytes], ...]:
    """Returns of two forms as we write them, and as openpyxl saves them."""
    paths = [path for pattern in RETURNS for path in INBOX.rglob(pattern)]
    made = [(path.stem, path.read_bytes()) for path in paths]
    assert len(made) == len(RETURNS)
    return (*made, *((f"{name} (openpyxl)", saved_again(data)) for name, data in made))


def saved_again(data: bytes) -> bytes:
    return saved(load_workbook(io.BytesIO(data)))


@pytest.mark.parametrize("number", range(2 * len(RETURNS)))
def test_a_known_workbook_is_read_as_in_whole(number: int) -> None:
    _, data = samples()[number]
    known_sheets.forget()
    first, second = as_read(data), as_read(data)
    assert is_known(data)
    assert as_read(data) == second == first == in_whole(data)


def test_other_answers_are_read_by_a_known_skeleton() -> None:
    """A return that was filled in otherwise is known; what its cells hold is its own."""
    folder = INBOX / "cap-tinh"
    first, second = (folder / f"S0{n} {name} - PCTN.xlsx" for n, name in TWO)
    known_sheets.forget()
    learn(first.read_bytes())
    data = second.read_bytes()
    assert is_known(data)
    assert as_read(data) == in_whole(data) != in_whole(first.read_bytes())


TWO = ((3, "Sở Tài chính"), (5, "Sở Tư pháp"))


@pytest.mark.parametrize("typed", [b"15102018", b"-99999999"])
def test_a_day_is_a_day_whatever_was_typed_there_before(typed: bytes) -> None:
    """15102018 in a cell of days is a number to the reader: it tells nothing of other files."""
    parts = parts_of(samples()[0][1])
    days = re.compile(rb"<v>43[0-9]{3}</v>")
    odd, seen = days.subn(b"<v>%b</v>" % typed, parts[COVER])
    assert seen > 1
    known_sheets.forget()
    learn(packed({**parts, COVER: odd}))
    same_as_in_whole(parts)
    learn(packed(parts))
    assert is_known(packed(parts))
    same_as_in_whole({**parts, COVER: odd})
    assert not is_known(packed({**parts, COVER: odd}))


@pytest.mark.parametrize("typed", [b"0", b"60", b"43373.5"])
def test_a_time_in_a_cell_of_days_costs_its_own_return_alone(typed: bytes) -> None:
    """No other return is read in whole for it, whether it came before or after."""
    parts = parts_of(samples()[0][1])
    odd = {**parts, COVER: re.sub(rb"<v>43[0-9]{3}</v>", b"<v>%b</v>" % typed, parts[COVER])}
    for first, second in ((parts, odd), (odd, parts)):
        known_sheets.forget()
        learn(packed(first))
        learn(packed(second))
        learn(packed(parts))
        assert is_known(packed(parts))
        assert not is_known(packed(odd))
        same_as_in_whole(parts)
        same_as_in_whole(odd)


COVER, STAMP = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet8.xml"


def test_a_value_inside_of_a_value_is_none() -> None:
    """All values behind it would be those of the cells before."""
    parts = parts_of(samples()[0][1])
    known_sheets.forget()
    learn(packed(parts))
    start = parts[STAMP].rindex(b"<v>")
    end = parts[STAMP].index(b"</v>", start) + len(b"</v>")
    for value, is_plain in ((b"<v>7</v>", True), (b"<v><is><t>7</t></is></v>", False)):
        odd = {**parts, STAMP: parts[STAMP][:start] + value + parts[STAMP][end:]}
        assert is_known(packed(odd)) is is_plain
        same_as_in_whole(odd)


def test_shared_texts_under_a_damaged_tag_are_not_known() -> None:
    """One flipped bit, and no reader takes the part; a number of texts is no text."""
    parts = parts_of(samples()[0][1])
    known_sheets.forget()
    learn(packed(parts))
    for old, new, is_plain in (
        (b' count="', b' count="1', True),
        (b' count="', b" count=s", False),
        (b' uniqueCount="', b' uniqueCount="x', False),
        (b"schemas", b"schema\xff", False),
    ):
        odd = {**parts, TEXTS: parts[TEXTS].replace(old, new, 1)}
        assert odd != parts
        assert is_known(packed(odd)) is is_plain
        same_as_in_whole(odd)


TEXTS = "xl/sharedStrings.xml"


def test_only_what_is_nothing_but_a_workbook_goes_in_without_further_questions() -> None:
    _, data = samples()[0]
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    others = {"Word/document.xml": b""}
    sheets = {name: part for name, part in parts.items() if name != "xl/workbook.xml"}
    assert open_plain(packed(parts), LIMITS)
    assert open_container(packed(parts), LIMITS) is None
    assert open_plain(packed(parts | others), LIMITS) is None
    assert is_word(packed(parts | others))
    assert open_plain(packed(sheets), LIMITS) is None
    assert open_plain(packed({"a.xlsx": data}), LIMITS) is None
    assert open_container(packed({"a.xlsx": data}), LIMITS) is not None


def test_the_same_workbook_under_other_limits_is_not_known() -> None:
    _, data = samples()[0]
    learn(data)
    assert is_known(data)
    for limits in (Limits(entries=5), Limits(file_size=1_000), Limits(inflated=10_000)):
        package = open_plain(data, limits)
        assert package is None or look_at(package, limits, carries_no_answers) is None
        with pytest.raises(Refused):
            read_workbook(data, limits, carries_no_answers)


NASTY = st.one_of(
    st.sampled_from(
        [
            *("", " ", "0", "-0", "007", "1e5", "1E-3", "0.1", ".5", "5.", "1e999", "inf", "nan"),
            *("1_0", "+1", "12345678901234567890", "45000", "45000.5", "60", "61", "2958466"),
            *("1.819", "-1", "٣", "x", "a&amp;b", "&#10;", "&#13;", "&#x1F600;", "&#0;", "&nbsp;"),
            *(
                "a&b",
                "&#xD800;",
                "_x000D_",
                "_x0041_",
                "a\rb",
                "a\nb",
                "\t",
                " a ",
                "]]>",
                "&lt;f>",
            ),
            *(
                'hidden="1',
                "mergeCells",
                "filterColumn",
                "strike",
                "a:c",
                "a:v",
                "<b/>",
                "<!--",
                "a|b",
            ),
            *("Tân An", "\x01", "</v><v>1", "</v></c><c><v>2", "</t><t>b", '" t="e'),
        ]
    ),
    st.text(max_size=6),
)
VALUE = re.compile(rb"(<v>|<t>|<t [^<>]*>)([^<]*)(?=</)")
READ = re.compile(r"xl/(?:worksheets/sheet.*|sharedStrings|styles|workbook)\.xml|.*\.rels|\[.*")


@cache
def places(number: int) -> tuple[dict[str, bytes], dict[str, list[tuple[int, int]]]]:
    parts = parts_of(samples()[number][1])
    known = packed(parts)
    learn(known)
    assert is_known(known)
    found = {
        name: [match.span(2) for match in VALUE.finditer(content)]
        for name, content in parts.items()
        if READ.fullmatch(name)
    }
    return parts, found


def same_as_in_whole(parts: Mapping[str, bytes]) -> None:
    data = packed(parts)
    assert as_read(data) == in_whole(data)
    assert as_read(data) == in_whole(data)  # What was learned from it just now agrees as well.


@settings(max_examples=40)
@given(st.data())
def test_any_other_value_is_read_as_in_whole(data: st.DataObject) -> None:
    parts, found = places(data.draw(st.integers(0, 3)))
    name = data.draw(st.sampled_from(sorted(part for part in found if found[part])))
    start, end = data.draw(st.sampled_from(found[name]))
    value = data.draw(NASTY).encode("utf-8", "surrogatepass")
    content = parts[name]
    same_as_in_whole(parts | {name: content[:start] + value + content[end:]})


@settings(max_examples=40)
@given(st.data())
def test_any_other_byte_is_read_as_in_whole(data: st.DataObject) -> None:
    parts, found = places(data.draw(st.integers(0, 3)))
    name = data.draw(st.sampled_from(sorted(found)))
    at = data.draw(st.integers(0, len(parts[name]) - 1))
    byte = data.draw(st.one_of(st.sampled_from(b'<>/"= &01tsr'), st.integers(0, 255)))
    content = bytearray(parts[name])
    content[at] = byte
    same_as_in_whole(parts | {name: bytes(content)})


@settings(max_examples=40)
@given(st.integers(0, 3), st.integers(0, 1 << 20), st.integers(0, 255))
def test_any_other_byte_of_the_package_is_read_as_in_whole(number: int, at: int, byte: int) -> None:
    """The directory at the end most of all: what another reader makes of it is not guessed."""
    places(number)
    data = bytearray(packed(places(number)[0]))
    data[-1 - at % min(len(data), 2_000)] = byte
    assert as_read(bytes(data)) == in_whole(bytes(data))
