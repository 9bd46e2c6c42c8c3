"""VBA sources: UTF-8 text in, lines of pure ASCII out, whatever the code page of the PC.

A literal with Vietnamese letters becomes ``("T" & ChrW(7893) & "ng")``; comments lose their
accents; anything else that is not ASCII is refused with its place.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

LONGEST_LINE = 1_023
"""Characters that the editor takes on one line."""
_LITERAL = re.compile(r'"((?:[^"]|"")*)"')
_CONST = re.compile(r"\s*(Public |Private |Global )?Const\b", re.IGNORECASE)
_NAME = re.compile(r'^Attribute VB_Name = "([A-Za-z][A-Za-z0-9_]{0,30})"$', re.MULTILINE)
_CLASS_HEADER = re.compile(r"\AVERSION 1\.0 CLASS\nBEGIN\n.*?\nEND\n", re.DOTALL)
_WRITTEN = re.compile(
    r"^Attribute VB_(Name|Base|GlobalNameSpace|Creatable|PredeclaredId|Exposed"
    r"|TemplateDerived|Customizable) = .*\n",
    re.MULTILINE,
)
_CLASS_BASE = "FCFB3D2A-A0FA-1068-A738-08002B3371B5"
_WORKBOOK_BASE = "00020819-0000-0000-C000-000000000046"
_SHEET_BASE = "00020820-0000-0000-C000-000000000046"


class SourceError(ValueError):
    """A source that cannot be stored safely; says the file, the line and why."""


class ModuleKind(StrEnum):
    """Kinds of modules."""

    STANDARD = "standard"
    CLASS = "class"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Module:
    """A module of a project: ``code`` is its stream, ASCII with CRLF."""

    name: str
    kind: ModuleKind
    code: bytes

    @property
    def text(self) -> str:
        """The code with line ends of this program."""
        return self.code.decode("ascii").replace("\r\n", "\n")


def document_module(name: str) -> Module:
    """Return the empty module of the workbook (``ThisWorkbook``) or of a sheet."""
    base = _WORKBOOK_BASE if name == "ThisWorkbook" else _SHEET_BASE
    lines = _attributes(name, base, predeclared=True, exposed=True)
    return Module(name, ModuleKind.DOCUMENT, _stream(lines))


def standard_module(source: str, where: str) -> Module:
    """Return a module from the text of a ``.bas`` file.

    Raises:
        SourceError: it has no name or cannot be encoded.
    """
    source = _unified(source)
    name = _name_of(source, where)
    return Module(name, ModuleKind.STANDARD, _stream(ascii_lines(source, where)))


def class_module(source: str, where: str) -> Module:
    """Return a class from the text of a ``.cls`` file; its exported header is not stored.

    Raises:
        SourceError: it has no name or cannot be encoded.
    """
    source = _unified(source)
    name = _name_of(source, where)
    body = _CLASS_HEADER.sub("", source)
    lines = _attributes(
        name,
        _CLASS_BASE,
        predeclared="VB_PredeclaredId = True" in body,
        exposed="VB_Exposed = True" in body,
    )
    return Module(
        name, ModuleKind.CLASS, _stream(lines + ascii_lines(_WRITTEN.sub("", body), where))
    )


def ascii_lines(source: str, where: str) -> list[str]:
    """Lines of a source in ASCII.

    Raises:
        SourceError: a line is too long, or has letters where they cannot be encoded.
    """
    lines = []
    for number, line in enumerate(_unified(source).rstrip("\n").split("\n"), 1):
        place = f"{where}:{number}"
        made = line if line.isascii() else _ascii_line(line, place)
        if len(made) > LONGEST_LINE:
            raise SourceError(f"{place}: longer than {LONGEST_LINE} characters once encoded")
        lines.append(made)
    return lines


def _ascii_line(line: str, place: str) -> str:
    made, at = "", 0
    while at < len(line):
        letter = line[at]
        if letter == '"':
            match = _LITERAL.match(line, at)
            if match is None:
                raise SourceError(f"{place}: a string is not closed")
            made += _literal(match.group(1), line, place)
            at = match.end()
        elif letter == "'":
            return made + _unaccented(line[at:])
        elif letter.isascii():
            made += letter
            at += 1
        else:
            raise SourceError(f"{place}: {letter!r} outside a string or comment")
    return made


def _literal(body: str, line: str, place: str) -> str:
    if body.isascii():
        return f'"{body}"'
    if _CONST.match(line):
        raise SourceError(f"{place}: a Const holds ASCII only, ChrW is no constant")
    if line.lstrip().startswith("Attribute "):
        raise SourceError(f"{place}: an Attribute line is ASCII")
    parts = []
    for run in re.findall(r"[\x20-\x7e\t]+|[^\x20-\x7e\t]", unicodedata.normalize("NFC", body)):
        if run.isascii():
            parts.append(f'"{run}"')
        elif ord(run) <= 0xFFFF:
            parts.append(f"ChrW({ord(run)})")
        else:
            raise SourceError(f"{place}: {run!r} is beyond what ChrW writes")
    return f"({' & '.join(parts)})" if len(parts) > 1 else parts[0]


def _unaccented(comment: str) -> str:
    plain = unicodedata.normalize("NFD", comment.replace("đ", "d").replace("Đ", "D"))
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return kept.encode("ascii", "replace").decode("ascii")


def _attributes(name: str, base: str, *, predeclared: bool, exposed: bool) -> list[str]:
    return [
        f'Attribute VB_Name = "{name}"',
        f'Attribute VB_Base = "0{{{base}}}"',
        "Attribute VB_GlobalNameSpace = False",
        "Attribute VB_Creatable = False",
        f"Attribute VB_PredeclaredId = {predeclared}",
        f"Attribute VB_Exposed = {exposed}",
        "Attribute VB_TemplateDerived = False",
        f"Attribute VB_Customizable = {base != _CLASS_BASE}",
    ]


def _name_of(source: str, where: str) -> str:
    match = _NAME.search(source)
    if match is None:
        raise SourceError(f"{where}: no Attribute VB_Name in ASCII of at most 31 characters")
    return match.group(1)


def _unified(source: str) -> str:
    return source.removeprefix("\ufeff").replace("\r\n", "\n").rstrip("\n") + "\n"


def _stream(lines: list[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")
