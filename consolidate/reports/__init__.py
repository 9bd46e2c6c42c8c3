"""What people and programs read after a merge: the summary workbook, letters, lists, JSON."""

OFFERS = (
    "letterhead",
    "captions",
    "letter_plan",
    "letters",
    "mail_drafts",
    "matrix",
    "overview_html",
    "plan_and_ranking_sheets",
    "redaction",
    "report_in_word",
    "report_tags",
    "result_json",
    "round_progress",
    "run_diff_words",
    "summary",
    "values_table",
)
"""Modules that other rooms and the add-in may import; the others are private to this room."""
