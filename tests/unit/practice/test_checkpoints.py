"""The red bag along its five checkpoints: what is missing is told with both places; silence is never loss."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from interop.json_codec import Json, JsonObject, dumps
from interop.practice.checkpoints import ORDER, Seen, journeys, losses
from interop.practice.lost_items import follow_ups

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "checkpoints" / "journeys.yaml").read_text("utf-8"))
START = datetime(2026, 11, 14, 2, 30, tzinfo=UTC)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
SITES = {
    "home-out": ("Rosewood House", "VNX01"),
    "ambulance": ("Northshire Ambulance Service", "RYX99"),
    "hospital-in": ("St Elsewhere's Hospital", "RXE99"),
    "hospital-out": ("St Elsewhere's Hospital", "RXE99"),
    "home-in": ("Rosewood House", "VNX01"),
}
LISTS = "https://interop.example/fhir/Questionnaire/red-bag-checklist"
NUMBER = "https://fhir.nhs.uk/Id/nhs-number"


def answer(link: str, value: JsonObject) -> JsonObject:
    return {"linkId": link, "answer": [value]}


def line(name: str, mark: str) -> JsonObject:
    """One line of a checklist from its mark: P, P2, PX, A, N, X."""
    code = {"P": "yes", "A": "no", "N": "not-checked", "X": "not-applicable"}[mark[0]]
    parts = [answer("item.name", {"valueString": name}), answer("item.present", {"valueCoding": {"code": code}})]
    if mark[0] == "P" and mark[1:] != "X":
        parts.append(answer("item.quantity", {"valueInteger": int(mark[1:] or 1)}))
    return {"linkId": "item", "item": parts}


def check(
    point: str, items: Mapping[str, str], *, bag: str = "RB-03", nhs: str = "9990000018", day: int = 0
) -> JsonObject:
    when = (START + timedelta(hours=ORDER.index(point), days=day)).isoformat()
    name, ods = SITES[point]
    home = {
        "resourceType": "Organization",
        "name": "Rosewood House",
        "identifier": [{"system": "x/ods", "value": "VNX01"}],
    }
    resources: list[JsonObject] = [
        {
            "resourceType": "Composition",
            "date": when,
            "subject": {"reference": "urn:p"},
            "custodian": {"reference": "urn:o"},
        },
        {"resourceType": "Patient", "identifier": [{"system": NUMBER, "value": nhs}], "name": [{"family": "Ashworth"}]},
        {"resourceType": "Organization", "name": name, "identifier": [{"system": "x/ods", "value": ods}]},
        {"resourceType": "Device", "identifier": [{"value": bag}], "owner": {"reference": "urn:h"}},
        home,
        {
            "resourceType": "QuestionnaireResponse",
            "questionnaire": LISTS,
            "authored": when,
            "item": [
                answer("checkpoint", {"valueCoding": {"code": point}}),
                answer("bag-number", {"valueString": bag}),
                *(line(item, mark) for item, mark in items.items() if mark != "-"),
            ],
        },
    ]
    urls = ("urn:c", "urn:p", "urn:o", "urn:d", "urn:h", "urn:q")
    entries: Json = [{"fullUrl": url, "resource": made} for url, made in zip(urls, resources, strict=True)]
    return {"resourceType": "Bundle", "type": "document", "timestamp": when, "entry": entries}


def told(case: Mapping[str, Json]) -> list[JsonObject]:
    return [check(point, {"Denture": mark, "Glasses": "P"}) for point, mark in case["at"].items()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["desc"])
def test_a_journey_is_told_as_labelled(case: Mapping[str, Json]) -> None:
    found = [
        [loss.last_seen.checkpoint, loss.missed.checkpoint, loss.missing, loss.found and loss.found.checkpoint]
        for loss in losses(told(case))
    ]
    assert found == case["lost"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["desc"])
def test_the_order_in_which_lists_arrive_changes_nothing(case: Mapping[str, Json]) -> None:
    there = [(loss.key, loss.told) for loss in losses(told(case))]
    assert [(loss.key, loss.told) for loss in losses(reversed(told(case)))] == there


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["desc"])
def test_each_loss_is_one_follow_up_and_a_find_another_whoever_asks_and_when(case: Mapping[str, Json]) -> None:
    made = follow_ups(told(case), NOW)
    assert len(made) == sum(2 if found else 1 for *_, found in case["lost"])
    assert len({one.key for one in made}) == len(made)
    again = follow_ups(reversed(told(case)), NOW + timedelta(days=9))
    assert {one.key: dumps(one.bundle) for one in again} == {one.key: dumps(one.bundle) for one in made}


def tasks(bundle: JsonObject) -> list[JsonObject]:
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Task"]


def test_a_loss_raises_one_task_that_names_item_places_and_holder() -> None:
    documents = [
        check("home-out", {"Denture": "P"}),
        check("ambulance", {"Denture": "P"}),
        check("hospital-in", {"Denture": "A"}),
    ]
    (made,) = follow_ups(documents, NOW)
    (task,) = tasks(made.bundle)
    names = {entry["fullUrl"]: entry["resource"].get("name") for entry in made.bundle["entry"]}
    assert task["status"] == "requested"
    assert names[task["owner"]["reference"]] == "Northshire Ambulance Service"
    assert names[task["requester"]["reference"]] == "St Elsewhere's Hospital"
    for word in ("Denture", "Northshire Ambulance Service", "St Elsewhere's Hospital", "looks for it"):
        assert word in task["description"]
    assert made.recipients == ("RYX99", "RXE99", "VNX01")


def test_what_turns_up_closes_the_same_task_and_replaces_the_document() -> None:
    documents = [
        check("home-out", {"Denture": "P"}),
        check("hospital-in", {"Denture": "A"}),
        check("home-in", {"Denture": "P"}),
    ]
    lost, found = follow_ups(documents, NOW)
    (asked,), (closed,) = tasks(lost.bundle), tasks(found.bundle)
    assert (asked["status"], closed["status"]) == ("requested", "completed")
    assert asked["identifier"] == closed["identifier"]
    composition = found.bundle["entry"][0]["resource"]
    assert composition["relatesTo"] == [{"code": "replaces", "targetIdentifier": lost.bundle["identifier"]}]


def test_the_first_letter_about_a_loss_stays_the_same_when_more_is_known() -> None:
    early = [check("home-out", {"Nightdress": "P2"}), check("hospital-in", {"Nightdress": "A"})]
    (before,) = follow_ups(early, NOW)
    after = {one.key: one for one in follow_ups([*early, check("hospital-out", {"Nightdress": "P1"})], NOW)}
    assert dumps(after[before.key].bundle) == dumps(before.bundle)


def test_nothing_is_sent_about_a_loss_that_has_not_happened_yet() -> None:
    documents = [check("home-out", {"Denture": "P"}), check("home-in", {"Denture": "A"})]
    assert follow_ups(documents, START) == ()


def test_bags_people_and_journeys_are_kept_apart() -> None:
    documents = [
        check("home-out", {"Denture": "P"}),
        check("hospital-in", {"Denture": "A"}, bag="RB-04"),
        check("hospital-in", {"Denture": "A"}, nhs="9990000026"),
        check("home-out", {"Denture": "P"}, day=30),
        check("hospital-in", {"Denture": "P"}, day=30),
    ]
    found = journeys([documents[0], check("home-in", {"Denture": "P"}), *documents[1:]])
    assert len(found) == 4
    assert [loss for journey in found for loss in journey.losses] == []


def test_two_things_of_one_name_are_two_things() -> None:
    out, back = check("home-out", {"Book": "P"}), check("home-in", {"Book": "P"})
    for document, marks in ((out, ("P", "P")), (back, ("P", "A"))):
        items = document["entry"][5]["resource"]["item"]
        items[2:] = [line("Book", mark) for mark in marks]
    assert [loss.item for loss in losses([out, back])] == ["Book"]


def test_a_thing_is_known_again_by_another_spelling() -> None:
    assert (
        len(losses([check("home-out", {"Hearing aid (left)": "P"}), check("home-in", {"HEARING AID, LEFT": "A"})])) == 1
    )


def test_what_nobody_looked_at_is_shown_as_not_checked() -> None:
    (journey,) = journeys([check("home-out", {"Denture": "P"}), check("ambulance", {"Denture": "N"})])
    (item,) = journey.items
    assert [cell.seen for cell in item.cells] == [Seen.PRESENT, *[Seen.NOT_CHECKED] * 4]
    assert journey.unvisited == ("hospital-in", "hospital-out", "home-in")


@pytest.mark.parametrize("odd", [{}, {"resourceType": "Bundle"}, check("home-out", {})])
def test_odd_documents_never_break_it(odd: JsonObject) -> None:
    assert losses([odd]) == ()
