"""A table out of a JSON list or out of NDJSON: each object is a row."""

from __future__ import annotations

from collections.abc import Iterator

from interop import json_codec
from interop.errors import ContentError
from interop.location import SourcePointer
from interop.outcome import Issue, Severity
from interop.sources.json_items import LARGEST, read_items
from interop.sources.json_path import value_at
from interop.sources.record import SourceFile
from interop.sources.row import Row, row_text
from interop.sources.spec import TableSpec


class JsonTable:
    """One JSON file. What is wrong with it shows while its rows are read."""

    issues: tuple[Issue, ...] = ()

    def __init__(self, spec: TableSpec, file: SourceFile):
        self._spec, self._file = spec, file

    def rows(self) -> Iterator[Row | Issue]:
        for found in read_items(self._file, self._spec.at):
            if isinstance(found, Issue):
                yield found
                continue
            place, item = found
            if isinstance(item, dict):
                yield Row(self._file.name, item, row_text(value_at(item, self._spec.key)), place=place)
            else:
                text = f"is {json_codec.dumps(item).decode()[:40]}, a row is an object"
                yield Issue("json-row", text, source=SourcePointer(self._file.name, path=place))


class NdjsonTable:
    """One NDJSON file: a line, a row."""

    issues: tuple[Issue, ...] = ()

    def __init__(self, spec: TableSpec, file: SourceFile):
        self._spec, self._file = spec, file

    def rows(self) -> Iterator[Row | Issue]:
        for found in read_lines(self._file):
            if isinstance(found, Issue):
                yield found
            else:
                number, item = found
                key = row_text(value_at(item, self._spec.key))
                yield Row(self._file.name, item, key, number=number, place="$")


def read_lines(file: SourceFile) -> Iterator[tuple[int, dict[str, json_codec.Json]] | Issue]:
    """The object on each line that is not empty, with the line's number; an Issue for a line that holds none.

    Source: https://github.com/ndjson/ndjson-spec.
    """
    with file.open() as stream:
        number = 0
        while line := stream.readline(LARGEST):
            number += 1
            spot = SourcePointer(file.name, row=number)
            if len(line) == LARGEST and not line.endswith(b"\n"):
                text = f"the line is longer than {LARGEST:,} bytes; nothing from it on was read"
                yield Issue("ndjson-line", text, severity=Severity.FATAL, source=spot, line=number)
                return
            if not line.strip():
                continue
            yield _read_line(line, number, spot)


def _read_line(line: bytes, number: int, spot: SourcePointer) -> tuple[int, dict[str, json_codec.Json]] | Issue:
    hint = "write one whole JSON object a line; the other lines were read"
    try:
        item = json_codec.loads(line)
    except ContentError as fault:
        column = fault.at[1] if fault.at else None
        text = fault.text.replace(" at line 1 column ", " at column ")
        return Issue("ndjson-line", text, source=spot, hint=fault.hint or hint, line=number, col=column)
    if not isinstance(item, dict):
        text = f"is {json_codec.dumps(item).decode()[:40]}, a record is an object"
        return Issue("ndjson-line", text, source=spot, hint=hint, line=number)
    return number, item
