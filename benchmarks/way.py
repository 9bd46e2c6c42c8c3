"""``python -m benchmarks.way [--root folder]``: how many functions one figure and one rule pass.

One figure is followed from the bytes of a returned workbook to its cell in the summary workbook:
that of the only file that a process reads, of which nothing is known, and that of an ordinary file,
the third of its template in the same process. One rule is followed from its text in a TOML file to
a formula in a template. Each holds one number that occurs nowhere else (:data:`MARK`), and whatever
holds that number holds the figure or the rule: bytes, text, grid, value, return, record, total, or
parsed node, bound rule and formula.

Counted are functions of ours (files under ``consolidate/``). One is on the way when, in any call,

- what it returns or yields holds the figure, at any depth; or
- it is given the figure itself, or something that has it as a field or an item; or
- it hands the figure itself to a function of a library; or
- it called one that is on the way, so that it stood on the stack above.

A function that is only given a whole return or result, and neither touches the figure in it nor
returns it, is beside the way, so the rest of the program does not count. What gives the definitions
back whole is on the way of a rule, which is in them. The way ends when the figure (the formula) is
first given to a library that writes workbooks, or written to a stream by one of our functions.

Comprehensions belong to their functions. Each function counts once, at the place where it was
entered first; in that order, every change to a file that occurred earlier is a return to a file
already left. Both numbers are the same in every run.

Only commands and the entry point of the package are named here, no module within it, so that trees
from before and after a refactoring can be compared: ``--root`` names the tree that is followed.
"""

from __future__ import annotations

import argparse
import configparser
import dataclasses
import importlib
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

MARK = 918_273
SPELLINGS = (str(MARK), f"{MARK:,}".replace(",", "."))
PACKAGE = "consolidate"
WRITERS = ("xlsxwriter", "zipfile")
"""Libraries that write workbooks: cell by cell, or a finished part."""
WAYS = ("figure", "ordinary_figure", "rule")
CELL = "pctn_01.c3"
"""Defined name of the cell that holds the figure in a returned workbook."""

Step = tuple[str, str]
"""A file and a function in it."""


@dataclasses.dataclass(frozen=True)
class Way:
    """Functions in the order in which they were entered first."""

    steps: tuple[Step, ...]

    @property
    def files(self) -> int:
        """Different files on the way."""
        return len({file for file, _ in self.steps})

    @property
    def returns(self) -> int:
        """Changes to a file that occurred earlier."""
        seen: set[str] = set()
        last, found = "", 0
        for file, _ in self.steps:
            found += file != last and file in seen
            seen.add(file)
            last = file
        return found


class _Ended(BaseException):
    """The figure has arrived."""


@dataclasses.dataclass
class _Call:
    """A call of one of our functions that has not returned yet."""

    frame: FrameType
    entered: int
    on_the_way: bool


class _Follower:
    """The profile function: marks functions as the figure passes through them."""

    def __init__(self, root: Path, source: bytes, arrives: Callable[[object], bool]) -> None:
        self.first: dict[CodeType, int] = {}
        self._ours = str(root / PACKAGE) + "/"
        self._source = source
        self._arrives = arrives
        self._stack: list[_Call] = []
        self._calls = 0
        # Searched before, and without it; kept, so that no other object gets the same id.
        self._without: dict[int, object] = {}

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        if event == "call":
            if not code.co_filename.startswith(self._ours):
                self._handed_over(frame)
            elif not code.co_name.startswith("<"):
                self._calls += 1
                touched = any(self._touched(item) for item in _arguments(frame))
                self._stack.append(_Call(frame, self._calls, touched))
        elif event == "c_call" and getattr(argument, "__name__", "") == "write":
            # What is written to a stream is not told: it is one of the writer's variables.
            if self._stack and self._stack[-1].frame is frame:
                self._arrive_with(frame.f_locals.values())
        elif event == "return" and self._stack and self._stack[-1].frame is frame:
            call = self._stack.pop()
            if call.on_the_way or self._holds(argument):
                self._mark(call)

    def _mark(self, call: _Call) -> None:
        code = call.frame.f_code
        self.first[code] = min(self.first.get(code, call.entered), call.entered)
        if self._stack:
            self._stack[-1].on_the_way = True

    def _handed_over(self, frame: FrameType) -> None:
        """A function of a library is called: by one of ours with the figure in its hands?"""
        if not self._stack:
            return
        ours = frame.f_back
        while ours is not None and ours.f_code.co_name.startswith("<"):
            ours = ours.f_back
        if ours is not self._stack[-1].frame:
            return
        # What a library decorates gets all in one tuple.
        given = [part for item in _arguments(frame) for part in (item, *_parts(item))]
        if not any(map(self._is_it, given)):
            return
        self._stack[-1].on_the_way = True
        library = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if library in WRITERS:
            self._arrive_with(given)

    def _arrive_with(self, given: Iterable[object]) -> None:
        """End the way if the figure is among what is written."""
        if any(map(self._arrives, given)):
            while self._stack:
                self._mark(self._stack.pop())
            raise _Ended

    def _is_it(self, item: object) -> bool:
        if isinstance(item, str):
            return any(spelling in item for spelling in SPELLINGS)
        if isinstance(item, bytes):
            return item == self._source or SPELLINGS[0].encode() in item
        return isinstance(item, int | float | Decimal | Fraction) and item == MARK

    def _touched(self, item: object) -> bool:
        return self._is_it(item) or any(map(self._is_it, _parts(item)))

    def _holds(self, item: object) -> bool:
        """Whether the figure is anywhere in something."""
        waiting, seen = [item], dict[int, object]()
        while waiting:
            one = waiting.pop()
            if self._is_it(one):
                return True
            if id(one) in seen or id(one) in self._without:
                continue
            parts = list(_parts(one))
            if parts:
                seen[id(one)] = one
                waiting.extend(parts)
        self._without.update({at: one for at, one in seen.items() if _is_frozen(one)})
        return False


