"""The copy of a document for the registered practice: the structured document with the page people read beside it.

An ITK3-style message: both acknowledgements asked for, for action or for information, an attachment first readable by
any system, and a routing key for a sender who does not know the practice's mailbox. Sources: GP Connect Messaging
SD-038 to SD-052; FHIR R4 messaging.html, documentreference.html.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha1, sha256

from interop.bundle import Envelope, Handling, Index, Party, full_url, stable_uuid, wrap
from interop.errors import ContentError
from interop.identifiers import nhs_number_fault
from interop.json_codec import JsonObject
from interop.outcome import Issue, Severity
from interop.practice.letter import NHS_NUMBER, ODS_CODE, Site, profile
from interop.reading import Document
from interop.reading.nodes import child, children, text

WORKFLOW = "INTEROP_GP_COPY"
"""A placeholder: workflow ids are issued centrally, and a mailbox only takes those it is registered for."""
ENDINGS = {"text/html": "html", "application/pdf": "pdf"}
FOCUS = 2


@dataclass(frozen=True, slots=True)
class Page:
    """The readable form of the document, as bytes. content_type: text/html or application/pdf."""

    content_type: str
    data: bytes

    @property
    def ending(self) -> str:
        return ENDINGS[self.content_type]


@dataclass(frozen=True, slots=True)
class GpCopy:
    """A message to a practice and how MESH is asked to route it.

    mex_to  the routing key; it holds the person's number, name and birth date, so it never goes into a log
    """

    message: JsonObject
    page: Page
    mex_to: str
    workflow: str
    local_id: str
    for_action: bool

    @property
    def file_name(self) -> str:
        return f"{self.local_id}.{self.page.ending}"

    def headers(self) -> dict[str, str]:
        """The MESH headers of the parcel. Mex-LocalID is opaque: it must hold nothing about a person."""
        return {
            "Mex-To": self.mex_to,
            "Mex-WorkflowID": self.workflow,
            "Mex-LocalID": self.local_id,
            "Mex-FileName": f"{self.local_id}.json",
            "Content-Type": "application/fhir+json",
        }


def gp_copy(
    document: JsonObject, page: Page, *, event: str, for_action: bool | None = None, workflow: str = WORKFLOW
) -> GpCopy:
    """The message for the practice the person is registered with. The same document and page give the same message.

    event       what the relay calls the document: ``discharge-summary``
    for_action  None: for action where the document asks something of the practice, else for information
    Raises ContentError ``gp-copy-person`` or ``gp-copy-parties`` when the document does not say who it is about, from
    whom it comes, or which practice.
    """
    read = Document.of(document)
    sender = Site.of(read.resolve(child(read.composition, "custodian")))
    practice = practice_of(read)
    if sender is None or sender.ods is None or practice is None or practice.ods is None:
        missing = "the sending organisation" if sender is None or sender.ods is None else "the person's GP practice"
        text_ = f"the document gives no ODS code for {missing}"
        hint = "custodian and Patient.generalPractitioner each lead to an Organization with its ODS code"
        raise ContentError(text_, code="gp-copy-parties", hint=hint)
    key = routing_key(read)
    action = asks_the_practice(read, practice) if for_action is None else for_action
    identifier = stable_uuid("gp-copy", _identity(read), practice.ods, sha256(page.data).hexdigest())
    message = wrap(
        read.bundle,
        event=event,
        sender=Party(sender.ods, sender.name),
        destinations=[Party(practice.ods, practice.name)],
        identifier=identifier,
        timestamp=_written(read),
        handling=Handling(for_action=action, sender_reference=identifier),
    )
    return GpCopy(_with_page(message, read, page, sender), page, key, workflow, identifier, action)


def routing_key(document: Document) -> str:
    """``GPPROVIDER_{NHS number}_{DDMMYYYY}_{Surname}``, each value as the Patient resource has it (SD-038).

    Raises ContentError ``gp-copy-person`` when one is missing: a key that is nearly right finds somebody else.
    """
    patient = document.patient
    numbers = (text(i, "value") for i in children(patient, "identifier") if text(i, "system") == NHS_NUMBER)
    number = next((n for n in numbers if n), None)
    names = sorted(children(patient, "name"), key=lambda name: text(name, "use") != "official")
    family = next((found for name in names if (found := text(name, "family"))), None)
    born = _birth_date(text(patient, "birthDate"))
    if number is None or nhs_number_fault(number) or born is None or family is None:
        wanted = {"NHS number": number and not nhs_number_fault(number), "surname": family, "whole birth date": born}
        gaps = ", ".join(name for name, found in wanted.items() if not found)
        raise ContentError(f"no routing key without {gaps}", code="gp-copy-person", hint="correct the person's details")
    return f"GPPROVIDER_{number}_{born:%d%m%Y}_{family}"


def practice_of(document: Document) -> Site | None:
    """The organisation among Patient.generalPractitioner."""
    for named in children(document.patient, "generalPractitioner"):
        resource = document.resolve(named)
        if text(resource, "resourceType") == "Organization":
            return Site.of(resource)
    return None


def asks_the_practice(document: Document, practice: Site) -> bool:
    """Whether the document asks something of the practice: it stands among those who are to do something."""
    wanted = {practice.name.casefold(), "gp", "gp practice", "gp surgery", "general practitioner"}
    for plan in document.resources("CarePlan"):
        for activity in children(plan, "activity"):
            for performer in children(child(activity, "detail"), "performer"):
                if (document.name_of(performer) or "").casefold() in wanted:
                    return True
    return False


def _with_page(message: JsonObject, read: Document, page: Page, sender: Site) -> JsonObject:
    header, content = message["entry"]
    seed = (_identity(read), sha256(page.data).hexdigest())
    binary_url, reference_url = full_url("page", *seed), full_url("page-reference", *seed)
    number = next(i for i in children(read.patient, "identifier") if text(i, "system") == NHS_NUMBER)
    reference: JsonObject = {
        "resourceType": "DocumentReference",
        "meta": profile("gp-copy-attachment"),
        "identifier": [{"system": "https://tools.ietf.org/html/rfc4122", "value": stable_uuid("page", *seed)}],
        "status": "current",
        "type": child(read.composition, "type"),
        "subject": {"type": "Patient", "identifier": {"system": NHS_NUMBER, "value": text(number, "value")}},
        "date": _written(read).isoformat(),
        "author": [{"type": "Organization", "identifier": {"system": ODS_CODE, "value": sender.ods}}],
        "description": "The same document to read: made from its structured content, nothing added",
        "content": [{"attachment": _attachment(page, binary_url, read)}],
        "context": {"related": [{"reference": content["fullUrl"]}]},
    }
    binary = {"resourceType": "Binary", "contentType": page.content_type, "data": b64encode(page.data).decode()}
    focus = [{"reference": content["fullUrl"]}, {"reference": reference_url}]
    header = {**header, "resource": {**header["resource"], "focus": focus}}
    beside = [{"fullUrl": reference_url, "resource": reference}, {"fullUrl": binary_url, "resource": binary}]
    kept = {name: value for name, value in message.items() if name != "resourceType"}
    return {"resourceType": "Bundle", "meta": profile("gp-copy"), **kept, "entry": [header, content, *beside]}


def _attachment(page: Page, url: str, read: Document) -> JsonObject:
    title = text(read.composition, "title") or "Document"
    return {
        "contentType": page.content_type,
        "language": "en-GB",
        "url": url,
        "size": len(page.data),
        # R4 asks for SHA-1 here; what proves the bytes is the message's own identifier (SHA-256 of the page).
        "hash": b64encode(sha1(page.data, usedforsecurity=False).digest()).decode(),
        "title": f"{title}.{page.ending}",
        "creation": _written(read).isoformat(),
    }


def gp_copy_issues(message: JsonObject, page: Page | None = None) -> Iterator[Issue]:
    """What is wrong with a copy that a profile cannot see: size and hash, and that the page says what the data say.

    page  the page made again from the structured document inside; None: not compared
    """
    envelope, index = Envelope.read(message), Index(message)
    pages = [found for found in envelope.focus if found.get("resourceType") == "DocumentReference"]
    if not pages or len(envelope.focus) < FOCUS or envelope.document is None:
        hint = "send the document and the page made from it together"
        yield Issue("gp-copy-incomplete", "the message holds no readable page beside the document", "Bundle", hint=hint)
    for number, reference in enumerate(pages):
        attachment = child(child(reference, "content"), "attachment")
        data = _bytes(index.find(attachment.get("url")))
        at = f"Bundle.entry.resource.ofType(DocumentReference)[{number}].content[0].attachment"
        if data is None:
            yield Issue("gp-copy-attachment", "the attachment's bytes are not in the message", at)
            continue
        if attachment.get("size") != len(data):
            words = f"the attachment is {len(data)} bytes, the message says {attachment.get('size')}"
            yield Issue(
                "gp-copy-attachment", words, f"{at}.size", hint="the page was changed after the message was made"
            )
        if text(attachment, "hash") != b64encode(sha1(data, usedforsecurity=False).digest()).decode():
            words = "the attachment is not the one the message was made with: its hash differs"
            yield Issue("gp-copy-attachment", words, f"{at}.hash", hint="do not file it; ask the sender again")
        if page is not None and page.content_type == text(attachment, "contentType") and page.data != data:
            words = "the page does not say what the structured document beside it says"
            hint = "trust neither until the sender has sent both again"
            yield Issue("gp-copy-differs", words, at, Severity.ERROR, hint=hint)


def _bytes(binary: JsonObject | None) -> bytes | None:
    try:
        return b64decode(str((binary or {}).get("data") or ""), validate=True) or None
    except (Base64Error, ValueError):
        return None


def _birth_date(written: str | None) -> date | None:
    try:
        return date.fromisoformat(written or "")
    except ValueError:
        return None


def _identity(read: Document) -> str:
    return text(child(read.bundle, "identifier"), "value") or ""


def _written(read: Document) -> datetime:
    """When the document was written: the copy is as old as that, whenever it is made."""
    moment = read.calendar.moment(read.written)
    if moment is None:
        raise ContentError("the document does not say when it was written", code="gp-copy-parties")
    return moment
