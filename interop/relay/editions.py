"""Which edition of a document stands, and who made it: nobody's change is written over by somebody who has not seen it.

A series is one document over all its editions, by an opaque key. Editions are numbered 1, 2, 3 … in each organisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from interop.relay import trail
from interop.relay.schema_editions import edition
from interop.relay.store import Store


@dataclass(frozen=True, slots=True)
class Edition:
    """document  the message's id, or the inbox entry's where others made it
    editor    who made it, as the credentials name them; an ODS code where it came from another organisation
    """

    series: str
    number: int
    document: str
    editor: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """A document that wants to be the next edition.

    made_from  number of the edition its editor had before them; 0: there was none; None: they do not say
    """

    organisation: str
    series: str
    document: str
    editor: str
    made_from: int | None = None


@dataclass(frozen=True, slots=True)
class Stale:
    """The editor had not seen the edition that stands. ``standing`` None: no edition stands at all."""

    made_from: int
    standing: Edition | None


_EDITION = tuple(edition.c[name] for name in Edition.__slots__)


class Editions:
    """The organisations' documents that are edited in turn."""

    def __init__(self, store: Store):
        self._store = store

    def make(self, change: Change) -> Edition | Stale:
        """The document becomes the next edition, unless its editor worked from another than the one that stands.

        Call it in the write that stores the document. The same document again is the edition it was.
        """
        return self._store.write(lambda connection: self._make(connection, change))

    def _make(self, connection: Connection, change: Change) -> Edition | Stale:
        known = self.of(change.organisation, change.document)
        if known is not None:
            return known
        standing = self.standing(change.organisation, change.series)
        number = standing.number if standing else 0
        if change.made_from is not None and change.made_from != number:
            return Stale(change.made_from, standing)
        now = self._store.now()
        made = Edition(change.series, number + 1, change.document, change.editor, now)
        row = {name: getattr(made, name) for name in Edition.__slots__}
        connection.execute(insert(edition), row | {"organisation": change.organisation})
        detail = {"edition": made.number, "made_from": change.made_from}
        deed = trail.Deed(change.organisation, change.editor, "edition-made", change.document, detail)
        trail.record(connection, now, deed)
        return made

    def standing(self, organisation: str, series: str) -> Edition | None:
        """The newest edition of a series."""
        query = select(*_EDITION).filter_by(organisation=organisation, series=series)
        with self._store.reading() as connection:
            row = connection.execute(query.order_by(edition.c.number.desc()).limit(1)).first()
        return Edition(*row) if row is not None else None

    def of(self, organisation: str, document: str) -> Edition | None:
        """Which edition a message or inbox entry is; None where it is none, or not theirs."""
        query = select(*_EDITION).filter_by(organisation=organisation, document=document)
        with self._store.reading() as connection:
            row = connection.execute(query).first()
        return Edition(*row) if row is not None else None

    def history(self, organisation: str, series: str) -> tuple[Edition, ...]:
        """Every edition, the first one first."""
        query = select(*_EDITION).filter_by(organisation=organisation, series=series).order_by(edition.c.number)
        with self._store.reading() as connection:
            return tuple(Edition(*row) for row in connection.execute(query))
