"""What comes in: JSON and XML bytes, trees, and everything that is neither."""

from __future__ import annotations

import pytest

from interop.outcome import Severity, Verdict, issue_catalogue
from interop.validation import Validator

PATIENT = b'{"resourceType": "Patient", "gender": "woman"}'
PATIENT_XML = b'<Patient xmlns="http://hl7.org/fhir"><gender value="woman"/></Patient>'


def test_json_and_xml_of_one_resource_are_judged_alike(validator: Validator) -> None:
    from_json = validator.validate(PATIENT)
    from_xml = validator.validate(PATIENT_XML, content_type="application/fhir+xml")
    assert [i.expression for i in from_json.errors] == ["Patient.gender"]
    assert from_xml == from_json


@pytest.mark.parametrize(
    ("data", "content_type", "code"),
    [
        (b"", "application/fhir+json", "content-json"),
        (b"{", "application/fhir+json", "content-json"),
        (b"\xff\xfe\x00", "application/fhir+json", "content-encoding"),
        (b'{"id": "1", "id": "2"}', "application/fhir+json", "json-duplicate-key"),
        (b"[" * 9999, "application/fhir+json", "json-too-deep"),
        (b"[]", "application/fhir+json", "resource-type"),
        (b'"Patient"', "application/fhir+json", "resource-type"),
        (b"{}", "application/fhir+json", "resource-type"),
        (b"<Patient", "application/fhir+xml", "content-xml"),
        (b"<Patient/>", "application/fhir+xml", "xml-namespace"),
        (
            b'<!DOCTYPE x [<!ENTITY a "b">]><Patient xmlns="http://hl7.org/fhir"/>',
            "application/fhir+xml",
            "xml-doctype",
        ),
    ],
)
def test_what_cannot_be_read_is_one_fatal_issue(
    validator: Validator, data: bytes, content_type: str, code: str
) -> None:
    outcome = validator.validate(data, content_type=content_type)
    assert [(i.code, i.severity) for i in outcome] == [(code, Severity.FATAL)]
    assert outcome.verdict is Verdict.COULD_NOT_TELL
    assert code in issue_catalogue()


def test_a_tree_deeper_than_any_resource_is_refused_not_followed(validator: Validator) -> None:
    item: dict = {"linkId": "x", "type": "group"}
    for _ in range(5000):
        item = {"linkId": "x", "type": "group", "item": [item]}
    outcome = validator.validate({"resourceType": "Questionnaire", "status": "draft", "item": [item]})
    assert [(i.code, i.severity) for i in outcome] == [("too-deep", Severity.FATAL)]


def test_the_input_is_left_as_it_was(validator: Validator) -> None:
    resource = {"resourceType": "Patient", "name": [{"given": ["Edith"]}], "_gender": {"id": "g"}}
    before = repr(resource)
    validator.validate(resource)
    assert repr(resource) == before


def test_a_bundle_as_bytes_with_a_byte_order_mark(validator: Validator) -> None:
    assert validator.validate(b"\xef\xbb\xbf" + b'{"resourceType": "Bundle", "type": "collection"}').ok


def test_xml_wants_its_elements_in_order(validator: Validator) -> None:
    swapped = b'<Patient xmlns="http://hl7.org/fhir"><birthDate value="1938"/><gender value="female"/></Patient>'
    outcome = validator.validate(swapped, content_type="application/fhir+xml")
    assert [(i.code, i.expression) for i in outcome] == [("element-order", "Patient.gender")]


def test_json_may_have_any_order(validator: Validator) -> None:
    assert validator.validate(b'{"birthDate": "1938", "gender": "female", "resourceType": "Patient"}').ok


def test_in_xml_the_url_of_an_extension_is_an_attribute_without_a_place(validator: Validator) -> None:
    nested = (
        b'<Patient xmlns="http://hl7.org/fhir"><extension url="https://elsewhere.example/pair">'
        b'<extension url="left"><valueString value="x"/></extension></extension></Patient>'
    )
    outcome = validator.validate(nested, content_type="application/fhir+xml")
    assert [i.code for i in outcome] == ["extension-unknown"]


def test_a_pattern_that_comes_with_the_answers_is_not_run(validator: Validator) -> None:
    endless = {"url": "http://hl7.org/fhir/StructureDefinition/regex", "valueString": "(a+)+$"}
    questionnaire = {
        "resourceType": "Questionnaire",
        "id": "q",
        "status": "draft",
        "item": [{"linkId": "1", "type": "string", "extension": [endless]}],
    }
    response = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "contained": [questionnaire],
        "questionnaire": "#q",
        "item": [{"linkId": "1", "answer": [{"valueString": "a" * 60 + "!"}]}],
    }
    assert "answer-format" not in {i.code for i in validator.validate(response)}
