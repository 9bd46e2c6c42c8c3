"""How facts travel between processes."""

from __future__ import annotations

import copyreg
from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from itertools import takewhile
from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")


def sent_flat(cls: type[T]) -> type[T]:
    """Pickle a named tuple, or a frozen dataclass of two fields or more, as a call with its fields.

    Left to itself a dataclass sets them one by one, which takes several times as long. Last fields
    that all have their defaults are left out. For what workers send of every file.
    """
    values: Callable[[Any], tuple[object, ...]] = tuple
    defaults: tuple[object, ...] = ()
    if not issubclass(cls, tuple):
        # What is no named tuple is a dataclass.
        own: tuple[Field[object], ...] = fields(cls)  # type: ignore[arg-type]
        values = attrgetter(*(field.name for field in own))
        last = takewhile(lambda field: field.default is not MISSING, reversed(own))
        defaults = tuple(field.default for field in last)[::-1]
    least = -len(defaults)

    def call(one: T) -> tuple[type[T], tuple[object, ...]]:
        given = values(one)
        if defaults and given[least:] == defaults:
            given = given[:least]
        return cls, given

    copyreg.pickle(cls, call)
    return cls
