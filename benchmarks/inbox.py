"""Filled returns to merge, copies of a few that are built: ``python -m benchmarks.inbox FOLDER``.

Of each level twelve returns are filled by the generators of the examples, a third of them as our
templates are written, a third as LibreOffice saves them, a third as openpyxl does (texts in the
cells, formulas without a value). Without LibreOffice its third is as our templates are.
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from openpyxl import load_workbook

from benchmarks.forms import FORMS, MAIN, Forms, unit_of
from benchmarks.truth import Truth
from consolidate.model.units import Level, OrganisationUnit, UnitKind
from consolidate.templates.template_build import build_template
from consolidate.xlsx.patch.package_parts import PackageParts
from consolidate.xlsx.read.package_gate import Limits

PATTERNS = 12
"""Different returns of a level that copies are made of."""
DIALECTS = ("ours", "LibreOffice", "openpyxl")
"""Who saved a return, by its number modulo three."""
_FIGURE = 9_876_543
"""The own figure of what copies are made of: no other cell holds this number."""


class Pattern:
    """A built return that copies are made of.

    ``typed`` are the figures of its main form, by element.
    """

    def __init__(self, forms: Forms, kind: tuple[Level, UnitKind], number: int) -> None:
        self.unit = unit_of(f"99{number:03}", *kind)
        filled = forms.filled(self.unit)
        values = {**filled.values, f"{MAIN}.{forms.own}": _FIGURE}
        filled = replace(filled, values=values)
        self.typed = forms.typed(filled)
        self.data = build_template(forms.library(self.unit), "pctn", filled)

    def copied(self, unit: OrganisationUnit, figure: int) -> bytes:
        """Make a return with the code, name and own figure of another unit.

        Parts in which none of these stands keep their bytes, as they were compressed.

        Raises:
            LookupError: one of them stands nowhere.
        """
        parts, changing = self._package
        changes = list(zip(_own(self.unit, _FIGURE), _own(unit, figure), strict=True))
        for part, content in changing.items():
            copied = content
            for old, new in changes:
                copied = copied.replace(old, new)
            parts.put(part, copied)
        return parts.packed()

    @cached_property
    def _package(self) -> tuple[PackageParts, dict[str, bytes]]:
        """The package, and the parts of it that differ between copies."""
        parts, own = PackageParts(self.data, Limits()), _own(self.unit, _FIGURE)
        with zipfile.ZipFile(io.BytesIO(self.data)) as package:
            contents = {part: parts.read(part) for part in package.namelist()}
        whole = b"".join(contents.values())
        for text, in_ascii in zip(own[:6:2], own[1:6:2], strict=True):
            if text not in whole and in_ascii not in whole:
                raise LookupError(text.decode())
        return parts, {
            part: content
            for part, content in contents.items()
            if any(text in content for text in own)
        }


def _own(unit: OrganisationUnit, figure: int) -> list[bytes]:
    """What copies have of their own, each as UTF-8 and as openpyxl writes it, in ASCII."""
    texts = unit.code, str(figure), unit.name, unit.name.upper()
    return [
        spelled
        for text in texts
        for spelled in (text.encode(), text.encode("ascii", "xmlcharrefreplace"))
    ]


_Key = tuple[str, tuple[Level, UnitKind], int, str]
_built: dict[_Key, Pattern] = {}


def make_inbox(
    folder: Path,
    count: int,
    forms: str = "2018",
    *,
    patterns: int = PATTERNS,
    office: bool = True,
    changed: int = 0,
) -> int:
    """Write ``count`` returns, and beside the folder the truth about them; gives their bytes.

    Without ``office`` no LibreOffice is started. Patterns that were built in this process are
    used again. Of ``changed`` returns only so many are written, whose own figure is one more.
    """
    meant = FORMS[forms]
    dialects = [_dialect(number, office) for number in range(len(DIALECTS))]
    units = meant.units(count)
    keys: list[_Key] = [
        (forms, (unit.level, unit.kind), number % patterns, dialects[number % len(dialects)])
        for number, unit in enumerate(units)
    ]
    _build(set(keys))
    truth = Truth(forms, meant.sheets, meant.main)
    size = 0
    for number, (unit, key) in enumerate(list(zip(units, keys, strict=True))[: changed or count]):
        path, own = folder / f"{unit.code}.xlsx", meant.first + number + bool(changed)
        pattern = _built[key]
        size += path.write_bytes(pattern.copied(unit, own))
        truth.add(path.name, {**pattern.typed, meant.own: own})
    truth.save(folder)
    return size


def _dialect(number: int, office: bool) -> str:
    """Say who saves the files of a number modulo three."""
    dialect = DIALECTS[number]
    missing = dialect == "LibreOffice" and not (office and shutil.which("soffice"))
    return "ours" if missing else dialect


def _build(keys: Iterable[_Key]) -> None:
    """Build the patterns that are not built yet."""
    made = {key: Pattern(FORMS[key[0]], key[1], key[2]) for key in sorted(set(keys) - set(_built))}
    for key, pattern in made.items():
        if key[3] == "openpyxl":
            target = io.BytesIO()
            load_workbook(io.BytesIO(pattern.data)).save(target)
            pattern.data = target.getvalue()
    _save_by_office([pattern for key, pattern in made.items() if key[3] == "LibreOffice"])
    _built.update(made)


def _save_by_office(patterns: list[Pattern]) -> None:
    """Let LibreOffice save patterns, all in one call.

    Raises:
        subprocess.CalledProcessError: it failed.
        FileNotFoundError: it did not save one of them.
    """
    if not patterns:
        return
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        sources = [folder / f"{number}.xlsx" for number in range(len(patterns))]
        for source, pattern in zip(sources, patterns, strict=True):
            source.write_bytes(pattern.data)
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        call = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", f"{made}/out"]
        subprocess.run([*call, *map(str, sources)], check=True, capture_output=True)
        for source, pattern in zip(sources, patterns, strict=True):
            pattern.data = (folder / "out" / source.name).read_bytes()


def main() -> None:
    """Write an inbox to measure with, again and again."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inbox", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=208)
    parser.add_argument("--forms", choices=sorted(FORMS), default="2018")
    options = parser.parse_args()
    options.folder.mkdir(parents=True)
    size = make_inbox(options.folder, options.files, options.forms)
    print(f"{options.files} returns, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
