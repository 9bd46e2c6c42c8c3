"""What goes back to a unit: a copy of its workbook with the findings in it, or a list of them.

A copy is the unit's own package with a few parts patched; every other part keeps its bytes, so that
it is read like the return that it was made of.
"""
