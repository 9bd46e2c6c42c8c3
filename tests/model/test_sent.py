"""What workers send comes back as it was, whichever fields have their defaults."""

from __future__ import annotations

import pickle
from dataclasses import replace

from consolidate.merge.read_files import check_bytes
from consolidate.model.data_values import DataValue
from consolidate.model.returns import Source
from tests.library_2018 import library_2018
from tests.recipes.recipe import Recipe


def back(sent: object) -> object:
    return pickle.loads(pickle.dumps(sent))


def test_a_reading_with_findings_comes_back() -> None:
    wrong = Recipe("several defects", values={"pctn_01.c3": "nhiều", "pctn_01.c20": 1})
    reading = check_bytes(library_2018(), "a.xlsx", wrong.build())
    assert reading.content is not None
    assert len(reading.findings) > 1
    source = Source((reading,), ("~$a.xlsx",))
    assert back(source) == source
    assert repr(back(source)) == repr(source)


def test_a_field_behind_defaults_is_not_lost() -> None:
    reading = check_bytes(library_2018(), "a.xlsx", Recipe("sound").build())
    assert reading.content is not None
    value = next(reading.content.values())
    assert isinstance(value, DataValue)
    for one in (value, replace(value, readings=("1",)), replace(value, problem="roughly")):
        assert back(one) == one
        assert repr(back(one)) == repr(one)
