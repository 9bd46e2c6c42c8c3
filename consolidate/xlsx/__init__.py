"""The file format: reading, working out, writing and patching workbooks."""

OFFERS = (
    "calc.recalculation",
    "patch.annotate_copy",
    "patch.correction_lines",
    "patch.xml_places",
    "read.compound",
    "read.crossed_out_text",
    "read.decrypt",
    "read.defined_names",
    "read.features",
    "read.file_kinds",
    "read.package_gate",
    "read.grid",
    "read.known_sheets",
    "read.libreoffice_reader",
    "read.package_facts",
    "read.read_workbook",
    "read.shown_numbers",
    "read.skeleton",
    "write.atomic_files",
    "write.form_styles",
    "write.safe_text",
    "write.streamed_workbook",
    "write.text_sizes",
)
"""Modules that other rooms and the add-in may import; the others are private to this room."""
