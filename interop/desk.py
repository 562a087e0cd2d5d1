"""What the people of one organisation do at their node: submit, look, open, replay. Answers are plain JSON.

The server gives these answers over HTTP, the command line prints them, and ``client.NodeClient`` asks for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

from interop import narrative, pipeline, reconciliation
from interop.bundle import Envelope
from interop.errors import CatalogueError, ContentError, TransitionError
from interop.json_codec import JsonObject
from interop.node import Node
from interop.pipeline import Order, Submission
from interop.relay.history import Leg, Story
from interop.relay.inbox import Item
from interop.relay.message import message_id
from interop.relay.quarantine import Record
from interop.translator import WHOLE_FILES

Direction = Literal["out", "in", "quarantine"]


class Operator(Protocol):
    """The desk's verbs, here or in a running node."""

    def submit(self, mapping: str, files: Mapping[str, bytes], to: Sequence[str] = ()) -> JsonObject: ...
    def messages(self, direction: Direction = "out") -> JsonObject: ...
    def message(self, message: str) -> JsonObject: ...
    def replay(self, message: str, files: Mapping[str, bytes], reason: str) -> JsonObject: ...
    def local_files(self, message: str) -> dict[str, bytes]: ...
    def page(self, message: str) -> str: ...
    def status(self) -> JsonObject: ...


class Desk:
    """One organisation's view of its node. Nothing of another organisation can be seen or touched from here."""

    def __init__(self, node: Node, organisation: str, actor: str = "operator"):
        self._node = node
        self._ods = organisation
        self._actor = actor

    def submit(self, mapping: str, files: Mapping[str, bytes], to: Sequence[str] = ()) -> JsonObject:
        """``{"records": [{key, kind, status, id, recipients, issues}]}``, one a record of the files."""
        order = Order(self._ods, mapping, files, tuple(to), self._actor)
        return _submitted(pipeline.submit(self._node, order))

    def messages(self, direction: Direction = "out") -> JsonObject:
        """``{"messages": [...]}``, newest first."""
        if direction == "in":
            done = self._node.inbox.effects(self._ods)
            return {"messages": [_arrived(item, done) for item in self._node.inbox.items(self._ods)]}
        if direction == "quarantine":
            return {"messages": [_set_aside(r) for r in reversed(self._node.quarantine.records(self._ods))]}
        return {"messages": [_sent(story) for story in self._node.history.stories(self._ods)]}

    def message(self, message: str) -> JsonObject:
        """One message, whichever way it went, with everything that happened to it. Raises CatalogueError."""
        if story := self._node.history.story(self._ods, message):
            return _sent(story)
        if item := self._node.inbox.get(self._ods, message):
            return _arrived(item, self._node.inbox.effects(self._ods))
        if record := self._node.quarantine.get(self._ods, message):
            return _set_aside(record)
        raise _unknown(message)

    def content(self, message: str) -> tuple[bytes, str]:
        """The exact bytes and their content type. Raises CatalogueError."""
        if (story := self._node.history.story(self._ods, message)) is not None:
            return self._node.history.body(self._ods, message) or b"", story.content_type
        item = self._received(message)
        return item.body, item.content_type

    def replay(self, message: str, files: Mapping[str, bytes], reason: str) -> JsonObject:
        """A quarantined record from corrected files (or its own, when a mapping was mended); a dead letter as it is."""
        if record := self._node.quarantine.get(self._ods, message):
            return self._replay_record(record, files, reason)
        story = self._node.history.story(self._ods, message)
        if story is None:
            raise _unknown(message)
        again = self._node.outbox.replay(self._ods, story.identifier, actor=self._actor, reason=reason)
        if not again:
            raise TransitionError(
                "nothing of this message is dead-lettered", hint="look at its history: GET /messages/ID"
            )
        return _submitted([Submission(story.identifier, story.kind, "queued", story.id, again)])

    def _replay_record(self, record: Record, files: Mapping[str, bytes], reason: str) -> JsonObject:
        if record.replayed_as is not None:
            raise TransitionError(f"this record was replayed already, as {record.replayed_as}")
        order = Order(
            self._ods,
            record.mapping,
            files or self._node.quarantine.files(self._ods, record.id),
            record.recipients,
            self._actor,
            replays=record.id,
            only=record.key if record.key != WHOLE_FILES else None,
            reason=reason,
        )
        return _submitted(pipeline.submit(self._node, order))

    def page(self, message: str) -> str:
        """The document as a self-contained HTML page; to look is to open. Raises CatalogueError, ContentError."""
        document = self._document(message)
        self._node.inbox.opened(self._ods, message, by=self._actor)
        before = self._before(message)
        if before is None:
            return narrative.page(document)
        return narrative.discharge_page(
            document,
            medicines=reconciliation.medicines(before, document),
            belongings=reconciliation.belongings(before, document),
        )

    def local_files(self, message: str) -> dict[str, bytes]:
        """A received document in our own system's format: its mapping run backwards. Raises ContentError."""
        item = self._received(message)
        organisation = self._node.settings.organisation(self._ods)
        rule = organisation.receives.get(item.kind) if organisation else None
        if rule is None:
            raise ContentError(
                f"no mapping is configured for a {item.kind}",
                code="no-local-format",
                hint=f"add [organisations.receives.{item.kind}] mapping = … to the configuration",
            )
        document = self._document(message)
        local = self._node.translator.back(rule.mapping, document)
        before = self._before(message)
        compared = reconciliation.as_tables(before, document) if before is not None else {}
        return {**local.files, **compared}

    def status(self) -> JsonObject:
        """Counts, obligations and alarms, from the store."""
        return {
            "organisation": self._ods,
            "name": self._node.settings.name_of(self._ods),
            "counts": dict(self._node.counts(self._ods)),
            "obligations": [
                {
                    "on": entry.event,
                    "owes": entry.owes,
                    "to": entry.recipient or entry.owed_to,
                    "due": entry.due.isoformat(),
                    "kept_at": _iso(entry.kept_at),
                    "state": entry.standing,
                }
                for entry in self._node.obligations.ledger(self._ods)
            ],
            "alarms": [
                {"id": a.id, "code": a.alarm.code, "subject": a.alarm.subject, "text": a.alarm.text}
                for a in self._node.alarms.standing(self._ods)
            ],
        }

    def _received(self, message: str) -> Item:
        item = self._node.inbox.get(self._ods, message)
        if item is None:
            raise _unknown(message)
        return item

    def _document(self, message: str) -> JsonObject:
        bundle = self._node.translator.read(*self.content(message))
        document = Envelope.read(bundle).document
        if document is None:
            raise ContentError("this message carries no document", code="no-document")
        return document

    def _before(self, message: str) -> JsonObject | None:
        """What a received document is to be held against: the newest document of the configured kind, same person."""
        item = self._node.inbox.get(self._ods, message)
        organisation = self._node.settings.organisation(self._ods)
        rule = organisation.receives.get(item.kind) if organisation and item else None
        if item is None or item.person is None or rule is None or rule.compare_with is None:
            return None
        found = self._node.history.latest(self._ods, item.person, rule.compare_with)
        if found is None:
            return None
        return Envelope.read(self._node.translator.read(found.body, found.content_type)).document


