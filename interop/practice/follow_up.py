"""What has to be sent because of what a document says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from interop.json_codec import JsonObject
from interop.reading import Document


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One document owed to somebody because of another.

    kind        what the relay calls it: ``coordinator-notice``, ``item-lost``, ``missed-visit`` …
    key         stable business key; the same key is the same follow-up and is sent once, however often it is found
    bundle      the document Bundle to send, valid against its profile
    recipients  ODS codes; empty: the sender keeps it and sends it to nobody
    reason      one sentence a ward clerk understands
    keeper      ODS code: this organisation alone owes it, not others that hold the same documents; None: any
    """

    kind: str
    key: str
    bundle: JsonObject
    recipients: tuple[str, ...]
    reason: str
    keeper: str | None = None


class Rule(Protocol):
    """Looks at a document and the one before it of the same kind about the same person. Pure: the time is given."""

    def __call__(self, before: Document | None, after: Document, now: datetime) -> Sequence[FollowUp]: ...
