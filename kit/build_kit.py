"""Build the kit: wheels by the lock, the starters, in one zip with the same bytes each time.

The lock is two files. ``requirements.txt`` pins every package with the markers that say where it
is needed; ``wheels.lock`` names the files for 64-bit Windows with their digests. Files are stored,
not deflated, with fixed dates: builds of zlib differ, these bytes do not. The lock can be tried on
any system: its packages go without a network into a new environment. What is tried is what Windows
gets, but for files of machine code, which are those of this system.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags, platform_tags
from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent
VERSIONS = ((3, 11), (3, 12), (3, 13))
"""Pythons that the kit has wheels for."""
REQUIREMENTS, LOCK = HERE / "requirements.txt", HERE / "wheels.lock"
_SOURCE = ("consolidate", "addin", "macros", "setup.cfg", "pyproject.toml", "README.md", "LICENSE")
_CARRIED = ("__init__.py", "set_up.py", "windows.py", "messages.toml")
_STARTS = ("cai-dat.cmd", "doc-truoc.txt")
_EPOCH = "315532800"
"""1 January 1980, the first day that a zip can name."""


class KitError(Exception):
    """The kit cannot be built; says what is missing."""


@dataclass(frozen=True, slots=True)
class System:
    """Where packages go: what markers ask of it, and the platforms of its wheels, best first."""

    markers: Mapping[str, str]
    platforms: tuple[str, ...]


WINDOWS = System(
    {
        "implementation_name": "cpython",
        "os_name": "nt",
        "platform_machine": "AMD64",
        "platform_python_implementation": "CPython",
        "platform_system": "Windows",
        "sys_platform": "win32",
    },
    ("win_amd64",),
)
"""64-bit Windows, which the kit is for."""


def this_system() -> System:
    """The system that runs this, where the lock can be tried."""
    said = default_environment()
    return System(
        {name: str(value) for name, value in said.items() if name in WINDOWS.markers},
        tuple(platform_tags()),
    )


def requirements(version: tuple[int, int], system: System = WINDOWS) -> list[Requirement]:
    """Packages that a CPython on a system needs, with their one release each."""
    shown = ".".join(map(str, version))
    marks = {**system.markers, "python_full_version": f"{shown}.0", "python_version": shown}
    wanted = map(Requirement, _lines(REQUIREMENTS))
    return [item for item in wanted if item.marker is None or item.marker.evaluate(marks)]


def locked() -> dict[str, str]:
    """Files of the lock, with their SHA-256."""
    return {name: digest for digest, name in (line.split() for line in _lines(LOCK))}


def file_for(
    item: Requirement, version: tuple[int, int], names: Iterable[str], system: System = WINDOWS
) -> str | None:
    """The wheel for a package and a Python, else its source; ``None`` where there is neither."""
    fitting = _tags(version, system)
    wheels, sources = [], []
    for name in names:
        if name.endswith(".whl"):
            package, release, _, tags = parse_wheel_filename(name)
            if canonicalize_name(item.name) == package and release in item.specifier:
                ranks = [fitting.index(tag) for tag in tags if tag in fitting]
                wheels += [(rank, name) for rank in ranks]
        else:
            package, release = parse_sdist_filename(name)
            if canonicalize_name(item.name) == package and release in item.specifier:
                sources.append(name)
    return min(wheels)[1] if wheels else next(iter(sources), None)


def _tags(version: tuple[int, int], system: System) -> list[Tag]:
    interpreter = f"cp{version[0]}{version[1]}"
    return [
        *cpython_tags(version, platforms=system.platforms),
        *compatible_tags(version, interpreter, system.platforms),
    ]


def lock() -> None:
    """Write the lock anew from ``setup.cfg``; needs a registry and ``uv``.

    Raises:
        KitError: a package cannot be resolved or downloaded.
    """
    command = ["uv", "pip", "compile", "setup.cfg", "--extra", "archives", "--universal"]
    command += ["--fork-strategy", "fewest", "--python-version", "3.11", "--no-emit-index-url"]
    command += ["--no-header", "--no-annotate", "--quiet", "--output-file", str(REQUIREMENTS)]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise KitError("uv cannot resolve setup.cfg")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        pip("download", "--no-deps", "--dest", made, "pip")
        (newest,) = folder.iterdir()
        with REQUIREMENTS.open("a", encoding="ascii") as stream:
            stream.write(f"pip=={parse_wheel_filename(newest.name)[1]}\n")
        for version in VERSIONS:
            download(folder, version)
        lines = [f"{_digest(path.read_bytes())} {path.name}\n" for path in sorted(folder.iterdir())]
        LOCK.write_text("".join(lines), encoding="ascii")


def build(out: Path, python: Path | None = None) -> Path:
    """Build the kit into a folder and give its zip.

    Args:
        out: folder of the zip; files that were downloaded before are kept in ``wheels`` there.
        python: an installer or an embeddable zip of Python that the kit carries.

    Raises:
        KitError: a file differs from the lock, or cannot be had.
    """
    kept = out / "wheels"
    kept.mkdir(parents=True, exist_ok=True)
    names = locked()
    if any(not (kept / name).is_file() for name in names):
        for version in VERSIONS:
            download(kept, version)
    with tempfile.TemporaryDirectory() as made:
        wheels = Path(made)
        own = gather(kept, names, wheels)
        files = dict(_files(wheels, python))
        target = out / f"{own.name.split('-py3')[0]}-windows.zip"
        write_zip(target, files)
    return target


def gather(kept: Path, names: Iterable[str], wheels: Path) -> Path:
    """Put wheels of downloaded files and of the program into an empty folder; give the last.

    A package that its authors publish as source only is made into a wheel here.

    Raises:
        KitError: a file is missing, differs from the lock, or holds more than Python.
    """
    digests = locked()
    for name in names:
        found = _digest((kept / name).read_bytes()) if (kept / name).is_file() else None
        if found != digests.get(name, found) or found is None:
            raise KitError(f"{name} is not the file of the lock")
        if name.endswith(".whl"):
            shutil.copyfile(kept / name, wheels / name)
        else:
            _wheel(kept / name, wheels)
    return _own_wheel(wheels)


def _files(wheels: Path, python: Path | None) -> Iterator[tuple[str, bytes]]:
    for name in _STARTS:
        yield name, (HERE / "files" / name).read_bytes()
    for path in sorted((HERE / "files").iterdir()):
        if path.name not in _STARTS:
            yield f"kit/{path.name}", path.read_bytes()
    for name in _CARRIED:
        yield f"kit/{name}", (HERE / name).read_bytes()
    shown = "\n".join(f"{major}.{minor}" for major, minor in VERSIONS)
    yield "kit/versions.txt", f"{shown}\n".encode("ascii")
    yield "wheels/requirements.txt", pinned(wheels).encode("ascii")
    for path in sorted(wheels.iterdir()):
        yield f"wheels/{path.name}", path.read_bytes()
    if python is not None:
        yield from _python_files(python)


def _python_files(python: Path) -> Iterator[tuple[str, bytes]]:
    if python.suffix == ".exe":
        yield f"python/{python.name}", python.read_bytes()
        return
    with zipfile.ZipFile(python) as package:
        if "python.exe" not in package.namelist():
            raise KitError(f"{python.name} is neither an installer nor an embeddable Python")
        major, minor = max(VERSIONS)
        if f"python{major}{minor}.dll" not in package.namelist():
            raise KitError(f"{python.name} is not Python {major}.{minor}")
        for name in package.namelist():
            if not name.endswith("/"):
                yield f"python/{name}", package.read(name)


def pinned(wheels: Path) -> str:
    """Requirements of the kit: each package with its marker and the digests of its files.

    What is not in the folder is for other systems and left out.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for path in sorted(wheels.glob("*.whl")):
        name, version, *_ = parse_wheel_filename(path.name)
        digest = f"--hash=sha256:{_digest(path.read_bytes())}"
        found.setdefault((name, str(version)), []).append(digest)
    markers = {
        (canonicalize_name(item.name), next(iter(item.specifier)).version): item.marker
        for item in map(Requirement, _lines(REQUIREMENTS))
    }
    lines = []
    for (package, release), digests in found.items():
        marker = markers.get((canonicalize_name(package), release))
        condition = f" ; {marker}" if marker is not None else ""
        lines.append(" ".join([f"{package}=={release}{condition}", *digests]))
    return "\n".join(sorted(lines)) + "\n"


