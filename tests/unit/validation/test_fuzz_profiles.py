"""Profiles that contradict their base, themselves or each other, or go round in circles: the validator still answers.

A sample in every run, the same each time; ``INTEROP_FULL_TESTS=1`` looks for new trouble in thousands.
"""

from __future__ import annotations

import copy
import os
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interop import json_codec
from interop.definitions import Definitions
from interop.json_codec import Json, JsonObject
from interop.outcome import Outcome
from interop.terminology import Terminology
from interop.validation import Validator

ROOT = Path(__file__).parents[3]
CASES = ROOT / "tests" / "cases" / "validation"
BASE = "http://hl7.org/fhir/StructureDefinition/"
FULL = bool(os.environ.get("INTEROP_FULL_TESTS"))
SECONDS = 10.0
MUTATIONS = settings(
    max_examples=3000 if FULL else 100,
    derandomize=not FULL,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@lru_cache
def profiles() -> tuple[JsonObject, ...]:
    """Every profile of the case files and of the package we ship."""
    found = []
    for file in sorted(CASES.glob("*.json")):
        found += json_codec.loads(file.read_bytes()).get("definitions", [])
    for file in sorted((ROOT / "profiles").rglob("StructureDefinition-*.json")):
        found.append(json_codec.loads(file.read_bytes()))
    return tuple(p for p in found if p["resourceType"] == "StructureDefinition" and "differential" in p)


@lru_cache
def instances() -> dict[str, JsonObject]:
    """The largest resource of each type in the case files."""
    found: dict[str, JsonObject] = {}
    for file in sorted(CASES.glob("*.json")):
        for case in json_codec.loads(file.read_bytes())["cases"]:
            resource = case["resource"]
            kind = resource.get("resourceType")
            if isinstance(kind, str) and len(str(resource)) > len(str(found.get(kind, ""))):
                found[kind] = resource
    return found


ROWS = [
    {"min": 2, "max": "1"},
    {"min": -1},
    {"max": "0", "min": 1},
    {"max": "x"},
    {"type": [{"code": "Nothing"}]},
    {"type": [{"code": "Reference", "targetProfile": [f"{BASE}Patient", "urn:none"]}]},
    {"type": []},
    {"contentReference": "#Observation.nowhere"},
    {"contentReference": "#Observation"},
    {"fixedString": "x", "patternCode": "y"},
    {"fixedCodeableConcept": {"coding": []}},
    {"patternQuantity": {"value": 1e400}},
    {"binding": {"strength": "required", "valueSet": "urn:none"}},
    {"binding": {"strength": "odd"}},
    {"slicing": {"rules": "closed"}},
    {"slicing": {"discriminator": [{"type": "profile", "path": "$this"}], "rules": "closed", "ordered": True}},
    {"slicing": {"discriminator": [{"type": "value", "path": "a.b.c"}], "rules": "x"}},
    {"slicing": {"discriminator": [{"type": "type", "path": "resolve().resolve()"}], "rules": "openAtEnd"}},
    {"sliceName": "again"},
    {"sliceName": "a/b/c"},
    {"constraint": [{"key": "x", "severity": "error", "human": "x", "expression": "conformsTo('{self}')"}]},
    {"constraint": [{"key": "x", "severity": "error", "human": "x", "expression": "descendants().resolve().exists("}]},
    {"constraint": [{"key": "x", "severity": "odd", "human": "x", "expression": "repeat(children()).count() < 9"}]},
    {"maxLength": -5},
    {"minValueQuantity": {"value": 1, "code": "a", "system": "http://unitsofmeasure.org"}},
]
"""What a row of a differential may say, sense or nonsense; ``{self}`` is the profile's own canonical."""

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["say", "drop", "double", "swap", "rename", "circle", "base", "kind", "graft"]),
        st.integers(0, 1000),
        st.integers(0, len(ROWS) - 1),
    ),
    min_size=1,
    max_size=6,
)


def told(value: Json, canonical: str) -> Json:
    if isinstance(value, str):
        return value.replace("{self}", canonical)
    if isinstance(value, list):
        return [told(item, canonical) for item in value]
    return {name: told(item, canonical) for name, item in value.items()} if isinstance(value, dict) else value


