"""Nobody's change to a care plan is written over by somebody who has not seen it, and nothing of theirs is lost."""

from __future__ import annotations

import json
import threading
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from interop.catalogue import shipped
from interop.desk import Desk
from interop.errors import ContentError, TransitionError
from interop.json_codec import JsonObject, loads
from interop.node import Node
from interop.pipeline import rules, version_of
from interop.pipeline.editing import Editing, OutOfDate, edit, receive, stamped
from interop.relay.quarantine import Quarantine
from interop.relay.trail import Trail
from interop.settings import Settings

PLAN = json.loads((shipped("examples") / "care-plan" / "RH-014.json").read_text(encoding="utf-8"))
MAPPING = "care-home/care-plan-json"


def plan(summary: str = "Walk again.", at: str = "15:40", **changes: Any) -> dict[str, bytes]:
    """The plan with another summary, written down at another minute."""
    made = deepcopy(PLAN)
    made["plan"] |= {"summary": summary, **changes}
    made["resident"]["completed"]["at"] = f"2026-11-20T{at}"
    return {"RH-014.json": json.dumps(made).encode()}


@pytest.fixture(autouse=True)
def no_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "RULES", ())


@pytest.fixture
def joseph(hub: Node) -> Desk:
    return Desk(hub, "VNX01", "Joseph Mensah")


@pytest.fixture
def grace(hub: Node) -> Desk:
    return Desk(hub, "VNX01", "Grace Obi")


def made(answer: JsonObject) -> JsonObject:
    (record,) = answer["records"]
    found: JsonObject = record
    return found


def test_editions_are_counted_and_travel_in_the_plan(joseph: Desk) -> None:
    first = made(joseph.submit(MAPPING, plan(at="15:40"), ("RXE99",)))
    second = made(joseph.submit(MAPPING, plan("Walk to the garden.", at="16:00"), ("RXE99",), made_from=1))
    assert (first["edition"], second["edition"]) == (1, 2)
    message = loads(joseph.content(second["id"])[0])
    document = message["entry"][1]["resource"]
    plans = [e["resource"] for e in document["entry"] if e["resource"]["resourceType"] == "CarePlan"]
    assert [p.get("meta", {}).get("versionId") for p in plans] == ["2", *[None] * (len(plans) - 1)]
    assert joseph.edition(second["id"]) == 2
    told = joseph.message(first["id"])["edition"]
    assert (told["number"], told["standing"]["number"], told["standing"]["message"]) == (1, 2, second["id"])


def test_the_second_editor_of_one_edition_is_told_who_was_quicker_and_when(
    hub: Node, joseph: Desk, grace: Desk, clock: Any
) -> None:
    joseph.submit(MAPPING, plan(at="15:40"))
    clock.forward(minutes=20)
    joseph.submit(MAPPING, plan("Walk to the garden.", at="16:00"), made_from=1)
    with pytest.raises(TransitionError) as refused:
        grace.submit(MAPPING, plan("Rest.", at="16:05"), made_from=1)
    assert refused.value.code == "edition-not-matched"
    assert "made from edition 1" in refused.value.text
    assert "Joseph Mensah made edition 2 on 14 Nov 2026 at 12:20 UTC" in refused.value.text
    (kept,) = Quarantine(hub.store).records("VNX01")
    assert kept.id in str(refused.value.hint)
    assert [issue["code"] for issue in kept.issues if issue["severity"] == "error"] == ["edition-not-matched"]
    assert hub.quarantine.files("VNX01", kept.id) == plan("Rest.", at="16:05"), "nothing of hers is lost"
    assert len(hub.history.stories("VNX01")) == 2


def test_what_was_kept_goes_out_once_it_is_made_from_the_newest(hub: Node, joseph: Desk, grace: Desk) -> None:
    joseph.submit(MAPPING, plan(at="15:40"))
    joseph.submit(MAPPING, plan("Walk to the garden.", at="16:00"), made_from=1)
    with pytest.raises(TransitionError):
        grace.submit(MAPPING, plan("Rest.", at="16:05"), made_from=1)
    (kept,) = hub.quarantine.records("VNX01")
    with pytest.raises(TransitionError) as unsaid:
        grace.replay(kept.id, {}, "again as it was")
    assert unsaid.value.code == "edition-missing"
    with pytest.raises(TransitionError):
        grace.replay(kept.id, {}, "still blind", made_from=1)
    both = made(grace.replay(kept.id, plan("Walk to the garden, and rest.", at="16:10"), "both", made_from=2))
    assert both["edition"] == 3
    record = hub.quarantine.get("VNX01", kept.id)
    assert record is not None
    assert record.replayed_as == both["id"]


