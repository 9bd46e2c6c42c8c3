"""Templates of one shape built once and filled for each unit: the bytes of a whole build, sooner.

What units of a round get differs in few texts (name, code, serial, seal) and in the grey figures
beside the forms. A mould is the workbook built with stand-ins for them; filling it replaces them in
its parts. Nothing is taken on trust: the first workbook of a mould is also built whole and must be
the same byte for byte, a mould that fails is never used, and a unit that does not fit (its name
takes another number of lines, or stands elsewhere in the workbook) has its workbook built whole.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from consolidate.forms.build import build_template
from consolidate.forms.earlier import grey_columns
from consolidate.forms.live import Value
from consolidate.forms.measure import Measured, StandIns, lines_needed, measuring
from consolidate.forms.prefill import Earlier, Prefill
from consolidate.model.datasets import Library

_WORDS = ("name", "code", "serial", "seal")
_STAND_IN = {word: f"qzx{word}xzq" for word in _WORDS}
_FIRST_FIGURE = 7_310_905_000_001
"""Grey figures stand as whole numbers from here on, which no form holds."""
_PLAIN = re.compile(r"[^\W_](?:[ \w.,()/–-]*[\w.)])?")
"""Names and codes that XML and XlsxWriter write as they are."""
_MARKS = re.compile("qzx|QZX|><v>731090")
_FIGURE = re.compile(r"><v>(731090\d{7})</v></c>")
_STRINGS = "xl/sharedStrings.xml"
_TIME = (1980, 1, 1, 0, 0, 0)
_MOST = 6
"""Moulds that are tried for one shape: names of one line, of two, …"""


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a workbook; ``text`` is empty when nothing in it stands for anything else."""

    name: str
    data: bytes
    text: str

    @classmethod
    def of(cls, name: str, data: bytes) -> _Part:
        text = data.decode("utf-8")
        return cls(name, data, text if _MARKS.search(text) else "")

    def filled(self, words: Mapping[str, str], figures: Mapping[str, str]) -> bytes:
        if not self.text:
            return self.data
        text = _FIGURE.sub(lambda found: figures.get(found[1], found[0]), _put(self.text, words))
        return text.encode("utf-8")


@dataclass(frozen=True, slots=True)
class _Mould:
    """The parts of a workbook with stand-ins, and how many lines these take where.

    ``strings`` are the other shared texts: XlsxWriter keeps equal ones once.
    """

    parts: tuple[_Part, ...]
    strings: frozenset[str]
    measured: tuple[Measured, ...]

    def filled(self, words: Mapping[str, str], figures: Mapping[str, str]) -> bytes | None:
        """The workbook with these texts and figures; ``None`` when they do not fit."""
        if len({*words.values()}) < len(words) or not self.strings.isdisjoint(words.values()):
            return None
        for item in self.measured:
            lines = lines_needed(_put(item.text, words), item.points, item.size, bold=item.bold)
            if lines != item.lines:
                return None
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
            for part in self.parts:
                entry = zipfile.ZipInfo(part.name, _TIME)
                entry.compress_type = zipfile.ZIP_DEFLATED
                package.writestr(entry, part.filled(words, figures))
        return target.getvalue()


@dataclass
class Moulds:
    """Builds the workbooks of one order of issuing, each shape once (see the module)."""

    library: Library
    _known: dict[object, list[_Mould]] = field(default_factory=dict)
    _tried: Counter[object] = field(default_factory=Counter)

    def workbook(self, template: str, prefill: Prefill) -> bytes:
        """The bytes of :func:`~consolidate.forms.build.build_template` for the same arguments.

        Raises:
            KeyError: there is no such template.
            ValueError: ``prefill`` names something that the template does not have.
        """
        words = self._words(prefill)
        if words is None:
            return build_template(self.library, template, prefill)
        prefill.check(self.library, template)
        shaped, figures = self._shaped(template, prefill)
        key = _key(template, shaped)
        for mould in self._known.get(key, ()):
            made = mould.filled(words, figures)
            if made is not None:
                return made
        whole = build_template(self.library, template, prefill)
        if 0 < self._tried[key] <= _MOST:  # A shape that turns up again is worth a mould.
            mould = self._cast(template, shaped, words)
            if mould.filled(words, figures) == whole:
                self._known.setdefault(key, []).append(mould)
        self._tried[key] += 1
        return whole

    def _words(self, prefill: Prefill) -> dict[str, str] | None:
        """The texts of one unit by stand-in; ``None`` for a prefill that has no mould."""
        cover = self.library.cover
        name = prefill.values.get(cover.name_of("unit_name"))
        code = prefill.values.get(cover.name_of("unit_code"))
        given = (name, code, prefill.serial, prefill.seal)
        if prefill.rows or prefill.windows or code != prefill.unit:
            return None
        texts = [item for item in given if isinstance(item, str) and _plain(item)]
        if len(texts) < len(given):
            return None
        return dict(zip(_STAND_IN.values(), texts, strict=True))

    def _shaped(self, template: str, prefill: Prefill) -> tuple[Prefill, dict[str, str]]:
        """The prefill with stand-ins, and what stands in the cells of its figures."""
        cover = self.library.cover
        figures: dict[str, str] = {}
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
            previous=self._grey(template, prefill.previous, figures),
            same_period_last_year=self._grey(template, prefill.same_period_last_year, figures),
        )
        return shaped, figures

    def _grey(
        self, template: str, earlier: Earlier | None, figures: dict[str, str]
    ) -> Earlier | None:
        """Earlier answers with a stand-in for every figure that is shown, blank ones included."""
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
                    if value == "":
                        cell = "/>"
                    elif isinstance(value, str | date):
                        values[name] = value
                        continue
                    else:
                        cell = f"><v>{float(value):.16G}</v></c>"
                    number = _FIRST_FIGURE + len(figures)
                    figures[str(number)] = cell
                    values[name] = number
        return Earlier(earlier.label, values)

    def _cast(self, template: str, shaped: Prefill, words: Mapping[str, str]) -> _Mould:
        stand_ins = StandIns(lambda text: _put(text, words))
        with measuring(stand_ins):
            data = build_template(self.library, template, shaped)
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = tuple(_Part.of(name, package.read(name)) for name in package.namelist())
        shared = next(part.data.decode("utf-8") for part in parts if part.name == _STRINGS)
        strings = frozenset(re.findall(r"<t(?: [^>]*)?>([^<]*)</t>", shared))
        return _Mould(parts, strings - {*_STAND_IN.values()}, tuple(stand_ins.measured))


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
    earlier = tuple(
        (code, answers.label, tuple(sorted(answers.values.items(), key=lambda item: item[0])))
        for code, answers in shaped.earlier
    )
    values = tuple(sorted(shaped.values.items()))
    return template, values, shaped.period, shaped.notice, earlier
