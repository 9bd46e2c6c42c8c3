"""Load the definitions in use: those that come with the package, and those of a province.

They are built when they are first asked for (:mod:`consolidate.definitions.building`). What was
built of the shipped ones is kept beside the compiled modules: most commands build nothing.
"""

from __future__ import annotations

import contextlib
import json
import pickle
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from consolidate.definitions import catalogue

if TYPE_CHECKING:
    from consolidate.model.datasets import Library

COVER = "cover.toml"
PACK = "pack.toml"
_HERE = Path(__file__).parent
_CODE = ("model", "rules", "definitions")
"""Rooms of the program that make what is built."""


@cache
def shipped_library() -> Library:
    """The definitions that come with the package, loaded once per process.

    Raises:
        DefinitionError: a definition is wrong; the message says in which file and line.
    """
    files = shipped_files()
    digest = digest_of(files)
    made_of = (digest, sorted(catalogue.texts("template").values()))
    stand = repr((made_of, list(catalogue.state(*_CODE)))).encode()
    known = catalogue.kept("library", stand)
    if known is not None:
        library: Library = pickle.loads(known)
        return library
    from consolidate.definitions.building import build_library
    from consolidate.definitions.toml_lines import read_sources

    library = build_library(read_sources(files), digest)
    catalogue.keep("library", stand, pickle.dumps(library))
    return library


def shipped_files() -> dict[str, str]:
    """Texts of the definitions that come with the package: ``cover.toml``, ``pack/file.toml``."""
    files = {COVER: (_HERE / COVER).read_text(encoding="utf-8")}
    for item in (_HERE / "packs").glob("*/*.toml"):
        files[f"{item.parent.name}/{item.name}"] = item.read_text(encoding="utf-8")
    return files


def offered_packs() -> tuple[str, ...]:
    """Names of the packs that come with the package and serve only who takes them."""
    folder = _HERE / "offered"
    return tuple(sorted(item.name for item in folder.iterdir() if item.is_dir()))


def offered_files(name: str) -> dict[str, str]:
    """Texts of an offered pack by file name.

    One of the code of a shipped pack is that pack with more forms: what it does not say again
    comes from there.

    Raises:
        KeyError: no pack of this name is offered.
    """
    if name not in offered_packs():
        raise KeyError(name)
    folder = _HERE / "offered" / name
    code = code_of_pack(f"{name}/{PACK}", (folder / PACK).read_text(encoding="utf-8"))
    paths = [*(_HERE / "packs" / str(code)).glob("*.toml"), *folder.glob("*.toml")]
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


def load_library(texts: Mapping[str, str]) -> Library:
    """Build the library from the texts of its files, by name; bind each rule once.

    ``texts`` are ``cover.toml`` and, for each pack, ``<folder>/pack.toml`` and its data sets; a
    folder may lie in others (``forms/<pack>``).

    Raises:
        DefinitionError: with every problem found in any file, each with its line.
    """
    from consolidate.definitions.building import build_library
    from consolidate.definitions.toml_lines import read_sources

    return build_library(read_sources(texts), digest_of(texts))


def digest_of(texts: Mapping[str, str]) -> str:
    """Digest the texts of a library by name (SHA-256, hexadecimal)."""
    from hashlib import sha256

    return sha256(json.dumps(sorted(texts.items())).encode()).hexdigest()


def library_with(own: Mapping[str, str]) -> Library:
    """The shipped definitions and those of a province, loaded once per process.

    ``own`` are texts by name (``forms/<pack>/pack.toml`` …). A pack of a code that is shipped
    replaces the shipped one.

    Raises:
        DefinitionError: as :func:`load_library`.
    """
    return _library_with(tuple(sorted(own.items())))


@cache
def _library_with(own: tuple[tuple[str, str], ...]) -> Library:
    return load_library(files_with(dict(own)))


def files_with(own: Mapping[str, str]) -> dict[str, str]:
    """Texts of the shipped definitions that ``own`` do not replace, and ``own``, by name."""
    shipped = shipped_files()
    codes = {code for name, text in own.items() if (code := code_of_pack(name, text))}
    replaced = {
        name.rpartition("/")[0]
        for name, text in shipped.items()
        if code_of_pack(name, text) in codes
    }
    kept = {name: text for name, text in shipped.items() if name.rpartition("/")[0] not in replaced}
    return {**kept, **own}


def code_of_pack(name: str, text: str) -> str | None:
    """Read the code of a ``pack.toml``; ``None`` for another file and for one that is no TOML."""
    if name.endswith(f"/{PACK}"):
        with contextlib.suppress(ValueError, RecursionError):
            import tomllib  # Of what is shipped nothing is parsed that was built before.

            code = tomllib.loads(text).get("code")
            return code if isinstance(code, str) else None
    return None
