"""What the buttons do: thin, through ``xw.Book``, ``xw.Sheet`` and ``xw.Range``, never ``.api``."""
