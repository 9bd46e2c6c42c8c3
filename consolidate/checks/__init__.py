"""Checks of one return: one question per function, findings out, nothing raised; pure."""

OFFERS = (
    "all_checks",
    "form_version_checks",
    "past_and_outlier_checks",
    "rule_checks",
    "sheet_checks",
    "text_checks",
    "value_checks",
)
"""Modules that other rooms and the add-in may import; the others are private to this room."""
