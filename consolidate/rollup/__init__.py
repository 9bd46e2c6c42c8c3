"""Totals over levels, completeness, timeliness, comparisons, traces; pure functions."""
