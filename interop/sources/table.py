"""One table out of one file, CSV or JSON: its rows, where each stands, and what is wrong with it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from io import StringIO

from interop import json_codec
from interop.errors import ContentError
from interop.json_codec import Json
from interop.location import SourcePath, SourcePointer
from interop.outcome import Issue, Severity
from interop.sources.encoding import decode
from interop.sources.json_path import items_at, json_path, value_at
from interop.sources.record import SourceFile
from interop.sources.spec import TableSpec

# Excel's own first line naming the delimiter; Excel does not show it, so rows are counted without it.
_EXCEL_HINT = re.compile(r"\Asep=.\r?\n")
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars (|)"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by column, its place, and what is wrong with the row itself.

    number  CSV: as a spreadsheet shows it (the header is 1); JSON: None
    place   JSON: path of the row in its document, ``$.residents[0]``; CSV: empty
    """

    file: str
    cells: dict[str, Json]
    key: str
    number: int | None = None
    place: str = ""
    issues: tuple[Issue, ...] = ()

    def pointer(self, path: SourcePath) -> SourcePointer:
        """The cell (or the member) at ``path`` inside this row; the row itself when the path is empty."""
        if self.number is None:
            return SourcePointer(self.file, path=json_path(path, root=self.place))
        return SourcePointer(self.file, row=self.number, column=str(path[0]) if path else None)


@dataclass(frozen=True, slots=True)
class Table:
    """What one file gave. ``usable`` is False when its rows cannot be trusted at all."""

    rows: tuple[Row, ...] = ()
    issues: tuple[Issue, ...] = ()

    @property
    def usable(self) -> bool:
        return not any(issue.severity is Severity.FATAL for issue in self.issues)


def read_table(spec: TableSpec, file: SourceFile) -> Table:
    """The rows of one table. Bad data gives issues, never an exception."""
    table = _read_json(spec, file) if spec.format == "json" else _read_csv(spec, file)
    return table if table.usable else Table((), table.issues)


def _read_json(spec: TableSpec, file: SourceFile) -> Table:
    try:
        document = json_codec.loads(file.data, file=file.name)
    except ContentError as fault:
        return Table((), (_fatal(fault.code, fault.text, SourcePointer(file.name), fault.hint),))
    found = items_at(document, spec.at)
    if found is None:
        wanted = f"a list at {spec.at!r}" if spec.at else "a list"
        hint = "export the file again, or change `at:` in the mapping"
        return Table((), (_fatal("json-no-records", f"holds no {wanted[2:]}", SourcePointer(file.name), hint),))
    rows, issues = [], []
    for place, item in found:
        if isinstance(item, dict):
            key = value_at(item, spec.key)
            rows.append(Row(file.name, item, "" if key is None else str(key), place=place))
        else:
            text = f"is {json_codec.dumps(item).decode()[:40]}, a row is an object"
            issues.append(Issue("json-row", text, source=SourcePointer(file.name, path=place)))
    return Table(tuple(rows), tuple(issues))


def _read_csv(spec: TableSpec, file: SourceFile) -> Table:
    text, issues = decode(file.name, file.data, spec.encodings)
    if text is None:
        return Table((), issues)
    lines = _lines(_EXCEL_HINT.sub("", text, count=1), spec, file)
    number, header, fault = next((line for line in lines if line[1] or line[2]), (1, [], None))
    if not header:
        empty = _fatal("csv-empty", "the file is empty; a header row is wanted", SourcePointer(file.name), None)
        return Table((), (*issues, replace(fault, severity=Severity.FATAL) if fault else empty))
    columns = [name.strip() for name in header]
    issues += tuple(_column_issues(columns, spec, SourcePointer(file.name, row=number)))
    if any(issue.severity is Severity.FATAL for issue in issues):
        return Table((), issues)
    rows, broken = [], []
    for number, cells, fault in lines:
        if fault is not None:
            broken.append(fault)
        elif any(cell.strip() for cell in cells):
            rows.append(_row(number, cells, columns, spec, file))
    return Table(tuple(rows), (*issues, *broken))


