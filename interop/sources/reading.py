"""The one way in: a spec and the files, whatever their format, to records and findings."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import TypeAlias

from interop.errors import ContentError
from interop.location import SourcePointer
from interop.outcome import Issue, Severity
from interop.sources.choosing import chosen
from interop.sources.hl7v2_source import read_hl7v2
from interop.sources.json_source import read_json, read_ndjson
from interop.sources.naming import Names
from interop.sources.record import Files, Reading, SourceFile, SourceRecord
from interop.sources.shelf import Shelf
from interop.sources.spec import Format, SourceSpec
from interop.sources.stream import Stream
from interop.sources.tabular import TableSet
from interop.sources.xml_source import read_xml

Found: TypeAlias = Iterator[SourceRecord | Issue]
Reader: TypeAlias = Callable[[SourceSpec, Sequence[SourceFile]], Found]
"""Records and findings in the order they are met. It is given only the files the spec means, and raises nothing for
their content. A fatal Issue: a file cannot be used."""


def _read_fhir(spec: SourceSpec, files: Sequence[SourceFile]) -> Found:
    from interop.sources.fhir_source import read_fhir  # knows FHIR's types; loaded by those who read FHIR

    return read_fhir(spec, files)


READERS: dict[Format, Reader] = {
    Format.JSON: read_json,
    Format.NDJSON: read_ndjson,
    Format.XML: read_xml,
    Format.HL7V2: read_hl7v2,
    Format.FHIR: _read_fhir,
}
"""How each format of single documents is read. Table sets are read by ``TableSet``."""


def stream(spec: SourceSpec, files: Files) -> Stream:
    """The records in the files one at a time, and the findings about the files as they are met. Bad data never raises.

    Nothing is dropped silently: what became part of no record is named by a finding. What is read row by row (tables,
    NDJSON, HL7 v2, long JSON and XML lists) is never held whole.
    """
    given = tuple(SourceFile(name, content) for name, content in files.items())
    if spec.format is Format.TABLES:
        tables = TableSet(spec, given)
        return Stream(_told(_named(tables.read(), spec), spec, given), lambda: tables.total)
    # A lone document or message is what is meant, whatever it is called; names matter where there are several.
    meant = given if len(given) == 1 else chosen(given, spec.file)
    found = _keyed(READERS[spec.format](spec, meant), on_disk=any(file.on_disk for file in meant))
    return Stream(_told(_named(found, spec), spec, given))


def read(spec: SourceSpec, files: Files) -> Reading:
    """Every record in the files, and every finding: ``stream`` at once, for files that fit into memory."""
    with closing(stream(spec, files)) as found:
        records = tuple(found)
        return Reading(records, found.news())


def _named(found: Found, spec: SourceSpec) -> Found:
    """The records in the names the mapping uses."""
    if not spec.names:
        return found
    names = Names(spec.names)
    return (names.into(item) if isinstance(item, SourceRecord) else item for item in found)


def _keyed(found: Found, *, on_disk: bool) -> Generator[SourceRecord | Issue]:
    """The same, with a finding where a record has the key of an earlier one."""
    shelf = Shelf(on_disk=on_disk)
    try:
        for item in found:
            if isinstance(item, SourceRecord):
                place = item.pointer(())
                if not shelf.new_key(item.key, str(place)):
                    earlier = shelf.place_of(item.key)
                    text = f"has the same key as the record at {earlier}; a receiver may take it for a repeat"
                    yield Issue("key-repeated", text, severity=Severity.WARNING, source=place, value=item.key)
            yield item
    finally:
        shelf.close()


def _told(found: Found, spec: SourceSpec, files: Sequence[SourceFile]) -> Generator[SourceRecord | Issue]:
    """The same, with an error where no record came of it, and never an exception for a file that cannot be opened."""
    silent = True
    try:
        for item in found:
            if isinstance(item, SourceRecord) or item.severity in (Severity.ERROR, Severity.FATAL):
                silent = False
            yield item
    except ContentError as fault:
        silent = False
        spot = SourcePointer(fault.where) if fault.where else None
        yield Issue("source-unreadable", fault.text, severity=Severity.FATAL, source=spot, hint=fault.hint)
    if silent:
        yield _nothing(spec, files)


def _nothing(spec: SourceSpec, files: Sequence[SourceFile]) -> Issue:
    wanted = spec.spine.file if spec.tables else spec.file
    given = ", ".join(file.name for file in files) or "no files"
    text = f"no record was found; given were {given}, wanted is {wanted}"
    return Issue("source-empty", text, hint="check the export, and the name of the file")
