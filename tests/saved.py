"""Workbooks, documents and archives as bytes, without a file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from msoffcrypto.format.ooxml import OOXMLFile


def saved(book: Any) -> bytes:
    """The bytes of a workbook of openpyxl, a document of docx: of anything that can be saved."""
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def packed(parts: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these parts, in order."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return target.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    """The parts of a zip by name, in order; each name once."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        names = package.namelist()
        assert len(set(names)) == len(names)
        return {name: package.read(name) for name in names}


def locked(data: bytes, password: str) -> bytes:
    """A workbook that asks for a password when it is opened."""
    target = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, target)
    return target.getvalue()
