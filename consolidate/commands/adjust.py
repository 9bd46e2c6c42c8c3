"""``consolidate adjust [FILE]``: the rows of the workbook of corrections into the register."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from consolidate.commands.base import EXIT_FINDINGS, VietnameseCommand
from consolidate.commands.console import say, shown_path
from consolidate.commands.register import (
    day_option,
    day_or_today,
    opened,
    roster_of,
    workspace_at,
    workspace_option,
)
from consolidate.definitions.catalogue import text
from consolidate.definitions.load import library
from consolidate.forms.corrections_book import build_corrections
from consolidate.intake.typed_text.typed import read_typed
from consolidate.model.corrections import Adjustment, Corrections, Waiver
from consolidate.model.period import Period
from consolidate.register.corrections_book import (
    CorrectionsBook,
    CorrectionsError,
    Known,
    known_rules,
    read_corrections_book,
)
from consolidate.register.corrections_plan import (
    CorrectionsPlan,
    Ending,
    Round,
    plan_corrections,
    round_of,
    unrevoked,
)
from consolidate.register.store.register import Register
from consolidate.reports.captions import caption
from consolidate.reports.write import write_atomically
from consolidate.workspace import CORRECTIONS


@click.command(cls=VietnameseCommand, help=text("cli.adjust.help"))
@click.argument("file", metavar="[TỆP]", required=False, type=click.Path(path_type=Path))
@workspace_option
@click.option("--author", metavar="TÊN", default="", help=text("cli.adjust.author"))
@click.option("--document", metavar="SỐ", default="", help=text("cli.adjust.document"))
@click.option("--reason", metavar="LÝ_DO", default="", help=text("cli.adjust.reason"))
@day_option("cli.adjust.on")
@click.option("--dry-run", is_flag=True, help=text("cli.adjust.dry_run"))
def command(
    file: Path | None,
    *,
    folder: Path | None,
    author: str,
    document: str,
    reason: str,
    day: date | None,
    dry_run: bool,
) -> int:
    workspace = workspace_at(folder)
    known = Known(library(), roster_of(workspace), read_typed)
    path = file if file is not None else workspace.root / CORRECTIONS
    with opened(workspace) as register:
        on_record = register.corrections()
        if not path.is_file():
            if file is not None:
                raise click.UsageError(text("cli.check.no_file", path=path))
            _create(path, unrevoked(on_record), known, dry_run=dry_run)
            return 0
        try:
            book = read_corrections_book(path, known)
        except CorrectionsError as error:
            return _refuse(error.problems)
        ending = Ending(author, day_or_today(day), reason or _gone(path), document)
        plan = plan_corrections(book, on_record, _locked(register, book, on_record), ending)
        if plan.problems:
            return _refuse(plan.problems)
        _say(plan)
        if dry_run:
            say(text("corrections.dry_run"), bold=True)
            return 0
        if plan.removed and not author:
            raise click.UsageError(text("corrections.who_revokes", count=len(plan.removed)))
        register.add_corrections(plan.new)
    say(_summary(plan), bold=True)
    return 0


def _create(path: Path, corrections: Corrections, known: Known, *, dry_run: bool) -> None:
    count = len(corrections.adjustments) + len(corrections.waivers)
    if not dry_run:
        rules = known_rules(known.library)
        content = build_corrections(corrections, known.library, known.roster, rules)
        write_atomically(path, content)
    key = "corrections.would_create" if dry_run else "corrections.created"
    say(text(key, file=shown_path(path), count=count), bold=True)


def _gone(path: Path) -> str:
    return text("corrections.gone", file=path.name)


def _refuse(problems: tuple[str, ...]) -> int:
    say(text("corrections.refused", count=len(problems)), bold=True)
    for problem in problems:
        say(f"✗ {problem}", indent=2, colour="red")
    return EXIT_FINDINGS


def _locked(register: Register, book: CorrectionsBook, on_record: Corrections) -> set[Round]:
    periods: dict[Round, Period] = {}
    for item in (*(item for _, item in book.adjustments), *on_record.adjustments):
        periods.setdefault(round_of(item.period), item.period)
    return {
        number for number, period in periods.items() if register.standing(period).lock is not None
    }


def _summary(plan: CorrectionsPlan) -> str:
    added = len(plan.new.adjustments) + len(plan.new.waivers)
    ended = len(plan.new.revocations)
    if not added and not ended:
        return text("corrections.unchanged", kept=plan.kept)
    return text("corrections.recorded", added=added, ended=ended, kept=plan.kept)


def _say(plan: CorrectionsPlan) -> None:
    added: list[Adjustment | Waiver] = [*plan.new.adjustments, *plan.new.waivers]
    for item in added:
        say(f"+ {item.id} · {_words(item)}", indent=2, colour="green")
    for end in plan.new.revocations:
        say(f"- {end.id} · {end.reason}", indent=2, colour="yellow")


def _words(item: Adjustment | Waiver) -> str:
    if isinstance(item, Waiver):
        return f"{item.rule} · {item.unit}"
    key = item.key
    figure = caption(library(), key.data_set, key.element, key.column)
    row = f" · {text('corrections.of_row', row=key.row)}" if key.row else ""
    form = library().by_code[key.data_set].sheet
    shown = item.value or text("corrections.nothing")
    return f"{item.period.code} · {item.unit} · {form} {figure}{row} = {shown}"
