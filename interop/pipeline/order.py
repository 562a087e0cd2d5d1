"""What an organisation asks of us, and what it is told became of each record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from interop.json_codec import JsonObject
from interop.outcome import Issue

_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".json": "application/json",
    ".ndjson": "application/x-ndjson",
    ".xml": "application/xml",
    ".hl7": "x-application/hl7-v2+er7",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def media_type(name: str) -> str:
    """What a file is, as far as its name says; never anything a browser would run."""
    return _MEDIA_TYPES.get(PurePath(name).suffix.lower(), "application/octet-stream")


@dataclass(frozen=True, slots=True)
class Order:
    """These files, by this mapping, to these recipients.

    files      by name: their bytes, or where they lie on disk; a large one on disk is never held whole in memory
    made_from  number of the edition of a care plan that its editor had before them (``pipeline.editing``)
    replays    id of the quarantined record this corrects; ``only``: that record's key, the one record meant
    """

    organisation: str
    mapping: str
    files: Mapping[str, bytes | Path]
    to: tuple[str, ...] = ()
    actor: str = "operator"
    replays: str | None = None
    only: str | None = None
    reason: str = ""
    made_from: int | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """What became of one record.

    status  ``queued``; ``recorded`` (an event, nobody to send it to); ``quarantined``; ``refused`` (its identifier
            already stands for other bytes: those stay, and an alarm was raised)
    edition  of a document that is edited in turn: which one it is now
    """

    key: str
    kind: str
    status: str
    id: str
    recipients: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()
    edition: int | None = None

    def as_json(self) -> JsonObject:
        return {
            "key": self.key,
            "kind": self.kind,
            "status": self.status,
            "id": self.id,
            "recipients": list(self.recipients),
            "issues": [issue.as_json() for issue in self.issues],
            **({"edition": self.edition} if self.edition is not None else {}),
        }
