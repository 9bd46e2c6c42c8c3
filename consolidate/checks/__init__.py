"""Checks of one return: one question per function, findings out, nothing raised; pure."""

OFFERS = (
    "all_checks",
    "form_changes",
    "narrative_checks",
    "outliers",
    "past_checks",
    "rule_checks",
    "sizes",
    "structure_checks",
    "window_checks",
)
"""Modules that other rooms and the add-in may import; the others are private to this room."""
