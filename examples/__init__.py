"""A small province, its roster and inbox: rebuilt by ``python -m examples.build``."""
