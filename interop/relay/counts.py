"""The numbers a node is judged by, counted from its own tables and from nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, literal, select

from interop.relay.message import DeliveryState, ObligationState, QuarantineState, Rung
from interop.relay.schema import (
    acknowledgement,
    alarm,
    delivery,
    effect,
    inbox,
    lane,
    message,
    obligation,
    quarantine,
)
from interop.relay.store import Store

_WAITING = (DeliveryState.QUEUED.value, DeliveryState.CLAIMED.value)


class Counts:
    """Counting from one store. A delivery is one message to one recipient; answers we send are counted apart.

    sent                    deliveries handed over, as their channel or their organisation proved; answers not counted
    answers_sent            answers handed over, as their channel proved
    acknowledged            deliveries the recipient's organisation has accepted (rung accepted-by-organisation)
    refused                 deliveries it has refused: patient not known, moved, died, content not accepted
    queued                  deliveries waiting or being sent
    dead_lettered           deliveries a person must mend the link for
    lost                    what nobody will ever act on unless they are told, the sum of
                            - messages meant for somebody that have no delivery,
                            - waiting deliveries no lane will ever offer to a worker,
                            - deliveries handed over whose answer was wanted and whose deadline passed without one.
                            Refused, dead-lettered and quarantined are not lost: each stands with a person.
    quarantined, replayed   records ever set aside; of those, the ones a corrected message took the place of
    received                messages in the inbox
    unsettled, failed       of those, not processed yet; could not be processed
    duplicate_effects       effects applied more often than once for the same sender, identifier, recipient and name
    duplicates_on_the_wire  times a message came that we had already: answered again, not applied again
    obligations_kept, _late, _owed  kept in time; past their deadline, kept since or not; still in time
    alarms                  standing alarms
    """

    def __init__(self, store: Store):
        self._store = store

    def of(self, organisation: str | None = None) -> dict[str, int]:
        """All numbers at one moment, for one organisation of the node or for all of them together."""
        now = self._store.now()
        with self._store.reading() as connection:
            return {
                **_outbound(connection, organisation, now),
                **_inbound(connection, organisation),
                **_ledger(connection, organisation, now),
            }


def _of(table: Table, organisation: str | None) -> ColumnElement[bool]:
    return table.c.organisation == organisation if organisation is not None else literal(value=True)


def _number(connection: Connection, query: Select[Any]) -> int:
    return int(connection.execute(query).scalar_one() or 0)


def _outbound(connection: Connection, organisation: str | None, now: datetime) -> dict[str, int]:
    ours = _of(delivery, organisation)

    def deliveries(*conditions: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(delivery).join(message, message.c.id == delivery.c.message)
        return _number(connection, query.where(ours, *conditions))

    def climbed(rung: Rung, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        step = select(acknowledgement.c.id).where(acknowledgement.c.delivery == delivery.c.id)
        return step.where(acknowledgement.c.rung == rung.value, *conditions).exists()

    waiting = delivery.c.state.in_(_WAITING)
    offered = select(lane.c.id).where(
        lane.c.id == delivery.c.lane, lane.c.head <= delivery.c.id, lane.c.due.is_not(None)
    )
    undelivered = ~select(delivery.c.id).where(delivery.c.message == message.c.id).exists() & message.c.fact_only.is_(
        False
    )
    orphans = select(func.count()).select_from(message).where(_of(message, organisation), undelivered)
    unanswered = (delivery.c.state == DeliveryState.SENT, delivery.c.answer_by < now)
    is_answer = message.c.correlates.is_not(None)
    return {
        # An organisation's answer may overtake the channel's receipt: it proves the handing over as well.
        "sent": deliveries(climbed(Rung.SENT) | climbed(Rung.ACCEPTED_BY_ORGANISATION), ~is_answer),
        "answers_sent": deliveries(climbed(Rung.SENT), is_answer),
        "acknowledged": deliveries(climbed(Rung.ACCEPTED_BY_ORGANISATION, acknowledgement.c.accepted)),
        "refused": deliveries(delivery.c.state == DeliveryState.REFUSED),
        "queued": deliveries(waiting),
        "dead_lettered": deliveries(delivery.c.state == DeliveryState.DEAD_LETTERED),
        "lost": _number(connection, orphans) + deliveries(waiting, ~offered.exists()) + deliveries(*unanswered),
    }


def _inbound(connection: Connection, organisation: str | None) -> dict[str, int]:
    def items(*conditions: ColumnElement[bool]) -> int:
        return _number(connection, select(func.count()).select_from(inbox).where(_of(inbox, organisation), *conditions))

    again = (
        select((func.count() - 1).label("extra"))
        .select_from(effect)
        .where(_of(effect, organisation))
        .group_by(effect.c.organisation, effect.c.sender, effect.c.identifier, effect.c.name)
        .subquery()
    )
    return {
        "received": items(),
        "unsettled": items(inbox.c.due.is_not(None)),
        "failed": items(inbox.c.state == "failed"),
        "duplicate_effects": _number(connection, select(func.sum(again.c.extra))),
        "duplicates_on_the_wire": _number(
            connection, select(func.sum(inbox.c.duplicates)).where(_of(inbox, organisation))
        ),
    }


def _ledger(connection: Connection, organisation: str | None, now: datetime) -> dict[str, int]:
    def debts(*conditions: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(obligation).where(_of(obligation, organisation), *conditions)
        return _number(connection, query)

    def records(*conditions: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(quarantine).where(_of(quarantine, organisation), *conditions)
        return _number(connection, query)

    kept, owed = obligation.c.state == ObligationState.KEPT, obligation.c.state == ObligationState.OWED
    in_time = obligation.c.kept_at <= obligation.c.due
    standing = select(func.count()).select_from(alarm).where(_of(alarm, organisation), alarm.c.cleared_at.is_(None))
    return {
        "quarantined": records(),
        "replayed": records(quarantine.c.state == QuarantineState.REPLAYED),
        "obligations_kept": debts(kept, in_time),
        "obligations_late": debts(kept, ~in_time) + debts(owed, obligation.c.due < now),
        "obligations_owed": debts(owed, obligation.c.due >= now),
        "alarms": _number(connection, standing),
    }
