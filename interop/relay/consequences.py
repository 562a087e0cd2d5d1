"""What was done because of what a document says: each thing once, and when to look at a document again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from interop.relay import trail
from interop.relay.message import digest
from interop.relay.schema_editions import consequence, watch
from interop.relay.store import Store


@dataclass(frozen=True, slots=True)
class Consequence:
    """kind and key  the rule's own: the same two are the same consequence, whoever finds it and however often
    message          id of the message that carries it; None: it could not be addressed to anybody, an alarm says so
    cause            id of the message or inbox entry that asked for it
    """

    organisation: str
    kind: str
    key: str
    message: str | None
    cause: str
    person: str | None

    @property
    def opaque_key(self) -> str:
        """The key as it is stored: it may name a person, a visit or a thing."""
        return digest(self.key.encode())


@dataclass(frozen=True, slots=True)
class Done:
    """A consequence as it is remembered."""

    kind: str
    message: str | None
    cause: str
    done_at: datetime


@dataclass(frozen=True, slots=True)
class Watch:
    """At ``due`` a rule wants to see the person's newest document of a kind again."""

    organisation: str
    person: str
    kind: str
    rule: str
    due: datetime


class Consequences:
    """The organisations' consequences. Everything here joins the write it is called in."""

    def __init__(self, store: Store):
        self._store = store

    def known(self, organisation: str, kind: str, key: str) -> bool:
        """It has been done. Asked inside the write that would do it, the answer holds until that write ends."""
        same = {"organisation": organisation, "kind": kind, "key": digest(key.encode())}
        with self._store.reading() as connection:
            return connection.scalar(select(consequence.c.kind).filter_by(**same)) is not None

    def record(self, done: Consequence) -> None:
        """It is done now. Call it in the write that does it; a second one is refused by the database."""

        def work(connection: Connection) -> None:
            now = self._store.now()
            row = {name: getattr(done, name) for name in ("organisation", "kind", "message", "cause", "person")}
            connection.execute(insert(consequence), row | {"key": done.opaque_key, "done_at": now})
            detail = {"kind": done.kind, "message": done.message}
            trail.record(connection, now, trail.Deed(done.organisation, "relay", "followed-up", done.cause, detail))

        self._store.write(work)

    def of(self, organisation: str, cause: str) -> tuple[Done, ...]:
        """What a document led to, in order."""
        columns = (consequence.c.kind, consequence.c.message, consequence.c.cause, consequence.c.done_at)
        query = select(*columns).filter_by(organisation=organisation, cause=cause)
        with self._store.reading() as connection:
            rows = connection.execute(query.order_by(consequence.c.done_at, consequence.c.kind)).all()
        return tuple(Done(*row) for row in rows)

    def cause(self, organisation: str, message: str) -> str | None:
        """Id of what a follow-up follows; None where ``message`` is no follow-up."""
        query = select(consequence.c.cause).filter_by(organisation=organisation, message=message)
        with self._store.reading() as connection:
            return connection.scalar(query)

    def look_again(self, organisation: str, person: str, kind: str, rule: str, due: datetime | None) -> None:
        """When the rule wants to see the person's newest document of the kind; None: not again."""
        key = {"organisation": organisation, "person": person, "kind": kind, "rule": rule}

        def work(connection: Connection) -> None:
            if due is None:
                connection.execute(delete(watch).filter_by(**key))
            elif connection.execute(update(watch).filter_by(**key).values(due=due)).rowcount == 0:
                connection.execute(insert(watch).values(**key, due=due))

        self._store.write(work)

    def due(self, organisation: str, now: datetime, *, limit: int = 100) -> Sequence[Watch]:
        """What wants to be looked at again by now, the longest due first."""
        query = select(watch).where(watch.c.organisation == organisation, watch.c.due <= now)
        with self._store.reading() as connection:
            rows = connection.execute(query.order_by(watch.c.due).limit(limit)).all()
        return [Watch(**row._mapping) for row in rows]
