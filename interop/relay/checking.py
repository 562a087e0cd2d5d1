"""Is the store still what was put into it? Digests are taken again, chains followed, references looked up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, Table, select, union

from interop.errors import StoreError
from interop.outcome import Issue
from interop.relay.message import digest
from interop.relay.originals import Originals
from interop.relay.schema import audit, inbox, message
from interop.relay.schema_originals import original
from interop.relay.store import Store
from interop.relay.trail import Trail

_AT_A_TIME = 100


@dataclass(frozen=True, slots=True)
class Damage:
    """Something that is not as it was stored. ``subject``: its id or digest. Neither it nor the issue holds a person's
    data."""

    organisation: str
    subject: str
    issue: Issue


@dataclass
class Check:
    """One look at everything. Iterate over it for the damages; ``looked_at`` counts what was checked on the way."""

    store: Store
    looked_at: Counter[str] = field(default_factory=Counter)

    def __iter__(self) -> Iterator[Damage]:
        yield from self._file()
        for organisation in self._organisations():
            yield from self._chain(organisation)
            yield from self._bodies(message, organisation, "messages")
            yield from self._bodies(inbox, organisation, "received")
            yield from self._originals(organisation)

    def _organisations(self) -> list[str]:
        tables = (audit, message, inbox, original)
        with self.store.reading() as connection:
            query = union(*(select(table.c.organisation) for table in tables))
            return sorted(connection.scalars(query))

    def _file(self) -> Iterator[Damage]:
        """The database's own checks: its pages, and that every row that refers to another finds it."""
        with self.store.reading() as connection:
            if connection.dialect.name != "sqlite":
                return
            for text in _told(connection, "PRAGMA quick_check"):
                if text != "ok":
                    yield Damage("", "database", Issue("store-damaged", f"the database file is damaged: {text}"))
            for text in _told(connection, "PRAGMA cipher_integrity_check"):
                yield Damage("", "database", Issue("store-damaged", f"the encrypted file is damaged: {text}"))
            for row in connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                text = f"row {row[1]} of {row[0]} refers to a {row[2]} that is not there"
                yield Damage("", str(row[0]), Issue("reference-broken", text))

    def _chain(self, organisation: str) -> Iterator[Damage]:
        self.looked_at["audit chains"] += 1
        if (fault := Trail(self.store).verify(organisation)) is not None:
            yield Damage(organisation, "audit", Issue("audit-broken", f"the audit chain is broken: {fault}"))

    def _bodies(self, table: Table, organisation: str, name: str) -> Iterator[Damage]:
        """The bytes of messages against their digests, a few at a time."""
        after = ""
        while True:
            query = select(table.c.id, table.c.body, table.c.sha256).filter_by(organisation=organisation)
            with self.store.reading() as connection:
                rows = connection.execute(query.where(table.c.id > after).order_by(table.c.id).limit(_AT_A_TIME)).all()
            for row in rows:
                self.looked_at[name] += 1
                if digest(row.body) != row.sha256:
                    yield Damage(organisation, row.id, Issue("message-damaged", "its bytes have another digest"))
            if not rows:
                return
            after = rows[-1].id

    def _originals(self, organisation: str) -> Iterator[Damage]:
        originals = Originals(self.store)
        for kept in originals.listed(organisation):
            self.looked_at["originals"] += 1
            try:
                size = sum(map(len, originals.checked(organisation, kept.sha256)))
            except StoreError as fault:
                yield Damage(organisation, kept.sha256, Issue(fault.code, fault.text))
                continue
            if size != kept.size:
                text = f"it has {size} bytes, wanted {kept.size}"
                yield Damage(organisation, kept.sha256, Issue("original-damaged", text))


def _told(connection: Connection, pragma: str) -> list[str]:
    return [str(row[0]) for row in connection.exec_driver_sql(pragma).all()]
