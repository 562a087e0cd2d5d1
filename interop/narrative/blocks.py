"""The three shapes a piece of a record takes on a page: a table, a list of facts, or words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column heading. ``optional``: nothing to say is no gap, so an empty cell shows a dash and a silent
    column is left out. In any other column an empty cell is a gap and says "not recorded"."""

    title: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words under headings. An empty cell (None) is shown as "not recorded"."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str | None, ...], ...]

    @classmethod
    def of(cls, caption: str, columns: Sequence[Column], rows: Sequence[tuple[str | None, ...]]) -> Table:
        """The table without its silent optional columns."""
        keep = [i for i, column in enumerate(columns) if not column.optional or any(row[i] for row in rows)]
        shown = [tuple(row[i] or ("\u2013" if columns[i].optional else None) for i in keep) for row in rows]
        return cls(caption, tuple(columns[i] for i in keep), tuple(shown))

    @property
    def kind(self) -> str:
        return "table"


@dataclass(frozen=True, slots=True)
class Facts:
    """Named values of one thing."""

    caption: str
    pairs: tuple[tuple[str, str | None], ...]

    @property
    def kind(self) -> str:
        return "facts"


@dataclass(frozen=True, slots=True)
class Words:
    """Sentences. ``sender``: written freely by the sender, not generated from structured data."""

    lines: tuple[str, ...]
    sender: bool = False

    @property
    def kind(self) -> str:
        return "words"


Block = Table | Facts | Words
