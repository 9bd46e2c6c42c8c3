"""What headings and file names claim: the unit and the period, where the cover does not say.

They are read as a person reads them. A heading of the form ``Đơn vị báo cáo: …`` or ``Kỳ báo cáo:
…`` says it outright. Otherwise the unit is the one named in the head of the form, the lower one
when its superior stands above it (``UBND HUYỆN … / PHÒNG …``), and the period the only one named.
Whatever follows ``Kính gửi`` is the recipient and no claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from consolidate.identity.unit_names import Units, mentions
from consolidate.model.period import Period
from consolidate.model.text import SHORT_NAMES, name_key, plain, tidy
from consolidate.model.units import Level, OrganisationUnit, Roster

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
_OFFICE = re.compile(
    r"(sở|ban (?!hành|sao)|ủy ban|phòng|thanh tra|công an|tòa án|viện|văn phòng|chi cục|cục|"
    r"kho bạc|trường (?!hợp)|bệnh viện|trung tâm|huyện|xã (?!hội)|phường|thị trấn|thị xã|quận|"
    r"mặt trận|hội (?!nghị)|bảo hiểm) ?\w"
)
_PLAIN_OFFICE = re.compile(plain(_OFFICE.pattern).replace("so|", "so (?!lieu|bao|tong)|"))
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
    pattern = _PLAIN_OFFICE if text.isascii() else _OFFICE
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
