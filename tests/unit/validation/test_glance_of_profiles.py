"""Profiles written as functions, and answers known at a glance: the same findings as the close look has."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import pytest

from interop.definitions import Definitions
from interop.json_codec import JsonObject, loads
from interop.terminology import Terminology
from interop.validation import Validator
from interop.validation.form import plain_form
from interop.validation.questionnaire import questions

CASES = Path(__file__).parents[2] / "cases" / "validation"
BASE = "http://hl7.org/fhir/StructureDefinition/"
URL = "https://example.test/StructureDefinition/strict"
ODD = "a'] or exit() #\\\"{}"
TIMES = 6
"""More often than a profile is asked for before its function is written."""


def validators(*definitions: JsonObject) -> tuple[Validator, Validator]:
    known = Definitions.core().with_resources(definitions)
    return Validator(known, Terminology(known)), Validator(known, Terminology(known), at_a_glance=False)


def patient_profile(*elements: JsonObject) -> JsonObject:
    return {
        "resourceType": "StructureDefinition",
        "url": URL,
        "name": "Strict",
        "status": "draft",
        "kind": "resource",
        "abstract": False,
        "type": "Patient",
        "baseDefinition": f"{BASE}Patient",
        "derivation": "constraint",
        "differential": {"element": [{"id": "Patient", "path": "Patient"}, *elements]},
    }


def sliced(**more: Any) -> tuple[JsonObject, ...]:
    """Identifiers told apart by system: ``odd`` exactly once, ``b`` at most twice with a short value."""
    path = "Patient.identifier"
    return (
        {
            "id": path,
            "path": path,
            "slicing": {"discriminator": [{"type": "value", "path": "system"}], "rules": "open", **more},
        },
        {"id": f"{path}:odd", "path": path, "sliceName": "odd", "min": 1, "max": "1"},
        {"id": f"{path}:odd.system", "path": f"{path}.system", "min": 1, "fixedUri": ODD},
        {"id": f"{path}:b", "path": path, "sliceName": "b", "max": "2"},
        {"id": f"{path}:b.system", "path": f"{path}.system", "min": 1, "fixedUri": "https://b.test"},
        {"id": f"{path}:b.value", "path": f"{path}.value", "min": 1, "maxLength": 3},
    )


def identifiers(*found: tuple[str, str]) -> JsonObject:
    return {"resourceType": "Patient", "identifier": [{"system": system, "value": value} for system, value in found]}


ONE, OTHER = (ODD, "1"), ("https://other.test", "1")


def b(value: str) -> tuple[str, str]:
    return ("https://b.test", value)


@pytest.mark.parametrize(
    ("rules", "found", "right"),
    [
        ({}, [ONE], True),
        ({}, [b("1"), ONE, b("2"), OTHER], True),
        ({}, [], False),
        ({}, [OTHER], False),
        ({}, [ONE, ONE], False),
        ({}, [ONE, b("1"), b("2"), b("3")], False),
        ({}, [ONE, b("1234")], False),
        ({"rules": "closed"}, [ONE, b("1")], True),
        ({"rules": "closed"}, [ONE, OTHER], False),
        ({"ordered": True}, [ONE, b("1")], True),
        ({"ordered": True}, [b("1"), ONE], False),
    ],
)
def test_slices_are_told_apart_and_counted(rules: JsonObject, found: list[tuple[str, str]], right: bool) -> None:
    quick, slow = validators(patient_profile(*sliced(**rules)))
    patient = identifiers(*found)
    if not found:
        del patient["identifier"]
        patient["active"] = True
    answers = [quick.validate(patient, profiles=[URL]) for _ in range(TIMES)]
    expected = slow.validate(patient, profiles=[URL])
    said = [i.code for i in expected if i.code.startswith(("slice", "card", "missing", "max"))]
    assert all(answer == expected for answer in answers)
    assert bool(said) is not right


@pytest.mark.parametrize(
    ("element", "value", "right"),
    [
        ({"path": "Patient.active", "min": 1}, None, False),
        ({"path": "Patient.active", "min": 1}, True, True),
        ({"path": "Patient.active", "max": "0"}, True, False),
        ({"path": "Patient.active", "max": "0"}, None, True),
        ({"path": "Patient.birthDate", "fixedDate": "2000-01-01"}, "2000-01-01", True),
        ({"path": "Patient.birthDate", "fixedDate": "2000-01-01"}, "2000-01-02", False),
        ({"path": "Patient.birthDate", "fixedDate": "2000-01-01"}, None, True),
        ({"path": "Patient.name", "min": 2}, [{"text": "a"}], False),
        ({"path": "Patient.name", "min": 2}, [{"text": "a"}, {"text": "b"}], True),
        ({"path": "Patient.name", "max": "1"}, [{"text": "a"}, {"text": "b"}], False),
        ({"path": "Patient.name", "patternHumanName": {"family": ODD}}, [{"family": ODD, "text": "x"}], True),
        ({"path": "Patient.name", "patternHumanName": {"family": ODD}}, [{"family": "x"}], False),
        ({"path": "Patient.name.family", "min": 1}, [{"family": "x"}, {"text": "y"}], False),
        ({"path": "Patient.name.family", "min": 1}, [{"family": "x"}, {"family": "y"}], True),
        ({"path": "Patient.deceased[x]", "type": [{"code": "boolean"}]}, True, True),
        ({"path": "Patient.deceased[x]", "type": [{"code": "dateTime"}]}, True, False),
    ],
)
def test_what_a_profile_asks_of_an_element(element: JsonObject, value: Any, right: bool) -> None:
    quick, slow = validators(patient_profile({"id": element["path"], **element}))
    member = element["path"].split(".")[1].replace("[x]", "Boolean")
    patient = {"resourceType": "Patient", "gender": "other"} | ({member: value} if value is not None else {})
    answers = [quick.validate(patient, profiles=[URL]) for _ in range(TIMES)]
    expected = slow.validate(patient, profiles=[URL])
    assert all(answer == expected for answer in answers)
    assert expected.ok is right


def test_a_profile_asked_for_often_is_passed_at_a_glance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without this the rest could hold because nothing is ever passed."""
    quick, _ = validators(patient_profile(*sliced()))
    patient = identifiers(ONE, b("1"), OTHER)
    for _ in range(TIMES):
        quick.validate(patient, profiles=[URL])
    monkeypatch.setattr("interop.validation.branch.Branch.judge", lambda *_: pytest.fail("looked at closely"))
    quick.validate(patient, profiles=[URL])


