"""Standard Excel templates out to every unit of a province, trusted totals back.

The rooms of this package, and which may call which, are described in ``docs/architecture.md``;
``setup.cfg`` holds the contract that a test enforces.
"""

__version__ = "0.1.0"
