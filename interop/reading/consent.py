"""Decisions about sharing as a reader meets them: who may be told what about the person, and on whose say."""

from __future__ import annotations

from dataclasses import dataclass

from interop.json_codec import JsonObject
from interop.reading.document import Document
from interop.reading.nodes import as_text, child, children, code_in, codings, extension_value, text
from interop.reading.systems import CANONICAL, CONSENT_BASIS, ENDED_BECAUSE
from interop.reading.wording import concept

SHARING_TOPIC = f"{CANONICAL}/CodeSystem/sharing-topic"
CONTACT_NOTE = f"{CANONICAL}/StructureDefinition/contact-note"
BASES = {
    "person": "The person",
    "attorney": "Attorney for health and welfare",
    "deputy": "Deputy appointed by the court",
    "best-interests": "In the person's best interests",
}
EVERYTHING = "everything"
TOPICS = (EVERYTHING, "health-and-care", "end-of-life-wishes", "whereabouts", "daily-life", "money")
"""Codes of CodeSystem sharing-topic."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """One decision. ``allowed`` None: the record does not say whether.

    person    whom it is about, by name, or a kind of people ("Everyone else")
    topics    codes of CodeSystem sharing-topic; what has no code stands in ``topics_in_words`` only
    basis     code of CodeSystem consent-basis; ``by`` names whoever decided
    in_force  status active, and not past its end when the document was written
    """

    person: str | None
    relationship: str | None
    topics: tuple[str, ...]
    topics_in_words: tuple[str, ...]
    allowed: bool | None
    basis: str | None
    by: str | None
    decided: str | None
    until: str | None
    in_force: bool
    why_ended: str | None
    note: str | None
    target: JsonObject
    resource: JsonObject


def sharings(document: Document) -> list[Sharing]:
    """Every decision about telling somebody something about the person, those in force first, in document order."""
    found = [_sharing(document, consent) for consent in document.resources("Consent") if _is_sharing(consent)]
    return sorted(found, key=lambda sharing: not sharing.in_force)


def _is_sharing(consent: JsonObject) -> bool:
    private = any(code == "patient-privacy" for _, code in codings(child(consent, "scope")))
    return private and bool(child(child(consent, "provision"), "actor"))


def _sharing(document: Document, consent: JsonObject) -> Sharing:
    provision = child(consent, "provision")
    actor = child(provision, "actor")
    about = children(provision, "code")
    until = text(child(provision, "period"), "end")
    past = document.calendar.is_past(until, document.written)
    kind = text(provision, "type")
    return Sharing(
        person=document.name_of(child(actor, "reference")),
        relationship=concept(child(actor, "role")),
        topics=tuple(code for one in about if (code := code_in(one, SHARING_TOPIC))),
        topics_in_words=tuple(words for one in about if (words := concept(one))),
        allowed={"permit": True, "deny": False}.get(kind or ""),
        basis=_said(consent, CONSENT_BASIS),
        by=", ".join(name for r in children(consent, "performer") if (name := document.name_of(r))) or None,
        decided=text(consent, "dateTime"),
        until=until,
        in_force=text(consent, "status") == "active" and not past,
        why_ended=_said(consent, ENDED_BECAUSE),
        note=_said(consent, CONTACT_NOTE),
        target=document.resolve(child(actor, "reference")),
        resource=consent,
    )


def _said(resource: JsonObject, url: str) -> str | None:
    found = extension_value(resource, url)
    return as_text(found[1]) if found else None
