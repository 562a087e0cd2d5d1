"""What a Bundle says on its outside: from whom, to whom, about what, in answer to what. Ours and other people's."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from dataclasses import dataclass, replace

from interop.bundle.entry import Entry
from interop.bundle.references import Index
from interop.bundle.systems import HANDLING, ITK_RESPONSE
from interop.errors import ContentError
from interop.json_codec import Json, JsonObject
from interop.outcome import Issue, Severity

# Published messages also say http://, id/ and the British spelling; all mean one register.
_ODS_SYSTEM = re.compile(r"https?://fhir\.nhs\.(uk|net)/id/ods-(organi[sz]ation|site)-code", re.IGNORECASE)
_ODS_ENDPOINT = re.compile(r"urn:nhs-uk:addressing:ods:([A-Za-z0-9]+)")


@dataclass(frozen=True, slots=True)
class Response:
    """MessageHeader.response: what a receiver says about an earlier message.

    identifier  the earlier message's MessageHeader.id or Bundle.identifier
    code        ok | transient-error | fatal-error
    itk_codes   UK Core ITK response codes in the OperationOutcome, first one first
    """

    identifier: str
    code: str
    itk_codes: tuple[str, ...] = ()
    outcome: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document that travels as bytes (DocumentReference and Binary): a letter, a PDF, an older FHIR document."""

    content_type: str
    data: bytes
    reference: JsonObject


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message (or bare document) as its carrier sees it.

    identifier       Bundle.identifier.value, else the header's or the Bundle's id
    sender_ods       None when the message does not say
    event            eventCoding.code; None for a bare document
    document         the document Bundle: the entry itself, or one made of the entries round a Composition
    focus            what the header points at, where it is in the Bundle
    issues           what an envelope should say and this one does not
    """

    identifier: str | None
    sender_ods: str | None
    destination_ods: tuple[str, ...]
    event: str | None
    document: JsonObject | None = None
    attachments: tuple[Attachment, ...] = ()
    response: Response | None = None
    focus: tuple[JsonObject, ...] = ()
    header_id: str | None = None
    business_ack: bool = False
    infrastructure_ack: bool = False
    sender_reference: str | None = None
    issues: tuple[Issue, ...] = ()

    @classmethod
    def read(cls, bundle: JsonObject) -> Envelope:
        """The envelope of a message Bundle, or of a document sent bare.

        Raises ContentError ``not-a-message`` for anything else.
        """
        index = Index(bundle)
        header = next((entry for entry in index.entries if entry.type == "MessageHeader"), None)
        if header is not None:
            return _from_message(bundle, header.resource, index)
        composition = next((entry for entry in index.entries if entry.type == "Composition"), None)
        if composition is not None and bundle.get("type") == "document":
            return _from_document(bundle, composition.resource, index)
        raise ContentError(
            f"{bundle.get('resourceType', 'this')} of type {bundle.get('type', 'unknown')!r} is neither a message "
            "(Bundle with a MessageHeader) nor a document (Bundle with a Composition)",
            code="not-a-message",
            hint="send a Bundle of type message, or post a document to /fhir/Bundle",
        )


def _from_message(bundle: JsonObject, header: JsonObject, index: Index) -> Envelope:
    destinations = _objects(header.get("destination"))
    handling = _handling(header)
    focus = tuple(found for found in map(index.find, _objects(header.get("focus"))) if found is not None)
    envelope = Envelope(
        identifier=_identifier(bundle, header),
        sender_ods=_party(header.get("sender"), index) or _endpoint(header.get("source")),
        destination_ods=tuple(dict.fromkeys(filter(None, (_destination(d, header, index) for d in destinations)))),
        event=_event(header),
        document=_document(bundle, focus, index),
        attachments=tuple(_attachments(focus, index)),
        response=_response(header, index),
        focus=focus,
        header_id=header.get("id"),
        business_ack=handling.get("busAckRequested") is True,
        infrastructure_ack=handling.get("infAckRequested") is True,
        sender_reference=handling.get("senderReference"),
    )
    return replace(envelope, issues=tuple(_gaps(envelope, is_message=True)))


def _from_document(bundle: JsonObject, composition: JsonObject, index: Index) -> Envelope:
    senders = [composition.get("custodian"), *_objects(composition.get("author"))]
    sender = next(filter(None, (_party(reference, index) for reference in senders)), None)
    identifier = _identifier(bundle, {})
    envelope = Envelope(identifier, sender, (), None, document=bundle)
    return replace(envelope, issues=tuple(_gaps(envelope, is_message=False)))


def _gaps(envelope: Envelope, *, is_message: bool) -> Iterator[Issue]:
    if envelope.identifier is None:
        hint = "give Bundle.identifier a uuid that stays the same when the message is sent again"
        yield Issue(
            "envelope-identifier", "no identifier, so a repeat could not be told", "Bundle.identifier", hint=hint
        )
    if envelope.sender_ods is None:
        where = "Bundle.entry[0].resource.sender" if is_message else "Bundle.entry[0].resource.custodian"
        hint = "name the sending organisation by its ODS code"
        yield Issue("envelope-sender", "no ODS code says who sent this", where, hint=hint)
    if is_message and not envelope.destination_ods:
        hint = "name each receiver by its ODS code in destination.receiver.identifier"
        text = "no ODS code says for whom this is"
        where = "Bundle.entry[0].resource.destination"
        yield Issue("envelope-destination", text, where, severity=Severity.WARNING, hint=hint)


def _identifier(bundle: JsonObject, header: JsonObject) -> str | None:
    identifier = bundle.get("identifier")
    value = identifier.get("value") if isinstance(identifier, dict) else None
    found = value or header.get("id") or bundle.get("id")
    return str(found) if found else None


def _event(header: JsonObject) -> str | None:
    coding = header.get("eventCoding") or header.get("event")  # STU3 called it event
    code = coding.get("code") if isinstance(coding, dict) else header.get("eventUri")
    return str(code) if code else None


def _destination(destination: JsonObject, header: JsonObject, index: Index) -> str | None:
    receiver = destination.get("receiver") or header.get("receiver")  # STU3 had one receiver for all
    return _party(receiver, index) or _endpoint(destination)


def _party(reference: Json, index: Index) -> str | None:
    """The ODS code behind a Reference: in it, or on the organisation (or its role's organisation) it means."""
    for _ in range(3):  # PractitionerRole → Organization is the longest way
        if not isinstance(reference, dict):
            return None
        found = index.find(reference) or {}
        for identifier in (reference.get("identifier"), *_objects(found.get("identifier"))):
            if isinstance(identifier, dict) and _ODS_SYSTEM.fullmatch(str(identifier.get("system", ""))):
                return str(identifier.get("value") or "").upper() or None
        reference = found.get("organization")
    return None


def _endpoint(holder: Json) -> str | None:
    endpoint = holder.get("endpoint") if isinstance(holder, dict) else None
    match = _ODS_ENDPOINT.fullmatch(endpoint) if isinstance(endpoint, str) else None
    return match[1].upper() if match else None


def _document(bundle: JsonObject, focus: tuple[JsonObject, ...], index: Index) -> JsonObject | None:
    for resource in (*focus, *(entry.resource for entry in index.entries)):
        if resource.get("resourceType") == "Bundle":
            return resource
    composition = next((entry for entry in index.entries if entry.type == "Composition"), None)
    return _around(composition, bundle, index) if composition else None


def _around(composition: Entry, bundle: JsonObject, index: Index) -> JsonObject:
    """A document of the entries that stand round a Composition in a message."""
    others = [e for e in index.entries if e.type != "MessageHeader" and e is not composition]
    identifier = composition.resource.get("identifier") or bundle.get("identifier")
    return {
        "resourceType": "Bundle",
        **({"identifier": identifier} if identifier else {}),
        "type": "document",
        **({"timestamp": bundle["timestamp"]} if "timestamp" in bundle else {}),
        "entry": [entry.as_json() for entry in (composition, *others)],
    }


def _attachments(focus: tuple[JsonObject, ...], index: Index) -> Iterator[Attachment]:
    for reference in focus:
        if reference.get("resourceType") != "DocumentReference":
            continue
        for content in _objects(reference.get("content")):
            attachment = content.get("attachment") or {}
            binary = index.find(attachment.get("url")) or attachment
            try:
                data = b64decode(binary.get("data") or "", validate=False)
            except (Base64Error, ValueError):
                continue  # what is not base64 is a finding of the validator, on the Binary itself
            if data:
                yield Attachment(str(attachment.get("contentType") or binary.get("contentType")), data, reference)


def _response(header: JsonObject, index: Index) -> Response | None:
    found = header.get("response")
    if not isinstance(found, dict):
        return None
    outcome = index.find(found.get("details"))
    codings = [c for issue in _objects((outcome or {}).get("issue")) for c in _objects(_details(issue).get("coding"))]
    codes = tuple(str(c["code"]) for c in codings if c.get("system") == ITK_RESPONSE and c.get("code"))
    return Response(str(found.get("identifier") or ""), str(found.get("code") or ""), codes, outcome)


def _details(issue: JsonObject) -> JsonObject:
    details = issue.get("details")
    return details if isinstance(details, dict) else {}


def _handling(header: JsonObject) -> JsonObject:
    parts = next((e.get("extension") for e in _objects(header.get("extension")) if e.get("url") == HANDLING), None)
    return {str(p.get("url")): next((v for k, v in p.items() if k != "url"), None) for p in _objects(parts)}


def _objects(value: Json) -> list[JsonObject]:
    """A list's objects; a lone object as a list of one. Anything else is nothing."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]
