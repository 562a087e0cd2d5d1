"""The outside world's records: read into plain trees with a pointer to every value, and written back."""

from interop.sources.fhir_version import version_issue
from interop.sources.reading import read
from interop.sources.record import Reading, SourceFile, SourceRecord
from interop.sources.spec import Format, SourceSpec, TableSpec
from interop.sources.writing import write

__all__ = [
    "Format",
    "Reading",
    "SourceFile",
    "SourceRecord",
    "SourceSpec",
    "TableSpec",
    "read",
    "version_issue",
    "write",
]
