"""Forms of a province's own: a pack out as a workbook, back as definitions, and as a blank form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from consolidate.definitions.building import build_library
from consolidate.definitions.loader import (
    PACK,
    files_with,
    load_library,
    offered_files,
    offered_packs,
)
from consolidate.definitions.toml_lines import TomlSource, read_sources
from consolidate.model.packs import Pack
from consolidate.model.reasons import UserError
from consolidate.province.own_forms import FORMS, own_texts
from consolidate.xlsx.read.package_gate import Limits, Refused
from consolidate.xlsx.write.atomic_files import WriteOutcome, write_atomically, write_unless_changed


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the definitions of a pack; ``kept`` are files of another content.

    ``family`` is what roster and calendar call the templates of the pack.

    ``shipped`` says that a pack of this code comes with the program, which this one replaces.
    """

    code: str
    family: str
    folder: Path
    files: tuple[str, ...]
    kept: tuple[str, ...] = ()
    shipped: bool = False


def export_pack(root: Path, code: str, target: Path) -> None:
    """Write a pack as a workbook of forms.

    Args:
        root: folder of a province, whose own forms count too.
        code: code of the pack.
        target: the workbook to write.

    Raises:
        UserError: there is no such pack, or a definition is wrong.
        OSError: the file cannot be written.
    """
    from consolidate.province.form_book import write_form_book

    folder, sources = _pack_of(root, code)
    own = {name: item for name, item in sources.items() if name.rpartition("/")[0] == folder}
    write_atomically(target, write_form_book(own))


def import_pack(book: Path, root: Path, *, force: bool = False) -> Imported:
    """Read a workbook of forms, or one of criteria, and write it as definitions of a province.

    Nothing is written unless the library loads with it. A file that is there with another content
    is kept unless ``force``.

    Raises:
        UserError: the workbook cannot be read or has faults, each with its cell.
        OSError: a file cannot be written.
    """
    from consolidate.intake.plain_files import read_own
    from consolidate.province.criteria_book import has_criteria, read_criteria
    from consolidate.province.form_book import read_form_book, toml_of

    try:
        if has_criteria(book):
            made = read_criteria(book, f"{FORMS}/{book.stem}")
        else:
            made = read_form_book(read_own(book, Limits().file_size), f"{FORMS}/{book.stem}")
    except Refused as error:
        raise UserError((error.reason,)) from None
    code = str(made[f"{FORMS}/{book.stem}/{PACK}"].top.data.get("code", ""))
    if not code:
        raise UserError.of("forms.no_pack_code")
    names = {file: f"{FORMS}/{code}/{file.rpartition('/')[2]}" for file in made}
    made = {names[file]: replace(item, file=names[file]) for file, item in made.items()}
    texts = {file: toml_of(item) for file, item in made.items()}
    whole = files_with(_beside(root, code, texts))
    kept = {file: said for file, said in whole.items() if file not in made}
    build_library({**read_sources(kept), **made})
    return _written(code, texts, root, force=force)  # Loads what is written, as it says.


def offered() -> dict[str, Pack]:
    """List the optional packs of the program (``form use``) by name."""
    return {
        name: load_library(files_with(texts)).packs.by_code[code]
        for name in offered_packs()
        for code, texts in (_offered(name),)
    }


def take_pack(name: str, root: Path, *, force: bool = False) -> Imported:
    """Write an offered pack as definitions of a province, which uses it from then on.

    A file that is there with another content is kept unless ``force``.

    Raises:
        UserError: no pack of this name is offered, or it does not go with the province's own.
        OSError: a file cannot be written.
    """
    if name not in offered_packs():
        known = ", ".join(offered_packs())
        raise UserError.of("forms.unknown_pack", wrong_call=True, code=name, known=known)
    code, texts = _offered(name)
    return _written(code, texts, root, force=force)


def _written(code: str, texts: dict[str, str], root: Path, *, force: bool) -> Imported:
    """Write the definitions of a pack where the library loads with them."""
    folder = f"{FORMS}/{code}"
    library = load_library(files_with(_beside(root, code, texts)))
    (root / folder).mkdir(parents=True, exist_ok=True)
    left = []
    for file, said in texts.items():
        path = root / file
        if write_unless_changed(path, said.encode(), force=force) is WriteOutcome.KEPT:
            left.append(path.name)
    files = tuple(file.rpartition("/")[2] for file in texts)
    family = library.packs.by_code[code].family
    sources = read_sources(files_with({})).values()
    shipped = any(source.top.data.get("code") == code for source in sources)
    return Imported(code, family, root / folder, files, tuple(left), shipped)


def guess_pack(file: Path, code: str, target: Path) -> int:
    """Propose a pack for the tables of a file and write it as a workbook of forms, to be finished.

    Returns:
        how many forms were found; nothing is written for none.

    Raises:
        UserError: the file cannot be read.
        OSError: the workbook cannot be written.
    """
    from consolidate.intake.plain_files import read_own
    from consolidate.intake.read_file import read_any
    from consolidate.province.form_book import write_form_book
    from consolidate.province.form_guess_from_word import guess_forms

    try:
        book = read_any(read_own(file, Limits().file_size), Limits())
    except Refused as error:
        if error.reason.key == "intake.no_table":
            return 0  # What is said there is meant for a unit that reports.
        raise UserError((error.reason,)) from None
    made = guess_forms(book, code, FORMS)
    if len(made) > 1:
        write_atomically(target, write_form_book(made))
    return len(made) - 1


def preview_pack(root: Path, code: str, target: Path) -> None:
    """Write the blank workbook of a pack, or of an offered one.

    Raises:
        UserError: there is no such pack, or a definition is wrong.
        OSError: the file cannot be written.
    """
    from consolidate.templates.template_build import build_template

    folder, sources = _pack_of(root, code)
    pack_code = str(sources[f"{folder}/{PACK}"].top.data["code"])
    library = build_library(sources)
    pack = library.packs.by_code[pack_code]
    write_atomically(target, build_template(library.of_pack(pack_code), pack.family))


def _pack_of(root: Path, code: str) -> tuple[str, dict[str, TomlSource]]:
    """Return the folder of a pack among the definitions of a province, and all definitions."""
    own = own_texts(root / FORMS)
    if code in offered_packs() and f"{FORMS}/{code}/{PACK}" not in own:
        code, texts = _offered(code)
        own = {**{f: said for f, said in own.items() if f not in texts}, **texts}
    sources = read_sources(files_with(own))
    codes = {
        source.top.data.get("code"): name.rpartition("/")[0]
        for name, source in sources.items()
        if name.endswith(f"/{PACK}")
    }
    if code not in codes:
        known = ", ".join(sorted({*map(str, codes), *offered_packs()}))
        raise UserError.of("forms.unknown_pack", wrong_call=True, code=code, known=known)
    return codes[code], sources


def _offered(name: str) -> tuple[str, dict[str, str]]:
    """Return the code of an offered pack, and its texts as those of a province."""
    made = offered_files(name)
    code = str(read_sources({PACK: made[PACK]})[PACK].top.data["code"])
    return code, {f"{FORMS}/{code}/{file}": said for file, said in made.items()}


def _beside(root: Path, code: str, texts: dict[str, str]) -> dict[str, str]:
    """Return the definitions of a province with ``texts`` for those of one of its packs."""
    own = own_texts(root / FORMS).items()
    others = {file: said for file, said in own if file.rpartition("/")[0] != f"{FORMS}/{code}"}
    return {**others, **texts}
