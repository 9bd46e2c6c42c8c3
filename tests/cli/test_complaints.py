"""Wrong calls, of every command and option: refused in Vietnamese before anything is done."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from consolidate.cli.main import cli, main
from consolidate.cli.options import (
    ChoiceType,
    CountType,
    DayType,
    PathType,
    PeriodParameter,
    RunType,
    today,
)
from consolidate.definitions.catalogue import text

Named = tuple[tuple[str, ...], click.Command]
OURS = (ChoiceType, CountType, DayType, PathType, PeriodParameter, RunType)
GOOD = {PeriodParameter: "2018-9M", RunType: "1", DayType: "05/09/2018"}


def commands(group: click.Group = cli, *above: str) -> Iterator[Named]:
    """Every command with the words that call it, groups too."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        yield (*above, name), found
        if isinstance(found, click.Group):
            yield from commands(found, *above, name)


def arguments(command: click.Command) -> list[click.Argument]:
    return [param for param in command.params if isinstance(param, click.Argument)]


def options(command: click.Command) -> list[click.Option]:
    return [param for param in command.params if isinstance(param, click.Option)]


def good(param: click.Parameter) -> str:
    return GOOD.get(type(param.type), "x")


def refused(param: click.Parameter, folder: Path) -> list[tuple[str, str]]:
    """Values that a parameter refuses, each with the reason."""
    (folder / "a.txt").write_text("a", encoding="utf-8")
    file, bad = str(folder / "a.txt"), "§ x"
    match param.type:
        case ChoiceType():
            known = ", ".join(param.type.choices)
            return [(bad, text("cli.not_a_choice", found=bad, known=known))]
        case CountType():
            low, high = param.type.lowest, param.type.highest
            asked = [bad, str(low - 1), str(high + 1), "1" * 20]
            bounds = {"lowest": low, "highest": high}
            return [(value, text("cli.not_a_count", found=value, **bounds)) for value in asked]
        case DayType():
            return [(bad, text("cli.merge.bad_day", value=bad))]
        case PeriodParameter():
            return [(bad, text("cli.period.none", value=bad, year=today().year))]
        case RunType():
            return [(bad, text("runs.bad_number", value=bad))]
        case PathType(dir_okay=False):
            return [(str(folder), text("cli.is_folder", path=folder))]
        case PathType(file_okay=False):
            return [(file, text("cli.is_file", path=file))]
    return []


def complaint(call: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The first line on standard error of a call that is refused; it did nothing."""
    code = main(call)
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    return err.splitlines()[0]


NAMED = list(commands())
EACH = pytest.mark.parametrize(
    ("words", "command"), NAMED, ids=["-".join(words) for words, _ in NAMED]
)


@EACH
def test_a_value_that_is_refused(
    words: tuple[str, ...],
    command: click.Command,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for option in options(command):
        name = option.opts[0]
        if option.is_flag:
            said = complaint([*words, f"{name}=x"], capsys)
            assert said == text("cli.takes_no_value", name=name)
            continue
        assert isinstance(option.type, OURS) or option.type is click.STRING, name
        assert complaint([*words, name], capsys) == text("cli.needs_value", name=name)
        for value, reason in refused(option, tmp_path):
            said = complaint([*words, f"{name}={value}"], capsys)
            assert said == text("cli.bad_value", name=name, reason=reason)
    before: list[str] = []
    for argument in arguments(command):
        assert isinstance(argument.type, OURS) or argument.type is click.STRING
        for value, reason in refused(argument, tmp_path):
            said = complaint([*words, *before, value], capsys)
            named = argument.make_metavar(click.Context(command))
            assert said == text("cli.bad_value", name=named, reason=reason)
        before.append(good(argument))


@EACH
def test_too_much_and_too_little(
    words: tuple[str, ...], command: click.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    said = complaint([*words, "--không-có"], capsys)
    assert said == text("cli.no_such_option", name="--không-có")
    if isinstance(command, click.Group):
        assert complaint([*words, "gộp"], capsys) == text("cli.no_such_command", name="gộp")
        assert complaint([*words, "--"], capsys) == text("cli.missing_command")
        return
    call = [*words, *(good(argument) for argument in arguments(command))]
    for option in options(command):
        if option.required:
            call += [option.opts[0], good(option)]
    if all(argument.nargs == 1 for argument in arguments(command)):
        for extra in (["thừa"], ["thừa", "(một) phần"]):
            said = complaint([*call, *extra], capsys)
            assert said == text("cli.extra_arguments", found=" ".join(extra))
    for param in command.params:
        if param.required:
            metavar = param.make_metavar(click.Context(command))
            wanted = text("cli.missing", name=metavar)
            if isinstance(param, click.Option):
                shown = {"name": param.opts[0], "value": param.metavar}
                wanted = text("cli.missing_option", **shown)
            said = complaint([*words], capsys)
            assert said == wanted
            break


def test_commands_and_options_of_every_kind_were_asked() -> None:
    kinds = {type(param.type) for _, command in NAMED for param in command.params}
    assert kinds >= {*OURS}
    assert ("rules", "explain") in {words for words, _ in NAMED}


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text("a", encoding="utf-8")
    assert PathType().convert(str(path), None, None) == path
    assert PathType().convert(str(tmp_path / "b"), None, None) == tmp_path / "b"
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    with pytest.raises(click.BadParameter) as refusal:
        PathType().convert(str(path), None, None)
    assert refusal.value.message == text("cli.not_readable", path=path)
