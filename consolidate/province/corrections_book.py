"""The workbook of corrections (``corrections.xlsx``): adjusted figures, waived rules, in rows.

Two sheets, each a table below the headings of ``ADJUSTMENTS`` and ``WAIVERS`` in
:mod:`consolidate.province.book_columns`. A sheet is known by its headings, not by its name. Days
are date cells or texts ``dd/mm/yyyy``. What cannot be understood is a problem of its row; nothing
is guessed. It is made anew of the corrections in force when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from consolidate.intake.answers import read_typed
from consolidate.model.cells import Cell, raw_text
from consolidate.model.corrections import (
    COMPARING_RULES,
    EVERY_UNIT,
    HOLDING_RULES,
    RECEIVED,
    Adjustment,
    Correction,
    CorrectionKind,
    Corrections,
    Waiver,
)
from consolidate.model.data_values import DataValue, ValueKey, ValueStatus
from consolidate.model.datasets import DataElement, DataSet, Library, Shape
from consolidate.model.deadlines import FIRST_YEAR
from consolidate.model.figure_names import find_columns, find_data_set, find_elements
from consolidate.model.period import Period, read_period
from consolidate.model.reasons import Reason, UserError, because, joined
from consolidate.model.text import decimal_of, name_key, tidy
from consolidate.model.units import OrganisationUnit, Roster
from consolidate.province.book_columns import (
    ADJUSTMENTS,
    NOTHING,
    RECEIVED_ON,
    WAIVERS,
    CellContent,
    row_of,
)
from consolidate.province.corrections_plan import ADJUSTED, WAIVED, BrokenRow, CorrectionsBook, Rest
from consolidate.province.kept_fields import TableRow, absent, find_table, sheets_of


class RowsRefused(UserError):
    """The workbook, or rows of it, have to be mended before any row is applied.

    ``unanswered`` is how many corrections would end beside that with nobody who answers for it.
    """

    def __init__(self, problems: tuple[Reason, ...], unanswered: int = 0) -> None:
        super().__init__(problems, wrong_call=True)
        self.unanswered = unanswered


@dataclass(frozen=True, slots=True)
class Known:
    """What the rows of the workbook may name."""

    library: Library
    roster: Roster


def known_rules(library: Library) -> tuple[str, ...]:
    """Ids of what can be waived: rules of the definitions, of comparisons, and what holds files."""
    own = [
        f"{code}.{rule.id}"
        for pack in library.packs.packs
        for code, rules in pack.rules.items()
        for rule, _ in rules
    ]
    return (*dict.fromkeys(own), *COMPARING_RULES, *HOLDING_RULES)


def read_corrections_book(path: Path, known: Known) -> CorrectionsBook:
    """Read the workbook of corrections, with every problem of every row.

    Raises:
        RowsRefused: it cannot be opened, or lacks a sheet.
        UserError: it is larger, or inflates further, than any honest one.
    """
    unreadable = because(ADJUSTMENTS.unreadable, file=path.name)
    try:
        sheets = sheets_of(path, unreadable).values()
    except UserError as error:
        if error.problems != (unreadable,):
            raise  # Nothing to mend in a row: the file itself is refused.
        raise RowsRefused(error.problems) from None
    rows: list[tuple[int, Correction]] = []
    broken: list[BrokenRow] = []
    missing = []
    for kind, sheet, read in (
        (ADJUSTMENTS, ADJUSTED, _Reader.adjustment),
        (WAIVERS, WAIVED, _Reader.waiver),
    ):
        table = find_table(sheets, kind)
        if table is None:
            missing.append(absent(path.name, kind))
            continue
        for row in table.rows:
            made = read(_Reader(row, sheet, known))
            if isinstance(made, BrokenRow):
                broken.append(made)
            else:
                rows.append((row.number, made))
    if missing:
        raise RowsRefused(tuple(missing))
    return CorrectionsBook(tuple(rows), tuple(broken))


class _Reader:
    """Reads one row of either sheet."""

    def __init__(self, row: TableRow, sheet: Reason, known: Known) -> None:
        row.about["sheet"] = sheet
        self.row, self.known = row, known
        self.problem, self.problems = row.problem, row.problems

    def adjustment(self) -> Adjustment | BrokenRow:
        period = self._period()
        unit = self._unit(period)
        if name_key(self.row.text("data_set")) == name_key(RECEIVED_ON):
            # Every period of a round names it, and a return of it came in once.
            period = period.round_name if period is not None else None
            key, value = self._template(), self._received()
        else:
            data_set = self._data_set(period)
            key = self._key(data_set) if data_set is not None else None
            value = self._value(data_set, key) if data_set is not None and key is not None else None
        author, on, reason, document = self._signed()
        expires = self._last("expires", on)
        code = unit.code if unit is not None else ""
        if self.problems:
            typed = self.row.text("row") or "0"
            number = int(typed[:9]) if typed.isascii() and typed.isdigit() else None
            rest = self._rest(number, self._typed_value(), on, expires)
            kind = CorrectionKind.ADJUSTMENT
            problems = tuple(self.problems)
            return BrokenRow(self.row.number, kind, period, code, key, problems, rest)
        assert period is not None
        assert key is not None
        assert value is not None
        assert on is not None
        return Adjustment("", period, code, key, value, author, on, reason, document, expires)

    def waiver(self) -> Waiver | BrokenRow:
        rule = self.row.text("rule")
        known = rule in known_rules(self.known.library)
        if not known:
            self.problem("corrections.rule", found=rule)
        # Every period of a round names it: what is let off is not a figure of one of them.
        period = self._period() if self.row.text("period") else None
        period = period.round_name if period is not None else None
        every = self.row.text("unit") == EVERY_UNIT
        unit = None if every else self._unit(period)
        author, on, reason, document = self._signed()
        until = self._last("until", on)
        code = EVERY_UNIT if every else unit.code if unit is not None else ""
        if self.problems:
            about = rule if known else None
            told = period is not None or not self.row.text("period")
            rest = self._rest(rule if told else None, "", on, until)
            kind = CorrectionKind.WAIVER
            problems = tuple(self.problems)
            return BrokenRow(self.row.number, kind, period, code, about, problems, rest)
        assert on is not None
        return Waiver("", rule, code, until, author, on, reason, document, period)

    def _rest(
        self, what: int | str | None, value: str, on: date | None, end: date | None
    ) -> Rest | None:
        """Tell what the row says beside period and figure; ``None`` if a part is unreadable."""
        text_of = self.row.text
        if what is None or on is None or (end is None and (text_of("expires") or text_of("until"))):
            return None
        signed = text_of("author"), on, text_of("reason"), text_of("document")
        return Rest(name_key(text_of("unit")), what, value, *signed, end)

    def _period(self) -> Period | None:
        shown = self.row.text("period")
        found = read_period(shown, FIRST_YEAR)
        if not found.certain:
            self.problem("corrections.period", found=shown)
            return None
        return found.periods[0]

    def _unit(self, period: Period | None) -> OrganisationUnit | None:
        code = self.row.text("unit")
        key = name_key(code)
        found = [unit for unit in self.known.roster.units if name_key(unit.code) == key]
        if not code or not found:
            self.problem("corrections.unit", found=code)
            return None
        if period is not None and not found[0].valid_on(period.last_day):
            self.problem("corrections.unit_not_then", unit=found[0].name, period=period)
        return found[0]

    def _data_set(self, period: Period | None) -> DataSet | None:
        shown = self.row.text("data_set")
        library = self._library(shown, period)
        data_set = find_data_set(library, shown)
        if data_set is None:
            forms = ", ".join(f"“{item.sheet}”" for item in library.data_sets)
            self.problem("corrections.data_set", found=shown, known=forms)
        elif period is not None and period.type not in data_set.periods:
            own = library.period_for(data_set.template, period)
            right = own.code if own is not None else "–"
            self.problem(
                "corrections.other_period", form=data_set.sheet, period=period, right=right
            )
        return data_set

    def _library(self, shown: str, period: Period | None) -> Library:
        """Choose the forms of the round; if it is not known, the newest pack with such a form."""
        library = self.known.library
        if period is not None:
            return library.at(period)
        packs = reversed(library.packs.packs)
        views = (library.of_pack(pack.code) for pack in packs)
        return next((view for view in views if find_data_set(view, shown)), library.newest)

    def _template(self) -> ValueKey | None:
        """Find the template whose return came in on another day, by its short title or its code."""
        shown = self.row.text("element")
        families = self.known.library.families
        for code, template in families.items():
            if name_key(shown) in (name_key(code), name_key(template.short_title)):
                return ValueKey(RECEIVED, code)
        known = ", ".join(f"“{template.short_title}”" for template in families.values())
        self.problem("corrections.received_template", found=shown, known=known)
        return None

    def _received(self) -> str | None:
        """Return the day on which it came in, not after that of the decision."""
        day, on = self.row.day("value"), self.row.day("on")
        if day is None:
            self.problem("corrections.received_day", found=self.row.text("value"))
        elif on is not None and day > on:
            self.problem("corrections.received_later", last=day, first=on)
        return f"{day:%d/%m/%Y}" if day is not None else None

    def _key(self, data_set: DataSet) -> ValueKey | None:
        shown = self.row.text("element")
        found = find_elements(data_set, shown)
        if len(found) != 1:
            self.problem("corrections.element", found=shown, form=data_set.sheet)
            return None
        element, tail = found[0]
        number = self._number(data_set)
        if number is None:
            return None
        column = self._column(data_set, element, self.row.text("column") or tail)
        if column is None:
            return None
        return ValueKey(data_set.code, element.code, column, number)

    def _number(self, data_set: DataSet) -> int | None:
        """Return the row of an open table, 0 for a fixed one."""
        shown = self.row.text("row")
        if data_set.shape is Shape.FIXED:
            if shown:
                self.problem("corrections.no_rows", form=data_set.sheet, found=shown)
                return None
            return 0
        if not shown.isascii() or not shown.isdigit() or not 0 < int(shown[:9]) < 10**6:
            self.problem("corrections.row", form=data_set.sheet, found=shown)
            return None
        return int(shown)

    def _column(self, data_set: DataSet, element: DataElement, words: str) -> str | None:
        if data_set.shape is Shape.OPEN:
            return ""
        found = [
            column for column in find_columns(data_set, element, words) if column in element.columns
        ]
        if len(found) == 1:
            return found[0]
        labels = (data_set.column_by_code[column].label for column in element.columns)
        about = {
            "caption": data_set.caption(element),
            "known": ", ".join(f"“{label}”" for label in labels),
        }
        if words:
            self.problem("corrections.column", found=words, **about)
        else:
            self.problem("corrections.column_missing", **about)
        return None

    def _value(self, data_set: DataSet, key: ValueKey) -> str | None:
        """Return the text to use, which reads as one value and no other."""
        content = self.row.cell("value")
        shown = tidy(raw_text(content))
        caption = data_set.caption(data_set.by_code[key.element], key.column)
        if not shown:
            self.problem("corrections.value_blank", caption=caption)
            return None
        if name_key(shown) == name_key(NOTHING):
            return self._typed_value()
        read = read_typed(data_set, key, content)[0]
        if read.status is ValueStatus.INVALID or read.problem:
            self.problem("corrections.value", detail=self._detail(read, data_set, caption))
            return None
        return self._typed_value()

    def _typed_value(self) -> str:
        """Return the text of the value as it is kept, whether or not it can be used."""
        content = self.row.cell("value")
        shown = tidy(raw_text(content))
        if name_key(shown) == name_key(NOTHING):
            return ""
        return shown if isinstance(content, str) else plain_text(content)

    def _detail(self, read: DataValue, data_set: DataSet, caption: str) -> Reason:
        element = data_set.by_code[read.key.element]
        return because(
            f"value.{read.problem}",
            caption=caption,
            raw=read.raw.strip(),
            unit=element.unit.lower(),
            used=read.number if read.number is not None else "",
            readings=joined("value.or", read.readings),
            minimum=element.minimum if element.minimum is not None else "",
            maximum=element.maximum if element.maximum is not None else "",
        )

    def _signed(self) -> tuple[str, date | None, str, str]:
        for field in ("reason", "author"):
            if not self.row.text(field):
                self.problem(f"corrections.no_{field}")
        on = self.row.asked_day("on", "corrections.day")
        if on is None and not self.row.text("on"):
            self.problem("corrections.no_day")
        return self.row.text("author"), on, self.row.text("reason"), self.row.text("document")

    def _last(self, field: str, on: date | None) -> date | None:
        last = self.row.asked_day(field, "corrections.day")
        if last is not None and on is not None and last < on:
            self.problem("corrections.backwards", last=last, first=on)
        return last


def plain_text(content: Cell) -> str:
    """Write a number or day of a cell as a text that can be read in one way only.

    Digits are not grouped; three decimals get a nought behind them, because ``12,345`` is two
    numbers to two readers.
    """
    if isinstance(content, datetime | date):
        return f"{content:%d/%m/%Y}"
    if isinstance(content, bool) or not isinstance(content, int | float):
        return tidy(raw_text(content))
    whole, _, fraction = format(decimal_of(content).normalize() + 0, "f").partition(".")
    if not fraction:
        return whole
    return f"{whole},{fraction}0" if len(fraction) == 3 else f"{whole},{fraction}"


def build_corrections(
    corrections: Corrections, library: Library, roster: Roster, rules: Iterable[str]
) -> bytes:
    """Build the workbook of some corrections, in their order, with ruled rows for more.

    ``rules`` are the ids that can be waived.
    """
    # Imported where a workbook is written: most commands write none.
    from consolidate.province.kept_table import book_table, write_kept_tables

    units = tuple(unit.code for unit in roster.units)
    labels = [
        column.label for item in library.packs.forms if not item.single for column in item.columns
    ]
    choices = {
        "data_set": tuple(
            dict.fromkeys((*(form.sheet for form in library.packs.forms), RECEIVED_ON))
        ),
        "column": tuple(dict.fromkeys(labels)),
        "unit": units,
    }
    adjustments = book_table(
        ADJUSTMENTS,
        (_adjustment(item, library) for item in corrections.adjustments),
        choices=choices,
    )
    choices = {"rule": tuple(rules), "unit": (EVERY_UNIT, *units)}
    rows = (row_of(WAIVERS, item) for item in corrections.waivers)
    waivers = book_table(WAIVERS, rows, choices=choices)
    return write_kept_tables(adjustments, waivers)


def _adjustment(item: Adjustment, library: Library) -> dict[str, CellContent]:
    form, element, column = place_words(item.key, library.at(item.period))
    row, value = str(item.key.row or ""), item.value or NOTHING
    place = {"data_set": form, "element": element, "column": column, "row": row}
    return row_of(ADJUSTMENTS, item, **place, value=value)


def place_words(key: ValueKey, library: Library) -> tuple[str, str, str]:
    """Form, element and column as a person writes them; codes of definitions that are gone.

    ``library`` shows the forms of the round of the figure.
    """
    if key.data_set == RECEIVED:
        family = library.families.get(key.element)
        return RECEIVED_ON, family.short_title if family is not None else key.element, ""
    data_set = library.by_code.get(key.data_set)
    element = data_set.by_code.get(key.element) if data_set is not None else None
    if data_set is None or element is None:
        return key.data_set, key.element, key.column
    if data_set.shape is Shape.OPEN:
        return data_set.sheet, element.label, ""
    shown = f"{data_set.layout.number_header} {element.number}" if element.number else element.label
    known = data_set.column_by_code.get(key.column)
    label = known.label if known is not None else key.column
    return data_set.sheet, shown, "" if data_set.single else label
