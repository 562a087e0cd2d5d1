"""Why a place on a page is empty: none, not asked, withheld or not recorded, and never one for another."""

from __future__ import annotations

from interop.json_codec import Json, JsonObject
from interop.reading import Document, Presence, presence
from interop.reading.nodes import as_text, child, children, codings, extension_value
from interop.reading.systems import DOCUMENT_KIND
from interop.reading.wording import NOT_RECORDED, concept

AREAS = {
    "cpr": ("end-of-life-care", "legal-information"),
    "communication": ("individual-requirements", "1052901000000109"),
    "needs": ("care-needs",),
    "observations": ("observations",),
    "medicines": ("medications-and-medical-devices", "933361000000108"),
    "belongings": ("belongings",),
    "contacts": ("personal-contacts",),
}
"""Place on a page → the sections that speak for it when nothing is there; the first that exists is heard."""

NOT_ITS_PART = "not part of this document: ask for the summary"

GAPS = {
    Presence.NONE_KNOWN: "none known: the sender states that there are none",
    Presence.NOT_ASKED: "not asked",
    Presence.ASKED_UNKNOWN: "asked, not known",
    Presence.WITHHELD: "withheld by the sender",
    Presence.NOT_STARTED: "not yet looked into",
    Presence.NOT_RECORDED: NOT_RECORDED,
    # The section holds something, but not this: nothing is said about it.
    Presence.RECORDED: NOT_RECORDED,
}

DATA_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
ABSENT = {
    "not-asked": GAPS[Presence.NOT_ASKED],
    "asked-unknown": GAPS[Presence.ASKED_UNKNOWN],
    "asked-declined": "asked, declined to say",
    "masked": GAPS[Presence.WITHHELD],
    "temp-unknown": "not known yet",
    "unknown": "not known",
    "not-applicable": "not applicable",
    "not-performed": "not done",
    "not-permitted": GAPS[Presence.WITHHELD],
}
"""R4 CodeSystem data-absent-reason in a reader's words."""


def gap(document: Document, area: str) -> str:
    """What an empty place says: the reason its section gives, else "not recorded"."""
    section = document.section(*AREAS[area])
    return NOT_ITS_PART if section is None and is_partial(document) else GAPS[presence(section)]


def is_partial(document: Document) -> bool:
    """Of our own kinds (a notice, a diary, a board …): each tells one matter, and what it leaves out says nothing about
    the person. Only the kinds that have a national code are summaries of the whole record."""
    return any(system == DOCUMENT_KIND for system, _ in codings(child(document.composition, "type")))


def absence(resource: JsonObject) -> str | None:
    """Why one value is not there (dataAbsentReason), in words; None when nobody says why."""
    reason = child(resource, "dataAbsentReason")
    known = next((ABSENT[code] for _, code in codings(reason) if code in ABSENT), None)
    return known or concept(reason)


def unsaid(node: JsonObject, *path: str) -> str | None:
    """Why an element is empty by its own extension data-absent-reason, in words; None when nobody says why.

    Looked for at the end of ``path`` and beneath: ``unsaid(patient, "birthDate")`` reads ``_birthDate``.
    """
    waiting: list[Json] = [node]
    for step in path:
        waiting = [found for one in waiting for name in (step, f"_{step}") for found in children(one, name)]
    waiting += [found for one in waiting for name in ("_text", "_value") for found in children(one, name)]
    reasons = (extension_value(one, DATA_ABSENT) for one in waiting if isinstance(one, dict))
    code = next((as_text(reason[1]) for reason in reasons if reason), None)
    return ABSENT.get(code, code.replace("-", " ")) if code else None
