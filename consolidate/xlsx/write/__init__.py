"""Write workbooks: styles, measures, safe text, whole files."""