def test_the_same_submission_again_is_the_edition_it_was(hub: Node, joseph: Desk) -> None:
    first = made(joseph.submit(MAPPING, plan(at="15:40")))
    joseph.submit(MAPPING, plan("Walk to the garden.", at="16:00"), made_from=1)
    again = made(joseph.submit(MAPPING, plan(at="15:40")))
    assert (again["id"], again["edition"]) == (first["id"], 1)
    repeated = made(joseph.submit(MAPPING, plan("Walk to the garden.", at="16:00"), made_from=1))
    assert repeated["edition"] == 2, "its own edition does not make it out of date"
    assert len(hub.history.stories("VNX01")) == 2


def test_an_export_that_says_nothing_makes_the_next_edition(joseph: Desk) -> None:
    joseph.submit(MAPPING, plan(at="15:40"))
    assert made(joseph.submit(MAPPING, plan("Rest.", at="16:00")))["edition"] == 2


def test_where_it_must_be_said_silence_is_refused_and_kept(tmp_path: Path, clock: Any) -> None:
    home = {"ods": "VNX01", "name": "Rosewood", "role": "care-home", "must_say_edition": ["care-plan"]}
    with Node.open(Settings.of({"node": {"name": "N"}, "organisations": [home]}, folder=tmp_path), clock=clock) as node:
        desk = Desk(node, "VNX01", "Joseph Mensah")
        assert made(desk.submit(MAPPING, plan(at="15:40")))["edition"] == 1, "the first has nothing to be made from"
        with pytest.raises(TransitionError) as refused:
            desk.submit(MAPPING, plan("Rest.", at="16:00"))
        assert refused.value.code == "edition-missing"
        assert len(node.quarantine.records("VNX01")) == 1
        assert made(desk.submit(MAPPING, plan("Rest.", at="16:00"), made_from=1))["edition"] == 2


@pytest.mark.parametrize("said", [1, 7])
def test_an_edition_nobody_knows_is_no_ground_to_build_on(joseph: Desk, said: int) -> None:
    with pytest.raises(TransitionError, match=f"made from edition {said} of this care-plan, and none is known here"):
        joseph.submit(MAPPING, plan(), made_from=said)


def test_nought_says_there_was_none(joseph: Desk, grace: Desk) -> None:
    assert made(joseph.submit(MAPPING, plan(at="15:40"), made_from=0))["edition"] == 1
    with pytest.raises(TransitionError, match="made from no edition of this care-plan; since then Joseph Mensah"):
        grace.submit(MAPPING, plan("Rest.", at="16:00"), made_from=0)


def test_plans_of_different_people_plans_and_organisations_do_not_meet(hub: Node, joseph: Desk) -> None:
    assert made(joseph.submit(MAPPING, plan()))["edition"] == 1
    assert made(joseph.submit(MAPPING, plan(id="CP-014-9")))["edition"] == 1
    other = json.loads((shipped("examples") / "care-plan" / "RH-022.json").read_text(encoding="utf-8"))
    assert made(joseph.submit(MAPPING, {"RH-022.json": json.dumps(other).encode()}))["edition"] == 1
    assert made(Desk(hub, "RXE99").submit(MAPPING, plan()))["edition"] == 1


def test_what_is_not_edited_in_turn_has_no_edition(joseph: Desk, journey_home: dict[str, bytes]) -> None:
    record = made(joseph.submit("care-home/red-bag", journey_home))
    assert "edition" not in record
    assert joseph.edition(record["id"]) is None
    assert "edition" not in joseph.message(record["id"])


@pytest.fixture
def journey_home() -> dict[str, bytes]:
    folder = shipped("examples") / "red-bag-journey" / "care-home"
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_one_edition_cannot_be_said_of_several_records(hub: Node, joseph: Desk) -> None:
    book = (shipped("examples") / "care-plan" / "care-plans.xlsx").read_bytes()
    with pytest.raises(ContentError) as refused:
        joseph.submit("care-home/care-plan", {"care-plans.xlsx": book}, made_from=1)
    assert refused.value.code == "edition-of-many"
    assert hub.history.stories("VNX01") == []


