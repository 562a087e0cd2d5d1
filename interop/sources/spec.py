"""What a mapping says about the shape of its source: the plain data that the readers and writers follow."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Format(StrEnum):
    """The kinds of source a mapping can name (``source: format:``)."""

    TABLES = "tables"
    JSON = "json"
    HL7V2 = "hl7v2"
    XML = "xml"


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table of a set. The first table of a set is the spine: one record per row.

    name       what the mapping calls it: the member of the record's tree
    file       its file's name; a pattern such as ``medicines-*.csv`` is allowed
    key        the column (in JSON the member) whose value joins a row to the spine's row
    one        at most one row per record: a dict in the tree instead of a list
    format     ``csv`` or ``json``
    at         JSON only: dotted path to the list of rows; None when the file is the list itself
    columns    every column the mapping knows (reads or drops); empty = any column is welcome
    required   columns without which the table cannot be used
    optional   the file may be absent
    delimiter  the one character between cells; tab is ``"\\t"``
    encodings  Python codec names tried in order; a byte order mark is always allowed
    """

    name: str
    file: str
    key: str
    one: bool = False
    format: str = "csv"
    at: str | None = None
    columns: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    optional: bool = False
    delimiter: str = ","
    encodings: tuple[str, ...] = ("utf-8",)

    def __post_init__(self) -> None:
        if self.format not in ("csv", "json"):
            raise ValueError(f"table {self.name!r} has format {self.format!r}: csv or json is known")
        if len(self.delimiter) != 1:
            raise ValueError(f"table {self.name!r} has delimiter {self.delimiter!r}: one character is wanted")


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """How to read one kind of record, and how to write it back.

    tables     format ``tables``: the set, spine first
    file       other formats: which of the given files hold records (a name or a pattern)
    at         ``json``: dotted path to the record or list of records; ``xml``: path of local names
               to the repeated record element; None = the document is the record
    key        ``json``, ``xml``: dotted path in a record to what names it; None = file name and number
    encodings  ``hl7v2``: codecs tried in order when MSH-18 names none
    """

    format: Format
    tables: tuple[TableSpec, ...] = ()
    file: str = "*"
    at: str | None = None
    key: str | None = None
    encodings: tuple[str, ...] = ("utf-8",)

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
