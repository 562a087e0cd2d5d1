"""The whole story of a message: every recipient, every try, every rung, as a person asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select, union_all

from interop.relay.message import DeliveryState, InboxState, Rung
from interop.relay.schema import acknowledgement, attempt, delivery, inbox, lane, message
from interop.relay.schema import effect as effects
from interop.relay.store import Store


@dataclass(frozen=True, slots=True)
class RungFact:
    rung: Rung
    at: datetime
    code: str
    accepted: bool
    evidence: str


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt. ``ended`` None: under way. ``result``: delivered, refused, unreachable or unknown."""

    started: datetime
    ended: datetime | None
    result: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Leg:
    """The way to one recipient. ``next_try`` None: not waiting, or waiting behind another of the same person."""

    recipient: str
    state: DeliveryState
    tried: int
    answer_by: datetime | None
    next_try: datetime | None
    rungs: tuple[RungFact, ...]
    tries: tuple[Try, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """One message that went out, without its bytes."""

    id: str
    identifier: str
    kind: str
    person: str | None
    content_type: str
    sha256: str
    replaces: str | None
    correlates: str | None
    copy_of: str | None
    created: datetime
    legs: tuple[Leg, ...]


@dataclass(frozen=True, slots=True)
class Latest:
    """One message by its content. ``id`` is the message's when it was sent, the inbox entry's when it was received."""

    id: str
    body: bytes
    content_type: str
    at: datetime


_HEAD = tuple(message.c[name] for name in Story.__slots__ if name != "legs")


class History:
    """What became of the messages an organisation sent."""

    def __init__(self, store: Store):
        self._store = store

    def stories(
        self, organisation: str, *, kind: str | None = None, person: str | None = None, limit: int = 100
    ) -> list[Story]:
        """The newest messages first: all, or those of a kind, or about a person."""
        wanted = {name: value for name, value in (("kind", kind), ("person", person)) if value is not None}
        query = select(*_HEAD).filter_by(organisation=organisation, **wanted)
        with self._store.reading() as connection:
            rows = connection.execute(query.order_by(message.c.created.desc(), message.c.id).limit(limit)).all()
            return [Story(**row._mapping, legs=_legs(connection, row.id)) for row in rows]

    def story(self, organisation: str, number: str) -> Story | None:
        """One message by its id; None also when it is another organisation's."""
        query = select(*_HEAD).where(message.c.id == number, message.c.organisation == organisation)
        with self._store.reading() as connection:
            row = connection.execute(query).first()
            return Story(**row._mapping, legs=_legs(connection, row.id)) if row is not None else None

    def copies(self, organisation: str, number: str) -> tuple[str, ...]:
        """Ids of the copies of a message for readers who may not see all of it."""
        query = select(message.c.id).filter_by(organisation=organisation, copy_of=number).order_by(message.c.id)
        with self._store.reading() as connection:
            return tuple(connection.scalars(query))

    def body(self, organisation: str, number: str) -> bytes | None:
        """The exact bytes that were accepted."""
        query = select(message.c.body).where(message.c.id == number, message.c.organisation == organisation)
        with self._store.reading() as connection:
            return connection.scalar(query)

    def latest(
        self, organisation: str, person: str, kind: str, *, before: datetime | None = None, effect: str | None = None
    ) -> Latest | None:
        """The newest message of a kind about a person, whether the organisation sent it or received and settled it.

        Newest by the moment it describes, or by its arrival; ``before``: only what is older than that; ``effect``:
        of what was received only that with this effect (``filed``), so that what was refused does not count.
        """
        about = {"organisation": organisation, "person": person, "kind": kind}
        sent = select(message.c.id, message.c.body, message.c.content_type, message.c.as_of.label("at"))
        came = select(inbox.c.id, inbox.c.body, inbox.c.content_type, inbox.c.received_at.label("at"))
        came = came.filter_by(**about, state=InboxState.SETTLED.value)
        if effect is not None:
            came = came.where(_had(effect))
        whole = sent.filter_by(**about).where(message.c.copy_of.is_(None))
        both = union_all(whole, came).subquery()
        query = select(both).order_by(both.c.at.desc()).limit(1)
        if before is not None:
            query = query.where(both.c.at < before)
        with self._store.reading() as connection:
            row = connection.execute(query).first()
        return Latest(row.id, row.body, row.content_type, row.at) if row is not None else None

    def newest(self, sought: Sought) -> list[Latest]:
        """The newest messages sought, newest first."""
        with self._store.reading() as connection:
            return [Latest(*row) for row in connection.execute(sought.query(("id", "body", "content_type")))]

    def newest_ids(self, sought: Sought) -> tuple[str, ...]:
        """Only their ids: the same ids are the same messages."""
        with self._store.reading() as connection:
            return tuple(row.id for row in connection.execute(sought.query(("id",))))


@dataclass(frozen=True, slots=True)
class Sought:
    """Messages of some kinds about a person, which the organisation sent, or received and filed.

    limit    at most so many, the newest of them
    since    none that describes an earlier moment
    without  id of one that is left out
    """

    organisation: str
    person: str
    kinds: tuple[str, ...]
    limit: int
    since: datetime | None = None
    without: str = ""

    def query(self, columns: Sequence[str]) -> Select[Any]:
        """These columns and the moment, ``at``."""
        about = {"organisation": self.organisation, "person": self.person}
        whole = message.c.copy_of.is_(None)
        sent = select(*(message.c[name] for name in columns), message.c.as_of.label("at")).filter_by(**about)
        came = select(*(inbox.c[name] for name in columns), inbox.c.received_at.label("at")).filter_by(**about)
        came = came.where(inbox.c.state == InboxState.SETTLED.value, _had("filed"))
        both = union_all(
            sent.where(message.c.kind.in_(self.kinds), whole), came.where(inbox.c.kind.in_(self.kinds))
        ).subquery()
        query = select(both).where(both.c.id != self.without).order_by(both.c.at.desc(), both.c.id)
        if self.since is not None:
            query = query.where(both.c.at >= self.since)
        return query.limit(self.limit)


def _had(name: str) -> ColumnElement[bool]:
    applied = select(effects.c.id).where(
        effects.c.organisation == inbox.c.organisation,
        effects.c.sender == inbox.c.sender,
        effects.c.identifier == inbox.c.identifier,
        effects.c.name == name,
    )
    return applied.exists()


def _legs(connection: Connection, number: str) -> tuple[Leg, ...]:
    query = (
        select(delivery, lane.c.head, lane.c.due, lane.c.token)
        .join(lane, lane.c.id == delivery.c.lane)
        .where(delivery.c.message == number)
        .order_by(delivery.c.id)
    )
    return tuple(
        Leg(
            recipient=row.recipient,
            state=DeliveryState(row.state),
            tried=row.attempts,
            answer_by=row.answer_by,
            next_try=row.due if row.head == row.id and row.token is None else None,
            rungs=(RungFact(Rung.QUEUED, row.created, "", True, ""), *_rungs(connection, row.id)),
            tries=_tries(connection, row.id),
        )
        for row in connection.execute(query).all()
    )


def _rungs(connection: Connection, number: int) -> tuple[RungFact, ...]:
    query = select(acknowledgement).where(acknowledgement.c.delivery == number).order_by(acknowledgement.c.id)
    rows = connection.execute(query).all()
    return tuple(RungFact(Rung(row.rung), row.at, row.code, row.accepted, row.evidence) for row in rows)


def _tries(connection: Connection, number: int) -> tuple[Try, ...]:
    query = select(attempt).where(attempt.c.delivery == number).order_by(attempt.c.id)
    return tuple(Try(row.started, row.ended, row.result, row.reason) for row in connection.execute(query).all())
