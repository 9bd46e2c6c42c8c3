"""Engines for xlwings that need no Excel."""
