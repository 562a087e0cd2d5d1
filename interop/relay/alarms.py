"""What a person must look at. An alarm stands, once, until somebody clears it or its cause is put right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from interop.relay import trail
from interop.relay.schema import Instant, alarm
from interop.relay.store import Store


@dataclass(frozen=True, slots=True)
class Alarm:
    """code     documented in ``interop/issues/relay.json``
    subject  the id of what it is about
    text     what happened and what to do; no patient data
    """

    organisation: str
    code: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class StandingAlarm:
    id: int
    alarm: Alarm
    raised_at: datetime


_SAME = (
    alarm.c.organisation == bindparam("b_organisation"),
    alarm.c.cleared_at.is_(None),
    alarm.c.code == bindparam("b_code"),
    alarm.c.subject == bindparam("b_subject"),
)
STANDING = select(alarm.c.id).where(*_SAME)
QUIET = update(alarm).where(*_SAME).values(cleared_at=bindparam("b_at", type_=Instant), cleared_by="relay")


def sound(connection: Connection, at: datetime, new: Alarm) -> None:
    """Raise the alarm, unless the same one already stands."""
    key = {"b_organisation": new.organisation, "b_code": new.code, "b_subject": new.subject}
    if connection.scalar(STANDING, key) is not None:
        return
    values = {"organisation": new.organisation, "code": new.code, "subject": new.subject, "text": new.text}
    connection.execute(insert(alarm).values(**values, raised_at=at))
    trail.record(connection, at, trail.Deed(new.organisation, "relay", "alarm-raised", new.subject, {"code": new.code}))


def quiet(connection: Connection, at: datetime, organisation: str, subject: str, codes: tuple[str, ...]) -> None:
    """What the alarms warned of has been put right: clear them. The audit trail keeps that they rang."""
    for code in codes:
        key = {"b_organisation": organisation, "b_code": code, "b_subject": subject}
        connection.execute(QUIET, key | {"b_at": at})


class Alarms:
    """The alarms of a node, organisation by organisation."""

    def __init__(self, store: Store):
        self._store = store

    def sound(self, new: Alarm) -> None:
        """Raise the alarm, unless the same one already stands."""
        self._store.write(lambda connection: sound(connection, self._store.now(), new))

    def standing(self, organisation: str) -> list[StandingAlarm]:
        """Alarms nobody has cleared yet, oldest first."""
        query = select(alarm).where(alarm.c.organisation == organisation, alarm.c.cleared_at.is_(None))
        with self._store.reading() as connection:
            rows = connection.execute(query.order_by(alarm.c.id)).all()
        return [StandingAlarm(r.id, Alarm(r.organisation, r.code, r.subject, r.text), r.raised_at) for r in rows]

    def clear(self, organisation: str, number: int, *, by: str) -> bool:
        """A person has dealt with it. False when there is no such standing alarm."""

        def work(connection: Connection) -> bool:
            now = self._store.now()
            cleared = connection.execute(
                update(alarm)
                .where(alarm.c.id == number, alarm.c.organisation == organisation, alarm.c.cleared_at.is_(None))
                .values(cleared_at=now, cleared_by=by)
                .returning(alarm.c.subject, alarm.c.code)
            ).first()
            if cleared is None:
                return False
            deed = trail.Deed(organisation, by, "alarm-cleared", cleared.subject, {"code": cleared.code})
            trail.record(connection, now, deed)
            return True

        return self._store.write(work)
