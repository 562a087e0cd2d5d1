"""Reasonable adjustments: what is not right with the record of them, and the record the national flag's way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from interop.bundle import stable_uuid
from interop.json_codec import JsonObject
from interop.outcome import Issue, Severity
from interop.reading import Document
from interop.reading.adjustments import ENGLAND, ENGLAND_CONSENT, adjustments, presentation_wanted
from interop.reading.alerts import alerts
from interop.reading.nodes import child, children, codings, text
from interop.reading.systems import ALERT_DETAIL, ENDED_BECAUSE, FLAG_DETAIL
from interop.reading.wishes import words_of

AGREED, REFUSED, TAKEN_BACK = "RACONSENT", "RADISSENT", "RAREVOKED"
"""England-ConsentPurposeRA."""
PROFILES: Final = "https://fhir.nhs.uk/England/StructureDefinition"
NOTES: Final = f"{PROFILES}/Extension-FlagNotes"
PROGRAMME: Final = (f"{ENGLAND}/England-FlagCategoryPatient", "national-reasonable-adjustment-flag")


def consent_to_record(document: Document) -> str | None:
    """What the person said about recording adjustments, as a code of England-ConsentPurposeRA; None: nothing."""
    stated = [
        (text(consent, "dateTime") or "", text(purpose, "code"))
        for consent in document.resources("Consent")
        for purpose in children(child(consent, "provision"), "purpose")
        if text(purpose, "system") == ENGLAND_CONSENT
    ]
    return max(stated, default=("", None), key=lambda one: one[0])[1]


def holds_adjustments(document: Document) -> bool:
    """Whether the document records any adjustment, or what the person said about recording them."""
    return bool(adjustments(document) or alerts(document, "adjustment-record") or consent_to_record(document))


def findings(document: Document) -> tuple[Issue, ...]:
    """What somebody has to do about the record of adjustments, in words a ward clerk understands."""
    return tuple(_found(document))


def _found(document: Document) -> Iterator[Issue]:
    said = consent_to_record(document)
    made = [one for one in adjustments(document) if one.in_force]
    at = document.place(document.composition)
    if made and said is None:
        text_ = f"{len(made)} adjustments are recorded and nobody recorded that the person agreed to it."
        yield Issue("adjustment-without-consent", text_, at, hint="ask the person and record what they say")
    if said in (REFUSED, TAKEN_BACK):
        for one in made:
            told = "did not agree to" if said == REFUSED else "took back the consent to"
            text_ = f"{one.need or 'An adjustment'}: the person {told} its being recorded, and it is shown as in force."
            yield Issue("adjustment-against-wish", text_, document.place(one.resource), hint="end it in the record")
    for one in made:
        if not one.need:
            yield Issue(
                "adjustment-unsaid",
                "An adjustment does not say what is needed.",
                document.place(one.resource),
                hint="say it in words: whoever reads has no code list",
            )
    for told in presentation_wanted(document).not_met:
        yield Issue("adjustment-beyond-page", told, at, Severity.WARNING, hint="arrange it before the next letter")


def national_record(bundle: JsonObject) -> JsonObject:
    """The record as England's reasonable adjustment flag is sent: a transaction of Patient, Condition, Consent, Flags.

    Every part holds its own Provenance, as the national pattern has it; codes keep ``http://snomed.info/sct`` (the
    published examples print https, which is no code system). A record the person took back comes as inactive flags with
    the provenance of a changed status: removing it is the national service's own act.
    """
    document = Document.of(bundle)
    parts = [
        *document.resources("Patient")[:1],
        *[c for c in document.resources("Condition") if _of_programme(c)],
        *[c for c in document.resources("Consent") if consent_purpose(c)],
        *[alert.resource for alert in alerts(document, "reasonable-adjustment")],
        *[alert.resource for alert in alerts(document, "adjustment-record")],
    ]
    sent = {id(part): (str(part["resourceType"]), _identity(document, part)) for part in parts}
    entries = [_entry(document, part, sent) for part in parts]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def consent_purpose(consent: JsonObject) -> str | None:
    """The national code of a consent to record adjustments; None for any other consent."""
    purposes = children(child(consent, "provision"), "purpose")
    return next((text(one, "code") for one in purposes if text(one, "system") == ENGLAND_CONSENT), None)


def _of_programme(condition: JsonObject) -> bool:
    return any(pair == PROGRAMME for kind in children(condition, "category") for pair in codings(kind))


def _identity(document: Document, part: JsonObject) -> str:
    return stable_uuid("national", text(part, "id") or document.place(part))


def _entry(document: Document, part: JsonObject, sent: dict[int, tuple[str, str]]) -> JsonObject:
    kind, ident = sent[id(part)]
    made = {**part, "id": ident}
    made.pop("text", None)
    if kind == "Patient":
        made["meta"] = {"profile": ["https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient"]}
        # The national service knows the person by number; who the practice and the home are is not sent there.
        made = {k: v for k, v in made.items() if k not in ("generalPractitioner", "managingOrganization", "extension")}
    else:
        made["meta"] = {"profile": [f"{PROFILES}/{_profile(part)}"]}
        made["contained"] = [_provenance(document, part)]
        about = "patient" if kind == "Consent" else "subject"
        made[about] = {"reference": next(f"urn:uuid:{found}" for what, found in sent.values() if what == "Patient")}
        if kind == "Flag":
            made["extension"] = [*_notes(part), *_details(document, part, sent)]
            made["category"] = [c for c in children(part, "category") if _is_national(c)]
            made = {name: value for name, value in made.items() if value not in ([], {})}
        if kind == "Consent":
            made.pop("extension", None)
            made["performer"] = [{"display": words} for words in _performers(document, part)]
    return {"fullUrl": f"urn:uuid:{ident}", "resource": made, "request": {"method": "PUT", "url": f"{kind}/{ident}"}}


def _profile(part: JsonObject) -> str:
    if part["resourceType"] != "Flag":
        return f"England-{part['resourceType']}-Flag"
    local = [code for kind in children(part, "category") for _, code in codings(kind)]
    return "England-Flag-PatientFlag" if "adjustment-record" in local else "England-Flag-PatientFlag-Adjustment"


def _is_national(category: JsonObject) -> bool:
    return any((system or "").startswith(ENGLAND) for system, _ in codings(category))


def _notes(flag: JsonObject) -> list[JsonObject]:
    said = [words for url in (ALERT_DETAIL, ENDED_BECAUSE) if (words := words_of(flag, url))]
    return [{"url": NOTES, "valueAnnotation": {"text": words}} for words in said]


def _details(document: Document, flag: JsonObject, sent: dict[int, tuple[str, str]]) -> list[JsonObject]:
    found = []
    for extension in children(flag, "extension"):
        if text(extension, "url") == FLAG_DETAIL:
            meant = sent.get(id(document.resolve(child(extension, "valueReference"))))
            if meant:
                kind, ident = meant
                found.append({"url": FLAG_DETAIL, "valueReference": {"reference": f"urn:uuid:{ident}", "type": kind}})
    return found


def _provenance(document: Document, part: JsonObject) -> JsonObject:
    author = child(document.composition, "author")
    role = document.resolve(author)
    held = children(role, "code")
    gone = text(part, "status") == "inactive"
    code, display = ("MODIFYSTATUS", "modify status") if gone else ("CREATE", "create")
    agent: JsonObject = {
        "who": {"display": document.name_of(author) or "not recorded"},
        "onBehalfOf": {"display": document.name_of(child(document.composition, "custodian")) or "not recorded"},
    }
    activity = {"system": "http://terminology.hl7.org/CodeSystem/v3-DataOperation", "code": code, "display": display}
    return {
        "resourceType": "Provenance",
        "id": stable_uuid("national provenance", _identity(document, part)),
        "meta": {"profile": [f"{PROFILES}/England-Provenance-Flag"]},
        "target": [{"reference": "#"}],
        "recorded": document.written,
        "activity": {"coding": [activity]},
        "agent": [{"role": held, **agent} if held else agent],
    }


def _performers(document: Document, consent: JsonObject) -> list[str]:
    return [name for reference in children(consent, "performer") if (name := document.name_of(reference))]
