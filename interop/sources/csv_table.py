"""A table out of a CSV or TSV file, row by row: RFC 4180 as real exports stretch it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import chain

from interop.location import SourcePointer
from interop.outcome import Issue, Severity
from interop.sources.encoding import Lines, Text, mixed_issue, settle
from interop.sources.record import SourceFile
from interop.sources.row import Row, cell_issues, column_issues, empty_rows, is_odd, named_cells
from interop.sources.spec import AUTO, TableSpec

LONGEST_CELL = 16 << 20
"""Characters. A cell longer than this is an unclosed quote, not a value."""

# The limit is the csv module's own and holds for the whole process; it is only ever raised.
csv.field_size_limit(max(csv.field_size_limit(), LONGEST_CELL))

# Excel's own first line naming the delimiter; Excel does not show it, so rows are counted without it.
_EXCEL_HINT = re.compile(r"sep=(.)\r?\n")
_WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars (|)"}

Found = tuple[int, list[str], Issue | None]
"""A spreadsheet row: its number, its cells, or the fault that hides them."""


class CsvTable:
    """One CSV file. ``issues``: what is wrong with the file and its header; fatal ones mean there are no rows."""

    def __init__(self, spec: TableSpec, file: SourceFile):
        self._spec, self._file = spec, file
        self._columns: list[str] = []
        self._header = 0
        self._delimiter = spec.delimiter
        self._text, self.issues = settle(file, spec.encodings)
        if self._text is not None:
            self._delimiter = self._choose(self._text)
            self.issues += tuple(self._read_header(self._text))

    def rows(self) -> Iterator[Row | Issue]:
        """The rows below the header, from the start each time; an Issue where a row could not be read."""
        if self._text is None or any(issue.severity is Severity.FATAL for issue in self.issues):
            return
        plain, empty = all(self._columns), 0
        with self._text.lines() as lines:
            for number, cells, fault in self._rows(lines):
                if number <= self._header:
                    continue
                if fault is not None:
                    yield fault
                elif any(cells) and any(cell.strip() for cell in cells):
                    yield self._row(number, cells, odd=lines.odd, plain=plain)
                else:
                    empty += 1
                lines.odd = False
        yield from empty_rows(empty, SourcePointer(self._file.name))

    def _row(self, number: int, cells: list[str], *, odd: bool, plain: bool) -> Row:
        issues: tuple[Issue, ...] = ()
        if plain and len(cells) == len(self._columns):
            found = dict(zip(self._columns, cells, strict=True))
        else:
            found, ragged = named_cells(cells, self._columns)
            issues = (self._ragged(number, len(cells)),) if ragged else ()
        if odd and self._text is not None:
            issues += (mixed_issue(self._spot(number), self._text),)
        if is_odd(cells):
            issues += tuple(cell_issues(found, self._spot(number)))
        key = found.get(self._spec.key, "").strip()
        return Row(self._file.name, found, key, number=number, issues=issues)

    def _ragged(self, number: int, count: int) -> Issue:
        text = f"the row has {count} cells, the header has {len(self._columns)}"
        hint = "put quotes around text that holds the delimiter or a line break, and give every row all its cells"
        return Issue("csv-ragged-row", text, source=self._spot(number), hint=hint)

    def _spot(self, number: int) -> SourcePointer:
        return SourcePointer(self._file.name, row=number)

    # -- the file ----------------------------------------------------------------------------------------------

    def _rows(self, lines: Lines, delimiter: str | None = None) -> Iterator[Found]:
        """Each spreadsheet row. Empty rows count."""
        first = next(lines, None)
        if first is None:
            return
        kept = lines if _EXCEL_HINT.fullmatch(first) else chain([first], lines)
        reader = csv.reader(kept, delimiter=delimiter or self._delimiter, strict=True)
        number = 0
        while True:
            number += 1
            try:
                yield number, next(reader), None
            except StopIteration:
                return
            except csv.Error as fault:
                issue, last = _fault(fault, self._spot(number), reader.line_num)
                yield number, [], issue
                if last:
                    return

    def _read_header(self, text: Text) -> Iterator[Issue]:
        number, cells, fault = self._header_row(text, self._delimiter)
        self._header, self._columns = number, [name.strip() for name in cells]
        spot = self._spot(number)
        if not any(self._columns):
            yield _unheaded(fault, SourcePointer(self._file.name), self._spec.header)
        elif (other := self._other_delimiter()) is not None:
            found = f"its cells are separated by {_WORDS[other]}, the mapping expects {_named(self._spec.delimiter)}"
            hint = f"export it with {_named(self._spec.delimiter)}, or set `delimiter: {other!r}` in the mapping"
            yield Issue("csv-delimiter", found, severity=Severity.FATAL, source=spot, hint=hint)
        else:
            yield from column_issues(self._columns, self._spec, spot)

    def _header_row(self, text: Text, delimiter: str) -> Found:
        """The row the mapping names, else the first that holds anything."""
        wanted = self._spec.header
        with text.lines() as lines:
            for number, cells, fault in self._rows(lines, delimiter):
                if number == wanted if wanted is not None else (cells or fault):
                    return number, cells, fault
        return 0, [], None

    def _choose(self, text: Text) -> str:
        """The delimiter; where the mapping leaves it open, the one whose header has the most columns it wants."""
        if self._spec.delimiter != AUTO:
            return self._spec.delimiter
        with text.lines() as lines:
            said = _EXCEL_HINT.fullmatch(next(lines, ""))
        candidates: dict[str, None] = dict.fromkeys((*([str(said[1])] if said and _is_sign(said[1]) else ()), *_WORDS))
        fits = {sign: self._fit(text, sign) for sign in candidates}
        return max(fits, key=lambda sign: fits[sign])

    def _fit(self, text: Text, delimiter: str) -> tuple[int, int]:
        """How many columns a delimiter finds: those the mapping wants, and all."""
        _, cells, _ = self._header_row(text, delimiter)
        names = {cell.strip() for cell in cells}
        return len(names & {self._spec.key, *self._spec.required, *self._spec.columns}), len(cells)

    def _other_delimiter(self) -> str | None:
        """The delimiter the header was really written with, when the wanted one finds nothing in it."""
        spec, columns = self._spec, self._columns
        if spec.key in columns or spec.delimiter == AUTO:
            return None
        expected = {spec.key, *spec.required, *spec.columns}
        header = spec.delimiter.join(columns)
        for other in _WORDS:
            cells = [cell.strip().strip('"') for cell in header.split(other)]
            if other != spec.delimiter and len(cells) > 1 and (len(columns) == 1 or expected & set(cells)):
                return other
        return None


def _fault(fault: csv.Error, spot: SourcePointer, line: int) -> tuple[Issue, bool]:
    """The finding, and whether nothing after it can be trusted."""
    if "field limit" in str(fault):
        text = f"a cell is longer than {LONGEST_CELL:,} characters: everything from this row on could not be read"
        hint = "a quote that opens here and never closes looks like this; close it"
        return Issue("csv-cell-too-long", text, source=spot, hint=hint, line=line), True
    if "end of data" in str(fault):
        text = "a quote opens in this row and never closes: everything after it could not be read"
    else:
        text = f"the row could not be read: {fault}"
    hint = 'close the quote; write a quote inside quoted text twice: "the ""red bag"" list"'
    return Issue("csv-quote", text, source=spot, hint=hint, line=line), False


def _unheaded(fault: Issue | None, file: SourcePointer, wanted: int | None) -> Issue:
    if fault is not None:
        return Issue(fault.code, fault.text, severity=Severity.FATAL, source=fault.source, hint=fault.hint)
    text = f"has no headings in row {wanted}" if wanted else "the file is empty; a header row is wanted"
    return Issue("csv-empty", text, severity=Severity.FATAL, source=file)


def _is_sign(character: str) -> bool:
    return not character.isalnum() and character not in '" \r\n'


def _named(delimiter: str) -> str:
    return _WORDS.get(delimiter, repr(delimiter))
