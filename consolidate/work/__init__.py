"""Orders of work from a folder to what is written and recorded, one file for each of them.

The commands and the buttons of the add-in call these and only speak of them in their own way, so
that both do the same. Nothing here prints, asks the clock or knows a terminal: days are given, and
what a person has to be asked comes in as a function.
"""
