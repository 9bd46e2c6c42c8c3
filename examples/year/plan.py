"""Every file of a round, what it says and what must become of it: events laid over the truth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from examples.year.events import (
    BROKEN,
    NOT_OURS,
    OK,
    OLD,
    WARNED,
    Change,
    Event,
    Sent,
    happens,
)
from examples.year.province import ROUNDS, Round, Unit, reporting
from examples.year.truth import Answers, Truth, Value

COUNTED = (OK, WARNED)
Key = tuple[str, str]
"""Code of a unit and a template."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A file that a unit sends: its name in the inbox, what is typed in it, how it fares."""

    unit: Unit
    name: str
    sent: Sent
    answers: Answers

    @property
    def key(self) -> Key:
        """Whose return it is, and of which template."""
        return self.unit.code, self.sent.template

    def outcome(self, stage: int) -> str:
        """What the file must be at a merge that sees it."""
        return self.sent.outcomes[min(stage - self.sent.stage, len(self.sent.outcomes) - 1)]


@dataclass(frozen=True, slots=True)
class Expected:
    """What must hold after a merge: answers that count, findings of files that count.

    ``owing`` are the units that owe each template, ``groups`` those of kinds of unit and superiors
    that have totals, by ``kind:department`` and ``parent:UBND huyện …``.
    """

    counted: dict[Key, Answers]
    level: dict[str, str]
    outcomes: dict[str, str]
    findings: set[tuple[str, str, str]]
    missing: list[str]
    states: dict[Key, str]
    owing: dict[str, set[str]] = field(default_factory=dict)
    groups: dict[str, frozenset[str]] = field(default_factory=dict)


def _groups(units: Sequence[Unit]) -> Iterator[tuple[str, frozenset[str]]]:
    """Departments, then the units below each superior, unless that repeats what is there."""
    names = {unit.code: unit.name for unit in units}
    made: dict[str, set[str]] = {}
    for unit in units:
        if unit.level == "province" and "cchc" in unit.templates:
            made.setdefault("kind:department", set()).add(unit.code)
    for unit in units:
        if unit.parent:
            made.setdefault(f"parent:{names[unit.parent]}", set()).add(unit.code)
    levels = {unit.level for unit in units}
    told = {frozenset(u.code for u in units if u.level == level) for level in levels}
    for name, codes in made.items():
        if len(codes) > 1 and codes not in told:
            told.add(frozenset(codes))
            yield name, frozenset(codes)


