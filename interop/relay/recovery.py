"""After a crash: give back what dead workers held, so that the next one takes it up at once."""

from __future__ import annotations

from sqlalchemy import Connection, func, select, update

from interop.relay.message import DeliveryState, InboxState
from interop.relay.schema import attempt, delivery, inbox, lane

_NEXT = (
    select(func.min(delivery.c.id))
    .where(delivery.c.lane == lane.c.id, delivery.c.state == DeliveryState.QUEUED)
    .scalar_subquery()
)
_NEXT_SINCE = select(delivery.c.created).where(delivery.c.id == lane.c.head).scalar_subquery()


def give_back_leases(connection: Connection) -> None:
    """For the one process that holds the store: every lease found is a dead worker's.

    What it was doing may or may not have happened; the attempt says so. The receiver tells twice from once.
    """
    interrupted = select(lane.c.token).where(lane.c.token.is_not(None))
    connection.execute(
        update(attempt)
        .where(attempt.c.ended.is_(None), attempt.c.token.in_(interrupted))
        .values(ended=attempt.c.started, result="unknown", reason="the node stopped while it was sending")
    )
    connection.execute(
        update(delivery).where(delivery.c.state == DeliveryState.CLAIMED).values(state=DeliveryState.QUEUED)
    )
    connection.execute(update(lane).where(lane.c.token.is_not(None)).values(head=_NEXT))
    connection.execute(update(lane).where(lane.c.token.is_not(None)).values(token=None, due=_NEXT_SINCE))
    connection.execute(
        update(inbox)
        .where(inbox.c.state == InboxState.PROCESSING)
        .values(state=InboxState.RECEIVED, token=None, due=inbox.c.received_at)
    )