def _submitted(records: Sequence[Submission]) -> JsonObject:
    return {"records": [record.as_json() for record in records]}


def _sent(story: Story) -> JsonObject:
    return {
        "id": story.id,
        "direction": "out",
        "identifier": story.identifier,
        "kind": story.kind,
        "created": story.created.isoformat(),
        "sha256": story.sha256,
        "answers": story.correlates,
        "deliveries": [_leg(leg) for leg in story.legs],
    }


def _leg(leg: Leg) -> JsonObject:
    rungs = [{"rung": str(r.rung), "at": r.at.isoformat(), "code": r.code, "evidence": r.evidence} for r in leg.rungs]
    return {
        "recipient": leg.recipient,
        "state": str(leg.state),
        "tried": leg.tried,
        "next_try": _iso(leg.next_try),
        "rungs": rungs,
        "tries": [{"started": t.started.isoformat(), "result": t.result, "reason": t.reason} for t in leg.tries],
    }


def _arrived(item: Item, done: Mapping[tuple[str, str], Sequence[str]]) -> JsonObject:
    """``receipt``: the id we gave the sender; ``outcome``: what handling it did."""
    return {
        "id": item.id,
        "receipt": message_id(item.sender, item.identifier),
        "outcome": ", ".join(done.get((item.sender, item.identifier), ())) or None,
        "direction": "in",
        "identifier": item.identifier,
        "kind": item.kind,
        "sender": item.sender,
        "received_at": item.received_at.isoformat(),
        "sha256": item.sha256,
        "state": str(item.state),
        "duplicates": item.duplicates,
        "reason": item.reason,
        "opened_at": _iso(item.opened_at),
    }


def _set_aside(record: Record) -> JsonObject:
    return {
        "id": record.id,
        "direction": "quarantine",
        "mapping": record.mapping,
        "key": record.key,
        "state": str(record.state),
        "created": record.created.isoformat(),
        "recipients": list(record.recipients),
        "issues": list(record.issues),
        "replayed_as": record.replayed_as,
        "reason": record.reason,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _unknown(message: str) -> CatalogueError:
    return CatalogueError(f"there is no message {message!r} here", code="not-found", hint="list them: GET /messages")
