"""The register as a store: the same tests on SQLite and on PostgreSQL."""
