"""Findings lead to a line and a column of the file that was read, in JSON and in XML."""

from __future__ import annotations

import json
import time

import pytest

from interop.definitions import Definitions
from interop.outcome import Issue, Outcome
from interop.positions import located, steps
from interop.validation import Validator

JSON = """{
  "resourceType": "Patient",
  "name": [
    {"family": "Ashwörth"},
    {"given": ["Édith", " "],
     "_given": [null, {"extension": [{"url": "https://elsewhere.example/x"}]}]}
  ],
  "gender": "woman",
  "_birthDate": {"extension": [{"url": "https://elsewhere.example/x", "valueString": "a"}]},
  "deceasedDateTime": "yesterday", "a\\u0062": [[1], "}\\"]"], "active": true,
  "gender": "man",
  "contained": [{"resourceType": "Basic", "code": {}}]
}
""".encode()

XML = """<?xml version="1.0"?>
<f:Bundle xmlns:f="http://hl7.org/fhir" xmlns:x="urn:other">
  <!-- a comment -->
  <f:type value="collection"/>
  <f:entry>
    <f:fullUrl value="urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"/>
    <f:resource>
      <f:Patient>
        <f:text><div xmlns="http://www.w3.org/1999/xhtml"><p>Édith</p></div></f:text>
        <f:name><f:given value="É"/><f:given value="E"
          id="a"/></f:name>
        <f:gender value="woman"/><x:colour value="red"/>
        <f:deceasedBoolean value="no"/>
      </f:Patient>
    </f:resource>
  </f:entry>
  <f:Entry/>
</f:Bundle>
""".encode()


def spot(data: bytes, expression: str, kind: str = "application/fhir+json") -> tuple[int | None, int | None]:
    (issue,) = located(Outcome.of([Issue("any", "any", expression)]), data, kind)
    return issue.line, issue.col


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("", (1, 1)),
        ("Patient", (1, 1)),
        ("Patient.resourceType", (2, 3)),
        ("Patient.name", (3, 3)),
        ("Patient.name[0]", (4, 5)),
        ("Patient.name[1].given[1]", (5, 25)),
        ("Patient.name[1].given[1].extension[0]", (6, 38)),
        ("Patient.name[1].given[1].extension[0].url", (6, 39)),
        ("Patient.gender", (8, 3)),
        ("Patient.birthDate", (9, 3)),
        ("Patient.birthDate.extension[0].value.ofType(string)", (9, 71)),
        ("Patient.deceased.ofType(dateTime)", (10, 3)),
        ("Patient.ab[1]", (10, 53)),
        ("Patient.contained[0].code", (12, 43)),
    ],
)
def test_json_has_line_and_column(expression: str, wanted: tuple[int, int]) -> None:
    assert spot(JSON, expression) == wanted
    assert spot(b"\xef\xbb\xbf" + JSON, expression) == wanted
    assert spot(JSON.replace(b"\n", b"\r\n"), expression) == wanted


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("Patient.maritalStatus.coding[0].code", (1, 1)),
        ("Patient.name[2].family", (3, 3)),
        ("Patient.name[0].period.start", (4, 5)),
        ("Patient.gender.extension[0]", (8, 3)),
    ],
)
def test_what_is_missing_leads_to_the_nearest_element_around_it(expression: str, wanted: tuple[int, int]) -> None:
    assert spot(JSON, expression) == wanted


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("Bundle", (2, 1)),
        ("Bundle.type", (4, 3)),
        ("Bundle.entry[0].resource", (7, 5)),
        ("Bundle.entry[0].resource.text.div", (9, 17)),
        ("Bundle.entry[0].resource.name[0].given[1]", (10, 37)),
        ("Bundle.entry[0].resource.name[0].given[1].id", (10, 37)),
        ("Bundle.entry[0].resource.gender", (12, 9)),
        ("Bundle.entry[0].resource.{urn:other}colour", (12, 34)),
        ("Bundle.entry[0].resource.deceased.ofType(boolean)", (13, 9)),
        ("Bundle.entry[0].resource.birthDate", (7, 5)),
        ("Bundle.Entry[0]", (17, 3)),
    ],
)
def test_xml_has_line_and_column(expression: str, wanted: tuple[int, int]) -> None:
    kind = "application/fhir+xml"
    assert spot(XML, expression, kind) == wanted
    assert spot(XML.replace(b'<?xml version="1.0"?>', b"").replace(b"\n", b"\r\n"), expression, kind) == wanted
    assert spot(XML.decode().encode("utf-16"), expression, kind) == wanted


