"""The page of the overview in Chromium: it sorts, finds and drills, and everybody can use it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from consolidate.reports.at_a_glance import key_rows
from consolidate.reports.overview_html import overview_parts
from consolidate.rollup.result import MergeResult
from tests.reports.compare_result import compared
from tests.reports.make_result import province

sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
NO_BROWSER = "Chromium is not installed: the page of the overview is NOT tried in a browser"
_SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def made() -> MergeResult:
    return compared(province(14))


@pytest.fixture
def page(made: MergeResult, tmp_path: Path) -> Iterator[sync.Page]:
    """The page in a window of a telephone, in the dark, without a network."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip(NO_BROWSER)
    path = tmp_path / "tong-quan.html"
    path.write_bytes(b"".join(overview_parts(made, "../hộp thư")))
    with sync.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        window = browser.new_page(
            viewport={"width": 390, "height": 844}, color_scheme="dark", offline=True
        )
        said: list[str] = []
        window.on("console", lambda message: said.append(message.text))
        window.on("pageerror", lambda error: said.append(str(error)))
        window.on("request", lambda asked: said.append(asked.url))
        window.goto(path.as_uri())
        yield window
        browser.close()
    assert said == [path.as_uri()]


def serious(page: sync.Page) -> list[tuple[str, str]]:
    """What axe-core finds that keeps somebody from using the page."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [(item["id"], item["nodes"][0]["html"]) for item in found if item["impact"] in _SERIOUS]


def test_it_sorts_finds_and_drills(made: MergeResult, page: sync.Page) -> None:
    rows = page.locator("#by-unit tbody tr")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert serious(page) == []

    heads = page.locator("#by-unit thead th")
    at = heads.count() - len(key_rows(made))
    for order in ("descending", "ascending"):
        heads.nth(at).locator("button").press("Enter")
        assert heads.nth(at).get_attribute("aria-sort") == order
        told = rows.locator(f"td:nth-of-type({at})").evaluate_all(
            "cells => cells.map(cell => cell.dataset.v === undefined ? null : +cell.dataset.v)"
        )
        numbers = [number for number in told if number is not None]
        assert numbers == sorted(numbers, reverse=order == "descending")
        assert None not in told[: len(numbers)]
        assert len(numbers) > 5

    page.locator("#find").fill("uy ban nhan dan huyen")
    shown = rows.filter(visible=True)
    assert {"huyện" in row for row in shown.all_inner_texts()} == {True}
    assert page.locator("#shown").inner_text().endswith(f"{shown.count()}/{rows.count()} đơn vị")

    row = key_rows(made)[0]
    page.locator("button.drill").first.click()
    panel = page.locator("#panel")
    assert panel.is_visible()
    cells = panel.locator("tbody tr").first.locator("td").all_inner_texts()
    item = row.table.contributions[0]
    value = item.value(row.figure.element.code, row.figure.column)
    assert value is not None
    assert cells[1] == item.record.path
    assert cells[2].startswith(f"{value.cell.sheet}!{value.cell.a1}")
    link = panel.locator("tbody a").first.get_attribute("href")
    assert link is not None
    assert link.startswith("./../h%E1%BB%99p%20th%C6%B0/pctn/")
    assert serious(page) == []
    page.keyboard.press("Escape")
    assert not panel.is_visible()
    assert page.evaluate("document.activeElement.className") == "drill"
