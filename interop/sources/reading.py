"""The one way in: a spec and the files, whatever their format, to records and findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from interop.outcome import Issue, Severity
from interop.sources.hl7v2_source import read_hl7v2
from interop.sources.json_source import read_json
from interop.sources.record import Reading, SourceRecord
from interop.sources.spec import Format, SourceSpec
from interop.sources.tabular import read_tables
from interop.sources.xml_source import read_xml

_READERS = {
    Format.TABLES: read_tables,
    Format.JSON: read_json,
    Format.HL7V2: read_hl7v2,
    Format.XML: read_xml,
}


def read(spec: SourceSpec, files: Mapping[str, bytes]) -> Reading:
    """Every record in the files (name to bytes), and every finding. Bad data never raises.

    Nothing is dropped silently: what became part of no record is named by a finding.
    """
    spec = _for_the_only_file(spec, files)
    reading = _READERS[spec.format](spec, files)
    issues = [*reading.issues, *_same_keys(reading.records)]
    if not reading.records and not issues:
        issues.append(_nothing(spec, files))
    return Reading(reading.records, tuple(issues))


def _for_the_only_file(spec: SourceSpec, files: Mapping[str, bytes]) -> SourceSpec:
    """A lone document or message is what is meant, whatever it is called; names matter where there are several."""
    alone = spec.format is not Format.TABLES and len(files) == 1
    return replace(spec, file="*") if alone else spec


def _same_keys(records: tuple[SourceRecord, ...]) -> Iterator[Issue]:
    first: dict[str, SourceRecord] = {}
    for record in records:
        earlier = first.setdefault(record.key, record)
        if earlier is not record:
            text = f"has the same key as the record at {earlier.pointer(())}; a receiver may take it for a repeat"
            spot = record.pointer(())
            yield Issue("key-repeated", text, severity=Severity.WARNING, source=spot, value=record.key)


def _nothing(spec: SourceSpec, files: Mapping[str, bytes]) -> Issue:
    wanted = spec.spine.file if spec.tables else spec.file
    text = f"no record was found; given were {', '.join(files) or 'no files'}, wanted is {wanted}"
    return Issue("source-empty", text, hint="check the export, and the name of the file")
