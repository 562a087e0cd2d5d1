"""FHIR XML to JSON form and back: nothing lost, nothing guessed, nothing dangerous."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from interop import json_codec
from interop.definitions import Definitions
from interop.errors import ContentError
from interop.xml_codec import decode, encode, parse

SHARED = Path(__file__).parents[2].parent / "shared"
R4 = Definitions.core()


def patient(inside: str) -> bytes:
    return f'<Patient xmlns="http://hl7.org/fhir">{inside}</Patient>'.encode()


@pytest.mark.parametrize(
    ("inside", "members"),
    [
        ('<id value="a"/><active value="true"/>', {"id": "a", "active": True}),
        ('<name><given value="Edith"/><given value="May"/></name>', {"name": [{"given": ["Edith", "May"]}]}),
        ("<!-- note --><active value='false'/><?note?>", {"active": False}),
        ('<multipleBirthInteger value="2"/>', {"multipleBirthInteger": 2}),
        ('<name id="n1"><family value="A"/></name>', {"name": [{"id": "n1", "family": "A"}]}),
        (
            '<contact><name><family value="Bell"/></name></contact>',
            {"contact": [{"name": {"family": "Bell"}}]},
        ),
        (
            '<contained><Organization><name value="Rosewood"/></Organization></contained>',
            {"contained": [{"resourceType": "Organization", "name": "Rosewood"}]},
        ),
        (
            '<extension url="http://e"><valueDecimal value="1.50"/></extension>',
            {"extension": [{"url": "http://e", "valueDecimal": Decimal("1.50")}]},
        ),
    ],
)
def test_an_element_becomes_the_member_its_definition_says(inside, members):
    assert decode(patient(inside), R4) == {"resourceType": "Patient", **members}


def test_extensions_of_primitives_stand_beside_them_and_lists_stay_aligned():
    inside = (
        '<name><given value="Edith"/><given><extension url="u"><valueString value="x"/></extension></given></name>'
        '<birthDate id="b" value="1938-08-14"/>'
    )
    assert decode(patient(inside), R4) == {
        "resourceType": "Patient",
        "name": [
            {"given": ["Edith", None], "_given": [None, {"extension": [{"url": "u", "valueString": "x"}]}]},
        ],
        "birthDate": "1938-08-14",
        "_birthDate": {"id": "b"},
    }


@pytest.mark.parametrize("digits", ["1.50", "0.0", "1E+3", "100", "-7.250"])
def test_a_decimal_keeps_its_digits_both_ways(digits):
    quantity = f'<valueQuantity><value value="{digits}"/></valueQuantity>'
    found = decode(f'<Observation xmlns="http://hl7.org/fhir">{quantity}</Observation>'.encode(), R4)
    assert json_codec.dumps(found["valueQuantity"]["value"]).decode() == digits
    assert f'value="{digits}"'.encode() in encode(found, R4)


def test_narrative_is_kept_as_its_text_with_only_its_own_namespace():
    inside = (
        '<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">'
        '<p title="a &amp; b">Fell at 02:10<br/>tea &lt; 1 cup</p></div></text>'
    )
    found = decode(patient(inside), R4)
    assert found["text"]["div"] == (
        '<div xmlns="http://www.w3.org/1999/xhtml"><p title="a &amp; b">Fell at 02:10<br/>tea &lt; 1 cup</p></div>'
    )
    assert decode(encode(found, R4), R4) == found


@pytest.mark.parametrize(
    ("inside", "members"),
    [
        ('<nickname value="Edie"/>', {"nickname": "Edie"}),
        ('<pet><kind value="cat"/></pet>', {"pet": {"kind": "cat"}}),
        ('<gender value="female"/><gender value="male"/>', {"gender": ["female", "male"]}),
        ('<active value="yes"/>', {"active": "yes"}),
        ('<name use="official"/>', {"name": [{"@use": "official"}]}),
        ("<name>Edith</name>", {"name": [{"#text": "Edith"}]}),
        ('<x:room xmlns:x="urn:home" value="7"/>', {"{urn:home}room": "7"}),
        ("<birthDate/>", {"_birthDate": {}}),
    ],
)
def test_what_fhir_does_not_know_stays_visible_for_validation(inside, members):
    assert decode(patient(inside), R4) == {"resourceType": "Patient", **members}


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Patient xmlns="http://hl7.org/fhir"/>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "content-xml"),
        (b"{}", "content-xml"),
        (b"<Patient", "content-xml"),
        (b'<Patient xmlns="http://hl7.org/fhir"><a></Patient>', "content-xml"),
        (b"<Patient/>", "xml-namespace"),
        (BOMB, "xml-doctype"),
        (b"\xef\xbb\xbf <!-- c --> " + BOMB, "xml-doctype"),
        (BOMB.decode().encode("utf-16"), "xml-doctype"),
        (b"<!-- " + b"x" * 100_000 + b" -->" + BOMB, "xml-doctype"),
        (b'<?xml version="1.0" encoding="UTF-7"?><Patient xmlns="http://hl7.org/fhir"/>', "content-encoding"),
        (patient("<a>" * 300 + "</a>" * 300), "xml-too-deep"),
        (patient("<contained/>"), "xml-resource"),
        (patient("<contained><Organization/><Practitioner/></contained>"), "xml-resource"),
    ],
)
def test_bytes_that_are_not_one_fhir_resource_are_refused(data, code):
    with pytest.raises(ContentError) as refused:
        decode(data, R4, file="in.xml")
    assert refused.value.code == code
    assert str(refused.value).startswith("in.xml")


def test_a_fault_names_its_line_and_column():
    with pytest.raises(ContentError, match=r"in\.xml line 3 column"):
        decode(b'<Patient xmlns="http://hl7.org/fhir">\n<a>\n</b></Patient>', R4, file="in.xml")


def test_two_resources_where_one_belongs_are_refused():
    bundle = b'<Bundle xmlns="http://hl7.org/fhir"><entry><resource><Patient/><Patient/></resource></entry></Bundle>'
    with pytest.raises(ContentError, match="holds 2 resources"):
        decode(bundle, R4)


def test_other_encodings_that_declare_themselves_are_read():
    text = '<?xml version="1.0" encoding="ISO-8859-1"?><Patient xmlns="http://hl7.org/fhir"><id value="é"/></Patient>'
    assert decode(text.encode("latin-1"), R4)["id"] == "é"


def test_elements_are_written_in_the_order_of_their_definition():
    resource = {
        "resourceType": "Observation",
        "valueString": "x",
        "code": {"text": "c"},
        "status": "final",
        "id": "o",
        "subject": {"reference": "Patient/1"},
    }
    names = [str(child.tag).split("}")[1] for child in parse(encode(resource, R4))]
    assert names == ["id", "status", "code", "subject", "valueString"]


@pytest.mark.parametrize("unwritable", [{"id": "a\x00b"}, {"resourceType": "not a name"}, {"a b": "c"}])
def test_what_xml_cannot_hold_is_refused_on_writing(unwritable):
    with pytest.raises(ContentError) as refused:
        encode({"resourceType": "Patient"} | unwritable, R4)
    assert refused.value.code == "xml-character"


@pytest.mark.skipif(not SHARED.exists(), reason="published FHIR XML is not at hand")
def test_published_xml_reads_the_same_after_writing():
    files = [
        *(SHARED / "real-inputs/bars").glob("*.xml"),
        *(SHARED / "real-inputs/stu3-documents").glob("*.xml"),
        *(SHARED / "packages/fhir.r4.ukcore/examples").glob("*.xml"),
        *(SHARED / "packages/fhir.r4.ukcore/structuredefinitions").glob("*-Encounter*.xml"),
    ]
    assert len(files) > 100
    for file in files:
        resource = decode(file.read_bytes(), R4, file=file.name)
        assert decode(encode(resource, R4), R4) == resource, file.name
