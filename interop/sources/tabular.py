"""A set of tables joined by a key: one record per row of the spine, with the rows of the others that belong to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatch

from interop.json_codec import Json
from interop.location import SourcePath, SourcePointer
from interop.outcome import Issue, Severity
from interop.sources.record import Reading, SourceFile, SourceRecord
from interop.sources.spec import SourceSpec, TableSpec
from interop.sources.table import Row, read_table


@dataclass(frozen=True, slots=True)
class _Joined:
    """The rows of one record in one table."""

    file: str
    one: bool
    rows: tuple[Row, ...]

    @property
    def tree(self) -> Json:
        return (self.rows[0].cells if self.rows else None) if self.one else [row.cells for row in self.rows]

    def pointer(self, path: SourcePath) -> SourcePointer:
        number, inside = (0, path) if self.one else (path[0] if path else None, path[1:])
        if isinstance(number, int) and number < len(self.rows):
            return self.rows[number].pointer(inside)
        return SourcePointer(self.file)


@dataclass(frozen=True, slots=True)
class _Places:
    """From a path in a record's tree to the cell: the record's pointer."""

    joined: Mapping[str, _Joined]
    spine: Row

    def __call__(self, path: SourcePath) -> SourcePointer:
        table = self.joined.get(str(path[0])) if path else None
        return self.spine.pointer(()) if table is None else table.pointer(path[1:])


@dataclass(frozen=True, slots=True)
class _Tables:
    """Every table of the set, read."""

    spec: SourceSpec
    files: Mapping[str, tuple[SourceFile, ...]]
    rows: Mapping[str, tuple[Row, ...]]
    issues: tuple[Issue, ...]

    @property
    def usable(self) -> bool:
        return not any(issue.severity is Severity.FATAL for issue in self.issues)


def read_tables(spec: SourceSpec, files: Mapping[str, bytes]) -> Reading:
    """The records of a table set. A file that is missing or unusable stops the set: see ``Reading``."""
    tables = _read_all(spec, files)
    if not tables.usable:
        return Reading((), tables.issues)
    return _join(tables)


def _read_all(spec: SourceSpec, files: Mapping[str, bytes]) -> _Tables:
    found: dict[str, tuple[SourceFile, ...]] = {}
    rows: dict[str, tuple[Row, ...]] = {}
    issues: list[Issue] = []
    for table in spec.tables:
        found[table.name] = tuple(SourceFile(name, data) for name, data in files.items() if matches(name, table.file))
        if not found[table.name] and not table.optional:
            issues.append(_missing_file(table, files))
        read = [read_table(table, file) for file in found[table.name]]
        rows[table.name] = tuple(row for one in read for row in one.rows)
        issues += [_weighed(issue, table, spec) for one in read for issue in one.issues]
    known = {file.name for group in found.values() for file in group}
    issues += [_unknown_file(name) for name in files if name not in known]
    return _Tables(spec, found, rows, tuple(issues))


def _weighed(issue: Issue, table: TableSpec, spec: SourceSpec) -> Issue:
    """A row of a joined table that cannot be read may be anybody's: no record of the set is whole."""
    doubtful = issue.code == "csv-quote" and table is not spec.spine
    return replace(issue, severity=Severity.FATAL) if doubtful else issue


def matches(name: str, pattern: str) -> bool:
    """Whether a given file is the one a mapping names: folders and capital letters do not count."""
    return fnmatch(name.replace("\\", "/").rsplit("/", 1)[-1].lower(), pattern.lower())


def _join(tables: _Tables) -> Reading:
    spine, *others = tables.spec.tables
    grouped = {table.name: _by_key(tables.rows[table.name]) for table in tables.spec.tables}
    all_files = tuple(file for group in tables.files.values() for file in group)
    issues = list(tables.issues)
    records = []
    for key, rows in grouped[spine.name].items():
        if not key:
            issues += [_no_key(row, spine) for row in rows]
            continue
        joined = {spine.name: _Joined(_file_name(spine, tables), True, rows)}
        for table in others:
            joined[table.name] = _Joined(_file_name(table, tables), table.one, grouped[table.name].get(key, ()))
        doubts = tuple(doubt for table in others for doubt in _doubtful(table, grouped[table.name], key))
        records.append(_record(key, joined, all_files, doubts))
    for table in others:
        issues += _orphans(table, grouped[table.name], grouped[spine.name], _file_name(spine, tables))
    return Reading(tuple(records), tuple(issues))


