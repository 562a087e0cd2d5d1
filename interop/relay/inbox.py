"""What others gave us: stored before it is acknowledged, receipted once, processed once in effect."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, or_, select, update

from interop.relay import alarms, trail
from interop.relay.message import InboxState, Receipt, Received, digest, entry_id, message_id
from interop.relay.schema import Instant, effect, inbox
from interop.relay.store import Store


@dataclass(frozen=True, slots=True)
class Item:
    """One received message as one organisation of this node holds it."""

    id: str
    organisation: str
    sender: str
    identifier: str
    kind: str
    person: str | None
    correlates: str | None
    content_type: str
    body: bytes
    sha256: str
    received_at: datetime
    state: InboxState
    attempts: int
    duplicates: int
    finished_at: datetime | None
    reason: str | None
    opened_at: datetime | None


@dataclass(frozen=True, slots=True)
class Held:
    """An item leased to one worker. Only ``token``'s holder can settle it."""

    item: Item
    token: str
    until: datetime


_ITEM = tuple(inbox.c[name] for name in Item.__slots__)
_earlier, _ready = inbox.alias(), inbox.alias()
_OPEN = (InboxState.RECEIVED.value, InboxState.PROCESSING.value)

# Lease the oldest due item whose person has no older item unfinished: effects keep each person's order.
CLAIM = (
    update(inbox)
    .where(
        inbox.c.id
        == select(_ready.c.id)
        .where(
            _ready.c.due <= bindparam("b_at", type_=Instant),
            or_(
                _ready.c.person.is_(None),
                ~select(_earlier.c.id)
                .where(
                    _earlier.c.organisation == _ready.c.organisation,
                    _earlier.c.person == _ready.c.person,
                    _earlier.c.state.in_(_OPEN),
                    _earlier.c.arrival < _ready.c.arrival,
                )
                .exists(),
            ),
        )
        .order_by(_ready.c.due, _ready.c.arrival)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    .values(
        state=InboxState.PROCESSING,
        token=bindparam("b_token"),
        due=bindparam("b_until", type_=Instant),
        attempts=inbox.c.attempts + 1,
    )
    .returning(*_ITEM)
)
# Finish an item, settled or failed. Only the lease's holder can, and only once.
FINISH = (
    update(inbox)
    .where(
        inbox.c.id == bindparam("b_id"),
        inbox.c.token == bindparam("b_token"),
        inbox.c.state == InboxState.PROCESSING.value,
    )
    .values(
        state=bindparam("b_state"),
        token=None,
        due=None,
        finished_at=bindparam("b_at", type_=Instant),
        reason=bindparam("b_reason"),
    )
)
STORED = select(inbox.c.id, inbox.c.sha256, inbox.c.received_at, inbox.c.receipt).where(
    inbox.c.id.in_(bindparam("b_ids", expanding=True))
)
KEEP = insert(inbox).values(arrival=select(func.coalesce(func.max(_earlier.c.arrival), 0) + 1).scalar_subquery())


class Inbox:
    """Messages handed to the organisations of this node."""

    def __init__(self, store: Store):
        self._store = store

    def receive(self, given: Received, make_receipt: Callable[[Receipt], bytes] | None = None) -> Receipt:
        """Store the exact bytes for every recipient; on disk when this returns. Answer only after that.

        A duplicate (same sender, identifier and bytes) gets the stored receipt again. The same identifier with other
        bytes is a conflict: nothing is stored, the original stays, an alarm is raised.

        make_receipt  writes the receipt's body, kept with the message; pure and quick, it runs inside the transaction
        """
        return self._store.write(lambda connection: self._receive(connection, given, make_receipt))

    def _receive(
        self, connection: Connection, given: Received, make_receipt: Callable[[Receipt], bytes] | None
    ) -> Receipt:
        now, sha256 = self._store.now(), digest(given.body)
        recipients = tuple(dict.fromkeys(given.recipients))
        ids = {entry_id(given.sender, given.identifier, r): r for r in recipients}
        stored = connection.execute(STORED, {"b_ids": list(ids)}).all()
        number = message_id(given.sender, given.identifier)
        receipt = Receipt("received", number, given.identifier, now, sha256, recipients)
        if any(row.sha256 != sha256 for row in stored):
            self._conflict(connection, given, receipt, [ids[row.id] for row in stored])
            return replace(receipt, status="conflict")
        if stored:
            first = stored[0]
            receipt = replace(receipt, received_at=first.received_at, body=first.receipt)
            connection.execute(update(inbox).where(inbox.c.id.in_(ids)).values(duplicates=inbox.c.duplicates + 1))
        elif make_receipt is not None:
            receipt = replace(receipt, body=make_receipt(receipt))
        new = [r for key, r in ids.items() if key not in {row.id for row in stored}]
        for recipient in new:
            self._keep(connection, given, recipient, receipt)
        return receipt if new else replace(receipt, status="duplicate")

    def _keep(self, connection: Connection, given: Received, recipient: str, receipt: Receipt) -> None:
        now = self._store.now()
        connection.execute(
            KEEP,
            {
                "id": entry_id(given.sender, given.identifier, recipient),
                "organisation": recipient,
                "sender": given.sender,
                "identifier": given.identifier,
                "kind": given.kind,
                "person": given.person,
                "correlates": given.correlates,
                "content_type": given.content_type,
                "body": given.body,
                "sha256": receipt.sha256,
                "received_at": receipt.received_at,
                "receipt": receipt.body,
                "state": InboxState.RECEIVED.value,
                "due": now,
            },
        )
        detail = {"sender": given.sender, "kind": given.kind, "sha256": receipt.sha256}
        trail.record(connection, now, trail.Deed(recipient, given.sender, "message-received", receipt.id, detail))
        self._store.after_commit(self._store.inbound.ring)

    def _conflict(self, connection: Connection, given: Received, receipt: Receipt, holders: list[str]) -> None:
        text = (
            f"{given.sender} sent other bytes under an identifier we already hold ({len(given.body)} bytes,"
            f" sha256 {receipt.sha256[:12]}…). The first ones were kept. Ask them which is right:"
            " a correction needs an identifier of its own."
        )
        for holder in holders:
            alarm = alarms.Alarm(holder, "identifier-conflict", receipt.id, text)
            alarms.sound(connection, receipt.received_at, alarm)

    def claim(self, lease: timedelta) -> Held | None:
        """Take the oldest item that waits; nobody else gets it until the lease runs out. None when idle."""
        now, token = self._store.now(), secrets.token_hex(16)
        until = now + lease
        row = self._store.write(
            lambda connection: connection.execute(CLAIM, {"b_at": now, "b_until": until, "b_token": token}).first()
        )
        return Held(_item(row), token, until) if row is not None else None

    def settle(self, held: Held, effects: Sequence[str], apply: Callable[[], None]) -> bool:
        """Apply the item's effects and mark it settled, in one transaction. False, and nothing applied, when the
        lease was lost.

        apply    does its work through this store (its writes join the transaction); it leaves no other trace
        effects  what it did, in words: each is written down once, so that twice can be counted
        """

        def work(connection: Connection) -> bool:
            if not self._finish(connection, held, InboxState.SETTLED, None):
                return False
            apply()
            now, item = self._store.now(), held.item
            for name in effects:
                row = {"organisation": item.organisation, "sender": item.sender, "identifier": item.identifier}
                connection.execute(insert(effect), row | {"name": name, "applied_at": now})
            return True

        return self._store.write(work)

    def fail(self, held: Held, reason: str, *, again: datetime | None = None) -> bool:
        """It could not be processed: try ``again`` then, or raise an alarm for a person. False: the lease was lost."""

        def work(connection: Connection) -> bool:
            if again is not None:
                return self._retry(connection, held, reason, again)
            if not self._finish(connection, held, InboxState.FAILED, reason):
                return False
            item = held.item
            subject = message_id(item.sender, item.identifier)
            text = f"A message from {item.sender} could not be processed: {reason}. Its bytes are kept."
            alarms.sound(connection, self._store.now(), alarms.Alarm(item.organisation, "inbox-failed", subject, text))
            return True

        return self._store.write(work)

    def _finish(self, connection: Connection, held: Held, state: InboxState, reason: str | None) -> bool:
        now, item = self._store.now(), held.item
        key = {"b_id": item.id, "b_token": held.token}
        done = connection.execute(FINISH, key | {"b_state": state.value, "b_at": now, "b_reason": reason})
        if done.rowcount == 0:
            return False
        action = f"message-{state.value}"
        subject = message_id(item.sender, item.identifier)
        trail.record(connection, now, trail.Deed(item.organisation, "relay", action, subject))
        self._store.after_commit(self._store.inbound.ring)  # the person's next item may go now
        return True

    def _retry(self, connection: Connection, held: Held, reason: str, again: datetime) -> bool:
        done = connection.execute(
            update(inbox)
            .where(inbox.c.id == held.item.id, inbox.c.token == held.token)
            .where(inbox.c.state == InboxState.PROCESSING)
            .values(state=InboxState.RECEIVED, token=None, due=again, reason=reason)
        )
        return done.rowcount == 1

    def get(self, organisation: str, number: str) -> Item | None:
        """One item by its entry id; None also when it is another organisation's."""
        with self._store.reading() as connection:
            row = connection.execute(select(*_ITEM).where(inbox.c.id == number, inbox.c.organisation == organisation))
            found = row.first()
        return _item(found) if found is not None else None

    def items(self, organisation: str, *, state: InboxState | None = None, limit: int = 100) -> list[Item]:
        """Newest first."""
        query = select(*_ITEM).where(inbox.c.organisation == organisation).order_by(inbox.c.arrival.desc()).limit(limit)
        if state is not None:
            query = query.where(inbox.c.state == state)
        with self._store.reading() as connection:
            return [_item(row) for row in connection.execute(query)]

    def effects(self, organisation: str) -> dict[tuple[str, str], tuple[str, ...]]:
        """(sender, identifier) → what handling each message did: ``filed``, ``refused``, ``acknowledged``."""
        query = select(effect.c.sender, effect.c.identifier, effect.c.name).where(effect.c.organisation == organisation)
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        with self._store.reading() as connection:
            for row in connection.execute(query.order_by(effect.c.id)):
                key = (row.sender, row.identifier)
                found[key] = (*found.get(key, ()), row.name)
        return found

    def read(self, organisation: str, number: str, *, by: str) -> None:
        """Somebody takes the bytes of an item as they came: written down, and no sign that a person looked."""

        def work(connection: Connection) -> None:
            key = {"id": number, "organisation": organisation}
            row = connection.execute(select(inbox.c.sender, inbox.c.identifier, inbox.c.sha256).filter_by(**key)).one()
            subject = message_id(row.sender, row.identifier)
            deed = trail.Deed(organisation, by, "original-read", subject, {"sha256": row.sha256})
            trail.record(connection, self._store.now(), deed)

        self._store.write(work)

    def opened(self, organisation: str, number: str, *, by: str) -> bool:
        """A person looks at it. True the first time: that is the moment to tell the sender."""

        def work(connection: Connection) -> bool:
            now = self._store.now()
            ours = (inbox.c.id == number, inbox.c.organisation == organisation)
            row = connection.execute(select(inbox.c.sender, inbox.c.identifier, inbox.c.opened_at).where(*ours)).first()
            if row is None:
                return False
            if row.opened_at is None:
                connection.execute(update(inbox).where(*ours).values(opened_at=now, opened_by=by))
            subject = message_id(row.sender, row.identifier)
            trail.record(connection, now, trail.Deed(organisation, by, "message-opened", subject))
            return row.opened_at is None

        return self._store.write(work)


def _item(row: Row[Any]) -> Item:
    fields = dict(row._mapping)
    return Item(**(fields | {"state": InboxState(fields["state"])}))
