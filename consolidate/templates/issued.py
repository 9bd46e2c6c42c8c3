"""Make a template as it is issued to one unit: prefilled, stamped, sealed; always the same.

Templates of one shape are built once and filled for each unit: same bytes, sooner. What units of a
round get differs in few texts (name, code, serial, seal) and in the grey answers beside the forms.
A cached template is the workbook built with stand-ins for them; filling it replaces them in its
parts. Every stand-in is a text, and a text can stand for a figure or a blank, so that units share a
cached template whatever they answered. Texts of a workbook stand once each, in the order in which
they were written, and cells name them by number: those are counted anew.

The first workbook of a cached template is also built whole and must be the same byte for byte. A
cached template that fails is never used; a unit that does not fit (its name takes more lines) has
its workbook built whole.
"""

from __future__ import annotations

import dataclasses
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256

from consolidate.definitions.catalogue import text
from consolidate.identity.seals import seal
from consolidate.model.anchors import definition_digest
from consolidate.model.datasets import Library, Shape
from consolidate.model.deadlines import Deadline
from consolidate.model.period import DataWindow, Period
from consolidate.model.text import format_day
from consolidate.model.units import OrganisationUnit
from consolidate.templates.form import grey_columns
from consolidate.templates.live_formulas import Value, quarter_line
from consolidate.templates.prefill import Earlier, Prefill
from consolidate.templates.template_build import build_template, stamp_values
from consolidate.xlsx.write.atomic_files import ZIP_EPOCH
from consolidate.xlsx.write.text_sizes import Measured, StandIns, lines_needed, measuring

_WORDS = ("name", "code", "serial", "seal")
_STAND_IN = {word: f"qzx{word}xzq" for word in _WORDS}
_PLAIN = re.compile(r"[^\W_](?:[ \w.,()/–-]*[\w.)])?")
"""Texts that XML and XlsxWriter write as they are."""
_MARKS = re.compile("qzx|QZX")
_TEXT_CELL = ' t="s"><v>{}</v></c>'
"""How a cell with a text ends; a number and a blank have other ends behind the same beginning."""
_SLOT = re.compile(r'( t="s"><v>\d+</v></c>|qzx[a-z\d]+xzq|QZX[A-Z]+XZQ)')
_ITEM = re.compile(r"<si>.*?</si>", re.DOTALL)
_COUNTS = re.compile(r'count="(\d+)" uniqueCount="\d+"')
_STRINGS = "xl/sharedStrings.xml"
_MOST = 6
"""Cached templates that are tried for one shape: names of one line, of two, …"""


