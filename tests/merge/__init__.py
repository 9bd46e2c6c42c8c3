"""Tests of what the province remembers, brought to a merge."""
