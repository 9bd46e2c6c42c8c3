"""Files are written whole, and never over what somebody changed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from consolidate.reports.write import Fate, same_content, write_unless_changed

PARTS = {"a.xml": b"one" * 100, "b.xml": b"two"}


def package(parts: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return target.getvalue()


OURS = package(PARTS)
RECOMPRESSED = package(PARTS, zipfile.ZIP_DEFLATED)
CHANGED = package({**PARTS, "b.xml": b"edited"})


@pytest.mark.parametrize(
    ("there", "force", "fate", "left"),
    [
        (None, False, Fate.WRITTEN, OURS),
        (OURS, False, Fate.UNCHANGED, OURS),
        (RECOMPRESSED, False, Fate.UNCHANGED, RECOMPRESSED),
        (RECOMPRESSED, True, Fate.UNCHANGED, RECOMPRESSED),
        (CHANGED, False, Fate.KEPT, CHANGED),
        (CHANGED, True, Fate.WRITTEN, OURS),
        (b"half a file", False, Fate.KEPT, b"half a file"),
        (b"", True, Fate.WRITTEN, OURS),
    ],
)
def test_a_file_that_somebody_changed_is_kept_unless_forced(
    tmp_path: Path, there: bytes | None, force: bool, fate: Fate, left: bytes
) -> None:
    path = tmp_path / "biểu.xlsx"
    if there is not None:
        path.write_bytes(there)
    assert write_unless_changed(path, OURS, force=force) is fate
    assert path.read_bytes() == left
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (RECOMPRESSED, True),
        (package({"x.zip": OURS}), False),
        (package(dict(reversed(PARTS.items()))), False),
        (OURS[:-30], False),
        (b"PK\x03\x04", False),
    ],
)
def test_compression_is_no_content_but_parts_and_their_order_are(other: bytes, same: bool) -> None:
    assert same_content(other, OURS) is same


def test_packages_in_packages_are_compared_by_their_parts() -> None:
    assert same_content(package({"x.xlsx": OURS}), package({"x.xlsx": RECOMPRESSED}))
    assert not same_content(package({"x.xlsx": OURS}), package({"x.xlsx": CHANGED}))
