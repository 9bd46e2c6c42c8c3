"""Read one inbox file into returns: locate values and read their text."""

OFFERS = (
    "answers",
    "containers",
    "containers.open_container",
    "inbox",
    "plain_files",
    "read_file",
    "retyped.lines",
    "typed_text.dates_and_marks",
    "typed_text.typed_numbers",
)
"""Modules that other rooms and the add-in may import; the others are private to this room."""
