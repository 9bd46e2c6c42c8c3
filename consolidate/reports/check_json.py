"""What a check of files found, for other programs (``check --json``)."""

from __future__ import annotations

from collections.abc import Iterable

from consolidate.definitions.catalogue import sentence
from consolidate.model.datasets import Library
from consolidate.model.returns import FileReading, Outcome, ReturnRecord
from consolidate.reports.result_json import Document, finding_document

CHECK_SCHEMA = "consolidate/check-result/1"
"""Value of the key ``schema``; keys are added under it, never renamed."""


def check_document(readings: Iterable[FileReading], library: Library) -> Document:
    """Build every file with its outcome (``null`` when it was read) and its findings."""
    return {
        "schema": CHECK_SCHEMA,
        "files": [
            {
                "file": reading.path,
                "member": reading.member or None,
                "sha256": reading.sha256,
                "outcome": reading.outcome.value if reading.outcome is not None else None,
                "reason": sentence(reading.reason),
                "template": reading.content.template if reading.content is not None else None,
                "findings": [
                    finding_document(_record(reading), finding, library)
                    for finding in reading.findings
                ],
            }
            for reading in readings
        ],
    }


def _record(reading: FileReading) -> ReturnRecord:
    """The reading as a record without a unit, which is how a finding is rendered."""
    return ReturnRecord(
        reading.path,
        reading.sha256,
        reading.size,
        reading.outcome or Outcome.ACCEPTED,
        None,
        content=reading.content,
        member=reading.member,
    )
