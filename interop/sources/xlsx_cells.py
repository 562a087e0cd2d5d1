"""The text of a cell as a mapping is given it, and what must be said about it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from interop.outcome import Issue, Severity
from interop.sources.cell_formats import CellFormat, Kind, NoDateError, is_rounded, number_text
from interop.sources.spec import TableSpec
from interop.sources.workbook import Cell, Workbook

TEXTS = frozenset(("s", "str", "inlineStr"))
"""Kinds of cell whose text is their value."""

_SERIAL = CellFormat(Kind.DATETIME)
_NHS = re.compile(r"\bnhs\b", re.IGNORECASE)
_PHONE = re.compile(r"phone|\btel\b|mobile|\bfax\b", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Cells:
    """Reads the cells of one table."""

    def __init__(self, spec: TableSpec, book: Workbook):
        self._serials = frozenset(spec.serials)
        self._book = book

    def read(self, cell: Cell, heading: str) -> tuple[str, list[Issue]]:
        """The cell as text, nothing trimmed, empty where it has no value that can be trusted; and findings, still
        without their place."""
        if cell.blank:
            text = "is a formula that was never calculated, so it has no value"
            hint = "open the file in Excel, let it calculate, and save it"
            return "", [Issue("xlsx-formula", text, hint=hint)]
        if cell.kind == "e":
            text = f"is {cell.text}: Excel could not work it out"
            hint = "correct the formula, or leave the cell empty"
            return "", [Issue("xlsx-error-cell", text, value=cell.text, hint=hint)]
        if cell.kind == "b":
            return ("TRUE" if cell.text in ("1", "true") else "FALSE"), []
        if cell.kind == "d":
            return self._iso(cell), []
        if cell.kind == "n":
            return self._number(cell, heading)
        return cell.text, []

    def _iso(self, cell: Cell) -> str:
        """A date that stands as text: its day alone where the format shows no time."""
        day = self._book.format_of(cell).kind is Kind.DATE and _DATE.match(cell.text)
        return cell.text[:10] if day else cell.text.removesuffix("Z").replace("T00:00:00", "")

    def _number(self, cell: Cell, heading: str) -> tuple[str, list[Issue]]:
        shown = self._book.format_of(cell)
        if heading in self._serials and shown.kind is Kind.NUMBER:
            shown = _SERIAL
        try:
            text = number_text(cell.text.strip(), shown, since_1904=self._book.since_1904)
        except NoDateError as fault:
            hint = "write the date again, or change the cell's format to a number"
            return "", [Issue("xlsx-date", f"{cell.text} {fault}", value=cell.text[:80], hint=hint)]
        except ValueError as fault:
            said = f"is broken: {fault}"
            return "", [Issue("xlsx-error-cell", said, value=cell.text[:80], hint="write it again")]
        if heading in self._serials and text.endswith("T00:00"):
            text = text[:10]
        return text, list(_eaten(text, heading)) if shown.kind is Kind.NUMBER else []


def _eaten(text: str, heading: str) -> Iterator[Issue]:
    """Digits that Excel did not keep, because the cell was a number and not text."""
    if len(text) <= 15 and not (7 <= len(text) <= 10):
        return
    if is_rounded(text):
        said = "Excel keeps 15 digits of a number: the last digits of this one are lost"
        hint = "format the column as text before the numbers are written into it"
        yield Issue("xlsx-digits-lost", said, value=text, hint=hint)
    elif text.isdigit() and _NHS.search(heading) and 7 <= len(text) < 10:
        said = f"has {len(text)} digits, an NHS number has 10: Excel has eaten a leading zero"
        hint = "format the column as text and write the number again"
        yield Issue("xlsx-leading-zero", said, severity=Severity.WARNING, value=text, hint=hint)
    elif text.isdigit() and _PHONE.search(heading) and len(text) == 10:
        said = "has 10 digits, a phone number has 11: Excel has eaten the leading zero"
        hint = "format the column as text and write the number again"
        yield Issue("xlsx-leading-zero", said, severity=Severity.WARNING, value=text, hint=hint)
