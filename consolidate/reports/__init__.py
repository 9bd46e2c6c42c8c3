"""What people and programs read after a merge: the summary workbook, letters, lists, JSON."""

OFFERS = (
    "authority",
    "captions",
    "correction_letter",
    "letter_plan",
    "mail_drafts",
    "matrix",
    "overview_html",
    "plan_sheet",
    "progress_book",
    "redaction",
    "reminder_letter",
    "report_draft",
    "report_outline",
    "report_tags",
    "result_json",
    "run_diff_words",
    "status_json",
    "summary",
    "values_table",
)
"""Modules that other rooms and the add-in may import; the others are private to this room."""
