"""What the province remembers, brought to a merge: earlier figures, days, decisions, the record.

``memory`` is what there is on a day, ``opening`` opens it for a workspace; ``receiving`` says of
each file when it came and whether it may count, ``history`` puts it beside corrections, past and
peers; ``past`` knows what counted before; ``recording`` keeps the merge. Only ``opening`` and
``recording`` import a database.
"""

OFFERS = (
    "history",
    "kept_readings",
    "memory",
    "merge_inbox",
    "opening",
    "past",
    "read_files",
    "receiving",
    "recording",
    "worker_processes",
)
"""Modules that other rooms and the add-in may import; the others are private to this room."""
