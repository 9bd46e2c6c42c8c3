"""Build a template: cover, forms, live checks, guidance, stamp; always the same bytes.

All templates go into a folder with its MANIFEST.toml, and such a folder is compared with them.
"""

from __future__ import annotations

import io
import json
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from consolidate.model.anchors import (
    STAMP_FORMAT,
    STAMP_KEYS,
    STAMP_SEAL,
    STAMP_SHEET,
    definition_digest,
)
from consolidate.model.datasets import Library
from consolidate.model.packs import Pack
from consolidate.templates.cell_verdicts import Answers
from consolidate.templates.check_sheet import CheckSheets
from consolidate.templates.cover_and_guide import write_cover, write_guide
from consolidate.templates.form import write_form
from consolidate.templates.prefill import ComputedCells, Prefill
from consolidate.xlsx.write.atomic_files import write_atomically
from consolidate.xlsx.write.form_styles import Styles, open_workbook

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook


def build_template(library: Library, template_code: str, prefill: Prefill | None = None) -> bytes:
    """Build the workbook of a template, filled in as ``prefill`` says.

    The same arguments give the same bytes (for one version of XlsxWriter and zlib). Formulas
    carry the values that Excel would compute.

    Raises:
        KeyError: there is no such template.
        ValueError: ``prefill`` names something that the template does not have.
    """
    spec = library.template_by_code[template_code]
    filled = prefill if prefill is not None else Prefill()
    sets = library.sets_of(template_code)
    filled.check(library.cover, sets)
    target = io.BytesIO()
    workbook = open_workbook(target, locked=True, title=" ".join(spec.title))
    styles = Styles(workbook)
    cover, cells = write_cover(workbook, styles, library, spec, sets, filled)
    write_guide(workbook, styles, library, spec, sets)
    quarters = {item.form: item.sheet for item in sets if item.quarter}
    places, worked = [cover], filled
    for item in sets:
        computed = ComputedCells(library, item, filled)
        places.append(write_form(workbook, styles, computed, cells, quarters.get(item.code, "")))
        worked = computed.filled(worked)
    answers = Answers(library, places, worked)
    CheckSheets(workbook, styles, answers, places).write(cells)
    write_stamp(workbook, stamp_values(library, template_code, filled))
    workbook.close()
    return target.getvalue()


def stamp_values(library: Library, template: str, prefill: Prefill) -> dict[str, str]:
    """Collect the stamp (contract 3) in the order of ``STAMP_KEYS``; data sets joined by commas.

    A seal follows when there is one.
    """
    spec = library.template_by_code[template]
    values = {
        "format": STAMP_FORMAT,
        "template": library.pack_of[template].code,
        "version": spec.version,
        "data_sets": ",".join(spec.data_sets),
        "definition": definition_digest(library, template),
        "unit": prefill.unit,
        "period": prefill.period,
        "serial": prefill.serial,
    }
    ordered = {key: values[key] for key in STAMP_KEYS}
    return ordered | {STAMP_SEAL: prefill.seal} if prefill.seal else ordered


def write_stamp(workbook: Workbook, values: dict[str, str]) -> None:
    """Add the very hidden sheet with keys in column A and values in column B, as text."""
    sheet = workbook.add_worksheet(STAMP_SHEET)
    for row, (key, value) in enumerate(values.items()):
        sheet.write_string(row, 0, key)
        sheet.write_string(row, 1, value)
    sheet.protect()
    sheet.very_hidden()


MANIFEST = "MANIFEST.toml"
_FORMAT = "consolidate/templates/1"


