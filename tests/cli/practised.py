"""What commands in processes of their own are forked from: a program that has worked already.

It has imported what a command imports where it uses it, and has in memory what every first merge of
a process works out. Imported by the server of forks only (:func:`tests.cli.processes.forkserver`).
"""

from __future__ import annotations

import contextlib
import gc
import io
import tempfile
from pathlib import Path

import tests.cli.victim
import tests.register.victim  # noqa: F401
from tests.merge.province import CALENDAR, NINE, UNITS, Province, Roster, blank_filled


def _practise() -> None:
    """Merge and issue once."""
    with tempfile.TemporaryDirectory() as folder:
        roster = Roster.of(UNITS[:1], province="Tỉnh Sông Tiền")
        province = Province.make(Path(folder, "tỉnh"), roster, CALENDAR)
        province.send(NINE, "S1.xlsx", blank_filled(UNITS[0], NINE))
        assert province.merge(NINE, "2018-09-01").code == 0
        with contextlib.redirect_stdout(io.StringIO()):
            province.issue(NINE)


_practise()
gc.freeze()