def mutate(profile: JsonObject, steps: list[tuple[str, int, int]], others: list[str]) -> JsonObject:
    made: JsonObject = copy.deepcopy(profile)
    rows: list[Any] = made["differential"]["element"]
    for action, number, choice in steps:
        at = number % len(rows)
        row, canonical = rows[at], others[number % len(others)]
        if action == "say":
            row.update(told(copy.deepcopy(ROWS[choice]), made["url"]))
        elif action == "drop" and len(rows) > 1:
            del rows[at]
        elif action == "double":
            rows.insert(at, copy.deepcopy(row))
        elif action == "swap":
            rows[at], rows[0] = rows[0], rows[at]
        elif action == "rename":
            row["path"] = (
                row.get("path", "") + [".id", ".extension", ".nothing", ".", "", ".extension.extension"][choice % 6]
            )
        elif action == "circle":
            code = ["Reference", "BackboneElement", "Extension", "HumanName"][choice % 4]
            kind = "targetProfile" if code == "Reference" else "profile"
            row["type"] = [{"code": code, kind: [canonical]}]
        elif action == "base":
            made["baseDefinition"] = canonical
        elif action == "kind":
            made["type"] = ["Patient", "Observation", "Extension", "Nothing", "HumanName"][choice % 5]
        elif action == "graft":
            rows.append({"id": f"{row.get('path')}:x", "path": row.get("path"), "sliceName": f"x{choice}"})
    return made


def bounded(judge: Validator, resource: JsonObject, profiles: tuple[str, ...] = ()) -> None:
    begun = time.process_time()
    assert isinstance(judge.validate(resource, profiles=profiles), Outcome)
    assert time.process_time() - begun < SECONDS


@MUTATIONS
@given(chosen=st.lists(st.tuples(st.integers(0, 1000), STEPS), min_size=1, max_size=3))
def test_mutated_profiles_are_judged_and_used(chosen: list[tuple[int, list[tuple[str, int, int]]]]) -> None:
    seeds = [(profiles()[number % len(profiles())], steps) for number, steps in chosen]
    urls = [seed["url"] for seed, _ in seeds]
    mutated = [mutate(seed, steps, urls) for seed, steps in seeds]
    known = Definitions.core().with_resources((*profiles(), *mutated))
    judge = Validator(known, Terminology(known))
    for profile in mutated:
        bounded(judge, profile)
        resource = instances().get(str(profile["type"]), {"resourceType": "Patient", "name": [{"family": "x"}]})
        bounded(judge, resource, (profile["url"],))
        list(judge.describe(profile["url"]))


def patient(**more: Json) -> JsonObject:
    return {"resourceType": "Patient", "id": "a", "contained": [{"resourceType": "Patient", "id": "b"}], **more}


def test_profiles_that_lead_to_each_other_end() -> None:
    """Each asks of what it refers to that it follow the other one, three deep and back."""
    urls = [f"https://example.test/{name}" for name in "abc"]
    rows = [{"id": "Patient.link.other", "path": "Patient.link.other", "min": 1}]
    made = [
        {
            "resourceType": "StructureDefinition",
            "url": url,
            "name": "X",
            "type": "Patient",
            "kind": "resource",
            "baseDefinition": f"{BASE}Patient",
            "derivation": "constraint",
            "differential": {
                "element": [{**rows[0], "type": [{"code": "Reference", "targetProfile": [urls[(n + 1) % 3]]}]}]
            },
        }
        for n, url in enumerate(urls)
    ]
    known = Definitions.core().with_resources(made)
    link = [{"other": {"reference": "#b"}, "type": "seealso"}]
    bounded(Validator(known), patient(link=link), tuple(urls))
    links = [{"other": {"reference": f"urn:uuid:{number}"}, "type": "seealso"} for number in range(12)]
    entries = [
        {"fullUrl": f"urn:uuid:{number}", "resource": {"resourceType": "Patient", "link": links}}
        for number in range(12)
    ]
    bounded(Validator(known), {"resourceType": "Bundle", "type": "collection", "entry": entries})
    for entry in entries:
        entry["resource"]["meta"] = {"profile": urls}  # type: ignore[index]
    bounded(Validator(known), {"resourceType": "Bundle", "type": "collection", "entry": entries})
