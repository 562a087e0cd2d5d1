"""A set of tables joined by a key: one record per row of the spine, with the rows of the others that belong to it.

The spine is gone through twice and never held: once for its keys, so that everything wrong with the set as a whole is
known before the first record, and once for the records. The rows of the other tables wait on the ``Shelf``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from interop.json_codec import Json
from interop.location import SourcePath, SourcePointer
from interop.outcome import Issue, Severity
from interop.sources.choosing import chosen
from interop.sources.json_path import json_path
from interop.sources.record import SourceFile, SourceRecord
from interop.sources.row import Row
from interop.sources.shelf import Orphans, Shelf
from interop.sources.spec import SourceSpec, TableSpec
from interop.sources.stream import TOLD
from interop.sources.table import Opener, Table

_KEYLESS = 5
"""Rows without a key may be anybody's: each record is told of this many, and how many more there are."""

_ORPHAN_KEYS, _ORPHAN_ROWS = 20, 10
"""Of rows that belong to nobody, so many keys are named, and of each so many rows."""

_UNREADABLE = ("csv-quote", "csv-cell-too-long", "ndjson-line", "content-xml", "xlsx-broken")
"""Findings that hide whole rows."""


@dataclass(frozen=True, slots=True)
class _Joined:
    """The rows of one record in one table. ``file``: where they would stand if there were any; ``key``: whose."""

    file: str
    spec: TableSpec
    key: str
    one: bool
    rows: Sequence[Row]

    @property
    def tree(self) -> Json:
        return (self.rows[0].cells if self.rows else None) if self.one else [row.cells for row in self.rows]

    def pointer(self, path: SourcePath) -> SourcePointer:
        number, inside = (0, path) if self.one else (path[0] if path else None, path[1:])
        if isinstance(number, int) and number < len(self.rows):
            return self.rows[number].pointer(inside)
        if self.spec.format in ("json", "ndjson"):
            return SourcePointer(self.file, path=json_path(inside, root=self._row_wanted()))
        return SourcePointer(self.file, column=str(inside[0]) if inside else None, sheet=self.spec.sheet)

    def _row_wanted(self) -> str:
        """The record's own row in JSON, had it one: ``$.residents[?@.residentId=='RH-014']`` (RFC 9535)."""
        if self.spec.format == "ndjson":
            return f"$[?@.{self.spec.key}=={self.key!r}]"
        root = json_path(tuple(self.spec.at.split("."))) if self.spec.at else "$"
        return f"{root}[?@.{self.spec.key}=={self.key!r}]"


@dataclass(frozen=True, slots=True)
class _Places:
    """From a path in a record's tree to the cell: the record's pointer."""

    joined: Mapping[str, _Joined]
    spine: Row

    def __call__(self, path: SourcePath) -> SourcePointer:
        table = self.joined.get(str(path[0])) if path else None
        return self.spine.pointer(()) if table is None else table.pointer(path[1:])


