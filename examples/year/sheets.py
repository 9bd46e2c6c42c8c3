"""Every sheet of the workbooks of a round against the recount, as a spreadsheet shows them.

Asked twice: of the workbooks as written, and as LibreOffice has calculated them anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from examples.year.compare import Findings, table_of
from examples.year.page_rules import answered, note
from examples.year.plan import Expected
from examples.year.province import LEVELS, Round, Unit
from examples.year.recount import (
    PLANNED,
    FigureKey,
    Total,
    held_out,
    parts_of_ratio,
    recount,
)
from examples.year.same_units import Beside, Same, beside, value_of
from examples.year.truth import CRITERIA, INDICATORS, LEVEL_COLUMNS, RATIO, REWARDS, Value
from examples.year.workbooks import Cell, Sheet, read_book

NOTE = "Số đơn vị trong từng số liệu (không in)"
_PLACES = 6
_COLUMNS = dict(
    zip(
        (*LEVEL_COLUMNS, "agencies"),
        ("Tổng số", "Cấp tỉnh", "Cấp huyện", "Cấp xã", "Tổng số cơ quan đơn vị"),
        strict=True,
    )
)
_NUMBERS = {"r4": "4"} | {row: row.removeprefix("r").replace("_", ".") for row in CRITERIA}
_REWARDS = (
    "Tặng Bằng khen của Thủ tướng Chính phủ",
    "Tặng Bằng khen của Bộ, ngành, địa phương",
    "Tặng Giấy khen",
)
_RESULTS = {
    "accepted": "Đã nhận", "accepted_with_warnings": "Đã nhận, có điểm cần xử lý",
    "held": "Giữ lại chờ xem xét", "superseded": "Đã có bản gửi sau thay thế",
    "duplicate": "Trùng với tệp đã nhận", "not_a_report": "Không phải biểu mẫu báo cáo",
    "unreadable": "Không đọc được",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ended:
    """A round that is over, with the one before it, and all that is worked out of them once."""

    when: Round
    present: Sequence[Unit]
    now: Expected
    then: Expected | None
    totals: Mapping[FigureKey, Total]
    before: Mapping[FigureKey, Total]
    beside: Mapping[str, Beside]

    @classmethod
    def of(
        cls, when: Round, present: Sequence[Unit], now: Expected, then: Expected | None
    ) -> Ended:
        """Work out what the sheets of a round have to show."""
        totals = recount(now) | parts_of_ratio(now)
        forms: dict[str, list[FigureKey]] = {"pctn_01": [], "cchc_pl3_2": []}
        for key in totals:
            if key[0] in forms and key[2] not in ("numerator", "denominator"):
                forms[key[0]].append(key)
        found = {}
        if then is not None:
            found = {code: beside(keys, present, when, now, then) for code, keys in forms.items()}
        before = recount(then) if then is not None else {}
        return cls(when, present, now, then, totals, before, found)


def compare_document(document: Mapping[str, Any], ended: Ended) -> Findings:
    """What ``result.json`` says of the units that reported both times."""
    found = Findings()
    for code, must in ended.beside.items():
        (base,) = (
            item
            for item in document["compared_with"]
            if (item["data_set"], item["against"]) == (code, "previous")
        )
        found.hold("đơn vị có ở cả hai kỳ", code, list(must.both), base["both"])
        found.hold(
            "đơn vị có ở cả hai kỳ", f"{code}, vắng kỳ này", list(must.absent), base["absent"]
        )
        said = {
            (item["data_set"], item["element"], item["column"]): _same_of(item["both"])
            for item in document["comparison"]
            if (item["data_set"], item["against"]) == (code, "previous")
        }
        told = {
            key: _told(same, ended.totals[key].total, ended.before[key].total, code)
            for key, same in must.figures.items()
        }
        found.hold_all("số của đơn vị có ở cả hai kỳ", told, said)
    return found


def _told(same: Same, now: Decimal | None, then: Decimal | None, form: str) -> Same:
    """What is told of the same units: which of them fell only where the province has less.

    Figures of CCHC are those of a quarter, and less than in the one before is no fall.
    """
    if form != "pctn_01" or now is None or then is None:
        return replace(same, falling=())
    return same if now < then or same.now < same.then else replace(same, falling=())


def _same_of(item: Mapping[str, Any] | None) -> Same:
    if item is None:
        return Same(0, Decimal(0), Decimal(0))
    codes = (tuple(item[name]) for name in ("falling", "only_now", "only_then"))
    now, then = (Decimal(str(item[name] or 0)) for name in ("now", "then"))
    return Same(item["units"], now, then, *codes)


def compare_books(folder: Path, ended: Ended) -> Findings:
    """The summary and the tables to sign of a round, both in ``folder``, sheet by sheet."""
    found = Findings()
    signed = read_book(folder / f"bao-cao-{ended.when.slug}.xlsx")
    _official(signed, "", "biểu để ký", ended, found)
    book = read_book(folder / f"tong-hop-{ended.when.slug}.xlsx")
    _official(book, " toàn tỉnh", "biểu toàn tỉnh", ended, found)
    for form, data_set in (("Biểu 01", "pctn_01"), ("PL3-II", "cchc_pl3_2")):
        _by_unit(book[f"{form} theo đơn vị"], data_set, ended, found)
        _sources(book[f"Nguồn {form.removeprefix('Biểu ')}"], data_set, ended, found)
        if ended.then is not None:
            _comparison(book[f"So sánh {form}"], data_set, ended, found)
    if ended.then is not None:
        _unit_comparison(book["So sánh theo đơn vị"], ended, found)
    _files(book["Tệp nhận được"], ended, found)
    _overview(book["Tổng quan"], ended, found)
    return found


def near(value: object) -> object:
    """A number as exactly as a spreadsheet has it; anything else that is no number as nothing."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return round(Decimal(str(value)), _PLACES).normalize() + 0


