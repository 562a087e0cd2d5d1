"""Two versions of one care plan: each edit is told as what it means, to whom it matters first, with who and when."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import yaml

from interop import reconciliation
from interop.catalogue import Catalogue
from interop.errors import ContentError
from interop.json_codec import Json, JsonObject
from interop.practice.plan_changes import ORDER, Comparison, Urgency, plan_changes
from interop.reading import Document
from interop.translator import Translator

ROOT = Path(__file__).parents[3]
RECORD = json.loads((ROOT / "examples" / "care-plan" / "RH-014.json").read_text(encoding="utf-8"))
CASES = yaml.safe_load((ROOT / "tests" / "cases" / "plan-changes" / "changes.yaml").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 21, tzinfo=UTC)
URGENCIES = {"care": Urgency.BEFORE_CARE, "shift": Urgency.NEXT_SHIFT, "info": Urgency.FOR_INFORMATION}
Edit = Callable[[JsonObject], None]


@cache
def translator() -> Translator:
    return Translator(Catalogue())


def plan(record: JsonObject) -> JsonObject:
    files = {"RH-014.json": json.dumps(record).encode()}
    (found,) = translator().translate("care-home/care-plan-json", files, now=NOW)
    assert found.bundle is not None
    return found.bundle


@cache
def example() -> JsonObject:
    return plan(RECORD)


def compared(before: JsonObject, after: JsonObject) -> Comparison:
    return plan_changes(Document.of(before), Document.of(after), reconciliation.medicines(before, after))


def edited(case: Mapping[str, Json]) -> JsonObject:
    record = copy.deepcopy(RECORD)
    for path, value in case.get("set", {}).items():
        *steps, last = (int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", path))
        node: Json = record
        for step in steps:
            node = node[step]
        if value is None:
            del node[last]
        else:
            node[last] = value
    for table, row in case.get("add", {}).items():
        record[table].append(row)
    if "drop" in case:
        del record[case["drop"][0]][case["drop"][1]]
    if "swap" in case:
        table, one, other = case["swap"]
        rows = record[table]
        rows[one], rows[other] = rows[other], rows[one]
    return record


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["desc"])
def test_an_edit_is_told_as_what_it_means(case: Mapping[str, Json]) -> None:
    found = list(compared(example(), plan(edited(case))).changes)
    for wanted in case["expect"]:
        match = [one for one in found if (one.about, one.kind) == (wanted["about"], wanted["kind"])]
        told = next((one for one in match if wanted["says"] in one.text), None)
        assert told is not None, [(one.about, one.kind, one.text) for one in found]
        assert told.urgency is URGENCIES[wanted["urgency"]]
        assert told.who == wanted.get("who", told.who)
        assert told.when == wanted.get("when", told.when)
        found.remove(told)
    assert [(one.about, one.kind, one.text) for one in found] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["desc"])
def test_every_change_has_a_hand_a_day_and_one_sentence(case: Mapping[str, Json]) -> None:
    for one in compared(example(), plan(edited(case))).changes:
        assert one.who
        assert one.when
        assert one.text.endswith(".")
        assert not re.search(r"None|\.\.|  ", one.text)


def test_the_two_example_versions_tell_the_fall_the_hospital_and_the_new_plan() -> None:
    before = json.loads((ROOT / "examples" / "plan-change" / "before" / "RH-014.json").read_text(encoding="utf-8"))
    found = compared(plan(before), example())
    assert [(one.about, one.kind) for one in found.of(Urgency.BEFORE_CARE)] == [
        ("allergy", "new"),
        ("medicine", "changed"),
        ("medicine", "changed"),
        ("medicine", "new"),
        ("medicine", "removed"),
        ("communication need", "changed"),
        ("risk", "new"),
    ]
    assert {one.kind for one in found.changes if one.about == "goal"} == {
        "new", "achieved", "removed", "importance", "target", "worded", "progress",
    }  # fmt: skip
    assert found.remarks == ()


def test_the_most_urgent_stands_first_whatever_the_order_of_the_files() -> None:
    before = json.loads((ROOT / "examples" / "plan-change" / "before" / "RH-014.json").read_text(encoding="utf-8"))
    told = [(one.urgency, ORDER.index(one.about)) for one in compared(plan(before), example()).changes]
    assert told == sorted(told)


def test_two_people_are_never_compared() -> None:
    other = copy.deepcopy(RECORD)
    other["resident"]["nhsNumber"] = "9990000026"
    with pytest.raises(ContentError, match="two people"):
        compared(example(), plan(other))


def test_versions_named_the_wrong_way_round_are_told() -> None:
    earlier = copy.deepcopy(RECORD)
    earlier["resident"]["completed"]["at"] = "2026-11-19T09:00"
    assert compared(example(), plan(earlier)).remarks == (
        "The one named first was written later: the changes are told backwards.",
    )


def test_what_is_restricted_is_not_told() -> None:
    after = copy.deepcopy(example())
    for entry in after["entry"]:
        if entry["resource"]["resourceType"] == "Flag" and entry["resource"]["code"].get("text", "").startswith(
            "Falls"
        ):
            entry["resource"]["meta"]["security"] = [{"code": "R"}]
            entry["resource"]["code"]["text"] = "Falls: hidden"
    assert compared(example(), after).changes == ()


def test_an_end_that_was_recorded_is_told_from_one_that_was_not() -> None:
    """Left out, and stopped with a word why, are two things."""
    record = copy.deepcopy(RECORD)
    (gone,) = compared(example(), plan(edited({"drop": ["medicines", 2]}))).changes
    stopped = copy.deepcopy(plan(record))
    for entry in stopped["entry"]:
        medicine = entry["resource"]
        named = medicine.get("medicationCodeableConcept", {}).get("text", "")
        if medicine["resourceType"] == "MedicationStatement" and named == record["medicines"][2]["medicine"]:
            medicine["status"] = "stopped"
    (ended,) = compared(example(), stopped).changes
    assert (gone.kind, ended.kind) == ("removed", "stopped")
    assert "do not give it" in ended.text
