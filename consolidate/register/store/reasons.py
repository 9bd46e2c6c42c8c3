"""Reasons as the register keeps them: one line of JSON with typed values, ``""`` for none.

``{"key": "memory.too_late", "values": {"day": {"date": "2018-04-20"}, …}}``. Texts, whole numbers
and lists stand as JSON has them; any other value is an object whose one key names its type.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

from consolidate.model.period import Period
from consolidate.model.reasons import Reason, because


def reason_to_json(reason: Reason | None) -> str:
    """A reason as the text of its column."""
    if reason is None:
        return ""
    # A lone surrogate becomes an escape in the column (``Words``), which JSON reads as one.
    return json.dumps(_reason(reason), ensure_ascii=False, separators=(",", ":"))


def reason_from_json(text: str) -> Reason | None:
    """The reason again.

    Raises:
        ValueError: the text was not made by :func:`reason_to_json`.
    """
    if not text:
        return None
    reason = _value(json.loads(text))
    if not isinstance(reason, Reason):
        raise ValueError(text)
    return reason


def _reason(reason: Reason) -> dict[str, Any]:
    return {"key": reason.key, "values": {blank: _json(value) for blank, value in reason.values}}


def _json(value: object) -> Any:
    match value:
        case str() | int():
            return value
        case Decimal():
            return {"decimal": str(value)}
        case date():
            return {"date": value.isoformat()}
        case Period():
            return {"period": value.code}
        case Reason():
            return _reason(value)
        case tuple():
            return [_json(part) for part in value]
    raise TypeError(f"no value of a reason: {value!r}")


def _value(found: Any) -> object:
    match found:
        case str() | int():
            return found
        case {"decimal": str(shown)}:
            return Decimal(shown)
        case {"date": str(shown)}:
            return date.fromisoformat(shown)
        case {"period": str(code)}:
            return Period.parse_code(code)
        case {"key": str(key), "values": dict(values)}:
            return because(key, **{blank: _value(value) for blank, value in values.items()})
        case list():
            return tuple(_value(part) for part in found)
    raise ValueError(found)
