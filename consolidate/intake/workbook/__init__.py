"""Bytes of a workbook to grids: what a package holds, measured and bounded before it is read."""
