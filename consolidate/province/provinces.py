"""Communes of a province as units, from the package ``vietnam-provinces``.

The package holds the list of the General Statistics Office after the rearrangement of 1 July 2025:
34 provinces, 3,321 communes, no districts.
"""

from __future__ import annotations

from datetime import date

from consolidate.model.errors import UserError
from consolidate.model.reasons import because
from consolidate.model.text import name_key, plain
from consolidate.model.units import Level, OrganisationUnit, Roster, UnitKind

SINCE = date(2025, 7, 1)
"""First day of the communes of the list (resolutions of the National Assembly of 2025)."""
_PREFIXES = ("thành phố ", "tỉnh ")


def communes_of(province: str) -> Roster:
    """A roster of the commune-level People's Committees of a province, sorted by official code.

    ``province`` may be written with or without "tỉnh", "TP." and diacritics. Codes are the five
    digits of the official list; the plain name ("Xã An Phú") is kept as another name.

    Raises:
        UserError: no province has this name; the package was left out of a bundle (its licence is
            the GPL).
    """
    try:
        from vietnam_provinces import Province, VietNamDivisionType, Ward
    except ModuleNotFoundError as error:
        if error.name != "vietnam_provinces":
            raise
        raise UserError((because("workspace.init.no_package"),), wrong_call=True) from None
    found = {_key(item.name): item for item in Province.iter_all()}
    without_marks = {plain(key): item for key, item in found.items()}
    chosen = found.get(_key(province)) or without_marks.get(plain(_key(province)))
    if chosen is None:
        known = ", ".join(item.name for item in found.values())
        unknown = because("workspace.init.no_province", name=province, known=known)
        raise UserError((unknown,), wrong_call=True)
    wards = sorted(Ward.iter_by_province(chosen.code), key=lambda ward: int(ward.code))
    units = tuple(
        OrganisationUnit(
            f"{int(ward.code):05d}",
            f"UBND {ward.name[0].lower()}{ward.name[1:]}",
            Level.COMMUNE,
            aliases=(ward.name,),
            kind=UnitKind.COMMUNE,
            valid_from=SINCE,
        )
        for ward in wards
    )
    is_province = chosen.division_type is VietNamDivisionType.TINH
    name = f"Tỉnh {chosen.name}" if is_province else chosen.name
    return Roster.of(units, province=name)


def _key(name: str) -> str:
    key = name_key(name)
    for prefix in _PREFIXES:
        key = key.removeprefix(prefix)
    return key
