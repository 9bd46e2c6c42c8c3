"""A workbook whose cells call every name of the built add-in, in LibreOffice.

LibreOffice calls a Function of a workbook from its cells, even a private one, but no Sub. As built
nothing can be called; to ask the guard, too, the same procedures are made Functions, and with the
guard taken out every one of them is called.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from addin.build_addin import macro_modules
from addin.build_addin import ribbon_source as ribbon
from addin.vba_project import standard_module
from tests.addin import vba_stubs as stubs
from tests.addin.engines.office import MacroOffice, cell
from tests.addin.test_package import callbacks

pytestmark = pytest.mark.office

GUARD = "    If Not TuNut() Then Exit Sub\n"
PROCEDURE = re.compile(r"^(?:Private|Public) (Sub|Function) (\w+)\((.*)\)", re.MULTILINE)
DECLARED = {name: given for _, name, given in PROCEDURE.findall(stubs.ours())}
"""Parameters of every procedure as Windows compiles them."""
GUARDED = {
    name
    for name in DECLARED
    if GUARD in stubs.ours().partition(f" {name}(")[2].partition("\nEnd ")[0]
}
BUTTONS = {name.partition(".")[2] for name in callbacks(ribbon()).values()}
VALUES = {"String": '"\\\\host\\share\\x"', "Long": "1", "Boolean": "TRUE()"}
OTHERS = ("Range", "String", "Variant()")
"""What Excel says of a cell, of a drawing with a macro (or one that runs by itself), of a menu."""


def formula(name: str, given: str) -> str:
    """A call of a name with as many arguments as it takes."""
    kinds = re.findall(r"\bAs (\w+)", given)
    return f"={name}({';'.join(VALUES.get(kind, 'A1') for kind in kinds)})"


def recording(source: str) -> str:
    """Macros that write down that they were called, past the guard, and do nothing else."""
    made, name = [], ""
    for line in source.splitlines(keepends=True):
        match = PROCEDURE.match(line)
        name = match[2] if match else name
        made.append(line.replace("If TuNut() Then ", f'If TuNut() Then GhiTen "{name}": '))
        if line == GUARD:
            made.append(f'    GhiTen "{name}": Exit Sub\n')
    return "".join(made)


def as_functions(source: str) -> str:
    """Macros whose every procedure a cell can call."""
    source = re.sub(r"^(?:Private|Public) Sub\b", "Public Function", source, flags=re.MULTILINE)
    return source.replace("Exit Sub", "Exit Function").replace("End Sub", "End Function")


def without_guard(source: str) -> str:
    return source.replace("Not TuNut()", "False").replace("If TuNut()", "If True")


VARIANTS: dict[str, Callable[[str], str]] = {
    "built": recording,
    "functions": lambda source: as_functions(recording(source)),
    "open": lambda source: without_guard(as_functions(recording(source))),
}


@pytest.fixture(scope="module")
def call(
    live_office: MacroOffice, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., tuple[list[str], dict[str, str]]]]:
    """Have cells call every name; gives the names that were called and what the cells show."""
    folder = tmp_path_factory.mktemp("ô")
    opened: dict[str, Any] = {}

    def called(variant: str, caller: str) -> tuple[list[str], dict[str, str]]:
        if variant not in opened:
            sources = (VARIANTS[variant](stubs.ours()), stubs.RECORDING)
            modules = [
                stubs.class_module(stubs.SHELL),
                *(standard_module(s, "s") for s in sources),
            ]
            path = stubs.book_of(modules, [("A", "b")], folder / f"{variant}.xlsm")
            opened[variant] = live_office.open(path)
        record = opened[variant].Sheets.getByName(stubs.RECORD)
        record.getCellRangeByName("A3").String = ""
        record.getCellRangeByName("B2").String = caller
        shown = {}
        for row, (name, given) in enumerate(DECLARED.items(), 9):
            target = record.getCellByPosition(3, row)
            target.setFormula("")
            target.setFormula(formula(name, given))
            shown[name] = target.String
        return sorted(cell(opened[variant], stubs.RECORD, "A3").split()), shown

    yield called
    for document in opened.values():
        document.close(True)


def test_the_built_module_is_what_is_asked():
    (module,) = macro_modules()
    assert {name for _, name, _ in PROCEDURE.findall(module.text)} - set(DECLARED) == {
        "ChayMac",
        "CleanUp",
    }
    assert set(DECLARED) > BUTTONS
    assert {"RunPython", "ChayWindows", "TimTep", "Notify", "BanSaoTam"} < GUARDED


def test_cells_call_nothing_of_the_addin(call: Callable[..., Any]):
    names, shown = call("built", "Error")
    assert names == []
    assert {name for name, text in shown.items() if text != "#NAME?"} == {"TuNut"}


@pytest.mark.parametrize("caller", OTHERS)
def test_what_a_cell_could_call_refuses_whoever_is_no_button(call: Callable[..., Any], caller: str):
    names, shown = call("functions", caller)
    assert names == []
    assert shown["TuNut"] in ("FALSE", "0")


def test_a_button_passes_the_same_guard(call: Callable[..., Any]):
    names, shown = call("functions", "Error")
    assert set(names) == GUARDED | BUTTONS
    assert shown["TuNut"] in ("TRUE", "1")


def test_without_the_guard_cells_call_everything(call: Callable[..., Any]):
    assert set(call("open", "Range")[0]) == GUARDED | BUTTONS
