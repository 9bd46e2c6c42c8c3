"""The overview as a page: figures of the result, hostile texts as texts, nothing from outside."""

from __future__ import annotations

import itertools
import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from consolidate.definitions.catalogue import text
from consolidate.model.returns import Outcome
from consolidate.model.text import format_number
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.reports.at_a_glance import key_rows
from consolidate.reports.overview_html import overview_parts
from consolidate.reports.result_json import result_document
from consolidate.rollup.comparison import Against
from tests.messages import KEYS, own_words
from tests.reports.compare_result import compared
from tests.reports.make_result import LIBRARY, Bad, fixed, province, record, result

PCTN = LIBRARY.by_code["pctn_01"]
_VOID = {"meta", "br", "input", "rect"}


class Page(HTMLParser):
    """Tags with their attributes, and the text of each element by its path of tags."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(data.decode())
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self._open[-1], data))

    @property
    def data(self) -> dict[str, object]:
        """What the script reads."""
        return next(
            json.loads(said) for tag, said in self.texts if tag == "script" and said[0] == "{"
        )


@pytest.fixture(scope="module")
def beside():
    return compared(province(14))


@pytest.fixture(scope="module")
def page(beside) -> Page:
    return Page(b"".join(overview_parts(beside, "../inbox/2018-9M")))


def test_its_figures_are_those_of_the_result(beside, page: Page) -> None:
    totals = list(result_document(beside)["totals"])
    told = [figure for table in page.data["sets"] for figure in table["figures"]]
    assert [item["total"] for item in totals] == [item["total"] for item in told]
    assert len(told) > 60
    shown = {said.strip() for tag, said in page.texts if tag == "strong"}
    rows = key_rows(beside)
    assert [row.name for row in rows][-1].startswith("Thủ tục có")
    assert shown == {row.shown for row in rows}
    changes = {said for tag, said in page.texts if tag == "b"}
    one = rows[0].before(Against.PREVIOUS)
    assert one is not None
    assert one.change.difference
    assert one.said in changes
    assert format_number(abs(one.change.difference)) == one.said.lstrip("+-")


def test_every_answer_stands_with_its_file_and_cell(beside, page: Page) -> None:
    data, checked = page.data, 0
    tables = {(t.data_set.sheet, t.period.label): t for t in beside.tables}
    for told in data["sets"]:
        table = tables[told["sheet"], told["period"]]
        for figure, shown in zip(table.figures, told["figures"], strict=True):
            for at, item in enumerate(table.contributions):
                assert data["units"][told["units"][at]][0] == item.unit.code
                assert data["files"][told["files"][at]] == [item.record.path, item.record.member]
                found = item.value(figure.element.code, figure.column)
                if found is None:
                    continue
                other = shown.get("others", {}).get(str(at), {})
                assert other.get("cell", shown["cell"]) == f"{found.cell.sheet}!{found.cell.a1}"
                states = {"missing": "", "not_applicable": "x", "invalid": "?", "held": "!"}
                expected = states.get(found.status.value, found.number)
                assert shown["values"][at] == (
                    expected if isinstance(expected, str) else float(expected)
                )
                if found.normalisation or found.status.value == "invalid":
                    assert other["raw"] == found.raw
                checked += 1
    assert checked > 800


HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\u2028\"'{{7*7}}"


def test_what_a_unit_wrote_is_text() -> None:
    unit = OrganisationUnit("X1", f"Xã {HOSTILE}", Level.COMMUNE)
    wrong = fixed(PCTN, {("c3", "value"): Bad(HOSTILE)})
    records = [
        record(unit, "pctn", [wrong], path=f"javascript:alert(1)/{HOSTILE}.xlsx"),
        replace(
            record(unit, "pctn", [wrong], path=f"{HOSTILE}-2.xlsx", outcome=Outcome.HELD),
            reason=own_words(HOSTILE),
        ),
    ]
    made = b"".join(
        overview_parts(result(records, Roster.of([unit], province=HOSTILE)), "../inbox")
    )
    page = Page(made)
    assert [tag for tag, _ in page.tags].count("script") == 2
    assert not {"img", "a", "iframe", "object"} & ({tag for tag, _ in page.tags} - {"a"})
    assert not [name for _, said in page.tags for name in said if name.startswith("on")]
    figure = next(f for f in page.data["sets"][0]["figures"] if f["name"] == "MS 3")
    assert figure["others"]["0"]["raw"] == HOSTILE.replace("\u2028", "\\u2028")
    assert "\u2028" not in made.decode()
    if not KEYS:
        assert any("<img src=x" in said for tag, said in page.texts if tag == "td")
        assert any("<img src=x" in said for tag, said in page.texts if tag == "th")


def test_it_needs_nothing_beside_it(page: Page, beside) -> None:
    made = b"".join(overview_parts(beside, None)).decode()
    assert re.findall(r"(?:https?:)?//[\w.]+\.\w+|@import|url\(", made) == []
    links = [
        value
        for _, said in page.tags
        for name, value in said.items()
        if name in ("href", "src", "action", "data", "srcset", "poster", "style")
    ]
    assert sorted(set(links)) == ["#key", "#units"]
    policy = next(
        said["content"]
        for tag, said in page.tags
        if said.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    for part in ("style", "script"):
        own = next(said for tag, said in page.texts if tag == part and said[0] != "{")
        digest = b64encode(sha256(own.encode()).digest()).decode()
        assert f"{part}-src 'sha256-{digest}'" in policy
    assert made == b"".join(overview_parts(beside, None)).decode()


def test_it_is_read_aloud_in_order(page: Page) -> None:
    heads = [tag for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert heads[0] == "h1"
    assert all(int(b[1]) - int(a[1]) <= 1 for a, b in itertools.pairwise(heads))
    tags = [tag for tag, _ in page.tags]
    assert tags.count("table") == tags.count("caption")
    assert ("html", {"lang": "vi"}) in page.tags
    buttons = [said for tag, said in page.tags if tag == "button"]
    assert all(said["type"] == "button" for said in buttons)
    named = {said["id"] for _, said in page.tags if "id" in said}
    assert {said["aria-labelledby"] for _, said in page.tags if "aria-labelledby" in said} <= named


def test_208_units_weigh_less_than_a_photograph() -> None:
    made = b"".join(overview_parts(compared(province(208)), "../inbox/2018-9M"))
    assert len(made) < 1_500_000
    assert len(Page(made).data["units"]) > 180


def test_an_empty_round_has_a_page() -> None:
    page = Page(b"".join(overview_parts(province(0), None)))
    assert text("overview.page.units") in {said for _, said in page.texts}