def test_each_of_many_findings_has_its_own_place() -> None:
    texts = ["Patient.gender", "Patient.name[0].family", "Patient.gender", "Patient.name"]
    found = located(Outcome.of(Issue("any", str(n), e) for n, e in enumerate(texts)), JSON)
    assert [(i.text, i.line, i.col) for i in found] == [("0", 8, 3), ("1", 4, 6), ("2", 8, 3), ("3", 3, 3)]


def test_a_line_already_known_is_kept() -> None:
    known = Issue("content-json", "not JSON", line=7, col=9)
    assert located(Outcome.of([known]), JSON).issues == (known,)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff", b'{"gender"', b'{"a": [}', b"<a", b'"', b"[[[,,,:]]", b"[" * 9999]
)
@pytest.mark.parametrize("kind", ["application/fhir+json", "application/fhir+xml"])
def test_broken_text_raises_nothing(data: bytes, kind: str) -> None:
    assert (
        len(located(Outcome.of([Issue("a", "a", "Patient.gender"), Issue("json-duplicate-key", "a")]), data, kind)) == 2
    )


def test_entities_are_never_unfolded() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]>\n<Patient><gender/>&c;</Patient>'
    assert spot(bomb, "Patient.gender", "application/fhir+xml") == (None, None)


def test_a_name_that_stands_twice_is_shown_where_it_stands_again() -> None:
    (issue,) = located(Outcome.of([Issue("json-duplicate-key", "key 'gender' stands twice")]), JSON)
    assert (issue.line, issue.col) == (11, 3)


def test_steps_of_a_location() -> None:
    assert list(steps("Bundle.entry[3].resource.value.ofType(CodeableConcept).coding[0]")) == [
        ("entry", 3), ("resource", None), ("valueCodeableConcept", None), ("coding", 0)
    ]  # fmt: skip


def test_the_last_of_many_entries_is_found_without_reading_the_others() -> None:
    entry = {"resource": {"resourceType": "Patient", "name": [{"given": ["a"] * 20}] * 20}}
    data = json.dumps({"resourceType": "Bundle", "entry": [entry] * 2000}).encode()
    began = time.perf_counter()
    json.loads(data)
    parsed = time.perf_counter() - began
    began = time.perf_counter()
    assert spot(data, "Bundle.entry[1999].resource.name[19].given[19]")[0] == 1
    assert time.perf_counter() - began < max(5 * parsed, 0.5)


@pytest.mark.parametrize(
    ("expression", "member", "wanted"),
    [
        ("Patient", "ab", (10, 36)),
        ("Patient", "colour", (1, 1)),
        ("Patient.birthDate", "extension", (9, 18)),
        ("Patient.name[1]", "_given", (6, 6)),
        ("Patient.contained[0]", "code", (12, 43)),
    ],
)
def test_a_member_the_element_should_not_have_is_shown_itself(
    expression: str, member: str, wanted: tuple[int, int]
) -> None:
    (issue,) = located(Outcome.of([Issue("unknown-element", "any", expression, member=member)]), JSON)
    assert (issue.line, issue.col) == wanted


@pytest.mark.parametrize(
    ("member", "wanted"),
    [("{urn:other}colour", (12, 34)), ("deceasedBoolean", (13, 9)), ("size", (7, 5))],
)
def test_and_in_xml(member: str, wanted: tuple[int, int]) -> None:
    issue = Issue("unknown-element", "any", "Bundle.entry[0].resource", member=member)
    (found,) = located(Outcome.of([issue]), XML, "application/fhir+xml")
    assert (found.line, found.col) == wanted


@pytest.mark.parametrize(
    ("text", "caret"),
    [
        ('{"resourceType": "Patient",\n "birthplace": "Leeds"}', (2, 2)),
        ('{"resourceType": "Patient",\n "gender": ["male", "other"]}', (2, 2)),
        ('{"resourceType": "Patient",\n "maritalStatus":\n "single"}', (2, 2)),
        ('{"resourceType": "Patient",\n "deceasedBoolean": true,\n "deceasedDateTime": "2026"}', (3, 2)),
        ('{"resourceType": "Patient", "name":\n [{"middle": "x"}]}', (2, 4)),
        ('<Patient xmlns="http://hl7.org/fhir">\n <birthplace value="Leeds"/></Patient>', (2, 2)),
        ('<Patient xmlns="http://hl7.org/fhir">\n <gender value="male"/>\n <gender value="male"/></Patient>', (2, 2)),
    ],
)
def test_the_caret_of_the_validator_stands_under_the_member(text: str, caret: tuple[int, int]) -> None:
    kind = "application/fhir+xml" if text.startswith("<") else "application/fhir+json"
    outcome = located(Validator(Definitions.core()).validate(text.encode(), content_type=kind), text.encode(), kind)
    first = next(issue for issue in outcome if issue.member is not None)
    assert (first.line, first.col) == caret
