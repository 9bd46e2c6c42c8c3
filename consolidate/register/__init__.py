"""The register: append-only facts in a database, the bytes of files beside it.

The only room that knows a database.
"""