def _arguments(frame: FrameType) -> Iterable[object]:
    code = frame.f_code
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & 4) + bool(code.co_flags & 8)  # *arguments, **arguments
    here = frame.f_locals
    return [here[name] for name in code.co_varnames[:count] if name in here]


def _parts(item: object) -> Iterable[object]:
    """Items of a collection, fields of an object of ours."""
    if isinstance(item, tuple | list | set | frozenset):
        return item
    if isinstance(item, dict):
        return [*item.keys(), *item.values()]
    if not type(item).__module__.startswith(PACKAGE) or isinstance(item, type):
        return ()
    if dataclasses.is_dataclass(item):
        names: Iterable[str] = [field.name for field in dataclasses.fields(item)]
    else:
        names = [*getattr(item, "__dict__", ()), *getattr(type(item), "__slots__", ())]
    return [getattr(item, name, None) for name in names]


def _is_frozen(item: object) -> bool:
    made = getattr(item, "__dataclass_params__", None)
    return isinstance(item, tuple | frozenset) or (made is not None and made.frozen)


def _entry(root: Path) -> Callable[[list[str]], int]:
    """What the package installs as its command."""
    setup = configparser.ConfigParser()
    setup.read(root / "setup.cfg", encoding="utf-8")
    scripts = setup.get("options.entry_points", "console_scripts", fallback="")
    found = re.search(rf"^{PACKAGE}\s*=\s*([\w.]+):(\w+)", scripts, re.MULTILINE)
    module, name = found.groups() if found else (f"{PACKAGE}.cli", "main")
    entry: Callable[[list[str]], int] = getattr(importlib.import_module(module), name)
    return entry


def followed(
    root: Path, arguments: list[str], source: bytes, arrives: Callable[[object], bool]
) -> Way:
    """The way through a command of the tree at ``root``.

    Raises:
        LookupError: the figure never arrived.
    """
    entry = _entry(root)
    follower = _Follower(root, source, arrives)
    sys.setprofile(follower)
    try:
        entry(arguments)
    except _Ended:
        order = sorted(follower.first, key=lambda code: follower.first[code])
        return Way(
            tuple((str(Path(code.co_filename).relative_to(root)), code.co_qualname)
                  for code in order)
        )  # fmt: skip
    finally:
        sys.setprofile(None)
    raise LookupError(" ".join(arguments))


def ordinary_figure(root: Path, scratch: Path) -> Way:
    """The way of a figure through ``merge``, after two files that differ from its own in it."""
    inbox = scratch / "before"
    inbox.mkdir()
    for name in ("first.xlsx", "second.xlsx"):
        (inbox / name).write_bytes(_returned_workbook(root / "examples" / "inbox", MARK + 1))
    _entry(root)(_merged(inbox, scratch / "others"))
    return figure(root, scratch)


