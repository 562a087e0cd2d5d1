"""The audit trail: what was done in each organisation's name, as a hash chain beside the data it is about."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from interop.json_codec import Json
from interop.relay.schema import audit
from interop.relay.store import Store
from interop.trust.audit import BEGINNING, ChainFault, Entry, seal, verify


@dataclass(frozen=True, slots=True)
class Deed:
    """Something done, before it has its place in the chain. ``detail`` holds codes and ids, never content."""

    organisation: str
    actor: str
    action: str
    subject: str
    detail: dict[str, Json] = field(default_factory=dict)


NEWEST = (
    select(audit.c.number, audit.c.hash)
    .where(audit.c.organisation == bindparam("b_organisation"))
    .order_by(audit.c.number.desc())
    .limit(1)
)
APPEND = insert(audit)


def record(connection: Connection, at: datetime, deed: Deed) -> None:
    """Append the deed to its organisation's chain, in the transaction that does it.

    Two nodes writing at once both compute the same number; the primary key refuses the second, which tries again.
    """
    newest = connection.execute(NEWEST, {"b_organisation": deed.organisation}).first()
    number, previous = (newest.number + 1, newest.hash) if newest else (1, BEGINNING)
    detail = json.dumps(deed.detail, sort_keys=True)
    entry = Entry(number, at, deed.actor, deed.action, deed.subject, detail)
    connection.execute(
        APPEND,
        {
            "organisation": deed.organisation,
            "number": number,
            "at": at,
            "actor": deed.actor,
            "action": deed.action,
            "subject": deed.subject,
            "detail": detail,
            "hash": seal(previous, entry),
        },
    )


class Trail:
    """Reading and checking the chains."""

    def __init__(self, store: Store):
        self._store = store

    def entries(self, organisation: str, *, subject: str | None = None) -> list[tuple[Entry, str]]:
        """Entries with their hashes, oldest first; all of them, or those about one subject."""
        query = select(audit).where(audit.c.organisation == organisation).order_by(audit.c.number)
        if subject is not None:
            query = query.where(audit.c.subject == subject)
        with self._store.reading() as connection:
            rows = connection.execute(query).all()
        return [(Entry(r.number, r.at, r.actor, r.action, r.subject, r.detail), r.hash) for r in rows]

    def verify(self, organisation: str) -> ChainFault | None:
        """Where the organisation's chain is broken, or None."""
        return verify(self.entries(organisation))