def _official(
    book: Mapping[str, Sheet], suffix: str, what: str, ended: Ended, found: Findings
) -> None:
    """The tables of the forms: figures, and beside them of how many units they are."""
    now, totals = ended.now, ended.totals
    table = table_of(book[f"Biểu 01{suffix}"], "MS")
    for element in INDICATORS:
        key, row = ("pctn_01", element, "value"), table[element[1:]]
        must = near(totals[key].total)
        seen = row["SỐ LIỆU"]
        if totals[key].total is None and _crossed(now, key, set(now.level)):
            must = "x"
        else:
            seen = near(seen)  # Words say that a ratio cannot be worked out.
        found.hold(what, f"MS {element[1:]}", must, seen)
        if suffix:
            told = str(row[NOTE] or "").partition("\n")[0]
            must_say = note(answered(now, key, totals[key]))
            found.hold("ghi chú số đơn vị", f"MS {element[1:]}", must_say, told)
    table = table_of(book[f"PL3-II{suffix}"], "STT")
    for row_code, label in _NUMBERS.items():
        for column in LEVEL_COLUMNS:
            total = totals.get(("cchc_pl3_2", row_code, column))
            if total is None:
                continue
            seen = table[label][_COLUMNS[column]]
            must = near(total.total)
            if (row_code, column) == ("r5", "total"):
                second = totals["cchc_pl3_2", "r5", "agencies"].total
                must = f"{total.total}/{second}"
                seen = re.sub("[.,]", "", str(seen))  # The mark of thousands is the machine's own.
            elif total.total is None and _crossed(
                now, ("cchc_pl3_2", row_code, column), set(now.level)
            ):
                must = "x"
            else:
                seen = near(seen)
            found.hold(what, f"PL3-II {label} {_COLUMNS[column]}", must, seen)
    _lists(book, suffix, what, ended, found)


