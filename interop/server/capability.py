"""The CapabilityStatement: what this endpoint promises a FHIR client (R4 capabilitystatement.html)."""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import version

from interop.json_codec import JsonObject

VALIDATED = (
    "AllergyIntolerance",
    "Bundle",
    "CarePlan",
    "CareTeam",
    "Composition",
    "Condition",
    "Consent",
    "Encounter",
    "Flag",
    "Goal",
    "MedicationStatement",
    "Observation",
    "Organization",
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "Provenance",
    "QuestionnaireResponse",
    "RelatedPerson",
    "Task",
)
_OPERATION = "http://hl7.org/fhir/OperationDefinition/"


def statement(node_name: str, since: datetime) -> JsonObject:
    """``since``: when this node started with these capabilities; aware."""
    check = {"name": "validate", "definition": f"{_OPERATION}Resource-validate"}
    resources: list[JsonObject] = [{"type": name, "operation": [check]} for name in VALIDATED]
    for entry in resources:
        if entry["type"] == "Bundle":
            entry["interaction"] = [
                {
                    "code": "create",
                    "documentation": "Documents and messages, for their receivers; there is no search",
                }
            ]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": since.isoformat(timespec="seconds"),
        "kind": "instance",
        "software": {"name": "interop", "version": version("interop")},
        "implementation": {"description": node_name},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "application/fhir+xml"],
        "rest": [
            {
                "mode": "server",
                "documentation": "XML is read; answers are JSON. Every error is an OperationOutcome.",
                "security": {"cors": False, "description": "Bearer token per organisation; denied by default"},
                "resource": resources,
                "operation": [
                    {"name": "process-message", "definition": f"{_OPERATION}MessageHeader-process-message"},
                ],
            }
        ],
    }
