"""The judge as a whole: three answers, compiled once, each finding once, linear in the entries."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import pytest

from interop.definitions import Definitions
from interop.outcome import Severity, Verdict
from interop.terminology import Terminology
from interop.validation import Policy, Validator

WRONG_NUMBER = {
    "resourceType": "Patient",
    "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000019"}],
}


class Counting:
    """Definitions that count how often a structure is asked for."""

    def __init__(self, definitions: Definitions):
        self._definitions = definitions
        self.asked = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._definitions, name)

    def structure(self, canonical: str) -> object:
        self.asked += 1
        return self._definitions.structure(canonical)


def test_house_rules_can_be_switched_off() -> None:
    definitions = Definitions.core()
    assert not Validator(definitions).validate(WRONG_NUMBER).ok
    assert Validator(definitions, house_rules=False).validate(WRONG_NUMBER).ok
    assert Validator(definitions, policy=Policy(house_rules=False)).validate(WRONG_NUMBER).ok


def test_without_terminology_a_code_is_neither_right_nor_wrong() -> None:
    outcome = Validator(Definitions.core()).validate({"resourceType": "Patient", "gender": "woman"})
    assert [(i.code, i.severity) for i in outcome] == [("code-not-checked", Severity.INFORMATION)]
    assert outcome.verdict is Verdict.VALID


def test_nothing_is_compiled_twice() -> None:
    definitions = Counting(Definitions.core())
    judge = Validator(definitions, Terminology(definitions))
    profile = "http://hl7.org/fhir/StructureDefinition/bp"
    observation = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "x"},
        "meta": {"profile": [profile]},
    }
    first = judge.validate(observation)
    asked = definitions.asked
    assert judge.validate(observation) == first
    assert definitions.asked == asked


def test_threads_may_share_a_validator_that_has_compiled_nothing_yet() -> None:
    definitions = Definitions.core()
    judge = Validator(definitions, Terminology(definitions))
    patient = {"resourceType": "Patient", "contact": [{"name": {"family": "Bell"}}], "gender": "female"}
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(judge.validate, [patient] * 64))
    assert all(outcome.issues == () for outcome in outcomes)


def test_a_finding_of_two_profiles_is_told_once(validator: Validator) -> None:
    vital = "http://hl7.org/fhir/StructureDefinition/vitalsigns"
    observation = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "x"},
        "meta": {"profile": [vital, vital]},
    }
    outcome = validator.validate(observation, profiles=[vital])
    assert len(set(outcome.issues)) == len(outcome)


def test_what_will_be_checked_can_be_read(validator: Validator) -> None:
    lines = list(validator.describe("http://hl7.org/fhir/StructureDefinition/bp"))
    assert any("Observation.component:SystolicBP" in line for line in lines)
    assert any("Patient.contact" in line or "contact" in line for line in validator.describe("Patient"))
    assert list(validator.describe("https://nowhere.test/x")) == []


def test_a_missing_slice_says_how_it_would_be_known(validator: Validator) -> None:
    observation = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    outcome = validator.validate(observation, profiles=["http://hl7.org/fhir/StructureDefinition/vitalsigns"])
    hints = [i.hint for i in outcome if i.text.startswith("Observation.category:VSCat")]
    assert len(hints) == 1
    assert "an item belongs to VSCat when" in (hints[0] or "")
    assert "'vital-signs'" in (hints[0] or "")


def test_the_nearest_candidate_of_a_missing_slice_is_named(validator: Validator) -> None:
    near = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vitals"}]}
    far = {"coding": [{"system": "https://elsewhere.example", "code": "x"}]}
    observation = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "category": [far, near]}
    outcome = validator.validate(observation, profiles=["http://hl7.org/fhir/StructureDefinition/vitalsigns"])
    (hint,) = [i.hint for i in outcome if i.text.startswith("Observation.category:VSCat")]
    assert (hint or "").endswith("nearest: Observation.category[1], whose coding.code is 'vitals'")


@pytest.mark.parametrize("kind", ["collection", "transaction", "document"])
def test_time_grows_with_the_entries_and_no_faster(validator: Validator, kind: str) -> None:
    def bundle(size: int) -> dict:
        entries = [
            {
                "fullUrl": f"https://example.test/Flag/{n}",
                "resource": {
                    "resourceType": "Flag",
                    "id": str(n),
                    "status": "active",
                    "code": {"text": "x"},
                    "subject": {"reference": f"Patient/{n % 7}"},
                },
            }
            for n in range(size)
        ]
        return {"resourceType": "Bundle", "type": kind, "entry": entries}

    def seconds(size: int) -> float:
        tree = bundle(size)
        best = 1e9
        for _ in range(3):
            start = perf_counter()
            validator.validate(tree)
            best = min(best, perf_counter() - start)
        return best

    seconds(50)
    # Quadratic cost would show as 16 here; other work on the machine must not fail the test.
    assert seconds(1600) / seconds(400) < 9
