"""Where a value came from in somebody's own record, in words its owner understands."""

from __future__ import annotations

from dataclasses import dataclass

SourcePath = tuple[str | int, ...]
"""Steps from the root of a source record to one value: names and 0-based indexes."""


@dataclass(frozen=True, slots=True)
class SourcePointer:
    """One spot in a source file.

    row     1-based as a spreadsheet shows it: the header is row 1
    column  the column's own heading
    path    inside a row, a message or a document: ``PID-5.2``, ``$.resident.dob``, an XPath
    """

    file: str
    row: int | None = None
    column: str | None = None
    path: str | None = None
    sheet: str | None = None

    def __str__(self) -> str:
        place = self.file if self.sheet is None else f'{self.file} sheet "{self.sheet}"'
        if self.row is not None:
            place += f" row {self.row}"
        if self.column is not None:
            place += f', column "{self.column}"'
        if self.path is not None:
            place += f" {self.path}"
        return place
