"""A team meeting: its actions go into the plan once, and each owner's organisation is told its own and no more."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from interop import narrative, reconciliation
from interop.catalogue import Catalogue
from interop.errors import ContentError
from interop.json_codec import JsonObject
from interop.practice.meeting import meeting
from interop.practice.meeting_notices import ACTIONS_KIND, action_notices
from interop.practice.meeting_write_back import write_back
from interop.practice.plan_actions import actions
from interop.practice.plan_changes import plan_changes
from interop.reading import Document
from interop.translator import Translator

ROOT = Path(__file__).parents[3]
RECORD = json.loads((ROOT / "examples" / "meeting" / "RH-014.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)


@cache
def translator() -> Translator:
    return Translator(Catalogue())


def mapped(mapping: str, record: JsonObject) -> JsonObject:
    (found,) = translator().translate(mapping, {"x.json": json.dumps(record).encode()}, now=NOW)
    assert found.bundle is not None
    return found.bundle


@cache
def held() -> JsonObject:
    return mapped("care-home/meeting", RECORD)


@cache
def plan() -> JsonObject:
    record = json.loads((ROOT / "examples" / "care-plan" / "RH-014.json").read_text(encoding="utf-8"))
    return mapped("care-home/care-plan-json", record)


def test_the_meeting_says_who_was_there_and_who_has_to_be_told() -> None:
    found = meeting(Document.of(held()))
    assert found is not None
    assert found.chair is not None
    assert found.chair.name == "Hannah Okafor"
    assert [one.name for one in found.attendees if one.attendance != "present"] == ["Dr Priya Nair", "Tom Whitfield"]
    assert [one.owner for one in found.absent_owners()] == ["Dr Priya Nair", "Tom Whitfield"]
    assert found.took_part is True


def test_the_actions_are_among_the_plan_s_with_owner_day_and_goal() -> None:
    after = Document.of(write_back(plan(), held()))
    new = {one.number: one for one in actions(after)}
    assert len(new) == len(actions(Document.of(plan()))) + 5
    told = new["MDT-014-2/MA2"]
    assert (told.what, told.who, told.when, told.status) == (
        "Stairs and corridor practice with one carer watching",
        "Leila Haddad",
        "By 10 Dec 2026",
        "scheduled",
    )
    assert told.goals == ("I want to walk to the dining room again",)


def test_written_back_twice_the_plan_changes_once() -> None:
    once = write_back(plan(), held())
    assert once is not plan()
    assert write_back(once, held()) is once
    assert write_back(narrative.narrate(once), held())["entry"] == narrative.narrate(once)["entry"]


def test_the_new_plan_is_valid_and_replaces_the_one_before() -> None:
    once = narrative.narrate(write_back(plan(), held()))
    assert [str(issue) for issue in translator().judge(once, kind="care-plan").errors] == []
    composition = Document.of(once).composition
    assert composition["relatesTo"] == [{"code": "replaces", "targetIdentifier": plan()["identifier"]}]
    assert once["identifier"] != plan()["identifier"]
    assert composition["date"] == once["timestamp"] == "2026-11-26T12:10:00+00:00"


def test_the_plan_given_is_not_changed() -> None:
    before = copy.deepcopy(plan())
    write_back(plan(), held())
    assert plan() == before


def test_the_comparison_of_the_two_versions_tells_the_five_actions_and_the_chair() -> None:
    after = write_back(plan(), held())
    found = plan_changes(Document.of(plan()), Document.of(after), reconciliation.medicines(plan(), after))
    assert [(one.about, one.kind) for one in found.changes] == [("action", "new")] * 5
    assert {one.who for one in found.changes} == {"Hannah Okafor, District nurse"}


def test_an_action_done_since_is_brought_up_to_date() -> None:
    later = copy.deepcopy(RECORD)
    later["actions"][2]["status"] = "Done"
    again = write_back(write_back(plan(), held()), mapped("care-home/meeting", later))
    assert {one.number: one.status for one in actions(Document.of(again))}["MDT-014-2/MA3"] == "completed"
    assert len(actions(Document.of(again))) == len(actions(Document.of(plan()))) + 5


def test_a_goal_the_plan_does_not_have_is_not_pointed_at() -> None:
    strange = copy.deepcopy(RECORD)
    strange["actions"][0]["goalId"] = "G77"
    after = narrative.narrate(write_back(plan(), mapped("care-home/meeting", strange)))
    assert [str(issue) for issue in translator().judge(after, kind="care-plan").errors] == []


def test_the_older_narrative_does_not_survive_beside_the_new_actions() -> None:
    after = write_back(plan(), held())
    (target,) = (
        entry["resource"] for entry in after["entry"]
        if entry["resource"]["resourceType"] == "CarePlan" and "partOf" not in entry["resource"]
    )  # fmt: skip
    assert "text" not in target


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"resident": {"nhsNumber": "9990000034"}}, "two-people"),
        ({"meeting": {"planId": "CP-001-1"}}, "another-plan"),
    ],
)
def test_a_meeting_about_something_else_is_refused(change: dict[str, JsonObject], code: str) -> None:
    other = copy.deepcopy(RECORD)
    for table, members in change.items():
        other[table] |= members
    with pytest.raises(ContentError) as refused:
        write_back(plan(), mapped("care-home/meeting", other))
    assert refused.value.code == code


def test_a_plan_is_no_meeting() -> None:
    with pytest.raises(ContentError) as refused:
        write_back(plan(), plan())
    assert refused.value.code == "no-meeting"


def test_each_organisation_is_told_its_own_actions_and_no_more() -> None:
    made = action_notices(None, Document.of(held()), NOW)
    assert [one.recipients for one in made] == [("Y99901",), ("RXN97",), ("E99801",), ()]
    for one in made:
        told = json.dumps(narrative.narrate(one.bundle))
        assert "proud of it" not in told  # what was said at the meeting
        assert [
            str(issue) for issue in translator().judge(narrative.narrate(one.bundle), kind=ACTIONS_KIND).errors
        ] == []
    assert "was not at the meeting" in made[0].reason
    assert "was not at the meeting" not in made[1].reason
    assert "Stairs" not in json.dumps(made[0].bundle)


def test_who_gets_no_messages_is_to_be_rung() -> None:
    kept = action_notices(None, Document.of(held()), NOW)[-1]
    assert "Ring these" in kept.reason
    assert "Margaret Ashworth-Bell" in kept.reason


def test_what_was_told_is_not_told_again() -> None:
    assert action_notices(Document.of(held()), Document.of(held()), NOW) == []
    moved = copy.deepcopy(RECORD)
    moved["actions"][1]["due"] = "2026-12-12"
    again = action_notices(Document.of(held()), Document.of(mapped("care-home/meeting", moved)), NOW)
    assert [one.recipients for one in again] == [("RXN97",)]


def test_the_same_actions_are_the_same_notice() -> None:
    first, again = (action_notices(None, Document.of(held()), moment) for moment in (NOW, NOW.replace(day=28)))
    assert [one.key for one in first] == [one.key for one in again]
    assert all("999" not in one.key for one in first)