@dataclass(slots=True)
class TableSet:
    """The files of one set, and how far they have been read.

    repeats   keys that more than one row of the spine has
    repeated  numbers (from 0, in reading order) of the spine's rows whose key an earlier one has
    nameless  the first of the spine's rows without a key, and how many there are
    keyless   the same of each other table
    total     how many records there are; None until the spine's keys are known
    """

    spec: SourceSpec
    given: Sequence[SourceFile]
    total: int | None = None
    files: dict[str, tuple[SourceFile, ...]] = field(default_factory=dict, init=False)
    tables: dict[str, list[Table]] = field(default_factory=dict, init=False)
    repeats: set[str] = field(default_factory=set, init=False)
    repeated: set[int] = field(default_factory=set, init=False)
    nameless: tuple[list[Row], int] = field(default=([], 0), init=False)
    keyless: dict[str, tuple[list[Row], int]] = field(default_factory=dict, init=False)

    def read(self) -> Iterator[SourceRecord | Issue]:
        """What is wrong with the set, then its records. A file that is missing or unusable leaves no records."""
        opener = Opener()
        shelf = Shelf(on_disk=any(file.on_disk for file in self.given))
        try:
            usable = True
            for issue in self._survey(shelf, opener):
                usable &= issue.severity is not Severity.FATAL
                yield issue
            if usable:
                yield from self._loose_ends(shelf)
                yield from self._records(shelf)
        finally:
            opener.close()
            shelf.close()

    # -- before the first record -------------------------------------------------------------------------------

    def _survey(self, shelf: Shelf, opener: Opener) -> Iterator[Issue]:
        for table in self.spec.tables:
            self.files[table.name] = chosen(self.given, table.file)
            if not self.files[table.name] and not table.optional:
                yield self._missing_file(table)
            self.tables[table.name] = [opener.open(table, file) for file in self.files[table.name]]
            for opened in self.tables[table.name]:
                yield from opened.issues
            rows = self._rows(table)
            read = self._keys(rows, shelf) if table is self.spec.spine else _put_aside(table, rows, shelf)
            yield from (_weighed(issue, table, self.spec) for issue in read)
        known = {file.name for group in self.files.values() for file in group}
        yield from (_unknown_file(file) for file in self.given if file.name not in known)
        self.total = shelf.key_count()

    def _rows(self, table: TableSpec) -> Iterator[Row | Issue]:
        return (row for opened in self.tables[table.name] for row in opened.rows())

    def _keys(self, rows: Iterator[Row | Issue], shelf: Shelf) -> Iterator[Issue]:
        """The keys of the spine. A row whose key is there already is put aside for the record it repeats."""
        joined = len(self.spec.tables) > 1
        first: list[Row] = []
        count = 0
        for number, row in enumerate(rows):
            if isinstance(row, Issue):
                yield row
            elif not row.key:
                count += 1
                first += [row] if count <= TOLD else []
            elif not shelf.new_key(row.key, looked=joined):
                self.repeats.add(row.key)
                self.repeated.add(number)
                shelf.add(self.spec.spine.name, row)
        self.nameless = first, count

    def _loose_ends(self, shelf: Shelf) -> Iterator[Issue]:
        """Rows that belong to no record."""
        spine, *others = self.spec.tables
        yield from _no_keys(*self.nameless, spine)
        for table in others:
            self.keyless[table.name] = shelf.keyless(table.name, _KEYLESS)
            if not self.total:
                yield from _no_keys(*self.keyless[table.name], table)
            yield from _orphaned(shelf.orphans(table.name, _ORPHAN_ROWS), table, spine, self._file_name(spine))

    # -- the records -------------------------------------------------------------------------------------------

    def _records(self, shelf: Shelf) -> Iterator[SourceRecord]:
        spine, *others = self.spec.tables
        files = tuple({file.name: file for group in self.files.values() for file in group}.values())
        for number, row in enumerate(self._rows(spine)):
            if isinstance(row, Issue) or not row.key or number in self.repeated:
                continue
            near = shelf.like(row.key) if others or row.key in self.repeats else ()
            found: dict[str, list[Row]] = {table.name: [] for table in self.spec.tables}
            doubts: list[Issue] = []
            for name, other in near:
                if other.key == row.key:
                    found[name].append(other)
                elif name != spine.name:
                    doubts.append(_doubtful(other, row.key, self._table(name)))
            found[spine.name].insert(0, row)
            for table in others:
                doubts += self._nobodys(table, row.key)
            yield self._record(row, found, files, doubts)

    def _record(
        self, spine: Row, found: Mapping[str, list[Row]], files: tuple[SourceFile, ...], doubts: Sequence[Issue]
    ) -> SourceRecord:
        first, *_ = self.spec.tables
        joined = {
            table.name: _Joined(
                self._file_name(table), table, spine.key, table.one or table is first, found[table.name]
            )
            for table in self.spec.tables
        }
        tree = {name: table.tree for name, table in joined.items() if table.tree is not None}
        issues = [issue for table in joined.values() for row in table.rows for issue in row.issues]
        issues += [
            _second_row(table.rows[0], row, spine.key)
            for table in joined.values()
            if table.one
            for row in table.rows[1:]
        ]
        return SourceRecord(tree, files, spine.key, _Places(joined, spine), (*issues, *doubts))

    def _nobodys(self, table: TableSpec, key: str) -> Iterator[Issue]:
        rows, count = self.keyless[table.name]
        for row in rows:
            yield _doubtful(row, key, table)
        if count > len(rows):
            text = f"{count - len(rows):,} more rows have no key either, so each may belong to {key!r}"
            yield Issue("key-doubtful", text, source=SourcePointer(rows[0].file), hint=f"fill in {table.key!r}")

    def _table(self, name: str) -> TableSpec:
        return next(table for table in self.spec.tables if table.name == name)

    def _file_name(self, table: TableSpec) -> str:
        files = self.files[table.name]
        return files[0].name if files else table.file

    def _missing_file(self, table: TableSpec) -> Issue:
        given = [file.name for file in self.given]
        near = get_close_matches(table.file, given, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        text = f"the file of table {table.name!r} is missing; given were {', '.join(given) or 'no files'}"
        hint = f"add {table.file}{meant}"
        spot = SourcePointer(table.file)
        return Issue("source-file-missing", text, severity=Severity.FATAL, source=spot, hint=hint)


def _put_aside(table: TableSpec, rows: Iterator[Row | Issue], shelf: Shelf) -> Iterator[Issue]:
    for row in rows:
        if isinstance(row, Issue):
            yield row
        else:
            shelf.add(table.name, row)


def _weighed(issue: Issue, table: TableSpec, spec: SourceSpec) -> Issue:
    """A row of a joined table that cannot be read may be anybody's: no record of the set is whole."""
    doubtful = issue.code in _UNREADABLE and table is not spec.spine
    return replace(issue, severity=Severity.FATAL) if doubtful else issue


def _unknown_file(file: SourceFile) -> Issue:
    text = "no table of the mapping reads this file; nothing of it was used"
    hint = "rename it to what the mapping expects, or leave it out"
    return Issue("source-file-unknown", text, severity=Severity.WARNING, source=SourcePointer(file.name), hint=hint)


def _no_keys(rows: Sequence[Row], count: int, table: TableSpec) -> Iterator[Issue]:
    hint = f"fill in {table.key!r}"
    for row in rows:
        text = "the key is empty, so the row belongs to no record and was not used"
        yield Issue("key-missing", text, source=row.pointer((table.key,)), hint=hint)
    if count > len(rows):
        text = f"{count - len(rows):,} more rows have no key either, and were not used"
        yield Issue("key-missing", text, source=SourcePointer(rows[0].file), hint=hint)


def _second_row(first: Row, row: Row, key: str) -> Issue:
    if row.cells == first.cells:
        text = f"repeats {first.pointer(())} word for word; counted once"
        return Issue("key-repeated-row", text, severity=Severity.WARNING, source=row.pointer(()), value=key)
    text = f"a second row for {key!r}, unlike {first.pointer(())}; which one is right cannot be told"
    return Issue("key-duplicate", text, source=row.pointer(()), value=key, hint="keep one of the two rows")


def _doubtful(row: Row, key: str, table: TableSpec) -> Issue:
    """A row that may be this record's although its key is not: an allergy must not be left behind by a typing slip."""
    text = f"looks like {key!r}, but is not" if row.key else f"is empty, so the row may belong to {key!r}"
    hint = f"write {key!r} there, or take the row out"
    return Issue("key-doubtful", text, source=row.pointer((table.key,)), value=row.key, hint=hint)


def _orphaned(found: Iterator[Orphans], table: TableSpec, spine: TableSpec, spine_file: str) -> Iterator[Issue]:
    """Rows whose key names no record: one finding a table, at its first such row, which names the others."""
    first = next(found, None)
    if first is None:
        return
    named, keys, rows = [_named(first)], 1, first.count
    for orphans in found:
        keys, rows = keys + 1, rows + orphans.count
        if keys <= _ORPHAN_KEYS:
            named.append(_named(orphans))
    whose = spine_file if spine.sheet is None else f'{spine_file} sheet "{spine.sheet}"'
    more = f" and {keys - _ORPHAN_KEYS:,} more keys" if keys > _ORPHAN_KEYS else ""
    belong = "1 row belongs" if rows == 1 else f"{rows:,} rows belong"
    used = "was" if rows == 1 else "were"
    text = f"{belong} to no row of {whose} and {used} not used: {', '.join(named)}{more}"
    hint = f"correct {table.key!r} there, or add the missing row to {whose}"
    spot = first.rows[0].pointer((table.key,))
    yield Issue("key-orphan", text, severity=Severity.WARNING, source=spot, value=first.key, hint=hint)


def _named(orphans: Orphans) -> str:
    """``'RH-099' (rows 9, 12 and 3 more)``."""
    places = [str(row.number) if row.number is not None else row.place for row in orphans.rows]
    more = f" and {orphans.count - len(places)} more" if orphans.count > len(places) else ""
    word = "" if orphans.rows[0].number is None else "row " if orphans.count == 1 else "rows "
    return f"{orphans.key!r} ({word}{', '.join(places)}{more})"
