"""Small provinces made up by hypothesis, and their comparisons worked out from what was made up.

What became of units is written down as it happens and followed forward in time, one change after
the other; the program follows it backward, from the dates and predecessors of a roster. Nothing
here knows how the program compares, sums or rounds.

A unit of which a part was split off stays untouched afterwards: when it ends later, a roster does
not tell whether the part took it in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import strategies as st

from consolidate.model.units import Level, OrganisationUnit

ROUNDS = ("2017-9M", "2018-6M", "2018-9M")
LAST_DAYS = (date(2017, 9, 30), date(2018, 6, 30), date(2018, 9, 30))
DUE = (date(2017, 9, 5), date(2018, 6, 5), date(2018, 9, 5))
GRACE = 10
"""Days after the due date up to which a return counts."""
SENT = (-2, 3, 12)
"""Days from the due date on which files come in: in time, late, too late."""
CHANGES = (date(2018, 1, 1), date(2018, 4, 1), date(2018, 7, 1), date(2018, 8, 15))
"""Days on which units begin: two before the middle of the year, two after it."""
LEVELS = (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)
TEMPLATES = {"pctn": ("c3", "c4", "c28"), "cchc": ("r1",)}
RATIO = "c28"

Answer = int | tuple[int, int] | None | str
"""A number, numerator and denominator, nothing, or ``x``."""
Answers = Mapping[str, Answer]
Key = tuple[str, str]
"""Unit and template."""


@dataclass(frozen=True)
class Change:
    """On a day some units went into others; those that were only divided did not end."""

    day: date
    taken: tuple[str, ...]
    into: tuple[str, ...]
    ended: bool = True


@dataclass(frozen=True)
class Sent:
    """A file: of which round, whose, on which template, when it came, what it says."""

    round: int
    unit: str
    template: str
    when: int
    revision: int
    answers: Answers

    @property
    def name(self) -> str:
        return f"tệp {self.unit}-{self.template}-{self.revision}.bin"


@dataclass(frozen=True)
class Adjusted:
    """A figure replaced: recorded before the first merge of a round, 3: after all of them."""

    recorded: int
    round: int
    unit: str
    element: str
    answer: Answer


@dataclass(frozen=True)
class Story:
    """A province, all that happened to its units, and all that they sent."""

    units: tuple[OrganisationUnit, ...]
    changes: tuple[Change, ...]
    sent: tuple[Sent, ...]
    adjusted: tuple[Adjusted, ...]
    excused: frozenset[str]
    approved: frozenset[int]

    def alive(self, round_: int) -> list[str]:
        """Codes of the units that report a round."""
        return [unit.code for unit in self.units if unit.valid_on(LAST_DAYS[round_])]

    def level(self, code: str) -> Level:
        return next(unit.level for unit in self.units if unit.code == code)

    def origins(self, then: int) -> dict[str, set[str]]:
        """For each unit of the last round the units of an earlier one that went into it."""
        held = {code: {code} for code in self.alive(then)}
        for change in self.changes:
            if change.day <= LAST_DAYS[then]:
                continue
            told = set[str]().union(*(held[code] for code in change.taken))
            for code in change.taken if change.ended else ():
                del held[code]
            for code in change.into:
                held[code] = held.get(code, set()) | told
        return held

    def counted(self, round_: int, when: int) -> dict[Key, Sent]:
        """Files that count once all of ``when`` have come: the last one in time, or excused."""
        found: dict[Key, Sent] = {}
        for file in self.sent:
            if (file.round, True) != (round_, file.when <= when):
                continue
            if SENT[file.when] > GRACE and file.unit not in self.excused:
                continue
            key = (file.unit, file.template)
            if key not in found or found[key].revision < file.revision:
                found[key] = file
        return found

    def used(self, file: Sent, stage: int) -> Answers:
        """What is used of a file while corrections up to a stage are on record."""
        ours = {
            item.element: item.answer
            for item in self.adjusted
            if item.recorded <= stage and (item.round, item.unit) == (file.round, file.unit)
        }
        return {element: ours.get(element, answer) for element, answer in file.answers.items()}


def number(answer: Answer) -> Fraction | None:
    """The figure that an answer is, in percent for a ratio."""
    if isinstance(answer, tuple):
        return Fraction(100 * answer[0], answer[1])
    return Fraction(answer) if isinstance(answer, int) else None


def total(element: str, answers: Iterable[Answer]) -> Fraction | None:
    """The figure of the province; of ratios to two decimals, half up."""
    given = [answer for answer in answers if number(answer) is not None]
    if not given:
        return None
    if element != RATIO:
        return sum((number(answer) or Fraction(0) for answer in given), Fraction(0))
    pairs = [answer for answer in given if isinstance(answer, tuple)]
    over, under = sum(a for a, _ in pairs), sum(b for _, b in pairs)
    return Fraction(int(Fraction(10000 * over, under) + Fraction(1, 2)), 100)


def percent(now: Fraction, then: Fraction) -> Fraction:
    """The change in percent to one decimal; halves go away from zero."""
    tenths = (now - then) * 1000 / abs(then)
    whole = int(abs(tenths) + Fraction(1, 2))
    return Fraction(whole if tenths >= 0 else -whole, 10)


@dataclass
class _Making:
    """Units while a story is told; ``parted`` are those that a part was split off from."""

    units: dict[str, OrganisationUnit] = field(default_factory=dict)
    parted: set[str] = field(default_factory=set)

    def new(self, level: Level, first: date | None, *made_of: str) -> str:
        code = f"X{len(self.units) + 1:02d}"
        self.units[code] = OrganisationUnit(
            code, f"Đơn vị số {len(self.units) + 1}", level, valid_from=first, predecessors=made_of
        )
        return code

    def end(self, code: str, first: date) -> None:
        self.units[code] = replace(self.units[code], valid_to=first - timedelta(days=1))

    def take_in(self, code: str, other: str) -> None:
        unit = self.units[code]
        self.units[code] = replace(unit, predecessors=(*unit.predecessors, other))

    def free(self, day: date) -> list[str]:
        """Units that something may happen to on a day, to each of them once."""
        return [
            unit.code
            for unit in self.units.values()
            if unit.valid_to is None and unit.valid_from != day and unit.code not in self.parted
        ]

    def above(self, code: str) -> set[str]:
        """A unit and all that it was ever made from."""
        return {code}.union(*(self.above(item) for item in self.units[code].predecessors))


KINDS = ("rename", "merge", "absorb", "split", "part", "found", "abolish")


def _changes(draw: st.DrawFn, made: _Making) -> list[Change]:
    changes: list[Change] = []
    for day in CHANGES:
        touched: set[str] = set()
        for kind in draw(st.lists(st.sampled_from(KINDS), max_size=2)):
            free = [code for code in made.free(day) if code not in touched]
            level = draw(st.sampled_from(LEVELS))
            if kind == "found":
                changes.append(Change(day, (), (made.new(level, day),)))
                continue
            if len(free) < 3:
                continue
            one, other, third = draw(st.permutations(free))[:3]
            taken, into, ended = (one,), tuple[str, ...](), True
            match kind:
                case "rename":
                    into = (made.new(level, day, one),)
                case "merge":
                    taken = (one, other, third) if draw(st.booleans()) else (one, other)
                    into = (made.new(level, day, *taken),)
                case "absorb":
                    if other in made.above(one):
                        continue
                    made.take_in(other, one)
                    into = (other,)
                case "split":
                    into = (made.new(level, day, one), made.new(level, day, one))
                case "part":
                    into, ended = (made.new(level, day, one),), False
                    made.parted.add(one)
            touched.update(taken, into)
            for code in taken if ended else ():
                made.end(code, day)
            changes.append(Change(day, taken, into, ended))
    return changes


COUNTS = st.one_of(st.integers(0, 9), st.integers(0, 60), st.just("x"), st.none())
PAIRS = st.one_of(
    st.sampled_from((1, 2, 4, 5, 20)).flatmap(lambda b: st.tuples(st.integers(0, b), st.just(b))),
    st.none(),
)


def _answers(draw: st.DrawFn, template: str) -> Answers:
    elements = TEMPLATES[template]
    answers = {element: draw(PAIRS if element == RATIO else COUNTS) for element in elements}
    if all(answer is None for answer in answers.values()):
        answers[elements[0]] = 0  # A blank form is no return.
    return answers


def _sent(draw: st.DrawFn, units: Iterable[str], round_: int) -> list[Sent]:
    files = []
    for code in units:
        for template, often in (("pctn", 8), ("cchc", 4)):
            if draw(st.integers(1, 10)) > often:
                continue  # It never reports.
            when = draw(st.sampled_from((0, 0, 0, 0, 1, 1, 2)))
            files.append(Sent(round_, code, template, when, 1, _answers(draw, template)))
            if draw(st.integers(1, 10)) > 8:  # It thinks better of it.
                later = draw(st.sampled_from(range(when, len(SENT))))
                files.append(Sent(round_, code, template, later, 2, _answers(draw, template)))
    return files


def _adjusted(draw: st.DrawFn, sent: list[Sent]) -> list[Adjusted]:
    found: dict[tuple[int, str, str], Adjusted] = {}
    if not sent:
        return []
    for file in draw(st.lists(st.sampled_from(sent), max_size=6)):
        element = draw(st.sampled_from(TEMPLATES[file.template]))
        answer = draw(PAIRS if element == RATIO else COUNTS)
        recorded = draw(st.sampled_from(range(file.round, len(ROUNDS) + 1)))
        item = Adjusted(recorded, file.round, file.unit, element, answer)
        found[file.round, file.unit, element] = item
    return list(found.values())


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """A province of a few units and three rounds."""
    made = _Making()
    for _ in range(draw(st.integers(5, 8))):
        made.new(draw(st.sampled_from(LEVELS)), None)
    changes = _changes(draw, made)
    units = tuple(made.units.values())
    story = Story(units, tuple(changes), (), (), frozenset(), frozenset())
    sent = [file for at in range(len(ROUNDS)) for file in _sent(draw, story.alive(at), at)]
    return replace(
        story,
        sent=tuple(sent),
        adjusted=tuple(_adjusted(draw, sent)),
        excused=frozenset(
            draw(st.sets(st.sampled_from([unit.code for unit in units]), max_size=2))
        ),
        approved=frozenset(draw(st.sets(st.sampled_from((0, 1))))),
    )


@dataclass(frozen=True)
class Alike:
    """A figure over the units that told it both times, each with all that it shares a past with.

    ``sent`` are units whose returns came both times, ``now`` and ``then`` sums over ``units``.
    """

    sent: frozenset[str]
    units: frozenset[str]
    falling: frozenset[str]
    now: Fraction
    then: Fraction


def alike(
    origins: Mapping[str, set[str]],
    told: Mapping[str, Fraction | None],
    had: Mapping[str, Fraction | None],
) -> Alike:
    """Recount a figure; ``told`` and ``had`` are answers of those whose returns counted."""
    sent, units, falling = set(), set(), set()
    sums = [Fraction(0), Fraction(0)]
    heirs = {code: sources for code, sources in origins.items() if sources}
    for code in heirs:
        family, past = {code}, set(heirs[code])
        for _ in heirs:
            family |= {other for other, sources in heirs.items() if sources & past}
            past |= set[str]().union(*(heirs[other] for other in family))
        if not (family <= told.keys() and past <= had.keys()):
            continue
        sent.add(code)
        now = [each for each in (told[other] for other in family) if each is not None]
        then = [each for each in (had[other] for other in past) if each is not None]
        if len(now) < len(family) or len(then) < len(past):
            continue
        units.add(code)
        falling |= {code} if sum(now) < sum(then) else set()
        if code == min(family):
            sums = [sums[0] + sum(now), sums[1] + sum(then)]
    return Alike(frozenset(sent), frozenset(units), frozenset(falling), *sums)
