"""Our macros by a grammar of VBA that has nothing to do with LibreOffice.

xlwings' module is not asked: it takes the grammar a minute, and LibreOffice compiles all of it
(tests/addin/test_hostile_office.py).
"""

from __future__ import annotations

import pytest

from addin.build_addin import macro_modules
from tests.addin.engines.conditional import resolved

antlr4 = pytest.importorskip(
    "antlr4", reason="antlr4-vba is not installed: no grammar of VBA is asked"
)
vba = pytest.importorskip(
    "antlr4_vba", reason="antlr4-vba is not installed: no grammar of VBA is asked"
)

SOURCES = {
    f"{module.name} {system}": resolved(module.text, {"Mac": system == "macOS", "VBA7": True})
    for module in macro_modules()
    for system in ("Windows", "macOS")
    if system == "Windows" or "#If" in module.text
}


def mistakes(source: str) -> list[str]:
    """What the grammar does not accept. (Its places are wrong, its verdicts are not.)"""
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
    parser.startRule()
    return found


@pytest.mark.parametrize("name", SOURCES)
def test_the_grammar_accepts_our_macros(name: str):
    assert mistakes(SOURCES[name]) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    Next i\n", ""),
        ("End Function", "End Sub"),
        ("(text)", "(text"),
        ("For i = 1 To", "For i = To"),
        ("Dim i As Long, made", "Dim i As, made"),
    ],
)
def test_the_grammar_refuses_slips(old: str, new: str):
    source = SOURCES["LenhGoi Windows"]
    assert old in source
    assert mistakes(source.replace(old, new, 1))
