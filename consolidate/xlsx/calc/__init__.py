"""Formulas that have no cached value, worked out without running anything."""
