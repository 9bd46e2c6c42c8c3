"""What all tests share: LibreOffice, once per run."""

from __future__ import annotations

import pytest

from tests.office.office import Office, installed


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """LibreOffice, or a loud skip."""
    program = installed()
    if program is None:
        pytest.skip("LibreOffice (soffice) is not installed: formulas are NOT recalculated")
    return Office(program, tmp_path_factory.mktemp("office"))
