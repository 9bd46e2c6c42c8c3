"""What keeps the buttons from working on this machine, and the way out; told, never changed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from addin.install import USER, Registry, State, Target, excel_versions, is_registered
from consolidate import __version__
from consolidate.model.reasons import Reason, because

_ROOTS = (r"Software\Policies\Microsoft\Office", r"Software\Microsoft\Office")
"""What the office decided comes before what the person chose."""
_ALL_DISABLED = 4
"""``VBAWarnings``: disable all macros without a word."""
_SIGNED_ONLY = 3
OLDEST = (3, 11)


def problems(
    target: Target,
    registry: Registry,
    *,
    version: tuple[int, int] = sys.version_info[:2],
    marked: bool | None = None,
) -> tuple[Reason, ...]:
    """List what is in the way of the add-in, what has to be mended first coming first.

    Args:
        target: where the add-in belongs.
        registry: that of the machine.
        version: of the Python that runs.
        marked: whether the file bears the Mark of the Web; ``None`` to look.
    """
    seen = is_marked(target.file) if marked is None else marked
    return tuple(_problems(target, registry, version, seen))


def _problems(
    target: Target, registry: Registry, version: tuple[int, int], marked: bool
) -> Iterator[Reason]:
    shown = ".".join(map(str, version))
    if version < OLDEST:
        yield because("addin.self.python_old", version=shown)
    state = target.state()
    if state is State.ABSENT:
        yield because("addin.self.absent", file=str(target.file))
        return
    if state is State.OUTDATED:
        yield because("addin.self.outdated", version=__version__, interpreter=target.interpreter)
    if marked:
        yield because("addin.self.marked", file=str(target.file))
    if target.platform != "win32":
        return
    versions = excel_versions(registry)
    if not versions:
        yield because("addin.self.no_excel")
    for excel in versions:
        if not is_registered(registry, target.file, excel):
            yield because("addin.self.not_registered", excel=excel)
        if _is_disabled(registry, target.file, excel):
            yield because("addin.self.disabled", excel=excel)
        yield from _trust(registry, excel)


def _trust(registry: Registry, excel: str) -> Iterator[Reason]:
    """Settings of the Trust Center; where the office set them the person cannot change them."""
    for name, blocked, key in (
        ("VBAWarnings", (_ALL_DISABLED,), "macros_disabled"),
        ("VBAWarnings", (_SIGNED_ONLY,), "macros_signed"),
        ("RequireAddinSig", (1,), "must_be_signed"),
        ("DisableAllAddins", (1,), "addins_disabled"),
    ):
        for root in _ROOTS:
            value = registry.values(USER, rf"{root}\{excel}\Excel\Security").get(name)
            if value is None:
                continue
            if value in blocked:
                who = "addin.self.by_office" if root == _ROOTS[0] else "addin.self.by_person"
                yield because(f"addin.self.{key}", excel=excel, who=because(who))
            break


def _is_disabled(registry: Registry, file: Path, excel: str) -> bool:
    """Tell whether Excel put the add-in among its disabled items after a crash."""
    key = rf"Software\Microsoft\Office\{excel}\Excel\Resiliency\DisabledItems"
    name = file.name.lower().encode("utf-16-le")
    items = registry.values(USER, key).values()
    return any(isinstance(item, bytes) and name in item.lower() for item in items)


def is_marked(file: Path) -> bool:
    """Tell whether Windows remembers that a file came from another machine (Mark of the Web)."""
    if sys.platform != "win32":
        return False
    try:
        return "ZoneId=3" in Path(f"{file}:Zone.Identifier").read_text("utf-8", "replace")
    except OSError:
        return False
