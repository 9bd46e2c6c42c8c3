"""A small province on disk that is issued templates, fills them in and is merged, day by day."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from consolidate.cli.main import main
from consolidate.model.deadlines import Calendar, CalendarRow, Deadline
from consolidate.model.period import DataWindow, Period
from consolidate.model.reasons import Reason
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.province.workspace import DATABASE, Workspace, create
from consolidate.register.register import Register, open_register
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from tests.databases import keep_register_in
from tests.library_2018 import library_2018
from tests.merge.filling import typed_into
from tests.recipes.recipe import clean_values

PCTN = frozenset({"pctn"})
OLD, HALF, AUTUMN = date(2018, 6, 30), date(2018, 7, 1), date(2018, 10, 1)


def _unit(code: str, name: str, level: Level = Level.COMMUNE, **more: Any) -> OrganisationUnit:
    return OrganisationUnit(code, name, level, templates=PCTN, **more)


UNITS = (
    _unit("S1", "Sở Nội vụ", Level.PROVINCE),
    _unit("H1", "UBND huyện An Đông", Level.DISTRICT),
    _unit("X1", "UBND xã An Đông", valid_to=OLD),
    _unit("X2", "UBND xã An Tây"),
    _unit("X3", "UBND xã An Nam", valid_to=OLD),
    _unit("X4", "UBND xã An Bắc", valid_to=OLD),
    _unit("X5", "UBND xã Bình Minh"),
    _unit("X6", "UBND xã Bình Yên", valid_to=date(2018, 9, 30)),
    _unit("X11", "UBND phường Đông Thành", valid_from=HALF, predecessors=("X1",)),
    _unit("X34", "UBND xã Nam Bắc", valid_from=HALF, predecessors=("X3", "X4")),
    _unit("X61", "UBND xã Yên Hạ", valid_from=AUTUMN, predecessors=("X6",)),
    _unit("X62", "UBND xã Yên Thượng", valid_from=AUTUMN, predecessors=("X6",)),
    _unit("S2", "Sở Tư pháp", Level.PROVINCE, valid_from=AUTUMN),
)
ROSTER = Roster.of(UNITS, province="Tỉnh Sông Tiền")
SIX, NINE, YEAR = (Period.parse_code(f"2018-{code}") for code in ("6M", "9M", "Y"))
CALENDAR = Calendar(
    tuple(
        CalendarRow(
            period,
            Deadline(
                DataWindow(date(2017, 11, 6), end),
                date(2018, month, 5),
                date(2018, month, 15),
                f"{month}/TTT",
            ),
        )
        for period, month, end in (
            (SIX, 6, date(2018, 5, 25)),
            (NINE, 9, date(2018, 8, 28)),
            (YEAR, 12, date(2018, 11, 5)),
        )
    )
)
Finding = tuple[str, str, str, str, str, str]


@dataclass(frozen=True)
class Merged:
    """What one call of the command left behind."""

    code: int
    said: str
    document: dict[str, Any]
    files: Mapping[str, bytes]

    def outcomes(self) -> dict[str, str]:
        """Outcomes by file, with the member in an archive."""
        return {"/".join(filter(None, (item["file"], item["member"]))): item["outcome"]
                for item in self.document["returns"]}  # fmt: skip

    def findings(self) -> list[Finding]:
        """Findings by unit, without their messages."""
        keys = ("unit", "rule", "severity", "element", "found", "expected")
        return sorted(tuple(item[key] for key in keys) for item in self.document["findings"])  # type: ignore[misc]

    def message(self, rule: str, unit: str) -> str:
        """The message of the one finding of a rule and unit."""
        (found,) = (
            item["message"]
            for item in self.document["findings"]
            if (item["rule"], item["unit"]) == (rule, unit)
        )
        return str(found)

    def total(self, element: str) -> int | None:
        """The total of the province of a figure of pctn_01."""
        (found,) = (
            item["total"]
            for item in self.document["totals"]
            if (item["data_set"], item["element"], item["column"]) == ("pctn_01", element, "value")
        )
        return None if found is None else int(found)


@dataclass(frozen=True)
class Province:
    """A workspace and the people around it."""

    workspace: Workspace

    @classmethod
    def make(
        cls,
        root: Path,
        roster: Roster = ROSTER,
        calendar: Calendar = CALENDAR,
        database: str = DATABASE,
    ) -> Province:
        """A new workspace with a roster and a calendar."""
        parts = create(root, roster, calendar, library_2018().template_by_code)
        assert all(part.made for part in parts)
        return cls(keep_register_in(root, database))

    def inbox(self, period: Period) -> Path:
        """The folder of the files of a period."""
        folder = self.workspace.inbox / period.code
        folder.mkdir(exist_ok=True)
        return folder

    def issue(self, period: Period) -> dict[str, bytes]:
        """Issued templates by the code of the unit."""
        assert main(["issue", period.code, "--workspace", str(self.workspace.root)]) == 0
        files = (self.workspace.outbox / period.code).glob("*.xlsx")
        return {path.name.split("-")[0].upper(): path.read_bytes() for path in files}

    def send(self, period: Period, name: str, data: bytes) -> None:
        """Put a file into the inbox of a period."""
        (self.inbox(period) / name).write_bytes(data)

    def merge(self, period: Period, day: str, *more: str) -> Merged:
        """Merge the inbox of a period on a day."""
        said = io.StringIO()
        call = ["merge", str(self.inbox(period)), "--period", period.code, "--as-of", day]
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = main([*call, "--jobs", "0", *more])
        files = {path.name: path.read_bytes() for path in self.workspace.results.iterdir()}
        document = json.loads(files.get("result.json", b"{}"))
        return Merged(code, " ".join(said.getvalue().split()), document, files)

    @contextlib.contextmanager
    def register(self) -> Iterator[Register]:
        """The register of the workspace."""
        with open_register(self.workspace.database_url, self.workspace.register) as register:
            yield register

    def reasons(self, period: Period, file: str) -> list[Reason | None]:
        """Why a file became what it did in each run of a period, the oldest first."""
        with self.register() as register:
            return [
                outcome.reason
                for run in register.runs(period)
                for outcome in register.outcomes(run.number)
                if outcome.path == file
            ]


def filled(issued: bytes, **answers: Any) -> bytes:
    """An issued template with clean answers typed in, and others over them (``c3=5``)."""
    named = _answers(answers)
    mine = {name for name in named if name.startswith("cover.")} - {"cover.revision"}
    return typed_into(issued, {name: named[name] for name in named if name not in mine})


def blank_filled(unit: OrganisationUnit, period: Period, **answers: Any) -> bytes:
    """The template for everybody, filled in by a unit."""
    return _blank_filled(unit, period, tuple(answers.items()))


@cache
def _blank_filled(
    unit: OrganisationUnit, period: Period, answers: tuple[tuple[str, Any], ...]
) -> bytes:
    cover = {
        "cover.unit_name": unit.name,
        "cover.unit_code": unit.code,
        "cover.level": unit.level.label,
        "cover.period_type": period.type.label,
        "cover.period_year": period.year,
        "cover.window_from": date(period.year - 1, 11, 6),
        "cover.window_to": date(period.year, min(period.last_day.month, 11), 5),
    }
    return build_template(library_2018(), "pctn", Prefill(values=_answers(dict(answers)) | cover))


def _answers(given: Mapping[str, Any]) -> dict[str, Any]:
    named = {
        f"cover.{name}" if name == "revision" else f"pctn_01.{name}": value
        for name, value in given.items()
    }
    return clean_values("pctn") | named
