"""Forms of a province's own: ``forms/<pack>/*.toml`` in its folder, beside those of the program.

Only this folder is looked into; what units send never becomes a definition.
"""

from __future__ import annotations

from pathlib import Path

from consolidate.definitions.loader import library_with
from consolidate.intake.plain_files import read_settings_text
from consolidate.model.datasets import Library
from consolidate.model.reasons import because

FORMS = "forms"


def library_in(library: Library, root: Path) -> Library:
    """The shipped definitions with the packs in the folder of a province; ``library`` without any.

    Raises:
        DefinitionError: a definition is wrong, with every fault and its line.
    """
    own = own_texts(root / FORMS)
    return library_with(own) if own else library


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