def _lists(
    book: Mapping[str, Sheet], suffix: str, what: str, ended: Ended, found: Findings
) -> None:
    """Rows of the lists and what is added up below them."""
    cases = [
        str(row["name"])
        for (_, template), answers in ended.now.counted.items()
        if template == "pctn"
        for row in answers.rows["pctn_02"]
    ]
    seen = [line[1].value for line in _numbered(book[f"Biểu 02{suffix}"])]
    found.hold(what, "Biểu 02, các vụ", sorted(cases), sorted(map(str, seen)))
    sheet = book[f"PL3-I{suffix}"]
    plans = [
        (str(row["plan"]), *(near(row[element]) for element in PLANNED))
        for (_, template), answers in ended.now.counted.items()
        if template == "cchc"
        for row in answers.rows["cchc_pl3_1"]
    ]
    rows = [
        (str(line[1].value), *(near(cell.value) for cell in line[3:7])) for line in _numbered(sheet)
    ]
    found.hold(what, "PL3-I, các kế hoạch", sorted(plans, key=str), sorted(rows, key=str))
    sums = {
        str(line[0].value): tuple(near(cell.value) for cell in line[3:7])
        for line in sheet.iter_rows()
        if str(line[0].value).startswith("Cộng ")
    }
    must = {"Cộng toàn tỉnh": ""}
    if suffix:
        must |= {f"Cộng {name[0].lower()}{name[1:]}": level for level, name in LEVELS.items()}
    for label, level in must.items():
        totals = [ended.totals["cchc_pl3_1", element, ""] for element in PLANNED]
        parts = [total.by_level.get(level) if level else total.total for total in totals]
        if any(part is not None for part in parts):
            told = tuple(near(part) for part in parts)
            found.hold(what, f"PL3-I, {label}", told, sums.get(label))


def _numbered(sheet: Sheet) -> Iterator[tuple[Cell, ...]]:
    """Rows of a list: those that begin with a running number."""
    for line in sheet.iter_rows():
        if isinstance(line[0].value, int | float):
            yield line


def _by_unit(sheet: Sheet, data_set: str, ended: Ended, found: Findings) -> None:
    """Every unit, level, kind of unit and superior beside the whole, figure by figure."""
    lines = list(sheet.iter_rows())
    top = next(at for at, line in enumerate(lines) if line[0].value in ("MS", "STT"))
    heads = [str(cell.value or "") for cell in lines[top]]
    codes = [str(cell.value or "") for cell in lines[top + 2]]
    now, template = ended.now, data_set.partition("_")[0]
    divisions = {"": set(now.level)} | {
        level: {code for code, own in now.level.items() if own == level} for level in LEVELS
    }
    divisions |= {name: set(units) for name, units in now.groups.items()}
    names = _division_names(ended)
    counted = {code: told for (code, own), told in now.counted.items() if own == template}
    columns = {at: code for at, code in enumerate(codes) if code}
    found.hold("đơn vị của trang theo đơn vị", data_set, sorted(counted), sorted(columns.values()))
    for key, line in _figures(lines[top + 3 :], data_set):
        total = ended.totals[key]
        for at in range(3, len(line)):
            seen: object = line[at].value
            if at in columns:
                value = value_of(counted[columns[at]], key)
                name = ".".join((*key, columns[at]))
                must: object
                if held_out(key[1], value):
                    must, seen = f"{value}", str(seen).replace(".", "")
                elif value == "x":
                    must = "x"
                else:
                    must, seen = near(value), near(seen)
                found.hold("ô theo đơn vị", name, must, seen)
            elif heads[at] in names:
                own = names[heads[at]]
                part = {"": total.total, **total.by_level, **total.by_group}.get(own)
                must = near(part)
                if part is None and _crossed(now, key, divisions[own]):
                    must = "x"
                else:
                    seen = near(seen)
                found.hold("ô cộng theo đơn vị", ".".join((*key, own)), must, seen)
            elif heads[at]:
                found.hold(
                    "ô cộng theo đơn vị", f"{sheet.title}!{heads[at]}", "cột biết trước", "lạ"
                )


