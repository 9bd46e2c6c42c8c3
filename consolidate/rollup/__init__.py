"""Pure: returns with an outcome to totals over levels, completeness, the result of a merge."""
