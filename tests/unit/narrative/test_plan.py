"""A care plan told to whoever acts on it: each action beside the goal it serves, and who had a say in it."""

from __future__ import annotations

import pytest

from interop.json_codec import JsonObject
from interop.narrative import narrate
from interop.reading.plain_text import plain_text

LOCAL = "https://interop.example/fhir/StructureDefinition/"
GOAL_ID = {"system": "https://interop.example/Id/goal-id", "value": "G1"}
PLAN: JsonObject = {
    "resourceType": "CarePlan",
    "status": "active",
    "title": "Plan for Edie",
    "extension": [
        {
            "url": LOCAL + "agreed-with",
            "extension": [
                {"url": "name", "valueString": "Margaret Ashworth-Bell"},
                {"url": "date", "valueDate": "2026-11-19"},
            ],
        }
    ],
    "contributor": [
        {"display": "Hannah Okafor", "extension": [{"url": LOCAL + "role-in-words", "valueString": "District nurse"}]}
    ],
    "activity": [
        {
            "detail": {
                "status": "in-progress",
                "description": "Walk with the frame",
                "goal": [{"identifier": GOAL_ID}],
                "extension": [{"url": LOCAL + "suggested-strategies", "valueString": "Count the steps aloud"}],
            }
        }
    ],
}
GOAL: JsonObject = {
    "resourceType": "Goal",
    "identifier": [GOAL_ID],
    "lifecycleStatus": "active",
    "achievementStatus": {"text": "Improving"},
    "priority": {"text": "High"},
    "extension": [{"url": LOCAL + "goal-importance", "valueInteger": 9}],
    "description": {"text": "Walk to the dining room"},
    "outcomeCode": [{"text": "Ten steps so far"}],
}
REVIEW: JsonObject = {
    "resourceType": "Procedure",
    "status": "completed",
    "code": {"coding": [{"system": "http://snomed.info/sct", "code": "425268008"}], "text": "Review of care plan"},
    "performedDateTime": "2026-10-10",
    "performer": [{"actor": {"display": "Joseph Mensah"}, "function": {"text": "Senior carer"}}],
    "outcome": {"text": "Sunday call added"},
}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("CarePlan", "Walk to the dining room"),
        ("CarePlan", "Count the steps aloud"),
        ("CarePlan", "Hannah Okafor (District nurse)"),
        ("CarePlan", "Margaret Ashworth-Bell, 19 Nov 2026"),
        ("Goal", "High, 9 of 10"),
        ("Goal", "active, Improving"),
        ("Goal", "Ten steps so far"),
        ("Procedure", "10 Oct 2026"),
        ("Procedure", "Joseph Mensah"),
        ("Procedure", "Sunday call added"),
    ],
)
def test_the_narrative_says(kind: str, words: str) -> None:
    bundle = {"resourceType": "Bundle", "type": "document", "entry": [{"resource": r} for r in (PLAN, GOAL, REVIEW)]}
    told = {e["resource"]["resourceType"]: e["resource"]["text"]["div"] for e in narrate(bundle)["entry"]}
    assert words in plain_text(told[kind])