def _record(
    key: str, joined: Mapping[str, _Joined], files: tuple[SourceFile, ...], doubts: tuple[Issue, ...]
) -> SourceRecord:
    spine = next(iter(joined.values())).rows[0]
    tree = {name: table.tree for name, table in joined.items() if table.tree is not None}
    issues = [issue for table in joined.values() for row in table.rows for issue in row.issues]
    issues += [_second_row(table.rows[0], row, key) for table in joined.values() if table.one for row in table.rows[1:]]
    return SourceRecord(tree, files, key, _Places(joined, spine), (*issues, *doubts))


def _by_key(rows: tuple[Row, ...]) -> dict[str, tuple[Row, ...]]:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.key, []).append(row)
    return {key: tuple(group) for key, group in grouped.items()}


def _file_name(table: TableSpec, tables: _Tables) -> str:
    files = tables.files[table.name]
    return files[0].name if files else table.file


def _missing_file(table: TableSpec, files: Mapping[str, bytes]) -> Issue:
    near = get_close_matches(table.file, files, n=1)
    given = f"; did you mean {near[0]!r}?" if near else ""
    text = f"the file of table {table.name!r} is missing; given were {', '.join(files) or 'no files'}"
    hint = f"add {table.file}{given}"
    return Issue("source-file-missing", text, severity=Severity.FATAL, source=SourcePointer(table.file), hint=hint)


def _unknown_file(name: str) -> Issue:
    text = "no table of the mapping reads this file; nothing of it was used"
    hint = "rename it to what the mapping expects, or leave it out"
    return Issue("source-file-unknown", text, severity=Severity.WARNING, source=SourcePointer(name), hint=hint)


def _no_key(row: Row, table: TableSpec) -> Issue:
    text = "the key is empty, so the row belongs to no record and was not used"
    return Issue("key-missing", text, source=row.pointer((table.key,)), hint=f"fill in {table.key!r}")


def _second_row(first: Row, row: Row, key: str) -> Issue:
    if row.cells == first.cells:
        text = f"repeats {first.pointer(())} word for word; counted once"
        return Issue("key-repeated-row", text, severity=Severity.WARNING, source=row.pointer(()), value=key)
    text = f"a second row for {key!r}, unlike {first.pointer(())}; which one is right cannot be told"
    return Issue("key-duplicate", text, source=row.pointer(()), value=key, hint="keep one of the two rows")


# Characters people and scanners take for one another in a key.
_ALIKE = str.maketrans("oilsbz", "011582")


def _looks(key: str) -> str:
    """A key as a tired eye sees it: no case, no punctuation, O is 0, I and l are 1."""
    return "".join(c for c in key.casefold().translate(_ALIKE) if c.isalnum()).lstrip("0")


def _doubtful(table: TableSpec, groups: Mapping[str, tuple[Row, ...]], key: str) -> Iterator[Issue]:
    """Rows that may be this record's although their key is not: an allergy must not be left behind by a typing slip."""
    for other, rows in groups.items():
        if other == key or (other and _looks(other) != _looks(key)):
            continue
        text = f"looks like {key!r}, but is not" if other else f"is empty, so the row may belong to {key!r}"
        for row in rows:
            spot, hint = row.pointer((table.key,)), f"write {key!r} there, or take the row out"
            yield Issue("key-doubtful", text, source=spot, value=other, hint=hint)


def _orphans(
    table: TableSpec, groups: Mapping[str, tuple[Row, ...]], spine: Mapping[str, tuple[Row, ...]], spine_file: str
) -> Iterator[Issue]:
    """Rows whose key names no record: one finding for each key, at its first row."""
    for key, rows in groups.items():
        if not key and not spine:
            yield from (_no_key(row, table) for row in rows)
        elif key and key not in spine and not any(_looks(key) == _looks(known) for known in spine):
            text = f"{len(rows)} row(s) belong to no row of {spine_file} and were not used"
            hint = f"correct {table.key!r}, or add that row to {spine_file}"
            spot = rows[0].pointer((table.key,))
            yield Issue("key-orphan", text, severity=Severity.WARNING, source=spot, value=key, hint=hint)
