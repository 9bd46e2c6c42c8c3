"""What people and programs read after a merge: the summary workbook and ``result.json``."""
