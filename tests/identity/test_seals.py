"""What a seal proves: every change of what it is made over, and every other key, is seen."""

from __future__ import annotations

import hmac
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidate.identity.seals import SEALED, Seal, seal, verify, verify_return
from consolidate.model.returns import Evidence
from tests.identity.returns import a_return

KEY = bytes(range(32))
STAMP = {
    "template": "pctn-2014",
    "version": "2018.1",
    "unit": "S02",
    "period": "2018-9M",
    "serial": "0123456789ABCDEF",
    "definition": "abc",
}


def test_a_seal_is_the_hmac_of_the_five_fields() -> None:
    content = (
        b'["consolidate/issue/1", "pctn-2014", "2018.1", "S02", "2018-9M", "0123456789ABCDEF"]'
    )
    assert seal(KEY, STAMP) == hmac.new(KEY, content, sha256).hexdigest()


def test_a_sealed_stamp_is_valid_and_any_change_is_seen() -> None:
    sealed = STAMP | {"seal": seal(KEY, STAMP)}
    assert verify(KEY, sealed) is Seal.VALID
    for name in SEALED:
        assert verify(KEY, sealed | {name: sealed[name] + "x"}) is Seal.FORGED
        assert verify(KEY, sealed | {name: ""}) is Seal.FORGED
    assert verify(bytes(32), sealed) is Seal.FORGED
    assert verify(KEY, sealed | {"seal": sealed["seal"].upper()}) is Seal.FORGED
    assert verify(KEY, sealed | {"seal": "đóng dấu \udc00"}) is Seal.FORGED
    assert verify(KEY, STAMP) is verify(KEY, {}) is Seal.MISSING


def test_a_key_is_needed() -> None:
    with pytest.raises(ValueError, match="key"):
        seal(b"", STAMP)


@given(st.lists(st.text(max_size=4), min_size=5, max_size=5), st.data())
def test_fields_never_run_into_each_other(fields: list[str], data: st.DataObject) -> None:
    other = data.draw(st.permutations(fields) | st.just(["".join(fields), "", "", "", ""]))
    one, two = dict(zip(SEALED, fields, strict=True)), dict(zip(SEALED, other, strict=True))
    assert (seal(KEY, one) == seal(KEY, two)) == (one == two)


def test_a_return_is_verified_by_its_own_stamp() -> None:
    content = replace(a_return(code="S02"), pack="pctn-2014")
    evidence = Evidence(
        stamp_unit="S02",
        stamp_period="2018-9M",
        serial="0123456789ABCDEF",
        seal=seal(KEY, STAMP),
    )
    assert verify_return(KEY, content) is Seal.MISSING
    assert verify_return(KEY, replace(content, evidence=evidence)) is Seal.VALID
    other = replace(evidence, stamp_unit="S03")
    assert verify_return(KEY, replace(content, evidence=other)) is Seal.FORGED
