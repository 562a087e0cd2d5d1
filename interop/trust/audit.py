"""A chain of deeds in which no entry can be changed, moved or taken out of the middle without it showing.

Pure: it hashes and checks; the store keeps the entries. A chain proves nothing about its own tail: whoever can write
the store can cut the newest entries off. Note the newest hash elsewhere from time to time to close that gap.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

BEGINNING = "0" * 64
"""What stands before the first entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One deed: who did what to what, and when.

    number   1, 2, 3 … without a gap
    actor    a person or program, as the credentials name it
    action   a verb in the past tense, from a fixed list: ``message-accepted``
    subject  the id of what it was done to; never a name or an NHS number
    detail   JSON text; codes and ids, no content
    """

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: str = "{}"


@dataclass(frozen=True, slots=True)
class ChainFault:
    """Where a chain stops being trustworthy."""

    number: int
    text: str


def seal(previous: str, entry: Entry) -> str:
    """The entry's hash: SHA-256 over the hash before it and every field, each unmistakably delimited."""
    fields = [previous, entry.number, entry.at.astimezone(UTC).isoformat(timespec="microseconds")]
    fields += [entry.actor, entry.action, entry.subject, entry.detail]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=True).encode("ascii")).hexdigest()


def verify(entries: Iterable[tuple[Entry, str]]) -> ChainFault | None:
    """The first entry that was changed, or after which one is missing; None when the chain holds."""
    previous, expected = BEGINNING, 1
    for entry, found in entries:
        if entry.number != expected:
            return ChainFault(expected, f"entry {expected} is missing: the next one is number {entry.number}")
        if seal(previous, entry) != found:
            return ChainFault(entry.number, f"entry {entry.number} is not what was sealed: it or its hash was changed")
        previous, expected = found, expected + 1
    return None
