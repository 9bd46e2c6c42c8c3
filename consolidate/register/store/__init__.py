"""The register as a store: append-only facts in a database, the bytes of files beside it.

``register.open_register`` opens it. Nothing is ever changed or removed: a mistake is taken back
by another row. Which return counts, totals and completeness are computed elsewhere, from facts.

SQLAlchemy is imported by the modules that speak to the database, not by this package,
``errors`` or ``facts``: a merge without a workspace does not load it.
"""
