"""A pointer for the National Record Locator: every published rule passes once and fails at least once, by its name."""

from __future__ import annotations

import copy
import json
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from interop.catalogue import Catalogue
from interop.json_codec import Json, JsonObject
from interop.practice.pointer import Place, PointerError, Stability, drafted, pointer
from interop.practice.pointer_rules import RULES, broken_rules
from interop.translator import Translator

ROOT = Path(__file__).parents[3]
CASES = json.loads((ROOT / "tests" / "cases" / "wishes" / "pointer.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 21, tzinfo=UTC)
HOME = Place("https://rosewood-house.example/plans/RH-014", setting=("413294000", "Community health services"))


@cache
def made(mapping: str, example: str) -> JsonObject:
    path = ROOT / "examples" / example
    translator = Translator(Catalogue())
    (record,) = translator.mapping(mapping).read({path.name: path.read_bytes()})
    return translator.mapping(mapping).apply(record, now=NOW).bundle()


def end_of_life() -> JsonObject:
    return copy.deepcopy(made("care-home/end-of-life", "end-of-life/RH-014.json"))


def changed(resource: JsonObject, changes: JsonObject) -> JsonObject:
    """A copy with each path set; None takes the member away."""
    copied = copy.deepcopy(resource)
    for path, value in changes.items():
        *steps, last = (int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", path))
        node: Json = copied
        for step in steps:
            node = node[step]
        if value is None:
            del node[last]
        else:
            node[last] = value
    return copied


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['rule'] or 'passes'}: {case['desc']}")
def test_a_rule_is_named_when_it_is_broken_and_silent_when_it_holds(case: JsonObject) -> None:
    found = [issue.rule for issue in broken_rules(changed(pointer(end_of_life(), HOME), case["set"]))]
    assert found == ([case["rule"]] if case["rule"] else [])


def test_every_rule_has_a_case_that_breaks_it() -> None:
    named = {re.match(r"(nrl-[a-z-]+):", rule.__doc__ or "")[1] for rule in RULES}
    assert {case["rule"] for case in CASES if case["rule"]} == named


def test_a_pointer_holds_nothing_of_the_document_but_what_whom_who_and_where() -> None:
    said = json.dumps(pointer(end_of_life(), HOME))
    for word in ("Edith", "Ashworth", "DNACPR", "Margaret", "Penicillin"):
        assert word not in said


def test_the_same_document_at_the_same_place_has_the_same_pointer() -> None:
    assert pointer(end_of_life(), HOME) == pointer(end_of_life(), HOME)


def test_a_care_plan_is_pointed_at_as_a_personalised_care_and_support_plan() -> None:
    found = pointer(made("care-home/care-plan-json", "care-plan/RH-014.json"), HOME)
    assert found["type"]["coding"][0]["code"] == "2181441000000107"


def test_a_red_bag_has_no_pointer_type_and_the_refusal_says_so() -> None:
    with pytest.raises(PointerError, match="371535009 is no published pointer type") as refused:
        pointer(made("care-home/red-bag-json", "red-bag-json/RH-014.json"), HOME)
    assert [issue.rule for issue in refused.value.issues] == ["nrl-type"]


def test_a_number_that_fails_its_check_digit_points_at_nobody() -> None:
    document = end_of_life()
    (patient,) = (e["resource"] for e in document["entry"] if e["resource"]["resourceType"] == "Patient")
    next(i for i in patient["identifier"] if i["system"].endswith("nhs-number"))["value"] = "9990000019"
    assert "subject" not in drafted(document, HOME)
    with pytest.raises(PointerError, match="NHS number that passes its check digit"):
        pointer(document, HOME)


def test_a_file_that_never_changes_is_static() -> None:
    found = pointer(
        end_of_life(), Place("https://x.example/a.pdf", "application/pdf", Stability.STATIC, None, HOME.setting)
    )
    (content,) = found["content"]
    assert content["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] == "static"
    assert content["format"]["code"] == "urn:nhs-ic:unstructured"
