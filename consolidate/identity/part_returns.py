"""Does a correction hold the whole return again, or only the figures that were corrected?

A return that is sent again replaces the one before it. One in which only some cells were filled
would take away all the others without a word, so it is held for a person to decide
(:func:`why_part`): most answers of the return before it, or of one of its tables of figures, are
gone, and it has fewer of them. A return of zeros is no loss, nor is one that said nearly nothing.

What a whole correction leaves out without a finding of its own is named (:func:`answers_gone`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from consolidate.model.data_values import DENOMINATOR, NUMERATOR, DataValue, ValueStatus
from consolidate.model.datasets import DataElement, DataSet, Library
from consolidate.model.reasons import Finding, Reason, Severity, because
from consolidate.model.text import name_key

ENOUGH = 6
"""Answers from which a return says enough to lose most of them."""
_NAMED = 8
"""Rows that a sentence names."""
_WORDS = 60
"""Letters of a row of a list that it shows."""

Answer = tuple[str, str, str, str]
"""Data set, row of a list by its words (``""`` in a fixed table), element, column."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One sending of a return: the name of its file, its number, and what it answers.

    ``run`` is the run that counted it where its file is no longer in the inbox, 0 else.
    """

    name: str
    revision: int
    values: tuple[DataValue, ...]
    run: int = 0


def why_part(now: Sent, before: Sent, library: Library | None) -> Reason | None:
    """Say why a later sending holds only a part of the one before; ``None`` when it is whole."""
    old, new = _answers(before.values, library), _answers(now.values, library)
    tables = defaultdict[str, dict[Answer, DataValue]](dict)
    for key, value in old.items():
        tables[key[0]][key] = value
    figures = [
        table
        for table in tables.values()
        if not any(row for _, row, _, _ in table)
        and any(value.number is not None for value in table.values())
    ]
    if not any(_most_gone(scope, new) for scope in (old, *figures)):
        return None
    kept = sum(1 for key in old if key in new)
    told = {"other": before.name, "revision": now.revision, "kept": kept, "total": len(old)}
    silent = _silent(old, new, library)
    rows = because("identity.part_rows", rows=_shown(silent), count=len(silent)) if silent else ""
    if before.run:
        return because("identity.part_of_run", run=before.run, rows=rows, **told)
    return because("identity.part", rows=rows, **told)


def answers_gone(now: Sent, before: Sent, library: Library | None) -> Finding | None:
    """Name optional answers and rows of lists that a correction does not have any more."""
    silent = _silent(_answers(before.values, library), _answers(now.values, library), library)
    if not silent:
        return None
    rows, count = _shown(silent), len(silent)
    message = because("identity.answers_gone", other=before.name, rows=rows, count=count)
    return Finding("identity.answers_gone", Severity.INFO, message, found=rows)


def _answers(values: Iterable[DataValue], library: Library | None) -> dict[Answer, DataValue]:
    """Tell what a return answers, by question; a row of a list is known by its words."""
    told = [v for v in values if v.status is not ValueStatus.MISSING]
    rows = defaultdict[tuple[str, int], list[str]](list)
    for value in told:
        data_set = _form(value, library)
        names = data_set.key_elements if data_set is not None else ()
        if value.key.row and (value.key.element in names or not names):
            rows[value.key.data_set, value.key.row].append(name_key(value.raw))
    found: dict[Answer, DataValue] = {}
    for value in told:
        code, element, column, row = value.key
        if column in (NUMERATOR, DENOMINATOR):
            continue
        words = " · ".join(rows[code, row]) or str(row) if row else ""
        found.setdefault((code, words, element, column), value)
    return found


def _form(value: DataValue, library: Library | None) -> DataSet | None:
    return library.by_code.get(value.key.data_set) if library is not None else None


def _most_gone(old: Mapping[Answer, DataValue], new: Collection[Answer]) -> bool:
    """Tell whether most of some answers are gone, and something other than zeros was among them."""
    if len(old) < ENOUGH:
        return False
    tables = {code for code, *_ in old}
    left = sum(1 for code, *_ in new if code in tables)
    gone = sum(1 for key in old if key not in new)
    numbers = [value.number for value in old.values() if value.number is not None]
    said = not numbers or any(numbers) or any(row for _, row, *_ in old)
    return 2 * gone > len(old) and left < len(old) and said


def _silent(
    old: Mapping[Answer, DataValue], new: Collection[Answer], library: Library | None
) -> list[str]:
    """Captions of what is gone and not missed by another finding: optional rows, rows of lists."""
    rows = {(code, row) for code, row, *_ in new}
    shown: dict[tuple[str, str], str] = {}
    for (code, row, element, column), value in old.items():
        data_set = _form(value, library)
        if row:
            if (code, row) not in rows:
                sheet = data_set.sheet if data_set is not None else code
                shown.setdefault((code, row), f"{sheet}: “{value.raw[:_WORDS]}”")
            continue
        if (code, row, element, column) in new:
            continue
        item = data_set.by_code.get(element) if data_set is not None else None
        if not isinstance(item, DataElement) or data_set is None:
            shown[code, element] = element
        elif column not in item.required:
            caption = data_set.caption(item, column)
            shown[code, caption] = caption
    return list(shown.values())


def _shown(captions: list[str]) -> str:
    more = " …" if len(captions) > _NAMED else ""
    return "; ".join(captions[:_NAMED]) + more
