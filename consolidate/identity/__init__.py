"""Whose file it is, for which period, and which of several files counts."""
