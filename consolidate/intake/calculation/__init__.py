"""Formulas that nobody calculated, worked out without ever running anything."""
