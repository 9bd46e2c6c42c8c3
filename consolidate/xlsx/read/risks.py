"""Note what a workbook carries beside values: macros, links, objects; by name, never run.

Known by the names of parts and the types of relationships; a part is read only when its name says
that there is something to tell about it (where a link leads, which cells have comments).
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from consolidate.model.anchors import NOTE_AUTHOR, NOTE_MARK
from consolidate.model.cells import CellRef
from consolidate.xlsx.read.defined_names import attributes_of
from consolidate.xlsx.read.package_gate import Refused
from consolidate.xlsx.read.relations import part_of, relationships, source_of, text_of
from consolidate.xlsx.read.sheet_bounds import records

_USUAL = (
    "[content_types].xml",
    "_rels/.rels",
    "docprops/",
    "xl/_rels/workbook.xml.rels",
    "xl/calcchain.xml",
    "xl/metadata.xml",
    "xl/sharedstrings.xml",
    "xl/styles.xml",
    "xl/theme/",
    "xl/workbook.xml",
    "xl/worksheets/sheet",
)
"""Parts of a plain workbook, casefolded: none of them says that there is more than values."""
_PARTS = (
    ("xl/vbaproject", "has_macros"),
    ("xl/macrosheets/", "has_macros"),
    ("xl/intlmacrosheets/", "has_macros"),
    ("xl/dialogsheets/", "has_macros"),
    ("basic/", "has_macros"),
    ("scripts/", "has_macros"),
    ("xl/embeddings/", "has_objects"),
    ("object ", "has_objects"),
    ("xl/activex/", "has_controls"),
    ("xl/ctrlprops/", "has_controls"),
    ("xl/connections.", "has_connections"),
    ("xl/querytables/", "has_connections"),
    ("xl/model/", "has_connections"),
    ("customui/", "has_addins"),
    ("usercustomization/", "has_addins"),
    ("xl/webextensions/", "has_addins"),
)
"""First letters of the name of a part, casefolded, and what it is."""
_TYPES = {
    "vbaProject": "has_macros",
    "xlMacrosheet": "has_macros",
    "xlIntlMacrosheet": "has_macros",
    "dialogsheet": "has_macros",
    "externalLink": "has_links",
    "oleObject": "has_objects",
    "package": "has_objects",
    "control": "has_controls",
    "ctrlProp": "has_controls",
    "connections": "has_connections",
    "queryTable": "has_connections",
    "powerPivotData": "has_connections",
    "extensibility": "has_addins",
    "webextension": "has_addins",
}
"""Last word of the type of a relationship, and what its target is, whatever it is called."""
_OF_BOOK = ("vbaProject", "acrosheet", "dialogsheet", "externalLink", "connections", "powerPivot")
_PROGRAM = re.compile(
    r"(?i)file:|smb:|\\\\|[a-z]:[\\/]|.*\.(?:exe|bat|cmd|com|scr|ps1|vbs|js|jar|msi|lnk|hta)$"
)
_BINARY_COMMENT = 635
_COMMENT = re.compile(rb"<(?:\w+:)?(?:comment|threadedComment)\b([^<>]*)>")
_CELL = re.compile(rb'\bref="([A-Z]{1,3}[0-9]+)"')
_WRITER = re.compile(rb'\bauthorId="([0-9]{1,9})"')
_TEXT_END = re.compile(rb"</(?:\w+:)?text>")
_TAG = re.compile(rb"<[^<>]*>")
_AUTHOR = re.compile(rb"<(?:\w+:)?author\b(?:[^<>]*/>|[^<>]*>([^<]*)<)")
_DDE = re.compile(r"<(?:\w+:)?ddeLink\b([^<>]*)>")
_DDE_FORMULA = re.compile(rb"<f\b[^<>]*>[^<\"]{0,200}?\b(\w{1,40}\|[^<!]{1,200})!")
_DDE_NAME = re.compile(r"<(?:\w+:)?definedName\b[^<>]*>(\w{1,40}\|[^<!]{1,200})!")
_OPEN_DOCUMENT = (
    (re.compile(rb"<(?:table:dde-link|office:dde-source)\b[^<>]*>"), "has_dde"),
    (re.compile(rb"<table:(?:table-source|cell-range-source)\b[^<>]*>"), "has_links"),
    (
        re.compile(rb"<(?:table:database-source-\w+|form:connection-resource)\b[^<>]*>"),
        "has_connections",
    ),
    (re.compile(rb"<script:event-listener\b[^<>]*>"), "has_macros"),
    (re.compile(rb"<form:button\b[^<>]*>"), "has_controls"),
    (re.compile(rb"<office:annotation\b[^<>]*>"), "has_comments"),
)
_HYPERLINK = re.compile(rb"<text:a\b[^<>]*>")
_SHOWN, _LONGEST = 5, 80


@dataclass(frozen=True, slots=True)
class Risk:
    """One kind of content beside values: a key of ``messages/structure.toml``, and what it is."""

    kind: str
    found: str


@dataclass(slots=True)
class Risks:
    """Collects what is found, each kind once, in the order of the names of kinds."""

    _found: dict[str, dict[str, None]] = field(default_factory=dict)

    def add(self, kind: str, *found: str) -> None:
        """Note one kind, and words about it that a person can look for."""
        self._found.setdefault(kind, {}).update(dict.fromkeys(text for text in found if text))

    def listed(self) -> tuple[Risk, ...]:
        """List everything noted, shortened for people."""
        return tuple(Risk(kind, shorten(self._found[kind])) for kind in sorted(self._found))


def shorten(texts: Iterable[str]) -> str:
    """Return the first few of some texts, none too long, joined by commas."""
    every = [text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…" for text in texts]
    return ", ".join(every[:_SHOWN]) + (" …" if len(every) > _SHOWN else "")


def is_plain_package(parts: Mapping[str, str], relations: str) -> bool:
    """Whether no part and no relationship of the workbook says that there is more than values."""
    return all(part.startswith(_USUAL) for part in parts) and not any(
        word in relations for word in _OF_BOOK
    )


def note_package(
    risks: Risks, package: zipfile.ZipFile, parts: Mapping[str, str], sheets: Mapping[str, str]
) -> None:
    """Note what the parts of an OOXML package are.

    ``parts`` maps casefolded names of parts to their names; ``sheets`` maps casefolded names of
    parts to the names of sheets.
    """
    for part, name in parts.items():
        if not part.endswith(".rels"):
            found = next((kind for start, kind in _PARTS if part.startswith(start)), "")
            if found and "/_rels/" not in part:
                risks.add(found, name.rpartition("/")[2])
            continue
        sheet = sheets.get(source_of(name).casefold(), "")
        for relation in relationships(text_of(package.read(name))):
            target = "" if relation.external else part_of(name, relation.target).casefold()
            kind = _TYPES.get(relation.kind, "")
            if relation.kind in ("comments", "threadedComment"):
                cells = _commented(package.read(parts[target]) if target in parts else b"")
                if cells:
                    places = (f"{sheet}!{cell}" if sheet else cell for cell in cells)
                    risks.add("has_comments", *places)
            elif relation.external:
                if relation.kind != "hyperlink":
                    risks.add("has_links", relation.target)
                elif _PROGRAM.match(relation.target):
                    risks.add("has_hyperlinks", relation.target)
            elif kind == "has_links":
                if target in parts:
                    _note_link(risks, package, parts, target)
            elif kind:
                risks.add(kind, relation.target.rpartition("/")[2])


def _note_link(risks: Risks, package: zipfile.ZipFile, parts: Mapping[str, str], part: str) -> None:
    """Note where a link to another workbook leads, or which program it asks for values."""
    asked = _DDE.findall(text_of(package.read(parts[part])))
    for tag in asked:
        attributes = attributes_of(tag)
        risks.add("has_dde", f"{attributes.get('ddeService')}|{attributes.get('ddeTopic')}")
    if not asked:
        folder, _, name = part.rpartition("/")
        own = parts.get(f"{folder}/_rels/{name}.rels")
        relations = relationships(text_of(package.read(own))) if own is not None else ()
        risks.add("has_links", *([relation.target for relation in relations] or [name]))


def _commented(xml: bytes) -> list[str]:
    """Cells with comments of others than this program; ``?`` when a part says nothing of cells."""
    authors = [name.strip() for name in _AUTHOR.findall(xml)]
    found = list(_COMMENT.finditer(xml))
    if not found:
        return _commented_binary(xml)
    ends = [match.start() for match in found[1:]] + [len(xml)]
    cells, own = [], False
    for match, end in zip(found, ends, strict=True):
        writer = _WRITER.search(match.group(1))
        number = int(writer.group(1)) if writer is not None else len(authors)
        ours = number < len(authors) and authors[number] == NOTE_AUTHOR.encode()
        if ours or is_own_note(xml[match.end() : end]):
            own = True
        else:
            cell = _CELL.search(match.group(1))
            cells += [cell.group(1).decode()] if cell is not None else []
    return cells if cells or own else ["?"]


def _commented_binary(part: bytes) -> list[str]:
    """Cells with comments in a part of an .xlsb ([MS-XLSB] 2.4.36), or in one without any."""
    if not part.strip() or part.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<"):
        return [] if b"commentList" in part else ["?"]
    try:
        found = [content for kind, content in records(part) if kind == _BINARY_COMMENT]
    except Refused:
        return ["?"]
    places = (struct.unpack_from("<I4xI", content, 4) for content in found if len(content) >= 16)
    return [CellRef("", row, column).a1 for row, column in places]


def is_own_note(comment: bytes) -> bool:
    """Tell whether the text of a comment (its XML) ends as those of this program do."""
    # Some programs write the place of the shape behind the text.
    said = _TEXT_END.split(comment, maxsplit=1)[0]
    return _TAG.sub(b"", said).rstrip().endswith(NOTE_MARK.encode())


def note_names(risks: Risks, workbook: str) -> None:
    """Note defined names that ask another program for a value (the text of workbook.xml)."""
    if "|" in workbook:
        for formula in _DDE_NAME.findall(workbook):
            risks.add("has_dde", formula)


def note_formulas(risks: Risks, xml: bytes) -> None:
    """Note formulas of a sheet that ask another program for a value: ``cmd|'/c …'!A0``."""
    if b"|" in xml:
        for formula in _DDE_FORMULA.findall(xml):
            risks.add("has_dde", formula.decode("utf-8", "replace"))


def note_open_document(risks: Risks, parts: Iterable[str], content: bytes) -> None:
    """Note what an OpenDocument holds: its parts by name, and its ``content.xml``."""
    for name in parts:
        for start, kind in _PARTS:
            if name.casefold().startswith(start):
                risks.add(kind, name.split("/")[0])
    for pattern, kind in _OPEN_DOCUMENT:
        for tag in pattern.findall(content):
            attributes = attributes_of(text_of(tag))
            shown = attributes.get("href") or attributes.get("dde-application")
            risks.add(kind, shown or "content.xml")
    for tag in _HYPERLINK.findall(content):
        target = attributes_of(text_of(tag)).get("href", "")
        if _PROGRAM.match(target):
            risks.add("has_hyperlinks", target)
