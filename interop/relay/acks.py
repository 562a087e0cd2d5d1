"""The acknowledgement ladder: who has proved what about one delivery, when, and with what evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from interop.relay import alarms, lanes, obligations, trail
from interop.relay.message import BUSINESS_ANSWERS, DeliveryState, Rung, message_id, origins
from interop.relay.schema import acknowledgement, delivery, message
from interop.relay.store import Store

_ANSWERED = ("answer-overdue", "dead-lettered", "delivery-refused")


@dataclass(frozen=True, slots=True)
class Step:
    """One rung as somebody proved it.

    code      their response code, e.g. ITK ``30001``; empty where the rung has none
    evidence  what proves it: the answer's identifier, an HTTP status, a tracking id; no patient data
    """

    rung: Rung
    code: str = ""
    evidence: str = ""

    @property
    def accepted(self) -> bool:
        """Did they agree? A business answer is judged by its code: one we do not know agrees to nothing."""
        return self.rung is not Rung.ACCEPTED_BY_ORGANISATION or BUSINESS_ANSWERS.get(self.code, False)


KNOWN = select(acknowledgement.c.id).where(
    acknowledgement.c.delivery == bindparam("b_delivery"),
    acknowledgement.c.rung == bindparam("b_rung"),
    acknowledgement.c.code == bindparam("b_code"),
)


def climb(connection: Connection, at: datetime, number: int, step: Step) -> bool:
    """Write the rung down once. False when the same fact was known: the first time and evidence stand."""
    if connection.scalar(KNOWN, {"b_delivery": number, "b_rung": step.rung.value, "b_code": step.code}) is not None:
        return False
    row = {"delivery": number, "rung": step.rung.value, "code": step.code, "at": at, "accepted": step.accepted}
    connection.execute(insert(acknowledgement), row | {"evidence": step.evidence})
    return True


class Acknowledgements:
    """Answers to what this node sent."""

    def __init__(self, store: Store):
        self._store = store

    def record(self, organisation: str, identifier: str, answered_by: str, step: Step) -> bool:
        """Note that ``answered_by`` proved a rung of our message ``identifier``. True when it is news.

        A business answer settles the delivery, whatever our own line told us about it, and with it the obligations
        it keeps. An answer to something we never sent them is kept as an alarm, never guessed at.
        """
        return self._store.write(
            lambda connection: self._record(connection, organisation, identifier, answered_by, step)
        )

    def _record(self, connection: Connection, organisation: str, identifier: str, by: str, step: Step) -> bool:
        now = self._store.now()
        subject = message_id(organisation, identifier)
        found = connection.execute(
            select(delivery.c.id, delivery.c.lane, message.c.person)
            .join(message, message.c.id == delivery.c.message)
            .where(delivery.c.message == subject, delivery.c.recipient == by)
        ).first()
        if found is None:
            text = f"{by} answered a message we never sent them. Ask them which message they mean."
            alarms.sound(connection, now, alarms.Alarm(organisation, "acknowledgement-unmatched", subject, text))
            return False
        if not climb(connection, now, found.id, step):
            return False
        detail = {"rung": step.rung.value, "code": step.code}
        trail.record(connection, now, trail.Deed(organisation, by, "message-acknowledged", subject, detail))
        if step.rung is Rung.ACCEPTED_BY_ORGANISATION:
            self._settle(connection, organisation, found.id, step)
            lanes.step_on(connection, found.lane, now)
            alarms.quiet(connection, now, organisation, f"{subject}/{by}", _ANSWERED)
            if found.person is not None and step.accepted:
                obligations.settle(connection, now, organisation, found.person)
        if not step.accepted:
            text = f"{by} will not take the message: code {step.code or 'missing'}. Find out who should have it."
            alarms.sound(connection, now, alarms.Alarm(organisation, "delivery-refused", f"{subject}/{by}", text))
        return True

    def _settle(self, connection: Connection, organisation: str, number: int, step: Step) -> None:
        target = DeliveryState.ACKNOWLEDGED if step.accepted else DeliveryState.REFUSED
        connection.execute(
            update(delivery)
            .where(delivery.c.id == number, delivery.c.organisation == organisation)
            .where(delivery.c.state.in_(origins(target)))
            .values(state=target)
        )

    def sweep(self, organisation: str) -> int:
        """Raise an alarm for each delivery whose answer is overdue; how many are."""

        def work(connection: Connection) -> int:
            now = self._store.now()
            overdue = connection.execute(
                select(delivery.c.message, delivery.c.recipient).where(
                    delivery.c.organisation == organisation,
                    delivery.c.state == DeliveryState.SENT,
                    delivery.c.answer_by < now,
                )
            ).all()
            for row in overdue:
                text = f"{row.recipient} has the message but its organisation has not answered in time. Telephone them."
                alarm = alarms.Alarm(organisation, "answer-overdue", f"{row.message}/{row.recipient}", text)
                alarms.sound(connection, now, alarm)
            return len(overdue)

        return self._store.write(work)
