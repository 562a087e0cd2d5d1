"""No JSON at all makes the validator raise: mutated real shapes and plain nonsense."""

from __future__ import annotations

import copy

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interop.outcome import Outcome
from interop.validation import Validator

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=8),
    st.sampled_from(["", "#", "urn:uuid:x", "Patient/1", "2026-13-01"]),
)
ANY = st.recursive(
    SCALARS,
    lambda below: st.one_of(
        st.lists(below, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "resourceType",
                    "extension",
                    "url",
                    "valueCode",
                    "coding",
                    "system",
                    "code",
                    "reference",
                    "id",
                    "_id",
                    "x",
                ]
            ),
            below,
            max_size=4,
        ),
    ),
    max_leaves=12,
)
SEED = {
    "resourceType": "Bundle",
    "type": "document",
    "link": [{"relation": "stylesheet", "url": "https://example.test/css"}],
    "entry": [
        {
            "fullUrl": "https://example.test/Composition/1",
            "resource": {
                "resourceType": "Composition",
                "id": "1",
                "meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/clinicaldocument"]},
                "status": "final",
                "type": {"coding": [{"system": "http://snomed.info/sct", "code": "371535009"}]},
                "contained": [{"resourceType": "Patient", "id": "p"}],
                "subject": {"reference": "#p"},
                "date": "2026-11-14",
                "author": [{"reference": "Practitioner/2"}],
                "title": "x",
                "section": [
                    {"text": {"status": "generated", "div": "<div xmlns='http://www.w3.org/1999/xhtml'>x</div>"}}
                ],
            },
        },
        {
            "fullUrl": "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0",
            "resource": {
                "resourceType": "Observation",
                "meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/bp"]},
                "status": "final",
                "_status": {
                    "extension": [
                        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
                    ]
                },
                "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9"}]},
                "valueQuantity": {"value": 1, "unit": "x", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"},
                "component": [{"code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]}}],
            },
        },
        {
            "resource": {
                "resourceType": "QuestionnaireResponse",
                "contained": [
                    {
                        "resourceType": "Questionnaire",
                        "id": "q",
                        "status": "draft",
                        "item": [
                            {"linkId": "1", "type": "choice", "answerOption": [{"valueCoding": {"code": "x"}}]},
                            {
                                "linkId": "2",
                                "type": "quantity",
                                "required": True,
                                "enableWhen": [{"question": "1", "operator": "=", "answerCoding": {"code": "x"}}],
                            },
                        ],
                    }
                ],
                "questionnaire": "#q",
                "status": "completed",
                "item": [
                    {"linkId": "1", "answer": [{"valueCoding": {"code": "x"}}]},
                    {"linkId": "2", "answer": [{"valueQuantity": {"value": 1}}]},
                ],
            }
        },
        {"resource": {"resourceType": "ValueSet", "status": "draft", "compose": {"include": [{"system": "x"}]}}},
        {
            "resource": {
                "resourceType": "StructureDefinition",
                "url": "https://example.test/x",
                "type": "Patient",
                "derivation": "constraint",
                "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
                "differential": {
                    "element": [{"id": "Patient", "path": "Patient"}, {"id": "Patient.name", "path": "Patient.name"}]
                },
            }
        },
    ],
}


def places(node: object, path: tuple = ()) -> list[tuple]:
    found = [path] if path else []
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in members:
        found += places(value, (*path, key))
    return found


PLACES = places(SEED)


def changed(path: tuple, value: object) -> dict:
    tree = copy.deepcopy(SEED)
    node: object = tree
    for key in path[:-1]:
        node = node[key]  # type: ignore[index]
    node[path[-1]] = value  # type: ignore[index]
    return tree


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(PLACES), value=ANY)
def test_a_real_resource_with_nonsense_in_one_place(validator: Validator, path: tuple, value: object) -> None:
    assert isinstance(validator.validate(changed(path, value)), Outcome)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tree=ANY,
    kind=st.sampled_from(["Patient", "Bundle", "Parameters", "Questionnaire", "ValueSet", "StructureDefinition"]),
)
def test_nonsense_under_a_real_name(validator: Validator, tree: object, kind: str) -> None:
    resource = {**tree, "resourceType": kind} if isinstance(tree, dict) else tree
    assert isinstance(validator.validate(resource), Outcome)  # type: ignore[arg-type]
