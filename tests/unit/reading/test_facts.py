"""Allergies, CPR decisions, medicines, needs and people as a reader takes them out of a document."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from interop.json_codec import loads
from interop.reading import Document
from interop.reading.alerts import communication_needs, cpr_decisions
from interop.reading.allergies import allergies
from interop.reading.belongings import checklists
from interop.reading.medicines import medicines
from interop.reading.needs import needs, news2, vitals
from interop.reading.people import care_team, coordinators

CASES = loads((Path(__file__).parents[2] / "cases" / "reading" / "allergy-words.json").read_bytes())
SCT = "http://snomed.info/sct"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["desc"])
def test_none_known_not_asked_and_not_recorded_stay_apart(case: dict, build: Callable[..., dict]) -> None:
    resources = [{"resourceType": "AllergyIntolerance", **resource} for resource in case.get("resources", [])]
    section = ("allergies-and-adverse-reaction", list(range(len(resources))), case.get("empty"))
    bundle = build(*resources, sections=[section] if case.get("section", True) else [])
    assert allergies(Document.of(bundle)).presence == case["says"]


def flag(code: str | None, **other: object) -> dict:
    coding = {"coding": [{"system": SCT, "code": code}]} if code else {}
    return {"resourceType": "Flag", "status": "active", "code": {**coding, **other.pop("words", {})}, **other}


def test_a_cpr_decision_is_read_from_its_code_and_keeps_the_senders_words(build: Callable[..., dict]) -> None:
    bundle = build(flag("450476008", words={"text": "DNACPR"}, period={"start": "2026-03-12", "end": "2026-10-01"}))
    (decision,) = cpr_decisions(Document.of(bundle))
    assert (decision.kind, decision.words, decision.said) == ("not-for", "Not for attempted CPR", "DNACPR")
    assert decision.overdue


def test_an_inactive_cpr_decision_is_not_in_force(build: Callable[..., dict]) -> None:
    assert cpr_decisions(Document.of(build({**flag("450476008"), "status": "inactive"}))) == []


def test_two_cpr_decisions_that_disagree_are_both_there(build: Callable[..., dict]) -> None:
    bundle = build(flag("450476008", period={"start": "2025-01-01"}), flag("450475007", period={"start": "2026-01-01"}))
    assert [decision.kind for decision in cpr_decisions(Document.of(bundle))] == ["for", "not-for"]


def test_the_red_bag_is_read_whole(red_bag: dict) -> None:
    document = Document.of(red_bag)
    assert communication_needs(document)[0] == "Uses hearing aid: Left ear; stand on her left"
    assert {need.code: need.changed for need in needs(document)}["medicines-management"] is False
    assert sum(need.changed is True for need in needs(document)) == 7
    score = news2(document)
    assert score is not None
    assert (score.total, len(score.parts)) == ("6", 7)
    assert {reading.name: reading.value for reading in vitals(document)}["Blood pressure"] == "104 / 58 mmHg"
    assert [item.in_bag for item in checklists(document)[0].items].count(True) == 8


def test_needs_left_out_are_listed_as_not_recorded(build: Callable[..., dict]) -> None:
    assert {need.verdict for need in needs(Document.of(build()))} == {"not recorded"}
    assert len(needs(Document.of(build()))) == 8


def test_the_web_of_care_has_one_coordinator_in_force_and_six_groups_of_reason(red_bag: dict) -> None:
    document = Document.of(red_bag)
    assert [member.name for member in coordinators(document)] == ["Joseph Mensah"]
    groups = {member.name: member.group for member in care_team(document)}
    assert groups["Dr Priya Nair"] == groups["Hannah Okafor"] == "health"
    assert groups["Tom Whitfield"] == groups["Joseph Mensah"] == "social"
    assert groups["Peter Ashworth"] == "family"
    assert groups["Samuel Osei"] == "advocate"
    assert groups["Ruth Levy"] == "voluntary"


def test_last_given_comes_from_the_statement_or_the_latest_administration(build: Callable[..., dict]) -> None:
    def given(when: str, status: str = "completed") -> dict:
        medicine = {"text": "Paracetamol"}
        return {
            "resourceType": "MedicationAdministration",
            "status": status,
            "medicationCodeableConcept": medicine,
            "effectiveDateTime": when,
        }

    statement = {
        "resourceType": "MedicationStatement",
        "status": "active",
        "medicationCodeableConcept": {"text": "paracetamol"},
    }
    bundle = build(
        statement,
        given("2026-11-13T22:00:00+00:00"),
        given("2026-11-14T01:00:00+01:00"),
        given("2026-11-14T02:00:00+00:00", "not-done"),
    )
    (medicine,) = medicines(Document.of(bundle))
    assert medicine.last_given == "2026-11-14T01:00:00+01:00"


@pytest.mark.parametrize(
    ("extension", "status"),
    [
        ({"url": "status", "valueCode": "started"}, "new"),
        ({"url": "status", "valueCoding": {"code": "amended"}}, "changed"),
        ({"url": "status", "valueCode": "continued"}, "same"),
        ({"url": "status", "valueCode": "on-hold"}, "on hold"),
        ({"url": "status", "valueCode": "juggled"}, "juggled"),
    ],
)
def test_a_change_status_is_read_in_both_vocabularies(extension: dict, status: str, build: Callable[..., dict]) -> None:
    url = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-MedicationChangeSummary"
    bundle = build({"resourceType": "MedicationStatement", "extension": [{"url": url, "extension": [extension]}]})
    (medicine,) = medicines(Document.of(bundle))
    assert medicine.change is not None
    assert medicine.change.status == status
