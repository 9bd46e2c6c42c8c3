"""The add-in: built, opened by other programs, pressed button by button."""
