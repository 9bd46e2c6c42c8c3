"""What is installed is whole: data files, and every library that the code imports."""

from __future__ import annotations

import ast
import configparser
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("consolidate", "addin", "macros")
NAME = re.compile(r"[A-Za-z0-9._-]+")
ELSEWHERE = {"resource"}
"""Modules of the standard library that some platforms lack."""


@pytest.fixture(scope="module")
def setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def required(setup: configparser.ConfigParser, *extras: str) -> set[str]:
    """Names of the libraries that are installed, as an index compares them."""
    said = setup["options"]["install_requires"].splitlines()
    for extra in extras:
        said += setup["options.extras_require"][extra].splitlines()
    return {normalised(match[0]) for line in said if (match := NAME.match(line))}


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported() -> set[str]:
    """Top-level names of other people's modules that the rooms import.

    Those that may be absent are imported by ``library("name")``.
    """
    names: set[str] = set()
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    names |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                    names.add(node.module)
                elif isinstance(node, ast.Call) and ast.unparse(node.func) == "library":
                    names |= {str(ast.literal_eval(argument)) for argument in node.args}
    tops = {name.partition(".")[0] for name in names}
    return tops - sys.stdlib_module_names - ELSEWHERE - set(ROOMS)


def test_every_data_file_is_installed(setup: configparser.ConfigParser) -> None:
    packed = {
        path
        for package, patterns in setup["options.package_data"].items()
        for pattern in patterns.split(",")
        for path in ROOT.joinpath(*package.split(".")).glob(pattern.strip())
    }
    data = {
        path
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    assert sorted(path.relative_to(ROOT).as_posix() for path in data - packed) == []


def test_every_folder_with_code_is_a_package() -> None:
    folders = {path.parent for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    bare = [folder for folder in sorted(folders) if not (folder / "__init__.py").is_file()]
    assert bare == []


def test_what_is_imported_is_required_and_nothing_else(setup: configparser.ConfigParser) -> None:
    homes = packages_distributions()
    used = {normalised(homes.get(name, [name])[0]) for name in imported()}
    extras = ("archives", "dask", "postgres", "watch")
    assert used - required(setup, *extras) == set()
    # The driver is named in a URL and imported by SQLAlchemy.
    assert required(setup, *extras) - used == {"psycopg"}
