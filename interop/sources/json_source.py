"""JSON records: one document, or a list of records somewhere inside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from interop import json_codec
from interop.errors import ContentError
from interop.json_codec import Json
from interop.location import SourcePath, SourcePointer
from interop.outcome import Issue, Severity
from interop.sources.json_path import items_at, json_path, value_at
from interop.sources.record import Reading, SourceFile, SourceRecord
from interop.sources.spec import SourceSpec
from interop.sources.tabular import matches


@dataclass(frozen=True, slots=True)
class _Places:
    file: str
    root: str

    def __call__(self, path: SourcePath) -> SourcePointer:
        return SourcePointer(self.file, path=json_path(path, root=self.root))


def read_json(spec: SourceSpec, files: Mapping[str, bytes]) -> Reading:
    """The records of every matching file. A file that is not JSON, or has no record, is a fatal finding."""
    records: list[SourceRecord] = []
    issues: list[Issue] = []
    for name, data in files.items():
        if not matches(name, spec.file):
            continue
        file = SourceFile(name, data)
        try:
            document = json_codec.loads(data, file=name)
        except ContentError as fault:
            issues.append(_fatal(fault.code, fault.text, name, fault.hint))
            continue
        found = _records(document, spec)
        if found is None:
            text = f"holds no record at {spec.at!r}" if spec.at else "is not a JSON object or a list of them"
            issues.append(
                _fatal("json-no-records", text, name, "export the file again, or change `at:` in the mapping")
            )
            continue
        for place, item in found:
            if isinstance(item, dict):
                records.append(SourceRecord(item, (file,), _key(item, spec, name, place), _Places(name, place)))
            else:
                text = f"is {json_codec.dumps(item).decode()[:40]}, a record is an object"
                issues.append(Issue("json-row", text, source=SourcePointer(name, path=place)))
    return Reading(tuple(records), tuple(issues))


def _records(document: Json, spec: SourceSpec) -> Iterator[tuple[str, Json]] | None:
    found = items_at(document, spec.at)
    if found is not None:
        return iter(found)
    only = value_at(document, spec.at) if spec.at else document
    if not isinstance(only, dict):
        return None
    return iter([(json_path(tuple(spec.at.split("."))) if spec.at else "$", only)])


def _key(item: Json, spec: SourceSpec, name: str, place: str) -> str:
    key = value_at(item, spec.key)
    return str(key) if key not in (None, "") else f"{name}{place.removeprefix('$')}"


def _fatal(code: str, text: str, name: str, hint: str | None) -> Issue:
    return Issue(code, text, severity=Severity.FATAL, source=SourcePointer(name), hint=hint)
