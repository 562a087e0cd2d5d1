"""Which FHIR version a resource was written for, where it tells: STU3, R4 and R5 look alike until they do not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from interop.json_codec import Json, JsonObject
from interop.outcome import Issue, Severity

_NUMBERS = {"3.0": "STU3", "4.0": "R4", "4.3": "R4B", "5.0": "R5"}
_PROFILE = re.compile(r"/(STU3|R4B?|R5)/")

# Resource types that exist in one version only (each version's resource list).
_TYPES = {
    "STU3": "BodySite DataElement DeviceComponent EligibilityRequest ExpansionProfile ImagingManifest ProcedureRequest "
    "ProcessRequest ProcessResponse ReferralRequest Sequence ServiceDefinition",
    "R5": "ActorDefinition ArtifactAssessment ConditionDefinition DeviceAssociation DeviceDispense EncounterHistory "
    "FormularyItem GenomicStudy ImagingSelection InventoryItem InventoryReport NutritionIntake Permission "
    "RequestOrchestration Requirements TestPlan Transport",
}
# Elements whose name, in that type, belongs to one version only.
_ELEMENTS = {
    "STU3": {
        "AllergyIntolerance": "assertedDate",
        "CarePlan": "context definition",
        "Composition": "class",
        "Condition": "assertedDate context",
        "DocumentReference": "class created indexed",
        "Encounter": "incomingReferral reason",
        "Immunization": "date notGiven",
        "MedicationStatement": "notTaken reasonNotTaken taken",
        "MessageHeader": "event receiver timestamp",
        "Observation": "comment context related",
        "Patient": "animal",
        "Procedure": "context notDone",
    },
    "R5": {
        "Composition": "useContext version",
        "DocumentReference": "attester bodySite modality",
        "Encounter": "actualPeriod admission plannedStartDate subjectStatus",
        "MedicationRequest": "effectiveDosePeriod renderedDosageInstruction",
        "MedicationStatement": "adherence renderedDosageInstruction",
        "Observation": "bodyStructure triggeredBy",
        "Procedure": "occurrenceDateTime occurrencePeriod",
    },
}


@dataclass(frozen=True, slots=True)
class VersionSign:
    """The version a resource shows, and the sign it shows it by."""

    version: str
    sign: str


def fhir_version(resource: JsonObject, *, content_type: str | None = None) -> VersionSign | None:
    """The FHIR version the content itself tells, looking into a Bundle's entries; None when nothing gives it away.

    The order of trust: ``fhirVersion`` in the content type, a version in a profile's URL, a resource type or an
    element that only one version has. No sign is the normal case for R4.
    """
    declared = re.search(r"fhirVersion=\"?(\d\.\d)", content_type or "")
    if declared and declared[1] in _NUMBERS:
        return VersionSign(_NUMBERS[declared[1]], f"content type says fhirVersion={declared[1]}")
    return next(_signs(resource), None)


def version_issue(resource: JsonObject, *, content_type: str | None = None) -> Issue | None:
    """The finding for content of another version than R4; None for R4 and where nothing gives it away."""
    found = fhir_version(resource, content_type=content_type)
    if found is None or found.version in ("R4", "R4B"):
        return None
    text = f"written for FHIR {found.version} ({found.sign}); it is judged here as R4 4.0.1"
    hint = "send R4, or map it with a mapping made for its version"
    return Issue("fhir-version", text, str(resource.get("resourceType", "")), Severity.WARNING, hint=hint)


def _signs(resource: JsonObject) -> Iterator[VersionSign]:
    kind = str(resource.get("resourceType", ""))
    meta = resource.get("meta")
    for profile in _list(meta.get("profile") if isinstance(meta, dict) else None):
        if match := _PROFILE.search(str(profile)):
            yield VersionSign(match[1], f"{kind}.meta.profile {profile}")
    for version, names in _TYPES.items():
        if kind in names.split():
            yield VersionSign(version, f"resource type {kind}")
    for version, elements in _ELEMENTS.items():
        for name in elements.get(kind, "").split():
            if name in resource:
                yield VersionSign(version, f"element {kind}.{name}")
    for entry in _list(resource.get("entry")):
        if isinstance(entry, dict) and isinstance(entry.get("resource"), dict):
            yield from _signs(entry["resource"])


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
