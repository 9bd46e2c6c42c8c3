"""The running LibreOffice that tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.addin.engines.office import load_uno
from tests.office.bridge import OpenOffice
from tests.office.office import installed


@pytest.fixture(scope="session")
def bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenOffice]:
    """LibreOffice over its bridge, or a loud skip."""
    uno = load_uno() if installed() else None
    if uno is None:
        pytest.skip("LibreOffice or python3-uno is not installed: live sheets are NOT recalculated")
    made = OpenOffice(uno, tmp_path_factory.mktemp("bridge"))
    yield made
    made.close()
