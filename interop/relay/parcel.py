"""What a channel is given, and the four things it may know afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeAlias

from interop.relay.message import Rung


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message on its way to one recipient. ``id`` is the message's, the same on every try."""

    id: str
    identifier: str
    sender: str
    recipient: str
    kind: str
    content_type: str
    body: bytes
    correlates: str | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """They have the bytes. ``rung`` is as far up the ladder as the channel itself can prove."""

    receipt: bytes = b""
    evidence: str = ""
    rung: Rung = Rung.ACCEPTED_BY_SYSTEM


@dataclass(frozen=True, slots=True)
class Refused:
    """They will not take it, and trying again changes nothing.

    credentials  it is us they refuse, not the message: everything for them waits until a person looks
    """

    reason: str
    credentials: bool = False


@dataclass(frozen=True, slots=True)
class Unreachable:
    """It did not reach them. ``retry_after``: they asked for that much patience."""

    reason: str
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have reached them: the line broke after we began to send. Safe to repeat only because they deduplicate."""

    reason: str
    retry_after: timedelta | None = None


Delivery: TypeAlias = Delivered | Refused | Unreachable | Unknown


class Channel(Protocol):
    """A way out. Delivers the parcel once and tells what it knows about the result. Called from many threads."""

    def deliver(self, parcel: Parcel) -> Delivery: ...
