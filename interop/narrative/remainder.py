"""Whatever a resource records beyond what its own row or facts tell: so that nothing recorded goes unread."""

from __future__ import annotations

from interop.json_codec import JsonObject
from interop.narrative.anything import SILENT, extended, readable, value_words
from interop.reading import Document
from interop.reading.medicines import Medicine, medicine
from interop.reading.nodes import child, children, text
from interop.reading.systems import (
    ACCEPTANCE,
    ALERT_DETAIL,
    CANONICAL,
    DOCUMENT_LOCATION,
    GOAL_IMPORTANCE,
    LAST_GIVEN,
    MEDICATION_CHANGE,
    ROLE_IN_WORDS,
    UKCORE_CHANGE,
    VISITS,
)
from interop.reading.wording import NOT_RECORDED, code_words

_MEDICINE = "medicationCodeableConcept medicationReference dosage dosageInstruction reasonCode status note"
TOLD = {
    kind: frozenset(elements.split())
    for kind, elements in {
        "AllergyIntolerance": "code reaction verificationStatus clinicalStatus recordedDate note",
        "MedicationStatement": _MEDICINE,
        "MedicationRequest": _MEDICINE,
        "MedicationDispense": "medicationCodeableConcept quantity daysSupply whenHandedOver receiver note",
        "Flag": "code period author status",
        "Condition": "code clinicalStatus onset severity verificationStatus note",
        "Group": "name code managingEntity characteristic member type actual",
        "Observation": "code value effective component interpretation note dataAbsentReason",
        "RelatedPerson": "name relationship telecom",
        "Practitioner": "name telecom",
        "PractitionerRole": "practitioner organization code specialty telecom",
        "Organization": "name identifier type telecom",
        "Goal": "description target lifecycleStatus achievementStatus priority start outcomeCode expressedBy note",
        "Device": "deviceName type identifier owner note",
        "Task": "description code businessStatus status owner requester authoredOn restriction input output "
        "statusReason note",
        "DocumentReference": "description content date type",
        "Consent": "category scope provision status dateTime",
        "Procedure": "performed code performer outcome note",
        "Patient": "name birthDate gender address telecom communication generalPractitioner",
        "Encounter": "reasonCode status class priority hospitalization period serviceProvider",
        "CarePlan": "title description status created period author contributor note activity goal careTeam addresses",
        "CareTeam": "name participant",
        "QuestionnaireResponse": "item",
        "Appointment": "start end participant description status cancelationReason comment",
        "Task, handed over": "code description executionPeriod restriction requester owner status statusReason",
        "Encounter, visit": "period type class participant appointment subject",
    }.items()
}
"""The elements each kind's own telling says (the stem of a choice stands for all its types)."""
_CHANGES = frozenset({LAST_GIVEN, MEDICATION_CHANGE, UKCORE_CHANGE})
TOLD_EXTENSIONS = {
    "Flag": frozenset({ALERT_DETAIL, DOCUMENT_LOCATION}),
    "DocumentReference": frozenset({DOCUMENT_LOCATION}),
    "MedicationStatement": _CHANGES,
    "MedicationRequest": _CHANGES,
    "Goal": frozenset({GOAL_IMPORTANCE}),
    "Task, handed over": frozenset(
        f"{CANONICAL}/StructureDefinition/{n}" for n in ("rests-on", "first-contact", "stop-if")
    ),
    "Encounter, visit": frozenset({f"{CANONICAL}/StructureDefinition/visit-record"}),
    "CareTeam.participant": frozenset({ACCEPTANCE, ROLE_IN_WORDS, VISITS}),
    "CarePlan.contributor": frozenset({ROLE_IN_WORDS}),
}
"""The extensions each kind's own telling says."""

_QUIET = SILENT | {"category", "intent", "for", "lastModified"}
_ORDINARY: set[tuple[str, str]] = {
    ("active", "yes"),
    *(("status", words) for words in ("final", "active", "completed", "current", "confirmed", "finished")),
}
"""What says only that the record is a record; any other status is worth reading."""


def remainder(document: Document, resource: JsonObject, told_as: str | None = None) -> list[tuple[str, str]]:
    """(name, words) of every element and extension of its own that the telling of such a resource leaves out.

    told_as  the telling in ``TOLD`` where a resource type has more than one
    """
    kind = told_as or text(resource, "resourceType") or ""
    told = TOLD.get(kind)
    if told is None:
        return []
    named = [
        (name, value_words(document, value))
        for name, value in resource.items()
        if name not in _QUIET and not _is_told(name, told)
    ]
    pairs = [(readable(name), words) for name, words in named if words and (name, words) not in _ORDINARY]
    for name in told - {"contributor"}:
        for reference in children(resource, name):
            if "reference" in reference or "display" in reference:
                pairs += [(readable(name), words) for _, words in extended(document, reference) if words]
    pairs += untold_extensions(document, resource, kind)
    pairs += [
        (f"Answer of {document.name_of(child(part, 'actor')) or NOT_RECORDED}", code_words(text(part, "status")) or "")
        for part in children(resource, "participant")
        if kind == "Appointment" and text(part, "status") not in ("accepted", None)
    ]
    if kind in ("MedicationStatement", "MedicationRequest"):
        pairs += [("Dose", words) for words in beside_the_instructions(medicine(document, resource, {}))]
    return pairs


def untold_extensions(document: Document, node: JsonObject, kind: str) -> list[tuple[str, str]]:
    """(name, words) of the extensions of a node that its telling leaves out."""
    told = TOLD_EXTENSIONS.get(kind, frozenset())
    left = {"extension": [e for e in children(node, "extension") if text(e, "url") not in told]}
    return [(name, words) for name, words in extended(document, left) if words]


def _is_told(name: str, told: frozenset[str]) -> bool:
    """``valueQuantity`` is told where ``value`` is."""
    return name in told or any(name.startswith(stem) and name[len(stem) : len(stem) + 1].isupper() for stem in told)


def beside_the_instructions(told: Medicine) -> list[str]:
    """Coded dose, route or timing that the written instruction does not contain: a reader must see both."""
    said = "; ".join(told.instructions).casefold()
    parts = (told.amount, told.route, told.often)
    return [part for part in parts if part and said and part.casefold() not in said]
