"""The .xlam by a validator of others, and what it does not see by ours.

Of the faults that Excel answers with a repair or a missing ribbon each of the two sees a part;
together they see all of these.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from addin import build_addin as package
from addin.build_addin import build_addin
from tests.addin import package_rules
from tests.saved import packed, parts_of

audit = pytest.importorskip(
    "openxml_audit", reason="openxml-audit is not installed: no other validator is asked"
)

RIBBON, SHEET, VBA = package.RIBBON_PART, "xl/worksheets/sheet1.xml", package_rules.VBA_PART
TYPES = "[Content_Types].xml"


@pytest.fixture(scope="module")
def parts() -> dict[str, bytes]:
    return parts_of(build_addin(r"C:\x\python.exe"))


def audited(parts: dict[str, bytes], folder: Path) -> bool:
    """Whether the other validator finds nothing."""
    path = folder / "tonghop.xlam"
    path.write_bytes(packed(parts))
    return audit.OpenXmlValidator().validate(path).is_valid


def ours(parts: dict[str, bytes]) -> bool:
    """Whether our rules find nothing."""
    ribbon = parts.get(RIBBON)
    return not package_rules.package_problems(packed(parts)) and (
        ribbon is not None and not package_rules.ribbon_problems(ribbon)
    )


def changed(
    parts: dict[str, bytes], part: str, change: Callable[[bytes], bytes] | None
) -> dict[str, bytes]:
    made = dict(parts)
    if change is None:
        del made[part]
    else:
        made[part] = change(made[part])
        assert made[part] != parts[part]
    return made


def test_both_find_nothing_in_the_addin(parts: dict[str, bytes], tmp_path: Path):
    assert audited(parts, tmp_path)
    assert ours(parts)


@pytest.mark.parametrize(
    ("part", "change"),
    [
        (RIBBON, lambda x: x.replace(b'size="large"', b'size="huge"', 1)),
        (RIBBON, lambda x: x.replace(b"<button ", b"<knob ", 1)),
        (RIBBON, None),
        (VBA, None),
        (VBA, lambda _: b"no project"),
        (SHEET, lambda x: x.replace(b"<sheetData>", b"<sheetData><foo/>")),
        (SHEET, lambda x: x.replace(b't="s"', b't="zz"', 1)),
        ("xl/workbook.xml", lambda x: x.replace(b'r:id="rId1"', b'r:id="rId99"')),
    ],
)
def test_faults_that_the_other_sees(
    parts: dict[str, bytes],
    part: str,
    change: Callable[[bytes], bytes] | None,
    tmp_path: Path,
):
    assert not audited(changed(parts, part, change), tmp_path)


@pytest.mark.parametrize(
    ("part", "change"),
    [
        (RIBBON, lambda x: x.replace(b'size="large"', b'sise="large"', 1)),
        (RIBBON, lambda x: x.replace(b'id="btnLoiSau"', b'id="btnLoiTruoc"')),
        (RIBBON, lambda x: x.replace(b"</customUI>", b"")),
        (RIBBON, lambda x: x.replace(b"2009/07/customui", b"2006/01/customui")),
        (TYPES, lambda x: x.replace(b"addin.macroEnabled", b"sheet.macroEnabled")),
        (RIBBON, lambda x: x.replace(b'size="large"', b'size="huge"', 1)),
        (RIBBON, lambda x: x.replace(b"<button ", b"<knob ", 1)),
        (RIBBON, None),
        (VBA, None),
        (VBA, lambda _: b"no project"),
    ],
)
def test_faults_that_ours_see(
    parts: dict[str, bytes], part: str, change: Callable[[bytes], bytes] | None
):
    assert not ours(changed(parts, part, change))
