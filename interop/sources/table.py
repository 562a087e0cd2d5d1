"""One table out of one file, whatever the file's format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from interop.errors import ContentError
from interop.outcome import Issue
from interop.sources.csv_table import CsvTable
from interop.sources.json_table import JsonTable, NdjsonTable
from interop.sources.record import SourceFile
from interop.sources.row import Row
from interop.sources.spec import TableSpec
from interop.sources.unusable import unusable

if TYPE_CHECKING:
    from interop.sources.workbook import Workbook


class Table(Protocol):
    """A file opened as a table.

    issues  what is wrong with the file and its header, known before the first row; fatal means it cannot be used
    """

    issues: tuple[Issue, ...]

    def rows(self) -> Iterator[Row | Issue]:
        """Each row in its order, from the start every time; an Issue where a row could not be read. A fatal one
        says that nothing of the table can be trusted."""


class NoTable:
    """A file that cannot be a table; ``issues`` say why."""

    def __init__(self, issues: tuple[Issue, ...]):
        self.issues = issues

    def rows(self) -> Iterator[Row | Issue]:
        return iter(())


class Opener:
    """Opens files as the tables a mapping says they are; a workbook with several tables is opened once."""

    def __init__(self) -> None:
        self._books: dict[str, Workbook] = {}

    def open(self, spec: TableSpec, file: SourceFile) -> Table:
        """Bad data gives issues, never an exception."""
        if spec.format == "csv":
            return CsvTable(spec, file)
        if spec.format == "json":
            return JsonTable(spec, file)
        if spec.format == "ndjson":
            return NdjsonTable(spec, file)
        from interop.sources.workbook import Workbook  # its machinery is loaded by those who need it
        from interop.sources.xlsx_table import XlsxTable

        if file.name not in self._books:
            try:
                self._books[file.name] = Workbook.open(file)
            except ContentError as fault:
                return NoTable((unusable(fault, file.name),))
        return XlsxTable(spec, self._books[file.name])

    def close(self) -> None:
        for book in self._books.values():
            book.close()
