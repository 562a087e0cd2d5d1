"""A document Bundle as its reader sees it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from interop.json_codec import JsonObject
from interop.reading import Document, Presence, presence
from interop.reading.wording import best_name

PATIENT = {"resourceType": "Patient", "id": "p1", "name": [{"use": "official", "family": "Ashworth"}]}


@pytest.mark.parametrize(
    "reference",
    [
        {"reference": "urn:uuid:1"},
        {"reference": "Patient/p1"},
        {"reference": "Patient/p1/_history/3"},
        {"reference": "https://elsewhere.example/fhir/Patient/p1"},
        {"identifier": {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}},
        "urn:uuid:1",
    ],
)
def test_every_way_to_point_at_a_resource_leads_to_it(reference: object) -> None:
    identifier = [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}]
    bundle = {
        "resourceType": "Bundle",
        "entry": [{"fullUrl": "urn:uuid:1", "resource": {**PATIENT, "identifier": identifier}}],
    }
    assert Document.of(bundle).resolve(reference)["id"] == "p1"


def test_a_contained_resource_is_found_in_its_holder() -> None:
    holder = {"resourceType": "MedicationStatement", "contained": [{"resourceType": "Medication", "id": "m"}]}
    assert Document.of(holder).resolve({"reference": "#m"}, holder)["resourceType"] == "Medication"
    assert Document.of(holder).resolve({"reference": "#other"}, holder) == {}


def test_the_document_inside_a_message_is_the_one_that_is_read(red_bag: dict) -> None:
    message = {
        "resourceType": "Bundle",
        "type": "message",
        "entry": [{"resource": {"resourceType": "MessageHeader"}}, {"resource": red_bag}],
    }
    document = Document.of(message)
    assert best_name(document.patient) == "Mrs Edith May Ashworth"
    assert document.place(document.composition) == "Bundle.entry[1].resource.entry[0].resource"


def test_sections_keep_their_path_and_name_what_they_miss(build: Callable[..., dict]) -> None:
    bundle = build(PATIENT, sections=[("patient-demographics", [0], None), ("belongings", [], "notasked")])
    bundle["entry"][0]["resource"]["section"][0]["entry"].append(
        {"reference": "urn:uuid:nowhere", "display": "Her scan"}
    )
    first, second = Document.of(bundle).sections
    assert [entry["id"] for entry in first.entries] == ["p1"]
    assert first.missing == ("Her scan",)
    assert second.path == "Bundle.entry[0].resource.section[1]"
    assert presence(second) is Presence.NOT_ASKED


def test_what_was_entered_in_error_is_no_fact(build: Callable[..., dict]) -> None:
    bundle = build({"resourceType": "Flag", "status": "entered-in-error", "code": {"text": "Falls"}})
    assert Document.of(bundle).resources("Flag") == []


def test_two_patients_and_no_subject_is_nobody(build: Callable[..., dict]) -> None:
    assert Document.of(build(PATIENT, {**PATIENT, "id": "p2"})).patient == {}


@pytest.mark.parametrize("nonsense", [None, [], "text", 3, {}, {"entry": 5}, {"entry": [None, {"resource": []}]}])
def test_nonsense_reads_as_an_empty_document(nonsense: object) -> None:
    document = Document.of(nonsense)
    assert (document.patient, document.sections, document.written) == ({}, (), None)


def test_what_is_about_somebody_else_is_no_fact_about_this_person() -> None:
    def person(number: str) -> JsonObject:
        known = {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": number}
        return {"resourceType": "Patient", "identifier": [known, {"system": "urn:home", "value": "RH-014"}]}

    def allergy(whose: str) -> JsonObject:
        return {"resourceType": "AllergyIntolerance", "patient": {"reference": whose}}

    section = {"title": "Allergies", "entry": [{"reference": "urn:mine"}, {"reference": "urn:theirs"}]}
    entries: list[JsonObject] = [
        {"resource": {"resourceType": "Composition", "subject": {"reference": "urn:edith"}, "section": [section]}},
        {"fullUrl": "urn:edith", "resource": person("9990000018")},
        {"fullUrl": "urn:again", "resource": person("9990000018")},
        {"fullUrl": "urn:walter", "resource": person("9990000034")},
        {"fullUrl": "urn:mine", "resource": allergy("urn:again")},
        {"fullUrl": "urn:theirs", "resource": allergy("urn:walter")},
    ]
    document = Document.of({"resourceType": "Bundle", "type": "document", "entry": entries})
    assert document.resources("AllergyIntolerance") == [allergy("urn:again")]
    assert document.sections[0].entries == (allergy("urn:again"),)
    assert document.others == 1
    del entries[0]["resource"]["subject"]
    assert Document.of({"resourceType": "Bundle", "type": "document", "entry": entries}).others == 0
