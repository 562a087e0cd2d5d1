"""Records whose content could not be sent: the original files, what is wrong with them, and what became of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, insert, select, update

from interop.errors import TransitionError
from interop.json_codec import JsonObject
from interop.relay import trail
from interop.relay.message import QuarantineState, moved, origins
from interop.relay.original_file import OriginalFile
from interop.relay.originals import keep, of_set
from interop.relay.schema import quarantine
from interop.relay.schema_originals import original_piece, quarantined_file
from interop.relay.store import Store


@dataclass(frozen=True, slots=True)
class Draft:
    """A record to set aside.

    mapping  name of the mapping that was to turn it into resources
    key      the record's own key in its source, so that its owner can find it
    files    the source files as they came; large ones staged before (``Originals.stage``)
    issues   what is wrong with it, as ``Issue.as_json`` gives it
    recipients  ODS codes it was meant for: a corrected record goes to them
    """

    organisation: str
    mapping: str
    key: str
    files: Sequence[OriginalFile] = field(repr=False)
    issues: Sequence[JsonObject] = field(repr=False)
    recipients: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        parts = (self.mapping, self.key, of_set(self.files))
        return hashlib.sha256("\x1e".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Record:
    """A record in quarantine, without its files. ``replayed_as``: the id of the message that took its place."""

    id: str
    organisation: str
    mapping: str
    key: str
    state: QuarantineState
    issues: tuple[JsonObject, ...] = field(repr=False)
    recipients: tuple[str, ...]
    created: datetime
    replayed_at: datetime | None
    replayed_as: str | None
    replayed_by: str | None
    reason: str | None


_RECORD = tuple(quarantine.c[name] for name in Record.__slots__)


class Quarantine:
    """The organisations' records that wait for a correction."""

    def __init__(self, store: Store):
        self._store = store

    def put(self, draft: Draft, *, actor: str = "relay") -> str:
        """Set the record aside; its id, on disk when this returns. The same files again are the same record,
        with the newest issues, for as long as it waits."""
        return self._store.write(lambda connection: self._put(connection, draft, actor))

    def _put(self, connection: Connection, draft: Draft, actor: str) -> str:
        now, issues = self._store.now(), json.dumps(list(draft.issues), ensure_ascii=False)
        waiting = connection.execute(
            update(quarantine)
            .where(
                quarantine.c.organisation == draft.organisation,
                quarantine.c.state == QuarantineState.QUARANTINED,
                quarantine.c.fingerprint == draft.fingerprint,
            )
            .values(issues=issues)
            .returning(quarantine.c.id)
        ).first()
        if waiting is not None:
            return str(waiting.id)
        number = str(uuid4())
        connection.execute(
            insert(quarantine).values(
                id=number,
                organisation=draft.organisation,
                mapping=draft.mapping,
                key=draft.key,
                fingerprint=draft.fingerprint,
                state=QuarantineState.QUARANTINED,
                issues=issues,
                recipients=json.dumps(draft.recipients),
                created=now,
            )
        )
        keep(connection, now, draft.organisation, draft.files)
        link = {"quarantine": number, "organisation": draft.organisation}
        links = [link | {"name": file.name, "sha256": file.sha256} for file in draft.files]
        if links:
            connection.execute(insert(quarantined_file), links)
        detail = {"mapping": draft.mapping, "codes": sorted({str(issue.get("code")) for issue in draft.issues})}
        trail.record(connection, now, trail.Deed(draft.organisation, actor, "record-quarantined", number, detail))
        return number

    def get(self, organisation: str, number: str) -> Record | None:
        """One record; None also when it is another organisation's."""
        query = select(*_RECORD).where(quarantine.c.id == number, quarantine.c.organisation == organisation)
        with self._store.reading() as connection:
            row = connection.execute(query).first()
        return _record(row) if row is not None else None

    def records(self, organisation: str, *, state: QuarantineState | None = None) -> list[Record]:
        """Oldest first."""
        query = select(*_RECORD).where(quarantine.c.organisation == organisation).order_by(quarantine.c.created)
        if state is not None:
            query = query.where(quarantine.c.state == state)
        with self._store.reading() as connection:
            return [_record(row) for row in connection.execute(query)]

    def files(self, organisation: str, number: str) -> dict[str, bytes]:
        """The original files, name → exact bytes; empty when there is no such record of theirs."""
        query = (
            select(quarantined_file.c.name, original_piece.c.body)
            .join(
                original_piece,
                (original_piece.c.organisation == quarantined_file.c.organisation)
                & (original_piece.c.sha256 == quarantined_file.c.sha256),
                isouter=True,  # an empty file has no pieces
            )
            .where(quarantined_file.c.quarantine == number, quarantined_file.c.organisation == organisation)
            .order_by(quarantined_file.c.name, original_piece.c.number)
        )
        found: dict[str, list[bytes]] = {}
        with self._store.reading() as connection:
            for row in connection.execute(query):
                found.setdefault(row.name, []).append(row.body or b"")
        return {name: b"".join(pieces) for name, pieces in found.items()}

    def replayed(self, organisation: str, number: str, message: str, *, by: str, reason: str) -> None:
        """A corrected record went out as ``message`` (a message id) in this one's place.

        Call it in the same write that puts the message. Raises TransitionError when it was replayed already.
        """

        def work(connection: Connection) -> None:
            now = self._store.now()
            done = connection.execute(
                update(quarantine)
                .where(quarantine.c.id == number, quarantine.c.organisation == organisation)
                .where(quarantine.c.state.in_(origins(QuarantineState.REPLAYED)))
                .values(
                    state=QuarantineState.REPLAYED,
                    replayed_at=now,
                    replayed_as=message,
                    replayed_by=by,
                    reason=reason,
                )
            )
            if done.rowcount == 0:
                current = self.get(organisation, number)
                if current is None:
                    raise TransitionError(f"there is no quarantined record {number}")
                moved(current.state, QuarantineState.REPLAYED)
            detail = {"message": message, "reason": reason}
            trail.record(connection, now, trail.Deed(organisation, by, "record-replayed", number, detail))

        self._store.write(work)


def _record(row: Row[Any]) -> Record:
    fields = dict(row._mapping)
    fields |= {"state": QuarantineState(fields["state"])}
    fields |= {name: tuple(json.loads(fields[name])) for name in ("issues", "recipients")}
    return Record(**fields)
