"""What people and programs read after a merge: the summary workbook, letters, lists, JSON."""
