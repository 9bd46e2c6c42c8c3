"""What goes wrong in the year, event by event, and what must become of every file: data only.

A unit without an event sends its PCTN workbook (and its CCHC workbook) on the due date, and both
are accepted. ``stage`` counts the merges of a round from 1; the outcomes of a file are those at its
own merge and at each later one. The rules that speak of a file that counts are listed in ``says``;
what follows from days and from the past (``memory.late``, ``history.not_compared``) is not listed
here but worked out by ``plan``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

OK, WARNED, HELD, OLD, TWICE = (
    "accepted", "accepted_with_warnings", "held", "superseded", "duplicate",
)  # fmt: skip
NOT_OURS, BROKEN = "not_a_report", "unreadable"


@dataclass(frozen=True, slots=True)
class Change:
    """A figure typed wrongly: ``how`` is ``=`` (this), ``+``, ``*``, or ``before``
    (the figure of the round before, and so much more)."""

    how: str
    by: int | str


@dataclass(frozen=True, slots=True)
class Sent:
    """One file of a unit: what is wrong in it, how it is packed, what becomes of it.

    ``outcomes`` are those from merge ``stage`` on (the last one stays); ``issued_for`` is the round
    (1 to 4) whose workbook and figures were taken, 0 for the right one; ``issued_to`` the unit.
    """

    stage: int
    outcomes: tuple[str, ...]
    template: str = "pctn"
    suffix: str = ""
    revision: int = 1
    change: Mapping[str, Change] = field(default_factory=dict)
    packed: str = ""
    issued_for: int = 0
    issued_to: str = ""
    says: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """A row of ``corrections.xlsx``: ``element`` set to what is true, or a ``rule`` waived.

    It is entered before merge ``stage``; from then on the file says ``says``.
    """

    stage: int
    document: str
    reason: str
    element: str = ""
    rule: str = ""
    says: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """What happens to the PCTN return of a unit in a round (and to CCHC where a file says so)."""

    round: int
    unit: str
    what: str
    sent: tuple[Sent, ...] = ()
    correction: Correction | None = None


EVENTS = (
    # Quý I.
    Event(1, "X005", "nộp trễ 4 ngày", (Sent(2, (OK,)),)),
    Event(1, "X006", "không nộp"),
    Event(1, "S02", "gửi lại lần 2, số khác", (
        Sent(1, (OK, OLD), change={"c3": Change("+", -40)}),
        Sent(2, (OK,), suffix=" lần 2", revision=2),
        Sent(1, (OK,), "cchc"),
    )),
    Event(1, "X007", "gửi hai lần cùng một tệp", (
        Sent(1, (OK,)),
        Sent(1, (TWICE,), suffix=" (1)"),
    )),
    Event(1, "H01", "gửi cả hai biểu trong một tệp .zip", (
        Sent(1, (OK,), packed="zip"),
        Sent(1, (OK,), "cchc", packed="zip"),
    )),
    Event(1, "S03", "gửi biểu PCTN bằng thư .eml", (
        Sent(1, (OK,), packed="eml"),
        Sent(1, (OK,), "cchc"),
    )),
    Event(1, "X008", "chỉ gửi bản quét .pdf", (Sent(1, (NOT_OURS,), packed="pdf"),)),
    Event(1, "X009", "tệp hỏng, sau gửi lại", (
        Sent(1, (BROKEN,), packed="torn"),
        Sent(2, (OK,), suffix=" gửi lại"),
    )),
    # 6 tháng.
    Event(2, "X010", "hai tệp cùng Lần gửi 1, số khác nhau; sau gửi lần 2", (
        Sent(1, (HELD, OLD), change={"c3": Change("+", 7)}),
        Sent(1, (HELD, OLD), suffix=" bản khác"),
        Sent(2, (OK,), suffix=" lần 2", revision=2),
    )),
    Event(2, "X011", "gửi tệp quý I, chỉ sửa kỳ báo cáo", (Sent(1, (HELD,), issued_for=1),)),
    Event(2, "X012", "hai tệp cùng Lần gửi 1, số khác nhau, không gửi lại", (
        Sent(1, (HELD,), change={"c4": Change("+", 1)}),
        Sent(1, (HELD,), suffix=" bản khác"),
    )),
    Event(2, "X013", "MS 41 cộng không khớp MS 40; điều chỉnh theo công văn", (
        Sent(1, (WARNED, OK), change={"c41": Change("+", 2)}, says=("pctn_01.r40",)),
    ), Correction(2, "15/UBND", "Đơn vị đính chính", "c41", says=("memory.adjusted",))),
    Event(2, "X014", "MS 28 chỉ ghi 100%, không ghi tử số, mẫu số", (
        Sent(1, (OK,), change={"c28": Change("=", "100%")}),
    )),
    Event(2, "X007", "không nộp"),
    # 9 tháng.
    Event(3, "X015", "MS 3 thấp hơn 6 tháng; được miễn trừ", (
        Sent(1, (WARNED, OK), change={"c3": Change("before", -1)},
             says=("history.cumulative_drop",)),
    ), Correction(2, "16/TTT", "Rà soát lại số 6 tháng", rule="history.cumulative_drop",
                  says=("history.cumulative_drop",))),
    Event(3, "X016", "MS 3 thấp hơn 6 tháng; sau gửi lần 2", (
        Sent(1, (WARNED, OLD), change={"c3": Change("before", -5)},
             says=("history.cumulative_drop",)),
        Sent(2, (OK,), suffix=" lần 2", revision=2),
    )),
    Event(3, "X014", "MS 15 ghi bằng đồng; không ai quyết định", (
        Sent(1, (WARNED,), change={"c15": Change("=", 250_000_000)},
             says=("value.above_normal", "pctn_01.r15_11")),
    )),
    Event(3, "X017", "nộp sau ngày cuối cùng nhận", (Sent(3, (HELD,)),)),
    Event(3, "H02", "biểu PCTN nộp sau ngày cuối cùng, được chấp nhận", (
        Sent(3, (OK,), says=("memory.too_late",)),
        Sent(1, (OK,), "cchc"),
    ), Correction(3, "99/UBND", "Mất điện diện rộng", rule="memory.too_late")),
    Event(3, "X018", "gửi nhầm tệp của xã khác", (Sent(1, (HELD,), issued_to="X008"),)),
    Event(3, "S01", "biểu CCHC không nộp", (Sent(1, (OK,)),)),
    # Cả năm.
    Event(4, "X005", "MS 3 gấp 100 lần; điều chỉnh theo công văn", (
        Sent(1, (WARNED, OK), change={"c3": Change("*", 100)}, says=("history.outlier_peers",)),
    ), Correction(2, "30/UBND", "Gõ thừa hai số 0", "c3", says=("memory.adjusted",))),
    Event(4, "X006", "nộp trễ 5 ngày", (Sent(2, (OK,)),)),
    Event(4, "X015", "MS 49 ghi bằng đồng; điều chỉnh theo công văn", (
        Sent(1, (WARNED, OK), change={"c49": Change("=", 75_000_000)},
             says=("value.above_normal",)),
    ), Correction(2, "31/UBND", "Ghi bằng đồng", "c49", says=("memory.adjusted",))),
    Event(4, "X009", "nộp sau ngày cuối cùng nhận", (Sent(3, (HELD,)),)),
    Event(4, "X010", "không nộp"),
    Event(4, "S04", "gửi lần 2 bằng tệp .zip", (
        Sent(1, (OK, OLD), change={"c4": Change("+", 1)}),
        Sent(2, (OK,), suffix=" lần 2", revision=2, packed="zip"),
        Sent(1, (OK,), "cchc"),
    )),
)  # fmt: skip
AFTER_LOCK = Event(
    4, "X012", "gửi lần 2 sau khi kỳ đã khóa", (Sent(3, (OK,), suffix=" lần 2", revision=2,
                                                   change={"c3": Change("+", 1)}),)
)  # fmt: skip


def happens(number: int, unit: str) -> Event | None:
    """The event of a unit in a round.

    Of the communes that no event names every seventeenth is late and every twenty-ninth sends
    nothing, other ones in each round.
    """
    for event in EVENTS:
        if (event.round, event.unit) == (number, unit):
            return event
    at = int(unit[1:])
    if unit[0] == "X" and 20 <= at < 200:
        if (at + 5 * number) % 29 == 0:
            return Event(number, unit, "không nộp")
        if (at + 3 * number) % 17 == 0:
            return Event(number, unit, "nộp trễ", (Sent(2, (OK,)),))
    return None
