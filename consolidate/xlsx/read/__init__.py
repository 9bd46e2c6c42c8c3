"""Bytes of a workbook to grids: what a package holds, bounded before it is read."""
