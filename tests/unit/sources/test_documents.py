"""JSON and XML records: where they stand in their file, and what is said when they do not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from interop.outcome import Severity
from interop.sources import Format, SourceSpec, read

ONE = SourceSpec(Format.JSON, key="patient.id")
MANY = SourceSpec(Format.JSON, at="extract.discharges", key="id")
XML = SourceSpec(Format.XML, at="resident", key="@id")
HOME = b"""<export xmlns:p="urn:home"><resident id="RH-014"><name>Edith</name>
  <p:contact kind="daughter">Margaret</p:contact><contact kind="son">Tom</contact></resident></export>"""


def test_a_json_document_is_one_record_and_its_numbers_keep_their_digits():
    record = read(ONE, {"d.json": b'{"patient": {"id": "RH-014", "weight": 52.10, "tags": ["a", "b"]}}'}).records[0]
    assert record.key == "RH-014"
    assert record.value(("patient", "weight")) == Decimal("52.10")
    assert str(record.value(("patient", "weight"))) == "52.10"
    assert str(record.pointer(("patient", "tags", 1))) == "d.json $.patient.tags[1]"


def test_records_in_a_list_inside_the_document_keep_their_own_place():
    reading = read(MANY, {"d.json": b'{"extract": {"discharges": [{"id": 1}, 7, {"name": "no id"}]}}'})
    assert [record.key for record in reading] == ["1", "d.json.extract.discharges[2]"]
    assert str(reading.records[1].pointer(("name",))) == "d.json $.extract.discharges[2].name"
    assert [f"{i.code} {i.source}" for i in reading.issues] == ["json-row d.json $.extract.discharges[1]"]


@pytest.mark.parametrize(
    ("spec", "data", "code"),
    [
        (ONE, b"{", "content-json"),
        (ONE, b'{"a": 1, "a": 2}', "json-duplicate-key"),
        (ONE, b"7", "json-no-records"),
        (MANY, b'{"extract": {}}', "json-no-records"),
        (ONE, "{“a”: 1}".encode("cp1252"), "content-encoding"),
        (XML, b"<export><resident></export>", "content-xml"),
        (XML, b"<export/>", "xml-no-records"),
        (XML, b"", "content-xml"),
        (XML, b'<!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd">]><e>&x;</e>', "xml-doctype"),
    ],
)
def test_a_file_that_cannot_be_used_is_a_fatal_finding(spec, data, code):
    reading = read(spec, {"a.file": data})
    assert reading.records == ()
    assert [(issue.code, issue.severity) for issue in reading.issues] == [(code, Severity.FATAL)]


def test_a_bad_document_does_not_take_the_others_with_it():
    reading = read(ONE, {"bad.json": b"{", "good.json": b'{"patient": {"id": "RH-014"}}'})
    assert [record.key for record in reading] == ["RH-014"]
    assert [str(issue.source) for issue in reading.issues] == ["bad.json"]


def test_two_records_of_one_key_are_said():
    reading = read(ONE, {"a.json": b'{"patient": {"id": "1"}}', "b.json": b'{"patient": {"id": "1"}}'})
    assert [f"{i.code} {i.severity} {i.source}" for i in reading.issues] == ["key-repeated warning b.json $"]


def test_no_matching_file_is_said_and_not_taken_for_nothing_to_do():
    spec = SourceSpec(Format.JSON, file="discharge*.json")
    reading = read(spec, {"red-bag.json": b"{}", "notes.json": b"{}"})
    assert [f"{issue.code} {issue.severity}" for issue in reading.issues] == ["source-empty error"]
    assert "red-bag.json" in reading.issues[0].text


def test_a_lone_document_is_the_one_that_is_meant_whatever_it_is_called():
    spec = SourceSpec(Format.JSON, file="discharge*.json")
    assert len(read(spec, {"body.json": b'{"id": 1}'}).records) == 1


def test_xml_elements_are_members_attributes_have_a_sign_and_repeats_are_lists():
    record = read(XML, {"home.xml": HOME}).records[0]
    assert record.key == "RH-014"
    assert record.tree == {
        "@id": "RH-014",
        "name": "Edith",
        "contact": [{"@kind": "daughter", "#text": "Margaret"}, {"@kind": "son", "#text": "Tom"}],
    }


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("name",), "/export/resident[1]/name"),
        (("contact", 1, "@kind"), "/export/resident[1]/contact[2]/@kind"),
        (("contact", 0, "#text"), "/export/resident[1]/contact[1]/text()"),
    ],
)
def test_an_xml_value_is_pointed_at_by_xpath(path, place):
    assert str(read(XML, {"home.xml": HOME}).records[0].pointer(path)) == f"home.xml {place}"
