"""Which FHIR version a resource was written for, where it tells: STU3, R4 and R5 look alike until they do not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from interop.definitions.release import other_release
from interop.json_codec import Json, JsonObject
from interop.outcome import Issue, Severity

_NUMBERS = {"1.0": "DSTU2", "3.0": "STU3", "4.0": "R4", "4.3": "R4B", "5.0": "R5"}
_PROFILE = re.compile(r"/(STU3|R4B?|R5)/|hl7\.org/fhir/([345]\.\d)/")

# Resource types that one version has and R4 has not (each version's resource list).
TYPES = {
    "STU3": "BodySite DataElement DeviceComponent EligibilityRequest ExpansionProfile ImagingManifest ProcedureRequest "
    "ProcessRequest ProcessResponse ReferralRequest Sequence ServiceDefinition",
    "R4B": "AdministrableProductDefinition Citation ClinicalUseDefinition EvidenceReport Ingredient "
    "ManufacturedItemDefinition NutritionProduct PackagedProductDefinition RegulatedAuthorization SubscriptionStatus "
    "SubscriptionTopic",
    "R5": "ActorDefinition ArtifactAssessment BiologicallyDerivedProductDispense ConditionDefinition DeviceAssociation "
    "DeviceDispense EncounterHistory FormularyItem GenomicStudy ImagingSelection InventoryItem InventoryReport "
    "NutritionIntake Permission RequestOrchestration Requirements TestPlan Transport",
}
# Elements that the type has in one version and not in R4, nor in the other with another meaning.
ELEMENTS = {
    "STU3": {
        "AllergyIntolerance": "assertedDate",
        "Appointment": "incomingReferral indication",
        "CarePlan": "context definition",
        "CareTeam": "context",
        "ClinicalImpression": "action context",
        "Communication": "context definition notDone notDoneReason",
        "Composition": "class",
        "Condition": "assertedDate context",
        "Consent": "actor consentingParty except",
        "Coverage": "grouping sequence",
        "DeviceUseStatement": "whenUsed indication",
        "DiagnosticReport": "codedDiagnosis context image",
        "DocumentReference": "class created indexed",
        "Encounter": "incomingReferral",
        "Goal": "status",
        "HealthcareService": "programName",
        "ImagingStudy": "accession availability context",
        "Immunization": "date explanation notGiven vaccinationProtocol",
        "Medication": "isBrand isOverTheCounter package",
        "MedicationAdministration": "definition notGiven prescription reasonNotGiven",
        "MedicationDispense": "notDone",
        "MedicationRequest": "context definition",
        "MedicationStatement": "notTaken reasonNotTaken taken",
        "MessageHeader": "event receiver timestamp",
        "Observation": "comment context related",
        "Patient": "animal",
        "Procedure": "context definition notDone notDoneReason",
        "QuestionnaireResponse": "context parent",
        "RiskAssessment": "context",
        "Task": "context",
    },
    "R5": {
        "AllergyIntolerance": "participant",
        "Appointment": "previousAppointment recurrenceTemplate subject virtualService",
        "AuditEvent": "occurredDateTime occurredPeriod",
        "CarePlan": "custodian",
        "Composition": "useContext version",
        "Condition": "participant",
        "Coverage": "insurancePlan paymentBy",
        "Device": "biologicalSourceEvent conformsTo cycle displayName gateway mode",
        "DiagnosticReport": "composition note supportingInfo",
        "DocumentReference": "attester basedOn bodySite event modality version",
        "Encounter": "actualPeriod admission careTeam dietPreference plannedEndDate plannedStartDate subjectStatus "
        "specialArrangement specialCourtesy virtualService",
        "Goal": "acceptance",
        "HealthcareService": "contact offeredIn",
        "Immunization": "administeredProduct basedOn informationSource supportingInformation",
        "Location": "characteristic contact form virtualService",
        "Medication": "definition marketingAuthorizationHolder totalVolume",
        "MedicationAdministration": "medication occurenceDateTime occurencePeriod occurenceTiming",
        "MedicationDispense": "medication recorded renderedDosageInstruction",
        "MedicationRequest": "effectiveDosePeriod medication renderedDosageInstruction",
        "MedicationStatement": "adherence medication relatedClinicalInformation renderedDosageInstruction",
        "MessageHeader": "eventCanonical",
        "Observation": "bodyStructure triggeredBy",
        "Organization": "description qualification",
        "PractitionerRole": "characteristic communication contact",
        "Procedure": "occurrenceAge occurrenceDateTime occurrencePeriod recorded reportedBoolean supportingInfo",
        "Provenance": "authorization basedOn encounter patient",
        "ServiceRequest": "bodyStructure focus",
        "Specimen": "combined feature role",
        "Task": "doNotPerform requestedPerformer requestedPeriod",
    },
}
_VERSION_OF_TYPE = {name: version for version, names in TYPES.items() for name in names.split()}
_TELLING = {
    kind: tuple((v, name) for v, elements in ELEMENTS.items() for name in elements.get(kind, "").split())
    for kinds in ELEMENTS.values()
    for kind in kinds
}
"""Resource type -> (version, element) of each element that tells one."""
# Members every definition has since R5 (CanonicalResource).
_ONLY_R5 = ("versionAlgorithmString", "versionAlgorithmCoding", "copyrightLabel")
# A code in STU3, a CodeableConcept in R4.
_CODES_ONCE = {
    "AllergyIntolerance": "clinicalStatus verificationStatus",
    "Condition": "clinicalStatus verificationStatus",
}


@dataclass(frozen=True, slots=True)
class VersionSign:
    """The version a resource shows, and the sign it shows it by.

    stated  a definition says what it is made for (``fhirVersion``), which its own form need not show
    """

    version: str
    sign: str
    stated: bool = False


def fhir_version(resource: JsonObject, *, content_type: str | None = None) -> VersionSign | None:
    """The FHIR version the content itself tells, looking into a Bundle's entries; None when nothing gives it away.

    The order of trust: ``fhirVersion`` in the content type, a version in a profile's URL or in ``fhirVersion``, a
    resource type, element or form of an element that only one version has. No sign is the normal case for R4.
    """
    declared = re.search(r"fhirVersion=\"?(\d\.\d)", content_type or "")
    if declared and declared[1] in _NUMBERS:
        return VersionSign(_NUMBERS[declared[1]], f"content type says fhirVersion={declared[1]}")
    return next(_signs(resource), None)


def version_issue(resource: JsonObject, *, content_type: str | None = None, failed: bool = False) -> Issue | None:
    """The finding for content of another version than R4; None for R4 and where nothing gives it away.

    failed  the content has errors, which this explains: then it is one itself
    """
    found = fhir_version(resource, content_type=content_type)
    if found is None or found.version == "R4":
        return None
    if found.version == "R4B" and not found.sign.startswith("resource type"):
        return None  # all but a handful of its types are R4's
    text = f"written for FHIR {found.version} ({found.sign}); it is judged here as R4 4.0.1"
    hint = "send R4, or map it with a mapping made for its version"
    severity = Severity.ERROR if failed and not found.stated else Severity.WARNING
    return Issue("fhir-version", text, str(resource.get("resourceType", "")), severity, hint=hint)


def _signs(resource: JsonObject) -> Iterator[VersionSign]:
    kind = str(resource.get("resourceType", ""))
    yield from _declared(resource, kind)
    if kind in _VERSION_OF_TYPE:
        yield VersionSign(_VERSION_OF_TYPE[kind], f"resource type {kind}")
    for version, name in _TELLING.get(kind, ()):
        if name in resource:
            yield VersionSign(version, f"element {kind}.{name}")
    yield from _forms(resource, kind)
    for inner in _inside(resource):
        yield from _signs(inner)


def _declared(resource: JsonObject, kind: str) -> Iterator[VersionSign]:
    meta = resource.get("meta")
    for profile in _list(meta.get("profile") if isinstance(meta, dict) else None):
        if match := _PROFILE.search(str(profile)):
            yield VersionSign(match[1] or _NUMBERS.get(match[2], "R4"), f"{kind}.meta.profile {profile}")
    stated = resource.get("fhirVersion")
    for text in stated if isinstance(stated, list) else [stated]:
        if isinstance(text, str) and (release := other_release(text)):
            yield VersionSign(release, f"{kind}.fhirVersion {text}", stated=True)


def _forms(resource: JsonObject, kind: str) -> Iterator[VersionSign]:
    """Elements whose name stayed and whose form changed."""
    for name in _ONLY_R5:
        if name in resource:
            yield VersionSign("R5", f"element {kind}.{name}")
    for name in _CODES_ONCE.get(kind, "").split():
        if isinstance(resource.get(name), str):
            yield VersionSign("STU3", f"{kind}.{name} is a code")
    if kind == "Encounter" and isinstance(resource.get("class"), list):
        yield VersionSign("R5", "Encounter.class is a list")
    if kind == "RelatedPerson" and isinstance(resource.get("relationship"), dict):
        yield VersionSign("STU3", "RelatedPerson.relationship is no list")
    if kind in ("Encounter", "Appointment") and "reason" in resource:
        newer = any(
            isinstance(item, dict) and {"value", "concept", "reference"} & item.keys()
            for item in _list(resource["reason"])
        )
        yield VersionSign("R5" if newer else "STU3", f"element {kind}.reason")


def _inside(resource: JsonObject) -> Iterable[JsonObject]:
    """The resources of a Bundle's entries, and those contained."""
    for entry in _list(resource.get("entry")):
        if isinstance(entry, dict) and isinstance(entry.get("resource"), dict):
            yield entry["resource"]
    yield from (inner for inner in _list(resource.get("contained")) if isinstance(inner, dict))


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
