"""Is the code in the value set: yes, no, or could not tell. Cases in ``tests/cases/terminology``."""

import json
import time
from pathlib import Path

import pytest

from interop.definitions import Definitions
from interop.json_codec import JsonObject
from interop.terminology import Terminology

CASES = json.loads((Path(__file__).parents[2] / "cases" / "terminology" / "contains.json").read_text(encoding="utf-8"))

FRUIT = {
    "resourceType": "CodeSystem",
    "url": "http://x/fruit",
    "content": "complete",
    "caseSensitive": True,
    "concept": [
        {
            "code": "citrus",
            "property": [{"code": "notSelectable", "valueBoolean": True}],
            "concept": [
                {"code": "lemon", "display": "Lemon", "property": [{"code": "taste", "valueCode": "sour"}]},
                {"code": "orange", "display": "Orange", "property": [{"code": "taste", "valueCode": "sweet"}]},
            ],
        },
        {"code": "apple", "display": "Apple", "property": [{"code": "taste", "valueCode": "sweet"}]},
    ],
}


@pytest.fixture(scope="module")
def core() -> Terminology:
    return Terminology(Definitions.core())


@pytest.mark.parametrize("case", CASES, ids=[case["desc"] for case in CASES])
def test_core_value_sets_answer(core: Terminology, case: JsonObject):
    assert core.contains(case["set"], case["system"], case["code"]) is case["result"]


def among(compose: JsonObject, *others: JsonObject) -> Terminology:
    value_set = {"resourceType": "ValueSet", "url": "http://x/vs", "compose": compose}
    return Terminology(Definitions.core().with_resources([FRUIT, *others, value_set]))


def chosen(terminology: Terminology) -> list[str]:
    codes = ("citrus", "lemon", "orange", "apple")
    return [code for code in codes if terminology.contains("http://x/vs", "http://x/fruit", code)]


@pytest.mark.parametrize(
    ("property_name", "op", "value", "codes"),
    [
        ("concept", "is-a", "citrus", ["citrus", "lemon", "orange"]),
        ("concept", "descendent-of", "citrus", ["lemon", "orange"]),
        ("concept", "is-not-a", "citrus", ["apple"]),
        ("concept", "generalizes", "lemon", ["citrus", "lemon"]),
        ("taste", "=", "sweet", ["orange", "apple"]),
        ("taste", "in", "sweet,sour", ["lemon", "orange", "apple"]),
        ("taste", "not-in", "sweet", ["citrus", "lemon"]),
        ("taste", "exists", "true", ["lemon", "orange", "apple"]),
        ("taste", "exists", "false", ["citrus"]),
        ("code", "regex", ".*on|apple", ["lemon", "apple"]),
        ("display", "regex", "O.*", ["orange"]),
        ("parent", "=", "citrus", ["lemon", "orange"]),
        ("child", "=", "lemon", ["citrus"]),
        ("notSelectable", "=", "false", ["lemon", "orange", "apple"]),
    ],
)
def test_filters_select(property_name: str, op: str, value: str, codes: list[str]):
    part = {"system": "http://x/fruit", "filter": [{"property": property_name, "op": op, "value": value}]}
    assert chosen(among({"include": [part]})) == codes


def test_two_filters_must_both_hold():
    filters = [
        {"property": "concept", "op": "is-a", "value": "citrus"},
        {"property": "taste", "op": "=", "value": "sweet"},
    ]
    assert chosen(among({"include": [{"system": "http://x/fruit", "filter": filters}]})) == ["orange"]


@pytest.mark.parametrize(("op", "value"), [("matches", "x"), ("regex", "(")])
def test_a_filter_nobody_can_judge_could_not_tell(op: str, value: str):
    terminology = among(
        {"include": [{"system": "http://x/fruit", "filter": [{"property": "code", "op": op, "value": value}]}]}
    )
    assert terminology.contains("http://x/vs", "http://x/fruit", "apple") is None
    assert terminology.contains("http://x/vs", "http://x/fruit", "brick") is False


def test_what_is_excluded_is_out():
    compose = {
        "include": [{"system": "http://x/fruit"}],
        "exclude": [{"system": "http://x/fruit", "concept": [{"code": "apple"}]}],
    }
    assert chosen(among(compose)) == ["citrus", "lemon", "orange"]


def test_a_system_and_value_sets_in_one_include_must_all_agree():
    sweet = {
        "resourceType": "ValueSet",
        "url": "http://x/sweet",
        "compose": {
            "include": [{"system": "http://x/fruit", "filter": [{"property": "taste", "op": "=", "value": "sweet"}]}]
        },
    }
    compose = {
        "include": [
            {
                "system": "http://x/fruit",
                "filter": [{"property": "concept", "op": "is-a", "value": "citrus"}],
                "valueSet": ["http://x/sweet"],
            }
        ]
    }
    assert chosen(among(compose, sweet)) == ["orange"]


