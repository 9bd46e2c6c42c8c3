"""What all tests share: LibreOffice, once per run."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.office.office import Office, installed

# A machine that is busy is no defect: no property is asked how long it took.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """LibreOffice, or a loud skip."""
    program = installed()
    if program is None:
        pytest.skip("LibreOffice (soffice) is not installed: formulas are NOT recalculated")
    return Office(program, tmp_path_factory.mktemp("office"))
