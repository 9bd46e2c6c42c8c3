"""How workbooks are written: styles, measures, safe text, whole files."""
