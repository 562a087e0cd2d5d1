"""The crew is told what the home holds: CPR decision, allergies, communication needs; what it is not told is found."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from interop.catalogue import Catalogue
from interop.json_codec import JsonObject
from interop.narrative import narrate
from interop.narrative.transport_page import transport_page
from interop.outcome import issue_catalogue
from interop.practice.transport import crew_findings, journey, travel_needs
from interop.reading import Document
from interop.translator import Translator

EXAMPLES = Path(__file__).parents[3] / "examples"
BEFORE = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
CPR = "https://interop.example/fhir/CodeSystem/flag-category"


@cache
def _mapped(mapping: str, file: str) -> JsonObject:
    path = EXAMPLES / file
    (found,) = Translator(Catalogue()).translate(mapping, {path.name: path.read_bytes()}, now=BEFORE)
    assert found.sendable
    bundle: JsonObject = found.bundle
    return bundle


def plan() -> JsonObject:
    return copy.deepcopy(_mapped("care-home/transport", "transport-plan/RH-014.json"))


def summary() -> Document:
    return Document.of(_mapped("care-home/red-bag-json", "red-bag-json/RH-014.json"))


def found(bundle: JsonObject, now: datetime = BEFORE, other: Document | None = None) -> list[tuple[str, str]]:
    issues = crew_findings(Document.of(bundle), other or summary(), now)
    assert {issue.code for issue in issues} <= issue_catalogue().keys()
    return [(issue.code, str(issue.severity)) for issue in issues]


def resources(bundle: JsonObject, kind: str) -> list[JsonObject]:
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def decision(bundle: JsonObject) -> JsonObject:
    (flag,) = (f for f in resources(bundle, "Flag") if f["category"][0]["coding"][0]["code"] == "cpr-decision")
    return flag


def without(bundle: JsonObject, resource: JsonObject) -> JsonObject:
    return {**bundle, "entry": [entry for entry in bundle["entry"] if entry["resource"] is not resource]}


def test_the_example_tells_the_crew_everything_the_home_holds() -> None:
    assert found(plan()) == []


def test_the_journey_is_read_as_it_was_planned() -> None:
    way = journey(Document.of(plan()))
    assert (way.reference, way.vehicle) == ("TP-VNX01-2026-118", "Ambulance with stretcher, two crew")
    assert (way.start, way.until) == ("2026-11-18T13:30:00+00:00", "2026-11-18T15:00:00+00:00")
    assert way.origin.where == "Ward 7, bed 12; discharge lounge closes at 15:00"


def test_what_every_crew_asks_first_comes_first() -> None:
    needs = travel_needs(Document.of(plan()))
    assert [need.code for need in needs[:3]] == ["mobility", "oxygen", "escort"]
    assert needs[1].told == "Yes: 2 litres per minute, Nasal cannula, 94 to 98 %"


def test_no_oxygen_is_said_and_not_left_out() -> None:
    other = Document.of(_mapped("care-home/transport", "transport-plan/RH-022.json"))
    assert {need.code: need.told for need in travel_needs(other)}["oxygen"] == "No"


def test_a_decision_the_crew_is_not_told_is_an_error() -> None:
    bundle = plan()
    assert found(without(bundle, decision(bundle))) == [("transport-cpr-not-told", "error")]


def test_another_decision_than_the_home_holds_is_an_error() -> None:
    bundle = plan()
    decision(bundle)["code"]["coding"][0]["code"] = "450475007"
    assert found(bundle) == [("transport-cpr-differs", "error")]


@pytest.mark.parametrize(("place", "value"), [("period", {"start": "2026-03-13"}), ("extension", []), ("period", {})])
def test_another_date_or_place_of_the_form_is_a_warning(place: str, value: object) -> None:
    bundle = plan()
    decision(bundle)[place] = value
    assert ("transport-cpr-differs", "warning") in found(bundle)


def test_an_allergy_the_crew_is_not_told_is_an_error() -> None:
    bundle = plan()
    assert found(without(bundle, resources(bundle, "AllergyIntolerance")[0])) == [
        ("transport-allergy-not-told", "error")
    ]


def test_a_communication_need_the_crew_is_not_told_is_a_warning() -> None:
    bundle = plan()
    (need,) = (f for f in resources(bundle, "Flag") if f["code"].get("text", "").startswith("Uses hearing aid"))
    assert found(without(bundle, need)) == [("transport-communication-not-told", "warning")]


def test_an_old_plan_and_an_old_decision_are_told() -> None:
    told = found(plan(), datetime(2027, 4, 1, tzinfo=UTC))
    assert told == [("transport-window-over", "warning"), ("transport-cpr-review-over", "warning")]


def test_a_plan_is_never_compared_with_another_person_s_summary() -> None:
    other = Document.of(_mapped("care-home/transport", "transport-plan/RH-022.json"))
    assert found(plan(), other=other) == [("transport-other-person", "error")]


def test_the_crew_s_page_shows_every_need_and_follows_the_data() -> None:
    bundle = plan()
    page = transport_page(bundle)
    for need in travel_needs(Document.of(bundle)):
        assert need.told is not None
        assert need.told in page
    (oxygen,) = (o for o in resources(bundle, "Observation") if o["code"]["coding"][0]["code"] == "oxygen")
    oxygen["component"][0]["valueQuantity"]["value"] = 4
    changed = transport_page(bundle)
    assert "4 litres per minute" in changed
    assert "2 litres per minute" not in changed


def test_page_and_narrative_say_the_same_decision() -> None:
    bundle = plan()
    sections = narrate(bundle)["entry"][0]["resource"]["section"]
    told = next(section["text"]["div"] for section in sections if section["title"] == "CPR decision")
    assert "DNACPR" in told
    assert "DNACPR" in transport_page(bundle)


@pytest.mark.parametrize(
    "odd", [{}, {"resourceType": "Bundle"}, {"entry": [{"resource": {"resourceType": "Encounter"}}]}]
)
def test_odd_documents_never_break_it(odd: JsonObject) -> None:
    assert crew_findings(Document.of(odd), None, BEFORE) == ()
    assert "not recorded" in transport_page(odd)
