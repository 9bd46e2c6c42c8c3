"""The add-in registers itself with Excel, and says what is in the way of it, on played machines."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path, PureWindowsPath

import pytest

from addin import install as registering
from addin.install import MACHINE, USER, Target, options_key
from consolidate.definitions.catalogue import sentence
from tests.addin.conftest import Excel
from tests.addin.played_registry import Played

FILE = PureWindowsPath(r"C:\Users\an\AppData\Roaming\Microsoft\AddIns\tonghop.xlam")
OTHER = r'/R "C:\khác\ANALYS32.XLL"'
EXCEL = r"Software\Microsoft\Office\16.0\Excel"
SECURITY = rf"{EXCEL}\Security"
OFFICE_SAYS = r"Software\Policies\Microsoft\Office\16.0\Excel\Security"


def test_every_excel_loads_the_addin_beside_what_it_loads_already():
    registry = Played("14.0", "16.0", "Outlook")
    registry.write(options_key("16.0"), "OPEN", OTHER)
    registry.write(options_key("16.0"), "Font", "Calibri")
    for _ in range(2):  # Once more changes nothing.
        assert registering.register(registry, FILE) == ("14.0", "16.0")
        assert registry.opens("16.0") == {"Font": "Calibri", "OPEN": OTHER, "OPEN1": f'"{FILE}"'}
        assert registry.opens("14.0") == {"OPEN": f'"{FILE}"'}
    registry.write(options_key("16.0"), "OPEN2", OTHER.replace("32", "64"))
    registering.unregister(registry, FILE)
    left = {"Font": "Calibri", "OPEN": OTHER, "OPEN1": OTHER.replace("32", "64")}
    assert registry.opens("16.0") == left  # No gap: Excel would stop reading there.
    assert registry.opens("14.0") == {}


def test_an_excel_that_was_never_opened_is_known_by_its_class():
    registry = Played()
    assert registering.register(registry, FILE) == ()
    registry.found[(MACHINE, registering._CURRENT)] = {"": "Excel.Application.16"}
    assert registering.register(registry, FILE) == ("16.0",)
    assert registry.opens("16.0") == {"OPEN": f'"{FILE}"'}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Target, Played]:
    """An add-in that is installed and loaded, with nothing in its way."""
    monkeypatch.setattr("addin.install.build_addin", str.encode)
    target, registry = Target(tmp_path / "tonghop.xlam", r"C:\p.exe", "win32"), Played("16.0")
    target.install(registry)
    return target, registry


def found(target: Target, registry: Played, **given: object) -> list[str]:
    reasons = registering.problems(target, registry, **{"marked": False, **given})
    assert all(sentence(reason) for reason in reasons)
    return [reason.key.removeprefix("addin.self.") for reason in reasons]


def test_nothing_is_in_the_way(installed: tuple[Target, Played]):
    assert found(*installed) == []


WAYS: dict[str, Callable[[Target, Played], object]] = {
    "absent": lambda target, _: target.file.unlink(),
    "outdated": lambda target, _: target.file.write_bytes(b"x"),
    "not_registered": lambda target, registry: registering.unregister(registry, target.file),
    "no_excel": lambda _, registry: registry.found.clear(),
    "disabled": lambda _, registry: registry.found.update(
        {
            (USER, rf"{EXCEL}\Resiliency\DisabledItems"): {
                "1A": b"\1\0" + r"C:\Tonghop.XLAM".encode("utf-16-le")
            }
        }
    ),
    "macros_disabled": lambda _, registry: registry.found.update(
        {(USER, SECURITY): {"VBAWarnings": 4}}
    ),
    "macros_signed": lambda _, registry: registry.found.update(
        {(USER, OFFICE_SAYS): {"VBAWarnings": 3}}
    ),
    "must_be_signed": lambda _, registry: registry.found.update(
        {(USER, SECURITY): {"RequireAddinSig": 1}}
    ),
    "addins_disabled": lambda _, registry: registry.found.update(
        {(USER, OFFICE_SAYS): {"DisableAllAddins": 1}}
    ),
}


@pytest.mark.parametrize("key", WAYS)
def test_what_is_in_the_way_is_named_alone(installed: tuple[Target, Played], key: str):
    WAYS[key](*installed)
    assert found(*installed) == [key]


def test_an_old_python_and_the_mark_of_the_web_are_named(installed: tuple[Target, Played]):
    assert found(*installed, version=(3, 10)) == ["python_old"]
    assert found(*installed, marked=True) == ["marked"]


def test_what_the_office_allows_is_not_asked_of_the_person(installed: tuple[Target, Played]):
    target, registry = installed
    registry.found[(USER, OFFICE_SAYS)] = {"VBAWarnings": 2}
    registry.found[(USER, SECURITY)] = {"VBAWarnings": 4}
    assert found(target, registry) == []


def test_the_button_says_it(excel: Excel, installed: tuple[Target, Played], monkeypatch):
    target, registry = installed
    monkeypatch.setattr("addin.buttons.workspace_buttons.target", lambda *_: target)
    monkeypatch.setattr("addin.buttons.workspace_buttons.own_registry", lambda: registry)
    excel.press("self")
    assert sys.executable in excel.alerts[0]
    assert "Thiết lập" in excel.alerts[0]  # No folder of the province was chosen.
    target.file.unlink()
    excel.press("self")
    assert "consolidate addin install" in excel.alerts[1]
