"""Definitions to workbooks that look like the official forms, written with XlsxWriter."""

OFFERS = (
    "columns",
    "file_names",
    "fixed_table",
    "form_page",
    "issued",
    "live_formulas",
    "template_build",
)
"""Modules that other rooms and the add-in may import; the others are private to this room."""
