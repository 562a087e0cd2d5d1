"""JSON records: one document, a list of records somewhere inside it, or NDJSON with a record on each line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from interop import json_codec
from interop.json_codec import Json
from interop.location import SourcePath, SourcePointer
from interop.outcome import Issue
from interop.sources.json_items import read_items
from interop.sources.json_path import json_path, value_at
from interop.sources.json_table import read_lines
from interop.sources.record import SourceFile, SourceRecord
from interop.sources.spec import SourceSpec


@dataclass(frozen=True, slots=True)
class _Places:
    file: str
    root: str
    row: int | None = None

    def __call__(self, path: SourcePath) -> SourcePointer:
        return SourcePointer(self.file, self.row, path=json_path(path, root=self.root))


def read_json(spec: SourceSpec, files: Sequence[SourceFile]) -> Iterator[SourceRecord | Issue]:
    """The records of every file. A file that is not JSON, or has no record, is a fatal finding."""
    for file in files:
        for found in read_items(file, spec.at, alone=True):
            if isinstance(found, Issue):
                yield found
                continue
            place, item = found
            if isinstance(item, dict):
                key = _key(item, spec, f"{file.name}{place.removeprefix('$')}")
                yield SourceRecord(item, (file,), key, _Places(file.name, place))
            else:
                text = f"is {json_codec.dumps(item).decode()[:40]}, a record is an object"
                yield Issue("json-row", text, source=SourcePointer(file.name, path=place))


def read_ndjson(spec: SourceSpec, files: Sequence[SourceFile]) -> Iterator[SourceRecord | Issue]:
    """The record on each line of every file. A line that is none is an error; the others are read."""
    for file in files:
        for found in read_lines(file):
            if isinstance(found, Issue):
                yield found
            else:
                number, item = found
                key = _key(item, spec, f"{file.name} line {number}")
                yield SourceRecord(item, (file,), key, _Places(file.name, "$", number))


def _key(item: Json, spec: SourceSpec, place: str) -> str:
    key = value_at(item, spec.key)
    return place if key in (None, "") else str(key)
