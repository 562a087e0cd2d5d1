"""What the people of one organisation do at their node: submit, look, open, replay. Answers are plain JSON.

The server gives these answers over HTTP, the command line prints them, and ``client.NodeClient`` asks for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from interop import desk_answers as told
from interop import narrative, pipeline, reconciliation
from interop.bundle import Envelope
from interop.errors import CatalogueError, ContentError, TransitionError
from interop.json_codec import JsonObject
from interop.node import Node
from interop.pipeline import Order, Submission
from interop.relay.inbox import Item
from interop.relay.originals import Kept
from interop.relay.quarantine import Record
from interop.translator import WHOLE_FILES

Direction = Literal["out", "in", "quarantine"]


@dataclass(frozen=True, slots=True)
class Original:
    """A kept file on its way to whoever asked. ``pieces`` fails rather than give wrong bytes to their end."""

    kept: Kept
    pieces: Iterator[bytes] = field(repr=False)


class Operator(Protocol):
    """The desk's verbs, here or in a running node."""

    def submit(
        self,
        mapping: str,
        files: Mapping[str, bytes | Path],
        to: Sequence[str] = (),
        *,
        made_from: int | None = None,
    ) -> JsonObject: ...
    def messages(self, direction: Direction = "out") -> JsonObject: ...
    def message(self, message: str) -> JsonObject: ...
    def original(self, message: str, sha256: str) -> Original: ...
    def trace(self, message: str, expression: str) -> JsonObject: ...
    def replay(
        self, message: str, files: Mapping[str, bytes], reason: str, *, made_from: int | None = None
    ) -> JsonObject: ...
    def local_files(self, message: str) -> dict[str, bytes]: ...
    def page(self, message: str) -> str: ...
    def status(self) -> JsonObject: ...


