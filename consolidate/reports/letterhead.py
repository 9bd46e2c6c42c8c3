"""Name the authority of a province in heads, places and signatures of letters and tables.

Nghị định 30/2020/NĐ-CP, Phụ lục I: the superior agency stands above the one that signs; the place
of signing is the name of the province alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from consolidate.definitions.catalogue import text
from consolidate.model.text import name_key, tidy
from consolidate.model.units import Signatory

_CITY, _PROVINCE = "thành phố", "tỉnh"
_KINDS = ("thành phố", "tỉnh", "tp.", "tp ", "t.p.")
"""How a cell of a roster names the kind of a province in front of its name, in small letters."""
_CITIES = frozenset(
    map(name_key, ("Hà Nội", "Hồ Chí Minh", "Hải Phòng", "Đà Nẵng", "Cần Thơ", "Huế"))
)
"""The cities of central rank (Hiến pháp 2013, điều 110; Huế since 1/1/2025)."""


@dataclass(frozen=True, slots=True)
class Authority:
    """An agency of a province.

    ``superior`` is ``UBND TỈNH TIỀN GIANG``, ``name`` ``Thanh tra tỉnh``, ``province`` ``Tiền
    Giang`` (dots for one that nobody named), ``place`` where it signs: the province unless the
    roster says another, ``chief`` the title of who signs (``CHÁNH THANH TRA``;
    who signs for another has lines: ``KT. CHÁNH THANH TRA``, ``PHÓ CHÁNH THANH TRA``).
    ``signatory`` and ``officer`` are the names of who signs and who made the tables, ``""`` where
    they are written by hand.
    """

    superior: str
    name: str
    place: str
    chief: str
    province: str
    signatory: str = ""
    officer: str = ""


def authority_of(agency: str, province: str, signatories: Iterable[Signatory] = ()) -> Authority:
    """Tell how an agency of a province is named and who signs for it.

    ``agency`` is its name in packs and rosters (``Thanh tra tỉnh``, ``Sở Nội vụ``), ``province``
    the cell of the roster, with or without ``Tỉnh``, ``Thành phố``, ``TP.``, ``""`` when nobody
    said it. Of ``signatories`` who signs for all agencies comes after who signs for this one.
    """
    # The name of the province without its kind, and whether it is a city of central rank.
    place, name = tidy(province), tidy(agency)
    city = name_key(place) in _CITIES
    for kind in _KINDS:
        rest = place[len(kind) :].strip()
        if place.casefold().startswith(kind) and rest:
            place, city = rest, kind != _PROVINCE
            break
    if city and name.casefold().endswith(f" {_PROVINCE}"):
        name = f"{name[: -len(_PROVINCE)]}{_CITY}"  # As a city calls its own: Thanh tra thành phố.
    first = name.casefold()
    if first.startswith("thanh tra"):
        chief = text("letter.chief_thanh_tra")
    elif first.startswith("sở "):
        chief = text("letter.chief_so")
    else:
        chief = text("letter.chief")
    said = place or text("letter.no_place")
    kind = _CITY if city else _PROVINCE
    superior = text("letter.superior", province=f"{kind} {said}").upper()
    # Who signs for the agency, by either of its names; else who signs for all.
    rows, keys = tuple(signatories), (name_key(agency), name_key(name))
    own = (row for row in rows if row.agency and name_key(row.agency) in keys)
    found = next(own, next((row for row in rows if not row.agency), None))
    if found is None:
        return Authority(superior, name, said, chief, said)
    titles = "\n".join(filter(None, (found.instead, found.title or chief))).upper()
    place = found.place or said
    return Authority(superior, name, place, titles, said, found.name, found.officer)
