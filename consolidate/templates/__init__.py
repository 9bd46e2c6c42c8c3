"""Definitions to workbooks that look like the official forms, written with XlsxWriter."""
