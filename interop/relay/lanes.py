"""Order per destination and person, parallel across people: one row a lane, one delivery of it at a time.

A lane is leased, not a delivery. The lease is fenced by a random token: whoever lost it can change nothing any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, case, func, insert, null, select, update

from interop.relay.message import DeliveryState, Message, origins
from interop.relay.schema import Instant, attempt, delivery, destination, lane, message


@dataclass(frozen=True, slots=True)
class Claim:
    """The head of one lane, leased to one worker until ``until``."""

    lane: int
    delivery: int
    message: str
    organisation: str
    recipient: str
    token: str
    until: datetime
    tried: int  # attempts so far, this one included
    patience_from: datetime


def _not_before(at: ColumnElement[datetime]) -> ColumnElement[datetime]:
    """``at``, or the end of the destination's pause when that is later."""
    pause = select(destination.c.paused_until).where(
        destination.c.organisation == lane.c.organisation,
        destination.c.recipient == lane.c.recipient,
        destination.c.paused_until > at,
    )
    return func.coalesce(pause.scalar_subquery(), at)


_AT = bindparam("b_at", type_=Instant)
_NEXT = (
    select(func.min(delivery.c.id))
    .where(delivery.c.lane == lane.c.id, delivery.c.state == DeliveryState.QUEUED)
    .scalar_subquery()
)
_ready = lane.alias()

FIND = select(lane.c.id).where(
    lane.c.organisation == bindparam("b_organisation"),
    lane.c.recipient == bindparam("b_recipient"),
    lane.c.key == bindparam("b_key"),
)
OPEN = insert(lane).returning(lane.c.id)
QUEUE = insert(delivery).returning(delivery.c.id)
CONTENT = select(
    message.c.identifier, message.c.kind, message.c.content_type, message.c.body, message.c.correlates
).where(message.c.id == bindparam("b_id"))
# Put a delivery behind the others of its lane. The row is always written, so that two nodes doing this take turns.
ENTER = (
    update(lane)
    .where(lane.c.id == bindparam("b_lane"))
    .values(
        head=func.coalesce(lane.c.head, bindparam("b_delivery")),
        due=case((lane.c.head.is_(None), _not_before(_AT)), else_=lane.c.due),
    )
)
# Lease the lane that has been due longest. Nothing when idle. One index look-up however long the queue.
CLAIM_LANE = (
    update(lane)
    .where(
        lane.c.id
        == select(_ready.c.id)
        .where(_ready.c.due <= _AT)
        .order_by(_ready.c.due, _ready.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    .values(token=bindparam("b_token"), due=bindparam("b_until", type_=Instant))
    .returning(lane.c.id, lane.c.head, lane.c.organisation, lane.c.recipient)
)
# The lane's head is being sent. It may be CLAIMED already: its last worker's lease ran out.
CLAIM_HEAD = (
    update(delivery)
    .where(
        delivery.c.id == bindparam("b_delivery"),
        delivery.c.state.in_([*origins(DeliveryState.CLAIMED), DeliveryState.CLAIMED.value]),
    )
    .values(state=DeliveryState.CLAIMED, attempts=delivery.c.attempts + 1)
    .returning(delivery.c.message, delivery.c.attempts, delivery.c.patience_from)
)
# Step to the next waiting delivery and let go of the lane. Only the lease's holder can.
RELEASE = (
    update(lane)
    .where(lane.c.id == bindparam("b_lane"), lane.c.token == bindparam("b_token"))
    .values(token=None, head=_NEXT, due=case((_NEXT.is_(None), null()), else_=_not_before(_AT)))
)
# The head was settled by somebody else's word while nobody held the lane: step on.
STEP_ON = (
    update(lane)
    .where(lane.c.id == bindparam("b_lane"), lane.c.token.is_(None))
    .values(head=_NEXT, due=case((_NEXT.is_(None), null()), else_=_not_before(_AT)))
)


def enter(connection: Connection, item: Message, recipient: str, at: datetime) -> int:
    """Queue ``item`` for one recipient, behind what its lane already holds; the delivery's id."""
    key = {"organisation": item.organisation, "recipient": recipient, "key": item.lane}
    found = connection.scalar(FIND, {f"b_{name}": value for name, value in key.items()})
    if found is None:
        found = connection.execute(OPEN, key).scalar_one()
    values = {
        "message": item.id,
        "organisation": item.organisation,
        "recipient": recipient,
        "lane": found,
        "state": DeliveryState.QUEUED.value,
        "attempts": 0,
        "created": at,
        "patience_from": at,
        "answer_by": at + item.answer_within if item.wants_answer and item.answer_within else None,
    }
    number: int = connection.execute(QUEUE, values).scalar_one()
    connection.execute(ENTER, {"b_lane": found, "b_delivery": number, "b_at": at})
    return number


def claim(connection: Connection, at: datetime, until: datetime, token: str) -> Claim | None:
    """Lease the lane that has been due longest and take its head; None when nothing is due."""
    found = connection.execute(CLAIM_LANE, {"b_at": at, "b_until": until, "b_token": token}).first()
    if found is None:
        return None
    head = connection.execute(CLAIM_HEAD, {"b_delivery": found.head}).first()
    if head is None:  # settled by its answer in the meantime
        release(connection, found.id, token, at)
        return None
    connection.execute(insert(attempt), {"delivery": found.head, "token": token, "started": at})
    return Claim(
        lane=found.id,
        delivery=found.head,
        message=head.message,
        organisation=found.organisation,
        recipient=found.recipient,
        token=token,
        until=until,
        tried=head.attempts,
        patience_from=head.patience_from,
    )


def release(connection: Connection, number: int, token: str, at: datetime) -> bool:
    """Let go of the lane; its next delivery may be tried from ``at``. False when the lease was lost."""
    return connection.execute(RELEASE, {"b_lane": number, "b_token": token, "b_at": at}).rowcount == 1


def step_on(connection: Connection, number: int, at: datetime) -> None:
    """Bring a lane nobody holds to its next waiting delivery."""
    connection.execute(STEP_ON, {"b_lane": number, "b_at": at})


def pause(connection: Connection, organisation: str, recipient: str, until: datetime, reason: str) -> None:
    """Send nothing more to this destination before ``until``."""
    key = {"organisation": organisation, "recipient": recipient}
    values = {"paused_until": until, "reason": reason}
    if connection.execute(update(destination).filter_by(**key).values(**values)).rowcount == 0:
        connection.execute(insert(destination).values(**key, **values))
    connection.execute(
        update(lane).filter_by(**key).where(lane.c.token.is_(None), lane.c.due < until).values(due=until)
    )


def resume(connection: Connection, organisation: str, recipient: str, at: datetime) -> None:
    """The destination may be tried again from now, every lane of it."""
    key = {"organisation": organisation, "recipient": recipient}
    connection.execute(update(destination).filter_by(**key).values(paused_until=None, reason=None))
    connection.execute(
        update(lane).filter_by(**key).where(lane.c.token.is_(None), lane.c.head.is_not(None)).values(due=at)
    )


def parcel_row(connection: Connection, claimed: Claim) -> tuple[str, str, str, bytes, str | None]:
    """(identifier, kind, content type, body, correlates) of the claimed message."""
    row = connection.execute(CONTENT, {"b_id": claimed.message}).one()
    return row.identifier, row.kind, row.content_type, row.body, row.correlates
