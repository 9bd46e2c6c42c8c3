"""Every inbox gives exactly its outcomes, and bad files change nothing about the good ones."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consolidate.definitions.catalogue import sentence
from consolidate.merge.merge_inbox import MergeRequest, merge
from consolidate.model.period import Period
from consolidate.model.reasons import Reason, because
from consolidate.model.returns import ReturnRecord
from consolidate.rollup.result import MergeResult
from tests.library_2018 import library_2018
from tests.messages import KEYS
from tests.recipes.inbox import File, Inbox, inboxes

ALL = inboxes()


def made(inbox: Inbox, folder: Path, contents: Mapping[str, bytes]) -> MergeResult:
    root = folder / hashlib.sha256(repr(sorted(contents)).encode()).hexdigest()[:12]
    for name, data in contents.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    root.mkdir(exist_ok=True)
    period = Period.parse_code(inbox.period) if inbox.period else None
    return merge(MergeRequest(library_2018(), root, period, inbox.roster))


@cache
def result_of(name: str) -> MergeResult:
    """The merge of an inbox as it is, which several tests ask."""
    inbox = next(inbox for inbox in ALL if inbox.name == name)
    with tempfile.TemporaryDirectory() as folder:
        return made(inbox, Path(folder), inbox.contents)


def totals(result: MergeResult) -> list[tuple[object, ...]]:
    return [
        (table.data_set.code, f.element.code, f.column, f.total, f.by_level, f.counts)
        for table in result.tables
        for f in table.figures
    ]


def values_of(value: object) -> Iterator[str]:
    """Every value in a reason as it is shown."""
    if isinstance(value, Reason):
        for _, inner in value.values:
            yield from values_of(inner)
    else:
        yield sentence(value)


def found_in(record: ReturnRecord) -> Iterator[str]:
    for finding in record.findings:
        yield from (finding.found, finding.expected)


def usual_reason(file: File) -> str:
    named = {
        "accepted": "identity.accepted",
        "accepted_with_warnings": "identity.accepted_with",
        "duplicate": "identity.duplicate",
        "superseded": "identity.superseded",
    }
    return file.reason or named[file.outcome]


@pytest.mark.parametrize("inbox", ALL, ids=lambda inbox: inbox.name)
def test_an_inbox_gives_exactly_its_outcomes(inbox: Inbox) -> None:
    result = result_of(inbox.name)
    placed = {(record.path, record.member): record for record in result.records}
    assert len(result.records) == len(inbox.files)
    assert {place: record.outcome.value for place, record in placed.items()} == {
        file.place: file.outcome for file in inbox.files
    }, {place: record.reason for place, record in placed.items()}
    for file in inbox.files:
        record = placed[file.place]
        key = usual_reason(file)
        reason: object = record.reason
        if record.content is None and record.unit is not None:
            assert record.reason is not None
            reason = record.reason.value("reason")
            named = because("identity.by_file_name", reason=reason, unit=record.unit.name)
            assert record.reason == named
        assert isinstance(reason, Reason)
        assert reason.key == key, (file.name, record.reason)
        told = sentence(record.reason) + "".join(sentence(f.message) for f in record.findings)
        if not KEYS:
            assert file.says in told + "".join((*values_of(record.reason), *found_in(record)))
        asked = file.unit if file.placed is None else file.placed
        assert (record.unit.code if record.unit is not None else "") == asked, file.name
        if record.content is not None:
            assert record.content.period is not None, file.name
        found = [f.rule for f in record.findings if f.rule.startswith("identity.")]
        assert sorted(found) == sorted(file.findings), file.name
        assert "{" not in told
    table = next(table for table in result.tables if table.data_set.code == "pctn_01")
    for element, expected in inbox.totals.items():
        figure = table.figure(element, "value")
        assert figure is not None
        assert figure.total == Decimal(expected), element


@pytest.mark.parametrize("inbox", ALL, ids=lambda inbox: inbox.name)
def test_every_file_has_one_outcome_with_a_reason(inbox: Inbox) -> None:
    result = result_of(inbox.name)
    assert Counter((r.path, r.member) for r in result.records) == Counter(
        {file.place: 1 for file in inbox.files}
    )
    assert all(sentence(record.reason).strip() for record in result.records)


@pytest.mark.parametrize("inbox", ALL, ids=lambda inbox: inbox.name)
def test_bad_files_change_no_total(inbox: Inbox, tmp_path: Path) -> None:
    good = inbox.packed(file for file in inbox.files if not file.bad)
    before = totals(result_of(inbox.name))
    after = totals(made(inbox, tmp_path, good))
    assert (before == after) is not inbox.changes_totals


@pytest.mark.parametrize("inbox", ALL, ids=lambda inbox: inbox.name)
def test_neither_order_nor_folder_of_files_matters(inbox: Inbox, tmp_path: Path) -> None:
    original = result_of(inbox.name)
    last = len(inbox.contents)
    moved = {
        f"{last - at:02}/{name}": data for at, (name, data) in enumerate(inbox.contents.items())
    }
    again = made(inbox, tmp_path, moved)
    assert totals(again) == totals(original)
    assert by_content(again) == by_content(original)


@settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
@pytest.mark.parametrize(
    "inbox", [inbox for inbox in ALL if not inbox.names_matter], ids=lambda inbox: inbox.name
)
def test_names_without_a_claim_change_nothing(
    inbox: Inbox, tmp_path: Path, data: st.DataObject
) -> None:
    original = result_of(inbox.name)
    letters = st.text("abxyz _()", min_size=1, max_size=9)
    drawn = data.draw(
        st.lists(letters, min_size=len(inbox.contents), max_size=len(inbox.contents)), label="names"
    )
    order = data.draw(st.permutations(range(len(drawn))), label="order")
    contents = list(inbox.contents.values())
    renamed = {f"{word}{at}.xlsx": contents[at] for word, at in zip(drawn, order, strict=True)}
    again = made(inbox, tmp_path, renamed)
    assert totals(again) == totals(original)
    assert by_content(again) == by_content(original)


def by_content(result: MergeResult) -> Counter[tuple[str, str]]:
    return Counter((record.sha256, record.outcome.value) for record in result.records)


def test_names_of_inboxes_are_different() -> None:
    names = [inbox.name for inbox in ALL]
    assert sorted(set(names)) == sorted(names)
    assert len(names) >= 25
