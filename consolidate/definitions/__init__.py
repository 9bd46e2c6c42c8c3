"""Forms as data: data sets, elements, rules, layouts in TOML; loader, linter, messages."""

OFFERS = (
    "building",
    "calendars",
    "catalogue",
    "keys",
    "loader",
    "toml_lines",
)
"""Modules that other rooms and the add-in may import; the others are private to this room."""