def _lines(text: str, spec: TableSpec, file: SourceFile) -> Iterator[tuple[int, list[str], Issue | None]]:
    """Each spreadsheet row: its number and cells, or the fault that hides them. Empty rows count."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=spec.delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            yield number, next(reader), None
        except StopIteration:
            return
        except csv.Error as fault:
            yield number, [], _quote_issue(fault, number, reader.line_num, file)


def _quote_issue(fault: csv.Error, number: int, line: int, file: SourceFile) -> Issue:
    if "end of data" in str(fault):
        text = "a quote opens in this row and never closes: everything after it could not be read"
    else:
        text = f"the row could not be read: {fault}"
    hint = 'close the quote; write a quote inside quoted text twice: "the ""red bag"" list"'
    return Issue("csv-quote", text, source=SourcePointer(file.name, row=number), hint=hint, line=line)


def _row(number: int, cells: Sequence[str], columns: Sequence[str], spec: TableSpec, file: SourceFile) -> Row:
    found = {name: cell for name, cell in zip(columns, cells, strict=False) if name}
    beyond = {_nameless(n): cell for n, cell in enumerate(cells, 1) if _is_nameless(n, columns) and cell.strip()}
    issues = []
    if beyond or len(cells) < len(columns):
        text = f"the row has {len(cells)} cells, the header has {len(columns)}"
        hint = "put quotes around text that holds the delimiter or a line break, and give every row all its cells"
        issues.append(Issue("csv-ragged-row", text, source=SourcePointer(file.name, row=number), hint=hint))
    key = found.get(spec.key, "").strip()
    return Row(file.name, {**found, **beyond}, key, number=number, issues=tuple(issues))


def _is_nameless(number: int, columns: Sequence[str]) -> bool:
    return number > len(columns) or not columns[number - 1]


def _nameless(number: int) -> str:
    return f"(column {number})"


def _column_issues(columns: Sequence[str], spec: TableSpec, header: SourcePointer) -> Iterator[Issue]:
    wanted = tuple(dict.fromkeys((spec.key, *spec.required)))
    if (other := _other_delimiter(columns, spec)) is not None:
        text = f"its cells are separated by {_DELIMITERS[other]}, the mapping expects {_named(spec.delimiter)}"
        hint = f"export it with {_named(spec.delimiter)}, or set `delimiter: {other!r}` in the mapping"
        yield _fatal("csv-delimiter", text, header, hint)
        return
    for name in sorted({name for name in columns if name and columns.count(name) > 1}):
        text = f"the column stands {columns.count(name)} times; which one is meant cannot be told"
        yield _fatal("csv-duplicate-column", text, replace(header, column=name), "rename or remove all but one")
    known = tuple(dict.fromkeys((*wanted, *spec.columns)))
    unknown = [name for name in columns if name and name not in known] if spec.columns else []
    for name in known:
        if name not in columns:
            yield _missing(name, unknown if spec.columns else columns, header, fatal=name in wanted)
    for name in unknown:
        near = get_close_matches(name, [k for k in known if k not in columns], n=1)
        hint = f"did you mean {near[0]!r}?" if near else "map it or drop it with a reason in the mapping"
        text = "the mapping does not know this column; its values are kept with the record but not used"
        yield Issue(
            "csv-unknown-column", text, severity=Severity.WARNING, source=replace(header, column=name), hint=hint
        )


def _missing(name: str, candidates: Sequence[str], header: SourcePointer, *, fatal: bool) -> Issue:
    near = get_close_matches(name, candidates, n=1, cutoff=0.5)
    renamed = f"; was it renamed to {near[0]!r}?" if near else ""
    severity = Severity.FATAL if fatal else Severity.WARNING
    hint = f"export the file with a column headed {name!r}"
    spot = replace(header, column=name)
    return Issue("csv-missing-column", f"the column is missing{renamed}", severity=severity, source=spot, hint=hint)


def _other_delimiter(columns: Sequence[str], spec: TableSpec) -> str | None:
    """The delimiter the header was really written with, when the wanted one finds nothing in it."""
    if spec.key in columns:
        return None
    expected = {spec.key, *spec.required, *spec.columns}
    header = spec.delimiter.join(columns)
    for other in _DELIMITERS:
        cells = [cell.strip().strip('"') for cell in header.split(other)]
        if other != spec.delimiter and len(cells) > 1 and (len(columns) == 1 or expected & set(cells)):
            return other
    return None


def _named(delimiter: str) -> str:
    return _DELIMITERS.get(delimiter, repr(delimiter))


def _fatal(code: str, text: str, source: SourcePointer, hint: str | None) -> Issue:
    return Issue(code, text, severity=Severity.FATAL, source=source, hint=hint)
