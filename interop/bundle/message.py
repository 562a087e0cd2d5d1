"""Message Bundles: a document in its envelope, and the answers that come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from interop.bundle.document import instant
from interop.bundle.envelope import Envelope
from interop.bundle.identity import full_url
from interop.bundle.systems import (
    DISPLAYS,
    HANDLING,
    ITK_RESPONSE,
    MESSAGE_EVENT,
    ODS_ENDPOINT,
)
from interop.identifiers import ODS_ORGANISATION, UUID
from interop.json_codec import JsonObject
from interop.outcome import Issue, Outcome

ResponseCode = Literal["ok", "transient-error", "fatal-error"]

# Which OperationOutcome.issue.code says what an ITK code says; the others are "processing".
_ISSUE_TYPES = {"20013": "informational", "30001": "informational", "30002": "not-found", "20007": "duplicate"}


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation at one end of a message: its ODS code, and its name where known."""

    ods: str
    name: str | None = None

    @property
    def endpoint(self) -> str:
        return f"{ODS_ENDPOINT}{self.ods}"

    def reference(self) -> JsonObject:
        """A logical Reference(Organization) by ODS code."""
        found: JsonObject = {"type": "Organization", "identifier": {"system": ODS_ORGANISATION, "value": self.ods}}
        return found | ({"display": self.name} if self.name else {})


@dataclass(frozen=True, slots=True)
class Handling:
    """What the sender wants of the receiver (the message-handling extension; ITK3's names)."""

    business_ack: bool = True
    infrastructure_ack: bool = True
    for_action: bool = True
    sender_reference: str | None = None

    def extension(self) -> JsonObject:
        parts: list[JsonObject] = [
            {"url": "busAckRequested", "valueBoolean": self.business_ack},
            {"url": "infAckRequested", "valueBoolean": self.infrastructure_ack},
            {"url": "recipientType", "valueCode": "FA" if self.for_action else "FI"},
        ]
        if self.sender_reference is not None:
            parts.append({"url": "senderReference", "valueString": self.sender_reference})
        return {"url": HANDLING, "extension": parts}


def wrap(  # noqa: PLR0913 - what an envelope says, each part by its name
    document: JsonObject,
    *,
    event: str,
    sender: Party,
    destinations: Sequence[Party],
    identifier: str,
    timestamp: datetime,
    reason: JsonObject | None = None,
    handling: Handling | None = None,
) -> JsonObject:
    """A message Bundle round a document (or any Bundle): MessageHeader first, its focus the document as it is.

    event       a code of the local message-event CodeSystem: ``transfer-summary``, ``discharge-summary``
    identifier  a uuid: Bundle.identifier and MessageHeader.id both, so that an answer to either is understood
    Source: FHIR R4 messaging.html; ITK3 message handling.
    """
    header = _header(event, sender, destinations, identifier, handling or Handling())
    document_url = full_url("document", str(document.get("identifier", {}).get("value") or identifier))
    header["focus"] = [{"reference": document_url}]
    if reason is not None:
        header["reason"] = reason
    return _bundle(identifier, timestamp, [header_entry(header), {"fullUrl": document_url, "resource": document}])


def response(  # noqa: PLR0913 - as wrap
    to: JsonObject,
    *,
    code: ResponseCode,
    itk_code: str,
    sender: Party,
    identifier: str,
    timestamp: datetime,
    issues: Sequence[Issue] = (),
) -> JsonObject:
    """The answer to a message: MessageHeader.response and an OperationOutcome that says why.

    to        the message that is answered; its sender is the destination, its identifier the correlation
    itk_code  a code of UK Core's ITK response codes: 20013 success, 30001 patient known, 30002 not known …
    issues    findings that explain a refusal

    It asks for no acknowledgement: an answer to an answer would never end. Raises ValueError when the message
    does not say who sent it. Source: FHIR R4 messaging.html#response; ITK3 response handling.
    """
    asked = Envelope.read(to)
    if asked.sender_ods is None:
        raise ValueError("the message names no sender to answer")
    handling = Handling(False, False, for_action=False, sender_reference=asked.sender_reference)
    header = _header("response", sender, [Party(asked.sender_ods)], identifier, handling)
    outcome_url = full_url("OperationOutcome", identifier)
    header["response"] = {
        "identifier": asked.header_id or asked.identifier or "unknown",
        "code": code,
        "details": {"reference": outcome_url},
    }
    outcome = {"fullUrl": outcome_url, "resource": _operation_outcome(code, itk_code, issues)}
    return _bundle(identifier, timestamp, [header_entry(header), outcome])


def header_entry(header: JsonObject) -> JsonObject:
    return {"fullUrl": f"urn:uuid:{header['id']}", "resource": header}


def _header(
    event: str, sender: Party, destinations: Sequence[Party], identifier: str, handling: Handling
) -> JsonObject:
    coding = {"system": MESSAGE_EVENT, "code": event}
    if event in DISPLAYS[MESSAGE_EVENT]:
        coding["display"] = DISPLAYS[MESSAGE_EVENT][event]
    return {
        "resourceType": "MessageHeader",
        "id": identifier,
        "extension": [handling.extension()],
        "eventCoding": coding,
        "destination": [
            {
                **({"name": party.name} if party.name else {}),
                "endpoint": party.endpoint,
                "receiver": party.reference(),
            }
            for party in destinations
        ],
        "sender": sender.reference(),
        "source": {**({"name": sender.name} if sender.name else {}), "endpoint": sender.endpoint},
    }


def _operation_outcome(code: ResponseCode, itk_code: str, issues: Sequence[Issue]) -> JsonObject:
    coding = {"system": ITK_RESPONSE, "code": itk_code}
    if itk_code in DISPLAYS[ITK_RESPONSE]:
        coding["display"] = DISPLAYS[ITK_RESPONSE][itk_code]
    first = {
        "severity": "information" if code == "ok" else "error",
        "code": _ISSUE_TYPES.get(itk_code, "processing"),
        "details": {"coding": [coding]},
    }
    found = Outcome.of(issues).operation_outcome()["issue"] if issues else []
    return {"resourceType": "OperationOutcome", "issue": [first, *found]}


def _bundle(identifier: str, timestamp: datetime, parts: list[JsonObject]) -> JsonObject:
    return {
        "resourceType": "Bundle",
        "identifier": {"system": UUID, "value": identifier},
        "type": "message",
        "timestamp": instant(timestamp),
        "entry": parts,
    }
