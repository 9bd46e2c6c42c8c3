"""Kinds of reporting unit: the classes that plans and official letters set due dates for."""

from __future__ import annotations

from enum import StrEnum

from consolidate.model.text import name_key


class UnitKind(StrEnum):
    """What a unit is. ``UNKNOWN`` is a unit of which the roster does not say it."""

    DEPARTMENT = "department"
    DISTRICT = "district"
    COMMUNE = "commune"
    SUBORDINATE = "subordinate"
    VERTICAL = "vertical"
    FRONT = "front"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """Vietnamese name of the kind, ``""`` for ``UNKNOWN``."""
        return _LABELS[self]

    @classmethod
    def parse(cls, text: str) -> UnitKind | None:
        """Kind named by a Vietnamese phrase or machine label; ``UNKNOWN`` for a blank."""
        key = name_key(text)
        if not key:
            return cls.UNKNOWN
        return _BY_KEY.get(key)


_LABELS = {
    UnitKind.DEPARTMENT: "Sở, ban, ngành tỉnh",
    UnitKind.DISTRICT: "UBND cấp huyện",
    UnitKind.COMMUNE: "UBND cấp xã",
    UnitKind.SUBORDINATE: "Đơn vị trực thuộc",
    UnitKind.VERTICAL: "Cơ quan ngành dọc",
    UnitKind.FRONT: "MTTQ, tổ chức chính trị - xã hội",
    UnitKind.UNKNOWN: "",
}
_PHRASES = {
    UnitKind.DEPARTMENT: (
        "sở", "sở, ngành", "sở, ban, ngành", "ban, ngành", "sở, ban, ngành cấp tỉnh",
        "cơ quan chuyên môn", "cơ quan chuyên môn cấp tỉnh",
        "cơ quan chuyên môn thuộc UBND tỉnh",
    ),
    UnitKind.DISTRICT: (
        "huyện", "thị xã", "cấp huyện", "UBND huyện", "UBND thị xã",
        "UBND huyện, thị xã, thành phố", "UBND các huyện, thị xã, thành phố",
    ),
    UnitKind.COMMUNE: (
        "xã", "phường", "thị trấn", "đặc khu", "cấp xã", "UBND xã", "UBND phường",
        "UBND thị trấn", "UBND đặc khu", "UBND xã, phường, thị trấn",
        "UBND xã, phường, đặc khu", "UBND các xã, phường, đặc khu",
    ),
    UnitKind.SUBORDINATE: ("trực thuộc", "đơn vị sự nghiệp", "đơn vị sự nghiệp trực thuộc"),
    UnitKind.VERTICAL: ("ngành dọc", "cơ quan ngành dọc cấp tỉnh"),
    UnitKind.FRONT: (
        "MTTQ", "Mặt trận Tổ quốc", "MTTQ tỉnh", "Ủy ban MTTQ", "đoàn thể", "MTTQ, đoàn thể",
        "MTTQ và các tổ chức chính trị - xã hội", "tổ chức chính trị - xã hội",
    ),
}  # fmt: skip
_BY_KEY = {
    name_key(phrase): kind
    for kind in UnitKind
    for phrase in (kind.value, _LABELS[kind], *_PHRASES.get(kind, ()))
    if phrase and kind is not UnitKind.UNKNOWN
}
