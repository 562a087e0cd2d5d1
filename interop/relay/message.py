"""What the relay carries and the states it may be in: value objects, no database, no clock."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, TypeVar
from uuid import UUID, uuid5

from interop.errors import TransitionError

_NAMESPACE = UUID("6f1f6c0e-5d0c-5b52-9c55-0d2f3a1b7e90")
ANSWER_WITHIN = timedelta(hours=24)


class DeliveryState(StrEnum):
    """Where one message stands with one recipient."""

    QUEUED = "queued"  # waits its turn in its lane
    CLAIMED = "claimed"  # leased to a worker that is sending it
    SENT = "sent"  # the channel says they have the bytes
    ACKNOWLEDGED = "acknowledged"  # their organisation agrees
    REFUSED = "refused"  # their organisation answered no: patient not known, moved, died
    DEAD_LETTERED = "dead-lettered"  # the link failed for good; a person mends it and replays


class InboxState(StrEnum):
    """Where one received message stands with us."""

    RECEIVED = "received"  # stored and receipted; waits for a worker
    PROCESSING = "processing"  # leased to a worker
    SETTLED = "settled"  # its effects are applied
    FAILED = "failed"  # could not be processed; the bytes are kept and an alarm is raised


class QuarantineState(StrEnum):
    """Where a record stands whose content could not be sent."""

    QUARANTINED = "quarantined"
    REPLAYED = "replayed"


class ObligationState(StrEnum):
    """Whether a debt is settled. Late is a matter of the clock, not a state."""

    OWED = "owed"
    KEPT = "kept"


D, I, Q, O = DeliveryState, InboxState, QuarantineState, ObligationState  # noqa: E741  the tables below read as tables

MOVES: Mapping[StrEnum, frozenset[StrEnum]] = {
    # An answer may overtake the receipt (their reply arrives while our connection hangs), so it settles any open state.
    D.QUEUED: frozenset({D.CLAIMED, D.ACKNOWLEDGED, D.REFUSED}),
    D.CLAIMED: frozenset({D.QUEUED, D.SENT, D.DEAD_LETTERED, D.ACKNOWLEDGED, D.REFUSED}),
    D.SENT: frozenset({D.ACKNOWLEDGED, D.REFUSED}),
    D.REFUSED: frozenset({D.ACKNOWLEDGED}),  # "not known" may become "known" once they have registered the person
    D.DEAD_LETTERED: frozenset({D.QUEUED, D.ACKNOWLEDGED, D.REFUSED}),  # replay; or it had arrived after all
    D.ACKNOWLEDGED: frozenset(),
    I.RECEIVED: frozenset({I.PROCESSING}),
    I.PROCESSING: frozenset({I.RECEIVED, I.SETTLED, I.FAILED}),
    I.FAILED: frozenset({I.RECEIVED}),  # by a person, with a reason
    I.SETTLED: frozenset(),
    Q.QUARANTINED: frozenset({Q.REPLAYED}),
    Q.REPLAYED: frozenset(),
    O.OWED: frozenset({O.KEPT}),
    O.KEPT: frozenset(),
}

State = TypeVar("State", bound=StrEnum)


def moved(current: State, target: State) -> State:
    """``target``, if a ``current`` may become one. Raises TransitionError naming both."""
    if target not in MOVES[current]:
        allowed = ", ".join(sorted(MOVES[current])) or "nothing: it is final"
        raise TransitionError(f"{current} cannot become {target}", hint=f"{current} may become {allowed}")
    return target


def origins(target: StrEnum) -> tuple[str, ...]:
    """Every state that may become ``target``: the WHERE clause of a move's one statement."""
    return tuple(state.value for state, targets in MOVES.items() if target in targets)


class Rung(StrEnum):
    """The acknowledgement ladder. Each rung is a fact of its own, with its own time and evidence."""

    QUEUED = "queued"
    SENT = "sent"
    COLLECTED = "collected"  # taken from a mailbox
    ACCEPTED_BY_SYSTEM = "accepted-by-system"  # ITK infrastructure acknowledgement
    ACCEPTED_BY_ORGANISATION = "accepted-by-organisation"  # ITK business acknowledgement
    OPENED = "opened"  # a person has looked


