"""FHIR as a source: rows by type, references that hold, pointers into the file, documents in messages, bad files."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from interop.sources import Format, SourceSpec, read

CASES = Path(__file__).parents[2] / "cases" / "hospital"
DOCUMENT = (CASES.parents[2] / "mappings/hospital/cases/edischarge-stu3/discharge/edischarge.xml").read_bytes()
FAULTS = YAML(typ="safe", pure=True).load((CASES / "fhir-faults.yaml").read_text())
SPEC = SourceSpec(Format.FHIR, versions=("STU3",), needs=("Composition", "Patient"))
PATIENT = "urn:uuid:00000000-0000-4000-8000-000000000002"


def records(data, spec=SPEC, name="document.xml"):
    reading = read(spec, {name: data})
    return list(reading), list(reading.issues)


def only(data, spec=SPEC, name="document.xml"):
    (record,), issues = records(data, spec, name)
    assert not issues
    return record


def bundle_of(*resources, kind="message"):
    """A Bundle as JSON, each resource with a fullUrl of its own."""
    entries = [
        {"fullUrl": f"urn:uuid:00000000-0000-4000-9000-00000000000{n}", "resource": resource}
        for n, resource in enumerate(resources)
    ]
    return {"resourceType": "Bundle", "type": kind, "identifier": {"value": "message-1"}, "entry": entries}


def test_every_resource_is_a_row_of_its_type_with_the_fullurl_it_came_with():
    record = only(DOCUMENT)
    assert record.key == "1ff370b6-fc5b-40a1-9721-2a942e300001"
    assert record.tree["Patient"][0]["fullUrl"] == PATIENT
    assert [len(record.tree[kind]) for kind in ("Composition", "List", "Medication")] == [1, 1, 1]
    assert record.tree["File"] == {"name": "document.xml", "contentType": "application/fhir+xml"}


@pytest.mark.parametrize(
    ("path", "is_list"),
    [
        (("Patient", 0, "name"), True),
        (("Patient", 0, "name", 0, "family"), False),
        (("Encounter", 0, "reason"), True),  # STU3 only
        (("AllergyIntolerance", 0, "clinicalStatus"), False),  # a code in STU3, a CodeableConcept in R4
        (("Composition", 0, "author"), True),
        (("MedicationStatement", 0, "dosage"), True),
    ],
)
def test_an_element_that_may_repeat_is_a_list_even_when_it_stands_once(path, is_list):
    assert isinstance(only(DOCUMENT).value(path), list) is is_list


def test_a_reference_says_the_fullurl_of_what_it_means_however_it_was_written():
    tree = only(DOCUMENT).tree
    relative = tree["Composition"][0]["author"][0]["reference"]
    assert relative == tree["Practitioner"][0]["fullUrl"]
    assert relative.startswith("urn:uuid:")
    contained = tree["MedicationStatement"][0]["medicationReference"]["reference"]
    assert contained == tree["Medication"][0]["fullUrl"]


def test_a_followed_reference_carries_the_resource_it_means():
    spec = SourceSpec(Format.FHIR, follow=("Composition.section.entry",))
    record = only(DOCUMENT, spec)
    path = ("Composition", 0, "section", 0, "entry", 0, "resource", "entry", 0, "item", "reference")
    assert record.value(path) == record.tree["AllergyIntolerance"][0]["fullUrl"]
    assert str(record.pointer(path)) == "document.xml /Bundle/entry[6]/resource/List/entry[1]/item/reference"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("Patient", 0, "name", 0, "given", 0), "/Bundle/entry[2]/resource/Patient/name[1]/given[1]"),
        (("Patient", 0, "fullUrl"), "/Bundle/entry[2]/fullUrl"),
        (("Bundle", "identifier", "value"), "/Bundle/identifier/value"),
        (
            ("Medication", 0, "code", "text"),
            "/Bundle/entry[8]/resource/MedicationStatement/contained[1]/Medication/code/text",
        ),
    ],
)
def test_a_value_points_at_its_place_in_the_xml(path, place):
    assert str(only(DOCUMENT).pointer(path)) == f"document.xml {place}"


def test_json_is_read_as_it_stands_and_points_with_json_paths():
    patient = {"resourceType": "Patient", "id": "1", "name": [{"family": "Ashworth"}], "birthDate": "1938-08-14"}
    condition = {"resourceType": "Condition", "subject": {"reference": "Patient/1"}}
    data = json.dumps(bundle_of(patient, condition, kind="collection")).encode()
    record = only(data, SourceSpec(Format.FHIR), "bundle.json")
    assert record.tree["Condition"][0]["subject"]["reference"] == record.tree["Patient"][0]["fullUrl"]
    spot = record.pointer(("Patient", 0, "name", 0, "family"))
    assert str(spot) == "bundle.json $.entry[0].resource.name[0].family"


def test_a_lone_resource_is_a_record_too():
    record = only(b'{"resourceType": "Patient", "id": "1"}', SourceSpec(Format.FHIR), "patient.json")
    assert record.tree["Patient"][0]["id"] == "1"
    assert str(record.pointer(("Patient", 0, "id"))) == "patient.json $.id"


def test_a_document_in_an_itk3_message_is_the_record_and_the_message_stands_beside_it():
    inner = {
        "resourceType": "Bundle",
        "type": "document",
        "identifier": {"value": "inner-1"},
        "entry": [
            {"fullUrl": PATIENT, "resource": {"resourceType": "Patient"}},
            {"resource": {"resourceType": "Composition", "subject": {"reference": PATIENT}}},
        ],
    }
    header = {"resourceType": "MessageHeader", "timestamp": "2026-11-18T14:30:00Z"}
    record = only(json.dumps(bundle_of(header, inner)).encode(), name="message.json")
    assert record.key == "inner-1"
    assert record.tree["Message"]["MessageHeader"][0]["timestamp"] == "2026-11-18T14:30:00Z"
    assert str(record.pointer(("Patient", 0))) == "message.json $.entry[1].resource.entry[0].resource"


def test_a_document_in_a_binary_is_read_and_a_picture_is_left_alone():
    payload = base64.b64encode(DOCUMENT).decode()
    binary = {"resourceType": "Binary", "contentType": "application/fhir+xml", "content": payload}
    picture = {"resourceType": "Binary", "contentType": "image/png", "content": "AAAA"}
    header = {"resourceType": "MessageHeader", "timestamp": "2026-11-18T14:30:00Z"}
    record = only(json.dumps(bundle_of(header, binary, picture)).encode(), name="message.json")
    assert record.tree["Patient"][0]["birthDate"] == "1938-08-14"
    place = str(record.pointer(("Patient", 0, "birthDate")))
    assert place == "message.json $.entry[1].resource (base64) /Bundle/entry[2]/resource/Patient/birthDate"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["case"])
def test_what_cannot_be_used_is_said_and_never_raises(fault):
    data = DOCUMENT if "content" not in fault else fault["content"].encode()
    if "replace" in fault:
        assert fault["replace"].encode() in data
        data = data.replace(fault["replace"].encode(), fault["by"].encode())
    data = data[: fault.get("cut")]
    found, issues = records(data)
    told = [*issues, *(issue for record in found for issue in record.issues)]
    issue = next(issue for issue in told if issue.code == fault["code"])
    for words in fault.get("says", ()):
        assert words in issue.text
    assert issue.source is not None


def test_the_same_entry_twice_is_read_once():
    patient = {"resourceType": "Patient", "id": "1"}
    bundle = bundle_of(patient, patient, kind="collection")
    bundle["entry"][1]["fullUrl"] = bundle["entry"][0]["fullUrl"]
    (record,), _ = records(json.dumps(bundle).encode(), SourceSpec(Format.FHIR), "b.json")
    assert len(record.tree["Patient"]) == 1
    assert [(i.code, i.severity) for i in record.issues] == [("fhir-url-repeated", "warning")]
