"""Write findings into copies of returned workbooks; all other bytes stay."""
