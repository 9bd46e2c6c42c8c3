"""Corrections in words: what a plan records, why a correction ends, figures as people name them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from consolidate.definitions.catalogue import text
from consolidate.model.corrections import Adjustment, Waiver
from consolidate.model.datasets import Library
from consolidate.province.book_columns import NOTHING
from consolidate.province.corrections_plan import CorrectionsPlan, Ending
from consolidate.reports.captions import caption


def ending_of(path: Path, author: str, on: date, reason: str = "", document: str = "") -> Ending:
    """Say who answers for corrections whose rows are gone from a workbook, and why they end.

    Without a ``reason`` it is that their rows are gone.
    """
    why = reason or text("corrections.gone", file=path.name)
    return Ending(author, on, why, document, text("corrections.replaced"))


def lines_of(library: Library, plan: CorrectionsPlan) -> list[str]:
    """Say what a plan records, a line each: ``+`` for what is added, ``-`` for what ends."""
    added: list[Adjustment | Waiver] = [*plan.new.adjustments, *plan.new.waivers]
    lines = [f"+ {item.id} · {_words(library, item)}" for item in added]
    return lines + [f"- {end.id} · {end.reason}" for end in plan.new.revocations]


def _words(library: Library, item: Adjustment | Waiver) -> str:
    if isinstance(item, Waiver):
        parts = [item.rule, item.unit]
        if item.period is not None:
            parts.append(text("corrections.only", period=item.period.code))
        elif item.until is None:
            parts.append(text("corrections.endless"))
        return " · ".join(parts)
    key = item.key
    figure = caption(library, key.data_set, key.element, key.column)
    row = f" · {text('corrections.of_row', row=key.row)}" if key.row else ""
    form = library.by_code[key.data_set].sheet
    return f"{item.period.code} · {item.unit} · {form} {figure}{row} = {item.value or NOTHING}"
