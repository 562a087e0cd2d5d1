"""What the desk says, as plain JSON: one shape a kind of thing, the same over HTTP and on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from interop.errors import CatalogueError
from interop.json_codec import JsonObject
from interop.pipeline import Submission
from interop.relay.consequences import Done
from interop.relay.editions import Edition
from interop.relay.history import Leg, Story
from interop.relay.inbox import Item
from interop.relay.message import message_id
from interop.relay.originals import Kept, Provenance
from interop.relay.quarantine import Record


def submitted(records: Sequence[Submission]) -> JsonObject:
    return {"records": [record.as_json() for record in records]}


def sent(story: Story) -> JsonObject:
    return {
        "id": story.id,
        "direction": "out",
        "identifier": story.identifier,
        "kind": story.kind,
        "created": story.created.isoformat(),
        "sha256": story.sha256,
        "answers": story.correlates,
        "deliveries": [leg_of(leg) for leg in story.legs],
    }


def leg_of(leg: Leg) -> JsonObject:
    rungs = [{"rung": str(r.rung), "at": r.at.isoformat(), "code": r.code, "evidence": r.evidence} for r in leg.rungs]
    return {
        "recipient": leg.recipient,
        "state": str(leg.state),
        "tried": leg.tried,
        "next_try": iso(leg.next_try),
        "rungs": rungs,
        "tries": [{"started": t.started.isoformat(), "result": t.result, "reason": t.reason} for t in leg.tries],
    }


def arrived(item: Item, done: Mapping[tuple[str, str], Sequence[str]]) -> JsonObject:
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
        "opened_at": iso(item.opened_at),
    }


def set_aside(record: Record) -> JsonObject:
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


def iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def unknown(message: str) -> CatalogueError:
    return CatalogueError(f"there is no message {message!r} here", code="not-found", hint="list them: GET /messages")


def kept(files: Iterable[Kept], **more: str) -> list[JsonObject]:
    """Originals: name, digest, size, type, and when the bytes first came."""
    return [
        {
            "name": file.name,
            "sha256": file.sha256,
            "size": file.size,
            "media_type": file.media_type,
            "stored_at": file.stored_at.isoformat(),
            **more,
        }
        for file in files
    ]


def makings(made: Sequence[Provenance]) -> list[JsonObject]:
    """How a message was made: more than once when the same message came of different files."""
    return [
        {
            "mapping": one.mapping,
            "version": one.version,
            "record": one.record,
            "mapped_at": one.mapped_at.isoformat(),
            "originals": kept(one.originals),
        }
        for one in made
    ]


def follow_ups(done: Sequence[Done]) -> list[JsonObject]:
    """What rules had sent because of a document: the kind, and the message that carries it."""
    return [{"kind": one.kind, "message": one.message, "at": one.done_at.isoformat()} for one in done]


def edition(made: Edition, standing: Edition) -> JsonObject:
    """``number``: which edition it is; ``standing``: the newest, which the next one has to be made from."""
    return {
        "number": made.number,
        "editor": made.editor,
        "made_at": made.made_at.isoformat(),
        "standing": {
            "number": standing.number,
            "message": standing.document,
            "editor": standing.editor,
            "made_at": standing.made_at.isoformat(),
        },
    }
