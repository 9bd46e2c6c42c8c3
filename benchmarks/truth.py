"""What was typed into an inbox, and whether a job read every figure of it.

Nothing of ``consolidate`` is imported: the scripts that are compared with it pay for their own
imports only.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path


def checksums(sums: dict[str, int], file: str, pairs: Iterable[tuple[object, object]]) -> None:
    """Add the figures of a file, each with the code of its element, to the sums of the elements.

    The sums do not depend on the order of files or figures. Each figure adds the checksum of its
    file, code and number: one that was lost, changed, read twice or in another file changes a sum.
    What divides in a ratio such as 12/13 is a figure of its own, ``c28/``.
    """
    for element, figure in pairs:
        code = plain(element)
        for part in plain(figure).split("/") if code else ():
            if part:
                told = zlib.crc32(f"{file} {code} {part}".encode())
                sums[code] = sums.get(code, 0) + told
            code += "/"


def plain(value: object) -> str:
    """Write a value in one way, whatever type it was read as; ``""`` for one without a digit.

    A blank cell, which pandas reads as NaN, is no figure, nor is "not applicable".
    """
    try:
        return f"{Decimal(str(value)).normalize():f}".replace("NaN", "")
    except InvalidOperation:
        text = str(value).strip()
        return text if any(map(str.isdigit, text)) else ""


@dataclass
class Truth:
    """What was typed: ``sums`` of the figures of the main form by element, ``totals`` of those
    that are numbers; ``sheets`` are the cover and the forms, ``main`` the name of the main form's.
    """

    forms: str
    sheets: tuple[str, ...]
    main: str
    sums: dict[str, int] = field(default_factory=dict)
    totals: dict[str, str] = field(default_factory=dict)

    def add(self, file: str, typed: Mapping[str, object]) -> None:
        """Note what was typed into the main form of a file, by element."""
        checksums(self.sums, file, typed.items())
        for code, figure in typed.items():
            if isinstance(figure, int | float | Decimal):
                total = Decimal(self.totals.get(code, 0)) + Decimal(str(figure))
                self.totals[code] = str(total)

    def save(self, inbox: Path) -> None:
        """Write the truth beside the inbox that it is of."""
        _beside(inbox).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def of(cls, inbox: Path) -> Truth:
        """Read the truth beside an inbox."""
        return cls(**json.loads(_beside(inbox).read_text(encoding="utf-8")))


def _beside(inbox: Path) -> Path:
    return inbox.with_name(f"{inbox.name}.truth.json")


@dataclass
class Task:
    """What a job is given, and what it found: figures, or a number that tells what it ``made``.

    Checking takes time that is no job's: it is measured, to be taken off.
    """

    inbox: Path
    out: Path
    truth: Truth
    made: int = 0
    sums: dict[str, int] = field(default_factory=dict)
    totals: dict[str, Decimal | None] = field(default_factory=dict)
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def paths(self) -> list[Path]:
        """The files of the inbox in their order."""
        return sorted(self.inbox.glob("*.xlsx"))

    def read(self, file: str, pairs: Iterable[tuple[object, object]]) -> None:
        """Take the figures of the main form of a file, each with the code of its element."""
        clock, cpu = time.perf_counter(), time.process_time()
        checksums(self.sums, file, pairs)
        self.seconds += time.perf_counter() - clock
        self.cpu += time.process_time() - cpu

    def wrong(self) -> list[str]:
        """List the elements whose figures are not those that were typed, and totals that differ.

        A job that tells no totals is not asked for them.
        """
        said, typed = self.sums, self.truth.sums
        found = [code for code in sorted(said | typed) if said.get(code) != typed.get(code)]
        for code, total in self.truth.totals.items() if self.totals else ():
            if self.totals.get(code) != Decimal(total):
                found.append(f"total of {code}")
        return found
