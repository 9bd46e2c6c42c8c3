"""VBA sources of the add-in: UTF-8, one-line callbacks, helpers apart (``addin/vba_project.py``)."""
