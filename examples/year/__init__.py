"""A simulated year of a province of 208 units: ``python -m examples.year FOLDER``.

``province`` says who reports and when, ``truth`` what the figures really are, ``events`` what goes
wrong on the way; ``workbooks`` and ``desk`` do what units and officers do by hand; ``recount``
works out from the truth what must come out, ``compare`` holds it against what did; ``story`` is
the year.
``province``, ``truth``, ``events`` and ``recount`` import nothing of ``consolidate``.
"""