def _division_names(ended: Ended) -> dict[str, str]:
    """Headings of columns of totals, with the names of the recount."""
    names = {"Toàn tỉnh": ""} | {label: level for level, label in LEVELS.items()}
    kinds = {"kind:department": "Sở, ban, ngành tỉnh"}
    for name in ended.now.groups:
        label = kinds.get(name) or f"Trực thuộc {name.removeprefix('parent:')}"
        names[label] = name
    return names


def _figures(
    lines: Sequence[tuple[Cell, ...]], data_set: str
) -> Iterator[tuple[FigureKey, tuple[Cell, ...]]]:
    """Rows of a table by unit, or of a comparison, with the figure of each."""
    rewards = dict(zip(_REWARDS, REWARDS, strict=True))
    captions = {
        f"{number} – {_COLUMNS[column]}": (row, column)
        for row, number in _NUMBERS.items()
        for column in _COLUMNS
    }
    for line in lines:
        number, label = str(line[0].value or ""), str(line[1].value or "")
        if data_set == "pctn_01":
            part = {"– Tử số": "numerator", "– Mẫu số": "denominator"}.get(label)
            element = RATIO if part else f"c{number}" if number else rewards.get(label)
            if element is not None and (part or element in (*INDICATORS, *REWARDS)):
                yield (data_set, element, part or "value"), line
        elif label in captions:
            yield (data_set, *captions[label]), line


def _crossed(now: Expected, key: FigureKey, codes: set[str]) -> bool:
    """Whether every return of some units says that a figure does not concern them."""
    template = key[0].partition("_")[0]
    told: list[Value] = [
        value_of(answers, key)
        for (code, own), answers in now.counted.items()
        if own == template and code in codes
    ]
    return bool(told) and all(value == "x" for value in told)


def _sources(sheet: Sheet, data_set: str, ended: Ended, found: Findings) -> None:
    """Every line of a trace: whose number, how much, of which file."""
    template = data_set.partition("_")[0]
    counted = {code: told for (code, own), told in ended.now.counted.items() if own == template}
    seen: dict[tuple[str, str], object] = {}
    files: dict[str, set[str]] = {}
    for line in sheet.iter_rows(min_row=7):
        caption, unit, used, _, file = (line[at].value for at in range(5))
        code = str(unit or "").rpartition("(")[2].rstrip(")") if file else ""
        seen[str(caption), code] = used if used == "x" else near(used)
        if file:
            files.setdefault(code, set()).add(str(file))
    lines: dict[tuple[str, str], object] = {}
    for key in ended.totals:
        if key[0] != data_set:
            continue
        name = _source_caption(key)
        for code, answers in counted.items():
            value = value_of(answers, key)
            must = near(value) if not held_out(key[1], value) else None
            lines[name, code] = "x" if value == "x" else must
        total = ended.totals[key].total
        crossed = total is None and _crossed(ended.now, key, set(ended.now.level))
        lines[name, ""] = "x" if crossed else near(total)
    found.hold_all("dòng nguồn", lines, seen)
    for code, names in files.items():
        found.hold("tệp của dòng nguồn", code, 1, len(names))
        found.hold("tệp của dòng nguồn", code, "counted", _fate(ended.now, names))


def _source_caption(key: FigureKey) -> str:
    _, element, column = key
    if key[0] != "pctn_01":
        return f"STT {_NUMBERS[element]}, {_COLUMNS[column]}"
    parts = {"numerator": ", tử số", "denominator": ", mẫu số"}
    if element in REWARDS:
        return _REWARDS[REWARDS.index(element)]
    return f"MS {element[1:]}{parts.get(column, '')}"


def _fate(now: Expected, names: set[str]) -> str:
    (name,) = names
    outcome = now.outcomes.get(name.replace(" › ", "/"), "")
    return "counted" if outcome in ("accepted", "accepted_with_warnings") else outcome