def figure(root: Path, scratch: Path) -> Way:
    """The way of a figure through ``merge``."""
    inbox = scratch / "inbox"
    inbox.mkdir()
    source = _returned_workbook(root / "examples" / "inbox", MARK)
    (inbox / "returned.xlsx").write_bytes(source)

    def is_figure(item: object) -> bool:
        return isinstance(item, int | float | Decimal | Fraction) and item == MARK

    return followed(root, _merged(inbox, scratch / "results"), source, is_figure)


def _merged(inbox: Path, results: Path) -> list[str]:
    return ["merge", str(inbox), "--out", str(results), "--jobs", "0"]


def rule(root: Path, scratch: Path) -> Way:
    """The way of a rule through ``template build``."""

    def is_formula(item: object) -> bool:
        # Sentences about a rule spell numbers for people, formulas do not.
        data = item.encode() if isinstance(item, str) else item
        return isinstance(data, bytes) and SPELLINGS[0].encode() in data

    call = ["template", "build", "--out", str(scratch / "templates")]
    return followed(root, call, b"", is_formula)


def _returned_workbook(inbox: Path, typed: int) -> bytes:
    """A workbook of the examples in which a figure is typed."""
    from openpyxl import load_workbook

    for path in sorted(inbox.rglob("*.xlsx")):
        book = load_workbook(path)
        if CELL not in book.defined_names:
            continue
        ((sheet, address),) = book.defined_names[CELL].destinations
        part = f"xl/worksheets/sheet{book.sheetnames.index(sheet) + 1}.xml"
        old = rf'(<c r="{address.replace("$", "")}"[^>]*>\s*<v>)[\d.]+(</v>)'
        made = io.BytesIO()
        with zipfile.ZipFile(path) as package, zipfile.ZipFile(made, "w", 8) as changed:
            count = 0
            for name in package.namelist():
                data = package.read(name)
                if name == part:
                    text, count = re.subn(old, rf"\g<1>{typed}\2", data.decode())
                    data = text.encode()
                changed.writestr(name, data)
        if count == 1:
            return made.getvalue()
    raise LookupError(CELL)


def _with_marked_rule(root: Path, folder: Path) -> Path:
    """A copy of the tree in which one rule has the number in its expression.

    Raises:
        LookupError: no rule of the form ``a <= b`` was found.
    """
    shutil.copytree(root / PACKAGE, folder / PACKAGE)
    shutil.copy(root / "setup.cfg", folder)
    form = re.compile(r'^(expression = "c\d+ <= c\d+)"$', re.MULTILINE)
    for path in sorted((folder / PACKAGE).rglob("*.toml")):
        if "offered" in path.parts:
            continue  # Templates are built of them only once a province takes them.
        text, count = form.subn(rf'\1 + {MARK}"', path.read_text(encoding="utf-8"), count=1)
        if count:
            path.write_text(text, encoding="utf-8")
            return folder
    raise LookupError(form.pattern)


def measured(way: str, root: Path) -> Way:
    """A way in a tree, followed in a process of its own.

    Raises:
        LookupError: it could not be followed.
    """
    with tempfile.TemporaryDirectory() as made:
        scratch = Path(made).resolve()
        tree = _with_marked_rule(root, scratch / "tree") if way == "rule" else root
        command = [sys.executable, __file__, "--inside", way, "--root", str(tree)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=scratch, check=False)
    if done.returncode:
        raise LookupError(done.stderr)
    return Way(tuple((file, name) for file, name in json.loads(done.stdout.splitlines()[-1])))


def _inside(way: str, root: Path) -> None:
    sys.path[0] = str(root)
    follow = {"figure": figure, "ordinary_figure": ordinary_figure, "rule": rule}[way]
    with tempfile.TemporaryDirectory() as scratch:
        print("\n" + json.dumps(follow(root, Path(scratch)).steps))


def main() -> None:
    """Print the ways, and how long they are."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.way")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--inside", choices=WAYS, help=argparse.SUPPRESS)
    options: Any = parser.parse_args()
    root = options.root.resolve()
    if options.inside:
        _inside(options.inside, root)
        return
    for way in WAYS:
        found = measured(way, root)
        print(
            f"{way}: {len(found.steps)} functions in {found.files} files, "
            f"{found.returns} returns to a file already left"
        )
        for number, (file, name) in enumerate(found.steps, 1):
            print(f"{number:>4} {file}: {name}")


if __name__ == "__main__":
    main()