def test_an_unknown_import_leaves_the_rest_in_doubt():
    terminology = among({"include": [{"system": "http://x/fruit"}, {"valueSet": ["http://x/nobody"]}]})
    assert terminology.contains("http://x/vs", "http://x/fruit", "apple") is True
    assert terminology.contains("http://x/vs", "http://x/fruit", "brick") is None


def test_value_sets_that_import_each_other_end():
    other = {
        "resourceType": "ValueSet",
        "url": "http://x/other",
        "compose": {"include": [{"valueSet": ["http://x/vs"]}]},
    }
    terminology = among({"include": [{"system": "http://x/fruit"}, {"valueSet": ["http://x/other"]}]}, other)
    assert terminology.contains("http://x/vs", "http://x/fruit", "apple") is True
    assert terminology.contains("http://x/vs", "http://x/fruit", "brick") is None
    assert terminology.contains("http://x/other", "http://x/fruit", "apple") is True


@pytest.mark.parametrize("content", ["fragment", "example"])
def test_a_system_of_which_only_some_codes_are_at_hand_never_says_no(content: str):
    some = FRUIT | {"url": "http://x/some", "content": content}
    terminology = among({"include": [{"system": "http://x/some"}]}, some)
    assert terminology.contains("http://x/vs", "http://x/some", "apple") is True
    assert terminology.contains("http://x/vs", "http://x/some", "pear") is None


def test_case_is_ignored_where_the_system_says_so():
    loud = FRUIT | {"url": "http://x/loud", "caseSensitive": False}
    terminology = among({"include": [{"system": "http://x/loud"}]}, loud)
    assert terminology.contains("http://x/vs", "http://x/loud", "APPLE") is True
    assert terminology.contains("http://x/vs", "http://x/loud", "PEAR") is False


@pytest.mark.parametrize(
    ("extra", "outside"),
    [
        ({}, False),
        ({"total": 99}, None),
        (
            {
                "extension": [
                    {"url": "http://hl7.org/fhir/StructureDefinition/valueset-toocostly", "valueBoolean": True}
                ]
            },
            None,
        ),
    ],
)
def test_an_expansion_answers_what_the_compose_cannot(extra: JsonObject, outside: bool | None):
    value_set = {
        "resourceType": "ValueSet",
        "url": "http://x/expanded",
        "compose": {"include": [{"system": "http://x/unknown"}]},
        "expansion": {
            "contains": [
                {"system": "http://x/unknown", "code": "a", "contains": [{"system": "http://x/unknown", "code": "b"}]}
            ]
        }
        | extra,
    }
    terminology = among({"include": []}, value_set)
    assert terminology.contains("http://x/expanded", "http://x/unknown", "b") is True
    assert terminology.contains("http://x/expanded", "http://x/unknown", "z") is outside


def test_the_set_of_all_codes_a_system_names_need_not_be_published():
    system = FRUIT | {"url": "http://x/CodeSystem/f", "valueSet": "http://x/ValueSet/f"}
    terminology = among({"include": []}, system)
    assert terminology.contains("http://x/ValueSet/f", "http://x/CodeSystem/f", "apple") is True


def test_a_contained_value_set_is_compiled_on_its_own(core: Terminology):
    inside = {"resourceType": "ValueSet", "compose": {"include": [{"system": "http://x", "concept": [{"code": "a"}]}]}}
    assert core.compile(inside).contains("http://x", "a") is True


def test_asking_again_is_a_look_up(core: Terminology):
    gender = "http://hl7.org/fhir/ValueSet/administrative-gender"
    core.contains(gender, None, "male")
    began = time.perf_counter()
    for _ in range(10_000):
        core.contains(gender, "http://hl7.org/fhir/administrative-gender", "male")
    assert time.perf_counter() - began < 0.5  # 0.01 s on a quiet machine


@pytest.mark.parametrize(
    "broken",
    [
        {"resourceType": "ValueSet", "url": "http://x/broken", "compose": 7},
        {"resourceType": "ValueSet", "url": "http://x/broken", "compose": {"include": [3]}},
        {"resourceType": "ValueSet", "url": "http://x/broken", "compose": {"include": [{"system": ["a"]}]}},
        {"resourceType": "ValueSet", "url": "http://x/broken", "expansion": {"contains": "no"}},
    ],
)
def test_a_misshapen_value_set_could_not_tell(broken: JsonObject):
    terminology = among({"include": []}, broken)
    assert terminology.contains("http://x/broken", "http://x/fruit", "apple") is None


def test_of_a_misshapen_code_system_nothing_is_known():
    broken = {"resourceType": "CodeSystem", "url": "http://x/broken", "content": "complete", "concept": [4]}
    terminology = among({"include": [{"system": "http://x/broken"}]}, broken)
    assert terminology.contains("http://x/vs", "http://x/broken", "apple") is None
    assert terminology.validate_code("http://x/broken", "apple").known is None
