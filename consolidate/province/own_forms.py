"""Forms of a province's own: ``forms/<pack>/*.toml`` in its folder, beside those of the program.

Only this folder is looked into; what units send never becomes a definition. The definitions that a
round was issued with are kept in it (``.issued/<round>/<pack>-<digest>.json``): returns are
read by those.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from consolidate.definitions.loader import code_of_pack, digest_of, files_with, library_with
from consolidate.intake.plain_files import read_settings_text
from consolidate.model.datasets import Library
from consolidate.model.packs import Packs
from consolidate.model.period import Period
from consolidate.model.reasons import Reason, because

FORMS = "forms"
ISSUED = ".issued"
"""Folder of the definitions that rounds were issued with."""


def library_in(library: Library, root: Path) -> Library:
    """Add the packs in the folder of a province to the shipped definitions, if there are any.

    It knows the packs as they were issued, too, where they were changed since.

    Raises:
        DefinitionError: a definition is wrong, with every fault and its line.
    """
    own = own_texts(root / FORMS)
    return _with_former(library_with(own) if own else library, root, own)


def own_texts(folder: Path) -> dict[str, str]:
    """List texts of the definitions, ``forms/<pack>/<file>`` by name; hidden files are left out.

    Raises:
        DefinitionError: a file is no text.
    """
    found: dict[str, str] = {}
    faults = []
    for path in sorted((*folder.glob("*.toml"), *folder.glob("*/*.toml"))):
        name = f"{FORMS}/{path.relative_to(folder).as_posix()}"
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        try:
            found[name] = read_settings_text(path)
        except (OSError, ValueError):
            faults.append(name)
    if faults:
        from consolidate.definitions.toml_lines import DefinitionError, Fault

        raise DefinitionError(
            tuple(Fault(f"{name}:1", because("lint.not_text")) for name in faults)
        )
    return found


def own_packs(root: Path) -> frozenset[str]:
    """List the codes of the packs in the folder of a province.

    Raises:
        DefinitionError: a file is no text.
    """
    return frozenset(_by_pack(own_texts(root / FORMS)))


def keep_issued(root: Path, period: Period, codes: Iterable[str]) -> None:
    """Keep the definitions of packs as a round is issued with them, each version once.

    Kept in a hidden folder beside the own packs, so that they are in every backup of the folder.

    Raises:
        OSError: a file cannot be written.
    """
    from consolidate.xlsx.write.atomic_files import write_atomically

    texts = _by_pack(files_with(own_texts(root / FORMS)))
    for code in texts.keys() & set(codes):
        path = root / FORMS / ISSUED / period.code / f"{_stem(code, texts[code])}.json"
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, _said(texts[code]).encode())


def changed_forms(library: Library, root: Path, period: Period) -> tuple[Reason, ...]:
    """Tell what was changed in each pack since a round was issued; nothing for packs as issued.

    Raises:
        DefinitionError: a form of the province is no text.
    """
    known = {packs.digest for former in library.packs.former.values() for packs in former}
    if not known:
        return ()
    from consolidate.checks.form_version_checks import form_changes, listed  # Seldom needed.

    own, told = own_texts(root / FORMS), []
    for code, texts in _kept((root / FORMS / ISSUED / period.round_name.code).glob("*.json"), own):
        digest = digest_of(files_with(_with(own, code, texts)))
        if digest in known:
            then = library.of_pack(code, 0, digest)
            changes = tuple(form_changes(then, library.of_pack(code)))
            values = {"title": library.packs.by_code[code].template.short_title, "code": code}
            shown = listed(changes) if changes else because("changed.wording")
            round_name = period.round_name
            told.append(because("changed.since_issue", period=round_name, changes=shown, **values))
    return tuple(told)


def _with_former(library: Library, root: Path, own: Mapping[str, str]) -> Library:
    """Return the library with the packs as they were issued, where they were changed since.

    What this release can no longer load is left out: returns on it are read by today's forms.
    """
    kept = list(_kept((root / FORMS / ISSUED).glob("*/*.json"), own))
    if not kept:
        return library
    from consolidate.definitions.toml_lines import DefinitionError

    former: dict[str, list[Packs]] = {}
    for code, texts in kept:
        with contextlib.suppress(DefinitionError):
            former.setdefault(code, []).append(library_with(_with(own, code, texts)).packs)
    if not former:
        return library
    told = {code: tuple(dict.fromkeys(found)) for code, found in former.items()}
    digests = "".join(packs.digest for found in told.values() for packs in found)
    digest = sha256(f"{library.packs.digest}{digests}".encode()).hexdigest()
    return replace(library.packs, digest=digest, former=told).view((), 0)


def _with(own: Mapping[str, str], code: str, texts: Mapping[str, str]) -> dict[str, str]:
    """Return the definitions of a province with one pack as other texts have it."""
    folders = {
        name.rpartition("/")[0] for name, text in own.items() if code_of_pack(name, text) == code
    }
    others = {name: text for name, text in own.items() if name.rpartition("/")[0] not in folders}
    return {**others, **{f"{FORMS}/{code}/{file}": text for file, text in texts.items()}}


def _by_pack(texts: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Texts by the code of their pack and the name of the file."""
    folders = {
        name.rpartition("/")[0]: code
        for name, text in texts.items()
        if (code := code_of_pack(name, text)) is not None
    }
    found: dict[str, dict[str, str]] = {}
    for name, text in texts.items():
        folder, _, file = name.rpartition("/")
        if folder in folders:
            found.setdefault(folders[folder], {})[file] = text
    return found


def _said(texts: Mapping[str, str]) -> str:
    return json.dumps(texts, ensure_ascii=False, indent=0, sort_keys=True)


def _stem(code: str, texts: Mapping[str, str]) -> str:
    """Name of the file that keeps the definitions of a pack: the same for the same texts."""
    return f"{code}-{sha256(_said(texts).encode()).hexdigest()[:16]}"


def _kept(files: Iterable[Path], own: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Packs as they were issued that are other ones now, each once.

    What cannot be read, and packs that are there no more, are passed over.
    """
    paths = {path.stem: path for path in sorted(files)}
    now = _by_pack(files_with(own)) if paths else {}
    stems = {_stem(code, texts) for code, texts in now.items()}
    for stem, path in paths.items():
        code = stem.rpartition("-")[0]
        if stem in stems or code not in now:
            continue
        with contextlib.suppress(OSError, ValueError):
            texts = json.loads(path.read_bytes())
            if isinstance(texts, dict) and all(isinstance(text, str) for text in texts.values()):
                yield code, texts
