"""The built macros by a grammar of VBA that has nothing to do with LibreOffice.

It says what can be named from outside: nothing but the Subs of the ribbon.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import pytest

from addin.build_addin import build_addin
from addin.build_addin import ribbon_source as ribbon
from tests.addin.engines.conditional import resolved
from tests.addin.test_package import callbacks

antlr4 = pytest.importorskip(
    "antlr4", reason="antlr4-vba is not installed: no grammar of VBA is asked"
)
vba = pytest.importorskip(
    "antlr4_vba", reason="antlr4-vba is not installed: no grammar of VBA is asked"
)
olevba = pytest.importorskip(
    "oletools.olevba", reason="oletools is not installed: VBA is NOT read by another program"
)

SYSTEMS = ("Windows", "macOS")
ATTRIBUTES = "Attribute VB_"
PURE = {"TuNut", "LenhPython", "MaHex", "TenTam"}
"""Procedures that run, read and write nothing."""
GUARD = "If Not TuNut() Then Exit Sub"


class Procedure(NamedTuple):
    """A procedure, or a variable, of a module as the grammar sees it."""

    kind: str
    scope: str
    name: str
    parameters: str
    body: str


def parsed(source: str) -> tuple[Any, list[str]]:
    """The tree of a source, and what the grammar does not accept. (Its places are wrong.)"""
    from antlr4.error.ErrorListener import ErrorListener
    from antlr4_vba.vbaLexer import vbaLexer
    from antlr4_vba.vbaParser import vbaParser

    found: list[str] = []

    class Listener(ErrorListener):
        def syntaxError(self, recognizer, symbol, line, column, message, error):
            found.append(message)

    lexer = vbaLexer(antlr4.InputStream(source))
    parser = vbaParser(antlr4.CommonTokenStream(lexer))
    for one in (lexer, parser):
        one.removeErrorListeners()
        one.addErrorListener(Listener())
    return parser.startRule(), found


def nodes(tree: Any, *kinds: str) -> Iterator[Any]:
    """The nodes of some kinds in a tree, in their order."""
    if type(tree).__name__.removesuffix("Context") in kinds:
        yield tree
    for child in getattr(tree, "children", None) or ():
        yield from nodes(child, *kinds)


def text_of(tree: Any, *kinds: str) -> str:
    return next((node.getText() for node in nodes(tree, *kinds)), "")


def procedures(tree: Any) -> list[Procedure]:
    """What a module declares; what says no scope is public."""
    found = []
    for node in nodes(tree, "ProcedureDeclaration"):
        kind = type(node.children[0]).__name__.removesuffix("DeclarationContext")
        scope = text_of(node, "ProcedureScope") or "Public"
        name = text_of(node, "SubroutineName", "FunctionName")
        body = text_of(node, "ProcedureBody")
        found.append(Procedure(kind, scope, name, text_of(node, "ProcedureParameters"), body))
    for node in nodes(
        tree, "PublicExternalProcedureDeclaration", "PublicVariableDecalation", "GlobalVariable"
    ):
        found.append(Procedure("Declaration", "Public", node.getText(), "", ""))
    return found


def reachable(tree: Any) -> list[str]:
    """What can be named from outside of a standard module."""
    return [one.name for one in procedures(tree) if one.scope != "Private"]


@cache
def built() -> dict[str, str]:
    """Sources of the built add-in by module, as another program reads them."""
    parser = olevba.VBA_Parser("tonghop.xlam", data=build_addin(r"C:\tonghop\python.exe"))
    return {
        stream.rpartition("/")[2]: code.replace("\r\n", "\n")
        for _, stream, _, code in parser.extract_macros()
    }


def compiled(system: str) -> list[str]:
    """The one module with code as a system compiles it, its head and every procedure."""
    source = resolved(built()["RibbonTongHop"], {"Mac": system == "macOS", "VBA7": True})
    return re.split(r"^(?=(?:Private|Public) (?:Sub|Function) )", source, flags=re.MULTILINE)


@cache
def tree_of(system: str) -> tuple[Any, list[str]]:
    """All that Windows compiles, and what macOS compiles otherwise."""
    parts = compiled(system)
    if system == "macOS":
        shared = set(compiled("Windows"))
        parts = [parts[0], *(part for part in parts[1:] if part not in shared)]
    return parsed("".join(parts))


def snippet(name: str) -> str:
    """One procedure of ours as a module of its own."""
    source = built()["RibbonTongHop"]
    at = source.index(f"Private Sub {name}(")
    return 'Attribute VB_Name = "Mot"\n' + source[at : source.index("End Sub\n", at)] + "End Sub\n"


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_grammar_accepts_our_macros(system: str):
    assert tree_of(system)[1] == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_only_the_subs_of_the_ribbon_can_be_named_from_outside(system: str):
    pressed = [name.partition(".")[2] for name in callbacks(ribbon()).values()]
    everything = procedures(tree_of(system)[0])
    wanted = sorted(pressed) if system == "Windows" else []
    assert sorted(reachable(tree_of(system)[0])) == wanted
    for one in everything:
        if one.name in pressed:
            # Neither a cell nor a macro of a drawing has such an object to give.
            assert (one.kind, one.parameters) == ("Subroutine", "(control As IRibbonControl)")
            assert one.body.strip().startswith("If TuNut() Then Dispatch")


def test_no_other_module_has_code():
    assert sorted(built()) == ["RibbonTongHop", "Sheet1", "ThisWorkbook"]
    options = built()["RibbonTongHop"].splitlines()[1:3]
    assert options == ["Option Explicit", "Option Private Module"]
    for name in ("Sheet1", "ThisWorkbook"):
        assert all(line.startswith(ATTRIBUTES) for line in built()[name].splitlines())


@pytest.mark.parametrize("system", SYSTEMS)
def test_whatever_runs_reads_or_writes_asks_who_calls(system: str):
    everything = procedures(tree_of(system)[0])
    # LibreOffice, for one, calls a private Function from a cell, but no Sub at all.
    functions = [one.name for one in everything if one.kind != "Subroutine"]
    assert functions == (["TuNut"] if system == "Windows" else [])
    for one in everything:
        lines = [line.strip() for line in one.body.strip().splitlines()]
        if one.scope != "Private" or one.name in PURE:
            continue
        if one.name.startswith("Dispatch"):
            assert lines[1] == "SanSang ready"
            assert lines[2].startswith(("If ready Then", "If Not ready Then Exit Sub"))
            continue
        before = lines[: lines.index(GUARD)]
        assert all(
            line.startswith("Dim ") or line.endswith((' = ""', " = False")) for line in before
        )
    # A macro of a drawing may be named without arguments; xlwings calls CleanUp on macOS.
    alone = [one.name for one in everything if one.parameters == "()"]
    assert alone == (["TuNut"] if system == "Windows" else ["CleanUp"])


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("Private Sub MaHex", "Public Sub MaHex", "MaHex"),
        ("Private Sub MaHex", "Sub MaHex", "MaHex"),
        ("Private Sub MaHex", "Friend Sub MaHex", "MaHex"),
        ("Private Sub", "Public n As Long\nPrivate Sub", "Public n As Long"),
    ],
)
def test_a_name_that_is_left_open_is_seen(old: str, new: str, name: str):
    assert reachable(parsed(snippet("MaHex"))[0]) == []
    assert reachable(parsed(snippet("MaHex").replace(old, new, 1))[0]) == [name]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    Next i\n", ""),
        ("End Sub", "End Function"),
        ("(text)", "(text"),
        ("For i = 1 To", "For i = To"),
        ("Dim i As Long", "Dim i As"),
    ],
)
def test_the_grammar_refuses_slips(old: str, new: str):
    source = snippet("MaHex")
    assert parsed(source)[1] == []
    assert old in source
    assert parsed(source.replace(old, new, 1))[1]
