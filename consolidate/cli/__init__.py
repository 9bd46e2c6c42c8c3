"""The command line: one file per command: parse what was typed, call an action, print.

``group`` is the entry point; ``--help`` imports no command and nothing that commands need.
"""
