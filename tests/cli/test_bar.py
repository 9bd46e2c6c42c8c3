"""What a person who waits for slow work sees: a bar on a terminal, a line elsewhere, or nothing."""

from __future__ import annotations

import pytest

from consolidate.cli.terminal import shown_progress


def test_without_a_terminal_the_end_is_said_once_if_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with shown_progress("Đang lập", lambda total: f"Đã lập {total}") as advance:
        for done in (1, 2):
            advance(done, 2)
    with shown_progress("Đang lập") as advance:
        advance(2, 2)
    assert capsys.readouterr() == ("", "Đã lập 2\n")


def test_on_a_terminal_a_bar_counts_on_standard_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consolidate.cli.terminal.interactive", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    with shown_progress("Đang lập công văn", lambda total: f"Đã lập {total}") as advance:
        advance(3, 7)
    out, err = capsys.readouterr()
    assert out == ""
    assert "Đang lập công văn" in err
    assert "3/7" in err
    assert "Đã lập" not in err
