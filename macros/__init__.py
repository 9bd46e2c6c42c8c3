"""VBA sources of the add-in: UTF-8, callbacks of one line, helpers (``addin/vba_project.py``)."""
