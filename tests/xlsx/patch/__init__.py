"""Tests of what goes back to units."""
