"""Definitions to workbooks that look like the official forms, written with XlsxWriter."""

OFFERS = (
    "check_sheet.live",
    "columns",
    "file_names",
    "fixed_table",
    "form_page",
    "issued",
    "template_build",
    "template_cache",
)
"""Modules that other rooms and the add-in may import; the others are private to this room."""
