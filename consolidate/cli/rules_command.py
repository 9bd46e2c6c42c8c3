"""``consolidate rules list|explain``: the rules of the definitions, in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from consolidate.actions.workspaces import library_at
from consolidate.checks.rule_checks import rule_in_words
from consolidate.cli.base import VietnameseCommand, VietnameseGroup
from consolidate.cli.console import say
from consolidate.definitions.catalogue import sentence, text
from consolidate.definitions.loader import shipped_library
from consolidate.model.datasets import DataSet, Library
from consolidate.model.packs import QUARTER_SUFFIX
from consolidate.model.rule_specs import RuleSpec


@click.group(cls=VietnameseGroup, help=text("cli.rules.help"))
def command() -> None:
    """Group of ``list`` and ``explain``."""


@command.command("list", help=text("cli.rules.list"), cls=VietnameseCommand)
def list_rules() -> int:
    for library, data_set in _forms():
        if data_set.rules:
            (pack,) = library.pack_of.values()
            say(f"{pack.code} · {data_set.code} · {data_set.short_title}", bold=True)
        for rule in data_set.rules:
            severity = text(f"terms.severity.{rule.severity.value}")
            say(f"{data_set.code}.{rule.id} · {severity}", indent=2)
            say(sentence(rule_in_words(rule, data_set, library)), indent=4)
    return 0


def _forms() -> Iterator[tuple[Library, DataSet]]:
    """Every form of every pack, the newest pack of a family first, each once."""
    forms = library_at(shipped_library(), Path())
    for pack in reversed(forms.packs.packs):
        library = forms.of_pack(pack.code)
        yield from ((library, form) for form in library.data_sets if not form.quarter)


@command.command("explain", help=text("cli.rules.explain"), cls=VietnameseCommand)
@click.argument("rule_id", metavar=text("cli.rules.id"))
def explain(rule_id: str) -> int:
    found = _find(rule_id)
    if found is None:
        raise click.UsageError(text("cli.rules.unknown", id=rule_id))
    library, data_set, rule = found
    say(f"{data_set.code}.{rule.id}", bold=True)
    say(sentence(rule_in_words(rule, data_set, library)), indent=2)
    for key, value in (
        ("data_set", data_set.short_title),
        ("severity", text(f"terms.severity.{rule.severity.value}")),
        ("expression", rule.expression),
        ("scope", text(f"cli.rules.scope_{rule.scope.value}")),
        ("missing_left", text(f"cli.rules.missing_{rule.missing_left.value}")),
        ("missing_right", text(f"cli.rules.missing_{rule.missing_right.value}")),
        ("source", rule.source),
    ):
        say(f"{text(f'cli.rules.{key}')}: {value}", indent=2)
    return 0


def _find(rule_id: str) -> tuple[Library, DataSet, RuleSpec] | None:
    """The rule of an id as summaries show it: that of a quarter's table is that of its form."""
    code, point, name = rule_id.rpartition(".")
    rule_id = f"{code.removesuffix(QUARTER_SUFFIX)}{point}{name}"
    for library, data_set in _forms():
        for rule in data_set.rules:
            if rule_id in (rule.id, f"{data_set.code}.{rule.id}"):
                return library, data_set, rule
    return None