def test_a_lineage_is_not_disturbed_by_the_number_of_the_edition(joseph: Desk) -> None:
    record = made(joseph.submit(MAPPING, plan("Walk again."), ("RXE99",)))
    document = loads(joseph.content(record["id"])[0])["entry"][1]["resource"]
    number = next(n for n, e in enumerate(document["entry"]) if e["resource"]["resourceType"] == "CarePlan")
    found = joseph.trace(record["id"], f"Bundle.entry[{number}].resource.description")
    assert (found["value"], found["raw"], found["reproduced"]) == ("Walk again.", "Walk again.", True)


def test_the_audit_says_who_made_which_edition(hub: Node, joseph: Desk, grace: Desk) -> None:
    joseph.submit(MAPPING, plan(at="15:40"))
    grace.submit(MAPPING, plan("Rest.", at="16:00"), made_from=1)
    deeds = [
        (e.actor, json.loads(e.detail)) for e, _ in Trail(hub.store).entries("VNX01") if e.action == "edition-made"
    ]
    assert deeds == [
        ("Joseph Mensah", {"edition": 1, "made_from": None}),
        ("Grace Obi", {"edition": 2, "made_from": 1}),
    ]


def test_of_many_editors_at_once_one_is_first_and_the_others_are_told(hub: Node, joseph: Desk) -> None:
    joseph.submit(MAPPING, plan(at="15:40"))
    done: list[str] = []

    def editor(number: int) -> None:
        try:
            Desk(hub, "VNX01", f"editor {number}").submit(MAPPING, plan(f"{number}", at=f"16:{number:02}"), made_from=1)
            done.append("made")
        except TransitionError as late:
            done.append(late.code)

    threads = [threading.Thread(target=editor, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["edition-not-matched"] * 5 + ["made"]
    assert len(hub.quarantine.records("VNX01")) == 5


# In the record itself


def document(version: str | None = None, plan_id: str = "CP-1") -> JsonObject:
    care_plan: JsonObject = {"resourceType": "CarePlan", "identifier": [{"system": "x", "value": plan_id}]}
    if version is not None:
        care_plan["meta"] = {"versionId": version, "profile": ["p"]}
    return {"resourceType": "Bundle", "type": "document", "entry": [{"resource": care_plan}]}


def editing(number: int, version: str | None = None, **changes: Any) -> Editing:
    fields = {"organisation": "VNX01", "kind": "care-plan", "document": document(version), "id": f"m{number}"}
    return Editing(**(fields | {"editor": "Joseph Mensah"} | changes))


def test_the_record_may_say_its_edition_itself(hub: Node) -> None:
    assert edit(hub, editing(1)).number == 1  # type: ignore[union-attr]  # it is edited, so it has one
    assert edit(hub, editing(2, "1")).number == 2  # type: ignore[union-attr]
    with pytest.raises(OutOfDate) as late:
        edit(hub, editing(3, "1"))
    issue = late.value.issue
    assert (issue.code, issue.expression) == ("edition-stale", "CarePlan.meta.versionId")


def test_a_version_of_another_kind_of_counting_is_not_guessed_at(hub: Node) -> None:
    edit(hub, editing(1))
    with pytest.raises(OutOfDate) as refused:
        edit(hub, editing(2, "a1b2"))
    assert refused.value.issue.code == "edition-unreadable"


def test_what_another_organisation_made_is_the_next_edition_whatever_its_own_version(hub: Node) -> None:
    edit(hub, editing(1))
    receive(hub, editing(2, "77", editor="RXE99"))
    with pytest.raises(OutOfDate, match="St Elsewhere's made edition 2"):
        edit(hub, editing(3, "1"))
    assert edit(hub, editing(3, "2")).number == 3  # type: ignore[union-attr]


def test_the_mark_leaves_the_rest_of_the_document_as_it_was(hub: Node) -> None:
    given = document("1")
    before = deepcopy(given)
    made_edition = edit(hub, editing(1))
    assert made_edition is not None
    marked = stamped(given, "care-plan", made_edition)
    assert given == before
    assert marked["entry"][0]["resource"]["meta"] == {"versionId": "1", "profile": ["p"]}


@pytest.mark.parametrize(("text", "number"), [("", None), ("3", 3), ('"3"', 3), ('W/"12"', 12), (" 4 ", 4), ("0", 0)])
def test_an_edition_is_read_as_http_and_fhir_write_it(text: str, number: int | None) -> None:
    assert version_of(text) == number


@pytest.mark.parametrize("text", ["*", "three", "-1", "1.5", 'W/"x"', "9" * 12])
def test_anything_else_is_no_edition(text: str) -> None:
    with pytest.raises(ContentError) as refused:
        version_of(text)
    assert refused.value.code == "edition-unreadable"
