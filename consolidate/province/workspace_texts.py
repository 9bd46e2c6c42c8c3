"""What the text files of a new workspace say to people: its guide, the notes in its settings."""

from __future__ import annotations

from consolidate.definitions.catalogue import text


def workspace_guide() -> str:
    """Return the guide that lies in the folder of a province."""
    return text("workspace.guide").lstrip()


def settings_notes() -> tuple[str, str]:
    """Return the notes of the settings file: on top, and above the address of the register."""
    return text("workspace.config_note"), text("workspace.database_note")
