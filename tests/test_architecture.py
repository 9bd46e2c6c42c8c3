"""The house keeps its rules: arrows point down, files stay small, the catalogue is complete."""

from __future__ import annotations

import ast
import re
import string
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from consolidate.definitions.catalogue import texts

ROOT = Path(__file__).parent.parent
ROOMS = ("consolidate", "addin")
MESSAGES = ROOT / "consolidate" / "definitions" / "messages"
LONGEST_FILE = 500
ERRORS = ("UserError.of", "DamagedFile.of", "PeriodLocked.of")
"""What makes an error of a key and its values."""
LINT_IMPORTS = "from importlinter.cli import lint_imports_command as command; command()"


@cache
def sources() -> dict[Path, ast.Module]:
    return {
        path.relative_to(ROOT): ast.parse(path.read_text(encoding="utf-8"))
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
    }


@cache
def keys() -> dict[str, str]:
    """Every text of the catalogue by its key."""
    return {
        f"{path.stem}.{name}": text
        for path in sorted(MESSAGES.glob("*.toml"))
        for name, text in texts(path.stem).items()
    }


def test_import_contracts_are_kept() -> None:
    lint = subprocess.run(
        [sys.executable, "-c", LINT_IMPORTS, "--config", "setup.cfg", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert lint.returncode == 0, lint.stdout + lint.stderr
    assert "0 broken" in lint.stdout


def test_definitions_are_loaded_at_the_entrances_and_handed_down() -> None:
    named = {
        path.parts[1] if path.parts[0] == "consolidate" else path.parts[0]
        for path, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == "shipped_library"
    }
    assert named == {"cli", "addin"}


def test_no_file_is_long_and_none_is_called_utils() -> None:
    files = [
        path
        for folder in (*ROOMS, "tests", "examples", "benchmarks", "docs")
        for path in (ROOT / folder).rglob("*.py")
    ]
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in files
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}
    assert [path.name for path in files if path.stem in ("utils", "helpers", "common")] == []


def test_no_two_files_and_no_two_public_classes_have_one_name() -> None:
    names: dict[str, set[str]] = {}
    for path in [*(ROOT / "consolidate").rglob("*.py"), *(ROOT / "addin").rglob("*.py")]:
        if path.stem not in ("__init__", "__main__"):
            names.setdefault(path.name, set()).add(str(path))
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                names.setdefault(node.name, set()).add(str(path))
    assert {name: places for name, places in names.items() if len(places) > 1} == {}


def test_rooms_import_of_others_what_these_offer() -> None:
    imported: dict[str, set[str]] = {}
    for path, tree in sources().items():
        own = path.parts[1] if path.parts[0] == "consolidate" else "addin"
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("consolidate."):
                _, room, *inside = str(node.module).split(".")
                for alias in node.names if room != own else ():
                    module = ROOT.joinpath("consolidate", room, *inside, f"{alias.name}.py")
                    name = ".".join((*inside, alias.name) if module.exists() else inside)
                    imported.setdefault(room, set()).add(name)
    offered = {}
    for room in imported:
        tree = ast.parse((ROOT / "consolidate" / room / "__init__.py").read_text("utf-8"))
        for node in tree.body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "OFFERS":
                offered[room] = set(ast.literal_eval(node.value))
    assert {"intake", "reports", "templates", "xlsx", "register", "merge"} <= offered.keys()
    assert {room: imported[room] for room in offered} == offered


def test_the_page_on_architecture_names_what_exists() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    folders = ("consolidate", "addin", "macros", "docs", "tests", "benchmarks", "examples")
    files = {path for folder in folders for path in (ROOT / folder).rglob("*.*")}
    paths = {path.as_posix(): path for path in (*files, *ROOT.glob("*.*"))}
    endings = r"py|toml|cfg|md|json|xml|bas"
    gone = []
    for name, part in re.findall(rf"`([\w./-]+\.(?:{endings}))(?:: (\w+))?`", page):
        found = [path for known, path in paths.items() if known.endswith(f"/{name}")]
        said = [
            path for path in found if re.search(rf"(?:def|class) {part}\b", path.read_text("utf-8"))
        ]
        if not (said if part else found) and name != "result.json":  # A merge writes that one.
            gone.append(f"{name}: {part}")
    assert gone == []
    rooms = {path.parent.name for path in (ROOT / "consolidate").glob("*/__init__.py")}
    table = "".join(line for line in page.splitlines() if line.startswith("| `"))
    assert {room for room in rooms if f"`{room}/`" not in table} == set()


def test_every_room_says_what_it_is_for() -> None:
    silent = [path.as_posix() for path, tree in sources().items() if not ast.get_docstring(tree)]
    assert silent == []


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Calls of the catalogue with the place where they stand."""
    for path, tree in sources().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                called = node.func
                name = called.id if isinstance(called, ast.Name) else ""
                name = called.attr if isinstance(called, ast.Attribute) else name
                if name in ("text", "because") or ast.unparse(called) in ERRORS:
                    yield f"{path.as_posix()}:{node.lineno}", node


def pattern(node: ast.JoinedStr) -> re.Pattern[str]:
    """What a formatted key can be: ``f"value.{problem}"`` is any key of its family."""
    parts = [
        re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in node.values
    ]
    return re.compile("".join(map(str, parts)))


def asked(node: ast.expr) -> tuple[str, ...]:
    """Keys that an argument can be; empty for a name that is given from elsewhere."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return (node.value,)
    if isinstance(node, ast.IfExp):
        return asked(node.body) + asked(node.orelse)
    if isinstance(node, ast.JoinedStr) and "." in str(getattr(node.values[0], "value", "")):
        return tuple(key for key in keys() if pattern(node).fullmatch(key)) or ("nothing",)
    return ()


def test_every_text_that_the_code_asks_for_exists() -> None:
    wanted = [(place, key) for place, call in calls() for key in asked(call.args[0])]
    assert [(place, key) for place, key in wanted if "." in key and key not in keys()] == []
    assert len(wanted) > 100


def test_every_text_is_asked_for() -> None:
    constants: set[str] = set()
    patterns: list[re.Pattern[str]] = []
    for tree in sources().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                constants.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                first = node.values[0]
                if isinstance(first, ast.Constant) and "." in str(first.value):
                    patterns.append(pattern(node))
    unused = [
        key
        for key in keys()
        if key not in constants and not any(found.fullmatch(key) for found in patterns)
    ]
    assert [key for key in unused if not listed(key, constants)] == []


def listed(key: str, constants: set[str]) -> bool:
    """Whether a whole section of the catalogue is walked through: ``texts("template")``."""
    section, _, name = key.partition(".")
    return section in constants and f"{name.split('.')[0]}." in constants


def test_placeholders_are_filled() -> None:
    wrong = []
    for place, call in calls():
        given = {keyword.arg for keyword in call.keywords}
        if None in given:  # Values that are passed on whole.
            continue
        for key in asked(call.args[0]):
            if key in keys() and isinstance(call.args[0], ast.Constant | ast.IfExp):
                left = placeholders(keys()[key]) - given
                if left and given:
                    wrong.append((place, key, sorted(left)))
    assert wrong == []


def placeholders(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("section", sorted(path.stem for path in MESSAGES.glob("*.toml")))
def test_texts_are_whole_and_composed(section: str) -> None:
    for name, text in texts(section).items():
        assert text.strip(), name
        assert text == unicodedata.normalize("NFC", text), name
        placeholders(text)  # Raises for a brace that is left open.
