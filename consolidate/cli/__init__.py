"""The command line: a command parses what was typed, calls one action, prints what it came to.

``main`` is the entry point and lists the commands; exit codes, and how an error is shown, are in
``errors_and_exit_codes``. ``--help`` imports no command and nothing that commands need.
"""

OFFERS = ("errors_and_exit_codes", "main", "options", "terminal")
"""Modules that other rooms and the add-in may import; the others are private to this room."""
