"""The patched RunPython module: pinned, asserted, and closed to what is open beside the add-in."""

from __future__ import annotations

import re

import pytest

from addin import runpython
from addin.runpython import (
    ON_THE_WAY,
    PATCHES,
    ModuleChanged,
    hardened_module,
    patched,
    procedure,
    stock_module,
)


def test_every_patch_changes_the_stock_module_once():
    source = stock_module()
    for patch in PATCHES:
        assert source.count(patch.old) == 1, patch.why
    made = hardened_module()
    assert 'PROJECT_NAME As String = "tonghop"' in made
    assert "Redistribution and use in source and binary forms" in made


def test_no_procedure_on_the_way_asks_the_active_workbook():
    made = hardened_module()
    for name in ON_THE_WAY:
        assert not re.search(r"\bActive(Workbook|Sheet|Cell)\b", procedure(made, name))
    called = set(re.findall(r"\bGetConfig\w*|\bExecute\w+", procedure(made, "RunPython")))
    assert called <= set(ON_THE_WAY)


def test_what_no_other_check_would_miss_is_in_the_module():
    made = hardened_module()
    windows, entry = procedure(made, "ExecuteWindows"), procedure(made, "RunPython")
    gone = windows.partition("If FileExists(PYTHON_WIN) Then")[2].partition("End If")[0]
    assert "Notify" in gone
    assert "ExecuteWindows = -1" in gone
    assert "MsgBox" not in windows
    assert 'GetConfig("INTERPRETER", "python")' not in entry
    assert "OPTIMIZED_CONNECTION = False" in entry
    assert "In Range(" not in procedure(made, "GetConfigFromSheet")


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.why)
def test_a_module_that_changed_stops_the_build(patch: runpython.Patch):
    source = stock_module()
    for changed in (source.replace(patch.old, "' gone\n"), f"{source}\n{patch.old}\n"):
        with pytest.raises(ModuleChanged):
            patched(changed)


def test_another_version_stops_the_build(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("xlwings.__version__", "0.37.9")
    with pytest.raises(ModuleChanged, match=r"0\.37\.9"):
        hardened_module()


def test_a_patch_that_leaves_the_active_workbook_stops_the_build(monkeypatch: pytest.MonkeyPatch):
    for patch in PATCHES:
        if "ActiveWorkbook" in patch.old and "CALLER" not in patch.old:
            rest = tuple(other for other in PATCHES if other is not patch)
            monkeypatch.setattr(runpython, "PATCHES", rest)
            with pytest.raises(ModuleChanged, match="still asks"):
                patched(stock_module())
    with pytest.raises(ModuleChanged, match="no procedure"):
        procedure("", "RunPython")
