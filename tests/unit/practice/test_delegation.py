"""A healthcare task stands only on a competency that is trained, signed off, in force, for it, and for this person."""

from __future__ import annotations

import copy
import json
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from interop import narrative
from interop.catalogue import Catalogue
from interop.json_codec import Json, JsonObject
from interop.narrative.delegation_page import delegation_page
from interop.practice.delegation import KIND, Decision, decide, expiring, next_change, refusals
from interop.reading import Document
from interop.translator import Translator

ROOT = Path(__file__).parents[3]
RECORD = json.loads((ROOT / "examples" / "delegation" / "RH-014.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)


@cache
def translator() -> Translator:
    return Translator(Catalogue())


def document(record: JsonObject) -> Document:
    (found,) = translator().translate("care-home/delegation", {"x.json": json.dumps(record).encode()}, now=NOW)
    assert found.bundle is not None
    return Document.of(found.bundle)


@cache
def example() -> Document:
    return document(RECORD)


def changed(*edits: tuple[str, Json]) -> Document:
    record = copy.deepcopy(RECORD)
    for place, value in edits:
        *steps, last = (int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", place))
        node: Json = record
        for step in steps:
            node = node[step]
        node[last] = value
    return document(record)


def first(found: Document, now: datetime = NOW) -> Decision:
    return decide(found, now)[0]


def test_the_example_stands_but_for_what_was_refused() -> None:
    assert [(one.delegation.number, one.stands, one.words) for one in decide(example(), NOW)] == [
        ("D-1", True, "may stand"),
        ("D-2", True, "may stand"),
        ("D-3", True, "may stand"),
        ("D-4", False, "refused"),
    ]
    assert refusals(None, example(), NOW) == []


HELD = "workers[0].competencies[0]"


@pytest.mark.parametrize(
    ("edits", "reason"),
    [
        (
            [("tasks[0].competency", "")],
            "has no recorded competency for “Wound dressing”, or the delegation does not name",
        ),
        ([("tasks[0].competency", "C-999")], "has no recorded competency"),
        ([("tasks[0].competency", "")], "Recorded is C-201: name it, if it is the one."),
        ([("tasks[0].competency", "C-202")], "competency C-202 is for “Eye drops”, not for “Wound dressing”"),
        ([("tasks[0].worker", "W-PATEL")], "Ravi Patel has no recorded competency for “Wound dressing”"),
        ([("tasks[0].worker", "W-NOBODY")], "Nobody knows which care worker"),
        ([("tasks[0].nurse", "N-NOBODY")], "Nobody knows which nurse"),
        ([("tasks[0].nurse", "W-ADEYEMI")], "handed “Wound dressing” to themselves"),
        ([(f"{HELD}.trainedOn", "")], "When Grace Adeyemi was trained for “Wound dressing” is not recorded"),
        ([(f"{HELD}.signedOffBy", ""), (f"{HELD}.signedOffRole", "")], "Nobody has signed off that Grace Adeyemi may"),
        ([(f"{HELD}.signedOffOn", "")], "Nobody has signed off"),
        ([(f"{HELD}.signedOffBy", "grace adeyemi")], "signed off their own competency"),
        ([(f"{HELD}.signedOffOn", "2026-12-01")], "is signed off from 1 Dec 2026 only"),
        ([(f"{HELD}.expires", "2026-11-26")], "ran out on 26 Nov 2026"),
        ([(f"{HELD}.forResident", "RH-022")], "signed off for another person, not for this one"),
        ([("tasks[0].firstContact", "")], "Whom Grace Adeyemi rings with questions is not recorded"),
        ([("tasks[0].firstContactPhone", "")], "has no telephone number"),
        ([("tasks[0].to", "2026-11-26")], "was handed over ended on 26 Nov 2026"),
    ],
)
def test_a_delegation_is_refused_in_plain_words(edits: list[tuple[str, Json]], reason: str) -> None:
    found = first(changed(*edits))
    assert not found.stands
    assert any(reason in told for told in found.reasons), found.reasons
    assert all(told.endswith(".") and "None" not in told for told in found.reasons)


@pytest.mark.parametrize(
    "edits",
    [
        [(f"{HELD}.expires", "2026-11-27")],
        [(f"{HELD}.expires", "")],
        [(f"{HELD}.forResident", "RH-014")],
        [("tasks[0].task", "Dressing")],
        [("tasks[0].to", "2026-11-27")],
        [("tasks[0].stopIf", "")],
    ],
    ids=["its last day", "no end", "for this very person", "the same task in another word", "until today", "no stop"],
)
def test_a_delegation_stands(edits: list[tuple[str, Json]]) -> None:
    assert first(changed(*edits)).reasons == ()


def test_the_day_after_it_runs_out_it_stands_no_longer() -> None:
    eye_drops = [decide(example(), datetime(2026, 12, day, 12, tzinfo=UTC))[1].stands for day in (14, 15)]
    assert eye_drops == [True, False]


@pytest.mark.parametrize("status", ["Refused", "Stopped", "Finished", "Draft"])
def test_what_nobody_does_needs_no_competency(status: str) -> None:
    found = first(changed(("tasks[0].status", status), ("tasks[0].competency", ""), ("tasks[0].because", "Healed")))
    assert found.reasons == ()
    assert not found.stands


def test_what_runs_out_is_told_in_time_and_first_what_tasks_rest_on() -> None:
    soon = expiring(changed(("workers[1].competencies[0].expires", "2026-12-01"), ("tasks[2].status", "Finished")), NOW)
    assert [(one.competency.number, one.over, one.needed) for one in soon] == [
        ("C-202", False, ("Eye drops",)),
        ("C-210", False, ()),
    ]
    assert [one.over for one in expiring(example(), datetime(2026, 12, 20, tzinfo=UTC))] == [True]
    assert expiring(example(), datetime(2026, 9, 1, tzinfo=UTC)) == []


def test_a_refusal_goes_to_the_nurse_s_organisation_with_the_reasons_and_is_the_same_when_found_again() -> None:
    late = datetime(2026, 12, 20, tzinfo=UTC)
    made = refusals(None, example(), late)
    assert [one.recipients for one in made] == [("RXN98",)] * 3
    drops = next(one for one in made if "Eye drops" in one.reason)
    assert "must not do “Eye drops” for Edie until this is put right" in drops.reason
    assert "ran out on 14 Dec 2026" in drops.reason
    assert [one.key for one in refusals(example(), example(), late.replace(day=22))] == [one.key for one in made]
    for one in made:
        told = narrative.narrate(one.bundle)
        assert [str(issue) for issue in translator().judge(told, kind=KIND).errors] == []
        assert "C-210" not in json.dumps(told) or "observations" in json.dumps(told)


def test_a_care_worker_s_other_competencies_are_no_part_of_the_news() -> None:
    made = refusals(None, example(), datetime(2026, 12, 20, tzinfo=UTC))
    drops = next(one for one in made if "Eye drops" in one.reason)
    assert "qualification" not in json.dumps(drops.bundle)


def test_the_page_says_first_what_must_not_be_done() -> None:
    page = delegation_page(example().bundle, at=datetime(2026, 12, 20, tzinfo=UTC))
    assert page.index("DO NOT") < page.index("ran out on 14 Dec 2026") < page.index("Tasks handed over")
    assert "MUST NOT STAND" in page
    fine = delegation_page(example().bundle, at=NOW)
    assert "MUST NOT STAND" not in fine
    assert "Penicillin" in fine


def test_the_node_is_asked_again_when_something_runs_out() -> None:
    again = next_change(example(), NOW)
    assert again is not None
    assert again.isoformat().startswith("2026-12-05")
    assert [one.stands for one in decide(example(), again)] == [True, True, False, False]
