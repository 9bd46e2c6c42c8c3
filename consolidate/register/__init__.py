"""The register: append-only facts in a database, the bytes of files beside it.

The only room that knows a database.
"""

OFFERS = ("backup_file", "facts", "recorded_decisions", "recorded_runs", "register")
"""Modules that other rooms and the add-in may import; the others are private to this room."""
