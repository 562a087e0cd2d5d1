"""What a mapping says about the shape of its source: the plain data that the readers and writers follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Format(StrEnum):
    """The kinds of source a mapping can name (``source: format:``)."""

    TABLES = "tables"
    JSON = "json"
    NDJSON = "ndjson"
    XML = "xml"
    HL7V2 = "hl7v2"
    FHIR = "fhir"


TABLE_FORMATS = ("csv", "xlsx", "json", "ndjson")

AUTO = "auto"
"""The delimiter is looked for; the mapping's columns confirm it."""

DELIMITERS: Mapping[str, str] = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
"""Delimiters by the words a mapping may use for them."""


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table of a set. The first table of a set is the spine: one record per row.

    name       what the mapping calls it: the member of the record's tree
    file       its file's name; a pattern such as ``medicines-*.csv`` is allowed
    key        the column (in JSON the member) whose value joins a row to the spine's row
    one        at most one row per record: a dict in the tree instead of a list
    format     ``csv``, ``xlsx``, ``json`` or ``ndjson``
    at         JSON only: dotted path to the list of rows; None when the file is the list itself
    sheet      XLSX only: name of the sheet; None = the only one whose header has the key
    header     CSV and XLSX: the row the headings stand in, from 1; None = it is found by its columns
    serials    XLSX: columns whose plain numbers are dates as Excel counts them (days since 1900 or 1904)
    columns    every column the mapping knows (reads or drops); empty = any column is welcome
    required   columns without which the table cannot be used
    expected   columns some rule reads: one that is absent is told when another looks like it
    optional   the file may be absent
    delimiter  CSV: the one character between cells, or ``auto``
    encodings  Python codec names tried in order; a byte order mark is always allowed
    """

    name: str
    file: str
    key: str
    one: bool = False
    format: str = "csv"
    at: str | None = None
    sheet: str | None = None
    header: int | None = None
    serials: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()
    optional: bool = False
    delimiter: str = ","
    encodings: tuple[str, ...] = ("utf-8",)

    def __post_init__(self) -> None:
        if self.format not in TABLE_FORMATS:
            known = ", ".join(TABLE_FORMATS)
            raise ValueError(f"table {self.name!r} has format {self.format!r}: known are {known}")
        if self.delimiter != AUTO and len(self.delimiter) != 1:
            words = ", ".join((AUTO, *DELIMITERS))
            raise ValueError(f"table {self.name!r} has delimiter {self.delimiter!r}: one character, or {words}")
        if self.delimiter != AUTO and (self.delimiter in '"\r\n' or self.delimiter.isalnum()):
            raise ValueError(f"table {self.name!r} has delimiter {self.delimiter!r}: a sign no cell begins with")
        if self.header is not None and self.header < 1:
            raise ValueError(f"table {self.name!r} has header {self.header}: rows are counted from 1")
        if self.format != "xlsx" and (self.sheet is not None or self.serials):
            raise ValueError(f"table {self.name!r} has format {self.format!r}: only xlsx has sheets and serials")


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """How to read one kind of record, and how to write it back.

    tables     format ``tables``: the set, spine first
    file       other formats: which of the given files hold records (a name or a pattern)
    at         ``json``: dotted path to the record or list of records; ``xml``: path of local names
               to the repeated record element; None = the document is the record
    root       ``xml``: name of the document's first element, needed to write records back
    key        ``json``, ``ndjson``, ``xml``, ``fhir``: dotted path in a record to what names it; None = its place
    encodings  ``hl7v2``: codecs tried in order when MSH-18 names none
    versions   ``fhir``: the versions that are read, ``STU3``, ``R4``; empty = any
    needs      ``fhir``: resource types a record must hold
    follow     ``fhir``: paths whose References carry the resource they mean as member ``resource``
    names      path of an object in the tree -> the mapping's name of a member -> the system's own name of it
    """

    format: Format
    tables: tuple[TableSpec, ...] = ()
    file: str = "*"
    at: str | None = None
    root: str | None = None
    key: str | None = None
    encodings: tuple[str, ...] = ("utf-8",)
    versions: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    follow: tuple[str, ...] = ()
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.format is Format.TABLES) != bool(self.tables):
            raise ValueError(f"format {self.format} with {len(self.tables)} tables: only tables has (and needs) some")
        names = [table.name for table in self.tables]
        if len(set(names)) != len(names):
            raise ValueError(f"two tables share one name among {names}")

    @property
    def spine(self) -> TableSpec:
        """The table whose every row is one record."""
        return self.tables[0]

    @property
    def typed(self) -> bool:
        """Values may be numbers, booleans and null, not text alone."""
        return self.format in (Format.JSON, Format.NDJSON, Format.FHIR)

    @property
    def writable(self) -> bool:
        """Records can be written back: FHIR of several versions and XML without ``root`` have no single way."""
        if self.format is Format.FHIR:
            return len(self.versions) == 1
        return self.format is not Format.XML or self.root is not None
