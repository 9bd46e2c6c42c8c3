"""Whole provinces through three rounds: what is recorded and compared, against a plain recount.

The merges are real ones but for the reading of files and the writing of reports: every file of the
inbox stands for a return that was made up.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from consolidate.intake.inbox import Inbox
from consolidate.merge import merge_inbox as pipeline
from consolidate.merge.province_memory import Memory
from consolidate.model.cells import CellRef
from consolidate.model.corrections import (
    TOO_LATE,
    Adjustment,
    CorrectionKind,
    Corrections,
    Revocation,
    Waiver,
)
from consolidate.model.data_values import DataValue, ValueKey, ValueStatus
from consolidate.model.deadlines import Calendar, CalendarRow, Deadline
from consolidate.model.period import Period
from consolidate.model.returns import DataSetReturn, FileReading, Outcome, Return, Source
from consolidate.model.runs import EventKind, PeriodEvent
from consolidate.model.units import Level, Roster
from consolidate.register.register import Register, open_register
from consolidate.rollup.comparison import Change, Compared, Comparison
from consolidate.rollup.result import MergeResult
from tests.cli.processes import quick_folder
from tests.library_2018 import library_2018
from tests.merge import generated
from tests.merge.generated import (
    DUE,
    GRACE,
    RATIO,
    ROUNDS,
    SENT,
    TEMPLATES,
    Answer,
    Answers,
    Key,
    Sent,
    Story,
    alike,
    number,
    percent,
    stories,
)
from tests.rollup.made import answers as read_cell

PERIODS = tuple(map(Period.parse_code, ROUNDS))
QUARTERS = tuple(map(Period.parse_code, ("2017-Q3", "2018-Q2", "2018-Q3")))
FORMS = {"pctn": "pctn_01", "cchc": "cchc_pl3_2"}
COLUMNS = {"pctn": "value", "cchc": "total"}
BEFORE, LAST_YEAR, NOW = 1, 0, 2
"""Rounds by what they are to the last one."""
LAST_STAGE = len(ROUNDS)


@dataclass
class Told:
    """What a merge should have on record: which file counts, and every total."""

    run: int
    counted: dict[Key, Sent]
    totals: dict[tuple[str, str], Fraction | None]

    def of(self, template: str) -> dict[str, Sent]:
        """Files that count for a template, by unit."""
        return {unit: file for (unit, own), file in self.counted.items() if own == template}


@dataclass
class Desk:
    """The register of a story, and beside it what it ought to know."""

    story: Story
    register: Register
    folder: Path
    told: dict[int, list[Told]] = field(default_factory=dict)

    def merge(self, round_: int, when: int, stage: int, day: date) -> MergeResult:
        """Merge what has come of a round, compare it, and write down what should be known."""
        inbox = self.folder / ROUNDS[round_]
        inbox.mkdir(exist_ok=True)
        contents: dict[str, Return] = {}
        for file in self.story.sent:
            if (file.round, True) == (round_, file.when <= when):
                (inbox / file.name).write_bytes(f"{round_} {file.name}".encode())
                contents[file.name] = content(file)
        memory = Memory(
            library=library_2018(),
            register=self.register,
            as_of=day,
            roster=Roster.of(
                self.story.units, province="Tỉnh thử", added=frozenset({"cchc_pl3_2"})
            ),
            calendar=CALENDAR,
            corrections=self.register.corrections().in_force(day),
            revision=self.register.revision(),
        )
        request = pipeline.MergeRequest(library_2018(), inbox, PERIODS[round_], memory=memory)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pipeline, "read_inbox", lambda _, found, *__: made_up(found, contents))
            patch.setattr(pipeline, "write_results", lambda *_, **__: {})
            result = pipeline.merge(request)
            _, recorded = pipeline.remember(request, result, self.folder)
        counted = self.story.counted(round_, when)
        totals = {
            (template, element): generated.total(
                element,
                [
                    self.story.used(file, stage)[element]
                    for (_, own), file in counted.items()
                    if own == template
                ],
            )
            for template, elements in TEMPLATES.items()
            for element in elements
        }
        self.told.setdefault(round_, []).append(Told(recorded.run.number, counted, totals))
        return result

    def correct(self, stage: int, day: date) -> None:
        """Put the corrections of a stage on record."""
        items = [
            (number_, item)
            for number_, item in enumerate(self.story.adjusted)
            if item.recorded == stage
        ]
        waivers = (
            Waiver(f"M-{code}", TOO_LATE, code, None, "TTT", day, "Mưa bão")
            for code in sorted(self.story.excused)
        )
        adjustments = (
            Adjustment(
                f"D-{number_}",
                (PERIODS if item.element in TEMPLATES["pctn"] else QUARTERS)[item.round],
                item.unit,
                ValueKey(*key_of(item.element)),
                typed(item.answer),
                "TTT",
                day,
                "Sai sót",
            )
            for number_, item in items
        )
        self.register.add_corrections(
            Corrections(tuple(adjustments), () if stage else tuple(waivers))
        )

    def standing(self, round_: int) -> Told:
        """The merge that speaks for a round: the first one where that was approved."""
        runs = self.told[round_]
        return runs[0] if round_ in self.story.approved else runs[-1]


CALENDAR = Calendar(
    tuple(
        CalendarRow(period, Deadline(None, due, due + timedelta(days=GRACE), "1/TTT"))
        for periods in (PERIODS, QUARTERS)
        for period, due in zip(periods, DUE, strict=True)
    )
)


def made_up(inbox: Inbox, contents: Mapping[str, Return]) -> tuple[Source, ...]:
    """Readings of an inbox whose files stand for returns."""
    found = []
    for name in inbox.files:
        data = (inbox.root / name).read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        found.append(Source((FileReading(name, digest, len(data), contents[name]),)))
    return tuple(found)


def content(file: Sent) -> Return:
    """What the program would read in a file."""
    code = DataValue(
        ValueKey("cover", "unit_code", "value"),
        file.unit,
        ValueStatus.REPORTED,
        file.unit,
        CellRef("Bìa", 11, 2),
    )
    values = [value for element, answer in file.answers.items() for value in cell(element, answer)]
    form = FORMS[file.template]
    return Return(
        file.template,
        "2018.1",
        DataSetReturn("cover", "Bìa", (code,)),
        (DataSetReturn(form, form, tuple(values)),),
        period=(PERIODS if file.template == "pctn" else QUARTERS)[file.round],
        revision=file.revision,
        pack="pctn-2014" if file.template == "pctn" else "cchc-2018",
    )


def typed(answer: Answer) -> str:
    if isinstance(answer, tuple):
        return f"{answer[0]}/{answer[1]}"
    return "" if answer is None else str(answer)


def key_of(element: str) -> tuple[str, str, str]:
    template = next(code for code, elements in TEMPLATES.items() if element in elements)
    return FORMS[template], element, COLUMNS[template]


def cell(element: str, answer: Answer) -> list[DataValue]:
    if element in TEMPLATES["pctn"]:
        return read_cell(element, typed(answer))
    status = ValueStatus.REPORTED if isinstance(answer, int) else ValueStatus.MISSING
    if answer == "x":
        status = ValueStatus.NOT_APPLICABLE
    number_ = Decimal(answer) if isinstance(answer, int) else None
    place = CellRef("cchc_pl3_2", 9, 3)
    return [DataValue(ValueKey(*key_of(element)), number_, status, typed(answer), place)]


def exact(value: Decimal | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def past_of(
    desk: Desk, template: str, then: int, stage: int
) -> dict[str, tuple[str, set[str], dict[str, Fraction | None]]]:
    """For each unit of the last round what hinders, where it comes from, its figures then."""
    counted = desk.standing(then).of(template)
    origins = desk.story.origins(then)
    found = {}
    for code, sources in origins.items():
        heirs = [other for other, theirs in origins.items() if theirs & sources]
        missing = sources - counted.keys()
        why = "new" if not sources else "split" if len(heirs) > 1 else ""
        why = why or ("not_reported" if missing else "")
        parts: list[Answers] = [
            desk.story.used(counted[source], stage) for source in sorted(sources - missing)
        ]
        figures: dict[str, Fraction | None] = {}
        for element in TEMPLATES[template]:
            numbers = [number(part[element]) for part in parts]
            known = [each for each in numbers if each is not None]
            addable = len(numbers) == 1 or element != RATIO
            whole = bool(known) and len(known) == len(numbers) and addable
            figures[element] = sum(known, Fraction(0)) if whole and not why else None
        found[code] = (why, sources, figures)
    return found


def check_change(
    change: Change, now: Fraction | None, then: Fraction | None, why: str, *, ratio: bool
) -> None:
    assert (exact(change.now), exact(change.then), change.obstacle) == (now, then, why)
    assert change.points == ratio
    if now is None or then is None:
        assert change.difference is None
        assert change.percent is None
        return
    assert exact(change.difference) == now - then
    expected = None if ratio or not then else percent(now, then)
    assert exact(change.percent) == expected


def check_comparison(desk: Desk, found: Comparison, template: str, then: int, stage: int) -> None:
    """One comparison of the last round beside the recount."""
    told, today = desk.standing(then), desk.told[NOW][-1]
    counted = told.of(template)
    if not counted:
        assert (found.run, found.figures, found.reporters) == (0, (), ())
        return
    assert found.run == told.run
    assert found.reporters == tuple(sorted(counted))
    past = past_of(desk, template, then, stage)
    taken = set[str]().union(*(sources for _, sources, _ in past.values()))
    assert found.gone == tuple(sorted(counted.keys() - taken))
    assert {code: item.obstacle for code, item in found.units.items()} == {
        code: why for code, (why, _, _) in past.items()
    }
    assert {code: set(item.units) for code, item in found.units.items()} == {
        code: sources for code, (_, sources, _) in past.items()
    }
    restated = 0
    by_element = {item.element.code: item for item in found.figures if item.column in
                  (COLUMNS[template],)}  # fmt: skip
    for element in TEMPLATES[template]:
        ratio = element == RATIO
        item = by_element[element]
        now, before = today.totals[template, element], told.totals[template, element]
        hindered = "" if before is not None else "not_summed" if ratio else "not_reported"
        check_change(item.total, now, before, hindered, ratio=ratio)
        within = template == "pctn" and then == BEFORE and not ratio
        fell = within and now is not None and before is not None and now < before
        assert found.falls(item, item.total) == fell
        check_both(desk, found, item, template, then, stage)
        own = today.of(template)
        assert item.units.keys() == own.keys()
        for code, change in item.units.items():
            why, sources, figures = past[code]
            merged = ratio and len(sources) > 1
            if not why and figures[element] is None:
                why = "not_summed" if merged else "not_reported"
            current = number(desk.story.used(own[code], stage)[element])
            check_change(change, current, figures[element], why, ratio=ratio)
        sums = generated.total(
            element, [desk.story.used(file, stage)[element] for file in counted.values()]
        )
        restated += not ratio and sums != before
    assert found.restated == restated
    others = [i for i in found.figures if i.element.code not in TEMPLATES[template]]
    assert not [i for i in others if (i.total.now, i.total.then) != (None, None)]


def check_both(
    desk: Desk, found: Comparison, item: Compared, template: str, then: int, stage: int
) -> None:
    """A figure over the units that told it both times."""
    element, difference = item.element.code, item.total.difference
    told, had = (
        {unit: number(desk.story.used(file, stage)[element]) for unit, file in counted.items()}
        for counted in (desk.told[NOW][-1].of(template), desk.standing(then).of(template))
    )
    right = alike(desk.story.origins(then), told, had)
    assert set(found.both) == right.sent
    if item.total.obstacle and (element, item.total.obstacle) != (RATIO, "not_summed"):
        assert item.both is None
        return
    assert item.both is not None
    if element == RATIO:
        now = desk.told[NOW][-1].of(template)
        answers = [desk.story.used(now[unit], stage)[element] for unit in item.both.units]
        assert set(item.both.units) <= right.units
        assert not answers or exact(item.both.now) == generated.total(element, answers)
        assert item.both.falling == ()
        return
    assert (set(item.both.units), set(item.both.falling)) == (right.units, right.falling)
    assert (exact(item.both.now), exact(item.both.then)) == (right.now, right.then)
    less = difference is not None and (difference < 0 or right.now < right.then)
    assert set(found.fallen(item)) == (right.falling if found.within_year and less else set())


def check_findings(desk: Desk, result: MergeResult, stage: int) -> None:
    """Figures of units that fell within the year, and what is said of those without a past."""
    fallen: set[tuple[str, str]] = set()
    hindered: set[tuple[str, str]] = set()
    for template in TEMPLATES:
        own = desk.told[NOW][-1].of(template)
        for then in (BEFORE, LAST_YEAR):
            if not desk.standing(then).of(template):
                continue
            past = past_of(desk, template, then, stage)
            hindered |= {(code, template) for code in own if past[code][0]}
            for code, file in own.items() if (template, then) == ("pctn", BEFORE) else ():
                for element in ("c3", "c4"):
                    now = number(desk.story.used(file, stage)[element])
                    before = past[code][2][element]
                    if now is not None and before is not None and now < before:
                        fallen.add((code, element))
    said: set[tuple[str, str]] = set()
    silent: set[tuple[str, str]] = set()
    for record, finding in result.findings():
        assert record.unit is not None
        assert record.content is not None
        if finding.rule == "history.cumulative_drop":
            said.add((record.unit.code, finding.element))
        if finding.rule == "history.not_compared":
            silent.add((record.unit.code, record.content.template))
    assert said == fallen
    assert silent == hindered


def check_record(desk: Desk, result: MergeResult, round_: int, stage: int) -> None:
    """Outcomes, totals and the number of units in each, as the register has them."""
    told = desk.told[round_][-1]
    counted = {
        (record.unit.code, record.content.template)
        for record in result.records
        if record.outcome.counted and record.unit is not None and record.content is not None
    }
    assert counted == told.counted.keys()
    files = {f.name for f in told.counted.values()}
    assert {r.path for r in result.records if r.outcome.counted} == files
    assert {r.outcome for r in result.records if r.path not in files} <= {
        Outcome.HELD, Outcome.SUPERSEDED
    }  # fmt: skip
    wanted = {
        (*key_of(element), level): of_level(desk, told, template, element, level, stage)
        for template, elements in TEMPLATES.items()
        for element in elements
        for level in ("", *(level.value for level in Level))
    }
    recorded = {
        (item.data_set, item.element, item.column, item.level): (exact(item.total), item.units)
        for item in desk.register.totals(told.run)
    }
    for key, (total, units) in wanted.items():
        assert recorded.get(key, (None, 0)) == (total, units), key


def of_level(
    desk: Desk, told: Told, template: str, element: str, level: str, stage: int
) -> tuple[Fraction | None, int]:
    answers = [
        desk.story.used(file, stage)[element]
        for code, file in told.of(template).items()
        if level in ("", desk.story.level(code).value)
    ]
    given = [answer for answer in answers if number(answer) is not None]
    return generated.total(element, given), len(given)


def play(story: Story, register: Register, folder: Path) -> Iterator[tuple[Desk, MergeResult, int]]:
    """All merges of a story, each as it is recorded, with the stage of the corrections."""
    desk = Desk(story, register, folder)
    for round_ in range(len(ROUNDS)):
        days = [DUE[round_] + timedelta(days=after) for after in SENT]
        desk.correct(round_, days[0])
        late = max((file.when for file in story.sent if file.round == round_), default=0)
        for when in range(late + 1):
            result = desk.merge(round_, when, round_, days[when])
            check_record(desk, result, round_, round_)
            yield desk, result, round_
        if round_ in story.approved:
            run = desk.told[round_][0].run
            event = PeriodEvent(EventKind.APPROVED, PERIODS[round_], "A", days[-1], "", run)
            register.add_event(event)
    last = DUE[NOW] + timedelta(days=SENT[-1] + 1)
    desk.correct(LAST_STAGE, last)
    result = desk.merge(NOW, len(SENT) - 1, LAST_STAGE, last)
    check_record(desk, result, NOW, LAST_STAGE)
    yield desk, result, LAST_STAGE
    check_locked(desk, result, last)


def check_locked(desk: Desk, result: MergeResult, day: date) -> None:
    """What was said of the last round when it was locked is said of it for ever after."""
    run = desk.told[NOW][-1].run
    lock = PeriodEvent(EventKind.LOCKED, PERIODS[NOW], "A", day, "1/QĐ", run)
    desk.register.add_event(lock)
    earlier = [
        Adjustment(
            f"L-{at}-{code}",
            PERIODS[at],
            code,
            ValueKey(*key_of("c3")),
            "59",
            "TTT",
            day,
            "Sai sót",
        )
        for at in (BEFORE, LAST_YEAR)
        for code in desk.story.alive(at)
    ]
    revoked = [
        Revocation(CorrectionKind.ADJUSTMENT, f"D-{number_}", "TTT", day, "Ghi nhầm")
        for number_, item in enumerate(desk.story.adjusted)
        if item.round != NOW
    ]
    desk.register.add_corrections(Corrections(tuple(earlier), (), tuple(revoked)))
    desk.merge(BEFORE, len(SENT) - 1, LAST_STAGE, day)
    again = desk.merge(NOW, len(SENT) - 1, LAST_STAGE, day + timedelta(days=1))
    assert desk.told[NOW][-1].run == run
    assert again.comparisons == result.comparisons
    assert again.findings() == result.findings()


@settings(max_examples=14, deadline=None, suppress_health_check=list(HealthCheck))
@given(stories())
def test_a_province_is_recorded_and_compared_as_it_was(story: Story) -> None:
    with (
        quick_folder(Path(tempfile.gettempdir())) as root,
        tempfile.TemporaryDirectory(dir=root) as made,
        open_register(Path(made, "register.sqlite3"), Path(made, "register")) as register,
    ):
        for desk, result, stage in play(story, register, Path(made)):
            found = {(c.table.data_set.code, c.past): c for c in result.comparisons}
            if NOW not in desk.told:
                assert not [item for item in found.values() if item.known]
                continue
            for template, form in FORMS.items():
                periods = PERIODS if template == "pctn" else QUARTERS
                for then in (BEFORE, LAST_YEAR):
                    check_comparison(desk, found[form, periods[then]], template, then, stage)
            check_findings(desk, result, stage)
