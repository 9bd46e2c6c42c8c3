"""Evaluate formulas that have no cached value."""
