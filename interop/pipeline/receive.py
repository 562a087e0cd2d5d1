"""In: bytes at the door. Who says so, for whom, have we had it; then safe on disk, then the receipt."""

from __future__ import annotations

from dataclasses import dataclass

from interop.bundle import Envelope
from interop.errors import AccessError, ContentError, TransitionError
from interop.events import log
from interop.json_codec import dumps
from interop.node import Node
from interop.relay.message import Receipt, Received
from interop.relay.parcel import Delivered, Delivery, Parcel
from interop.subject import Subject, kind_of

ACKNOWLEDGEMENT = "acknowledgement"


@dataclass(frozen=True, slots=True)
class Arrival:
    """Bytes at the door. ``caller`` is the organisation whose token came with them.

    recipient  the one organisation it is for; "" for the node's only one; None: whomever the message names
    """

    body: bytes
    content_type: str
    caller: str
    recipient: str | None = None


def receive(node: Node, arrival: Arrival) -> Receipt:
    """Store the exact bytes and give the receipt; a duplicate gets the first receipt again.

    Raises ContentError (not a message we can read), AccessError ``forbidden`` (speaks for somebody else) or
    ``unknown-recipient``, TransitionError ``identifier-conflict`` (known identifier, other bytes: an alarm).
    """
    bundle = node.translator.read(arrival.body, arrival.content_type)
    envelope = Envelope.read(bundle)
    identifier = _proved(envelope, arrival.caller)
    answered = envelope.response.identifier if envelope.response else None
    given = Received(
        sender=arrival.caller,
        recipients=_recipients(node, envelope, arrival.recipient),
        identifier=identifier,
        kind=ACKNOWLEDGEMENT if answered else envelope.event or kind_of(bundle),
        content_type=arrival.content_type,
        body=arrival.body,
        person=Subject.of(bundle).key,
        correlates=answered,
    )
    receipt = node.inbox.receive(given, _receipt_body)
    log.info(f"message_{receipt.status}", partner=arrival.caller, kind=given.kind, message=receipt.id)
    if receipt.status == "conflict":
        raise TransitionError(
            "this identifier was received before with other bytes; the first were kept and an alarm was raised",
            code="identifier-conflict",
            where="Bundle.identifier",
            hint="send a correction under a new identifier",
        )
    return receipt


def _proved(envelope: Envelope, caller: str) -> str:
    """The message's identifier, once it is clear that the caller speaks for itself and a repeat can be told."""
    if envelope.sender_ods not in (None, caller):
        raise AccessError(
            f"this token belongs to {caller}, the message says it is from {envelope.sender_ods}",
            hint="an organisation may only speak as its own ODS code",
        )
    if envelope.identifier is None:
        raise ContentError(
            "the Bundle has no identifier, so a repeat could not be told from a new message",
            code="envelope-identifier",
            where="Bundle.identifier",
            hint="give it a uuid that stays the same when it is sent again",
        )
    return envelope.identifier


def _recipients(node: Node, envelope: Envelope, named: str | None) -> tuple[str, ...]:
    ours = tuple(o.ods for o in node.settings.organisations)
    wanted = envelope.destination_ods if named is None else (named,)
    if not any(wanted) and len(ours) == 1 and named is not None:
        wanted = ours
    found = tuple(ods for ods in wanted if ods in ours)
    if not found:
        said = ", ".join(filter(None, wanted))
        raise AccessError(
            f"this node does not speak for {said}" if said else "no ODS code says for whom this is",
            code="unknown-recipient",
            where="MessageHeader.destination" if named is None else "http.recipient",
            hint=f"it speaks for {', '.join(ours)}: name one of them as the receiver",
        )
    return found


def _receipt_body(receipt: Receipt) -> bytes:
    """The infrastructure acknowledgement (ITK 20013): we have these bytes, safe on disk."""
    coding = {"system": "https://fhir.hl7.org.uk/CodeSystem/UKCore-ITKResponseCode", "code": "20013"}
    issue = {
        "severity": "information",
        "code": "informational",
        "details": {"coding": [coding], "text": "received"},
        "diagnostics": f"received at {receipt.received_at.isoformat()} as {receipt.id}; sha256 {receipt.sha256}",
    }
    return dumps({"resourceType": "OperationOutcome", "id": receipt.id, "issue": [issue]})


def hand_over(node: Node, parcel: Parcel) -> Delivery:
    """To an organisation of this very node: the same checks and the same receipt as over a wire. Raises as receive."""
    receipt = receive(node, Arrival(parcel.body, parcel.content_type, parcel.sender, parcel.recipient))
    return Delivered(receipt.body, f"{receipt.status} here as {receipt.id}")
