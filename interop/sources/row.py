"""A row of a table, whatever its file: its cells by column, its place, and what is wrong with the row itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from interop.json_codec import Json
from interop.location import SourcePath, SourcePointer
from interop.outcome import Issue, Severity
from interop.sources.json_path import json_path
from interop.sources.spec import TableSpec

_FORMULA = re.compile(r"[=@]\s*[\w(+\-'\"]|[+\-]\w[\w.+\-]*[(|!]|[\t\r]\s*[=@+\-]")
# What a cell begins with that a spreadsheet may take for a formula.
_FIRST_SIGNS = frozenset("=+-@\t\r")
# Signs a text cannot carry into XML or FHIR: everything below the blank but tab and line ends.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_MANY_EMPTY = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    number   CSV, XLSX: as a spreadsheet shows it; NDJSON: the line; JSON: None
    place    JSON, NDJSON: path of the row in its document, ``$.residents[0]``; otherwise empty
    sheet    XLSX: the sheet's name
    letters  XLSX: column heading -> its letters, ``C``
    """

    file: str
    cells: dict[str, Json]
    key: str
    number: int | None = None
    place: str = ""
    issues: tuple[Issue, ...] = ()
    sheet: str | None = None
    letters: Mapping[str, str] | None = None

    def pointer(self, path: SourcePath) -> SourcePointer:
        """The cell (or the member) at ``path`` inside this row; the row itself when the path is empty."""
        if self.place:
            return SourcePointer(self.file, self.number, path=json_path(path, root=self.place))
        column = str(path[0]) if path else None
        letters = self.letters.get(column) if self.letters is not None and column is not None else None
        spot = f"({letters}{self.number})" if letters else None
        return SourcePointer(self.file, self.number, column, spot, self.sheet)


def row_text(node: Json) -> str:
    """A key as text."""
    return "" if node is None else str(node).strip()


def named_cells(cells: Sequence[str], columns: Sequence[str]) -> tuple[dict[str, Json], bool]:
    """The cells by heading, those under no heading as ``(column 4)``; and whether the row has more or fewer than the
    header."""
    found: dict[str, Json] = {name: cell for name, cell in zip(columns, cells, strict=False) if name}
    beyond = {
        f"(column {n})": cell
        for n, cell in enumerate(cells, 1)
        if (n > len(columns) or not columns[n - 1]) and cell.strip()
    }
    return found | beyond, bool(beyond) or len(cells) < len(columns)


def empty_rows(count: int, place: SourcePointer) -> Iterator[Issue]:
    """Many empty rows are worth a word: nobody put them there on purpose."""
    if count >= _MANY_EMPTY:
        text = f"{count:,} empty rows were passed over"
        hint = "delete them in the spreadsheet, so that the export stays small"
        yield Issue("rows-empty", text, severity=Severity.INFORMATION, source=place, hint=hint)


def is_odd(cells: Iterable[Json]) -> bool:
    """Whether there can be anything for ``cell_issues`` to find, at one look: its checks are dear and faults rare."""
    return any(cell and (cell[0] in _FIRST_SIGNS or not cell.isprintable()) for cell in cells)


def cell_issues(cells: Mapping[str, Json], pointer: SourcePointer) -> Iterator[Issue]:
    """Cells that a spreadsheet would run as a formula, and signs that no text may hold."""
    for name, cell in cells.items():
        if not isinstance(cell, str) or not cell:
            continue
        if cell[0] in _FIRST_SIGNS and _FORMULA.match(cell):
            text = "begins like a spreadsheet formula; it is carried as text and runs nowhere here"
            hint = "take it out at the source if nobody meant it: it would run in whoever's spreadsheet opens the file"
            spot = replace(pointer, column=name)
            yield Issue("cell-formula", text, severity=Severity.WARNING, source=spot, value=cell[:80], hint=hint)
        if not cell.isprintable() and (match := _CONTROL.search(cell)):
            text = f"holds the control character U+{ord(match[0]):04X}, which no record can carry"
            spot = replace(pointer, column=name)
            yield Issue("cell-control-character", text, source=spot, hint="take the character out at the source")


def column_issues(columns: Sequence[str], spec: TableSpec, header: SourcePointer) -> Iterator[Issue]:
    """What is wrong with a header: a fatal finding where the table cannot be used."""
    wanted = tuple(dict.fromkeys((spec.key, *spec.required)))
    for name in sorted({name for name in columns if name and columns.count(name) > 1}):
        text = f"the column stands {columns.count(name)} times; which one is meant cannot be told"
        spot = replace(header, column=name)
        hint = "rename or remove all but one"
        yield Issue("csv-duplicate-column", text, severity=Severity.FATAL, source=spot, hint=hint)
    known = tuple(dict.fromkeys((*wanted, *spec.columns)))
    unknown = [name for name in columns if name and name not in known] if spec.columns else []
    for name in known:
        if name not in columns:
            yield _missing(name, unknown if spec.columns else columns, header, fatal=name in wanted)
    strangers = [name for name in columns if name and name not in (*known, *spec.expected)]
    for name in spec.expected:
        if name not in columns and name not in known and (near := get_close_matches(name, strangers, n=1, cutoff=0.7)):
            yield _missing(name, near, header, fatal=False)
    for name in unknown:
        near = get_close_matches(name, [k for k in known if k not in columns], n=1)
        hint = f"did you mean {near[0]!r}?" if near else "map it or drop it with a reason in the mapping"
        text = "the mapping does not know this column; its values are kept with the record but not used"
        spot = replace(header, column=name)
        yield Issue("csv-unknown-column", text, severity=Severity.WARNING, source=spot, hint=hint)


def _missing(name: str, candidates: Sequence[str], header: SourcePointer, *, fatal: bool) -> Issue:
    near = get_close_matches(name, candidates, n=1, cutoff=0.5)
    renamed = f"; was it renamed to {near[0]!r}?" if near else ""
    severity = Severity.FATAL if fatal else Severity.WARNING
    hint = f"export the file with a column headed {name!r}"
    spot = replace(header, column=name)
    return Issue("csv-missing-column", f"the column is missing{renamed}", severity=severity, source=spot, hint=hint)
