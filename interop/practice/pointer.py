"""A National Record Locator pointer to a document we hold: made from it, and refused where a published rule is broken.

Source: the National Record Locator's own producer rules (R4 DocumentReference). A pointer holds nothing of the document
but what it is, whom it is about, who holds it and where to fetch it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from interop.bundle import stable_uuid
from interop.errors import ContentError
from interop.identifiers import NHS_NUMBER, nhs_number_fault
from interop.json_codec import JsonObject
from interop.outcome import Issue
from interop.practice.pointer_rules import (
    CARE_PLAN,
    FORMATS,
    ODS,
    POINTER_TYPES,
    SNOMED,
    STABILITY,
    STABILITY_CODES,
    broken_rules,
)
from interop.reading import Document
from interop.reading.nodes import child, children, codings, text
from interop.reading.systems import END_OF_LIFE_SUMMARY

FOR_DOCUMENT = {END_OF_LIFE_SUMMARY: END_OF_LIFE_SUMMARY, CARE_PLAN: "2181441000000107"}
"""Composition.type → pointer type: an end of life record, and a personalised care and support plan.

A transfer summary and a discharge summary have none: the locator publishes no type for them.
"""


class Stability(StrEnum):
    """Whether what the address gives may change: ``dynamic`` for a page kept up to date, ``static`` for a file."""

    STATIC = "static"
    DYNAMIC = "dynamic"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the document is fetched: an https address, or ssp:// through the Spine Secure Proxy with its ASID.

    setting  SNOMED CT (code, display) of the care setting that holds it
    """

    url: str
    content_type: str = "application/fhir+json"
    stability: Stability = Stability.DYNAMIC
    asid: str | None = None
    setting: tuple[str, str] | None = None
    replaces: str | None = None


class PointerError(ContentError):
    """A pointer that breaks published rules. ``issues`` names each rule, what was found and what to do."""

    def __init__(self, issues: tuple[Issue, ...]) -> None:
        self.issues = issues
        super().__init__("; ".join(str(issue) for issue in issues), code="pointer-refused")


def pointer(bundle: JsonObject, place: Place) -> JsonObject:
    """The DocumentReference to register for a document. Raises PointerError naming every rule it would break."""
    made = drafted(bundle, place)
    issues = tuple(broken_rules(made))
    if issues:
        raise PointerError(issues)
    return made


def drafted(bundle: JsonObject, place: Place) -> JsonObject:
    """The pointer as the document and the place give it, whether or not the rules hold."""
    document = Document.of(bundle)
    number = _number(document)
    custodian = _ods(document.resolve(child(document.composition, "custodian")))
    made: JsonObject = {
        "resourceType": "DocumentReference",
        "id": f"{custodian}-{stable_uuid('pointer', _identifier(document), place.url)}" if custodian else "",
        "status": "current",
        "type": {"coding": [_type(document)]},
        "category": [{"coding": [_coding(CARE_PLAN, "Care plan")]}],
        "subject": {"identifier": {"system": NHS_NUMBER, "value": number}} if number else {},
        "date": document.written,
        "author": [_organisation(custodian)] if custodian else [],
        "custodian": _organisation(custodian) if custodian else {},
        "relatesTo": _replaced(place.replaces),
        "content": [_content(document, place)],
        "context": _context(place),
    }
    return {name: value for name, value in made.items() if value not in ("", None, [], {})}


def _type(document: Document) -> JsonObject:
    stated = [code for system, code in codings(child(document.composition, "type")) if system in (SNOMED, None)]
    code = next((FOR_DOCUMENT[code] for code in stated if code in FOR_DOCUMENT), None)
    # A kind without a pointer type keeps its own code, so that the rule that refuses it can name it.
    return _coding(code or next(iter(stated), ""), POINTER_TYPES.get(code or "", ""))


def _content(document: Document, place: Place) -> JsonObject:
    shape = "urn:nhs-ic:unstructured" if place.content_type in ("application/pdf", "text/html") else None
    code = shape or "urn:nhs-ic:structured"
    attachment = {
        "contentType": place.content_type,
        "language": "en-GB",
        "url": place.url,
        "title": text(document.composition, "title"),
        "creation": document.written,
    }
    stable = {"system": STABILITY_CODES, "code": str(place.stability), "display": str(place.stability).capitalize()}
    return {
        "extension": [{"url": STABILITY, "valueCodeableConcept": {"coding": [stable]}}],
        "attachment": {name: value for name, value in attachment.items() if value},
        "format": {
            "system": "https://fhir.nhs.uk/England/CodeSystem/England-NRLFormatCode",
            "code": code,
            "display": FORMATS[code],
        },
    }


def _context(place: Place) -> JsonObject:
    context: JsonObject = {}
    if place.setting:
        context["practiceSetting"] = {"coding": [_coding(*place.setting)]}
    if place.asid:
        context["related"] = [{"identifier": {"system": "https://fhir.nhs.uk/Id/nhsSpineASID", "value": place.asid}}]
    return context


def _replaced(earlier: str | None) -> list[JsonObject]:
    if earlier is None:
        return []
    return [{"code": "replaces", "target": {"identifier": {"value": earlier}}}]


def _organisation(code: str) -> JsonObject:
    return {"identifier": {"system": ODS, "value": code}}


def _coding(code: str, display: str) -> JsonObject:
    return {"system": SNOMED, "code": code, "display": display}


def _number(document: Document) -> str | None:
    """The person's NHS number; one that fails its check digit points at nobody."""
    numbers = [text(i, "value") for i in children(document.patient, "identifier") if text(i, "system") == NHS_NUMBER]
    return next((number for number in numbers if number and nhs_number_fault(number) is None), None)


def _ods(organisation: JsonObject) -> str | None:
    return next((text(i, "value") for i in children(organisation, "identifier") if text(i, "system") == ODS), None)


def _identifier(document: Document) -> str:
    return text(child(document.bundle, "identifier"), "value") or document.written or ""
