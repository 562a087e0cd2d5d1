"""A table out of a sheet of an Excel workbook: the headings are found by the columns the mapping wants."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import islice

from interop.errors import ContentError
from interop.json_codec import Json
from interop.location import SourcePointer
from interop.outcome import Issue, Severity
from interop.sources.row import Row, cell_issues, column_issues, empty_rows, is_odd
from interop.sources.spec import TableSpec
from interop.sources.unusable import unusable
from interop.sources.workbook import Sheet, SheetRow, Workbook, column_letters
from interop.sources.xlsx_cells import TEXTS, Cells

_SEARCHED = 50
"""Rows that hold something in which the headings are looked for."""

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class _Header:
    """Where the headings stand, and which. ``columns``: by column number, from 1."""

    number: int = 0
    columns: tuple[tuple[int, str], ...] = ()


class XlsxTable:
    """One sheet. ``issues``: what is wrong with it and its headings; fatal ones mean there are no rows."""

    def __init__(self, spec: TableSpec, book: Workbook):
        self._spec, self._book = spec, book
        self._file = book.file.name
        self._header = _Header()
        self._cells = Cells(spec, book)
        self._sheet: Sheet | None = None
        try:
            self.issues = tuple(self._opened())
        except ContentError as fault:
            self.issues = (self._broken(fault),)

    def rows(self) -> Iterator[Row | Issue]:
        """The rows below the headings; an Issue where the sheet breaks off, and at the end what was hidden."""
        if self._sheet is None or any(issue.severity is Severity.FATAL for issue in self.issues):
            return
        letters = {name: column_letters(number) for number, name in self._header.columns}
        hidden: list[int] = []
        count, filled = 0, 0
        try:
            for row in self._book.rows(self._sheet):
                if row.number > self._header.number and (read := self._row(row, letters)) is not None:
                    filled += 1
                    if row.hidden:
                        count += 1
                        hidden += [row.number] if count <= _SHOWN else []
                    yield read
        except ContentError as fault:
            yield self._broken(fault)
            return
        if count:
            text = f"{count:,} hidden row(s) were read like the others: {_listed(hidden, count)}"
            hint = "a filter hides rows but does not take them out; delete those that are not meant"
            yield self._issue("xlsx-hidden", text, Severity.WARNING, hint)
        yield from empty_rows(
            self._book.reached - self._header.number - filled, SourcePointer(self._file, sheet=self._sheet.name)
        )

    def _row(self, row: SheetRow, letters: dict[str, str]) -> Row | None:
        found: dict[str, Json] = {name: "" for _, name in self._header.columns}
        names = dict(self._header.columns)
        issues: list[Issue] = []
        for cell in row.cells:
            name = names.get(cell.column)
            if name is not None and cell.kind in TEXTS and not cell.blank:
                found[name] = cell.text
                continue
            heading = name or f"(column {column_letters(cell.column)})"
            text, faults = self._cells.read(cell, heading)
            if faults or name is None:
                spot = self._spot(row.number, heading, f"({column_letters(cell.column)}{row.number})")
                issues += [replace(fault, source=spot) for fault in faults]
                issues += [_unheaded(spot, text)] if name is None and text.strip() else []
            if name is not None or text.strip():
                found[heading] = text
        if not issues and not any(isinstance(text, str) and text.strip() for text in found.values()):
            return None
        if is_odd(found.values()):
            issues += cell_issues(found, self._spot(row.number))
        key = str(found.get(self._spec.key, "")).strip()
        return Row(self._file, found, key, row.number, issues=tuple(issues), sheet=self._spot(1).sheet, letters=letters)

    # -- the sheet and its headings ----------------------------------------------------------------------------

    def _opened(self) -> Iterator[Issue]:
        sheets = self._candidates()
        if not sheets and self._spec.optional:
            return
        headers = [(sheet, self._find_header(sheet)) for sheet in sheets]
        fitting = [(sheet, header) for sheet, header in headers if self._fit(header) > 0]
        if not sheets or (len(fitting) != 1 and len(sheets) > 1):
            yield self._no_sheet([sheet.name for sheet, _ in fitting])
            return
        self._sheet, self._header = fitting[0] if fitting else headers[0]
        if not self._header.columns:
            wanted = f"row {self._spec.header} holds no headings" if self._spec.header else "the sheet is empty"
            yield self._issue("csv-empty", f"{wanted}; a header row is wanted", Severity.FATAL, None)
            return
        if self._sheet.hidden:
            text = "the sheet is hidden in Excel; it was read all the same"
            yield self._issue("xlsx-hidden", text, Severity.WARNING, None)
        yield from self._about_header(self._sheet)
        headings = [name for _, name in self._header.columns]
        yield from column_issues(headings, self._spec, self._spot(self._header.number))
        yield from self._about_merged(self._sheet)

    def _candidates(self) -> list[Sheet]:
        """The sheet the mapping names; else those that are shown, else all."""
        if self._spec.sheet is not None:
            wanted = _plain(self._spec.sheet)
            return [sheet for sheet in self._book.sheets if _plain(sheet.name) == wanted][:1]
        shown = [sheet for sheet in self._book.sheets if not sheet.hidden]
        return shown or list(self._book.sheets)

    def _find_header(self, sheet: Sheet) -> _Header:
        """The row with the headings: the one the mapping names, else the first with the most columns it wants."""
        best = _Header()
        for row in islice(self._book.rows(sheet), _SEARCHED if self._spec.header is None else None):
            if self._spec.header is not None and row.number < self._spec.header:
                continue
            headings = ((cell.column, _heading(self._cells.read(cell, "")[0])) for cell in row.cells)
            header = _Header(row.number, tuple((column, name) for column, name in headings if name))
            if self._spec.header is not None:
                return header if row.number == self._spec.header else _Header()
            if not best.columns or self._fit(header) > self._fit(best):
                best = header
        return best

    def _fit(self, header: _Header) -> int:
        names = {name for _, name in header.columns}
        wanted = {self._spec.key, *self._spec.required, *self._spec.columns}
        return len(names & wanted) + (len(wanted) if self._spec.key in names else 0)

    def _no_sheet(self, fitting: Sequence[str]) -> Issue:
        names = [sheet.name for sheet in self._book.sheets]
        there = f"there are {', '.join(map(repr, names))}"
        if self._spec.sheet is not None:
            near = get_close_matches(self._spec.sheet, names, n=1)
            text = f"has no sheet {self._spec.sheet!r}; {there}"
            hint = f"did you mean {near[0]!r}?" if near else "name one of them in the mapping: `sheet:`"
        else:
            which = f"{len(fitting)} sheets have" if fitting else "no sheet has"
            text = f"{which} a column {self._spec.key!r}, so which one is meant cannot be told; {there}"
            hint = "name the sheet in the mapping: `sheet:`"
        return Issue("xlsx-sheet", text, severity=Severity.FATAL, source=SourcePointer(self._file), hint=hint)

    def _about_header(self, sheet: Sheet) -> Iterator[Issue]:
        first = next(self._book.rows(sheet), None)
        if self._spec.header is None and first is not None and first.number < self._header.number:
            text = f"the headings were found in row {self._header.number}; what stands above them was not read"
            hint = f"say `header: {self._header.number}` in the mapping if that is always so"
            yield self._issue("xlsx-above-header", text, Severity.INFORMATION, hint)
        ranges = self._book.hidden_columns(sheet)
        hidden = [name for number, name in self._header.columns if any(low <= number <= high for low, high in ranges)]
        if hidden:
            text = f"hidden column(s) were read like the others: {', '.join(map(repr, hidden[:_SHOWN]))}"
            yield self._issue("xlsx-hidden", text, Severity.INFORMATION, None)

    def _about_merged(self, sheet: Sheet) -> Iterator[Issue]:
        below = [area for area in self._book.merged(sheet) if _last_row(area) > self._header.number]
        if below:
            shown = ", ".join(below[:_SHOWN]) + (" …" if len(below) > _SHOWN else "")
            text = f"{len(below):,} merged range(s), {shown}: the value counts for the first cell, the others are empty"
            hint = "unmerge them in Excel and fill in every cell"
            yield self._issue("xlsx-merged", text, Severity.WARNING, hint)

    # -- words -------------------------------------------------------------------------------------------------

    def _spot(self, number: int, column: str | None = None, path: str | None = None) -> SourcePointer:
        return SourcePointer(self._file, number, column, path, self._sheet.name if self._sheet else None)

    def _issue(self, code: str, text: str, severity: Severity, hint: str | None) -> Issue:
        sheet = self._sheet.name if self._sheet else None
        return Issue(code, text, severity=severity, source=SourcePointer(self._file, sheet=sheet), hint=hint)

    def _broken(self, fault: ContentError) -> Issue:
        return unusable(fault, self._file, sheet=self._sheet.name if self._sheet else None)


def _unheaded(spot: SourcePointer, text: str) -> Issue:
    said = "stands under no heading; it is kept with the record but not used"
    hint = "give the column a heading, or take the note out"
    return Issue("xlsx-no-heading", said, severity=Severity.WARNING, source=spot, value=text[:80], hint=hint)


def _heading(text: str) -> str:
    """A heading in one line: people break them to make columns narrow."""
    return " ".join(text.split())


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _last_row(area: str) -> int:
    match = re.search(r"(\d{1,9})$", area)
    return int(match[1]) if match else 0


def _listed(numbers: Sequence[int], count: int) -> str:
    return ", ".join(map(str, numbers)) + (" …" if count > len(numbers) else "")