class Plan:
    """The year as it must go: truth and events together.

    ``counted`` of a round that is over is what later rounds are compared with.
    """

    def __init__(self, everyone: Iterable[Unit], truth: Truth) -> None:
        self.everyone = tuple(everyone)
        self.truth = truth
        self._ended: dict[int, Expected] = {}

    def letters(self, when: Round) -> list[Letter]:
        """Every file of a round in the order of units."""
        found: list[Letter] = []
        for unit in reporting(self.everyone, when):
            event = happens(when.number, unit.code)
            for sent in _sent(unit, event):
                found.append(self.letter(when, unit, sent))
        return found

    def letter(self, when: Round, unit: Unit, sent: Sent) -> Letter:
        """One file of a unit with its errors in it."""
        number = sent.issued_for or when.number
        whose = unit
        if sent.issued_to:
            whose = next(item for item in self.everyone if item.code == sent.issued_to)
        answers = self.truth.of(whose, sent.template, number)
        changes: dict[str, Value] = {}
        for element, change in sent.change.items():
            name = f"pctn_01.{element}"
            before = self.truth.of(unit, sent.template, when.number - 1) if number > 1 else answers
            changes[name] = _typed(change, answers.cells[name], before.cells[name])
        if sent.revision > 1:
            changes["cover.revision"] = sent.revision
        if sent.issued_for:
            changes["cover.period_type"] = "6 tháng đầu năm"
            changes |= {"cover.window_from": when.window[0], "cover.window_to": when.window[1]}
        return Letter(unit, _file_name(unit, sent, when), sent, answers.changed(changes))

    def corrections(self, when: Round, stage: int) -> list[tuple[Unit, Event]]:
        """Units with a correction that is entered before a merge."""
        return [
            (unit, event)
            for unit in reporting(self.everyone, when)
            if (event := happens(when.number, unit.code)) is not None
            and event.correction is not None
            and event.correction.stage == stage
        ]

    def expected(self, when: Round, stage: int) -> Expected:
        """What must hold after a merge of a round."""
        units = reporting(self.everyone, when)
        seen = [letter for letter in self.letters(when) if letter.sent.stage <= stage]
        result = Expected({}, {u.code: u.level for u in units}, {}, set(), [], {})
        result.groups.update(_groups(units))
        for unit in units:
            for template in unit.templates:
                result.owing.setdefault(template, set()).add(unit.code)
        for letter in seen:
            outcome = letter.outcome(stage)
            result.outcomes[letter.name] = outcome
            if outcome not in COUNTED:
                continue
            event = happens(when.number, letter.unit.code)
            answers, says = letter.answers, letter.sent.says
            correction = event.correction if event is not None else None
            if correction is not None and correction.stage <= stage and says:
                says = correction.says or says
                if correction.element:
                    name = f"pctn_01.{correction.element}"
                    true = self.truth.of(letter.unit, "pctn", when.number).cells[name]
                    answers = answers.changed({name: true})
            result.counted[letter.key] = answers
            # A return came when the first of its files came that counts as received.
            came = (
                other.sent.stage
                for other in seen
                if other.key == letter.key
                and not other.sent.issued_to
                and other.outcome(stage) in (*COUNTED, OLD)
            )
            day = when.days[min(came, default=letter.sent.stage) - 1]
            if when.due < day <= when.final:
                says = (*says, "memory.late")
            if not self._comparable(letter, when):
                says = (*says, "history.not_compared")
            result.findings.update((*letter.key, rule) for rule in says)
        result.states.update(_states(seen, units, result, when, stage))
        result.missing.extend(
            unit.code for unit in units if not any(code == unit.code for code, _ in result.counted)
        )
        if stage == len(when.days):
            self._ended[when.number] = result
        return result

    def ended(self, number: int) -> Expected | None:
        """What held when a round was over; ``None`` before the first one."""
        return self._ended.get(number)

    def _comparable(self, letter: Letter, when: Round) -> bool:
        """Whether all units that this one comes from counted in the round before."""
        if when.number == 1:
            return True
        unit, template = letter.unit, letter.sent.template
        before = self._ended[when.number - 1].counted
        began = unit.valid_from
        new = began is not None and not unit.reports(ROUNDS[when.number - 2].month)
        sources = unit.heir_of if new else (unit.code,)
        heirs = sum(other.heir_of == unit.heir_of for other in self.everyone)
        if new and heirs > 1:
            return False
        return all((code, template) in before for code in sources)


def _sent(unit: Unit, event: Event | None) -> Iterator[Sent]:
    """The files of a unit: those of its event, else one for each template on the due date."""
    if event is not None:
        yield from event.sent
    else:
        for template in unit.templates:
            yield Sent(1, (OK,), template)


def _typed(change: Change, true: Value, before: Value) -> Value:
    by = change.by
    if isinstance(by, str):
        return by
    if change.how == "=":
        return by
    start = before if change.how == "before" else true
    assert isinstance(start, int | Decimal)
    return start * by if change.how == "*" else start + by


def _file_name(unit: Unit, sent: Sent, when: Round) -> str:
    """Name in the inbox, with the name in the archive or mail behind a slash."""
    slug = when.period(sent.template).lower()
    name = f"{unit.code} {unit.name} - {sent.template} {slug}{sent.suffix}"
    if sent.packed == "zip":
        return f"{unit.code} thư{sent.suffix}.zip/{name}.xlsx"
    if sent.packed == "eml":
        return f"{unit.code} thư{sent.suffix}.eml/{name}.xlsx"
    return f"{name}.{'pdf' if sent.packed == 'pdf' else 'xlsx'}"


def _states(
    seen: list[Letter], units: Iterable[Unit], result: Expected, when: Round, stage: int
) -> Iterator[tuple[Key, str]]:
    """Where each return is: a return is in time when its first readable file was.

    A file that names two units is no unit's return; an unreadable one is its unit's, by its name.
    """
    for unit in units:
        for template in unit.templates:
            key = (unit.code, template)
            own = [letter for letter in seen if letter.key == key and not letter.sent.issued_to]
            first = min(
                (i.sent.stage for i in own if i.outcome(stage) in (*COUNTED, OLD)), default=0
            )
            outcomes = [letter.outcome(stage) for letter in own]
            if key in result.counted:
                late = when.days[first - 1] > when.due
                yield key, "late" if late else "on_time"
            elif "held" in outcomes:
                at = min(letter.sent.stage for letter in own)
                yield key, "too_late" if when.days[at - 1] > when.final else "held"
            elif any(outcome in (BROKEN, NOT_OURS) for outcome in outcomes):
                yield key, "unreadable"
            else:
                yield key, "missing"
