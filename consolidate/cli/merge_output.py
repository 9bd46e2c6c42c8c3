"""Print what a merge came to: once at its end, and with ``--watch`` for each file that arrives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

import click

from consolidate.actions.merge import MergeOrder, do_merge, files_line
from consolidate.cli.errors_and_exit_codes import EXIT_FINDINGS, EXIT_USAGE
from consolidate.cli.terminal import listed, say, say_finding, shown_path
from consolidate.definitions.catalogue import sentence, text
from consolidate.intake.inbox import scan
from consolidate.model.reasons import Reason, Severity, UserError
from consolidate.model.returns import Outcome, ReturnRecord
from consolidate.model.units import OrganisationUnit
from consolidate.reports.captions import (
    fault_place,
    fault_told,
    fault_units,
    figure_caption,
    tile_note,
)
from consolidate.rollup.comparison import Against
from consolidate.rollup.completeness import reach
from consolidate.rollup.result import MergeResult
from consolidate.xlsx.read.file_kinds import ZIP

MOST_ALIKE = 3
"""Files that are named when many are set aside for one and the same reason."""
MOST_FINDINGS = 12
MOST_UNITS = 15
"""How many are listed on the terminal; the summary workbook lists all."""


def say_summary(result: MergeResult, written: Mapping[str, Path]) -> None:
    """Print the closing summary of a merge; ``written`` are the result files by kind.

    When nothing was written, that is said.
    """
    province = f" · {result.province}" if result.province else ""
    say(text("cli.summary.title", period=result.heading) + province, bold=True)
    say_received(result)
    _missing(result)
    _files(result)
    _other_periods(result)
    _findings(result)
    _open(result)
    _own(result)
    _compared(result)
    if result.clean:
        say(text("cli.summary.clean"), colour="green")
    say()
    if not written:
        say(text("cli.summary.dry_run"), bold=True)
        return
    say(text("cli.summary.open", path=shown_path(written["workbook"])), bold=True)
    say(text("cli.summary.overview", path=shown_path(written["overview"])))
    for kind, colour in (
        ("official", None),
        ("calendar", None),
        ("reviews", None),
        ("kept", "yellow"),
    ):
        if kind in written:
            say(text(f"cli.summary.{kind}", path=shown_path(written[kind])), colour=colour)
    document = written.get("period", written["json"])
    say(text("cli.summary.json", path=shown_path(document)))


def say_received(result: MergeResult) -> None:
    """Print how many units have reported on each form."""
    say()
    for part in result.completeness:
        name, known = part.template.short_title, reach(part)
        if known.expected is None:
            say(text("cli.summary.received_any", name=name, count=known.received), indent=2)
        elif not known.expected:
            said = text("cli.summary.received_nobody", name=name, template=part.template.code)
            say(said, indent=2)
        else:
            counts = {"count": known.received, "expected": known.expected}
            line = text("cli.summary.received", name=name, **counts)
            say(line, indent=2, colour="yellow" if part.missing else "green")
    if result.late:
        say(text("cli.summary.late", count=len(result.late)), indent=2, colour="yellow")


def _missing(result: MergeResult) -> None:
    missing: dict[str, tuple[OrganisationUnit, list[str]]] = {}
    for part in result.completeness:
        for unit in part.missing:
            missing.setdefault(unit.code, (unit, []))[1].append(part.template.short_title)
    if not missing:
        return
    say()
    say(text("cli.summary.missing", count=len(missing)), bold=True)
    for unit, names in listed(list(missing.values()), MOST_UNITS, "cli.summary.more"):
        say(f"– {unit.name} ({', '.join(names)})", indent=2)


def _other_periods(result: MergeResult) -> None:
    """Say of an inbox with several rounds where the files of each belong."""
    others = 0
    for record in result.records:
        if record.outcome is not Outcome.HELD or record.content is None:
            continue
        period = record.content.period
        expected = result.library.packs.by_code[record.content.pack].period_for(result.period)
        others += period is not None and period != expected
    if others >= MOST_ALIKE:
        hint = text("cli.merge.other_periods", count=others, code=result.period.code)
        say(hint, indent=2, colour="yellow")


def _files(result: MergeResult) -> None:
    """List files whose figures do not count, each with its reason."""
    aside = [record for record in result.records if not record.outcome.counted]
    say()
    say(sentence(files_line(result)))
    if result.ignored:
        say(text("cli.summary.ignored", count=result.ignored))
    alike: dict[tuple[Outcome, Reason | None], list[str]] = {}
    for record in aside:
        alike.setdefault((record.outcome, record.reason), []).append(record.name)
    for (outcome, reason), names in alike.items():
        label = text(f"terms.outcome.{outcome.value}")
        colour = "yellow" if outcome in _EXPLAINED else "red"
        for name in names[: MOST_ALIKE if len(names) > MOST_ALIKE + 1 else None]:
            say(f"✗ {name} · {label}", indent=2, colour=colour)
        if len(names) > MOST_ALIKE + 1:
            more = text("cli.summary.more_alike", count=len(names) - MOST_ALIKE)
            say(more, indent=2, colour=colour)
        say(sentence(reason), indent=4)


_EXPLAINED = (Outcome.DUPLICATE, Outcome.SUPERSEDED)


def _findings(result: MergeResult) -> None:
    severities = result.severities()
    errors, warnings = severities.get(Severity.ERROR, 0), severities.get(Severity.WARNING, 0)
    if not errors and not warnings:
        return
    say()
    say(text("cli.summary.findings", errors=errors, warnings=warnings), bold=True)
    counted = sorted(
        (
            (record, finding)
            for record, finding in result.findings()
            if record.outcome.counted
            and finding.severity is not Severity.INFO
            and finding not in record.ours
        ),
        key=lambda pair: pair[1].severity.rank,
    )
    shown = listed(counted, MOST_FINDINGS, "cli.summary.more_findings")
    for record, group in groupby(shown, key=lambda pair: pair[0]):
        unit = f" · {record.unit.name}" if record.unit is not None else ""
        say(f"{record.name}{unit}", indent=2, bold=True)
        for _, finding in group:
            say_finding(finding, indent=4)
    own = sum(
        finding in record.ours and finding.severity is not Severity.INFO
        for record, finding in result.findings()
    )
    aside = errors + warnings - own - len(counted)
    if aside:
        say(text("cli.summary.aside_findings", count=aside), indent=2)


def _own(result: MergeResult) -> None:
    """Tell what the province has to settle, each once for all units that it shows in."""
    faults = result.own_faults
    if not faults:
        return
    say()
    say(text("cli.summary.own", count=len(faults)), bold=True, colour="yellow")
    for fault in listed(faults, MOST_FINDINGS, "cli.summary.own_more"):
        told = {"where": fault_place(fault, result.library), "whom": fault_units(fault, result)}
        say(text("cli.summary.own_item", **told, why=fault_told(fault)), indent=2)


def _open(result: MergeResult) -> None:
    """Rules that totals break, with the units behind that; numbers that totals wait for."""
    broken = [item for item in result.contradicted if item.open]
    if broken:
        say()
        say(text("cli.summary.contradicted", count=len(broken)), bold=True)
    for item in listed(broken, MOST_FINDINGS, "cli.summary.more_contradicted"):
        colour = "red" if item.severity is Severity.ERROR else "yellow"
        say(f"{item.data_set.sheet} · {sentence(item.told)}", indent=2, colour=colour)
    if result.undecided:
        say()
        say(text("cli.summary.undecided", count=len(result.undecided)), bold=True)
    for number in listed(result.undecided, MOST_FINDINGS, "cli.summary.more_undecided"):
        say(f"{number.data_set.sheet} · {sentence(number.told)}", indent=2, colour="red")


def _compared(result: MergeResult) -> None:
    """Tell what the figures were compared with, each earlier period and its run once."""
    against: dict[Against, dict[str, None]] = {}
    for item in result.comparisons:
        if item.known:
            past = text("cli.summary.past", period=item.past.label, run=item.run)
            against.setdefault(item.against, {})[past] = None
    if against:
        say()
    for kind, periods in against.items():
        say(text(f"cli.summary.compared.{kind.value}", periods="; ".join(periods)))
    falling = sum(
        bool(item.fallen(figure)) for item in result.comparisons for figure in item.figures
    )
    if falling:
        say(text("cli.summary.falling", count=falling), colour="red")
    _untiled(result)


def _untiled(result: MergeResult) -> None:
    """Totals that are not the earlier one and that of the quarter together, as warnings."""
    wrong = [(beside, tile) for beside, tile in result.untiled if tile.wrong]
    if wrong:
        say(text("cli.summary.untiled", count=len(wrong)), colour="yellow")
    for beside, tile in listed(wrong, MOST_FINDINGS, "cli.summary.more_tiles"):
        data_set, figure = beside.table.data_set, tile.figure
        name = figure_caption(data_set, figure.element, figure.column)
        note = " ".join(tile_note(beside, tile))
        say(text("cli.summary.tile", sheet=data_set.sheet, caption=name, note=note), indent=2)


Looks = Iterator[Collection[object]]
State = frozenset[tuple[str, int, int]]
"""Name, size and time of every file: what copying changes until it is done."""

PATIENCE = 30
"""Looks at files that lie still and are not whole, before they are told as what they are."""
REST = 10
"""Looks between two tries where a merge is refused, for example by a result open in Excel."""

_LOOK_MS = 1_000
_END, _END_LENGTH = b"PK\x05\x06", 22 + 0xFFFF
"""What a ZIP file, such as a workbook, ends with, and the bytes in which that begins."""


def state_of(inbox: Path) -> State:
    """List the files of an inbox as they lie there now."""
    found = []
    for name in scan(inbox).files if inbox.is_dir() else ():
        try:
            at = (inbox / name).lstat()
        except OSError:  # It went away meanwhile.
            continue
        found.append((name, at.st_size, at.st_mtime_ns))
    return frozenset(found)


def follow(
    inbox: Path, merged: State, looks: Iterable[Collection[object]], refresh: Callable[[], bool]
) -> None:
    """Refresh when files of an inbox changed and nothing changed between two looks.

    Args:
        inbox: the folder that is watched.
        merged: its files as they were before they were merged.
        looks: what happened since the look before; nothing where only time went by.
        refresh: merges; whether it did. If not, it is asked again after ``REST`` looks, or when
            something happens.
    """
    seen: State = frozenset()
    patience, rest = PATIENCE, 0
    for happened in looks:
        rest = 0 if happened else max(0, rest - 1)
        if rest or (not happened and seen == merged):
            continue
        now = state_of(inbox)
        if now != seen:
            seen, patience = now, PATIENCE
            if now != merged:
                continue
        if now == merged:
            continue
        if patience and any(_is_partial(inbox / name) for name, *_ in now - merged):
            patience -= 1
        elif refresh():
            merged = now
        else:
            rest = REST


def looks_at(inbox: Path) -> Looks:
    """Tell once a second what happens in a folder, until Ctrl+C (``KeyboardInterrupt``).

    Raises:
        click.ClickException: the library that watches is not installed.
    """
    try:
        from watchfiles import watch
    except ImportError:
        raise click.ClickException(text("cli.merge.needs_watchfiles")) from None
    looks: Looks = watch(
        inbox, watch_filter=None, rust_timeout=_LOOK_MS, yield_on_timeout=True, raise_interrupt=True
    )
    return looks


def watched(
    order: Callable[[], MergeOrder], first: MergeResult, merged: State, looks: Looks
) -> int:
    """Merge again as files arrive until Ctrl+C; the exit code of the last merge.

    ``order`` gives the order of the day; ``first`` is the merge that was told already, of the files
    ``merged``.
    """
    before, code, refused = first, 0 if first.clean else EXIT_FINDINGS, ""

    def refresh() -> bool:
        nonlocal before, code, refused
        try:
            result = do_merge(order()).result
        except (UserError, OSError) as error:
            # An open workbook or a half-written roster ends no watch: the next look tries again.
            problem = _problem(error)
            if problem != refused:
                say(problem, colour="red")
            code, refused = EXIT_USAGE, problem
            return False
        _say_changes(before, result)
        before, code, refused = result, 0 if result.clean else EXIT_FINDINGS, ""
        return True

    inbox = order().inbox
    say()
    say(text("cli.merge.watching", path=shown_path(inbox)), bold=True)
    try:
        follow(inbox, merged, looks, refresh)
    except KeyboardInterrupt:
        click.echo()
    say(text("cli.merge.watch_ended"))
    return code


def _problem(error: UserError | OSError) -> str:
    if isinstance(error, UserError):
        return "\n".join(map(sentence, error.problems))
    return text("cli.no_permission", file=error.filename2 or error.filename or "")


def _say_changes(before: MergeResult, now: MergeResult) -> None:
    """Say which files are new, count otherwise than before, or are gone; then where all stands."""
    old = {record.name: _told(record) for record in before.records}
    new = {record.name: record for record in now.records}
    counts = Counter((record.name, found.severity) for record, found in now.findings())
    say()
    for name, record in new.items():
        if old.get(name) == _told(record):
            continue
        outcome = text(f"terms.outcome.{record.outcome.value}")
        errors, warnings = (counts[name, kind] for kind in (Severity.ERROR, Severity.WARNING))
        line = text("cli.merge.changed_file", name=name, outcome=outcome)
        if errors or warnings:
            line += f" · {text('cli.merge.changed_findings', errors=errors, warnings=warnings)}"
        colour = "yellow" if errors or warnings or not record.outcome.counted else "green"
        say(f"+ {line}", indent=2, colour=colour)
        if not record.outcome.counted:
            say(sentence(record.reason), indent=4)
    for name in sorted(old.keys() - new.keys()):
        say(f"– {text('cli.merge.gone_file', name=name)}", indent=2, colour="yellow")
    say_received(now)
    say(sentence(files_line(now)))


def _told(record: ReturnRecord) -> tuple[object, ...]:
    return record.sha256, record.outcome, record.reason


def _is_partial(path: Path) -> bool:
    """Tell whether a file is still being written: empty, locked, or a ZIP file without its end.

    Some programs that copy set the length of a file first: what is not written yet is zero.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4)
            if not head.startswith(ZIP):
                return not head.strip(b"\0")
            file.seek(max(0, path.stat().st_size - _END_LENGTH))
            return _END not in file.read()
    except FileNotFoundError:
        return False
    except OSError:
        return True