@pytest.mark.parametrize("name", sorted(file.name for file in CASES.glob("*.json")))
def test_the_rules_cases_whole_and_damaged(name: str) -> None:
    content = loads((CASES / name).read_bytes())
    quick, slow = validators(*content.get("definitions", []))
    luck = random.Random(name)  # noqa: S311  the same damage in every run
    for case in content["cases"]:
        profiles = case.get("profiles", ())
        for resource in (case["resource"], damaged(case["resource"], luck)):
            answers = [quick.validate(resource, profiles=profiles) for _ in range(TIMES)]
            expected = slow.validate(resource, profiles=profiles)
            assert all(answer == expected for answer in answers), resource


def damaged(resource: JsonObject, luck: random.Random) -> JsonObject:
    """A copy in which one member somewhere is gone, doubled or something else."""
    found = copy.deepcopy(resource)
    objects: list[Any] = [found]
    for node in objects:
        for value in node.values():
            objects += [entry for entry in (value if isinstance(value, list) else [value]) if isinstance(entry, dict)]
    node = luck.choice([node for node in objects if node])
    key = luck.choice(sorted(node))
    change = luck.choice(("gone", "twice", "odd", "null"))
    if change == "gone":
        del node[key]
    else:
        node[key] = {"twice": [node[key], node[key]], "odd": ODD, "null": None}[change]
    return found


QUESTIONS: JsonObject = {
    "item": [
        {"linkId": "name", "type": "string", "required": True},
        {"linkId": "agreed", "type": "boolean"},
        {"linkId": "tag", "type": "choice", "repeats": True, "answerOption": [{"valueCoding": {"code": "a"}}]},
        {"linkId": "home", "type": "group", "item": [{"linkId": "rooms", "type": "integer"}]},
    ]
}


@pytest.mark.parametrize(
    ("items", "right"),
    [
        ([{"linkId": "name", "answer": [{"valueString": "x"}]}], True),
        ([{"linkId": "name", "answer": [{"valueString": "x"}]}, {"linkId": "agreed"}], True),
        ([{"linkId": "name"}], False),
        ([], False),
        ([{"linkId": "name", "answer": [{"valueBoolean": True}]}], False),
        ([{"linkId": "name", "answer": [{"valueString": "x"}, {"valueString": "y"}]}], False),
        ([{"linkId": "agreed"}, {"linkId": "name", "answer": [{"valueString": "x"}]}], False),
        ([{"linkId": "name", "answer": [{"valueString": "x"}]}] * 2, False),
        ([{"linkId": "name", "answer": [{"valueString": "x"}]}, {"linkId": "else"}], False),
    ],
)
def test_answers_to_a_plain_form(items: list[JsonObject], right: bool) -> None:
    form = plain_form(questions(QUESTIONS, trusted=True, whole=QUESTIONS))
    scope: Any = None
    assert form is not None
    assert form.is_answered({"item": items}, scope) is right


@pytest.mark.parametrize(("code", "right"), [("a", True), ("b", False)])
def test_options_and_groups_of_a_plain_form(code: str, right: bool) -> None:
    form = plain_form(questions(QUESTIONS, trusted=True, whole=QUESTIONS))
    rooms = {"linkId": "home", "item": [{"linkId": "rooms", "answer": [{"valueInteger": 2}]}]}
    named = {"linkId": "name", "answer": [{"valueString": "x"}]}
    scope: Any = None
    assert form is not None
    tagged = {"linkId": "tag", "answer": [{"valueCoding": {"code": code}}] * 2}
    assert form.is_answered({"item": [named, tagged, rooms]}, scope) is right


@pytest.mark.parametrize(
    "more",
    [
        {"enableWhen": [{"question": "a", "operator": "exists", "answerBoolean": True}]},
        {"extension": [{"url": f"{BASE}maxValue", "valueInteger": 3}]},
        {"item": [{"linkId": "b", "type": "string", "enableWhen": [{"question": "a", "operator": "exists"}]}]},
    ],
)
def test_a_form_with_conditions_is_not_plain(more: JsonObject) -> None:
    whole = {"item": [{"linkId": "a", "type": "integer", **more}]}
    assert plain_form(questions(whole, trusted=True, whole=whole)) is None