def _comparison(sheet: Sheet, data_set: str, ended: Ended, found: Findings) -> None:
    """The whole now, then, the difference, its share, and that of the same units."""
    lines = list(sheet.iter_rows())
    top = next(at for at, line in enumerate(lines) if line[0].value in ("MS", "STT"))
    both = f"Riêng {len(ended.beside[data_set].both)} đơn vị có ở cả hai kỳ: tăng, giảm"
    found.hold("ô so sánh", f"{data_set}, tiêu đề", both, lines[top + 1][7].value)
    for key, line in _figures(lines[top + 2 :], data_set):
        now, then = ended.totals[key].total, ended.before[key].total
        same = ended.beside[data_set].figures[key]
        known = now is not None and then is not None
        gap = now - then if now is not None and then is not None else None
        share = near(gap / abs(then)) if gap is not None and then and key[1] != RATIO else None
        must = (near(now), near(then), near(gap), share)
        seen = tuple(near(line[at].value) for at in (3, 4, 5, 6))
        found.hold("ô so sánh", ".".join(key), must, seen)
        if known and key[1] != RATIO and not then:
            found.hold("ô so sánh", f"{'.'.join(key)}, từ 0", "–", line[6].value)
        apart = near(same.now - same.then) if same.units else None
        found.hold("ô so sánh riêng cùng đơn vị", ".".join(key), apart, near(line[7].value))


def _unit_comparison(sheet: Sheet, ended: Ended, found: Findings) -> None:
    """Every figure of a unit that changed, and no other."""
    must = {}
    for data_set, form in (("pctn_01", "Biểu 01"), ("cchc_pl3_2", "PL3-II")):
        for (code, key), (now, then) in ended.beside[data_set].units.items():
            changed = now != then if None not in (now, then) else bool(now) or bool(then)
            if changed:
                must[code, form, *_unit_caption(key)] = (near(now), near(then))
    seen = {}
    top = 1 + next(at for at, line in enumerate(sheet.iter_rows()) if line[0].value == "Đơn vị")
    for line in sheet.iter_rows(min_row=top + 1):
        unit, shown, number, label = (line[at].value for at in range(4))
        told = (near(line[4].value), near(line[5].value))
        if told == (None, None):
            continue  # A unit that cannot be compared, with the reason.
        code = str(unit).rpartition("(")[2].rstrip(")")
        words = str(label).rpartition(" (")[0]
        reward = next((name for name in _REWARDS if name in words), "")
        column = words.rpartition(" – ")[2] if shown == "PL3-II" else ""
        seen[code, str(shown), "" if reward else str(number or ""), reward or column] = told
    found.hold_all("thay đổi của đơn vị", must, seen)


def _unit_caption(key: FigureKey) -> tuple[str, str]:
    if key[0] != "pctn_01":
        return _NUMBERS[key[1]], _COLUMNS[key[2]]
    if key[1] in REWARDS:
        return "", _REWARDS[REWARDS.index(key[1])]
    return key[1][1:], ""


def _files(sheet: Sheet, ended: Ended, found: Findings) -> None:
    """What became of every file."""
    seen = {str(line[1].value).replace(" › ", "/"): line[2].value for line in _numbered(sheet)}
    must = {name: _RESULTS[outcome] for name, outcome in ended.now.outcomes.items()}
    found.hold_all("tệp trên sổ", must, seen)


def _overview(sheet: Sheet, ended: Ended, found: Findings) -> None:
    """Who owes each form and whose is in, by level."""
    lines = list(sheet.iter_rows())
    for template in ("pctn", "cchc"):
        title = f"Biểu mẫu {template.upper()}, "
        top = next(
            at for at, line in enumerate(lines) if str(line[0].value or "").startswith(title)
        )
        for at, (level, label) in enumerate((*LEVELS.items(), ("", "Cộng")), top + 1):
            owing = {
                code
                for code in ended.now.owing[template]
                if not level or ended.now.level[code] == level
            }
            sent = sum((code, template) in ended.now.counted for code in owing)
            must = (label, len(owing), sent, len(owing) - sent)
            seen = tuple(lines[at][column].value for column in (0, 2, 3, 4))
            found.hold("số đơn vị trên trang tổng quan", f"{template} {label}", must, seen)
