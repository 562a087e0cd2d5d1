"""Rows put aside while a table set is read, and found again by key: in memory while few, on disk when many.

The keys and rows lie in a private SQLite file without a name, which nobody else can open and which is gone when the
reading ends; it is written to disk only when it outgrows its share of memory. Files that came as bytes are held in
memory already, so for them nothing is ever written to disk.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from interop import json_codec
from interop.location import SourcePointer
from interop.outcome import Issue, Severity
from interop.sources.row import Row

_MEMORY = 24 << 10
"""KiB of memory before rows go to disk."""

_TABLES = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE;
CREATE TABLE spine (key TEXT PRIMARY KEY, looks TEXT, place TEXT) WITHOUT ROWID;
CREATE TABLE row (number INTEGER PRIMARY KEY, tab TEXT, key TEXT, looks TEXT, content TEXT);
"""

# Characters people and scanners take for one another in a key.
_ALIKE = str.maketrans("oilsbz", "011582")


def looks(key: str) -> str:
    """A key as a tired eye sees it: no case, no punctuation, O is 0, I and l are 1."""
    return "".join(c for c in key.casefold().translate(_ALIKE) if c.isalnum()).lstrip("0")


@dataclass(frozen=True, slots=True)
class Orphans:
    """Rows of a table whose key names no record: the first of them, and how many there are."""

    key: str
    count: int
    rows: tuple[Row, ...]


class Shelf:
    """The rows of one reading by table and key, and the keys of its records.

    on_disk  rows may be written to a file of their own when there are many
    """

    def __init__(self, *, on_disk: bool):
        # Threads take turns: a reading is one iterator.
        self._rows = sqlite3.connect("" if on_disk else ":memory:", isolation_level=None, check_same_thread=False)
        self._rows.executescript(_TABLES)
        self._rows.execute(f"PRAGMA cache_size = -{_MEMORY}")
        self._rows.execute("BEGIN")  # one for all: nothing is ever kept
        self._letters: dict[tuple[str, str | None], Mapping[str, str]] = {}
        self._indexed = False

    def close(self) -> None:
        self._rows.close()

    # -- keys of records ---------------------------------------------------------------------------------------

    def new_key(self, key: str, place: str = "", *, looked: bool = False) -> bool:
        """Note a record's key; False when there is one already. ``looked``: rows of other tables will be held to it."""
        values = key, looks(key) if looked else "", place
        return self._rows.execute("INSERT OR IGNORE INTO spine VALUES (?, ?, ?)", values).rowcount > 0

    def place_of(self, key: str) -> str:
        """What was noted with the record of this key."""
        found = self._rows.execute("SELECT place FROM spine WHERE key = ?", (key,)).fetchone()
        return str(found[0]) if found else ""

    def key_count(self) -> int:
        return int(self._rows.execute("SELECT count(*) FROM spine").fetchone()[0])

    # -- rows --------------------------------------------------------------------------------------------------

    def add(self, table: str, row: Row) -> None:
        """Put a row of a table aside."""
        if row.letters is not None:
            self._letters[row.file, row.sheet] = row.letters
        values = table, row.key, looks(row.key), _written(row)
        self._rows.execute("INSERT INTO row (tab, key, looks, content) VALUES (?, ?, ?, ?)", values)

    def like(self, key: str) -> Iterator[tuple[str, Row]]:
        """Every row whose key is this or looks like it, with its table, in the order they came."""
        if not self._indexed:
            self._rows.execute("CREATE INDEX by_looks ON row (looks)")
            self._indexed = True
        found = self._rows.execute("SELECT tab, content FROM row WHERE looks = ? ORDER BY number", (looks(key),))
        return ((table, self._read(content)) for table, content in found.fetchall())

    def keyless(self, table: str, limit: int) -> tuple[list[Row], int]:
        """The first rows of a table without a key, and how many there are."""
        found = self._rows.execute("SELECT content FROM row WHERE tab = ? AND key = '' LIMIT ?", (table, limit))
        rows = [self._read(content) for (content,) in found.fetchall()]
        count = self._rows.execute("SELECT count(*) FROM row WHERE tab = ? AND key = ''", (table,)).fetchone()[0]
        return rows, count

    def orphans(self, table: str, rows: int) -> Iterator[Orphans]:
        """The keys of a table that neither are nor look like a record's, in the order they came.

        rows  so many of the rows of each key are given
        """
        found = self._rows.execute(
            "SELECT key, count(*), min(number) FROM row WHERE tab = ? AND key != '' "
            "AND looks NOT IN (SELECT looks FROM spine) GROUP BY key ORDER BY min(number)",
            (table,),
        )
        for key, count, number in found:
            first = self._rows.execute(
                "SELECT content FROM row WHERE number >= ? AND tab = ? AND key = ? ORDER BY number LIMIT ?",
                (number, table, key, rows),
            )
            yield Orphans(key, count, tuple(self._read(content) for (content,) in first.fetchall()))

    def _read(self, content: str) -> Row:
        file, cells, key, number, place, issues, sheet = json.loads(content)
        if place:  # JSON rows may hold decimals, which keep their digits
            cells = json_codec.loads(cells.encode())
        letters = self._letters.get((file, sheet))
        return Row(file, cells, key, number, place, tuple(map(_issue, issues)), sheet, letters)


def _written(row: Row) -> str:
    cells = json_codec.dumps(row.cells).decode() if row.place else row.cells
    issues = [_issue_fields(issue) for issue in row.issues]
    fields = row.file, cells, row.key, row.number, row.place, issues, row.sheet
    return json_codec.dumps(fields).decode()


def _issue_fields(issue: Issue) -> list[json_codec.Json]:
    spot = issue.source
    place = [spot.file, spot.row, spot.column, spot.path, spot.sheet] if spot is not None else None
    return [issue.code, issue.text, str(issue.severity), place, issue.value, issue.hint, issue.line]


def _issue(fields: list[json_codec.Json]) -> Issue:
    code, text, severity, place, value, hint, line = fields
    source = SourcePointer(*place) if place is not None else None
    return Issue(code, text, severity=Severity(severity), source=source, value=value, hint=hint, line=line)
