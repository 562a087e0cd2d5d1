"""The ledger of debts: opened by events, kept by acknowledged documents, late when the clock says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, insert, select, update

from interop.relay import alarms, persons, trail
from interop.relay.debts import Debt, Event, Rule, debts
from interop.relay.message import ObligationState, Rung, origins
from interop.relay.schema import acknowledgement, delivery, event, message, obligation
from interop.relay.store import Store

Standing = Literal["owed", "kept", "late"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger.

    standing  ``kept``: in time; ``late``: the deadline passed, kept or not; ``owed``: there is still time
    kept_at   when the recipient's organisation accepted the document; None: not yet
    """

    number: int
    person: str
    event: str
    owes: str
    owed_to: str
    recipient: str | None
    since: datetime
    due: datetime
    kept_at: datetime | None
    kept_by: str | None
    standing: Standing


def standing(due: datetime, kept_at: datetime | None, now: datetime) -> Standing:
    """Where a debt stands at ``now``. On the deadline itself is in time."""
    if kept_at is None:
        return "owed" if now <= due else "late"
    return "kept" if kept_at <= due else "late"


def settle(connection: Connection, at: datetime, organisation: str, person: str) -> int:
    """Mark debts about ``person`` kept that an accepted document settles; how many.

    It must be of the kind owed, accepted by the very recipient, and describe a moment not before the event: a
    summary older than the last clinical event settles nothing.
    """
    proofs = connection.execute(
        select(obligation.c.id, acknowledgement.c.at, message.c.id.label("message"))
        .join(event, event.c.id == obligation.c.event)
        .join(delivery, delivery.c.recipient == obligation.c.recipient)
        .join(message, message.c.id == delivery.c.message)
        .join(acknowledgement, acknowledgement.c.delivery == delivery.c.id)
        .where(
            obligation.c.state == ObligationState.OWED,
            obligation.c.organisation == organisation,
            obligation.c.person == person,
            message.c.organisation == organisation,
            message.c.person == person,
            message.c.kind == obligation.c.owes,
            message.c.as_of >= event.c.occurred,
            acknowledgement.c.rung == Rung.ACCEPTED_BY_ORGANISATION.value,
            acknowledgement.c.accepted,
        )
        .order_by(acknowledgement.c.at.desc())
    ).all()
    for number, proof in {row.id: row for row in proofs}.items():  # the earliest proof comes last and stands
        connection.execute(
            update(obligation)
            .where(obligation.c.id == number, obligation.c.state.in_(origins(ObligationState.KEPT)))
            .values(state=ObligationState.KEPT, kept_at=proof.at, kept_by=proof.message)
        )
        deed = trail.Deed(organisation, "relay", "obligation-kept", str(number), {"message": proof.message})
        trail.record(connection, at, deed)
        alarms.quiet(connection, at, organisation, str(number), ("obligation-late",))
    return len({row.id for row in proofs})


class Obligations:
    """What the organisations of this node owe."""

    def __init__(self, store: Store, rules: Sequence[Rule]):
        self._store = store
        self._rules = tuple(rules)

    def observe(self, seen: Event) -> tuple[Debt, ...]:
        """Write the event down and open its debts. The same event again opens nothing."""
        return self._store.write(lambda connection: self._observe(connection, seen))

    def _observe(self, connection: Connection, seen: Event) -> tuple[Debt, ...]:
        now = self._store.now()
        key = {"organisation": seen.organisation, "code": seen.code, "source": seen.source}
        if connection.scalar(select(event.c.id).filter_by(**key)) is not None:
            return ()
        number = connection.execute(
            insert(event).values(**key, person=seen.person, occurred=seen.occurred, observed=now).returning(event.c.id)
        ).scalar_one()
        opened = debts(seen, self._rules, persons.circle_of(connection, seen.organisation, seen.person))
        for debt in opened:
            self._open(connection, seen, number, debt)
        settle(connection, now, seen.organisation, seen.person)  # the document may have been quicker than the news
        return opened

    def _open(self, connection: Connection, seen: Event, number: int, debt: Debt) -> None:
        now = self._store.now()
        row = connection.execute(
            insert(obligation)
            .values(
                event=number,
                organisation=seen.organisation,
                person=seen.person,
                owes=debt.owes,
                owed_to=debt.owed_to,
                recipient=debt.recipient,
                since=seen.occurred,
                due=debt.due,
                state=ObligationState.OWED,
            )
            .returning(obligation.c.id)
        ).one()
        detail = {"owes": debt.owes, "to": debt.recipient or debt.owed_to}
        deed = trail.Deed(seen.organisation, "relay", "obligation-opened", str(row.id), detail)
        trail.record(connection, now, deed)
        if debt.recipient is None:
            text = f"A {debt.owes} is owed to the person's {debt.owed_to}, but nobody holds that role: name them."
            alarm = alarms.Alarm(seen.organisation, "obligation-recipient-unknown", str(row.id), text)
            alarms.sound(connection, now, alarm)

    def sweep(self, organisation: str) -> int:
        """Give debts to roles that have found their holder, and raise an alarm for each that became late; how many."""

        def work(connection: Connection) -> int:
            now = self._store.now()
            self._find_holders(connection, organisation)
            late = connection.execute(
                update(obligation)
                .where(
                    obligation.c.organisation == organisation,
                    obligation.c.state == ObligationState.OWED,
                    obligation.c.due < now,
                    obligation.c.late_raised.is_(False),
                )
                .values(late_raised=True)
                .returning(obligation.c.id, obligation.c.owes, obligation.c.owed_to, obligation.c.recipient)
            ).all()
            for row in late:
                text = f"The {row.owes} owed to {row.recipient or row.owed_to} is late. Send it, or telephone them."
                alarms.sound(connection, now, alarms.Alarm(organisation, "obligation-late", str(row.id), text))
            return len(late)

        return self._store.write(work)

    def _find_holders(self, connection: Connection, organisation: str) -> None:
        """A role found its first holder: the debt is theirs. Further holders get a debt of their own."""
        orphans = connection.execute(
            select(obligation).where(
                obligation.c.organisation == organisation,
                obligation.c.state == ObligationState.OWED,
                obligation.c.recipient.is_(None),
            )
        ).all()
        for row in orphans:
            holders = persons.circle_of(connection, organisation, row.person).get(row.owed_to, ())
            if not holders:
                continue
            connection.execute(update(obligation).where(obligation.c.id == row.id).values(recipient=holders[0]))
            for other in holders[1:]:
                copy = {name: value for name, value in row._mapping.items() if name != "id"}
                connection.execute(insert(obligation).values(copy | {"recipient": other}))
            now = self._store.now()
            alarms.quiet(connection, now, organisation, str(row.id), ("obligation-recipient-unknown",))
            settle(connection, now, organisation, row.person)

    def ledger(self, organisation: str) -> list[Entry]:
        """Every debt, the nearest deadline first."""
        now = self._store.now()
        query = (
            select(obligation, event.c.code.label("code"))
            .join(event, event.c.id == obligation.c.event)
            .where(obligation.c.organisation == organisation)
            .order_by(obligation.c.due, obligation.c.id)
        )
        with self._store.reading() as connection:
            rows = connection.execute(query).all()
        return [
            Entry(
                number=row.id,
                person=row.person,
                event=row.code,
                owes=row.owes,
                owed_to=row.owed_to,
                recipient=row.recipient,
                since=row.since,
                due=row.due,
                kept_at=row.kept_at,
                kept_by=row.kept_by,
                standing=standing(row.due, row.kept_at, now),
            )
            for row in rows
        ]