@dataclass(frozen=True, slots=True)
class BuiltTemplate:
    """One built template: its definition, its bytes and their digests (hexadecimal SHA-256)."""

    pack: Pack
    data: bytes
    sha256: str
    content: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a folder is not what the definitions make.

    ``kind`` is a key of ``template.difference``; ``detail`` names the keys that differ.
    """

    kind: str
    file: str
    detail: str = ""


def content_digest(data: bytes) -> str:
    """Digest names and uncompressed bytes of all parts of a package, sorted by name (SHA-256).

    Does not depend on how the parts were compressed or ordered.

    Raises:
        zipfile.BadZipFile: the bytes are no readable package.
    """
    digest = sha256()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            for name in sorted(package.namelist()):
                part = package.read(name)
                encoded = name.encode("utf-8")
                digest.update(b"%d:%s%d:" % (len(encoded), encoded, len(part)))
                digest.update(part)
    except zipfile.BadZipFile:
        raise
    except Exception as error:  # zlib, struct and others: a damaged package is one answer
        raise zipfile.BadZipFile(str(error)) from error
    return digest.hexdigest()


def built_templates(library: Library) -> tuple[BuiltTemplate, ...]:
    """Build the template of every pack, blank, with all tables, in the order of packs."""
    made = []
    for pack in library.packs.packs:
        data = build_template(library.packs.view((pack,), 0), pack.family)
        made.append(BuiltTemplate(pack, data, sha256(data).hexdigest(), content_digest(data)))
    return tuple(made)


def build_all(library: Library, folder: Path) -> tuple[BuiltTemplate, ...]:
    """Write every template and the manifest into a folder, each file whole or not at all.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = built_templates(library)
    for template in made:
        write_atomically(folder / template.pack.template.file_name, template.data)
    write_atomically(folder / MANIFEST, manifest_text(made).encode("utf-8"))
    return made


def manifest_text(made: tuple[BuiltTemplate, ...]) -> str:
    """Write the manifest as TOML: one table per template."""
    lines = [f"format = {_toml(_FORMAT)}"]
    for template in made:
        lines += ["", "[[templates]]"]
        lines += [f"{key} = {_toml(value)}" for key, value in _entry(template).items()]
    return "\n".join(lines) + "\n"


def verify_all(library: Library, folder: Path) -> tuple[Difference, ...]:
    """Compare a folder with what the definitions make, in the order of the library."""
    differences: list[Difference] = []
    made = built_templates(library)
    listed = _listed(folder, differences)
    for template in made:
        file = template.pack.template.file_name
        entry = listed.get(file)
        if entry is None and listed:
            differences.append(Difference("not_listed", file))
        differences += _compare(template, folder / file, entry)
    known = {template.pack.template.file_name for template in made}
    found = {path.name for path in folder.glob("*.xlsx")} if folder.is_dir() else set()
    differences += [
        Difference("unknown", name)
        for name in sorted(found | set(listed))
        if name not in known and not name.startswith("~$")
    ]
    return tuple(differences)


def _compare(
    template: BuiltTemplate, path: Path, entry: Mapping[str, Any] | None
) -> list[Difference]:
    found: list[Difference] = []
    if entry is not None:
        # The file's own digest is compared with the file: other zlib builds compress differently.
        expected = {k: v for k, v in _entry(template).items() if k != "sha256"}
        wrong = [key for key, value in expected.items() if entry.get(key) != value]
        if wrong:
            found.append(Difference("entry", path.name, ", ".join(wrong)))
    try:
        data = path.read_bytes()
    except OSError:
        return [*found, Difference("missing", path.name)]
    try:
        content = content_digest(data)
    except zipfile.BadZipFile:
        return [*found, Difference("unreadable", path.name)]
    if content != template.content:
        found.append(Difference("content", path.name))
    elif entry is not None and entry.get("sha256") != sha256(data).hexdigest():
        found.append(Difference("sha256", path.name))
    return found


def _listed(folder: Path, differences: list[Difference]) -> dict[str, Mapping[str, Any]]:
    try:
        manifest = tomllib.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return {str(entry["file"]): entry for entry in manifest["templates"]}
    except OSError:
        differences.append(Difference("no_manifest", MANIFEST))
    except (ValueError, KeyError, TypeError):
        differences.append(Difference("bad_manifest", MANIFEST))
    return {}


def _entry(template: BuiltTemplate) -> dict[str, str | list[str]]:
    pack = template.pack
    return {
        "code": pack.code,
        "file": template.pack.template.file_name,
        "version": pack.template.version,
        "data_sets": list(pack.template.data_sets),
        "legal_basis": pack.legal_basis,
        "periods": [kind.value for kind in pack.periods],
        "sha256": template.sha256,
        "content": template.content,
    }


def _toml(value: str | list[str]) -> str:
    """A text or a list of texts as TOML has it, which is how JSON has it."""
    return json.dumps(value, ensure_ascii=False)
