"""What we owe others: accepted in one transaction, then never forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, bindparam, insert, select, update

from interop.relay import alarms, lanes, trail
from interop.relay.message import Accepted, Conflict, DeliveryState, Message, message_id
from interop.relay.schema import delivery, message
from interop.relay.store import Store

KNOWN = select(message.c.sha256, message.c.created).where(message.c.id == bindparam("b_id"))


class Outbox:
    """Messages on their way out."""

    def __init__(self, store: Store):
        self._store = store

    def put(self, item: Message, recipients: Sequence[str], *, actor: str = "relay") -> Accepted | Conflict:
        """Accept the message for delivery to every recipient (ODS codes); on disk when this returns.

        Without recipients it is a fact written down: it has a history and an audit entry, and goes nowhere.

        The same identifier with the same bytes is the same message: it is not sent twice, but recipients who were
        not among the first are added. With other bytes it is a Conflict: the original stands and an alarm is raised.
        """
        wanted = tuple(dict.fromkeys(recipients))
        return self._store.write(lambda connection: self._put(connection, item, wanted, actor))

    def _put(self, connection: Connection, item: Message, wanted: tuple[str, ...], actor: str) -> Accepted | Conflict:
        now = self._store.now()
        item = replace(item, as_of=item.as_of or now)
        known = connection.execute(KNOWN, {"b_id": item.id}).first()
        if known is not None and known.sha256 != item.sha256:
            conflict = Conflict(item.id, item.identifier, known.sha256, item.sha256)
            text = f"A message was offered for sending, but {conflict}. Give the new content its own identifier."
            alarms.sound(connection, now, alarms.Alarm(item.organisation, "identifier-conflict", item.id, text))
            return conflict
        have: set[str] = set()
        if known is None:
            connection.execute(insert(message), _columns(item) | {"fact_only": not wanted, "created": now})
        else:
            have = set(connection.scalars(select(delivery.c.recipient).where(delivery.c.message == item.id)))
        added = tuple(r for r in wanted if r not in have)
        for recipient in added:
            lanes.enter(connection, item, recipient, now)
        if added or known is None:
            detail = {"kind": item.kind, "recipients": list(added), "sha256": item.sha256}
            deed = trail.Deed(item.organisation, actor, "message-accepted", item.id, detail)
            trail.record(connection, now, deed)
            self._store.after_commit(self._store.outbound.ring)
        accepted_at = now if known is None else known.created
        return Accepted(item.id, item.identifier, item.sha256, accepted_at, wanted, new=known is None)

    def replay(self, organisation: str, identifier: str, *, actor: str, reason: str) -> tuple[str, ...]:
        """Send a dead-lettered message again, now that the link is mended, to those who lack it; who they are."""

        def work(connection: Connection) -> tuple[str, ...]:
            now = self._store.now()
            again = connection.execute(
                update(delivery)
                .where(
                    delivery.c.message == message_id(organisation, identifier),
                    delivery.c.state == DeliveryState.DEAD_LETTERED,
                )
                .values(state=DeliveryState.QUEUED, patience_from=now, attempts=0)
                .returning(delivery.c.message, delivery.c.lane, delivery.c.recipient)
            ).all()
            for row in again:
                lanes.step_on(connection, row.lane, now)
                detail = {"recipient": row.recipient, "reason": reason}
                trail.record(connection, now, trail.Deed(organisation, actor, "message-replayed", row.message, detail))
                subject = f"{row.message}/{row.recipient}"
                alarms.quiet(connection, now, organisation, subject, ("dead-lettered",))
            self._store.after_commit(self._store.outbound.ring)
            return tuple(row.recipient for row in again)

        return self._store.write(work)


def _columns(item: Message) -> dict[str, object]:
    names = "id organisation identifier kind person content_type body sha256 as_of replaces correlates wants_answer"
    names += " copy_of"
    return {name: getattr(item, name) for name in names.split()}
