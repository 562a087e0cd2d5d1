"""Two medicine lists side by side: labelled pairs, and the promises around them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import pytest

from interop.json_codec import loads
from interop.outcome import issue_catalogue
from interop.reconciliation import findings, medicines

PAIRS = loads((Path(__file__).parents[2] / "cases" / "reconciliation" / "medicines.json").read_bytes())
LOCAL = "https://interop.example/fhir/StructureDefinition"


def statement(line: dict) -> dict:
    """A MedicationStatement from one line of a labelled pair."""
    dosage: dict = {"text": line["text"]} if "text" in line else {}
    if "dose" in line:
        dosage["extension"] = [{"url": f"{LOCAL}/dose-text", "valueString": line["dose"]}]
    if "often" in line:
        dosage["timing"] = {"code": {"text": line["often"]}}
    if "route" in line:
        dosage["route"] = {"text": line["route"]}
    made = {
        "resourceType": "MedicationStatement",
        "status": line.get("state", "active"),
        "medicationCodeableConcept": {"text": line["name"]},
        "dosage": [dosage],
    }
    if "code" in line:
        made["medicationCodeableConcept"]["coding"] = [{"system": "http://snomed.info/sct", "code": line["code"]}]
    if "why" in line:
        made["reasonCode"] = [{"text": line["why"]}]
    if "change" in line:
        parts = [{"url": "status", "valueCode": line["change"]}]
        parts += [{"url": "reason", "valueString": line["reason"]}] if "reason" in line else []
        made["extension"] = [{"url": f"{LOCAL}/medication-change", "extension": parts}]
    return made


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["desc"])
def test_a_labelled_pair(pair: dict, build: Callable[..., dict]) -> None:
    before, after = ([statement(line)] if line else [] for line in (pair["before"], pair["after"]))
    (change,) = medicines(build(*before), build(*after))
    assert (change.status, change.unexplained) == (pair["status"], pair["unexplained"])
    assert [difference.what for difference in change.differences] == pair.get("differs", [])
    assert [issue.code for issue in change.issues] == pair.get("issues", [])


def test_the_story_is_reconciled_without_a_question(red_bag: dict, discharge: dict) -> None:
    changes = medicines(red_bag, discharge)
    marks = {change.name.split()[0]: change.status for change in changes}
    assert marks == {
        "Levothyroxine": "same", "Amlodipine": "changed", "Donepezil": "same", "Zopiclone": "stopped",
        "Colecalciferol": "same", "Paracetamol": "same", "Macrogol": "same", "Alendronic": "new",
    }  # fmt: skip
    assert findings(changes) == ()
    (dose,) = next(change.differences for change in changes if change.name.startswith("Amlodipine"))
    assert str(dose) == "dose: 10 mg before, 5 mg now"


def test_two_of_one_ingredient_are_paired_by_form_and_dose(build: Callable[..., dict]) -> None:
    slow = {"name": "Morphine 10 mg modified-release tablets", "dose": "10 mg", "often": "Twice a day"}
    plain = {"name": "Morphine 10 mg/5 ml oral solution", "dose": "5 mg", "often": "When required"}
    changes = medicines(build(statement(slow), statement(plain)), build(statement(plain), statement(slow)))
    assert [change.status for change in changes] == ["same", "same"]


def test_names_that_only_look_alike_are_never_paired(build: Callable[..., dict]) -> None:
    first = {"name": "Prednisolone 5 mg tablets", "dose": "5 mg", "often": "Once a day"}
    second = {"name": "Prednisone 5 mg tablets", "dose": "5 mg", "often": "Once a day"}
    changes = medicines(build(statement(first)), build(statement(second)))
    assert [change.status for change in changes] == ["new", "stopped"]
    assert all(change.unexplained for change in changes)


def test_what_had_already_stopped_before_is_not_missed(build: Callable[..., dict]) -> None:
    line = {"name": "Amoxicillin", "dose": "500 mg", "often": "TDS", "state": "stopped"}
    assert medicines(build(statement(line)), build()) == ()


def test_the_order_of_the_lists_changes_nothing(red_bag: dict, discharge: dict) -> None:
    turned = copy.deepcopy(discharge)
    turned["entry"][1:] = turned["entry"][:0:-1]

    def told(document: dict) -> set[tuple[str, str, bool]]:
        return {(change.name, change.status, change.unexplained) for change in medicines(red_bag, document)}

    assert told(turned) == told(discharge)


def test_a_medicine_left_out_is_never_labelled_stopped(build: Callable[..., dict]) -> None:
    line = statement({"name": "Donepezil", "dose": "10 mg", "often": "OD"})
    (change,) = medicines(build(line), build())
    assert (change.status, change.label) == ("stopped", "Not listed")


def test_an_issue_says_where_and_is_in_the_catalogue(build: Callable[..., dict]) -> None:
    line = {"name": "Amlodipine", "dose": "10 mg", "often": "OD"}
    (change,) = medicines(build(), build(statement(line)))
    (issue,) = change.issues
    assert issue.expression == "Bundle.entry[1].resource"
    used = {code for pair in PAIRS for code in pair.get("issues", [])}
    assert used <= issue_catalogue().keys()
