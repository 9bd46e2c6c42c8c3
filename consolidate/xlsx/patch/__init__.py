"""Copies of returned workbooks in which findings stand; all other bytes stay."""
