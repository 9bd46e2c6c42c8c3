"""Names of units as people write them, against the roster; what headings and file names claim.

Three ways to find a unit, from the surest to the weakest:

- **exact** (:meth:`Roster.find`): code, name, other name or a usual short form of one;
- **mention** (:func:`mentions`): such a name as whole words inside a longer text (a file name, a
  heading). The longest name wins, and one that goes on before or behind is no mention: neither
  ``Thanh tra Sở Nội vụ`` nor ``Sở Nội vụ Lào`` mentions ``Sở Nội vụ``.
  Codes and abbreviations of fewer than three letters, and short numbers, are no mention;
- **close** (:func:`closest`): a name that differs from exactly one unit's only in what cannot make
  it another unit's: words such as ``tỉnh`` and the province's name, the words ``UBND`` before a
  commune, every diacritic left out, or a slip of one letter that leaves a word that is no
  Vietnamese syllable at all (``Đứcc``). A word that is a syllable is never a slip: ``Bình Dực`` is
  not ``Bình Đức``, ``An Sông`` is not ``An Đông``; nor is a number: Phường 1 is not Phường 11.

Headings and file names are read as a person reads them. A heading of the form ``Đơn vị báo cáo: …``
or ``Kỳ báo cáo: …`` says it outright. Otherwise the unit is the one named in the head of the form,
the lower one when its superior stands above it (``UBND HUYỆN … / PHÒNG …``), and the period the
only one named. Whatever follows ``Kính gửi`` is the recipient and no claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from consolidate.model.period import Period
from consolidate.model.text import SHORT_NAMES, name_key, plain, tidy
from consolidate.model.units import Level, OrganisationUnit, Roster

Units = tuple[OrganisationUnit, ...]

SURE = 88.0
"""Score (0 to 100, ``rapidfuzz.fuzz.ratio``) from which a name may be another one misspelt."""
MARGIN = 4.0
"""By how much it must be nearer to its unit than to any other."""
SHOWN = 3
"""Candidates that a reason names at most."""
_LIKELY = 70.0
"""Score from which a unit is worth naming as a candidate."""
_OFFICE = "ủy ban nhân dân "
_PLACES = ("xã ", "phường ", "thị trấn ", "thị xã ", "huyện ", "quận ", "thành phố ", "đặc khu ")
_NOISE = ("và", "của", "tỉnh")
_BESIDE_NAMES = (
    "bao cao bc bieu mau phu luc so lieu ky quy i ii iii iv nam thang dau ngay lan dot "
    "gui nop kinh cua va cho tai theo tinh huyen final copy ban file tep"
)
_ORDINARY = frozenset((*_BESIDE_NAMES.split(), *SHORT_NAMES))
"""Words, without diacritics, that stand beside a name in a file name or heading without being
part of it. After any other word a name may go on: Bình Đức Tây, Công an xã Bình Đức."""
_ROMAN = re.compile(r"[ivx]+")
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdđghklmnpqrstvx])?"
    r"(?:[iuo]?[aăâeêioôơuưy]{1,2}|[uo]y[aê]|ươ|[uo]a[iyo]|iêu|yêu|uôi|ươi|ươu|uây|oeo|uyu)"
    r"(?:ch|ng|nh|[cmnpt])?"
)
"""Shape of a Vietnamese syllable without tones; it lets pass more than there are, never fewer."""
_TONE = str.maketrans(
    {
        toned: letter
        for letter, marks in {
            "a": "àáảãạ", "ă": "ằắẳẵặ", "â": "ầấẩẫậ", "e": "èéẻẽẹ", "ê": "ềếểễệ",
            "i": "ìíỉĩị", "o": "òóỏõọ", "ô": "ồốổỗộ", "ơ": "ờớởỡợ", "u": "ùúủũụ",
            "ư": "ừứửữự", "y": "ỳýỷỹỵ",
        }.items()
        for toned in marks
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Match:
    """The one unit that a name must mean, or the units that come nearest to it, best first."""

    unit: OrganisationUnit | None = None
    near: Units = ()


def mentions(text: str, roster: Roster) -> Units:
    """List the units that a text names in full, each once, in the order of the text.

    A text without a single diacritic is searched by names without theirs; a name that then fits
    several units mentions none.
    """
    index = _index(roster)
    found = dict.fromkeys(_mentioned(name_key(text), index.whole, index.lengths, index.province))
    if not found and text.isascii():
        key = plain(name_key(text))
        found = dict.fromkeys(_mentioned(key, index.plain, index.plain_lengths, index.province))
    return tuple(found)


def closest(name: str, roster: Roster) -> Match:
    """Find the unit that a name which is on no roster must mean, if there is exactly one."""
    index = _index(roster)
    core = _core(name_key(name), index.province)
    found = index.cores.get(core, ())
    if not found and tidy(name).isascii():
        found = index.plain_cores.get(_core(plain(name_key(name)), index.province), ())
    if len(found) == 1:
        return Match(found[0], found)
    if found:
        return Match(near=found[:SHOWN])
    return _misspelt(core, index)


def _misspelt(core: str, index: _Index) -> Match:
    from rapidfuzz import fuzz, process  # Only for a name that is on no roster.

    scored: dict[OrganisationUnit, tuple[float, str]] = {}
    keys = process.extract(
        core, list(index.cores), scorer=fuzz.ratio, score_cutoff=_LIKELY, limit=4 * SHOWN
    )
    for key, score, _ in keys:
        for unit in index.cores[key]:
            if unit not in scored:
                scored[unit] = (score, key)
    near = tuple(scored)[:SHOWN]
    ranked = list(scored.values())
    if not ranked or ranked[0][0] < SURE:
        return Match(near=near)
    clear = len(ranked) == 1 or ranked[0][0] - ranked[1][0] >= MARGIN
    if clear and _only_slips(core, ranked[0][1]):
        return Match(near[0], near)
    return Match(near=near)


def _only_slips(typed: str, name: str) -> bool:
    """Tell whether a name differs from another only by words that mean nothing as they stand."""
    if typed.replace(" ", "") == name.replace(" ", ""):
        return not any(letter.isdigit() for letter in typed)
    ours, theirs = typed.split(), name.split()
    if len(ours) != len(theirs):
        return False
    differing = [(one, other) for one, other in zip(ours, theirs, strict=True) if one != other]
    return len(differing) <= 2 and all(_is_slip(one, other) for one, other in differing)


def _is_slip(typed: str, word: str) -> bool:
    if any(_ROMAN.fullmatch(one) or not one.isalpha() for one in (typed, word)):
        return False
    if _SYLLABLE.fullmatch(typed.translate(_TONE)):
        return False
    from rapidfuzz.distance import OSA

    return OSA.distance(typed, word) == 1


def _core(key: str, province: frozenset[str]) -> str:
    """Leave out of a key the words that do not tell units of one province apart."""
    for office, before_place in _OFFICES:
        if key.startswith(before_place):
            key = key.removeprefix(office)
    for phrase in province:
        if key != phrase and key.endswith(f" {phrase}"):
            key = key.removesuffix(f" {phrase}")
    words = key.split()
    telling = [word for word in words if word not in _SAID_OR_NOT]
    if len(telling) > 2 and plain(" ".join(telling)) != plain(_OFFICE).strip():
        words = telling
    return " ".join(word.lstrip("0") or "0" if word.isdigit() else word for word in words)


_BEFORE_PLACE = tuple(_OFFICE + place for place in _PLACES)
_OFFICES = (
    (_OFFICE, _BEFORE_PLACE),
    (plain(_OFFICE), tuple(map(plain, _BEFORE_PLACE))),
)
_SAID_OR_NOT = frozenset((*_NOISE, *map(plain, _NOISE)))


@dataclass(frozen=True, eq=False)
class _Index:
    """What follows from the names of a roster, each part worked out when it is first asked for.

    Lengths are in words by the first word, longest first.
    """

    roster: Roster

    @cached_property
    def province(self) -> frozenset[str]:
        """The name of the province with and without ``tỉnh`` and diacritics."""
        whole = name_key(self.roster.province)
        place = whole.removeprefix("tỉnh ").removeprefix("thành phố ")
        return frozenset({whole, place, plain(whole), plain(place)} - {""})

    @cached_property
    def whole(self) -> dict[str, Units]:
        """Names that can be found inside a text."""
        found = {key: units for key, units in self.roster.keys.items() if _clear(key)}
        for key in [key for key in found if key.startswith(_BEFORE_PLACE)]:
            _add(found, key.removeprefix(_OFFICE), found[key])
        return found

    @cached_property
    def lengths(self) -> dict[str, tuple[int, ...]]:
        """Lengths of ``whole``."""
        return _lengths(self.whole)

    @cached_property
    def plain(self) -> dict[str, Units]:
        """The same names without diacritics, those of one unit each."""
        found: dict[str, Units] = {}
        for key, units in self.whole.items():
            _add(found, plain(key), units)
        return {key: units for key, units in found.items() if len(units) == 1}

    @cached_property
    def plain_lengths(self) -> dict[str, tuple[int, ...]]:
        """Lengths of ``plain``."""
        return _lengths(self.plain)

    @cached_property
    def cores(self) -> dict[str, Units]:
        """Names, not codes, without the words that may be left out."""
        found: dict[str, Units] = {}
        for key, units in self._names():
            _add(found, _core(key, self.province), units)
        return found

    @cached_property
    def plain_cores(self) -> dict[str, Units]:
        """The same without diacritics."""
        found: dict[str, Units] = {}
        for key, units in self._names():
            _add(found, _core(plain(key), self.province), units)
        return found

    def _names(self) -> Iterator[tuple[str, Units]]:
        """Return a code is right or wrong, never nearly right."""
        codes = {name_key(unit.code) for unit in self.roster.units}
        return ((key, units) for key, units in self.roster.keys.items() if key not in codes)


@lru_cache(maxsize=8)
def _index(roster: Roster) -> _Index:
    return _Index(roster)


def _add(index: dict[str, Units], key: str, units: Iterable[OrganisationUnit]) -> None:
    index[key] = tuple(dict.fromkeys((*index.get(key, ()), *units)))


def _clear(key: str) -> bool:
    """Tell whether a key among other words can only be a name; ``2018``, ``Q3``, ``1`` cannot."""
    return len(key) >= (5 if key.replace(" ", "").isdigit() else 3)


def _lengths(index: Iterable[str]) -> dict[str, tuple[int, ...]]:
    lengths: dict[str, set[int]] = {}
    for key in index:
        words = key.split()
        lengths.setdefault(words[0], set()).add(len(words))
    return {word: tuple(sorted(found, reverse=True)) for word, found in lengths.items()}


def _mentioned(
    key: str,
    index: dict[str, Units],
    lengths: dict[str, tuple[int, ...]],
    province: frozenset[str],
) -> Iterator[OrganisationUnit]:
    words = key.split()
    matches: dict[int, int] = {}
    at = 0
    while at < len(words):
        fitting = (
            length
            for length in lengths.get(words[at], ())
            if at + length <= len(words) and " ".join(words[at : at + length]) in index
        )
        length = next(fitting, 0)
        if length:
            matches[at] = at + length
        at += length or 1
    ends = set(matches.values())
    for start, end in matches.items():
        whole_before = not start or start in ends or _is_ordinary(words[start - 1], province)
        whole_after = end == len(words) or end in matches or _is_ordinary(words[end], province)
        if whole_before and whole_after:
            yield from index[" ".join(words[start:end])]


def _is_ordinary(word: str, province: frozenset[str]) -> bool:
    """Tell whether a word beside a name cannot be a part of a longer name."""
    if not word.isalpha() or plain(word) in _ORDINARY:
        return True
    return any(word in phrase.split() for phrase in province)


_LABEL = re.compile(
    r"(?:tên )?(?:đơn vị|cơ quan)(?: báo cáo| gửi| lập)?\s*:\s*(?P<unit>.*\w.*)"
    r"|kỳ(?: báo cáo)?\s*:\s*(?P<period>.*\w.*)",
    re.IGNORECASE,
)
_RECIPIENT = re.compile(r"kính gửi|nơi nhận", re.IGNORECASE)
_STEM = re.compile(r"\.[A-Za-z0-9]{1,5}$")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SENT_TO = re.compile(r"\b(?:kính )?(?:gửi|gui|nộp|nop)\b.*", re.IGNORECASE)
_PART = re.compile(r"\s+[-–]\s+|[()\[\],;]")
_OFFICE_NAME = re.compile(
    r"(sở|ban (?!hành|sao)|ủy ban|phòng|thanh tra|công an|tòa án|viện|văn phòng|chi cục|cục|"
    r"kho bạc|trường (?!hợp)|bệnh viện|trung tâm|huyện|xã (?!hội)|phường|thị trấn|thị xã|quận|"
    r"mặt trận|hội (?!nghị)|bảo hiểm) ?\w"
)
_PLAIN_OFFICE = re.compile(plain(_OFFICE_NAME.pattern).replace("so|", "so (?!lieu|bao|tong)|"))
"""How the name of an office begins, with diacritics and without any."""
_NOT_NAME = re.compile(
    rf"\b(?:{'|'.join(SHORT_NAMES)}|"
    r"bao cao|bc|q[1-4]|qu[yi] (?:i{1,3}|iv|[1-4])|ky bao|nam \d{4}|\d+ ?t(?:hang)?|"
    r"lan \d+|final|\d{3,})\b[\s./]*"
)
"""What a file name says beside the name of a unit, in plain small letters."""
_LEVELS = (Level.COMMUNE, Level.DISTRICT, Level.PROVINCE)


@dataclass(frozen=True, slots=True)
class Claim:
    """What one source says: the unit as written there, the units that this can be, the period."""

    text: str = ""
    units: Units = ()
    period: Period | None = None


def file_claim(path: str, member: str, roster: Roster | None) -> Claim:
    """Read what the name of a file (or of the file in an archive) says."""
    words = words_of(path, member)
    period = None if words.isdigit() else Period.parse_text(words)
    if roster is None:
        text = _name_in(words)
        return Claim(text, _unlisted(text), period)
    units = mentions(_SENT_TO.sub("", words), roster)
    return Claim(tidy(words) if units else "", units, period)


def named_templates(path: str, member: str, templates: Iterable[str]) -> frozenset[str]:
    """Find the templates whose codes are words of the name of a file."""
    return frozenset(templates).intersection(name_key(words_of(path, member)).split())


def words_of(path: str, member: str = "") -> str:
    """Split a file name into words: no folder, no ending, underscores and humps parted.

    Hyphens part words where nothing else does, as in the names of what is issued.
    """
    name = (member or path).replace("\\", "/").rpartition("/")[2]
    words = tidy(_STEM.sub("", name).replace("_", " "))
    if " " not in words:
        words = words.replace("-", " ")
    return _HUMP.sub(" ", words)


def heading_claim(lines: Iterable[str], roster: Roster | None) -> Claim:
    """Read what the lines above the tables say."""
    head = list(_head(lines))
    outright = [match for match in map(_LABEL.match, head) if match is not None]
    named = [tidy(match["unit"]) for match in outright if match["unit"]]
    stated = [match["period"] for match in outright if match["period"]]
    periods = (Period.parse_text(line) for line in stated or head)
    found = {period for period in periods if period is not None}
    rounds = {named.round_name for named in found}
    # "Quý III/2026" above one table and "9 tháng đầu năm 2026" above another are one round.
    period = None if len(rounds) != 1 else found.pop() if len(found) == 1 else rounds.pop()
    if roster is None:
        text = named[0] if named else next(iter(_offices(head)), "")
        return Claim(text, _unlisted(text), period)
    if named:
        return Claim(named[0], roster.find(named[0]) or mentions(named[0], roster), period)
    text = ""
    units: Units = ()
    for line in head:
        written = roster.find(line) or mentions(line, roster)
        if written:
            text, units = text or line, (*units, *written)
    units = lowest(units)
    return Claim(units[0].name if len(units) == 1 else text, units, period)


def lowest(units: Units) -> Units:
    """Leave out units that stand over another of them, by roster or by level."""
    left = tuple(dict.fromkeys(units))
    over = {name_key(unit.parent) for unit in left if unit.parent}
    kept = [unit for unit in left if not over & {name_key(unit.code), name_key(unit.name)}]
    for level in _LEVELS:
        own = tuple(unit for unit in kept if unit.level is level)
        if own:
            return own
    return tuple(kept)


def is_over(unit: OrganisationUnit, other: OrganisationUnit) -> bool:
    """Tell whether a unit is the superior of another."""
    parent = name_key(other.parent)
    return bool(parent) and parent in (name_key(unit.code), name_key(unit.name))


def _head(lines: Iterable[str]) -> Iterator[str]:
    to = False
    for line in lines:
        for part in map(tidy, line.splitlines()):
            said = _RECIPIENT.split(part)[0]
            to = said != part or (to and part.startswith(("-", "+", "•")))
            if tidy(said) and (said != part or not to):
                yield tidy(said)


def _offices(head: list[str]) -> list[str]:
    """Lines in capitals that are the name of an office, the issuing one below its superior."""
    found = [line for line in head if line.isupper() and _begins_office(line)]
    return found[1:2] or found[:1]


def _begins_office(text: str) -> bool:
    pattern = _PLAIN_OFFICE if text.isascii() else _OFFICE_NAME
    key = name_key(text)
    return pattern.match(plain(key) if text.isascii() else key) is not None


def _name_in(words: str) -> str:
    """Return the part of a file name that begins like the name of an office, up to other words."""
    for part in map(str.strip, _PART.split(words)):
        bare = plain(part).casefold()  # Letter for letter as long as the part.
        start = 0
        while other := _NOT_NAME.match(bare, start):
            start = other.end()
        end = _NOT_NAME.search(bare, start)
        name = part[start : end.start() if end is not None else None].strip()
        if _begins_office(name):
            return name
    return ""


def _unlisted(name: str) -> Units:
    """Return the unit of a name where there is no roster to look it up."""
    return (OrganisationUnit(name_key(name), tidy(name), Level.UNKNOWN),) if name else ()
