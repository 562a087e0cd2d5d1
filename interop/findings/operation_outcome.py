"""A report as FHIR OperationOutcome: the resource itself for one file, by file name for several."""

from __future__ import annotations

from interop.findings.report import Report
from interop.json_codec import JsonObject, dumps


def write(report: Report) -> bytes:
    return dumps(as_json(report), indent=True) + b"\n"


def as_json(report: Report) -> JsonObject:
    """One OperationOutcome, or ``{"files": {name: OperationOutcome}}``."""
    outcomes = {checked.name: checked.outcome.operation_outcome() for checked in report}
    return next(iter(outcomes.values())) if len(outcomes) == 1 else {"files": outcomes}
