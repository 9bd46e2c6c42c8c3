"""What the province remembers, brought to a merge: earlier figures, days, decisions, the record.

``province_memory`` is what there is on a day, ``open_province_memory`` opens it for a workspace;
``receiving`` says of each file when it came and whether it may count, ``history`` puts it beside
adjustments and waivers, its past and its peers; ``earlier_periods`` knows what counted before;
``recording`` keeps the merge. Only ``open_province_memory`` and ``recording`` import a database.
"""

OFFERS = (
    "adjustments_and_waivers",
    "earlier_periods",
    "history",
    "kept_readings",
    "merge_inbox",
    "open_province_memory",
    "province_memory",
    "read_files",
    "receiving",
    "recording",
    "worker_processes",
)
"""Modules that other rooms and the add-in may import; the others are private to this room."""
