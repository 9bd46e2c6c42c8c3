"""What the province remembers, brought to a merge: earlier figures, days, decisions, the record.

``knowledge`` is what there is on a day, ``opening`` opens it for a workspace; ``receiving`` says of
each file when it came and whether it may count, ``recalling`` puts it beside corrections, past and
peers; ``past`` knows what counted before; ``recording`` keeps the merge. A merge without a
workspace imports none of it, and only ``opening`` imports a database.
"""

OFFERS = (
    "adjusting",
    "kept_readings",
    "knowledge",
    "merge_inbox",
    "opening",
    "past",
    "read_files",
    "recalling",
    "receiving",
    "recounting",
    "worker_processes",
)
"""Modules that other rooms and the add-in may import; the others are private to this room."""
