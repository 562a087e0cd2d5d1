"""An STU3 transfer of care document as an R4 document: what moved, what was renamed, what is kept, what is said."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest

from interop.json_codec import JsonObject
from interop.mapping import load
from interop.models import parse_fault

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "mappings/hospital/cases/edischarge-stu3/discharge/edischarge.xml").read_bytes()
PUBLISHED = ROOT.parent / "shared" / "real-inputs" / "stu3-documents"
HEADINGS = "https://fhir.hl7.org.uk/CodeSystem/UKCore-RecordStandardHeadings"
SNOMED = "http://snomed.info/sct"
TRANSPORT = f'<coding><system value="{SNOMED}"/><code value="1077911000000103"/></coding>'
published = pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published documents are not beside this checkout")


@pytest.fixture(scope="module")
def edischarge():
    return load(ROOT / "mappings" / "hospital" / "edischarge-stu3.yaml")


def mapped(mapping, data, now, name="document.xml"):
    (record,) = mapping.read({name: data})
    return mapping.apply(record, now=now)


@pytest.fixture(scope="module")
def document(edischarge):
    return mapped(edischarge, DOCUMENT, datetime(2026, 11, 18, 15, tzinfo=UTC)).bundle()


def one(bundle: JsonObject, kind: str) -> JsonObject:
    return next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind)


def test_a_resource_keeps_its_fullurl_so_references_hold(document):
    urls = {entry["fullUrl"] for entry in document["entry"]}
    assert "urn:uuid:00000000-0000-4000-8000-000000000002" in urls
    assert one(document, "Encounter")["subject"]["reference"] in urls
    assert one(document, "Composition")["author"][0]["reference"] in urls  # was Practitioner/doctor
    assert one(document, "MedicationStatement")["medicationReference"]["reference"] in urls  # was contained


def test_a_section_carries_the_heading_of_both_generations(document):
    codings = one(document, "Composition")["section"][0]["code"]["coding"]
    assert [(coding["system"], coding["code"]) for coding in codings] == [
        (HEADINGS, "allergies-and-adverse-reaction"),
        (SNOMED, "886921000000105"),
    ]


def test_what_a_sections_list_lists_stands_in_the_section(document):
    entries = one(document, "Composition")["section"][0]["entry"]
    types = {e["fullUrl"]: e["resource"]["resourceType"] for e in document["entry"]}
    assert [types[entry["reference"]] for entry in entries] == ["List", "AllergyIntolerance"]


def test_narrative_is_kept_word_for_word(document):
    text = one(document, "Composition")["section"][0]["text"]
    assert text["status"] == "additional"
    assert "<th>Causative agent</th><td>Penicillin</td>" in text["div"]


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("AllergyIntolerance", "clinicalStatus.coding.0.code", "active"),
        ("AllergyIntolerance", "recordedDate", "2012-01-12"),
        ("AllergyIntolerance", "code.text", "Penicillin"),  # named in the reaction only
        ("Encounter", "class.system", "http://terminology.hl7.org/CodeSystem/v3-ActCode"),
        ("Encounter", "reasonCode.0.text", "Fall with right hip pain"),
        (
            "Encounter",
            "extension.0.valueCodeableConcept.coding.0.system",
            "https://fhir.hl7.org.uk/CodeSystem/UKCore-DischargeMethodEngland",
        ),
        ("Encounter", "hospitalization.dischargeDisposition.coding.0.code", "85"),
        ("Patient", "maritalStatus.coding.0.system", "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"),
        ("Patient", "identifier.0.extension.0.valueCodeableConcept.coding.0.code", "01"),
        ("MedicationStatement", "extension.0.extension.0.valueCode", "started"),
        ("MedicationStatement", "extension.1.extension.0.valueCoding.code", "added"),
        ("MedicationStatement", "dosage.0.doseAndRate.0.doseQuantity.unit", "tablet"),
        ("Composition", "extension.0.url", "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-CareSettingType"),
    ],
)  # fmt: skip
def test_what_stu3_said_stands_where_r4_has_it(document, kind, path, value):
    node = one(document, kind)
    for step in path.split("."):
        node = node[int(step)] if step.isdigit() else node[step]
    assert node == value


def test_the_document_as_it_came_travels_inside(document):
    attachment = one(document, "DocumentReference")["content"][0]["attachment"]
    assert attachment["contentType"] == "application/fhir+xml"
    assert base64.b64decode(attachment["data"]) == DOCUMENT


def test_a_reference_to_what_was_not_sent_says_so(edischarge, now):
    made = mapped(edischarge, DOCUMENT, now)
    (issue,) = [i for i in made.issues if i.code == "reference-not-carried"]
    sections = one(made.bundle(), "Composition")["section"]
    number, section = next((n, s) for n, s in enumerate(sections) if s["title"] == "Transport")
    assert issue.expression == f"Composition.section[{number}].entry[0]"
    assert section["entry"][0] == {"display": "urn:uuid:00000000-0000-4000-8000-0000000000ff (not carried)"}


def test_a_resource_no_section_leads_to_gets_a_section_that_names_it(edischarge, now):
    stray = b"<entry><resource><Location><id value='x'/><name value='Ward 7'/></Location></resource></entry></Bundle>"
    made = mapped(edischarge, DOCUMENT.replace(b"</Bundle>", stray), now)
    section = one(made.bundle(), "Composition")["section"][-1]
    location = next(e["fullUrl"] for e in made.bundle()["entry"] if e["resource"]["resourceType"] == "Location")
    assert section == {"title": "Also sent", "entry": [{"reference": location}]}
    assert [i.code for i in made.issues if i.code == "entry-not-in-section"]


def test_an_empty_element_is_left_out_and_a_doubled_one_never_stops_the_mapping(edischarge, now):
    name = b'<name><use value="official"/>'
    empty = mapped(edischarge, DOCUMENT.replace(name, b"<name><text value=''/><period/><use value=\"official\"/>"), now)
    assert one(empty.bundle(), "Patient")["name"][0].keys() == {"use", "family", "given", "prefix"}
    code = b'<code value="886921000000105"/>'
    doubled = mapped(edischarge, DOCUMENT.replace(code, b"<system value='http://snomed.info/sct'/>" + code), now)
    assert len(one(doubled.bundle(), "Composition")["section"]) >= 7


def test_a_time_without_its_zone_is_read_in_the_sources_zone(edischarge, now):
    data = DOCUMENT.replace(b"2026-11-14T03:12:00+00:00", b"2026-07-14T03:12:00")
    encounter = one(mapped(edischarge, data, now).bundle(), "Encounter")
    assert encounter["period"]["start"] == "2026-07-14T03:12:00+01:00"


@pytest.mark.parametrize(
    ("old", "new", "kind", "expected"),
    [
        ('<code value="85"/>', '<code value="40"/>', "Encounter", "40"),
        ('<valueCode value="Added"/>', '<valueCode value="Paused"/>', "MedicationStatement", "Paused"),
        ('<text value="Transport"/>', TRANSPORT, "Composition", "1077911000000103"),
    ],
    ids=["destination", "change", "heading"],
)  # fmt: skip
def test_a_code_no_table_knows_is_carried_as_it_stands(edischarge, now, old, new, kind, expected):
    assert old.encode() in DOCUMENT
    made = mapped(edischarge, DOCUMENT.replace(old.encode(), new.encode()), now)
    assert not [str(i) for i in made.issues if i.severity in ("error", "fatal")]
    assert f"'{expected}'" in str(one(made.bundle(), kind))


def test_a_bad_nhs_number_is_never_under_the_nhs_numbers_system(edischarge, now):
    made = mapped(edischarge, DOCUMENT.replace(b"9990000018", b"9990000019"), now)
    assert [i.code for i in made.issues if i.severity == "error"] == ["nhs-number-check-digit"]
    assert one(made.bundle(), "Patient")["identifier"][0].keys() == {"type", "value"}


def test_it_parses_as_r4b(document):
    assert parse_fault(document) is None


def test_nothing_of_the_document_goes_unread(edischarge, now):
    made = mapped(edischarge, DOCUMENT, now)
    assert [str(i) for i in made.issues if i.code == "source-field-unread"] == []


@published
@pytest.mark.parametrize("path", sorted(PUBLISHED.glob("*.xml")) if PUBLISHED.is_dir() else [], ids=lambda p: p.stem)
def test_a_published_document_imports_or_says_why_not(edischarge, path, now):
    reading = edischarge.read({path.name: path.read_bytes()})
    records = list(reading)
    refused = {issue.code for issue in reading.issues}
    assert bool(records) != bool(refused)
    assert refused <= {"fhir-resource-missing"}
    for record in records:
        made = edischarge.apply(record, now=now)
        assert made.bundle()["type"] == "document"
        assert {i.code for i in made.issues if i.severity in ("error", "fatal")} <= {"nhs-number-check-digit"}
        assert parse_fault(made.bundle()) is None


@published
def test_a_published_message_without_a_document_becomes_resources(now):
    referral = load(ROOT / "mappings" / "hospital" / "referral-stu3.yaml")
    path = next(PUBLISHED.glob("Ambulance*.xml"))
    made = mapped(referral, path.read_bytes(), now, path.name)
    assert not [str(i) for i in made.issues if i.severity in ("error", "fatal", "warning")]
    assert {"ServiceRequest", "MedicationAdministration", "Encounter"} <= {e.type for e in made.resources}