BUSINESS_ANSWERS: Mapping[str, bool] = {
    "20013": True,  # success
    "30001": True,  # patient known here
    "30002": False,  # patient not known here
    "30003": False,  # patient no longer here
    "30004": False,  # patient known, recently deceased: a person must decide what still matters
}
"""What a business acknowledgement's code says: did they take it? Source: UKCore-ITKResponseCode."""


@dataclass(frozen=True, slots=True)
class Message:
    """Bytes one organisation wants others to have, and what the relay must know about them.

    organisation   ODS code of the sender, a tenant of this node
    identifier     the business identifier (Bundle.identifier): the key to "you have this already"
    kind           what it is to the rules: ``transfer-summary``, ``discharge-summary``, ``acknowledgement``
    person         opaque key of the person it is about; messages of one person keep their order
    as_of          the moment its content describes; None: when it is accepted
    replaces       identifier of the message this one corrects
    correlates     identifier of the message this one answers; an answer never asks for an answer
    copy_of        id of the message whose content this is, for readers who may not see all of it
    answer_within  how long their organisation has to answer; None: no answer is wanted
    """

    organisation: str
    identifier: str
    kind: str
    content_type: str
    body: bytes
    person: str | None = None
    as_of: datetime | None = None
    replaces: str | None = None
    correlates: str | None = None
    answer_within: timedelta | None = ANSWER_WITHIN
    copy_of: str | None = None

    def __post_init__(self) -> None:
        if not (self.organisation and self.identifier and self.kind and self.body):
            raise ValueError("a message needs an organisation, an identifier, a kind and a body")
        if self.as_of is not None and self.as_of.tzinfo is None:
            raise ValueError(f"as_of needs a time zone, found {self.as_of.isoformat()}")

    @property
    def id(self) -> str:
        return message_id(self.organisation, self.identifier)

    @property
    def sha256(self) -> str:
        return digest(self.body)

    @property
    def wants_answer(self) -> bool:
        return self.correlates is None and self.answer_within is not None

    @property
    def lane(self) -> str:
        """What this message is ordered with: its person's documents, or its person's answers, or nothing."""
        stream = "answer" if self.correlates else "document"
        return f"{stream}:{self.person}" if self.person else f"alone:{self.id}"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The message is safe on disk and will be sent. ``new`` is False when it was accepted before."""

    id: str
    identifier: str
    sha256: str
    accepted_at: datetime
    recipients: tuple[str, ...]
    new: bool = True


@dataclass(frozen=True, slots=True)
class Conflict:
    """The identifier is already taken by other bytes. The original stands; an alarm was raised."""

    id: str
    identifier: str
    kept_sha256: str
    offered_sha256: str

    def __str__(self) -> str:
        return (
            f"identifier {self.identifier} already stands for other bytes"
            f" (kept sha256 {self.kept_sha256[:12]}…, offered {self.offered_sha256[:12]}…)"
        )


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes another organisation handed to us. ``sender`` is proved by the caller's credentials, never by the bytes."""

    sender: str
    recipients: tuple[str, ...]
    identifier: str
    kind: str
    content_type: str
    body: bytes
    person: str | None = None
    correlates: str | None = None

    def __post_init__(self) -> None:
        if not (self.sender and self.recipients and self.identifier and self.body):
            raise ValueError("a received message needs a sender, a recipient, an identifier and a body")


ReceiptStatus = Literal["received", "duplicate", "conflict"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What we told the sender. A duplicate gets the first receipt's ``id``, ``received_at`` and ``body`` again."""

    status: ReceiptStatus
    id: str
    identifier: str
    received_at: datetime
    sha256: str
    recipients: tuple[str, ...]
    body: bytes = b""


def digest(body: bytes) -> str:
    """SHA-256 of the exact bytes, lower-case hex."""
    return hashlib.sha256(body).hexdigest()


def message_id(sender: str, identifier: str) -> str:
    """The message's id, the same at both ends: a UUID of who says it and what they call it. Holds no person data."""
    return str(uuid5(_NAMESPACE, f"{sender}\x1f{identifier}"))


def entry_id(sender: str, identifier: str, recipient: str) -> str:
    """The id of one recipient's inbox entry."""
    return str(uuid5(_NAMESPACE, f"{sender}\x1f{identifier}\x1f{recipient}"))