@dataclass(frozen=True, slots=True)
class _Filling:
    """What stands for the stand-ins of one workbook: ``words`` of its unit, grey ``answers``.

    ``ends`` are the grey figures and blanks as the ends of their cells.
    """

    words: Mapping[str, str]
    answers: Mapping[str, str]
    ends: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a workbook; every other one of ``pieces`` is a slot; none: it never differs."""

    name: str
    data: bytes
    pieces: tuple[str, ...]

    @classmethod
    def of(cls, name: str, data: bytes) -> _Part:
        pieces = _SLOT.split(data.decode("utf-8"))
        return cls(name, data, tuple(pieces) if len(pieces) > 1 else ())

    def filled(self, slots: Mapping[str, str]) -> bytes:
        if not self.pieces:
            return self.data
        return "".join([slots.get(piece, piece) for piece in self.pieces]).encode("utf-8")


@dataclass(frozen=True, slots=True)
class _Strings:
    """The shared texts of a workbook in their order, each in pieces like those of a part.

    ``cells`` are the ends of the cells that name them, ``count`` is how many cells name any.
    """

    head: str
    items: tuple[tuple[str, ...], ...]
    cells: tuple[str, ...]
    count: int
    tail: str

    @classmethod
    def of(cls, data: bytes) -> _Strings:
        shared = data.decode("utf-8")
        items = tuple(tuple(_SLOT.split(item)) for item in _ITEM.findall(shared))
        head, tail = shared.partition("<si>")[0], shared.rpartition("</si>")[2]
        counts = _COUNTS.search(head)
        cells = tuple(map(_TEXT_CELL.format, range(len(items))))
        return cls(head, items, cells, int(counts[1]) if counts else 0, tail)

    def filled(self, filling: _Filling, slots: dict[str, str]) -> bytes:
        """Fill the texts; ``slots`` gets the ends of the cells that name them."""
        places: dict[str, int] = {}
        count = self.count
        for cell, pieces in zip(self.cells, self.items, strict=True):
            told = pieces[0]
            if len(pieces) > 1:
                end = filling.ends.get(pieces[1])
                if end is not None:
                    slots[cell] = end
                    count -= 1
                    continue
                told = "".join([slots.get(piece, piece) for piece in pieces])
            slots[cell] = self.cells[places.setdefault(told, len(places))]
        head = _COUNTS.sub(f'count="{count}" uniqueCount="{len(places)}"', self.head)
        return "".join([head, *places, self.tail]).encode("utf-8")


@dataclass(frozen=True, slots=True)
class _CachedTemplate:
    """The parts of a workbook with stand-ins, and how many lines these take where."""

    parts: tuple[_Part, ...]
    strings: _Strings
    measured: tuple[Measured, ...]

    def filled(self, filling: _Filling) -> bytes | None:
        """Fill the workbook with texts and figures; ``None`` when they do not fit."""
        for item in self.measured:
            meant = _put(item.text, filling.words)
            if lines_needed(meant, item.points, item.size, bold=item.bold) != item.lines:
                return None
        slots = dict(filling.words) | {
            stand_in.upper(): word.upper() for stand_in, word in filling.words.items()
        }
        slots |= filling.answers
        strings = self.strings.filled(filling, slots)
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
            for part in self.parts:
                entry = zipfile.ZipInfo(part.name, ZIP_EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                package.writestr(entry, strings if part.name == _STRINGS else part.filled(slots))
        return target.getvalue()


@dataclass
class TemplateCache:
    """Builds the workbooks of one order of issuing, each shape once (see the module)."""

    library: Library
    _known: dict[object, list[_CachedTemplate]] = field(default_factory=dict)
    _tried: Counter[object] = field(default_factory=Counter)

    def workbook(self, template: str, prefill: Prefill) -> bytes:
        """Build a template; the bytes are those of :func:`.template_build.build_template`.

        Raises:
            KeyError: there is no such template.
            ValueError: ``prefill`` names something that the template does not have.
        """
        words = self._words(prefill)
        if words is None:
            return build_template(self.library, template, prefill)
        prefill.check(self.library.cover, self.library.sets_of(template))
        shaped, filling = self._shaped(template, prefill, words)
        key = _key(template, shaped)
        for cached in self._known.get(key, ()):
            made = cached.filled(filling)
            if made is not None:
                return made
        whole = build_template(self.library, template, prefill)
        if 0 < self._tried[key] <= _MOST:  # A shape that comes again is worth it.
            cached = self._cast(template, shaped, words)
            if cached.filled(filling) == whole:
                self._known.setdefault(key, []).append(cached)
        self._tried[key] += 1
        return whole

    def _words(self, prefill: Prefill) -> dict[str, str] | None:
        """The texts of one unit by stand-in; ``None`` for a prefill that has no cached template."""
        cover = self.library.cover
        name = prefill.values.get(cover.name_of("unit_name"))
        code = prefill.values.get(cover.name_of("unit_code"))
        given = (name, code, prefill.serial, prefill.seal)
        if prefill.rows or code != prefill.unit:
            return None
        texts = [item for item in given if isinstance(item, str) and _plain(item)]
        if len(texts) < len(given):
            return None
        return dict(zip(_STAND_IN.values(), texts, strict=True))

    def _shaped(
        self, template: str, prefill: Prefill, words: Mapping[str, str]
    ) -> tuple[Prefill, _Filling]:
        """The prefill with stand-ins, and what they stand for."""
        cover = self.library.cover
        answers: dict[str, str] = {}
        ends: dict[str, str] = {}
        values = dict(prefill.values) | {
            cover.name_of("unit_name"): _STAND_IN["name"],
            cover.name_of("unit_code"): _STAND_IN["code"],
        }
        shaped = replace(
            prefill,
            values=values,
            unit=_STAND_IN["code"],
            serial=_STAND_IN["serial"],
            seal=_STAND_IN["seal"],
            previous=self._grey(template, prefill.previous, answers, ends),
            same_period_last_year=self._grey(
                template, prefill.same_period_last_year, answers, ends
            ),
        )
        return shaped, _Filling(words, answers, ends)

    def _grey(
        self,
        template: str,
        earlier: Earlier | None,
        answers: dict[str, str],
        ends: dict[str, str],
    ) -> Earlier | None:
        """Earlier answers with a stand-in for every one that is shown, blank ones included.

        Days have a format of their own and stay, like texts that XML writes in its own way.
        """
        if earlier is None:
            return None
        values: dict[str, Value] = {}
        for data_set in self.library.sets_of(template):
            shown = {column.code for column in grey_columns(data_set)}
            for element in data_set.elements:
                for column in element.columns:
                    if column not in shown:
                        continue
                    name = data_set.name_of(element.code, column)
                    value = earlier.values.get(name, "")
                    stand_in = f"qzx{len(answers) + len(ends)}xzq"
                    values[name] = stand_in
                    if value == "":
                        ends[stand_in] = "/>"
                    elif isinstance(value, date) or (isinstance(value, str) and not _plain(value)):
                        values[name] = value
                    elif isinstance(value, str):
                        answers[stand_in] = value
                    else:
                        ends[stand_in] = f"><v>{float(value):.16G}</v></c>"
        return Earlier(earlier.label, values)

    def _cast(self, template: str, shaped: Prefill, words: Mapping[str, str]) -> _CachedTemplate:
        stand_ins = StandIns(lambda text: _put(text, words))
        with measuring(stand_ins):
            data = build_template(self.library, template, shaped)
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            read = {name: package.read(name) for name in package.namelist()}
        parts = tuple(_Part.of(name, content) for name, content in read.items())
        return _CachedTemplate(parts, _Strings.of(read[_STRINGS]), tuple(stand_ins.measured))


def _plain(text: str) -> bool:
    marked = _MARKS.search(text) is not None
    return _PLAIN.fullmatch(text) is not None and text == " ".join(text.split()) and not marked


def _put(text: str, words: Mapping[str, str]) -> str:
    """A text with its stand-ins replaced, those in capitals by capitals."""
    for stand_in, word in words.items():
        text = text.replace(stand_in, word).replace(stand_in.upper(), word.upper())
    return text


def _key(template: str, shaped: Prefill) -> object:
    """A shape as something to look up; the numbers of stand-ins tell which figures there are."""
    return template, shaped.not_applicable, repr(replace(shaped, not_applicable=frozenset()))


_SERIAL_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Issue:
    """One workbook to issue: whom to, which template, its own period, what the calendar says.

    ``previous`` and ``last_year`` are answers of the period before and of the same period last
    year, by defined name; empty: nothing is shown beside the form. ``windows`` are those of the
    tables of a quarter, by data set: the cover has that of the cumulative ones. ``rows`` stand in
    lists already, by data set.
    """

    unit: OrganisationUnit
    template: str
    period: Period
    deadline: Deadline | None = None
    previous: tuple[Period, Mapping[str, Value]] | None = None
    last_year: tuple[Period, Mapping[str, Value]] | None = None
    windows: Mapping[str, DataWindow] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Mapping[str, Value]]] = field(default_factory=dict)


def issued_template(
    library: Library, issue: Issue, key: bytes, cache: TemplateCache | None = None
) -> bytes:
    """Make the workbook of an issue, sealed with the key of the workspace.

    The same issue and key give the same bytes, with or without ``cache``, which make many of them
    sooner.

    Raises:
        KeyError: there is no such template.
        ValueError: earlier answers name what the template does not have; the key is empty.
    """
    filled = issued_prefill(library, issue)
    stamp = stamp_values(library, issue.template, filled)
    sealed = replace(filled, seal=seal(key, stamp))
    if cache is not None:
        return cache.workbook(issue.template, sealed)
    return build_template(library, issue.template, sealed)


def issued_prefill(library: Library, issue: Issue) -> Prefill:
    """Collect what an issued template is filled with, serial included, not yet sealed."""
    cover, unit, period = library.cover, issue.unit, issue.period
    values: dict[str, Value] = {
        "unit_name": unit.name,
        "unit_code": unit.code,
        "period_type": period.type.label,
        "period_year": period.year,
        "revision": 1,
    }
    if unit.level.label in cover.by_code["level"].choices:
        values["level"] = unit.level.label
    window = issue.deadline.window if issue.deadline is not None else None
    if window is not None:
        values |= {"window_from": window.start, "window_to": window.end}
    filled = Prefill(
        values={cover.name_of(element): value for element, value in values.items()},
        rows=issue.rows,
        unit=unit.code,
        period=period.code,
        notice=_notice(issue.deadline),
        previous=_earlier("previous", issue.previous),
        same_period_last_year=_earlier("last_year", issue.last_year),
        windows={
            data_set.code: quarter_line(issue.windows.get(data_set.code))
            for data_set in library.sets_of(issue.template)
            if data_set.quarter and data_set.layout.window
        },
        not_applicable=frozenset(
            data_set.name_of(item.element.code, item.column)
            for data_set in library.sets_of(issue.template)
            if data_set.shape is Shape.FIXED
            for item in data_set.inputs
            if item.element.applies_to and unit.kind.value not in item.element.applies_to
        ),
    )
    return replace(filled, serial=_serial(library, issue.template, filled))


def _notice(deadline: Deadline | None) -> str:
    """What the cover says of the due date; nothing that the calendar does not say."""
    if deadline is None:
        return ""
    parts = []
    if deadline.due is not None:
        parts.append(text("issue.cover.due", day=format_day(deadline.due)))
    if deadline.final is not None:
        parts.append(text("issue.cover.final", day=format_day(deadline.final)))
    if parts and deadline.letter:
        parts.append(text("issue.cover.letter", letter=deadline.letter))
    return " ".join(parts)


def _earlier(kind: str, given: tuple[Period, Mapping[str, Value]] | None) -> Earlier | None:
    if given is None or not given[1]:
        return None
    return Earlier(text(f"issue.earlier.{kind}", period=given[0].label), given[1])


def _serial(library: Library, template: str, filled: Prefill) -> str:
    """A number that follows from everything in the issue: another content, another number."""
    content = {
        "definition": definition_digest(library, template),
        "prefill": dataclasses.asdict(filled),
    }
    canonical = json.dumps(content, ensure_ascii=True, sort_keys=True, default=_json_value)
    return sha256(canonical.encode("ascii")).hexdigest()[:_SERIAL_LENGTH].upper()


def _json_value(value: object) -> str | list[str]:
    # The text of a set differs from run to run.
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, date) else str(value)