class Desk:
    """One organisation's view of its node. Nothing of another organisation can be seen or touched from here."""

    def __init__(self, node: Node, organisation: str, actor: str = "operator"):
        self._node = node
        self._ods = organisation
        self._actor = actor

    def submit(
        self,
        mapping: str,
        files: Mapping[str, bytes | Path],
        to: Sequence[str] = (),
        *,
        made_from: int | None = None,
    ) -> JsonObject:
        """``{"records": [{key, kind, status, id, recipients, issues, edition?}]}``, one a record of the files.

        made_from  of a document that is edited in turn: number of the edition it was made from. Raises
                   TransitionError ``edition-not-matched`` when another stands by now; the record is quarantined
        """
        order = Order(self._ods, mapping, files, tuple(to), self._actor, made_from=made_from)
        return told.submitted(pipeline.submit(self._node, order))

    def messages(self, direction: Direction = "out") -> JsonObject:
        """``{"messages": [...]}``, newest first."""
        if direction == "in":
            done = self._node.inbox.effects(self._ods)
            return {"messages": [told.arrived(item, done) for item in self._node.inbox.items(self._ods)]}
        if direction == "quarantine":
            return {"messages": [told.set_aside(r) for r in reversed(self._node.quarantine.records(self._ods))]}
        return {"messages": [told.sent(story) for story in self._node.history.stories(self._ods)]}

    def message(self, message: str) -> JsonObject:
        """One message, whichever way it went, with everything that happened to it and the originals behind it.

        Raises CatalogueError.
        """
        originals = {"originals": told.kept(self._kept(message)), **self._edition(message)}
        if story := self._node.history.story(self._ods, message):
            made = self._node.originals.of_message(self._ods, message)
            follows = self._node.consequences.cause(self._ods, message)
            copies = {"copies": list(self._node.history.copies(self._ods, message)), "copy_of": story.copy_of}
            led = {
                **copies,
                "follows": follows,
                "follow_ups": told.follow_ups(self._node.consequences.of(self._ods, message)),
            }
            return {**told.sent(story), **originals, "makings": told.makings(made), **led}
        if item := self._node.inbox.get(self._ods, message):
            led = {"follow_ups": told.follow_ups(self._node.consequences.of(self._ods, message))}
            return {**told.arrived(item, self._node.inbox.effects(self._ods)), **originals, **led}
        if record := self._node.quarantine.get(self._ods, message):
            return {**told.set_aside(record), **originals}
        raise told.unknown(message)

    def original(self, message: str, sha256: str) -> Original:
        """One of the files behind a message, exactly as it came. That it was read is written down first.

        Raises CatalogueError for a message or a file that is not ours, StoreError for bytes that are damaged.
        """
        kept = next((one for one in self._kept(message) if one.sha256 == sha256), None)
        if kept is None:
            text = f"message {message!r} has no original with that digest"
            raise CatalogueError(text, code="not-found", hint=f"they are listed under GET /messages/{message}")
        if item := self._node.inbox.get(self._ods, message):
            self._node.inbox.read(self._ods, item.id, by=self._actor)
            return Original(kept, iter([item.body]))
        return Original(kept, self._node.originals.read(self._ods, kept, about=message, by=self._actor))

    def _kept(self, message: str) -> tuple[Kept, ...]:
        """What a message was made of; what was received is its own original; of a quarantined record its files."""
        made = self._node.originals.of_message(self._ods, message)
        if made:
            return tuple(dict.fromkeys(kept for one in made for kept in one.originals))
        if item := self._node.inbox.get(self._ods, message):
            return (Kept("received", item.sha256, len(item.body), item.content_type, item.received_at),)
        return self._node.originals.of_record(self._ods, message)

    def trace(self, message: str, expression: str) -> JsonObject:
        """The cell of a kept original that a value of a message came from; see ``pipeline.lineage``."""
        return pipeline.lineage(self._node, self._ods, message, expression, by=self._actor).as_json()

    def content(self, message: str) -> tuple[bytes, str]:
        """The exact bytes and their content type. Raises CatalogueError."""
        if (story := self._node.history.story(self._ods, message)) is not None:
            return self._node.history.body(self._ods, message) or b"", story.content_type
        item = self._received(message)
        return item.body, item.content_type

    def replay(
        self, message: str, files: Mapping[str, bytes], reason: str, *, made_from: int | None = None
    ) -> JsonObject:
        """A quarantined record from corrected files (or its own, when a mapping was mended); a dead letter as it is."""
        if record := self._node.quarantine.get(self._ods, message):
            return self._replay_record(record, files, reason, made_from)
        story = self._node.history.story(self._ods, message)
        if story is None:
            raise told.unknown(message)
        again = self._node.outbox.replay(self._ods, story.identifier, actor=self._actor, reason=reason)
        if not again:
            raise TransitionError(
                "nothing of this message is dead-lettered", hint="look at its history: GET /messages/ID"
            )
        return told.submitted([Submission(story.identifier, story.kind, "queued", story.id, again)])

    def _replay_record(
        self, record: Record, files: Mapping[str, bytes], reason: str, made_from: int | None
    ) -> JsonObject:
        if record.replayed_as is not None:
            raise TransitionError(f"this record was replayed already, as {record.replayed_as}")
        if made_from is None and pipeline.was_out_of_date(record.issues):
            raise TransitionError(
                "this record was out of date: say which edition it has been made from now",
                code="edition-missing",
                hint="take the newer edition's changes in and name it: --made-from, or If-Match over HTTP",
            )
        order = Order(
            self._ods,
            record.mapping,
            files or self._node.quarantine.files(self._ods, record.id),
            record.recipients,
            self._actor,
            replays=record.id,
            only=record.key if record.key != WHOLE_FILES else None,
            reason=reason,
            made_from=made_from,
        )
        return told.submitted(pipeline.submit(self._node, order))

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
                    "kept_at": told.iso(entry.kept_at),
                    "state": entry.standing,
                }
                for entry in self._node.obligations.ledger(self._ods)
            ],
            "alarms": [
                {"id": a.id, "code": a.alarm.code, "subject": a.alarm.subject, "text": a.alarm.text}
                for a in self._node.alarms.standing(self._ods)
            ],
        }

    def _edition(self, message: str) -> JsonObject:
        """Which edition of an edited document a message is, and which one stands."""
        made = self._node.editions.of(self._ods, message)
        standing = self._node.editions.standing(self._ods, made.series) if made else None
        return {"edition": told.edition(made, standing)} if made and standing else {}

    def edition(self, message: str) -> int | None:
        """The number of the edition a message is; None for what is not edited in turn."""
        made = self._node.editions.of(self._ods, message)
        return made.number if made else None

    def _received(self, message: str) -> Item:
        item = self._node.inbox.get(self._ods, message)
        if item is None:
            raise told.unknown(message)
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
