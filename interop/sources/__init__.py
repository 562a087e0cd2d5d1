"""The outside world's records: read into plain trees with a pointer to every value, and written back."""

from interop.sources.reading import read, stream
from interop.sources.record import Files, Reading, SourceFile, SourceRecord
from interop.sources.spec import DELIMITERS, Format, SourceSpec, TableSpec
from interop.sources.stream import Stream
from interop.sources.writing import write

__all__ = [
    "DELIMITERS",
    "Files",
    "Format",
    "Reading",
    "SourceFile",
    "SourceRecord",
    "SourceSpec",
    "Stream",
    "TableSpec",
    "read",
    "stream",
    "write",
]
