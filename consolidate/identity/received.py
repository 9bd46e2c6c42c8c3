"""Does a return say anything? An untouched form, or one whose main table is lost, is no report."""

from __future__ import annotations

from consolidate.model.data_values import DataValue, ValueStatus
from consolidate.model.datasets import DataElement, DataSet, Shape
from consolidate.model.packs import Pack
from consolidate.model.reasons import Reason, because
from consolidate.model.returns import Return


def why_not_received(content: Return, pack: Pack) -> Reason | None:
    """Say why a return counts as not received; ``None`` when it does count.

    Blank: no cell of any table was filled in; what the form itself says (x in rows that do not
    concern the unit) is no answer. Lost: of the first table of the pack, a fixed one, no figure
    could be read though others are there.
    """
    forms = {form.code: form for form in pack.forms(0)}
    answers = [
        value
        for part in content.data_sets
        for value in part.values
        if _is_answer(value, forms[part.code])
    ]
    if not answers:
        return because("identity.blank")
    main = pack.data_sets[0]
    if main.shape is not Shape.FIXED:
        return None
    own = [value for value in answers if forms[value.key.data_set].form == main.code]
    there = any(forms[part.code].form == main.code for part in content.data_sets)
    unread = bool(own) and all(value.status is ValueStatus.INVALID for value in own)
    if not there or unread:
        return because("identity.no_main_table", form=main.short_title)
    return None


def _is_answer(value: DataValue, form: DataSet) -> bool:
    if value.status is ValueStatus.MISSING:
        return False
    if value.status is not ValueStatus.NOT_APPLICABLE:
        return True
    element = form.by_code.get(value.key.element)
    return not isinstance(element, DataElement) or not element.applies_to
