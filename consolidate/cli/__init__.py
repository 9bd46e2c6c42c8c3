"""The command line: one file per command: parse what was typed, call an action, print.

``main`` is the entry point; ``--help`` imports no command and nothing that commands need.
"""

OFFERS = (
    "base",
    "console",
    "main",
    "parameters",
)
"""Modules that other rooms and the add-in may import; the others are private to this room."""
