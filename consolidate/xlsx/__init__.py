"""The file format: reading, working out, writing and patching workbooks."""
