"""A new safeguarding concern is told to the named safeguarding lead, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from interop.bundle import stable_uuid
from interop.json_codec import JsonObject
from interop.practice.follow_up import FollowUp
from interop.reading import Document
from interop.reading.alerts import Alert, alerts
from interop.reading.nodes import child, children, text
from interop.reading.wording import concept

ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
KIND = "safeguarding-concern"


def alert_lead(before: Document | None, after: Document, now: datetime) -> Sequence[FollowUp]:
    """The record of a concern goes to its lead when it is new, when it was closed, and when its words changed.

    Looks at safeguarding records (kind ``safeguarding-concern``). A lead without an ODS code is told by nobody but the
    sender: ``recipients`` is empty, and the reason says so, so that a person rings. The reason holds no detail.
    """
    found = []
    for concern in alerts(after, "safeguarding"):
        earlier = _same(before, concern) if before else None
        told = _news(earlier, concern)
        if told is None:
            continue
        name, code = lead(after)
        whom = f"{name or 'the safeguarding lead'}" + ("" if code else ", who has no address here: ring them")
        number = reference(concern) or "without a number"
        key = f"{number}:{told}" + (f":{after.written}" if told == "changed" else "")
        sent = {**after.bundle, "identifier": _identifier(key)}
        reason = f"Concern {number} {told}: tell {whom}."
        found.append(FollowUp(KIND, key, sent, (code,) if code else (), reason))
    return tuple(found)


def lead(document: Document) -> tuple[str | None, str | None]:
    """The named safeguarding lead, and the ODS code of the organisation they answer for; None where not recorded."""
    for role in document.resources("PractitionerRole"):
        if "safeguarding lead" in (concept(child(role, "code")) or "").casefold():
            employer = document.resolve(child(role, "organization"))
            codes = [text(i, "value") for i in children(employer, "identifier") if text(i, "system") == ODS]
            return document.name_of(child(role, "practitioner")), next(iter(codes), None)
    return None, None


def reference(concern: Alert) -> str | None:
    """The number the concern goes by."""
    return next((value for i in children(concern.resource, "identifier") if (value := text(i, "value"))), None)


def _identifier(key: str) -> JsonObject:
    """The notice is a message of its own beside the record it is made of: the same news, the same identifier."""
    return {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{stable_uuid('safeguarding lead', key)}"}


def _same(before: Document, concern: Alert) -> Alert | None:
    return next((one for one in alerts(before, "safeguarding") if reference(one) == reference(concern)), None)


def _news(earlier: Alert | None, now: Alert) -> str | None:
    """``raised``, ``closed``, ``changed``, or None where nothing is new."""
    if earlier is None:
        return "raised" if now.current else None
    if earlier.current and not now.current:
        return "closed"
    return "changed" if _words(earlier.resource) != _words(now.resource) else None


def _words(concern: JsonObject) -> str | None:
    return text(child(concern, "code"), "text")
