"""A small province whose register is filled through the store's own methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from consolidate.cli.main import main
from consolidate.intake.answers import read_typed
from consolidate.model.cells import CellRef
from consolidate.model.data_values import DataValue, ValueKey
from consolidate.model.datasets import Aggregation
from consolidate.model.deadlines import Calendar
from consolidate.model.period import Period
from consolidate.model.reasons import Finding, joined
from consolidate.model.returns import Outcome
from consolidate.model.runs import RunHead, RunOutcome, RunTotal
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.province.workspace import DATABASE, Workspace, create
from consolidate.register.blobs import digest_of
from consolidate.register.facts import NewFile, StoredReturn
from consolidate.register.register import Register, open_register
from tests.databases import keep_register_in
from tests.library_2018 import library_2018

PROGRAM = "0.1.0"
NINE, QUARTER = Period.parse_code("2018-9M"), Period.parse_code("2018-Q3")
FIRST, SECOND = date(2018, 9, 5), date(2018, 9, 7)
ROSTER = Roster.of(
    (
        OrganisationUnit("S01", "Sở Nội vụ", Level.PROVINCE),
        OrganisationUnit("H01", "UBND huyện An Đông", Level.DISTRICT),
        OrganisationUnit("H02", "UBND huyện Bình Tây", Level.DISTRICT),
        OrganisationUnit("X00", "UBND xã Cũ", Level.COMMUNE, valid_to=date(2018, 6, 30)),
    ),
    province="Tỉnh Sông Tiền",
)
Typed = str | float


class LastOfSeptember(date):
    """A clock for what asks ``date`` of the day of today."""

    @classmethod
    def today(cls) -> date:
        return datetime(2018, 9, 30).date()


@dataclass(frozen=True)
class File:
    """One file of a run: whose it is, what became of it, what is typed in its cells by name."""

    unit: str
    typed: Mapping[str, Typed] | None = None
    outcome: Outcome = Outcome.ACCEPTED
    reason: str = "Đọc đủ, không có lỗi."
    path: str = ""
    member: str = ""
    template: str = "pctn"
    findings: tuple[Finding, ...] = ()

    @property
    def name(self) -> str:
        return self.path or f"{self.unit}.xlsx"

    @property
    def content(self) -> bytes:
        return repr((self.unit, self.typed, self.template)).encode()

    def values(self) -> tuple[DataValue, ...]:
        found: list[DataValue] = []
        for line, (name, typed) in enumerate((self.typed or {}).items(), 10):
            code, element, *rest = name.split(".")
            data_set = library_2018().by_code[code]
            row = int(rest[0]) if rest and rest[0].isdigit() else 0
            column = "" if row else (rest[0] if rest else "value")
            key = ValueKey(code, element, column, row)
            found += [
                DataValue(
                    value.key,
                    value.value,
                    value.status,
                    value.raw,
                    CellRef(data_set.sheet, line, 5),
                    value.normalisation,
                    value.problem,
                    value.readings,
                )
                for value in read_typed(data_set, key, typed)
            ]
        return tuple(found)

    def outcome_row(self) -> RunOutcome:
        return RunOutcome(
            self.name,
            self.member,
            digest_of(self.content),
            self.unit,
            self.template,
            self.outcome,
            joined("", (self.reason,)),
            FIRST,
        )


def record(
    register: Register,
    files: Sequence[File],
    *,
    day: date = SECOND,
    period: Period = NINE,
    roster: str | Path = "r",
    calendar: str = "",
    corrections: str = "",
    result: str = "",
) -> int:
    """Record a merge of these files with the totals that follow; the number of the run.

    ``roster`` is the workbook, or any text in its place; ``calendar`` is a digest.
    """
    listed = roster.read_bytes() if isinstance(roster, Path) else roster.encode()
    register.add_files(NewFile(file.name, file.content, FIRST) for file in files)
    register.add_returns(
        StoredReturn(
            digest_of(file.content),
            PROGRAM,
            file.unit,
            file.template,
            "2018.1",
            library_2018().period_for(file.template, period),
            1,
            None,
            file.values(),
            file.findings,
        )
        for file in files
        if file.typed is not None
    )
    head = RunHead(
        period,
        day,
        PROGRAM,
        digest_of((result or repr(files)).encode()),
        digest_of(listed),
        calendar,
        corrections,
    )
    rows = [file.outcome_row() for file in files]
    return register.add_run(head, rows, totals(files)).run.number


def totals(files: Sequence[File]) -> list[RunTotal]:
    """Sums of every figure of the counted files, by level and for the province.

    Of a ratio there is no total: these units do not give the parts that it is made of.
    """
    levels = {unit.code: unit.level.value for unit in ROSTER.units}
    sums: dict[tuple[str, str, str], dict[str, list[Decimal]]] = {}
    for file in files:
        if not file.outcome.counted:
            continue
        for value in file.values():
            if value.number is not None:
                by_level = sums.setdefault(value.key[:3], {})
                for level in ("", levels[file.unit]):
                    by_level.setdefault(level, []).append(value.number)
    return [
        RunTotal(*key, level, _sum(key, numbers), len(numbers))
        for key, by_level in sums.items()
        for level, numbers in by_level.items()
    ]


def _sum(key: tuple[str, str, str], numbers: Sequence[Decimal]) -> Decimal | None:
    data_set = library_2018().by_code[key[0]]
    if data_set.aggregation_of(data_set.by_code[key[1]], key[2]) is Aggregation.RATIO:
        return None
    return sum(numbers, Decimal(0))


@dataclass(frozen=True)
class Province:
    """A workspace and its register."""

    workspace: Workspace
    capsys: pytest.CaptureFixture[str]

    @property
    def root(self) -> Path:
        return self.workspace.root

    def register(self) -> AbstractContextManager[Register]:
        return open_register(self.workspace.database_url, self.workspace.register)

    def run(self, *arguments: str) -> tuple[int, str]:
        """Exit code of a command in this workspace and all that it printed."""
        code = main([*arguments, "--workspace", str(self.root)])
        captured = self.capsys.readouterr()
        return code, captured.out + captured.err


def a_province(
    root: Path, capsys: pytest.CaptureFixture[str], database: str = DATABASE
) -> Province:
    """A new workspace with a roster of four units and nothing on record."""
    for _ in create(root, ROSTER, Calendar(), library_2018().template_by_code):
        pass
    return Province(keep_register_in(root, database), capsys)