def write_zip(target: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a zip: sorted, stored, with one date."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as package:
        for name in sorted(files):
            package.writestr(zipfile.ZipInfo(name), files[name])


def download(folder: Path, version: tuple[int, int], system: System = WINDOWS) -> list[str]:
    """Fetch what a folder lacks for a Python, and name the files of all that it needs.

    The source of a package is fetched where it has no wheel.

    Raises:
        KitError: a package cannot be downloaded.
    """
    target = ["--implementation", "cp", "--python-version", ".".join(map(str, version))]
    target += ["--only-binary=:all:"]
    for platform in system.platforms:
        target += ["--platform", platform]
    files = []
    for item in requirements(version, system):
        pin = f"{item.name}{item.specifier}"
        fetch = ["download", "--no-deps", "--dest", str(folder), pin]
        if _lies(folder, item, version, system) is None and not pip(*fetch, *target, quiet=True):
            pip(*fetch, "--no-binary=:all:")
        name = _lies(folder, item, version, system)
        if name is None:
            raise KitError(f"{pin} cannot be downloaded")
        files.append(name)
    return files


def _lies(folder: Path, item: Requirement, version: tuple[int, int], system: System) -> str | None:
    return file_for(item, version, [path.name for path in folder.iterdir()], system)


def _wheel(source: Path | str, wheels: Path) -> None:
    """Make the wheel of a package of Python alone."""
    before = set(wheels.iterdir())
    if not pip("wheel", "--no-deps", "--wheel-dir", str(wheels), str(source)):
        raise KitError(f"{source} cannot be built")
    (made,) = set(wheels.iterdir()) - before
    if not made.name.endswith("-any.whl"):
        raise KitError(f"{made.name} is for this system only")


def _own_wheel(wheels: Path) -> Path:
    """Make the wheel of the program, from a copy: builds leave files beside their source."""
    with tempfile.TemporaryDirectory() as made:
        for name in _SOURCE:
            if (ROOT / name).is_dir():
                ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
                shutil.copytree(ROOT / name, Path(made, name), ignore=ignore)
            else:
                shutil.copyfile(ROOT / name, Path(made, name))
        _wheel(made, wheels)
    (own,) = wheels.glob("consolidate-*.whl")
    return own


def pip(*words: str, program: str | Path = sys.executable, quiet: bool = False) -> bool:
    """Run pip in a Python, this one without another, and say whether it succeeded."""
    command = [program, "-m", "pip", "--quiet", "--disable-pip-version-check", *words]
    environment = os.environ | {"SOURCE_DATE_EPOCH": _EPOCH}
    told = subprocess.DEVNULL if quiet else None
    done = subprocess.run(command, env=environment, check=False, cwd=ROOT, stderr=told)
    return done.returncode == 0


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _lines(path: Path) -> list[str]:
    said = path.read_text(encoding="ascii").splitlines()
    return [line.strip() for line in said if line.strip() and not line.startswith("#")]


_ASKED = "import sys; print(*sys.version_info[:2])"


def version_of(program: str) -> tuple[int, int]:
    """The version of a Python, asked of the program.

    Raises:
        KitError: it does not run, or the kit has no wheels for it.
    """
    try:
        done = subprocess.run(
            [program, "-I", "-c", _ASKED], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise KitError(f"{program} does not run: {error}") from error
    major, minor = map(int, done.stdout.split())
    if (major, minor) not in VERSIONS:
        raise KitError(f"{program} is Python {major}.{minor}, for which the kit has no wheels")
    return major, minor


def install_here(program: str, kept: Path) -> str:
    """Install into a new environment of a Python from files alone, and merge an example.

    Args:
        program: the Python.
        kept: folder of files that were downloaded before; what it lacks is fetched into it.

    Raises:
        KitError: a package cannot be had or installed, or the program does not run.
    """
    version = version_of(program)
    kept.mkdir(parents=True, exist_ok=True)
    names = download(kept, version, this_system())
    with tempfile.TemporaryDirectory() as made:
        wheels, home = Path(made, "wheels"), Path(made, "env")
        wheels.mkdir()
        gather(kept, names, wheels)
        asked = wheels / "requirements.txt"
        asked.write_text(pinned(wheels), encoding="ascii")
        _run(program, "-I", "-m", "venv", home)
        python = home / ("Scripts/python.exe" if (home / "Scripts").is_dir() else "bin/python")
        words = ["--no-index", "--no-deps", "--find-links", str(wheels)]
        words += ["--requirement", str(asked)]
        if not pip("install", *words, program=python) or not pip("check", program=python):
            raise KitError(f"the packages of the kit do not install for {program}")
        merge = ("merge", ROOT / "examples" / "2026" / "inbox", "--out", Path(made, "results"))
        _run(python, "-I", "-m", "consolidate", *merge, code=1)  # The example has its mistakes.
    return f"{'.'.join(map(str, version))}: {len(names)} packages"


def _run(*command: str | Path, code: int = 0) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != code:
        raise KitError(f"exit code {done.returncode} of {' '.join(map(str, command))}")
