"""Which FHIR version a resource shows, and that R4 is never taken for another."""

from __future__ import annotations

from pathlib import Path

import pytest

from interop import json_codec
from interop.definitions import Definitions
from interop.definitions.fhir_version import ELEMENTS, TYPES, fhir_version, version_issue

PUBLISHED = Path(__file__).parents[3].parent / "shared/real-inputs/r4"


@pytest.mark.parametrize(
    ("resource", "version"),
    [
        ({"resourceType": "Bundle", "meta": {"profile": ["https://fhir.nhs.uk/STU3/StructureDefinition/X"]}}, "STU3"),
        ({"resourceType": "MessageHeader", "event": {"code": "x"}}, "STU3"),
        ({"resourceType": "ReferralRequest"}, "STU3"),
        ({"resourceType": "Encounter", "reason": []}, "STU3"),
        ({"resourceType": "Encounter", "actualPeriod": {}}, "R5"),
        ({"resourceType": "Transport"}, "R5"),
        ({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "animal": {}}}]}, "STU3"),
        ({"resourceType": "Encounter", "reason": [{"text": "fell"}]}, "STU3"),
        ({"resourceType": "Encounter", "reason": [{"use": [{"text": "x"}], "value": []}]}, "R5"),
        ({"resourceType": "Encounter", "class": [{"text": "x"}]}, "R5"),
        ({"resourceType": "Condition", "clinicalStatus": "active"}, "STU3"),
        ({"resourceType": "Condition", "clinicalStatus": {"text": "active"}}, None),
        ({"resourceType": "MedicationRequest", "medication": {"concept": {"text": "x"}}}, "R5"),
        ({"resourceType": "RelatedPerson", "relationship": {"text": "daughter"}}, "STU3"),
        ({"resourceType": "ValueSet", "versionAlgorithmString": "semver"}, "R5"),
        ({"resourceType": "StructureDefinition", "fhirVersion": "3.0.2"}, "STU3"),
        ({"resourceType": "ImplementationGuide", "fhirVersion": ["5.0.0"]}, "R5"),
        ({"resourceType": "ImplementationGuide", "fhirVersion": ["4.0.1"]}, None),
        ({"resourceType": "SubscriptionStatus"}, "R4B"),
        (
            {
                "resourceType": "Patient",
                "meta": {"profile": ["http://hl7.org/fhir/5.0/StructureDefinition/Patient"]},
            },
            "R5",
        ),
        ({"resourceType": "Basic", "contained": [{"resourceType": "ReferralRequest"}]}, "STU3"),
        ({"resourceType": "Patient", "birthDate": "1938-08-14"}, None),
    ],
)
def test_the_content_tells(resource, version):
    found = fhir_version(resource)
    assert (found.version if found else None) == version


def test_no_sign_is_something_r4_has() -> None:
    core = Definitions.core()
    assert [name for names in TYPES.values() for name in names.split() if core.is_resource_type(name)] == []
    for elements in ELEMENTS.values():
        assert all(core.is_resource_type(kind) for kind in elements)
        assert [f"{k}.{n}" for k, names in elements.items() for n in names.split() if core.child(k, n)] == []


def test_the_content_type_is_believed_first():
    found = fhir_version({"resourceType": "Patient"}, content_type="application/fhir+xml; fhirVersion=3.0")
    assert found is not None
    assert found.version == "STU3"


def test_the_finding_names_the_sign():
    issue = version_issue({"resourceType": "ReferralRequest"})
    assert issue is not None
    assert "STU3 (resource type ReferralRequest)" in issue.text
    assert version_issue({"resourceType": "Patient"}, content_type="application/fhir+json; fhirVersion=4.0") is None


@pytest.mark.skipif(not PUBLISHED.exists(), reason="published R4 resources are not at hand")
def test_published_r4_is_never_taken_for_another_version():
    for file in PUBLISHED.glob("*.json"):
        assert fhir_version(json_codec.loads(file.read_bytes())) is None, file.name
