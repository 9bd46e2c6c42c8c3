"""VBA projects from plain text on any machine: ``.bas`` and ``.cls`` to ``vbaProject.bin``.

Standard library only, after [MS-OVBA] and [MS-CFB]. The project carries source and no performance
cache, as the specification prescribes for writers; Excel compiles it when it loads.
"""
