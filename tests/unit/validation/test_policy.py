"""What FHIR leaves to whoever validates: each choice of ``Policy`` with the default and without."""

from __future__ import annotations

import pytest

from interop.definitions import Definitions
from interop.outcome import Severity
from interop.terminology import Terminology
from interop.validation import Policy, Validator


def found(policy: Policy, resource: dict) -> list[tuple[str, str, str]]:
    definitions = Definitions.core()
    outcome = Validator(definitions, Terminology(definitions), policy=policy).validate(resource)
    return [(str(i.severity), i.code, i.expression) for i in outcome if i.severity is not Severity.INFORMATION]


OBSERVATION = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"text": "weight"},
    "subject": {"reference": "Practitioner/12"},
}


def test_the_type_a_reference_names_is_believed_unless_told_otherwise() -> None:
    assert found(Policy(), OBSERVATION) == [("error", "reference-target", "Observation.subject")]
    assert found(Policy(believe_references=False), OBSERVATION) == []


def test_a_target_that_is_at_hand_is_looked_at_in_any_case() -> None:
    contained = {"contained": [{"resourceType": "Practitioner", "id": "p"}], "subject": {"reference": "#p"}}
    expected = [("error", "reference-target", "Observation.subject")]
    assert found(Policy(believe_references=False), OBSERVATION | contained) == expected


@pytest.mark.parametrize("text", ["a <script>alert(1)</script>", "<b>bold</b>", "x <img src=y> z", "a<br/>b"])
def test_markup_in_text_is_looked_for_when_asked(text: str) -> None:
    patient = {"resourceType": "Patient", "name": [{"family": "Ashworth"}, {"text": text}]}
    assert found(Policy(), patient) == []
    assert found(Policy(markup_in_text=Severity.ERROR), patient) == [("error", "text-markup", "Patient.name[1].text")]


@pytest.mark.parametrize("text", ["temperature < 38 and > 36", "<- look left", "a <b", "List<3>"])
def test_a_sign_is_not_markup(text: str) -> None:
    patient = {"resourceType": "Patient", "name": [{"text": text}]}
    assert found(Policy(markup_in_text=Severity.ERROR), patient) == []


def test_a_narrative_is_no_plain_text() -> None:
    text = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div>'}
    assert found(Policy(markup_in_text=Severity.ERROR), {"resourceType": "Patient", "text": text}) == []


def test_hl7_asks_of_what_it_publishes_who_owns_it() -> None:
    code_system = {
        "resourceType": "CodeSystem",
        "url": "http://hl7.org/fhir/CodeSystem/x",
        "status": "draft",
        "content": "complete",
    }
    assert found(Policy(), code_system) == []
    assert found(Policy(publishing=True), code_system) == [("error", "work-group", "CodeSystem")]
    owned = {
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/structuredefinition-wg", "valueCode": "pa"}]
    }
    assert found(Policy(publishing=True), code_system | owned) == []
    assert found(Policy(publishing=True), code_system | {"url": "https://example.test/CodeSystem/x"}) == []
