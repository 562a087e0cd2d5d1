"""Which FHIR version a resource shows, and that R4 is never taken for another."""

from __future__ import annotations

from pathlib import Path

import pytest

from interop import json_codec
from interop.sources.fhir_version import fhir_version, version_issue

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
        ({"resourceType": "Patient", "birthDate": "1938-08-14"}, None),
    ],
)
def test_the_content_tells(resource, version):
    found = fhir_version(resource)
    assert (found.version if found else None) == version


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
